"""Counts of cases by day, kept as differences by the day on which they became known.

A version of a case adds 1 on the local day it became known and takes 1 back on the day it was replaced, so a
count as of the end of a day is a sum over known_day, and everything can be rebuilt from the versions alone.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Literal

import sqlalchemy as sa

from ioc.conditions import Condition
from ioc.model import Case
from ioc.store import bulk
from ioc.store.names import dialect_insert
from ioc.store.records import CASES, Row, case_of, row_columns
from ioc.store.schema import case_day, case_past, case_record, known_day, local_midnight, measure
from ioc.store.store import Commit

DIMS = ("", "responsible", "area", "category", "channel")
"""What every measure is counted by, "" being the total: what a question narrows by. Each costs a sixth of keeping
a case; a flow by holder, level or another field is counted from the cases themselves, or by a declared pair."""

_KEY = ("measure_id", "dim", "day", "key", "bin", "known_day")


@dataclass(frozen=True, slots=True)
class Measure:
    """A count of the cases of one kind that meet a condition, by the day they were opened, closed or due.

    bin: the whole number (hours, working days, …) of a case's duration, or None to leave the case out;
    without it everything is in bin 0. pairs: pairs of fields to count by as well, as dim "a,b" and key "x,y".
    hash: of everything that decides a count; when it changes, the counts are rebuilt.
    """

    id: str
    kind: str
    by: Literal["opened", "closed", "due"]
    condition: Condition
    bin: Callable[[Case], int | None] | None = None
    pairs: tuple[tuple[str, str], ...] = ()
    hash: str = ""

    @property
    def dims(self) -> tuple[str, ...]:
        """Everything this measure is counted by."""
        return DIMS + tuple(",".join(pair) for pair in self.pairs)


def cell(asked: Measure, case: Case) -> tuple[int, int] | None:
    """Return the day (epoch s of local midnight) and bin in which a case counts, None where it does not."""
    if case.kind != asked.kind or not asked.condition.holds(case):
        return None
    instant = getattr(case, asked.by)
    if instant is None:
        return None
    bin = 0 if asked.bin is None else asked.bin(case)
    return None if bin is None else (local_midnight(instant), bin)


def key_of(case: Case, dim: str) -> str:
    """Return a case's key in a dimension: "" for the total, "x,y" for a pair."""
    if "," not in dim:
        return getattr(case, dim) if dim else ""
    return ",".join(getattr(case, name) for name in dim.split(","))


def ensure_measures(commit: Commit, measures: Sequence[Measure]) -> list[str]:
    """Count what is asked and not counted yet, or counted by an older hash; forget what nobody asks.

    Returns the ids that were rebuilt.
    """
    known = {
        row.name: row
        for row in commit.connection.execute(sa.select(measure.c.name, measure.c.hash, measure.c.id))
    }
    asked = {one.id: one for one in measures}
    for name in known.keys() - asked.keys():
        commit.connection.execute(sa.delete(case_day).where(case_day.c.measure_id == known[name].id))
        commit.connection.execute(sa.delete(measure).where(measure.c.id == known[name].id))
        commit.names.measures.pop(name, None)
    rebuilt = [one for one in asked.values() if one.id not in known or known[one.id].hash != one.hash]
    rebuild_measures(commit, rebuilt)
    return [one.id for one in rebuilt]


def numbered(commit: Commit, measures: Sequence[Measure]) -> list[tuple[int, Measure]]:
    """Return measures with their integers; those that are not counted yet are counted now."""
    known = commit.names.measures
    if not all(one.id in known for one in measures):
        named = commit.connection.execute(sa.select(measure.c.name, measure.c.id))
        known.update((row.name, row.id) for row in named)
        rebuild_measures(commit, [one for one in measures if one.id not in known])
    return [(known[one.id], one) for one in measures]


def rebuild_measures(commit: Commit, asked: Sequence[Measure]) -> None:
    """Count measures anew from all versions of all cases."""
    if not asked:
        return
    connection = commit.connection
    insert = dialect_insert(connection.dialect.name, measure)
    connection.execute(
        insert.on_conflict_do_update(index_elements=["name"], set_={"hash": insert.excluded.hash}),
        [{"name": one.id, "hash": one.hash} for one in asked],
    )
    named = sa.select(measure.c.name, measure.c.id).where(measure.c.name.in_([one.id for one in asked]))
    ids = {row.name: row.id for row in connection.execute(named)}
    connection.execute(sa.delete(case_day).where(case_day.c.measure_id.in_(ids.values())))
    kinds = {kind for kind in {one.kind for one in asked} if _has_cases(connection, kind)}
    for one in asked:
        if one.kind in kinds:
            _count_all(connection, ids[one.id], one)
    commit.names.measures.update(ids)


