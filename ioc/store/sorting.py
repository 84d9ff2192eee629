"""The records of a page by shape, and what of them cannot be kept."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from math import isfinite
from operator import itemgetter

from ioc.model import Case, Event, Observation, Page, Rejected, Source
from ioc.store.plausible import (
    UNREADABLE,
    implausible_case,
    implausible_event,
    implausible_observation,
    is_text,
    window,
)


@dataclass(slots=True)
class Sorted:
    """The records of a page by shape, the last of each key, and what cannot be kept."""

    observations: list[Observation] = field(default_factory=list)
    cases: dict[str, Case] = field(default_factory=dict)
    events: dict[str, Event] = field(default_factory=dict)
    rejected: list[Rejected] = field(default_factory=list)
    last_reported: int | None = None
    n_cases_and_events: int = 0


def sort_page(source: Source, page: Page, now_ms: int) -> Sorted:
    """Part the records by shape, and set aside what cannot be; all before the transaction begins."""
    parts = Sorted(rejected=list(page.rejected))
    earliest, last = window(source, now_ms)
    now, reported = now_ms // 1000, -1
    for record in page.records:
        if type(record) is Observation:
            time, value = record[1], record[3]
            # what is right is seen here: a call for every value would cost as much as keeping it
            if type(time) is int and earliest <= time <= last and (value is None or isfinite(value)):
                parts.observations.append(record)
                if reported < time <= now:
                    reported = time
                continue
            sentence = implausible_observation(record, earliest, last)
        elif type(record) is Case:
            sentence = implausible_case(record, earliest, last)
            if not sentence:
                parts.cases[record.key] = record
                parts.n_cases_and_events += 1
                reported = max(reported, min(now, record.opened), min(now, record.closed or 0))
                continue
        elif type(record) is Event:
            sentence = implausible_event(record, earliest, last)
            if not sentence:
                parts.events[record.key] = record
                parts.n_cases_and_events += 1
                reported = max(reported, min(now, record.starts))
                continue
        else:
            raise TypeError(f"a page holds observations, cases and events, not {type(record).__name__}")
        parts.rejected.append(_reject(record, sentence))
    parts.last_reported = reported if reported >= 0 else None
    unreadable = {texts for texts in set(map(_texts, parts.observations)) if not is_text("".join(texts))}
    if unreadable:
        spoilt = [record for record in parts.observations if _texts(record) in unreadable]
        parts.observations = [record for record in parts.observations if _texts(record) not in unreadable]
        parts.rejected += [_reject(record, UNREADABLE) for record in spoilt]
    return parts


_texts: Callable[[Observation], tuple[str, ...]] = itemgetter(0, 2, 4, 5, 6, 7)


def _reject(record: Observation | Case | Event, sentence: str) -> Rejected:
    if isinstance(record, Observation):
        told = {name: value for name, value in record._asdict().items() if value not in ("", None)}
        return Rejected(f"{record.variable} {record.place} {record.time}", sentence, told)
    return Rejected(record.key, sentence, {"key": record.key, "kind": record.kind})
