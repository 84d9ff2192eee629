"""How a source declares that the files of its stations are named and written."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from connectors.units import conversion
from connectors.values import number_reader, time_reader
from ioc.model import Observation

STATUSES = {"00": "", "01": "01", "02": "02"}
SERIES = ("agency", "category", "channel", "span", "kind", "method")
FLAGS = ("", "01", "02")

Meaning = tuple[str, str, float, str, tuple[str, ...], int, str, str]
"""Site, variable, factor, flag, the rest of the series, a number for the whole series, and what stands in a kept
line before the time and between time and value: most of the work on a line is the same for the next one."""

_EITHER_MARK = re.compile(r"[+-]?\d{1,15}(?:[.,]\d{1,15})?", re.ASCII)


@dataclass(frozen=True, slots=True)
class Parameter:
    """What a parameter's symbol in a file stands for; values in `unit` times factor are in the variable's unit."""

    variable: str
    unit: str
    factor: float
    factors: Mapping[str, float]
    series: tuple[str, ...]

    def scale(self, unit: str) -> float:
        """Return what a value in a file's unit is multiplied by; raises ValueError for one nobody declared."""
        if not unit:
            return self.factor
        if unit in self.factors:
            return self.factors[unit]
        factor, offset = conversion(unit, self.unit)
        if offset:
            raise ValueError(unit)
        return factor * self.factor


@dataclass(frozen=True, slots=True)
class Layout:
    """How the files of some stations are named and written."""

    folder: str
    path_format: str
    filename: re.Pattern[str]
    separator: str
    encodings: tuple[str, ...]
    stations: Mapping[str, str]
    parameters: Mapping[str, Parameter]
    statuses: Mapping[str, str]
    blank: frozenset[str]
    columns: Mapping[str, str]
    number: Callable[[Any], float]
    time: Callable[[Any], int]
    meanings: dict[tuple[str, str, str, str], Meaning | str] = field(default_factory=dict, compare=False)
    series: dict[tuple[object, ...], int] = field(default_factory=dict, compare=False)

    def site(self, station: str) -> str | None:
        """Return a station's site; without a declared list a station's code stands for itself."""
        return self.stations.get(station) if self.stations else station or None


def layout(options: Mapping[str, Any]) -> Layout:
    """Read how files are written from a source's options."""
    times = options.get("times", {})
    decimal = options.get("decimal", "")
    return Layout(
        folder=options.get("folder", "").strip("/"),
        path_format=_strftime(options.get("path_format", "")),
        filename=re.compile(options.get("filename_regex", r"(?P<station>.+)_(?P<time>\d{14})\.txt"), re.I),
        separator=options.get("separator", ""),
        encodings=tuple(options.get("encodings", ("utf-8", "cp1258", "latin-1"))),
        stations={code: known["site"] if isinstance(known, dict) else known
                  for code, known in options.get("stations", {}).items()},
        parameters={same_symbol(name): _parameter(known) for name, known in options.get("parameters", {}).items()},
        statuses=options.get("statuses", STATUSES),
        blank=frozenset(options.get("blank", ())),
        columns=options.get("columns", {}) if options.get("layout") == "csv" else {},
        number=number_reader(decimal, "." if decimal == "," else "") if decimal else _either_mark,
        time=time_reader(times.get("format", "%Y%m%d%H%M%S"), times.get("zone", "+07:00")),
    )  # fmt: skip


_point_mark = number_reader()


def _either_mark(text: str) -> float:
    """Read 7.21 and 7,21 alike: values of stations have no marks between thousands."""
    return float(text.replace(",", ".")) if _EITHER_MARK.fullmatch(text) else _point_mark(text)


def _parameter(known: Mapping[str, Any]) -> Parameter:
    series = tuple(known.get(key, Observation._field_defaults[key]) for key in SERIES)
    unit, factor = known.get("unit", ""), float(known.get("factor", 1))
    factors = {other: float(scale) for other, scale in known.get("factors", {}).items()}
    return Parameter(known["variable"], unit, factor, factors, series)


def same_symbol(name: str) -> str:
    """Write "PM2,5" and "pm2.5" alike."""
    return name.strip().replace(",", ".").upper()


def _strftime(path_format: str) -> str:
    for token, form in (("yyyy", "%Y"), ("MM", "%m"), ("dd", "%d"), ("HH", "%H")):
        path_format = path_format.replace(token, form)
    return path_format.strip("/")
