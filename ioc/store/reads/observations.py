"""Questions about observations: which series there are, their latest values, and the values themselves."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from ioc.store.names import series_of
from ioc.store.reads.scope import Listed, Scope, read_position, write_cursor
from ioc.store.reads.versions import all_versions, known_observations
from ioc.store.schema import DAY, latest, observation, observation_past, place, series, source

LOOK_BACK_S = 400 * DAY
"""How far before as_of or at a latest value is looked for: a yearly figure and its delay."""


@dataclass(frozen=True, slots=True)
class Series:
    """A series: what is measured where is its places' business. Absent texts are ""."""

    id: int
    source: str
    variable: str
    agency: str
    category: str
    channel: str
    span: str
    kind: str
    method: str
    stamp: str

    @property
    def grain(self) -> str:
        """The finest rollup it has: "hour", "day", or "" where it is not rolled up."""
        return series_of(self.id, self.span, self.stamp).grain

    @property
    def late(self) -> int:
        """1 where a time marks the end of its span, else 0: time - late lies in the bucket it belongs to."""
        return series_of(self.id, self.span, self.stamp).late


@dataclass(frozen=True, slots=True)
class Value:
    """An observation as it was known from known_from until known_to (epoch ms; None: still)."""

    series_id: int
    place: str
    time: int
    value: float | None
    flag: str
    run_id: int
    known_from: int
    known_to: int | None = None


def find_series(
    connection: sa.Connection,
    scope: Scope,
    *,
    sources: Sequence[str] | None = None,
    variables: Sequence[str] | None = None,
    **equal: str,
) -> list[Series]:
    """Return the series of some sources and variables (None: all), by id.

    equal: agency, category, channel, span, kind or method, each as it must be.
    """
    c = series.c
    columns = [
        c.id,
        source.c.name,
        *(column for column in series.columns if column.name not in ("id", "source_id")),
    ]
    rows = sa.select(*columns).join_from(series, source, source.c.id == c.source_id).order_by(c.id)
    if sources is not None:
        rows = rows.where(source.c.name.in_(sources))
    if variables is not None:
        rows = rows.where(c.variable.in_(variables))
    rows = rows.where(*(c[name] == value for name, value in equal.items()))
    return [Series(*row) for row in connection.execute(scope.narrow(rows))]


