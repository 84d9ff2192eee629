"""Cases counted and measured straight from their table: what no rollup was kept for, and the check of those kept."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from math import ceil
from typing import Any

import sqlalchemy as sa

from ioc.calendar import DAY_S, HOUR_S, OFFSET_S, Calendar
from ioc.conditions import fact_number, fact_text
from ioc.indicators.parts import PERCENTILES, CaseFilter, Length
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
        queries = [
            sa.select(*self.columns(table)).where(*self.clauses(table, where)) for table in self.tables()
        ]
        return queries[0].subquery("c") if len(queries) == 1 else sa.union_all(*queries).subquery("c")

    def tables(self) -> tuple[sa.Table, ...]:
        """Return the tables that hold the versions known."""
        return (schema.case_record,) if self.known is None else (schema.case_record, schema.case_past)

    def columns(self, table: sa.Table) -> list[Any]:
        """Return the columns of a case in one of its tables."""
        return [table.c[column.name] for column in schema.case_record.columns]

    def clauses(self, table: sa.Table, where: Iterable[Any]) -> list[Any]:
        """Return what makes a row of a table one that the question speaks of and that was known."""
        clauses = [table.c.kind == self.kind, table.c.source_id.in_(self.sources)]
        clauses += [table.c[name] == value for name, value in self.narrowed.items()]
        clauses += [build(table) for build in where]
        if self.known is not None:
            # adding 0 keeps the store off the index of what became known: nearly all did before
            clauses.append(table.c.known_from + 0 <= self.known)
            if table is schema.case_past:
                clauses.append(table.c.known_to > self.known)
        return clauses

    def flow(
        self, wanted: Sequence[CaseFilter], by: str, start: int, end: int, *, group: str = "", length: int = 0
    ) -> list[Grouped]:
        """Count the cases whose date `by` lies in [start, end), for each of some filters in one look.

        By a column and by buckets of an hour or a local day.
        """
        found: list[Counter[tuple[str, int]]] = [Counter() for _ in wanted]
        given: dict[str, Any] = {"kind": self.kind, "sources": list(self.sources), "start": start, "end": end}
        given |= {f"of_{name}": value for name, value in self.narrowed.items()}
        if self.known is not None:
            given["known"] = self.known
        for table in self.tables():
            query = _counting(table, wanted, by, group, length, tuple(self.narrowed), self.known is not None)
            for key, bucket, _, *counts in self.connection.execute(query, given):
                for one, n in zip(found, counts, strict=True):
                    if n:
                        one[key, bucket] += n
        return [dict(one) for one in found]

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
        found: dict[tuple[str, int], list[Decimal]] = defaultdict(list)
        for table in self.tables():
            key = grouped_by(table, group)
            if length.fact:
                text = fact_number(table.c.facts, sa.literal(length.fact, sa.String))
                parts: list[Any] = [text, text]
            else:
                parts = [table.c[length.start], table.c[length.end]]
            query = (
                sa.select(key, bucket_of(table.c[by], bucket), *parts)
                .select_from(table)
                .where(
                    *self.clauses(table, placed(wanted, by, start, end)),
                    *(part.is_not(None) for part in parts),
                )
            )
            for k, b, first, last in self.connection.execute(query):
                if not length.fact:
                    found[k, b].append(span(length, first, last, self.calendar))
                    continue
                try:
                    found[k, b].append(Decimal(first).quantize(TENTHS))
                except InvalidOperation:
                    continue  # a fact that is no number has no length
        return found

    def sample(
        self, wanted: CaseFilter, by: str, start: int, end: int, limit: int
    ) -> list[Mapping[str, Any]]:
        """Return the newest cases of a period that meet a condition."""
        rows = self.rows(*placed(wanted, by, start, end))
        query = sa.select(rows).order_by(rows.c[by].desc(), rows.c.key).limit(limit)
        return [dict(row) for row in self.connection.execute(query).mappings()]


def placed(wanted: CaseFilter, by: str, start: int, end: int) -> tuple[Any, ...]:
    """Return what places the cases that meet a filter in [start, end) by one of their dates."""
    return (lambda t: t.c[by] >= start, lambda t: t.c[by] < end, wanted.condition.where)


def counting(table: sa.Table, by: str, group: str, length: int) -> sa.Select[Any]:
    """Return a count of the rows of a table by a column ("" for the total) and by buckets of a date."""
    parts: list[Any] = [grouped_by(table, group).label("of_key")]
    parts.append(bucket_of(table.c[by], length).label("of_bucket"))
    grouped = [part for part, real in zip(parts, (group, length), strict=True) if real]
    query = sa.select(*parts, sa.func.count()).select_from(table).group_by(*grouped)
    return query if grouped else query.having(sa.func.count() > 0)


def grouped_by(table: sa.FromClause, group: str) -> Any:
    """Return the column that cases are broken down by, "facts.x" for a declared fact, "" for all of them together."""
    if not group:
        return sa.literal("")
    if group.startswith("facts."):
        return sa.func.coalesce(fact_text(table.c.facts, sa.literal(group[6:], sa.String)), "")
    return table.c[group]


MOST_WRITTEN = 1_000
_WRITTEN: dict[Hashable, sa.Select[Any]] = {}
"""Statements that count: writing one takes longer than the database does to answer it."""


def _counting(
    table: sa.Table,
    wanted: Sequence[CaseFilter],
    by: str,
    group: str,
    length: int,
    narrowed: tuple[str, ...],
    then: bool,
) -> sa.Select[Any]:
    """Return counting() with a count for each filter behind that of all; what is asked for is bound as it is executed."""
    # not the conditions themselves: true and 1 are equal, and are asked for differently
    key = (table, repr([one.condition for one in wanted]), by, group, length, narrowed, then)
    if key in _WRITTEN:
        return _WRITTEN[key]
    number, text = sa.BigInteger, sa.String
    t, known = table.c, sa.bindparam("known", type_=number)
    clauses = [t.kind == sa.bindparam("kind", type_=text)]
    clauses.append(t.source_id.in_(sa.bindparam("sources", expanding=True, type_=number)))
    clauses += [t[name] == sa.bindparam(f"of_{name}", type_=text) for name in narrowed]
    clauses += [t[by] >= sa.bindparam("start", type_=number), t[by] < sa.bindparam("end", type_=number)]
    if then:
        clauses.append(t.known_from + 0 <= known)
        if table is schema.case_past:
            clauses.append(t.known_to > known)
    conditions = [one.condition.where(table) for one in wanted]
    query = counting(table, by, group, length).where(*clauses)
    if len(conditions) == 1:
        query = query.where(conditions[0]).add_columns(sa.func.count())
    else:
        query = query.add_columns(*(sa.func.count(sa.case((one, 1))) for one in conditions))
    if len(_WRITTEN) > MOST_WRITTEN:
        _WRITTEN.clear()
    return _WRITTEN.setdefault(key, query)


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
    """Return the median, a percentile, the mean, the highest or the sum of lengths; None of nothing.

    The median is the mean of the two in the middle. A percentile is the nearest rank: the shortest length that so
    many per cent of the cases do not exceed.
    """
    n = lengths.total()
    if not n:
        return None
    if take == "max":
        return max(lengths)
    if take in ("sum", "mean"):
        total = sum((length * count for length, count in lengths.items()), Decimal(0))
        return total if take == "sum" else total / n
    if take in PERCENTILES:
        return _ranked(lengths, ceil(Decimal(take[1:]) * n / 100))
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
