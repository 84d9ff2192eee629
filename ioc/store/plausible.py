"""What a record must be before it may be kept: times that can be, numbers that are numbers, text that is text."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta, timezone
from math import isfinite

from ioc.model import Case, Event, Observation, Source

AHEAD_S = 20 * 366 * 86_400
"""How far ahead of now a due instant or an event may lie: a land lease's end, not a misread year."""

UNREADABLE = "a field holds a character that is none (NUL or half of one)"

_LOCAL = timezone(timedelta(hours=7))


def implausible_observation(record: Observation, earliest: int, last: int) -> str:
    """Return a sentence that says why an observation cannot be kept, "" where it can.

    earliest, last: the range of times that the source may plausibly report, epoch s.
    """
    time, value = record.time, record.value
    if type(time) is int and earliest <= time <= last and (value is None or isfinite(value)):
        return ""
    if value is not None and not isfinite(value):
        return f"{record.variable} is {value}: no number"
    return _time("time", time, earliest, last)


def implausible_case(case: Case, earliest: int, last: int) -> str:
    """Return a sentence that says why a case cannot be kept, "" where it can; due may lie ahead of last."""
    sentence = _time("opened", case.opened, earliest, last)
    if not sentence and case.closed is not None:
        sentence = _time("closed", case.closed, earliest, last)
    if not sentence and case.due is not None:
        sentence = _time("due", case.due, earliest, last + AHEAD_S)
    return (
        sentence or _numbers(case) or _facts(case.facts.items()) or _text(v for v in case if type(v) is str)
    )


def implausible_event(event: Event, earliest: int, last: int) -> str:
    """Return a sentence that says why an event cannot be kept, "" where it can; it may lie ahead of last."""
    sentence = _time("starts", event.starts, earliest, last + AHEAD_S)
    if not sentence and event.ends is not None:
        sentence = _time("ends", event.ends, earliest, last + AHEAD_S)
    texts = (*(v for v in event if type(v) is str), *event.areas)
    return sentence or _facts(event.facts.items()) or _text(texts)


def window(source: Source, now_ms: int) -> tuple[int, int]:
    """Return the first and the last instant (epoch s) that a source may plausibly report now."""
    return source.earliest, int(now_ms / 1000 + source.ahead_s)


def is_text(value: str) -> bool:
    """Whether both databases can hold a text: no NUL, no half of a character."""
    if value.isascii():
        return "\0" not in value
    try:
        value.encode()
    except UnicodeEncodeError:
        return False
    return "\0" not in value


def _time(name: str, instant: object, earliest: int, last: int) -> str:
    if type(instant) is not int:
        return f"{name} is {instant!r}: no instant"
    if instant < earliest:
        return f"{name} is {_say(instant)}, before {_say(earliest)}, the earliest that the source may report"
    if instant > last:
        return f"{name} is {_say(instant)}, after {_say(last)}, the latest that the source may report now"
    return ""


def _numbers(case: Case) -> str:
    if type(case.waited_s) is not int:
        return f"waited_s is {case.waited_s!r}: no whole number of seconds"
    for name in ("lat", "lon"):
        value = getattr(case, name)
        if value is not None and not isfinite(value):
            return f"{name} is {value}: no number"
    return ""


def _facts(facts: Iterable[tuple[str, object]]) -> str:
    for name, value in facts:
        if isinstance(value, float) and not isfinite(value):
            return f"facts.{name} is {value}: no number"
        if isinstance(value, int) and not -(2**63) <= value < 2**63:
            return f"facts.{name} is {value}: too large a number"
        if isinstance(value, str) and not is_text(value):
            return f"facts.{name} holds a character that is none"
        if not isinstance(value, str | int | float | bool | None):
            return f"facts.{name} is a {type(value).__name__}: a text, number or truth value was expected"
    return ""


def _text(values: Iterable[str]) -> str:
    return "" if is_text("".join(values)) else UNREADABLE


def _say(instant: int) -> str:
    try:
        return datetime.fromtimestamp(instant, _LOCAL).strftime("%d/%m/%Y %H:%M")
    except (ValueError, OverflowError, OSError):
        return f"second {instant}"
