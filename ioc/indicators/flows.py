"""Flows of cases: what was opened, closed or due in a period, from the counts by day wherever these can answer.

Whole local days come from case_day, what is cut off at either end from the cases themselves, and of an as_of
inside a day what became known since its midnight. The answer equals counting the cases one by one.
"""

from __future__ import annotations

import hashlib
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from functools import cache
from typing import Any

import sqlalchemy as sa

from ioc.calendar import DAY_S, HOUR_S, Calendar, day_start, local_day
from ioc.indicators.cases import TENTHS, Cases, Grouped, counting, placed, span
from ioc.indicators.definition import Definition
from ioc.indicators.parts import CaseFilter, Length
from ioc.model import Case
from ioc.store import schema
from ioc.store.measures import DIMS, Measure

Lengths = dict[tuple[str, int], Counter[Decimal]]
"""(key of the group, bucket) -> how many cases have each length."""


@dataclass(frozen=True)
class Flow:
    """Counts of the cases of one question; counted: the measures that the store counts, name -> (integer, hash)."""

    cases: Cases
    counted: Mapping[str, tuple[int, str]]

    def count(
        self, wanted: Sequence[CaseFilter], by: str, start: int, end: int, *, group: str = "", length: int = 0
    ) -> list[Grouped]:
        """Count the cases whose date `by` lies in [start, end), by a column and by buckets, for each of some filters."""
        found: list[Counter[tuple[str, int]]] = [Counter() for _ in wanted]
        first, last = _whole_days(start, end)
        ids: list[int | None] = [None] * len(wanted)
        if length != HOUR_S and first < last:
            ids = [self._answers(measure_name(self.cases.kind, by, one, None), group) for one in wanted]
        rolled = [place for place, id in enumerate(ids) if id is not None]
        raw = [place for place, id in enumerate(ids) if id is None]
        spans = [(raw, start, end), (rolled, start, first), (rolled, last, end)]
        for places, a, b in spans:
            if places and a < b:
                filters = [wanted[place] for place in places]
                each = self.cases.flow(filters, by, a, b, group=group, length=length)
                for place, grouped in zip(places, each, strict=True):
                    found[place].update(grouped)
        if rolled:
            for id, key, day, _, n in self._days(
                [ids[place] for place in rolled], group, first, last, length
            ):
                for place in rolled:
                    if ids[place] == id:
                        found[place][key, day] += n
        if rolled and self.cases.known is not None:
            for place in rolled:
                for grouped, sign in self._since_midnight(wanted[place], by, first, last, group, length):
                    for bucket, n in grouped.items():
                        found[place][bucket] += sign * n
        return [{key: n for key, n in one.items() if n} for one in found]

    def lengths(
        self,
        wanted: CaseFilter,
        length: Length,
        by: str,
        start: int,
        end: int,
        *,
        group: str = "",
        bucket: int = 0,
    ) -> Lengths:
        """Return how many cases have each length, of those whose date `by` lies in [start, end)."""
        found: Lengths = defaultdict(Counter)
        first, last = _whole_days(start, end)
        id = (
            self._answers(measure_name(self.cases.kind, by, wanted, length), group)
            if bucket != HOUR_S and first < last and self.cases.known is None
            else None
        )
        spans = [(start, end)]
        if id is not None:
            spans = [(start, first), (last, end)]
            for _, key, day, bin, n in self._days([id], group, first, last, bucket):
                found[key, day][length_of(length, bin)] += n
        for a, b in spans:
            if a < b:
                raw = self.cases.lengths(wanted, length, by, a, b, group=group, bucket=bucket)
                for place, values in raw.items():
                    found[place].update(values)
        return {place: +counted for place, counted in found.items()}

    def _answers(self, measure: tuple[str, str], group: str) -> int | None:
        """Return the integer of the measure (name, hash) where the store counts it by what is asked, else None."""
        dims = {*self.cases.narrowed, *([group] if group else [])}
        known = self.counted.get(measure[0])
        if known is None or known[1] != measure[1] or len(dims) > 1 or not dims <= set(DIMS):
            return None
        return known[0]

    def _days(
        self, ids: Sequence[int | None], group: str, start: int, end: int, length: int
    ) -> Iterable[Any]:
        """Return (measure, key, day or 0 where there are no buckets, bin, count)."""
        narrowed = dict(self.cases.narrowed)
        given: dict[str, Any] = {
            "ids": sorted({id for id in ids if id is not None}),
            "start": start,
            "end": end,
        }
        given["dim"] = group or next(iter(narrowed), "")
        if narrowed:
            given["key"] = next(iter(narrowed.values()))
        if self.cases.known is not None:
            given["known_day"] = schema.known_day(self.cases.known)
        query = _counted_days(bool(group), bool(length), bool(narrowed), self.cases.known is not None)
        return self.cases.connection.execute(query, given)

    def _since_midnight(
        self, wanted: CaseFilter, by: str, start: int, end: int, group: str, length: int
    ) -> Iterable[tuple[Grouped, int]]:
        """Yield what became known, and what ceased to be, from the midnight before the as_of on."""
        known = self.cases.known
        assert known is not None
        midnight = schema.known_day(known) * 1000
        now, past = schema.case_record, schema.case_past
        now_cases = replace(self.cases, known=None)
        for table, column, sign in (
            (now, now.c.known_from, 1),
            (past, past.c.known_from, 1),
            (past, past.c.known_to, -1),
        ):
            query = (
                counting(table, by, group, length)
                .where(*now_cases.clauses(table, placed(wanted, by, start, end)))
                .where(column >= midnight, column <= known)
            )
            grouped = {(k, b): n for k, b, n in self.cases.connection.execute(query)}
            yield grouped, sign


