"""What sources delivered on a day: runs, records, and the hours of instruments that hold a value."""

from __future__ import annotations

from dataclasses import dataclass

import sqlalchemy as sa

from ioc.store.names import HOURLY
from ioc.store.reads.scope import Scope
from ioc.store.schema import DAY, HOUR, rollup_day, rollup_hour, run, series
from ioc.store.trust import repeated

OUTCOMES = ("changed", "unchanged", "failed")


@dataclass(frozen=True, slots=True)
class Polled:
    """One finished poll: when it ended (epoch s), and how. rejected_share: of its records, 0 to 1."""

    finished: int
    outcome: str
    error_kind: str
    rejected_share: float


def polls(connection: sa.Connection, scope: Scope, source_id: int, start: int, end: int) -> list[Polled]:
    """Return the polls of a source that started in [start, end), epoch s, in the order of their ends."""
    r = run.c
    rows = sa.select(r.finished, r.outcome, r.error_kind, r.new + r.changed + r.same, r.rejected).where(
        r.source_id == source_id,
        r.kind == "poll",
        r.outcome.in_(OUTCOMES),
        r.started >= start * 1000,
        r.started < end * 1000,
    )
    return sorted(
        (
            Polled(finished // 1000, outcome, kind, lost / (kept + lost) if kept + lost else 0.0)
            for finished, outcome, kind, kept, lost in connection.execute(scope.narrow(rows))
        ),
        key=lambda one: one.finished,
    )


def delivered(
    connection: sa.Connection, scope: Scope, source_id: int, start: int, end: int
) -> tuple[int, int, int]:
    """Return records, of which rejected, of which repeated, of the runs that started in [start, end), epoch s."""
    r = run.c
    rows = (
        sa.select(
            sa.func.sum(r.new + r.changed + r.same + r.rejected),
            sa.func.sum(r.rejected),
            sa.func.sum(repeated.c.n),
        )
        .select_from(run.outerjoin(repeated, repeated.c.run_id == r.id))
        .where(
            r.source_id == source_id,
            r.kind.in_(("poll", "backfill")),
            r.outcome.in_(OUTCOMES),
            r.started >= start * 1000,
            r.started < end * 1000,
        )
    )
    records, rejected, again = connection.execute(scope.narrow(rows)).one()
    return int(records or 0) + int(again or 0), int(rejected or 0), int(again or 0)


def first_run(connection: sa.Connection, scope: Scope, source_id: int) -> int | None:
    """Return when a source was first asked, epoch s."""
    rows = sa.select(run.c.started).where(run.c.source_id == source_id).order_by(run.c.id).limit(1)
    found = connection.execute(scope.narrow(rows)).scalar_one_or_none()
    return None if found is None else found // 1000


def hours_filled(
    connection: sa.Connection, scope: Scope, source_id: int, start: int, end: int
) -> tuple[int, int]:
    """Return in how many hours of [start, end) instruments had to tell a value, and in how many they did.

    An instrument is a series at a place. One that told something in the week before start is due in every hour,
    one that is new from its first value on. (0, 0): none is hourly.
    """
    d, h = rollup_day.c, rollup_hour.c
    own = sa.select(series.c.id).where(series.c.source_id == source_id)
    hourly = own.where(series.c.span.in_(HOURLY))
    before = sa.select(d.series_id, d.place_id).where(
        d.series_id.in_(hourly), d.bucket >= start - 7 * DAY, d.bucket < start, d.n_valid > 0
    )
    old = {tuple(row) for row in connection.execute(scope.narrow(before.distinct()))}
    told = (
        sa.select(h.series_id, h.place_id, sa.func.count(), sa.func.min(h.bucket))
        .where(h.series_id.in_(hourly), h.bucket >= start, h.bucket < end, h.n_valid > 0)
        .group_by(h.series_id, h.place_id)
    )
    due, filled = len(old) * (end - start) // HOUR, 0
    for series_id, place_id, hours, first in connection.execute(scope.narrow(told)):
        filled += hours
        if (series_id, place_id) not in old:
            due += (end - first) // HOUR
    return due, filled
