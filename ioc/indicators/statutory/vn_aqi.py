"""VN_AQI, the Vietnamese air quality index of an hour and of a day: Decision 1459/QĐ-TCMT of 12 Nov 2019.

Concentrations are in µg/m³, CO included (a station that sends mg/m³ or ppm is converted before it gets here).
The breakpoints are part of the decision's formula and stand here with it; bands, colours and the completeness
that the decision leaves open are declared in data/standards/vn_aqi.toml.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from math import fsum, isfinite
from pathlib import Path

from ioc.indicators.statutory.nowcast import HOURS as NOWCAST_HOURS
from ioc.indicators.statutory.nowcast import nowcast_vn
from ioc.toml_file import Table, read

Hours = Sequence[float | None]

PARTICLES = ("pm25", "pm10")
GASES = ("o3", "no2", "so2", "co")
POLLUTANTS = PARTICLES + GASES
HOURS_OF_DAY = 24
HOURS_OF_MEAN = 8

# Table 2 of the decision. O3 has two columns: the hourly mean, and the eight-hour mean, which ends at 400.
INDEX = (0, 50, 100, 150, 200, 300, 400, 500)
BREAKPOINTS: Mapping[str, tuple[int, ...]] = {
    "o3": (0, 160, 200, 300, 400, 800, 1_000, 1_200),
    "o3_8h": (0, 100, 120, 170, 210, 400),
    "co": (0, 10_000, 30_000, 45_000, 60_000, 90_000, 120_000, 150_000),
    "so2": (0, 125, 350, 550, 800, 1_600, 2_100, 2_630),
    "no2": (0, 100, 200, 700, 1_200, 2_350, 3_100, 3_850),
    "pm10": (0, 50, 150, 250, 350, 420, 500, 600),
    "pm25": (0, 25, 50, 80, 150, 250, 350, 500),
}


@dataclass(frozen=True)
class Band:
    """One of the six bands; `ink` is a text colour that reads on its legal colour."""

    low: int
    high: int
    id: str
    vi: str
    en: str
    colour: str
    ink: str
    health_vi: str
    health_en: str
    advice_vi: str
    advice_sensitive_vi: str


@dataclass(frozen=True)
class Completeness:
    """How many hours a mean must rest on: `day` of 24 and `eight` of 8."""

    day: int
    eight: int


@dataclass(frozen=True)
class Standard:
    """What is declared about VN_AQI: bands from good to hazardous, and completeness."""

    bands: tuple[Band, ...]
    completeness: Completeness
    basis: str


@dataclass(frozen=True)
class AirIndex:
    """VN_AQI of an hour or a day with the pollutant that decides it.

    `parts` holds the rounded index of each pollutant that has one. `complete` is false where an hour that the
    formula asks for is missing, or a pollutant that was given has no index: the value may then read too low.
    """

    value: int
    dominant: str
    parts: Mapping[str, int]
    complete: bool


def interpolate(column: str, concentration: float) -> Decimal:
    """Return the unrounded index of a concentration in µg/m³ (formula 1 and table 2 of the decision).

    `column` is a key of BREAKPOINTS. Below zero counts as zero; above the last row is 500. Raise ValueError
    for what is not finite, and for an eight-hour O3 above 400, which has no index.
    """
    if not isfinite(concentration):
        raise ValueError(f"{column} must be a finite number, a gap is None; found {concentration}")
    limits = BREAKPOINTS[column]
    # Six decimals take the noise of binary means away, so that a true half rounds up.
    value = max(Decimal(0), Decimal(repr(float(concentration))).quantize(Decimal("0.000001")))
    for low, high, index_low, index_high in zip(limits, limits[1:], INDEX, INDEX[1:], strict=False):
        if value <= high:
            return (value - low) * (index_high - index_low) / (high - low) + index_low
    if column == "o3_8h":
        raise ValueError(f"an eight-hour mean of O3 above {limits[-1]} has no index, found {concentration}")
    return Decimal(INDEX[-1])


def sub_index(column: str, concentration: float) -> int:
    """Return the index of one pollutant, rounded half up to a whole number."""
    return _rounded(interpolate(column, concentration))


def hour_index(hours: Mapping[str, Hours]) -> AirIndex | None:
    """Return VN_AQI of the present hour (2.2.1), or None where neither PM10 nor PM2.5 has a NowCast.

    `hours` maps a pollutant to its hourly means in time order, the present hour last: twelve for particles
    (fewer count as gaps), of gases only the last is used.
    """
    _known(hours)
    exact: dict[str, Decimal] = {}
    complete = True
    for pollutant, values in hours.items():
        if pollutant in PARTICLES:
            concentration = nowcast_vn(values)
            complete &= sum(value is not None for value in values[-NOWCAST_HOURS:]) == NOWCAST_HOURS
        else:
            concentration = values[-1] if values else None
        if concentration is None:
            complete = False
        else:
            exact[pollutant] = interpolate(pollutant, concentration)
    return _overall(exact, complete)


def day_index(
    hours: Mapping[str, Hours], completeness: Completeness, o3_before: Hours = ()
) -> AirIndex | None:
    """Return VN_AQI of a day (2.2.2), or None where neither PM10 nor PM2.5 has a mean of the day.

    `hours` maps a pollutant to the 24 hourly means of the hours ending 01:00 to 00:00. `o3_before` are the
    seven hours of O3 before them, which the first eight-hour means need. A day mean of particles needs
    `completeness.day` hours; the highest hour of a gas is taken from whatever hours are present, because the
    true one cannot be lower.
    """
    _known(hours)
    for pollutant, values in hours.items():
        if len(values) != HOURS_OF_DAY:
            raise ValueError(f"a day of {pollutant} has 24 hours, 01:00 to 00:00, found {len(values)}")
    exact: dict[str, Decimal] = {}
    complete = True
    for pollutant, values in hours.items():
        present = [value for value in values if value is not None]
        complete &= len(present) == HOURS_OF_DAY
        if pollutant in PARTICLES:
            if len(present) >= completeness.day:
                exact[pollutant] = interpolate(pollutant, fsum(present) / len(present))
        elif present:
            exact[pollutant] = interpolate(pollutant, max(present))
        if pollutant == "o3":
            means = eight_hour_means(values, o3_before, completeness.eight)
            highest = max((mean for mean in means if mean is not None), default=None)
            if highest is not None and highest <= BREAKPOINTS["o3_8h"][-1]:
                exact["o3"] = max(exact["o3"], interpolate("o3_8h", highest))
            complete &= len(o3_before) >= HOURS_OF_MEAN - 1 and None not in o3_before[-(HOURS_OF_MEAN - 1) :]
    return _overall(exact, complete)


def eight_hour_means(hours: Hours, before: Hours, least: int) -> list[float | None]:
    """Return for each of `hours` the mean of the eight ending with it; None under `least` present.

    `before` are the hours just before the first of `hours`, in time order; only the last seven are used.
    """
    history = list(before)[-(HOURS_OF_MEAN - 1) :]
    line = [None] * (HOURS_OF_MEAN - 1 - len(history)) + history + list(hours)
    means: list[float | None] = []
    for end in range(HOURS_OF_MEAN, len(line) + 1):
        present = [value for value in line[end - HOURS_OF_MEAN : end] if value is not None]
        means.append(fsum(present) / len(present) if len(present) >= least else None)
    return means


def band(index: int, bands: Sequence[Band]) -> Band:
    """Return the band of an index from 0 to 500 (table 1 of the decision)."""
    for candidate in bands:
        if candidate.low <= index <= candidate.high:
            return candidate
    raise ValueError(f"VN_AQI runs from 0 to 500, found {index}")


def load_standard(path: Path) -> Standard:
    """Read data/standards/vn_aqi.toml. Raise DeclarationError where bands leave a gap between 0 and 500."""
    top = read(path)
    top.keys(("basis", "verified", "valid_from", "valid_to", "completeness", "band"))
    bands = tuple(_band(table) for table in top.tables("band"))
    expected = 0
    for candidate in bands:
        if candidate.low != expected or candidate.high < candidate.low:
            found = f"{candidate.low} to {candidate.high}"
            raise top.fault("band", f"expected a band that begins at {expected}, found {found}")
        expected = candidate.high + 1
    if expected != INDEX[-1] + 1:
        raise top.fault("band", f"expected bands up to {INDEX[-1]}, found the last to end at {expected - 1}")
    table = top.table("completeness")
    table.keys(("day", "eight", "basis", "verified"))
    completeness = Completeness(table.number("day", 1), table.number("eight", 1))
    return Standard(bands, completeness, top.text("basis"))


def _band(table: Table) -> Band:
    table.keys(("low", "high", "id", "name", "colour", "ink", "health", "advice", "advice_sensitive"))
    name, health = table.table("name"), table.table("health")
    return Band(
        low=table.number("low"),
        high=table.number("high"),
        id=table.text("id"),
        vi=name.text("vi"),
        en=name.text("en"),
        colour=_colour(table, "colour"),
        ink=_colour(table, "ink"),
        health_vi=health.text("vi"),
        health_en=health.text("en"),
        advice_vi=table.table("advice").text("vi"),
        advice_sensitive_vi=table.table("advice_sensitive").text("vi"),
    )


def _colour(table: Table, key: str) -> str:
    value = table.text(key)
    if not re.fullmatch("#[0-9A-F]{6}", value):
        raise table.fault(key, f"expected a colour such as #FF7E00, found {value!r}")
    return value


def _known(hours: Mapping[str, Hours]) -> None:
    for pollutant in hours:
        if pollutant not in POLLUTANTS:
            raise ValueError(f"VN_AQI knows {', '.join(POLLUTANTS)}; found {pollutant}")


def _rounded(index: Decimal) -> int:
    # Python's round() takes a half to the even neighbour; the decision's examples take it up.
    return int(index.quantize(Decimal(1), rounding=ROUND_HALF_UP))


def _overall(exact: Mapping[str, Decimal], complete: bool) -> AirIndex | None:
    if not any(pollutant in exact for pollutant in PARTICLES):
        return None
    dominant = max((pollutant for pollutant in POLLUTANTS if pollutant in exact), key=exact.__getitem__)
    parts = {pollutant: _rounded(exact[pollutant]) for pollutant in POLLUTANTS if pollutant in exact}
    return AirIndex(parts[dominant], dominant, parts, complete)