def measures(definitions: Iterable[Definition], calendar: Calendar) -> list[Measure]:
    """Return what the store must count so that the definitions' flows are answered from days; each once."""
    found: dict[str, Measure] = {}
    for definition in definitions:
        if definition.shape != "case" or definition.stock:
            continue
        for wanted, length in ((definition.num_cases, definition.length), (definition.den_cases, None)):
            if wanted is not None:
                measure = measure_of(definition.kind, definition.by, wanted, length, calendar)
                found[measure.id] = measure
    return list(found.values())


@cache
def _counted_days(grouped: bool, bucketed: bool, narrowed: bool, then: bool) -> sa.Select[Any]:
    """Return the counts of measures over days by what is asked; the values are bound as it is executed."""
    t, number, text = schema.case_day.c, sa.BigInteger, sa.String
    parts: list[Any] = [t.measure_id, t.bin]
    key = t.key.label("of_key") if grouped else sa.literal("").label("of_key")
    day = t.day if bucketed else sa.literal(0)
    parts += [t.key] if grouped else []
    parts += [t.day] if bucketed else []
    query = sa.select(t.measure_id, key, day, t.bin, sa.cast(sa.func.sum(t.n), number)).where(
        t.measure_id.in_(sa.bindparam("ids", expanding=True, type_=number)),
        t.dim == sa.bindparam("dim", type_=text),
        t.day >= sa.bindparam("start", type_=number),
        t.day < sa.bindparam("end", type_=number),
    )
    if narrowed:
        query = query.where(t.key == sa.bindparam("key", type_=text))
    if then:
        query = query.where(t.known_day < sa.bindparam("known_day", type_=number))
    return query.group_by(*parts)


def measure_of(kind: str, by: str, wanted: CaseFilter, length: Length | None, calendar: Calendar) -> Measure:
    """Return the count by day of the cases that meet a filter, or of their lengths."""
    name, digest = measure_name(kind, by, wanted, length)
    bin = None if length is None else lambda case: bin_of(length, case, calendar)
    return Measure(name, kind, by, wanted.condition, bin, hash=digest)  # type: ignore[arg-type]


def measure_name(kind: str, by: str, wanted: CaseFilter, length: Length | None) -> tuple[str, str]:
    """Return how the store calls such a count, and its hash."""
    what = repr(
        (
            kind,
            by,
            wanted.condition.equal,
            wanted.condition.flags,
            wanted.condition.excluded,
            length and length_key(length),
        )
    )
    digest = hashlib.sha256(what.encode()).hexdigest()
    return f"{kind}.{by}.{digest[:16]}", digest


def length_key(length: Length) -> tuple[Any, ...]:
    """Return what decides the bin of a length; how lengths are taken together does not."""
    return (length.fact, length.start, length.end, length.unit, length.working)


def bin_of(length: Length, case: Case, calendar: Calendar) -> int | None:
    """Return the length of a case as a whole number: hours begun, working days, tenths of a fact; None without one."""
    if length.fact:
        value = case.facts.get(length.fact)
        if isinstance(value, bool) or not isinstance(value, int | float):
            return None
        return int(Decimal(repr(value)).quantize(TENTHS) * 10)
    since, until = getattr(case, length.start), getattr(case, length.end)
    if since is None or until is None:
        return None
    exact = span(length, since, until, calendar)
    return round(exact * 24) if length.unit == "d" and not length.working else int(exact)


def length_of(length: Length, bin: int) -> Decimal:
    """Return the length that a bin stands for."""
    if length.fact:
        return Decimal(bin) / 10
    return Decimal(bin) / 24 if length.unit == "d" and not length.working else Decimal(bin)


def _whole_days(start: int, end: int) -> tuple[int, int]:
    """Return the first and the end of the whole local days inside a span."""
    return day_start(local_day(start + DAY_S - 1)), day_start(local_day(end))
