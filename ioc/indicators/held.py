"""Observations of a long span looked up once, for the many points of a series."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import cache

from ioc.calendar import DAY_S, HOUR_S
from ioc.indicators import cells
from ioc.indicators.cells import Cell, Looker, SeriesKey
from ioc.indicators.parts import Pick


@dataclass(frozen=True)
class Held:
    """A Looker over hourly cells and single values held in memory; instants are known to the hour.

    Each pick is looked up when it is first asked for: a function may know without looking that it says nothing yet.
    """

    hours: Callable[[Pick], Sequence[Cell]]
    singles: Callable[[Pick], Sequence[Cell]]

    def total(self, pick: Pick, start: int, end: int) -> list[Cell]:
        """Return one cell a series and place over the whole span."""
        return self._merged(pick, start, end, 0)

    def buckets(self, pick: Pick, start: int, end: int, length: int) -> list[Cell]:
        """Return one cell a series, place and hour or local day."""
        if length == HOUR_S:
            return [cell for cell in self.hours(pick) if start <= cell.start < end]
        return self._merged(pick, start, end, DAY_S)

    def latest(self, pick: Pick, at: int, horizon: int) -> list[Cell]:
        """Return the newest valid value of each series and place."""
        found: dict[tuple[SeriesKey, str], Cell] = {}
        for cell in (*self.singles(pick), *self.hours(pick)):
            if cell.valid and at - horizon <= cell.start < at:
                found[cell.series, cell.place] = cell
        return cells.newest(found.values())

    def values(self, pick: Pick, start: int, end: int) -> list[Cell]:
        """Return one cell a value."""
        return [cell for cell in self.singles(pick) if start <= cell.start < end]

    def _merged(self, pick: Pick, start: int, end: int, length: int) -> list[Cell]:
        found: dict[tuple[SeriesKey, str, int], Cell] = {}
        for cell in self.hours(pick):
            if start <= cell.start < end:
                key = (cell.series, cell.place, cells.bucket(cell.start, length) if length else start)
                if key in found:
                    found[key].add(cell)
                else:
                    found[key] = replace(cell, start=key[2])
        return list(found.values())


def hold(looker: Looker, start: int, end: int, reach: int) -> Held:
    """Look up [start - reach, end) once; single values only where the reach asks for reports."""
    far = reach > 30 * DAY_S
    return Held(
        cache(lambda pick: looker.buckets(pick, start - min(reach, 3 * DAY_S), end, HOUR_S)),
        cache(lambda pick: looker.values(pick, start - reach, end) if far else []),
    )
