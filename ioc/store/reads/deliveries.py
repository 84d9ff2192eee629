"""What sources delivered on a day: runs, records, and the hours of instruments that hold a value."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import sqlalchemy as sa

from ioc.store.names import HOURLY
from ioc.store.reads.scope import Scope
from ioc.store.schema import DAY, HOUR, rollup_day, rollup_hour, run, series
from ioc.store.trust import repeated

HALF_DAY_H = 12
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


def first_finished(connection: sa.Connection, scope: Scope, source_id: int) -> int | None:
    """Return when the first run of a source ended, however it ended, epoch s."""
    rows = sa.select(run.c.finished).where(run.c.source_id == source_id, run.c.finished.is_not(None))
    found = connection.execute(scope.narrow(rows.order_by(run.c.id).limit(1))).scalar_one_or_none()
    return None if found is None else found // 1000


def hours_filled(
    connection: sa.Connection, scope: Scope, source_id: int, start: int, end: int, holds_h: int = 1
) -> tuple[int, int]:
    """Return how many values instruments had to tell in [start, end), and how many of them they told.

    An instrument is a series at a place. One that told something in the week before start is due from start on,
    one that is new from its first value on: what has a span every hour, single values (span "instant") once in
    holds_h hours, and not at all where these hold for more than half a day. (0, 0): nothing was due.
    """
    if end <= start:
        return 0, 0
    hours = _told(connection, scope, source_id, start, end, [span for span in HOURLY if span != "instant"], 1)
    single = (0, 0)
    if holds_h <= HALF_DAY_H:
        single = _told(connection, scope, source_id, start, end, ["instant"], holds_h)
    return hours[0] + single[0], hours[1] + single[1]


def _told(
    connection: sa.Connection,
    scope: Scope,
    source_id: int,
    start: int,
    end: int,
    spans: Sequence[str],
    step_h: int,
) -> tuple[int, int]:
    d, h, step = rollup_day.c, rollup_hour.c, step_h * HOUR
    until = start + (end - start) // step * step
    own = sa.select(series.c.id).where(series.c.source_id == source_id, series.c.span.in_(spans))
    before = sa.select(d.series_id, d.place_id).where(
        d.series_id.in_(own), d.bucket >= start - 7 * DAY, d.bucket < start, d.n_valid > 0
    )
    old = {tuple(row) for row in connection.execute(scope.narrow(before.distinct()))}
    part = (h.bucket - start) // step
    told = (
        sa.select(h.series_id, h.place_id, sa.func.count(part.distinct()), sa.func.min(part))
        .where(h.series_id.in_(own), h.bucket >= start, h.bucket < until, h.n_valid > 0)
        .group_by(h.series_id, h.place_id)
    )
    due, filled = len(old) * (until - start) // step, 0
    for series_id, place_id, parts, first in connection.execute(scope.narrow(told)):
        filled += parts
        if (series_id, place_id) not in old:
            due += (until - start) // step - first
    return due, filled
