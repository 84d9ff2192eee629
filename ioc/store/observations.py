"""Keeping observations: the current value of each key, every value it had before, and their rollups."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from operator import itemgetter
from typing import Any

import sqlalchemy as sa

from ioc.model import BOUNDS, Observation
from ioc.store import bulk, names
from ioc.store.columns import Int, Real, Text
from ioc.store.names import Series, SeriesKey, dialect_insert, series_of
from ioc.store.rollups import roll_up
from ioc.store.schema import (
    DAY,
    HOUR,
    OFFSET,
    latest,
    observation,
    observation_past,
    rollup_day,
    rollup_hour,
    series,
)
from ioc.store.store import Commit

incoming = bulk.temporary(
    "incoming",
    sa.Column("series_id", Int),
    sa.Column("time", Int),
    sa.Column("place_id", Int),
    sa.Column("value", Real),
    sa.Column("flag", Text),
    sa.Column("hour", Int),
    sa.Column("day", Int),
    sa.Column("late", Int),
)
newest = bulk.temporary("newest", *(sa.Column(column.name, column.type) for column in latest.columns))
_KEY = ("series_id", "time", "place_id")
_series_key: Callable[[Observation], SeriesKey] = itemgetter(0, 5, 6, 7, 8, 9, 10)
Key = tuple[int, int, int]
Row = tuple[int, int, int, float | None, str, int | None, int | None, int]


@dataclass(frozen=True, slots=True)
class Counts:
    """How many records of a page were new, changed something, or said what was known."""

    new: int = 0
    changed: int = 0
    same: int = 0


def keep_observations(
    commit: Commit,
    source_id: int,
    run_id: int,
    records: Sequence[Observation],
    *,
    stamps: Mapping[str, str],
) -> tuple[Counts, set[Key], set[str]]:
    """Keep the observations of a page: of several with one key the last wins.

    stamps: variable -> "start" or "end" of its span (absent: start). Returns the counts, the keys seen, and
    the variables of which something is new or changed.
    """
    rows = page_rows(commit, source_id, records, stamps)
    if not rows:
        return Counts(), set(), set()
    ordered = sorted(rows.values())
    connection = commit.connection
    bulk.fill(connection, incoming, ordered)
    same = changed = 0
    touched: set[str] = set()
    if connection.execute(_known.limit(1)).first() is not None:
        changed = connection.execute(_moved, {"known_to": commit.known_from}).rowcount
        same = connection.execute(_unchanged).rowcount
    fresh = len(ordered) - same
    if fresh:
        connection.execute(
            _upsert(connection.dialect.name), {"run_id": run_id, "known_from": commit.known_from}
        )
        roll_up(connection, incoming, commit.known_from)
        _advance(commit, run_id, ordered)
        touched = set(connection.execute(_touched).scalars())
    return Counts(fresh - changed, changed, same), set(rows), touched


def page_rows(
    commit: Commit, source_id: int, records: Sequence[Observation], stamps: Mapping[str, str]
) -> dict[Key, Row]:
    """Return the rows of a page by their keys; of several with one key the last."""
    # these loops run once per value received: what they spend, keeping spends
    keys = list(map(_series_key, records))
    places = names.place_ids(commit.connection, commit.names, {record[2] for record in records})
    known = names.series_ids(commit.connection, commit.names, source_id, set(keys), stamps)
    rows: dict[Key, Row] = {}
    bounded: set[int] = set()
    for key, (_, time, code, value, flag, _, _, _, _, _, _) in zip(keys, records, strict=True):
        id, late, grain = known[key]
        place, start = places[code], time - late
        if grain == "hour":
            hour, day = start - start % HOUR, start - (start + OFFSET) % DAY
            rows[id, time, place] = (id, time, place, value, flag, hour, day, late)
            if flag in BOUNDS:
                bounded.add(id)
        else:
            rows[id, time, place] = _row(known[key], time, place, value, flag)
    names.keep_bounded(commit.connection, commit.names, bounded)
    return rows


def _row(of: Series, time: int, place: int, value: float | None, flag: str) -> Row:
    id, late, grain = of
    start = time - late
    hour = start - start % HOUR if grain == "hour" else None
    return id, time, place, value, flag, hour, start - (start + OFFSET) % DAY if grain else None, late


def _same_key(one: Any, other: Any) -> sa.ColumnElement[bool]:
    return sa.and_(*(one.c[name] == other.c[name] for name in _KEY))


_differs = observation.c.value.is_distinct_from(incoming.c.value) | (observation.c.flag != incoming.c.flag)
_touched = (
    sa.select(series.c.variable).where(series.c.id.in_(sa.select(incoming.c.series_id).distinct())).distinct()
)
_known = sa.select(sa.literal(1)).select_from(incoming.join(observation, _same_key(incoming, observation)))
_unchanged = sa.delete(incoming).where(
    sa.exists().where(_same_key(observation, incoming) & ~_differs).correlate(incoming)
)


_moved = (
    sa.insert(observation_past)
    .from_select(
        [column.name for column in observation_past.columns],
        sa.select(*observation.columns, sa.bindparam("known_to", type_=Int))
        .select_from(incoming.join(observation, _same_key(incoming, observation)))
        .where(_differs),
    )
    .execution_options(preserve_rowcount=True)
)


@lru_cache
def _upsert(dialect: str) -> Any:
    rows = sa.select(
        *(incoming.c[name] for name in (*_KEY, "value", "flag")),
        sa.bindparam("run_id", type_=Int),
        sa.bindparam("known_from", type_=Int),
    ).where(sa.true())
    insert = dialect_insert(dialect, observation).from_select([c.name for c in observation.columns], rows)
    return insert.on_conflict_do_update(
        index_elements=list(_KEY),
        set_={name: insert.excluded[name] for name in ("value", "flag", "run_id", "known_from")},
    )


def _advance(commit: Commit, run_id: int, ordered: Sequence[Row]) -> None:
    """Let latest move forward: per series and place, to the last row of the page if it is not older."""
    last = {(row[0], row[2]): row for row in ordered}
    rows = [(s, p, row[1], row[3], row[4], run_id, commit.known_from) for (s, p), row in last.items()]
    move_forward(commit.connection, rows)


def move_forward(connection: sa.Connection, rows: Iterable[Sequence[Any]]) -> None:
    """Let latest be at least these rows, in the order of its columns."""
    bulk.fill(connection, newest, rows)
    connection.execute(_forward(connection.dialect.name))


@lru_cache
def _forward(dialect: str) -> Any:
    insert = dialect_insert(dialect, latest).from_select(
        [column.name for column in latest.columns], sa.select(newest).where(sa.true())
    )
    new, old = insert.excluded, latest.c
    corrected = new.value.is_distinct_from(old.value) | (new.flag != old.flag)
    return insert.on_conflict_do_update(
        index_elements=["series_id", "place_id"],
        set_={name: new[name] for name in ("time", "value", "flag", "run_id", "known_from")},
        where=(new.time > old.time) | ((new.time == old.time) & corrected),
    )


def withdraw_observations(commit: Commit, run_id: int, keys: Sequence[Key]) -> set[str]:
    """Move the observations under keys (series, time, place) to the past; returns their variables."""
    connection = commit.connection
    ids = {key[0] for key in keys}
    found = connection.execute(sa.select(series.c.id, series.c.variable, series.c.span, series.c.stamp))
    known = {row.id: row for row in found if row.id in ids}
    rows = [
        _row(series_of(id, known[id].span, known[id].stamp), time, place, None, "")
        for id, time, place in sorted(keys)
    ]
    bulk.fill(connection, incoming, rows)
    connection.execute(_withdrawn, {"known_to": commit.known_from})
    mine = sa.exists().where(_same_key(incoming, observation)).correlate(observation)
    connection.execute(sa.delete(observation).where(mine))
    roll_up(connection, incoming, commit.known_from, withdrawn=True)
    _step_back(commit, {(row[0], row[2]) for row in rows})
    return {row.variable for row in known.values()}


_withdrawn = sa.insert(observation_past).from_select(
    [column.name for column in observation_past.columns],
    sa.select(*observation.columns, sa.bindparam("known_to", type_=Int)).select_from(
        incoming.join(observation, _same_key(incoming, observation))
    ),
)


def _step_back(commit: Commit, places: Iterable[tuple[int, int]]) -> None:
    """Let latest say again what is left of series and places of which something was withdrawn."""
    o = observation.c
    for series_id, place_id in places:
        here = (latest.c.series_id == series_id) & (latest.c.place_id == place_id)
        commit.connection.execute(sa.delete(latest).where(here))
        last = (
            sa.select(*(o[column.name] for column in latest.columns))
            .where(o.series_id == series_id, o.place_id == place_id)
            .order_by(o.time.desc())
            .limit(1)
        )
        commit.connection.execute(sa.insert(latest).from_select([c.name for c in latest.columns], last))


def restamp(commit: Commit, stamps: Mapping[str, str]) -> list[str]:
    """Follow a declaration that changed whether times mark the start or the end of their span.

    stamps: variable -> "start" or "end"; a variable that is absent stays. The series' rollups are recomputed.
    Returns the variables that changed.
    """
    connection = commit.connection
    changed = [
        row
        for row in connection.execute(
            sa.select(series.c.id, series.c.variable, series.c.span, series.c.stamp)
        )
        if stamps.get(row.variable, row.stamp) != row.stamp
    ]
    for row in changed:
        stamp = stamps[row.variable]
        connection.execute(sa.update(series).where(series.c.id == row.id).values(stamp=stamp))
        for rolled in (rollup_hour, rollup_day):
            connection.execute(sa.delete(rolled).where(rolled.c.series_id == row.id))
        of = series_of(row.id, row.span, stamp)
        keys = sa.select(observation.c.time, observation.c.place_id).where(observation.c.series_id == row.id)
        rows = [_row(of, time, place, None, "") for time, place in connection.execute(keys)]
        bulk.fill(connection, incoming, rows)
        roll_up(connection, incoming, commit.known_from)
    if changed:
        commit.names.series.clear()
    return sorted({row.variable for row in changed})
