"""Plain figures of the synthetic province by month, quarter or year, declared as data: data/world/series/<feed>.csv.

A row: id, name, unit, grain (month, quarter, year), kind, base (of 2025), growth (a year), peak (month) and swing of
its season, noise (relative), tet (factor of the month of Tết), decimals, lag (days from the end of a period to its
report, negative where reporting periods end on the 14th), places (commune, hospital: one figure for each; else the province's).
Kinds: flow (what a period brought), level (what there was at its end), plan (what the year was assigned),
ytd:<id> (a flow since January), rest:<id>-<id> (what one level leaves of another),
spent:<id> (of a plan, so much by the end of the month), flag (1 where a place has it by
then, else 0; base is the share of the places that do).
"""

from __future__ import annotations

import csv
import math
from collections.abc import Iterator
from datetime import date
from functools import lru_cache
from typing import NamedTuple

from ioc.calendar import DAY_S, HOUR_S, day_of, day_start
from sandbox.chance import mix, normal, share, wave
from sandbox.setting import WORLD, Setting

GRAINS = {"month": 1, "quarter": 3, "year": 12}
HISTORY = {"month": 14, "quarter": 8, "year": 10}
"""How many periods are told: fourteen months, eight quarters, ten years."""
REPORT_S = 9 * HOUR_S
LATE_DAYS, LATE_SHARE = 6, 0.06
CORRECTED_DAYS, CORRECTED_SHARE = 18, 0.12


class Series(NamedTuple):
    """One declared series; see the module."""

    feed: str
    id: str
    name: str
    unit: str
    grain: str
    kind: str
    base: float
    growth: float
    peak: int
    swing: float
    noise: float
    tet: float
    decimals: int
    lag: int
    places: str


class Figure(NamedTuple):
    """A series in the period that ends with a month (counted from year 0), at a place ("": the province)."""

    series: Series
    month: int
    place: str = ""

    @property
    def first(self) -> date:
        """The first day of its period."""
        return _first(self.month - GRAINS[self.series.grain] + 1)

    @property
    def label(self) -> str:
        """Its period as PxWeb writes it: 2026M10, 2026Q3, 2026."""
        year, month = divmod(self.month, 12)
        return {"month": f"{year}M{month + 1:02d}", "quarter": f"{year}Q{month // 3 + 1}"}.get(
            self.series.grain, str(year)
        )


@lru_cache(maxsize=32)
def load(feed: str) -> tuple[Series, ...]:
    """Return the series of a feed, in the order of its file."""
    with (WORLD / "series" / f"{feed}.csv").open(encoding="utf-8", newline="") as file:
        return tuple(
            Series(
                feed, row["id"], row["name"], row["unit"], row["grain"], row["kind"], float(row["base"]), float(row["growth"]),
                int(row["peak"] or 1), float(row["swing"] or 0), float(row["noise"] or 0), float(row["tet"] or 1),
                int(row["decimals"]), int(row["lag"]), row["places"],
            )
            for row in csv.DictReader(file)
        )  # fmt: skip


def arrives(setting: Setting, figure: Figure) -> int:
    """Return when a figure is first reported: so many days after its period, a few of them six days late."""
    end = day_of(_first(figure.month + 1))
    late = share(setting.seed, 440, _number(figure.series), figure.month) < LATE_SHARE
    return day_start(end + figure.series.lag + LATE_DAYS * late) + REPORT_S


def corrected(setting: Setting, figure: Figure) -> int:
    """Return when a figure is corrected, 0 for never: it was told a little too low or too high before."""
    kind = figure.series.kind
    if kind == "plan" or share(setting.seed, 441, _number(figure.series), figure.month) >= CORRECTED_SHARE:
        return 0
    return arrives(setting, figure) + CORRECTED_DAYS * DAY_S


def told(setting: Setting, figure: Figure, t: float) -> float:
    """Return a figure as its reporter says at t."""
    value = truth(setting, figure)
    if corrected(setting, figure) > t:
        value *= 1 + 0.02 * normal(setting.seed, 442, _number(figure.series), figure.month)
    return round(value, figure.series.decimals)


