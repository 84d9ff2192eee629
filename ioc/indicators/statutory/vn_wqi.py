"""VN_WQI, the Vietnamese index of surface water: Decision 1460/QĐ-TCMT of 12 Nov 2019.

The decision's groups and their parameters were read in public notes of it, its breakpoints and its way to join the
groups in two public implementations, not in the text: data/standards/vn_wqi.toml says verified = false. Where the two
differ (N-NO3 above 10 mg/L, whether the limits of DO belong to the worst band) the more lenient one stands here.
Concentrations are mg/L, pesticides µg/L, bacteria MPN or CFU in 100 ml, temperature °C; ammonium, nitrate and nitrite
as N, phosphate as P.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from itertools import pairwise
from math import prod
from pathlib import Path

from ioc.toml_file import Table, read

LEVELS = (100.0, 75.0, 50.0, 25.0, 10.0)
WORST = 10.0
# up to the first breakpoint 100, beyond the last 10, a straight line between two
FALLING: Mapping[str, tuple[float, ...]] = {
    "bod5": (4, 6, 15, 25, 50),
    "cod": (10, 15, 30, 50, 150),
    "toc": (4, 6, 15, 25, 50),
    "po4": (0.1, 0.2, 0.3, 0.5, 4),
    "no3": (2, 5, 10, 15),
    "as": (0.01, 0.02, 0.05, 0.1),
    "cd": (0.005, 0.008, 0.01, 0.1),
    "pb": (0.02, 0.04, 0.05, 0.5),
    "cr6": (0.01, 0.02, 0.04, 0.1),
    "cu": (0.1, 0.2, 0.5, 1, 2),
    "zn": (0.5, 1, 1.5, 2, 3),
    "hg": (0.001, 0.0015, 0.002, 0.01),
    "coliform": (2500, 5000, 7500, 10_000),
    "e_coli": (20, 50, 100, 200),
}
PESTICIDES: Mapping[str, float] = {"aldrin": 0.1, "bhc": 0.02, "dieldrin": 0.1, "ddt": 1.0, "heptachlor": 0.2}
OXYGEN = ((20, 25), (50, 50), (75, 75), (88, 100), (112, 100), (125, 75), (150, 50), (200, 25))
ACIDITY = ((5.5, 50), (6, 100), (8.5, 100), (9, 50))
AMMONIUM = ((0.3, 75), (0.6, 50), (0.9, 25), (5, 10))

GROUPS: Mapping[str, tuple[str, ...]] = {
    "I": ("ph",),
    "II": tuple(PESTICIDES),
    "III": ("as", "cd", "pb", "cr6", "cu", "zn", "hg"),
    "IV": ("do", "bod5", "cod", "toc", "nh4", "no3", "no2", "po4"),
    "V": ("coliform", "e_coli"),
}
LEAST_GROUPS, REQUIRED = 2, "IV"


@dataclass(frozen=True, slots=True)
class WaterIndex:
    """The index, and the quality of each parameter it rests on; worst names the one with the lowest."""

    value: int
    parts: Mapping[str, float]
    worst: str
    groups: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Band:
    """One of the six bands, with its colour and a text colour that reads on it."""

    low: int
    high: int
    id: str
    vi: str
    en: str
    colour: str
    ink: str


@dataclass(frozen=True, slots=True)
class Standard:
    """The bands, and whose decision they are of."""

    bands: tuple[Band, ...]
    basis: str


def index(values: Mapping[str, float], temperature: float | None) -> WaterIndex | None:
    """Return VN_WQI of one sample; None with fewer than two groups or without group IV.

    values: by parameter, the names of GROUPS; do in mg/L needs the water's temperature. Raises ValueError for another.
    """
    for name in values:
        if not any(name in names for names in GROUPS.values()):
            raise ValueError(
                f"VN_WQI knows {', '.join(n for names in GROUPS.values() for n in names)}; found {name}"
            )
    parts = {
        name: quality(name, value, temperature)
        for name, value in values.items()
        if name != "do" or temperature is not None
    }
    by_group = {group: [parts[name] for name in names if name in parts] for group, names in GROUPS.items()}
    present = tuple(group for group, found in by_group.items() if found)
    if len(present) < LEAST_GROUPS or REQUIRED not in present:
        return None
    whole = _joined(by_group)
    return WaterIndex(_rounded(whole), parts, min(parts, key=lambda name: (parts[name], name)), present)


def quality(name: str, value: float, temperature: float | None = None) -> float:
    """Return the quality of one parameter, from 10 to 100."""
    if name == "do":
        if temperature is None:
            raise ValueError("dissolved oxygen needs the temperature of the water")
        return _along(100 * value / saturation(temperature), OXYGEN)
    if name == "ph":
        return _along(value, ACIDITY)
    if name == "nh4":
        return 100.0 if value < AMMONIUM[0][0] else _along(value, AMMONIUM)
    if name == "no2":
        return 100.0 if value <= 0.05 else WORST
    if name in PESTICIDES:
        return 100.0 if value <= PESTICIDES[name] else WORST
    points = FALLING[name]
    if value <= points[0]:
        return LEVELS[0]
    # arsenic and its like have four breakpoints: at the last one the worst but one band ends
    return _along(value, tuple(zip(points, LEVELS, strict=False)))


def saturation(temperature: float) -> float:
    """Return the oxygen that water of a temperature holds when saturated, mg/L."""
    t = temperature
    return 14.652 - 0.41022 * t + 0.0079910 * t**2 - 0.000077774 * t**3


def band(value: int, bands: Sequence[Band]) -> Band:
    """Return the band of an index."""
    for candidate in bands:
        if candidate.low <= value <= candidate.high:
            return candidate
    raise ValueError(f"VN_WQI runs from 0 to 100, found {value}")


def load_standard(path: Path) -> Standard:
    """Read data/standards/vn_wqi.toml. Raise DeclarationError where bands leave a gap between 0 and 100."""
    top = read(path)
    top.keys(("basis", "verified", "valid_from", "valid_to", "band"))
    bands = tuple(_band(table) for table in top.tables("band"))
    expected = 0
    for candidate in bands:
        if candidate.low != expected or candidate.high < candidate.low:
            raise top.fault(
                "band",
                f"expected a band that begins at {expected}, found {candidate.low} to {candidate.high}",
            )
        expected = candidate.high + 1
    if expected != 101:
        raise top.fault("band", f"expected bands up to 100, found the last to end at {expected - 1}")
    return Standard(bands, top.text("basis"))


def _along(value: float, points: Sequence[tuple[float, float]]) -> float:
    """Return the quality on the line through the points; outside them the worst."""
    for (left, of_left), (right, of_right) in pairwise(points):
        if left <= value <= right:
            return of_left + (of_right - of_left) * (value - left) / (right - left)
    return WORST


def _joined(by_group: Mapping[str, Sequence[float]]) -> float:
    factor = 1.0
    if by_group["I"]:
        factor *= by_group["I"][0] / 100
    for group in ("II", "III"):
        found = by_group[group]
        if found:
            factor *= prod(found) ** (1 / len(found)) / 100
    fourth = sum(by_group["IV"]) / len(by_group["IV"])
    fifth = by_group["V"]
    return factor * (fourth if not fifth else (fourth**2 * (sum(fifth) / len(fifth))) ** (1 / 3))


def _rounded(value: float) -> int:
    return int(Decimal(repr(round(value, 9))).quantize(Decimal(1), rounding=ROUND_HALF_UP))


def _band(table: Table) -> Band:
    table.keys(("low", "high", "id", "name", "colour", "ink"))
    name = table.table("name")
    for key in ("colour", "ink"):
        if not re.fullmatch("#[0-9A-F]{6}", table.text(key)):
            raise table.fault(key, f"expected a colour such as #FF7E00, found {table.text(key)!r}")
    return Band(
        table.number("low"), table.number("high"), table.text("id"), name.text("vi"), name.text("en"),
        table.text("colour"), table.text("ink"),
    )  # fmt: skip
