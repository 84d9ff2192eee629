"""Observations looked up in the store: rollups where they serve, single values where they must."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import NamedTuple

import sqlalchemy as sa

from ioc.calendar import DAY_S, HOUR_S, day_start, local_day
from ioc.indicators import cells
from ioc.indicators.cells import INVALID, Cell, SeriesKey, Value
from ioc.indicators.names import Names
from ioc.indicators.parts import Pick
from ioc.indicators.rebasing import restated
from ioc.indicators.stored_rows import Once, Row, Rows
from ioc.model import BOUNDS
from ioc.store import schema

LONG_S = 400 * DAY_S
"""How far back the newest report is looked for."""
YEARS_S = 8 * 366 * DAY_S
"""The same where only values of years are asked for (span = "year"): they come a year late, and some end."""
SHORT_S = 3 * DAY_S
"""How far back the newest value of an instrument is looked for where the table of the latest cannot answer."""


class Asked(NamedTuple):
    """A series at a place that is asked for, with by how much the times of its values lie late."""

    series: SeriesKey
    place: str
    late: int


@dataclass
class Stored:
    """A Looker over the store, for one question.

    known: epoch ms of knowledge, None for now. now: epoch s; keep: which series at which place are asked for.
    order: the sources to prefer where several say the same. together: the picks of one indicator, which are read with
    each other; once: remembers what another question of the same snapshot has read.
    """

    connection: sa.Connection
    names: Names
    now: int
    known: int | None = None
    keep: Callable[[SeriesKey, str], bool] = field(default=lambda series, place: True)
    order: Sequence[str] = ()
    sources: frozenset[str] | None = None
    together: Sequence[Pick] = ()
    once: Once | None = None
    _asked: dict[tuple[int, int], Asked | None] = field(default_factory=dict)

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
        return cells.prefer(self._restated(found.values()), self.order)

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
        return cells.prefer(self._restated(found.values()), self.order)

    def hours(self, pick: Pick, start: int, end: int, over: str) -> dict[tuple[str, int], list[float]] | None:
        """Return what each whole hour amounts to at each place, once for each fact, as buckets() tells it.

        None where that alone can tell: of merged units, of what was known then, of reports.
        """
        ids = self.series(pick)
        named = {id: self.names.series[id] for id in ids}
        if self.known is not None or not all(one.hourly for one in named.values()):
            return None
        first, last = -(-start // HOUR_S) * HOUR_S, end - end % HOUR_S
        rows = self._rows.rolled(schema.rollup_hour, ids, first, last) if first < last else ()
        column = {"max": 7, "min": 6, "last": 8, "sum": 5, "mean": 5}[over]
        told: dict[int, dict[tuple[str, int], float]] = {id: {} for id in ids}
        for row in rows:
            if row[4] and (who := self.asked(row[0], row[1])) is not None:
                if "@" in who.place:
                    return None
                value = row[column]
                told[row[0]][who.place, row[2]] = value / row[4] if over == "mean" else value
        of_fact: dict[Hashable, dict[tuple[str, int], float]] = defaultdict(dict)
        for id in sorted(ids, key=lambda id: cells.preference(named[id].key, self.order), reverse=True):
            of_fact[cells.fact(named[id].key)].update(told[id])  # the preferred source speaks last
        found: dict[tuple[str, int], list[float]] = defaultdict(list)
        for hours in of_fact.values():
            for key, value in hours.items():
                found[key].append(value)
        return found

    def latest(self, pick: Pick, at: int, horizon: int) -> list[Cell]:
        """Return the newest valid value of each series and place."""
        ids = self.series(pick)
        if not ids:
            return []
        found: list[Cell] = []
        missing: list[int] = list(ids)
        if self.known is None:
            missing = []
            for row in self._rows.latest(ids):
                if row[2] > at or row[3] is None or row[4] in INVALID:
                    missing.append(row[0])
                else:
                    found += self._cells([row], lambda time, late: time)
        if missing:
            again = set(missing)
            found = [
                cell for cell in found if not any(self.names.series[id].key == cell.series for id in again)
            ]
            found += self._newest(sorted(again), at, horizon)
        told = cells.newest(self._restated(found))
        return [cell for cell in told if cell.last_time >= at - horizon]

    def values(self, pick: Pick, start: int, end: int) -> list[Cell]:
        """Return one cell a value."""
        rows = self._rows.single(self.series(pick), start, end)
        found = self._cells(rows, lambda time, late: time)
        return cells.prefer(self._restated(found), self.order)

    def _restated(self, found: Iterable[Cell]) -> Iterable[Cell]:
        """State values of former units for those of today that are asked for: a divided one is part of several."""
        former, found = self.names.former, list(found)
        if former is None or not any("@" in cell.place for cell in found):
            return found
        return [cell for cell in restated(found, former) if self.keep(cell.series, cell.place)]

    def rows(self, pick: Pick, start: int, end: int) -> list[Value]:
        """Return the single values of a span, times as sent."""
        found = []
        for id, place, time, value, flag in self._rows.single(self.series(pick), start, end):
            if (who := self.asked(id, place)) is not None:
                found.append(Value(who.series, who.place, time, value, flag, who.late))
        return found

    def series(self, pick: Pick) -> list[int]:
        """Return the series that are asked for, by their integers."""
        return self.names.fitting(pick, self.sources)

    def asked(self, id: int, place: int) -> Asked | None:
        """Return what the integers of a series and a place stand for; None where they are not asked for."""
        key = (id, place)
        if key not in self._asked:
            named, code = self.names.series[id], self.names.places[place]
            kept = self.keep(named.key, code)
            self._asked[key] = Asked(named.key, code, named.late) if kept else None
        return self._asked[key]

    def told(self, pick: Pick) -> list[tuple[SeriesKey, str]]:
        """Return the series and places that ever told of what is asked."""
        each = (self.asked(row[0], row[1]) for row in self._rows.latest(self.series(pick)))
        return [(who.series, who.place) for who in each if who is not None]

    @cached_property
    def _rows(self) -> Rows:
        if self.once is None:
            return Rows(self.connection, self.known)
        ids = {id for pick in self.together for id in self.series(pick)}
        return Rows(self.connection, self.known, tuple(sorted(ids)), self.once)

    def _spans(self, pick: Pick, start: int, end: int, *, days: bool = True) -> Iterator[Cell]:
        """Yield cells that together cover the span, each series and place in the order of time."""
        ids = self.series(pick)
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
            for row in self._rows.single(ids, start, end + 1)
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
        for id, place, bucket, n, valid, total, low, high, last, changed_at in self._rows.rolled(
            table, ids, start, end
        ):
            who = self.asked(id, place)
            if who is None:
                continue
            later = self.known is not None and changed_at > self.known
            if n or later:
                at = bucket if valid else 0
                cell = Cell(who.series, who.place, bucket, n, valid, total or 0.0, low, high, last, at)
                yield cell, later

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
                row
                for row in self._rows.single(some, start, end)
                if row[3] is not None and row[4] not in INVALID
            )
            for cell in self._cells(rows, lambda time, late: time):
                found[cell.series, cell.place] = cell
        return list(found.values())

    def _cells(self, rows: Iterable[Row], start_of: Callable[[int, int], int]) -> list[Cell]:
        found = []
        for id, place, time, value, flag in rows:
            who = self.asked(id, place)
            if who is None:
                continue
            valid = value is not None and flag not in INVALID
            seen = value if valid else None
            start = start_of(time, who.late)
            found.append(
                Cell(
                    who.series,
                    who.place,
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
