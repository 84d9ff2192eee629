"""Observations looked up in the store: rollups where they serve, single values where they must."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import sqlalchemy as sa

from ioc.calendar import DAY_S, HOUR_S, day_start, local_day
from ioc.indicators import cells
from ioc.indicators.cells import BOUNDS, INVALID, Cell, SeriesKey, Value
from ioc.indicators.parts import Pick
from ioc.indicators.rebasing import Former, restated
from ioc.store import schema
from ioc.store.names import series_of

LONG_S = 400 * DAY_S
"""How far back the newest report is looked for."""
YEARS_S = 8 * 366 * DAY_S
"""The same where only values of years are asked for (span = "year"): they come a year late, and some end."""
SHORT_S = 3 * DAY_S
"""How far back the newest value of an instrument is looked for where the table of the latest cannot answer."""


class Named(NamedTuple):
    """A series of the store by its parts, with what its times mean."""

    key: SeriesKey
    late: int
    hourly: bool


@dataclass(frozen=True, slots=True)
class Names:
    """The series and places of the store by their integers."""

    series: Mapping[int, Named]
    places: Mapping[int, str]
    former: Former | None = None


def load_names(connection: sa.Connection) -> Names:
    """Read the series and places that the store knows."""
    s, source = schema.series, schema.source
    found = connection.execute(
        sa.select(
            s.c.id,
            source.c.name,
            s.c.variable,
            s.c.agency,
            s.c.category,
            s.c.channel,
            s.c.span,
            s.c.kind,
            s.c.method,
            s.c.stamp,
        ).select_from(s.join(source, source.c.id == s.c.source_id))
    )
    series = {}
    for id, *parts, stamp in found:
        key = SeriesKey(*parts)
        rolled = series_of(id, key.span, stamp)
        series[id] = Named(key, rolled.late, rolled.grain == "hour")
    rows = connection.execute(sa.select(schema.place.c.id, schema.place.c.code))
    places = {row.id: row.code for row in rows}
    return Names(series, places)


class Changed(NamedTuple):
    """A value that was known otherwise: before and after as (value, flag), None where there was none; known_from epoch ms."""

    series: SeriesKey
    place: str
    time: int
    before: tuple[float | None, str] | None
    after: tuple[float | None, str] | None
    known_from: int


@dataclass
class Stored:
    """A Looker over the store, for one question.

    known: epoch ms of knowledge, None for now. now: epoch s; keep: which series at which place are asked for.
    order: the sources to prefer where several say the same.
    """

    connection: sa.Connection
    names: Names
    now: int
    known: int | None = None
    keep: Callable[[SeriesKey, str], bool] = field(default=lambda series, place: True)
    order: Sequence[str] = ()
    sources: frozenset[str] | None = None

    def total(self, pick: Pick, start: int, end: int) -> list[Cell]:
        """Return one cell a series and place over the whole span."""
        found: dict[tuple[SeriesKey, str], Cell] = {}
        for cell in self._spans(pick, start, end):
            key = (cell.series, cell.place)
            if key in found:
                found[key].add(cell)
            else:
                cell.start = start
                found[key] = cell
        return cells.prefer(restated(found.values(), self.names.former), self.order)

    def buckets(self, pick: Pick, start: int, end: int, length: int) -> list[Cell]:
        """Return one cell a series, place and hour or local day."""
        found: dict[tuple[SeriesKey, str, int], Cell] = {}
        for cell in self._spans(pick, start, end, days=length == DAY_S):
            cell.start = cells.bucket(cell.start, length)
            key = (cell.series, cell.place, cell.start)
            if key in found:
                found[key].add(cell)
            else:
                found[key] = cell
        return cells.prefer(restated(found.values(), self.names.former), self.order)

    def latest(self, pick: Pick, at: int, horizon: int) -> list[Cell]:
        """Return the newest valid value of each series and place."""
        ids = self._ids(pick)
        if not ids:
            return []
        found: list[Cell] = []
        missing: list[int] = list(ids)
        if self.known is None:
            t = schema.latest
            missing = []
            for id, place, time, value, flag in self.connection.execute(
                sa.select(t.c.series_id, t.c.place_id, t.c.time, t.c.value, t.c.flag).where(
                    t.c.series_id.in_(ids)
                )
            ):
                if time > at or value is None or flag in INVALID:
                    missing.append(id)
                else:
                    found += self._cells([(id, place, time, value, flag)], lambda time, late: time)
        if missing:
            again = set(missing)
            found = [
                cell for cell in found if not any(self.names.series[id].key == cell.series for id in again)
            ]
            found += self._newest(sorted(again), at, horizon)
        told = cells.newest(restated(found, self.names.former))
        return [cell for cell in told if cell.last_time >= at - horizon]

    def values(self, pick: Pick, start: int, end: int) -> list[Cell]:
        """Return one cell a value."""
        rows = self._raw(self._ids(pick), start, end)
        found = self._cells(rows, lambda time, late: time)
        return cells.prefer(restated(found, self.names.former), self.order)

    def rows(self, pick: Pick, start: int, end: int) -> list[Value]:
        """Return the single values of a span, times as sent."""
        found = []
        for id, place, time, value, flag in self._raw(self._ids(pick), start, end):
            named, code = self.names.series[id], self.names.places[place]
            if self.keep(named.key, code):
                found.append(Value(named.key, code, time, value, flag, named.late))
        return found

    def late(self, pick: Pick, start: int, end: int) -> int:
        """Count the values of a span that became known, as they are, after its end."""
        now, found = schema.observation, 0
        for ids, first, last in self._touched(pick, start, end, end * 1000):
            t = now.c
            rows = sa.select(t.series_id, t.place_id, sa.func.count()).where(
                t.series_id.in_(ids), t.time >= first, t.time < last, t.known_from > end * 1000
            )
            if self.known is not None:
                rows = rows.where(t.known_from <= self.known)
            for id, place, n in self.connection.execute(rows.group_by(t.series_id, t.place_id)):
                if self.keep(self.names.series[id].key, self.names.places[place]):
                    found += n
        return found

    def series(self, pick: Pick) -> list[int]:
        """Return the series that are asked for, by their integers."""
        return self._ids(pick)

    def told(self, pick: Pick) -> list[tuple[SeriesKey, str]]:
        """Return the series and places that ever told of what is asked."""
        t = schema.latest.c
        found = self.connection.execute(
            sa.select(t.series_id, t.place_id).where(t.series_id.in_(self._ids(pick)))
        )
        pairs = ((self.names.series[id].key, self.names.places[place]) for id, place in found)
        return [(series, place) for series, place in pairs if self.keep(series, place)]

    def changed(self, pick: Pick, start: int, end: int, since: int, until: int) -> Iterator[Changed]:
        """Yield the values of a span, times as sent, that were known otherwise at until than at since (epoch ms)."""
        now, past = schema.observation, schema.observation_past
        n, p = now.c, past.c
        ended = (p.known_from <= since, p.known_to > since, p.known_to <= until)
        begun = (p.known_from > since, p.known_from <= until, p.known_to > until)
        for ids, first, last in self._touched(pick, start, end, since):
            sides: list[dict[Any, Any]] = [{}, {}]
            for side, query in (
                (0, _span(past, ids, first, last).add_columns(p.known_to).where(*ended)),
                (1, _span(past, ids, first, last).add_columns(p.known_from).where(*begun)),
                (
                    1,
                    _span(now, ids, first, last)
                    .add_columns(n.known_from)
                    .where(n.known_from > since, n.known_from <= until),
                ),
            ):
                for id, place, time, value, flag, at in self.connection.execute(query):
                    sides[side][id, place, time] = ((value, flag), at)
            before, after = sides
            for key in {**before, **after}:
                named, code = self.names.series[key[0]], self.names.places[key[1]]
                was, known = before.get(key, (None, 0))
                said, at = after.get(key, (None, known))
                if was != said and self.keep(named.key, code):
                    yield Changed(named.key, code, key[2], was, said, at)

    def _touched(self, pick: Pick, start: int, end: int, since: int) -> Iterator[tuple[list[int], int, int]]:
        """Yield series and spans in which something became known after since: of instruments the days that say so."""
        ids = self._ids(pick)
        hourly = [id for id in ids if self.names.series[id].hourly]
        if coarse := [id for id in ids if not self.names.series[id].hourly]:
            yield coarse, start, end
        if not hourly:
            return
        t = schema.rollup_day.c
        days = sa.select(t.bucket, t.series_id).where(
            t.series_id.in_(hourly), t.bucket > start - DAY_S, t.bucket < end, t.changed_at > since
        )
        of_day: dict[int, set[int]] = {}
        for day, id in self.connection.execute(days):
            of_day.setdefault(day, set()).add(id)
        for day, some in sorted(of_day.items()):
            for late in (0, 1):
                ids = sorted(id for id in some if self.names.series[id].late == late)
                if ids:
                    yield ids, max(start, day) + late, min(end, day + DAY_S) + late

    def _ids(self, pick: Pick) -> list[int]:
        return [
            id
            for id, named in self.names.series.items()
            if cells.fits(pick, named.key) and (self.sources is None or named.key.source in self.sources)
        ]

    def _spans(self, pick: Pick, start: int, end: int, *, days: bool = True) -> Iterator[Cell]:
        """Yield cells that together cover the span, each series and place in the order of time."""
        ids = self._ids(pick)
        hourly = [id for id in ids if self.names.series[id].hourly]
        coarse = [id for id in ids if not self.names.series[id].hourly]
        if coarse:
            yield from self._late_cells(coarse, start, end)
        if not hourly or start >= end:
            return
        first = -(-start // HOUR_S) * HOUR_S
        last = max(first, end - end % HOUR_S)
        if first > end:
            yield from self._late_cells(hourly, start, end)
            return
        yield from self._late_cells(hourly, start, first)
        day_first = day_start(local_day(first + DAY_S - 1)) if days else last
        day_last = day_start(local_day(last)) if days else last
        if day_first < day_last:
            yield from self._hours(hourly, first, day_first)
            yield from self._days(hourly, day_first, day_last)
            yield from self._hours(hourly, day_last, last)
        else:
            yield from self._hours(hourly, first, last)
        yield from self._late_cells(hourly, last, end)

    def _late_cells(self, ids: list[int], start: int, end: int) -> Iterator[Cell]:
        """Yield single values whose span begins inside [start, end)."""
        if start >= end:
            return
        rows = [
            row
            for row in self._raw(ids, start, end + 1)
            if start <= row[2] - self.names.series[row[0]].late < end
        ]
        yield from self._cells(rows, lambda time, late: time - late)

    def _days(self, ids: list[int], start: int, end: int) -> Iterator[Cell]:
        changed: list[int] = []
        for cell, later in self._rollup(schema.rollup_day, ids, start, end):
            if later:
                changed.append(cell.start)
            else:
                yield cell
        for day in sorted(set(changed)):
            wanted = {
                (cell.series, cell.place)
                for cell, later in self._rollup(schema.rollup_day, ids, day, day + 1)
                if later
            }
            yield from (c for c in self._hours(ids, day, day + DAY_S) if (c.series, c.place) in wanted)

    def _hours(self, ids: list[int], start: int, end: int) -> Iterator[Cell]:
        changed: set[tuple[SeriesKey, str, int]] = set()
        for cell, later in self._rollup(schema.rollup_hour, ids, start, end):
            if later:
                changed.add((cell.series, cell.place, cell.start))
            else:
                yield cell
        if not changed:
            return
        low, high = min(key[2] for key in changed), max(key[2] for key in changed) + HOUR_S
        for cell in self._late_cells(ids, low, high):
            cell.start -= cell.start % HOUR_S
            if (cell.series, cell.place, cell.start) in changed:
                yield cell

    def _rollup(self, table: sa.Table, ids: list[int], start: int, end: int) -> Iterator[tuple[Cell, bool]]:
        """Yield each bucket and whether it changed after what was known."""
        if start >= end:
            return
        t = table.c
        query = sa.select(
            t.series_id, t.place_id, t.bucket, t.n, t.n_valid, t.sum, t.min, t.max, t.last, t.changed_at
        ).where(t.series_id.in_(ids), t.bucket >= start, t.bucket < end)
        for id, place, bucket, n, valid, total, low, high, last, changed_at in self.connection.execute(
            query.order_by(t.series_id, t.bucket)
        ):
            named, code = self.names.series[id], self.names.places[place]
            if not self.keep(named.key, code):
                continue
            later = self.known is not None and changed_at > self.known
            if n or later:
                cell = Cell(
                    named.key, code, bucket, n, valid, total or 0.0, low, high, last, bucket if valid else 0
                )
                yield cell, later

    def _raw(self, ids: Iterable[int], start: int, end: int) -> list[Any]:
        """Return (series, place, time, value, flag) of the single values as known then, in the order of time."""
        ids = list(ids)
        if not ids:
            return []
        now, past = schema.observation, schema.observation_past
        query: Any = _span(now, ids, start, end)
        if self.known is not None:
            query = sa.union_all(
                query.where(now.c.known_from <= self.known),
                _span(past, ids, start, end).where(
                    past.c.known_from <= self.known, past.c.known_to > self.known
                ),
            )
        return sorted(self.connection.execute(query), key=lambda row: row[2])

    def _newest(self, ids: list[int], at: int, horizon: int) -> list[Cell]:
        """Return the newest valid values from the single values; of instruments the last hour that has any."""
        hourly = [id for id in ids if self.names.series[id].hourly]
        coarse = [id for id in ids if not self.names.series[id].hourly]
        found: dict[tuple[SeriesKey, str], Cell] = {}
        spans = [(coarse, at - horizon, at + 1)]
        reach = at - min(horizon, SHORT_S)
        if self.known is None and hourly:
            t = schema.rollup_hour.c
            query = sa.select(t.series_id, sa.func.max(t.bucket)).where(
                t.series_id.in_(hourly), t.bucket >= reach - HOUR_S, t.bucket <= at - HOUR_S, t.n_valid > 0
            )
            hours: dict[int, list[int]] = {}
            for id, bucket in self.connection.execute(query.group_by(t.series_id, t.place_id)):
                hours.setdefault(bucket, []).append(id)
            spans += [(some, bucket, bucket + HOUR_S + 1) for bucket, some in sorted(hours.items())]
            spans.append((hourly, at - HOUR_S, at + 1))
        else:
            spans.append((hourly, reach, at + 1))
        for some, start, end in spans:
            rows = (
                row for row in self._raw(some, start, end) if row[3] is not None and row[4] not in INVALID
            )
            for cell in self._cells(rows, lambda time, late: time):
                found[cell.series, cell.place] = cell
        return list(found.values())

    def _cells(self, rows: Iterable[Any], start_of: Callable[[int, int], int]) -> list[Cell]:
        found = []
        for id, place, time, value, flag in rows:
            named, code = self.names.series[id], self.names.places[place]
            if not self.keep(named.key, code):
                continue
            valid = value is not None and flag not in INVALID
            seen = value if valid else None
            start = start_of(time, named.late)
            found.append(
                Cell(
                    named.key,
                    code,
                    start,
                    1,
                    int(valid),
                    seen or 0.0,
                    seen,
                    seen,
                    seen,
                    time if valid else 0,
                    flag,
                    flag if valid and flag in BOUNDS else "",
                )
            )
        return found


def _span(table: sa.Table, ids: list[int], start: int, end: int) -> sa.Select[Any]:
    t = table.c
    return sa.select(t.series_id, t.place_id, t.time, t.value, t.flag).where(
        t.series_id.in_(ids), t.time >= start, t.time < end
    )
