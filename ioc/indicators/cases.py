"""Cases counted and measured straight from their table: what no rollup was kept for, and the check of those kept."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from math import ceil
from typing import Any

import sqlalchemy as sa

from ioc.calendar import DAY_S, HOUR_S, OFFSET_S, Calendar
from ioc.conditions import fact_text
from ioc.indicators.parts import CaseFilter, Length
from ioc.model import PENDING, Case
from ioc.store import schema

COLUMN = {
    "area": "area",
    "agency": "responsible",
    "site": "site",
    "category": "category",
    "channel": "channel",
}
"""The column of a case that each dimension of a question narrows."""

TENTHS = Decimal("0.1")
"""The resolution of a fact that is a length."""

Grouped = dict[tuple[str, int], int]
"""(key of the group or "", start of the bucket or 0) -> count."""


@dataclass(frozen=True)
class Cases:
    """The cases of one kind that a question speaks of.

    sources: integers of the sources that count. narrowed: column -> wanted value.
    known: epoch ms of knowledge, None for now.
    """

    connection: sa.Connection
    kind: str
    sources: Sequence[int]
    narrowed: Mapping[str, str]
    calendar: Calendar
    known: int | None = None

    def rows(self, *where: Any) -> Any:
        """Return a FROM clause of the versions known, of this kind, these sources and this narrowing.

        where: functions from a table to a further clause.
        """
        now, past = schema.case_record, schema.case_past
        if self.known is None:
            return self.select(now, where).subquery("c")
        known = self.select(now, where).where(now.c.known_from <= self.known)
        then = self.select(past, where).where(past.c.known_from <= self.known, past.c.known_to > self.known)
        return sa.union_all(known, then).subquery("c")

    def select(self, table: sa.Table, where: Iterable[Any]) -> sa.Select[Any]:
        """Select the columns of a case from one table, narrowed."""
        names = [column.name for column in schema.case_record.columns]
        query = sa.select(*(table.c[name] for name in names)).where(
            table.c.kind == self.kind, table.c.source_id.in_(self.sources)
        )
        query = query.where(*(table.c[name] == value for name, value in self.narrowed.items()))
        return query.where(*(build(table) for build in where))

    def flow(
        self, wanted: CaseFilter, by: str, start: int, end: int, *, group: str = "", length: int = 0
    ) -> Grouped:
        """Count the cases whose date `by` lies in [start, end), by a column and by buckets of an hour or a local day."""
        rows = self.rows(lambda t: t.c[by] >= start, lambda t: t.c[by] < end, wanted.condition.where)
        key = rows.c[group] if group else sa.literal("")
        bucket = bucket_of(rows.c[by], length)
        query = sa.select(key.label("of_key"), bucket.label("of_bucket"), sa.func.count()).select_from(rows)
        return {(k, b): n for k, b, n in self.connection.execute(query.group_by("of_key", "of_bucket"))}

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
    ) -> dict[tuple[str, int], list[Decimal]]:
        """Return what is measured of each case whose date `by` lies in [start, end), by a column and buckets."""
        rows = self.rows(lambda t: t.c[by] >= start, lambda t: t.c[by] < end, wanted.condition.where)
        return self.measured(rows, length, group, bucket_of(rows.c[by], bucket))

    def measured(
        self, rows: Any, length: Length, group: str, bucket: Any
    ) -> dict[tuple[str, int], list[Decimal]]:
        """Return what is measured of each row that has it."""
        key = rows.c[group] if group else sa.literal("")
        found: dict[tuple[str, int], list[Decimal]] = defaultdict(list)
        if length.fact:
            text = fact_text(rows.c.facts, sa.literal(length.fact, sa.String))
            for k, b, value in self.connection.execute(sa.select(key, bucket, text).where(text.is_not(None))):
                try:
                    found[k, b].append(Decimal(value).quantize(TENTHS))
                except InvalidOperation:
                    continue  # a fact that is no number has no length
            return found
        first, last = rows.c[length.start], rows.c[length.end]
        query = sa.select(key, bucket, first, last).where(first.is_not(None), last.is_not(None))
        for k, b, since, until in self.connection.execute(query):
            found[k, b].append(span(length, since, until, self.calendar))
        return found

    def sample(
        self, wanted: CaseFilter, by: str, start: int, end: int, limit: int
    ) -> list[Mapping[str, Any]]:
        """Return the newest cases of a period that meet a condition."""
        rows = self.rows(lambda t: t.c[by] >= start, lambda t: t.c[by] < end, wanted.condition.where)
        query = sa.select(rows).order_by(rows.c[by].desc(), rows.c.key).limit(limit)
        return [dict(row) for row in self.connection.execute(query).mappings()]

    def newest(self) -> int | None:
        """Return the newest opening or closing (epoch s)."""
        t = schema.case_record.c
        newest = []
        for column in (t.opened, t.closed):
            query = sa.select(sa.func.max(column)).where(t.kind == self.kind)
            newest.append(self.connection.execute(query).scalar())
        return max((instant for instant in newest if instant is not None), default=None)


def bucket_of(column: Any, length: int) -> Any:
    """Return an expression for the start of the hour (3,600) or local day (86,400) of an instant; 0 for none."""
    if length == HOUR_S:
        return column - column % HOUR_S
    return column - (column + OFFSET_S) % DAY_S if length == DAY_S else sa.literal(0)


def span(length: Length, since: int, until: int, calendar: Calendar) -> Decimal:
    """Return the time between two instants of a case: in hours begun, shown as hours or days, or in working days."""
    if length.working:
        return Decimal(calendar.working_days_between(since, until))
    hours = max(0, -(-(until - since) // HOUR_S))
    return Decimal(hours) / 24 if length.unit == "d" else Decimal(hours)


def taken(lengths: Counter[Decimal], take: str) -> Decimal | None:
    """Return the median, 90th percentile (nearest rank), mean, highest or sum of lengths; None of nothing."""
    n = lengths.total()
    if not n:
        return None
    if take == "max":
        return max(lengths)
    if take in ("sum", "mean"):
        total = sum((length * count for length, count in lengths.items()), Decimal(0))
        return total if take == "sum" else total / n
    if take == "p90":
        return _ranked(lengths, ceil(Decimal("0.9") * n))
    return (_ranked(lengths, (n + 1) // 2) + _ranked(lengths, n // 2 + 1)) / 2


def _ranked(lengths: Counter[Decimal], rank: int) -> Decimal:
    """Return the length of this rank, counted from 1 and from the shortest."""
    passed = 0
    for length in sorted(lengths):
        passed += lengths[length]
        if passed >= rank:
            return length
    raise ValueError(f"there are {passed} lengths, rank {rank} was asked for")


def as_case(row: Mapping[str, Any]) -> Case:
    """Return a row of the table as a case."""
    return Case(**{name: row[name] for name in Case._fields})


def holds(wanted: CaseFilter, case: Case, at: int, calendar: Calendar, *, stock: bool = False) -> bool:
    """Whether a case meets a filter at an instant; the same as the tables answer, for worked examples."""
    if stock and (case.state not in PENDING or case.opened > at):
        return False
    if not wanted.condition.holds(case):
        return False
    due = None if case.due is None else case.due + case.waited_s
    counts_down = case.state == "open" and due is not None
    if wanted.overdue is not None and (counts_down and due is not None and due < at) != wanted.overdue:
        return False
    if wanted.due_within is not None:
        last = within(at, wanted.due_within, calendar)
        if not (counts_down and due is not None and at <= due < last):
            return False
    return wanted.older_than is None or case.opened <= at - wanted.older_than


def within(at: int, working_days: int, calendar: Calendar) -> int:
    """Return the instant at which the local day that many working days after an instant ends."""
    day = (at + OFFSET_S) // DAY_S
    if working_days:
        day = calendar.add_working_days(day, working_days)
    return (day + 1) * DAY_S - OFFSET_S
