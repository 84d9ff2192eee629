"""One administrative unit, who followed it, and the lists of both on disk."""

from __future__ import annotations

import csv
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from pathlib import Path
from typing import Literal

from ioc.vietnamese import match_key

Level = Literal["province", "commune"]
Share = Literal["whole", "main", "part"]

KINDS = {
    "thành phố": ("thành phố", "tp", "thủ đô"),
    "tỉnh": ("tỉnh", "t"),
    "phường": ("phường", "p", "ph"),
    "xã": ("xã", "x"),
    "đặc khu": ("đặc khu", "đk"),
    "thị trấn": ("thị trấn", "tt"),
    "huyện": ("huyện", "h"),
    "quận": ("quận", "q"),
    "thị xã": ("thị xã", "tx"),
}
"""Kinds of units and how people write them before a name; districts occur in old addresses only."""


@dataclass(frozen=True, slots=True)
class Area:
    """One unit over one span of days; lat, lon are its centre in degrees WGS84, None where unknown.

    name is without the kind: "Cẩm Phả". parent is the province's code, "" for a province.
    valid_from: date.min where its beginning is not recorded (communes before July 2025).
    valid_to: the last day, None while it exists. area_km2: 0.0 where unknown. district: "" since July 2025.
    """

    code: str
    name: str
    kind: str
    parent: str
    valid_from: date
    valid_to: date | None
    lat: float | None
    lon: float | None
    area_km2: float = 0.0
    district: str = ""

    @property
    def level(self) -> Level:
        """Whether this is a province or a commune."""
        return "commune" if self.parent else "province"

    @property
    def short(self) -> str:
        """The name as written inside a sentence: "phường Cẩm Phả"."""
        return f"{self.kind} {self.name}"

    @property
    def full_name(self) -> str:
        """The name as written on its own: "Phường Cẩm Phả"."""
        return f"{self.kind[:1].upper()}{self.kind[1:]} {self.name}"

    def is_valid(self, at: date) -> bool:
        """Return whether the unit exists on that day."""
        return self.valid_from <= at and (self.valid_to is None or at <= self.valid_to)


def former_place(unit: Area) -> str:
    """Return the place under which values of a unit that ended are kept: a code alone may be another unit's today."""
    return f"{unit.code}@{unit.valid_to}"


@dataclass(frozen=True, slots=True)
class Succession:
    """One unit went into another on a day: whole, or divided, "main" being the greatest part by the source."""

    old_code: str
    old_name: str
    new_code: str
    day: date
    share: Share


def _rows(path: Path) -> Iterator[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        yield from csv.DictReader(file)


@lru_cache(maxsize=64)
def _day(text: str) -> date:
    return date.fromisoformat(text)


def read_areas(path: Path) -> Iterator[Area]:
    """Yield the units of a list in its order."""
    for row in _rows(path):
        yield Area(
            row["code"],
            row["name"],
            row["kind"],
            row["parent"],
            _day(row["valid_from"]) if row["valid_from"] else date.min,
            _day(row["valid_to"]) if row["valid_to"] else None,
            float(row["lat"]) if row["lat"] else None,
            float(row["lon"]) if row["lon"] else None,
            float(row.get("area_km2") or 0.0),
            row.get("district") or "",
        )


def read_successions(path: Path) -> list[Succession]:
    """Read successions.csv in its order."""
    shares: dict[str, Share] = {"1": "whole", "main": "main", "part": "part"}
    return [
        Succession(row["old_code"], row["old_name"], row["new_code"], _day(row["date"]), shares[row["share"]])
        for row in _rows(path)
    ]


def read_shares(path: Path) -> dict[str, dict[str, tuple[str, float]]]:
    """Read shares.csv: old code -> new code -> (population or area, share); columns also name date and basis.

    Raises ValueError for shares of one unit that do not add up to one.
    """
    found: dict[str, dict[str, tuple[str, float]]] = defaultdict(dict)
    for row in _rows(path):
        if row["by"] not in ("population", "area"):
            raise ValueError(
                f"{path.name}: {row['old_code']} is shared by {row['by']!r}, not by population or area"
            )
        found[row["old_code"]][row["new_code"]] = (row["by"], float(row["share"]))
    for code, parts in found.items():
        if abs(sum(share for _, share in parts.values()) - 1) > 0.005:
            raise ValueError(f"{path.name}: the shares of {code} do not add up to 1")
    return dict(found)


def by_name_key(areas: Iterable[Area]) -> dict[str, list[Area]]:
    """Return the units by the matching key of their name."""
    keys = defaultdict(list)
    for area in areas:
        keys[match_key(area.name)].append(area)
    return dict(keys)


_PREFIXES = sorted(
    ((match_key(written) + " ", kind) for kind, forms in KINDS.items() for written in forms),
    key=lambda pair: -len(pair[0]),
)


def split_kind(key: str) -> tuple[str, str]:
    """Split a matching key into kind and name; kind is "" where none stands in front."""
    for prefix, kind in _PREFIXES:
        if key.startswith(prefix):
            return kind, key[len(prefix) :]
    return "", key