def truth(setting: Setting, figure: Figure) -> float:
    """Return a figure as it stands in the end, unrounded."""
    series, (year, month) = figure.series, divmod(figure.month, 12)
    kind, _, of = series.kind.partition(":")
    if kind == "ytd":
        months = range(year * 12, figure.month + 1)
        return sum(truth(setting, Figure(_of(series, of), one, figure.place)) for one in months)
    if kind == "rest":
        whole, _, part = of.partition("-")
        return float(told_level(setting, figure, whole) - told_level(setting, figure, part))
    if kind == "spent":
        plan = truth(setting, Figure(_of(series, of), figure.month, figure.place))
        pace = (
            series.base
            * ((month + 1) / 12) ** 1.5
            * (1 + 0.05 * normal(setting.seed, 443, _number(series), year))
        )
        return plan * min(1.0, pace)
    value = series.base * (1 + series.growth) ** (year - 2025 + (0 if kind == "plan" else (month - 5.5) / 12))
    if kind == "flag":
        return float(share(setting.seed, 448, _number(series), *figure.place.encode()) < value)
    if kind == "level":
        value *= 1 + series.noise * wave(setting.seed, 4440 + _number(series) % 997, figure.month, 5)
    elif kind != "plan":
        value *= _season(setting, series, year, month)
        value *= 1 + series.noise * normal(setting.seed, 445, _number(series), figure.month)
    return value * _part(setting, series, figure.place)


def told_level(setting: Setting, figure: Figure, id: str) -> float:
    """Return another series of the same feed in the same period, rounded as it is told."""
    series = _of(figure.series, id)
    return round(truth(setting, Figure(series, figure.month, figure.place)), series.decimals)


def figures(setting: Setting, feed: str, t: float) -> Iterator[Figure]:
    """Yield every figure of a feed that is reported at t, oldest period first."""
    for series in load(feed):
        for month in months(series, t):
            figure = Figure(series, month)
            if arrives(setting, figure) <= t:
                for place in _places(setting, series):
                    yield Figure(series, month, place)


def changed(setting: Setting, feed: str, since: int, until: int) -> list[Figure]:
    """Return the figures that were reported or corrected in since <= t <= until; all of them where a year is asked for."""
    if until - since >= 365 * DAY_S:
        return list(figures(setting, feed, until))
    found = []
    for figure in figures(setting, feed, until):
        if any(since <= at <= until for at in (arrives(setting, figure), corrected(setting, figure)) if at):
            found.append(figure)
    return found


def months(series: Series, t: float) -> range:
    """Return the last months of the periods of a series that may have been reported at t."""
    today = date.fromordinal(date(1970, 1, 1).toordinal() + int((t + 7 * HOUR_S) // DAY_S))
    step = GRAINS[series.grain]
    now = today.year * 12 + today.month - 1 + (series.lag < 0)
    last = now // step * step - 1
    return range(last - step * (HISTORY[series.grain] - 1), last + 1, step)


def _places(setting: Setting, series: Series) -> list[str]:
    if series.places == "commune":
        return [area.code for area in setting.communes]
    return [site.codes[0] for site in setting.of_kind("hospital")] if series.places == "hospital" else [""]


def _first(month: int) -> date:
    return date(month // 12, month % 12 + 1, 1)


def _season(setting: Setting, series: Series, year: int, month: int) -> float:
    season = 1 + series.swing * math.cos(2 * math.pi * (month + 1 - series.peak) / 12)
    tet = setting.calendar.tet.get(year)
    return season * (series.tet if tet and tet.month == month + 1 else 1.0)


def _part(setting: Setting, series: Series, place: str) -> float:
    """Return a commune's share of the province's figure: what grows has come further in some than in others."""
    if not place:
        return 1.0
    if series.places == "hospital":
        return 0.75 + 0.5 * share(setting.seed, 449, _number(series), *place.encode())
    own = (0.6 + 0.8 * share(setting.seed, 446, int(place))) / len(setting.communes)
    behind = 0.12 * share(setting.seed, 447, _number(series), int(place)) if series.growth > 0.01 else 0.0
    return own * (1 - behind)


def _of(series: Series, id: str) -> Series:
    return next(one for one in load(series.feed) if one.id == id)


@lru_cache(maxsize=4096)
def _number(series: Series) -> int:
    return mix(*series.id.encode()) % 1_000_003
