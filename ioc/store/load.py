"""Many pages at once: the same rows as keeping them one after another, written once.

A page that is kept recomputes every hour, day and count that it touches. A history of millions of records
touches the same ones again and again; here they are computed once, after all versions are known.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

import sqlalchemy as sa

from ioc.model import Page, Source
from ioc.store import bulk, names
from ioc.store.columns import Int, Real, Text
from ioc.store.measures import Measure, count_on_days, numbered
from ioc.store.names import dialect_insert
from ioc.store.observations import Counts, Key, Row, move_forward, page_rows
from ioc.store.published import mark_stale
from ioc.store.records import CASES, EVENTS, Shape, case_row, current_rows, differing, event_row, put_away
from ioc.store.rollups import only_look_up, roll_up
from ioc.store.schema import (
    clock,
    known_day,
    observation,
    observation_past,
    rollup_day,
    rollup_hour,
    series,
)
from ioc.store.sorting import Sorted, sort_page
from ioc.store.store import Commit, Store
from ioc.store.writer import Kept, Touched, no_marks, settle_page

MOST_RECORDS = 250_000
"""What one load may hold: everything of it is in memory, and no other page is kept meanwhile."""

_KEY = ("series_id", "time", "place_id")
loaded = bulk.temporary(
    "loaded",
    *(sa.Column(name, Int) for name in _KEY),
    sa.Column("value", Real),
    sa.Column("flag", Text),
    *(sa.Column(name, Int) for name in ("hour", "day", "late", "known_from")),
)
changed_bucket = bulk.temporary(
    "changed_bucket", *(sa.Column(name, Int) for name in ("series_id", "bucket", "place_id", "changed_at"))
)


@dataclass(slots=True)
class _Part:
    """One page of a load: what it holds, when it is known, and what became of its records."""

    page: Page
    records: Sorted
    commit: Commit
    new: int = 0
    changed: int = 0
    same: int = 0
    observed: int = 0
    series: set[int] = field(default_factory=set)
    kinds: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))


def load(
    store: Store,
    fence: int,
    run_id: int,
    source: Source,
    pages: Iterable[tuple[int, Page]],
    *,
    measures: Sequence[Measure] = (),
    marks: Callable[[Touched], Iterable[str]] = no_marks,
    stamps: Mapping[str, str] | None = None,
) -> Kept:
    """Keep pages of a source's history in one transaction: each as (now_ms, page), in their order.

    What the store holds afterwards is what keep_page leaves page by page, known_from and past versions
    included; only counts that cancel out within the load leave no row. Together the pages hold at most
    MOST_RECORDS records. Raises ValueError for more, and for a source whose complete runs withdraw records:
    what is gone is told by polls, not by a history.
    """
    if source.complete:
        raise ValueError(f"{source.id} withdraws what its runs leave out: keep its pages one by one")
    given = [(now_ms, page, sort_page(source, page, now_ms)) for now_ms, page in pages]
    if sum(len(page.records) for _, page, _ in given) > MOST_RECORDS:
        raise ValueError(f"a load holds at most {MOST_RECORDS} records: part it")
    if not given:
        return Kept(0, 0, 0, 0, 0, 0)
    with store.writing(fence, given[0][0]) as commit:
        parts = _parts(commit, given)
        connection, last = commit.connection, parts[-1].commit.known_from
        only_look_up(connection)
        source_id = names.source_id(connection, commit.names, source.id)
        counted = numbered(commit, measures)
        _observations(parts, source_id, run_id, stamps or {})
        written = _versions(parts, CASES, source, source_id, run_id)
        count_on_days(commit, counted, written)
        _versions(parts, EVENTS, source, source_id, run_id)
        found = connection.execute(sa.select(series.c.id, series.c.variable))
        variables: dict[int, str] = {row.id: row.variable for row in found}
        for part in parts:
            total = Counts(part.new, part.changed, part.same)
            settle_page(part.commit, source, source_id, run_id, part.page, part.records, total, part.observed)
            if part.new or part.changed:
                touched = Touched(
                    source.id,
                    frozenset(variables[id] for id in part.series),
                    frozenset(part.kinds["case_record"]),
                    frozenset(part.kinds["event_record"]),
                )
                mark_stale(part.commit, marks(touched))
        connection.execute(sa.update(clock).values(last_ms=last))
    return Kept(
        sum(part.new for part in parts),
        sum(part.changed for part in parts),
        sum(part.same for part in parts),
        sum(len(part.records.rejected) for part in parts),
        0,
        last,
    )


def _parts(commit: Commit, given: Iterable[tuple[int, Page, Sorted]]) -> list[_Part]:
    """Give every page the instant from which it is known, each after the one before."""
    parts: list[_Part] = []
    known = commit.known_from
    for now_ms, page, records in given:
        known = max(now_ms, known + 1) if parts else known
        parts.append(_Part(page, records, Commit(commit.connection, known, commit.names, commit.after)))
    return parts


def _observations(parts: Sequence[_Part], source_id: int, run_id: int, stamps: Mapping[str, str]) -> None:
    told: list[tuple[_Part, dict[Key, Row]]] = []
    for part in parts:
        if part.records.observations:
            rows = page_rows(part.commit, source_id, part.records.observations, stamps)
            part.observed = len(rows)
            told.append((part, rows))
    if not told:
        return
    connection = told[0][0].commit.connection
    every: dict[Key, tuple[Any, ...]] = {}
    for part, rows in told:
        every.update((key, (*row, part.commit.known_from)) for key, row in rows.items())
    asked = sorted(every.values())
    bulk.fill(connection, loaded, asked)
    now: dict[Key, tuple[Any, ...]] = {
        (row[0], row[1], row[2]): tuple(row[3:]) for row in connection.execute(_current)
    }
    past: list[tuple[Any, ...]] = []
    written: dict[Key, int] = {}
    hours: dict[tuple[int, int, int], int] = {}
    days: dict[tuple[int, int, int], int] = {}
    for part, rows in told:
        known = part.commit.known_from
        for key, row in rows.items():
            value, flag = row[3], row[4]
            before = now.get(key)
            if before is None:
                part.new += 1
            elif before[0] == value and before[1] == flag:
                part.same += 1
                continue
            else:
                part.changed += 1
                past.append((*key, *before, known))
            now[key] = (value, flag, run_id, known)
            written[key] = known
            part.series.add(key[0])
            id, _, place, _, _, hour, day, _ = row
            if hour is not None:
                hours[id, hour, place] = known
            if day is not None:
                days[id, day, place] = known
    if not written:
        return
    if past:
        bulk.insert(connection, observation_past, past)
    final = sorted((*key, *now[key][:2], *every[key][5:8], known) for key, known in written.items())
    if final != asked:
        bulk.fill(connection, loaded, final)
    connection.execute(_upsert(connection.dialect.name), {"run_id": run_id})
    first = min(written.values())
    roll_up(connection, loaded, first)
    for table, changed in ((rollup_hour, hours), (rollup_day, days)):
        later = [(id, bucket, place, at) for (id, bucket, place), at in changed.items() if at != first]
        if later:
            bulk.fill(connection, changed_bucket, sorted(later))
            connection.execute(_restamp(table))
    # the last of each series and place is the newest, as rows are in the order of series and time
    last = {(row[0], row[2]): row for row in final}
    move_forward(
        connection, [(id, place, row[1], row[3], row[4], run_id, row[8]) for (id, place), row in last.items()]
    )


def _same(one: Any, other: Any, *names: str) -> sa.ColumnElement[bool]:
    return sa.and_(*(one.c[name] == other.c[name] for name in names))


_current = sa.select(observation).select_from(loaded.join(observation, _same(loaded, observation, *_KEY)))


@lru_cache
def _upsert(dialect: str) -> Any:
    rows = sa.select(
        *(loaded.c[name] for name in (*_KEY, "value", "flag")),
        sa.bindparam("run_id", type_=Int),
        loaded.c.known_from,
    ).where(sa.true())
    insert = dialect_insert(dialect, observation).from_select([c.name for c in observation.columns], rows)
    return insert.on_conflict_do_update(
        index_elements=list(_KEY),
        set_={name: insert.excluded[name] for name in ("value", "flag", "run_id", "known_from")},
    )


@lru_cache
def _restamp(table: sa.Table) -> Any:
    same = _same(table, changed_bucket, "series_id", "bucket", "place_id")
    return sa.update(table).where(same).values(changed_at=changed_bucket.c.changed_at)


def _versions(
    parts: Sequence[_Part], shape: Shape, source: Source, source_id: int, run_id: int
) -> list[tuple[int, Any, Any]]:
    """Keep the versions of cases or events; returns each (local day of knowledge, old or None, new)."""
    write: Any = case_row if shape is CASES else event_row
    told = [
        (part, {key: write(record) for key, record in of.items()})
        for part in parts
        if (of := part.records.cases if shape is CASES else part.records.events)
    ]
    if not told:
        return []
    connection = told[0][0].commit.connection
    every = {key for _, rows in told for key in rows}
    stored = current_rows(connection, shape, source_id, every)
    now: dict[str, tuple[Any, int]] = {key: (row, 0) for key, row in stored.items()}
    differ = differing(shape, source.ignore)
    past: list[tuple[Any, ...]] = []
    written: list[tuple[int, Any, Any]] = []
    for part, rows in told:
        known = part.commit.known_from
        leaves: list[str] = []
        for key, row in rows.items():
            old, since = now.get(key, (None, 0))
            if old is not None and not differ(old, row):
                part.same += 1
                continue
            if old is None:
                part.new += 1
            else:
                part.changed += 1
                if since:
                    past.append((source_id, *old, run_id, since, known))
                else:
                    leaves.append(key)
            now[key] = (row, known)
            part.kinds[shape.current.name].add(row[1])
            written.append((known_day(known), old, row))
        if leaves:
            put_away(part.commit, shape, source_id, leaves)
    if past:
        bulk.insert(connection, shape.past, past)
    rows_now = [(source_id, *row, run_id, known) for row, known in now.values() if known]
    bulk.insert(connection, shape.current, rows_now)
    return written
