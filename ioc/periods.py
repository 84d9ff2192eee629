"""Periods as people name them, and the earlier ones they are compared with over an equal span."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import TYPE_CHECKING, Literal

from ioc.days import (
    DAY_S,
    HOUR_S,
    add_months,
    date_of,
    day_of,
    day_start,
    local_date,
    local_day,
    local_time,
    month_label,
    quarter_label,
    week_label,
)  # fmt: skip
from ioc.errors import QuestionError

if TYPE_CHECKING:
    from ioc.calendar import Calendar

Kind = Literal["hour", "day", "week", "month", "quarter", "year", "window", "to_date", "report"]


@dataclass(frozen=True, slots=True)
class Period:
    """A span of time with a label; start and end are epoch s, half-open.

    until: the earlier of end and the instant of asking: what can have been measured. complete: until == end.
    """

    kind: Kind
    label: str
    start: int
    end: int
    complete: bool
    until: int

    @property
    def elapsed(self) -> int:
        """Seconds from start to until."""
        return self.until - self.start


def parse_period(text: str, now: float, calendar: Calendar | None = None) -> Period:
    """Return the period that a text names, as seen at an instant.

    text: 2026 | 2026-Q4 | 2026-11 | 2026-W47 | 2026-11-21 | 2026-11-21T20 | last_24h | last_30d |
    to_date (1 January to now) | report:2026-11, report:2026-Q4, report:2026 (declared reporting periods;
    these need calendar). last_30d is the last 30 times 24 hours. Raises QuestionError with a sentence.
    """
    wanted = text.strip()
    for pattern, build in _FORMS:
        match = pattern.fullmatch(wanted)
        if match is None:
            continue
        try:
            kind, label, start, end = build(match, int(now), calendar)
        except (ValueError, OverflowError):
            break
        if start > now:
            raise QuestionError(f"period={text} has not begun yet; ask for one that starts before now")
        return Period(kind, label, start, end, end <= now, min(end, int(now)))
    raise QuestionError(
        f"period={text} is not understood; use 2026, 2026-Q4, 2026-11, 2026-W47, 2026-11-21, 2026-11-21T20, "
        "last_24h, last_30d, to_date or report:2026-11"
    )


def period_of(kind: Kind, epoch: float, now: float, calendar: Calendar | None = None) -> Period:
    """Return the hour, day, week, month, quarter, year or reporting month that holds an instant."""
    day = local_day(epoch)
    if kind == "report":
        if calendar is None:
            raise QuestionError("reporting periods are declared in calendar.toml, which was not given")
        when = date_of(day)
        if when.day >= calendar.report_day:
            when = add_months(when.replace(day=1), 1)
        return parse_period(f"report:{when:%Y-%m}", now, calendar)
    labels: dict[str, Callable[[], str]] = {
        "hour": lambda: f"{local_time(epoch):%Y-%m-%dT%H}",
        "day": lambda: date_of(day).isoformat(),
        "week": lambda: week_label(day),
        "month": lambda: month_label(day),
        "quarter": lambda: quarter_label(day),
        "year": lambda: str(date_of(day).year),
    }
    if kind not in labels:
        raise QuestionError(f"{kind} is no kind of period; use {', '.join(labels)} or report")
    return parse_period(labels[kind](), now)


def previous(period: Period, calendar: Calendar | None = None) -> Period:
    """Return the period before, cut to the same elapsed span where this one is unfinished."""
    if period.kind == "window":
        length = period.end - period.start
        return Period("window", period.label, period.start - length, period.start, True, period.start)
    if period.kind == "to_date":
        return same_last_year(period, calendar)
    if period.kind == "report":
        size = _report_months(period.label)
        label = _shift_report(period.label, -size)
        return _cut(parse_period(label, period.end, calendar), period)
    if period.kind == "hour":
        return _cut(period_of("hour", period.start - 1, period.end), period)
    return _cut(period_of(period.kind, period.start - 1, period.end, calendar), period)


def same_last_year(period: Period, calendar: Calendar | None = None) -> Period:
    """Return the same period a year earlier, cut to the same elapsed span where this one is unfinished.

    29 February compares with 28 February; week 53 with the week 52 weeks earlier.
    """
    label = period.label
    if period.kind == "window":
        start = _year_earlier(period.start)
        end = start + period.end - period.start
        return Period("window", label, start, end, True, end)
    if period.kind == "to_date":
        start = day_start(day_of(local_date(period.start).replace(year=local_date(period.start).year - 1)))
        return Period("to_date", label, start, start + period.elapsed, True, start + period.elapsed)
    if period.kind == "report":
        return _cut(parse_period(_shift_report(label, -12), period.end, calendar), period)
    if period.kind == "week":
        year, week = (int(part) for part in label.split("-W"))
        try:
            monday = date.fromisocalendar(year - 1, week, 1)
        except ValueError:
            monday = date.fromisocalendar(year, week, 1) - timedelta(weeks=52)
        return _cut(period_of("week", day_start(day_of(monday)), period.end), period)
    return _cut(period_of(period.kind, _year_earlier(period.start), period.end), period)


def _cut(earlier: Period, period: Period) -> Period:
    """Cut a finished period to the elapsed span of an unfinished one; never beyond its own end."""
    if period.complete:
        return earlier
    end = min(earlier.end, earlier.start + period.elapsed)
    return replace(earlier, end=end, until=end)


def _year_earlier(epoch: int) -> int:
    when = local_time(epoch)
    day = 28 if (when.month, when.day) == (2, 29) else when.day
    return int(when.replace(year=when.year - 1, day=day).timestamp())


Span = tuple[Kind, str, int, int]
Match = re.Match[str]


def _start_of(when: date) -> int:
    return day_start(day_of(when))


def _months(kind: Kind, label: str, first: date, count: int) -> Span:
    return kind, label, _start_of(first), _start_of(add_months(first, count))


def _year(match: Match, now: int, calendar: Calendar | None) -> Span:
    return _months("year", match[0], date(int(match[1]), 1, 1), 12)


def _quarter(match: Match, now: int, calendar: Calendar | None) -> Span:
    return _months("quarter", match[0], date(int(match[1]), int(match[2]) * 3 - 2, 1), 3)


def _month(match: Match, now: int, calendar: Calendar | None) -> Span:
    return _months("month", match[0], date(int(match[1]), int(match[2]), 1), 1)


def _week(match: Match, now: int, calendar: Calendar | None) -> Span:
    start = _start_of(date.fromisocalendar(int(match[1]), int(match[2]), 1))
    return "week", match[0], start, start + 7 * DAY_S


def _day(match: Match, now: int, calendar: Calendar | None) -> Span:
    start = _start_of(date.fromisoformat(match[0]))
    return "day", match[0], start, start + DAY_S


def _hour(match: Match, now: int, calendar: Calendar | None) -> Span:
    if int(match[2]) > 23:
        raise ValueError
    start = _start_of(date.fromisoformat(match[1])) + int(match[2]) * HOUR_S
    return "hour", match[0], start, start + HOUR_S


def _window(match: Match, now: int, calendar: Calendar | None) -> Span:
    return "window", match[0], now - int(match[1]) * (HOUR_S if match[2] == "h" else DAY_S), now


def _to_date(match: Match, now: int, calendar: Calendar | None) -> Span:
    return "to_date", match[0], _start_of(date(local_date(now).year, 1, 1)), now


def _report(match: Match, now: int, calendar: Calendar | None) -> Span:
    if calendar is None:
        raise QuestionError("reporting periods are declared in calendar.toml, which was not given")
    last = date(int(match[1]), int(match[3] or (int(match[2]) * 3 if match[2] else 12)), 1)
    first = add_months(last, -_report_months(match[0]))
    day = timedelta(days=calendar.report_day - 1)
    return "report", match[0], _start_of(first + day), _start_of(last + day)


_FORMS: tuple[tuple[re.Pattern[str], Callable[[Match, int, Calendar | None], Span]], ...] = (
    (re.compile(r"(\d{4})", re.ASCII), _year),
    (re.compile(r"(\d{4})-Q([1-4])", re.ASCII), _quarter),
    (re.compile(r"(\d{4})-(\d{2})", re.ASCII), _month),
    (re.compile(r"(\d{4})-W(\d{2})", re.ASCII), _week),
    (re.compile(r"(\d{4})-(\d{2})-(\d{2})", re.ASCII), _day),
    (re.compile(r"(\d{4}-\d{2}-\d{2})T(\d{2})", re.ASCII), _hour),
    (re.compile(r"last_([1-9]\d{0,4})([hd])", re.ASCII), _window),
    (re.compile(r"to_date", re.ASCII), _to_date),
    (re.compile(r"report:(\d{4})(?:-Q([1-4])|-(\d{2}))?", re.ASCII), _report),
)


def _report_months(label: str) -> int:
    """Return how many months a reporting period spans."""
    return 3 if "-Q" in label else 1 if "-" in label else 12


def _shift_report(label: str, months: int) -> str:
    """Return the label of the reporting period so many months away."""
    year, _, rest = label.removeprefix("report:").partition("-")
    month = int(rest[1:]) * 3 if rest.startswith("Q") else int(rest or 12)
    there = add_months(date(int(year), month, 1), months)
    if rest.startswith("Q"):
        return f"report:{there.year}-Q{there.month // 3}"
    return f"report:{there:%Y-%m}" if rest else f"report:{there.year}"
