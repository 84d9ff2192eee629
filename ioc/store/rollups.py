"""Hours and local days of a series, recomputed from its observations whenever one of them changed."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import sqlalchemy as sa

from ioc.store import bulk
from ioc.store.columns import Int
from ioc.store.names import dialect_insert
from ioc.store.schema import DAY, HOUR, observation, rollup_day, rollup_hour

INVALID = ("01", "02")
"""Flags of TT 10/2021 for calibration and device error: kept and counted in n, but never averaged."""

BUCKET = ("series_id", "bucket", "place_id")
COUNTED = ("n", "n_valid", "sum", "min", "max", "first", "last")
FROM_HOURS = ("sum", "sum", "sum", "min", "max")
"""How the first five of COUNTED combine."""


def is_valid(rows: Any) -> sa.ColumnElement[bool]:
    """Whether an observation counts as a value: it has one, and no flag denies it (a bound is a value)."""
    return sa.and_(rows.c.value.is_not(None), *(rows.c.flag != flag for flag in INVALID))


def aggregates(rows: Any) -> list[sa.ColumnElement[Any]]:
    """What a bucket says of its observations, but for first and last: their times, to be looked up."""
    valid = is_valid(rows)
    return [
        sa.func.count(rows.c.time).label("n"),
        sa.func.count(sa.case((valid, 1))).label("n_valid"),
        *(
            getattr(sa.func, name)(sa.case((valid, rows.c.value))).label(name)
            for name in ("sum", "min", "max")
        ),
        sa.func.min(sa.case((valid, rows.c.time))).label("first_time"),
        sa.func.max(sa.case((valid, rows.c.time))).label("last_time"),
    ]


touched_hour, touched_day = (
    bulk.temporary(
        name,
        sa.Column("series_id", Int, primary_key=True, autoincrement=False),
        sa.Column("bucket", Int, primary_key=True, autoincrement=False),
        sa.Column("place_id", Int, primary_key=True, autoincrement=False),
        sa.Column("late", Int),
    )
    for name in ("touched_hour", "touched_day")
)


def roll_up(
    connection: sa.Connection, touched: sa.Table, changed_at: int, *, withdrawn: bool = False
) -> None:
    """Recompute every hour and day that holds a row of touched.

    touched: series_id, time, place_id, hour, day, late; hour is NULL for daily series, day too for longer ones.
    withdrawn: rows may have gone, so that a bucket may be left without any; it stays, empty.
    """
    dialect, t, at = connection.dialect.name, touched.c, {"changed_at": changed_at}
    only_look_up(connection)
    hourly, daily = connection.execute(_grains(touched)).one()
    if hourly:
        bulk.fill_from(connection, touched_hour, _distinct(t, t.hour, t.hour.is_not(None)))
        if withdrawn:
            connection.execute(_emptied(rollup_hour, touched_hour), at)
        connection.execute(_recompute(dialect, rollup_hour, touched_hour, observation), at)
        bulk.fill_from(connection, touched_day, _distinct(t, t.day, t.hour.is_not(None)))
        connection.execute(_recompute(dialect, rollup_day, touched_day, rollup_hour), at)
    if daily:
        bulk.fill_from(connection, touched_day, _distinct(t, t.day, t.hour.is_(None) & t.day.is_not(None)))
        if withdrawn:
            connection.execute(_emptied(rollup_day, touched_day), at)
        connection.execute(_recompute(dialect, rollup_day, touched_day, observation), at)


def only_look_up(connection: sa.Connection) -> None:
    """Let the rest of a transaction join by looking up keys alone.

    The pages' temporary tables have no statistics, and a plan that reads a whole table once is good today and
    ruinous in a year: every join of a page is a look-up in a primary key.
    """
    if connection.dialect.name == "postgresql":
        connection.execute(_look_up)


_look_up = sa.select(
    *(sa.func.set_config(f"enable_{way}", "off", True) for way in ("seqscan", "hashjoin", "mergejoin"))
)


@lru_cache
def _grains(touched: sa.Table) -> Any:
    daily = touched.c.hour.is_(None) & touched.c.day.is_not(None)
    return sa.select(sa.func.count(touched.c.hour), sa.func.count(sa.case((daily, 1))))


def _distinct(t: Any, bucket: sa.ColumnElement[int], chosen: sa.ColumnElement[bool]) -> sa.Select[Any]:
    return sa.select(t.series_id, bucket, t.place_id, t.late).where(chosen).distinct()


@lru_cache
def _emptied(table: sa.Table, touched: sa.Table) -> Any:
    same = sa.and_(*(table.c[name] == touched.c[name] for name in BUCKET))
    return (
        sa.update(table)
        .where(sa.exists().where(same))
        .values(
            n=0, n_valid=0, **dict.fromkeys(COUNTED[2:]), changed_at=sa.bindparam("changed_at", type_=Int)
        )
    )


@lru_cache
def _recompute(dialect: str, table: sa.Table, touched: sa.Table, below: sa.Table) -> Any:
    sums = _from_hours(touched) if below is rollup_hour else _from_observations(table, touched)
    s = sums.subquery("s").c
    first, last = below.alias("first_row"), below.alias("last_row")
    time = "bucket" if below is rollup_hour else "time"

    def at(row: Any, instant: Any) -> sa.ColumnElement[bool]:
        return (row.c.series_id == s.series_id) & (row.c[time] == instant) & (row.c.place_id == s.place_id)

    rows = (
        sa.select(
            *(s[name] for name in (*BUCKET, *COUNTED[:5])),
            first.c.first if below is rollup_hour else first.c.value,
            last.c.last if below is rollup_hour else last.c.value,
            sa.bindparam("changed_at", type_=Int),
        )
        .outerjoin_from(s.n.table, first, at(first, s.first_time))
        .outerjoin(last, at(last, s.last_time))
        .where(sa.true())
    )
    insert = dialect_insert(dialect, table).from_select([column.name for column in table.columns], rows)
    return insert.on_conflict_do_update(
        index_elements=list(BUCKET),
        set_={name: insert.excluded[name] for name in (*COUNTED, "changed_at")},
    )


def _from_observations(table: sa.Table, touched: sa.Table) -> sa.Select[Any]:
    length_s = HOUR if table is rollup_hour else DAY
    ranges, o = _ranges(touched), observation.c
    start = ranges.c.bucket + ranges.c.late
    found = _found(
        sa.select(o.series_id, ranges.c.bucket, o.place_id, o.time, o.value, o.flag).join_from(
            ranges,
            observation,
            (o.series_id == ranges.c.series_id) & (o.time >= start) & (o.time < start + length_s),
        )
    )
    key = [found.c[name] for name in BUCKET]
    return sa.select(*key, *aggregates(found)).where(_is_touched(touched, key)).group_by(*key)


def _from_hours(touched: sa.Table) -> sa.Select[Any]:
    ranges, h = _ranges(touched), rollup_hour.c
    found = _found(
        sa.select(
            h.series_id,
            ranges.c.bucket,
            h.place_id,
            h.bucket.label("hour"),
            *(h[name] for name in COUNTED[:5]),
        ).join_from(
            ranges,
            rollup_hour,
            (h.series_id == ranges.c.series_id)
            & (h.bucket >= ranges.c.bucket)
            & (h.bucket < ranges.c.bucket + DAY),
        )
    )
    f = found.c
    key = [f[name] for name in BUCKET]
    return (
        sa.select(
            *key,
            *(
                getattr(sa.func, how)(f[name]).label(name)
                for name, how in zip(COUNTED, FROM_HOURS, strict=False)
            ),
            sa.func.min(sa.case((f.n_valid > 0, f.hour))).label("first_time"),
            sa.func.max(sa.case((f.n_valid > 0, f.hour))).label("last_time"),
        )
        .where(_is_touched(touched, key))
        .group_by(*key)
    )


def _found(rows: sa.Select[Any]) -> sa.CTE:
    # PostgreSQL would otherwise join the touched places first, and then read all times of each
    return rows.cte("found").prefix_with("MATERIALIZED", dialect="postgresql")


def _ranges(touched: sa.Table) -> sa.Subquery:
    """The touched buckets without their places: rows are keyed by series, time, place, so each is read once."""
    return sa.select(touched.c.series_id, touched.c.bucket, touched.c.late).distinct().subquery("r")


def _is_touched(touched: sa.Table, key: list[Any]) -> sa.ColumnElement[bool]:
    same = sa.and_(*(touched.c[name] == part for name, part in zip(BUCKET, key, strict=True)))
    return sa.exists().where(same).correlate_except(touched)