def latest_values(
    connection: sa.Connection,
    scope: Scope,
    series_ids: Sequence[int],
    *,
    places: Sequence[str] | None = None,
    at: int | None = None,
    as_of: int | None = None,
) -> list[Value]:
    """Return the latest observation of each series and place, by both; gaps and invalid flags included.

    at: not later than this instant (epoch s); as_of: as known then (epoch ms). With either, the last 400 days
    before it are looked through.
    """
    if at is None and as_of is None:
        table: sa.FromClause = latest
        newest: list[Any] = []
    else:
        table = known_observations(as_of)
        until = at if at is not None else (as_of or 0) // 1000 + LOOK_BACK_S
        since = min(until, (as_of or until * 1000) // 1000) - LOOK_BACK_S
        k = table.c
        last = (
            sa.select(k.series_id, k.place_id, sa.func.max(k.time).label("time"))
            .where(k.series_id.in_(series_ids), k.time >= since, k.time <= until)
            .group_by(k.series_id, k.place_id)
            .subquery("last")
        )
        newest = [last.c.series_id == k.series_id, last.c.place_id == k.place_id, last.c.time == k.time]
    rows = _values(table).where(table.c.series_id.in_(series_ids), *newest)
    if places is not None:
        rows = rows.where(place.c.code.in_(places))
    rows = rows.order_by(table.c.series_id, place.c.code)
    return [Value(*row) for row in connection.execute(scope.narrow(rows))]


def observations(
    connection: sa.Connection,
    scope: Scope,
    series_ids: Sequence[int],
    *,
    start: int,
    end: int,
    places: Sequence[str] | None = None,
    cursor: str | None = None,
    limit: int = 100,
    as_of: int | None = None,
) -> Listed[Value]:
    """Return the observations with start <= time < end (epoch s), by series, time and place."""
    table = known_observations(as_of)
    by = (table.c.series_id, table.c.time, table.c.place_id)
    rows = _range(table, series_ids, places, start, end, table.c.place_id).order_by(*by).limit(limit + 1)
    if cursor is not None:
        after = sa.tuple_(*(sa.literal(value) for value in read_position(cursor, 3)))
        rows = rows.where(sa.tuple_(*by) > after)
    found = connection.execute(scope.narrow(rows)).all()
    items = [Value(*row[:-1]) for row in found[:limit]]
    if len(found) <= limit:
        return Listed(items, None)
    return Listed(items, write_cursor([items[-1].series_id, items[-1].time, found[limit - 1].place_id]))


def each_observation(
    connection: sa.Connection,
    scope: Scope,
    series_ids: Sequence[int],
    *,
    start: int,
    end: int,
    places: Sequence[str] | None = None,
    as_of: int | None = None,
) -> Iterator[Value]:
    """Yield all observations with start <= time < end (epoch s), by series, time and place."""
    table = known_observations(as_of)
    rows = _range(table, series_ids, places, start, end)
    rows = rows.order_by(table.c.series_id, table.c.time, place.c.code)
    for row in connection.execute(scope.narrow(rows)):
        yield Value(*row)


def observation_versions(
    connection: sa.Connection, scope: Scope, series_id: int, place_code: str, time: int
) -> list[Value]:
    """Return every version of one observation, oldest first."""
    table = all_versions(observation, observation_past)
    rows = (
        _values(table, table.c.known_to)
        .where(table.c.series_id == series_id, table.c.time == time, place.c.code == place_code)
        .order_by(table.c.known_from)
    )
    return [Value(*row) for row in connection.execute(scope.narrow(rows))]


def increases(
    connection: sa.Connection,
    scope: Scope,
    series_ids: Sequence[int],
    *,
    start: int,
    end: int,
    places: Sequence[str] | None = None,
    as_of: int | None = None,
) -> dict[tuple[int, str], float]:
    """Return by how much cumulative series grew from start up to end: (series, place) -> sum of differences.

    The value before start counts as the beginning where it is known within 400 days; a counter that falls
    began again at zero. A series and place with fewer than two values is absent.
    """
    grown: dict[tuple[int, str], float] = {}
    before: dict[tuple[int, str], float] = {}
    for one in latest_values(connection, scope, series_ids, places=places, at=start - 1, as_of=as_of):
        if one.value is not None and one.flag not in ("01", "02"):
            before[one.series_id, one.place] = one.value
    values = each_observation(connection, scope, series_ids, start=start, end=end, places=places, as_of=as_of)
    for one in values:
        if one.value is None or one.flag in ("01", "02"):
            continue
        key = (one.series_id, one.place)
        if key in before:
            step = one.value - before[key] if one.value >= before[key] else one.value
            grown[key] = grown.get(key, 0.0) + step
        before[key] = one.value
    return grown


def _values(table: sa.FromClause, *more: Any) -> sa.Select[Any]:
    c = table.c
    return sa.select(
        c.series_id, place.c.code, c.time, c.value, c.flag, c.run_id, c.known_from, *more
    ).join_from(table, place, place.c.id == c.place_id)


def _range(
    table: sa.FromClause,
    series_ids: Sequence[int],
    places: Sequence[str] | None,
    start: int,
    end: int,
    *more: Any,
) -> sa.Select[Any]:
    c = table.c
    rows = _values(table, *([sa.null(), *more] if more else []))
    rows = rows.where(c.series_id.in_(series_ids), c.time >= start, c.time < end)
    return rows if places is None else rows.where(place.c.code.in_(places))