def _has_cases(connection: sa.Connection, kind: str) -> bool:
    found = [sa.exists().where(table.c.kind == kind) for table in (case_record, case_past)]
    return bool(connection.execute(sa.select(sa.or_(*found))).scalar())


def _count_all(connection: sa.Connection, id: int, asked: Measure) -> None:
    tally = _Tally([(id, asked)])
    for table in (case_record, case_past):
        ends = table.c.known_to if table is case_past else sa.null()
        rows = connection.execute(
            sa.select(*row_columns(table, CASES), table.c.known_from, ends).where(table.c.kind == asked.kind),
            execution_options={"yield_per": 5000},
        )
        for *row, known_from, known_to in rows:
            case = case_of(row)
            tally.add(case, known_day(known_from), 1)
            if known_to is not None:
                tally.add(case, known_day(known_to), -1)
    bulk.insert(connection, case_day, list(tally.rows()))


def count_versions(
    commit: Commit, measures: Iterable[tuple[int, Measure]], written: Iterable[tuple[Row | None, Row | None]]
) -> None:
    """Count what a page changed: each (old, new) takes the old back and adds the new; None is absent.

    measures: with their integers (numbered), which are learnt before the page writes its versions.
    """
    day = known_day(commit.known_from)
    count_on_days(commit, measures, ((day, old, new) for old, new in written))


def count_on_days(
    commit: Commit,
    measures: Iterable[tuple[int, Measure]],
    written: Iterable[tuple[int, Row | None, Row | None]],
) -> None:
    """Count what changed on several days: each (local day of knowledge, old, new)."""
    by_kind: dict[str, list[tuple[int, Measure]]] = {}
    for id, asked in measures:
        by_kind.setdefault(asked.kind, []).append((id, asked))
    tallies = {kind: _Tally(counted) for kind, counted in by_kind.items()}
    for day, *pair in written:
        for row, sign in zip(pair, (-1, 1), strict=True):
            if row is not None and row[1] in tallies:
                tallies[row[1]].add(case_of(row), day, sign)
    rows = [row for tally in tallies.values() for row in tally.rows()]
    if rows and commit.connection.dialect.name == "sqlite":
        # what PostgreSQL takes in best as one statement over a temporary table would be written twice here
        commit.connection.exec_driver_sql(_sum_each(commit.connection.dialect), rows)
    elif rows:
        bulk.fill(commit.connection, delta, rows)
        commit.connection.execute(_sum("postgresql"))


class _Tally:
    """Differences of the counts of one kind's cases.

    A case counts in every dimension of many measures: its dimensions' keys are looked up once per case and
    stand as integers from there on.
    """

    def __init__(self, measures: Sequence[tuple[int, Measure]]) -> None:
        dims = list(dict.fromkeys(dim for _, asked in measures for dim in asked.dims))
        self._dims = dims
        self._measures = [(id, asked, [dims.index(dim) for dim in asked.dims]) for id, asked in measures]
        self._numbers: dict[tuple[str, str], int] = {}
        self._counts: defaultdict[tuple[int, int, int, int], defaultdict[int, int]] = defaultdict(
            lambda: defaultdict(int)
        )

    def add(self, case: Case, known: int, sign: int) -> None:
        """Count a version that became known (sign 1) or was replaced (sign -1) on a day."""
        numbers = self._numbers
        here = [numbers.setdefault((dim, key_of(case, dim)), len(numbers)) for dim in self._dims]
        for id, asked, picked in self._measures:
            found = cell(asked, case)
            if found is not None:
                counts = self._counts[id, *found, known]
                for dim in picked:
                    counts[here[dim]] += sign

    def rows(self) -> Iterator[tuple[int, str, int, str, int, int, int]]:
        """Yield what differs, as rows of case_day."""
        names = list(self._numbers)
        for (id, day, bin, known), counts in self._counts.items():
            for number, n in counts.items():
                if n:
                    dim, key = names[number]
                    yield id, dim, day, key, bin, known, n


delta = bulk.temporary(
    "case_day_delta", *(sa.Column(c.name, c.type, primary_key=c.primary_key) for c in case_day.columns)
)


@lru_cache
def _sum(dialect: str) -> Any:
    insert = dialect_insert(dialect, case_day).from_select(
        [column.name for column in case_day.columns], sa.select(delta).where(sa.true())
    )
    return insert.on_conflict_do_update(
        index_elements=list(_KEY), set_={"n": case_day.c.n + insert.excluded.n}
    )


@lru_cache
def _sum_each(dialect: sa.Dialect) -> str:
    insert = dialect_insert(dialect.name, case_day)
    added = insert.on_conflict_do_update(
        index_elements=list(_KEY), set_={"n": case_day.c.n + insert.excluded.n}
    )
    return str(added.compile(dialect=dialect))
