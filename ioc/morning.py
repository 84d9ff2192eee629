"""The morning's briefing: what happened from 17:00 to 07:00, which warnings hold, what fell overdue, what is due today."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from ioc import spoken
from ioc.calendar import DAY_S, HOUR_S, day_of, day_start, iso, local_date
from ioc.conditions import parse
from ioc.indicators.snapshot import Snapshot
from ioc.indicators.words import KINDS
from ioc.product import Product
from ioc.store import reader
from ioc.store.reader import EVERYTHING, EventVersion

EVENING_S, MORNING_S = 17 * HOUR_S, 7 * HOUR_S
HAPPENED, WARNED = ("duty",), ("warning",)
"""Kinds of events that a duty officer reports, and that warn."""
MOST = 200
_WEIGHTS = ("critical", "high", "medium", "low", "")


@dataclass(frozen=True, slots=True)
class Span:
    """The night that a briefing speaks of, and the day that it begins; epoch s."""

    start: int
    end: int
    day: int


def night(now: float) -> Span:
    """Return last night as an instant (epoch s) sees it: it ends at seven, or now where it is not seven yet."""
    today = day_start(day_of(local_date(now)))
    return Span(today - DAY_S + EVENING_S, min(today + MORNING_S, int(now)), today)


def overnight(product: Product, snapshot: Snapshot, now: float, as_of: int | None = None) -> dict[str, Any]:
    """Return what duty officers told of the night, the gravest first, and the warnings that began in it or hold now."""
    span = night(now)
    more: dict[str, Any] = {"limit": MOST, "as_of": as_of}
    told = reader.events(
        snapshot.connection, EVERYTHING, kinds=HAPPENED, starts_from=span.start, starts_to=span.end, **more
    ).items
    active = reader.events(snapshot.connection, EVERYTHING, kinds=WARNED, active_at=int(now), **more).items
    begun = reader.events(
        snapshot.connection, EVERYTHING, kinds=WARNED, starts_from=span.start, starts_to=int(now) + 1, **more
    ).items
    warnings = {(one.source, one.event.key): one for one in (*active, *begun)}
    counts = Counter(one.event.category for one in told if one.event.category)
    return {
        "span": {"start": iso(span.start), "end": iso(span.end)},
        "counts": [{"name": _called(name), "n": n} for name, n in counts.most_common()],
        "harm": {
            name: sum(int(one.event.facts.get(name) or 0) for one in told) for name in ("deaths", "injured")
        },
        "happened": [_event(product, one) for one in sorted(told, key=_gravest)],
        "warnings": [_event(product, one) for one in sorted(warnings.values(), key=_gravest)],
    }


def workday(product: Product, snapshot: Snapshot, now: float, as_of: int | None = None) -> dict[str, Any]:
    """Return of each kind of cases how many fell overdue since the evening, how many are due today, and whose they are."""
    span = night(now)
    pending = parse({"pending": True, "suspended": False})
    kinds = sorted(
        {
            one.shape.removeprefix("case:")
            for one in product.catalogue.sources.values()
            if one.shape.startswith("case:")
        }
    )
    rows: list[dict[str, Any]] = []
    for kind in kinds:
        counted = {}
        for name, start, end in (
            ("overdue", span.start, int(now)),
            ("due", int(now), span.day + DAY_S),
        ):

            def within(table: Any, start: int = start, end: int = end) -> sa.ColumnElement[bool]:
                due = table.c.due + table.c.waited_s
                return sa.and_(pending.where(table), due >= start, due < end)

            counted[name] = reader.count_cases(
                snapshot.connection, EVERYTHING, kind, within, by=("responsible",), as_of=as_of
            )
        totals = {name: sum(of.values()) for name, of in counted.items()}
        if any(totals.values()):
            most = max(counted["overdue"].items(), key=lambda item: (item[1], item[0]), default=(("",), 0))
            called = _kind(kind, product)
            who = product.engine.name("responsible", most[0][0]) if most[0][0] else None
            rows.append({"kind": kind, "name": called, **totals, "most": who, "most_n": most[1]})
    rows.sort(key=lambda row: (-int(row["overdue"]), -int(row["due"]), str(row["kind"])))
    return {"rows": rows}


def changes_at(now: float) -> float:
    """Return when a briefing changes with no new data: cases fall due by the minute."""
    return (int(now) // 60 + 1) * 60.0


def _event(product: Product, one: EventVersion) -> dict[str, Any]:
    event = one.event
    return {
        "id": f"{one.source}:{event.key}",
        "at": iso(event.starts),
        "until": None if event.ends is None else iso(event.ends),
        "headline": event.headline,
        "category": _called(event.category) if event.category else None,
        "severity": event.severity or None,
        "risk": event.facts.get("risk_level"),
        "areas": [product.engine.name("area", code) for code in event.areas[:4]],
        "harm": {name: event.facts.get(name) for name in ("deaths", "injured") if event.facts.get(name)},
    }


def _called(name: str) -> dict[str, str]:
    return {lang: spoken.called(name, lang) for lang in ("vi", "en")}


def _kind(kind: str, product: Product) -> dict[str, str]:
    """Return how cases of a kind are called: as definitions say it, else by the unit in which they are counted."""
    vi, en = KINDS.get(kind, ("", ""))
    if not vi:
        units = [
            one.unit
            for one in product.definitions.values()
            if one.of == f"case:{kind}" and one.unit[:1] == "{"
        ]
        unit = next((unit for unit in units if spoken.unit(unit, "vi")), kind)
        vi, en = spoken.unit(unit, "vi"), spoken.unit(unit, "en")
    return {"vi": vi[:1].upper() + vi[1:], "en": en[:1].upper() + en[1:]}


def _gravest(one: EventVersion) -> tuple[int, int, str]:
    weight = _WEIGHTS.index(one.event.severity) if one.event.severity in _WEIGHTS else 2
    return weight, -one.event.starts, one.event.key
