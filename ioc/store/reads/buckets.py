"""Questions that the rollups answer: values by hour or local day, and totals over any period."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import sqlalchemy as sa

from ioc.errors import QuestionError
from ioc.store.reads.observations import Series, each_observation
from ioc.store.reads.scope import Scope
from ioc.store.reads.versions import known_observations
from ioc.store.rollups import INVALID
from ioc.store.schema import DAY, HOUR, local_midnight, place, rollup_day, rollup_hour

Grain = Literal["hour", "day"]


@dataclass(frozen=True, slots=True)
class Bucket:
    """What a series at a place said from start (epoch s) on: n observations, of which n_valid count.

    sum, min, max, first and last are of the valid ones, None where there is none.
    """

    series_id: int
    place: str
    start: int
    n: int
    n_valid: int
    sum: float | None
    min: float | None
    max: float | None
    first: float | None
    last: float | None

    @property
    def mean(self) -> float | None:
        """The mean of the valid values."""
        return None if self.sum is None else self.sum / self.n_valid


def buckets(
    connection: sa.Connection,
    scope: Scope,
    asked: Sequence[Series],
    *,
    grain: Grain,
    start: int,
    end: int,
    places: Sequence[str] | None = None,
    as_of: int | None = None,
) -> list[Bucket]:
    """Return the non-empty hours or local days that begin in [start, end), by series, start and place.

    As of an instant (epoch ms), buckets that changed since are recomputed from the versions known then.
    Raises QuestionError for hours of a series by day, and for a series whose span is longer than a day.
    """
    for one in asked:
        if not one.grain or (grain == "hour" and one.grain == "day"):
            raise QuestionError(
                f"{one.variable} comes by {one.span}: ask for its observations, not for its {grain}s"
            )
    table, length = (rollup_hour, HOUR) if grain == "hour" else (rollup_day, DAY)
    by_id = {one.id: one for one in asked}
    rows = sa.select(table, place.c.code).join_from(table, place, place.c.id == table.c.place_id)
    rows = rows.where(table.c.series_id.in_(list(by_id)), table.c.bucket >= start, table.c.bucket < end)
    if places is not None:
        rows = rows.where(place.c.code.in_(places))
    found: list[Bucket] = []
    changed: dict[int, set[int]] = defaultdict(set)
    for row in connection.execute(scope.narrow(rows)):
        if as_of is not None and row.changed_at > as_of:
            changed[row.series_id].add(row.bucket)
        elif row.n:
            found.append(Bucket(row.series_id, row.code, row.bucket, *row[3:10]))
    if changed:
        known = {(one.series_id, one.start, one.place) for one in found}
        again = _recomputed(connection, scope, by_id, changed, length, places, as_of)
        found += [one for one in again if (one.series_id, one.start, one.place) not in known]
    return sorted(found, key=lambda one: (one.series_id, one.start, one.place))


def totals(
    connection: sa.Connection,
    scope: Scope,
    asked: Sequence[Series],
    *,
    start: int,
    end: int,
    places: Sequence[str] | None = None,
    as_of: int | None = None,
) -> list[Bucket]:
    """Return one Bucket per series and place over [start, end), any instants, by series and place.

    Whole local days come from days, whole hours from hours, the rest and series of longer spans from the
    observations themselves. A series by day counts the days that begin in the period.
    """
    day_from, day_to = -(-(start + 7 * HOUR) // DAY) * DAY - 7 * HOUR, local_midnight(end)
    hour_from, hour_to = -(-start // HOUR) * HOUR, end - end % HOUR
    hourly = [one for one in asked if one.grain == "hour"]
    daily = [one for one in asked if one.grain == "day"]
    more: dict[str, Any] = {"places": places, "as_of": as_of}
    parts: list[Bucket] = []
    if daily:
        parts += buckets(connection, scope, daily, grain="day", start=start, end=end, **more)
    if hourly:
        if day_from < day_to:
            parts += buckets(connection, scope, hourly, grain="day", start=day_from, end=day_to, **more)
            spans = [(hour_from, day_from), (day_to, hour_to)]
        else:
            spans = [(hour_from, hour_to)]
        for since, until in spans:
            if since < until:
                parts += buckets(connection, scope, hourly, grain="hour", start=since, end=until, **more)
        edges = [(start, hour_from), (hour_to, end)] if hour_from <= hour_to else [(start, end)]
        for since, until in edges:
            parts += _plain(connection, scope, hourly, since, until, **more)
    plain = [one for one in asked if not one.grain]
    parts += _plain(connection, scope, plain, start, end, **more)
    together: dict[tuple[int, str], list[Bucket]] = defaultdict(list)
    for part in parts:
        together[part.series_id, part.place].append(part)
    return [_joined(of, start) for _, of in sorted(together.items())]


def _joined(parts: Iterable[Bucket], start: int) -> Bucket:
    ordered = sorted(parts, key=lambda part: part.start)
    valid = [part for part in ordered if part.n_valid]
    one = ordered[0]
    return Bucket(
        one.series_id,
        one.place,
        start,
        sum(part.n for part in ordered),
        sum(part.n_valid for part in valid),
        sum(part.sum or 0.0 for part in valid) if valid else None,
        min((part.min for part in valid if part.min is not None), default=None),
        max((part.max for part in valid if part.max is not None), default=None),
        valid[0].first if valid else None,
        valid[-1].last if valid else None,
    )


def _plain(
    connection: sa.Connection, scope: Scope, asked: Sequence[Series], start: int, end: int, **more: Any
) -> list[Bucket]:
    """Totals straight from the observations whose span begins in [start, end)."""
    found: list[Bucket] = []
    for late in (0, 1):
        ids = [one.id for one in asked if one.late == late]
        if not ids or start >= end:
            continue
        told: dict[tuple[int, str], list[tuple[int, float | None, str]]] = defaultdict(list)
        values = each_observation(connection, scope, ids, start=start + late, end=end + late, **more)
        for one in values:
            told[one.series_id, one.place].append((one.time, one.value, one.flag))
        found += [_counted(id, code, start, of) for (id, code), of in told.items()]
    return found


def _recomputed(
    connection: sa.Connection,
    scope: Scope,
    asked: dict[int, Series],
    changed: dict[int, set[int]],
    length: int,
    places: Sequence[str] | None,
    as_of: int | None,
) -> list[Bucket]:
    table = known_observations(as_of)
    c = table.c
    told: dict[tuple[int, str, int], list[tuple[int, float | None, str]]] = defaultdict(list)
    for id, starts in changed.items():
        late = asked[id].late
        for since, until in _runs_of(sorted(starts), length):
            rows = (
                sa.select(place.c.code, c.time, c.value, c.flag)
                .join_from(table, place, place.c.id == c.place_id)
                .where(c.series_id == id, c.time >= since + late, c.time < until + late)
            )
            if places is not None:
                rows = rows.where(place.c.code.in_(places))
            for code, time, value, flag in connection.execute(scope.narrow(rows)):
                begin = since + (time - late - since) // length * length
                told[id, code, begin].append((time, value, flag))
    return [_counted(id, code, begin, values) for (id, code, begin), values in told.items()]


def _runs_of(starts: Sequence[int], length: int) -> Iterable[tuple[int, int]]:
    """Join neighbouring buckets into ranges, so that a range is one query."""
    since = until = starts[0]
    for start in starts:
        if start != until:
            yield since, until
            since = start
        until = start + length
    yield since, until


def _counted(id: int, code: str, start: int, values: list[tuple[int, float | None, str]]) -> Bucket:
    valid = [
        (time, value) for time, value, flag in sorted(values) if value is not None and flag not in INVALID
    ]
    if not valid:
        return Bucket(id, code, start, len(values), 0, None, None, None, None, None)
    of = [value for _, value in valid]
    return Bucket(id, code, start, len(values), len(of), sum(of), min(of), max(of), of[0], of[-1])
