"""Air, wastewater and stacks of the synthetic province: what each station would write at an instant."""

from __future__ import annotations

import math
from typing import NamedTuple

from ioc.calendar import DAY_S, OFFSET_S
from sandbox.chance import normal, share, wave
from sandbox.setting import Setting

STEP_S = 300


class Line(NamedTuple):
    """One line of a station file; value None is written empty."""

    parameter: str
    value: float | None
    unit: str
    status: str


class Parameter(NamedTuple):
    """A symbol of TT 10/2021 with its unit, usual value, relative swing over days and decimals."""

    symbol: str
    unit: str
    usual: float
    swing: float
    decimals: int


AIR = (
    Parameter("PM2,5", "ug/Nm3", 27.0, 0.55, 1),
    Parameter("PM10", "ug/Nm3", 46.0, 0.5, 1),
    Parameter("SO2", "ug/Nm3", 18.0, 0.4, 1),
    Parameter("NO2", "ug/Nm3", 26.0, 0.4, 1),
    Parameter("CO", "ug/Nm3", 780.0, 0.35, 0),
    Parameter("O3", "ug/Nm3", 48.0, 0.35, 1),
)
WASTEWATER = (
    Parameter("pH", "-", 7.2, 0.05, 2),
    Parameter("COD", "mg/L", 38.0, 0.25, 1),
    Parameter("TSS", "mg/L", 21.0, 0.25, 1),
    Parameter("NH4", "mg/L", 2.4, 0.3, 2),
    Parameter("Flow", "m3/h", 96.0, 0.2, 1),
)
STACK = (
    Parameter("PM", "mg/Nm3", 62.0, 0.25, 1),
    Parameter("SO2", "mg/Nm3", 165.0, 0.25, 1),
    Parameter("NO", "mg/Nm3", 240.0, 0.2, 1),
    Parameter("CO", "mg/Nm3", 180.0, 0.3, 1),
)
KINDS = {"air_station": AIR, "wastewater": WASTEWATER, "stack": STACK}
_NUMBER = {"air_station": 100, "wastewater": 200, "stack": 300}

ABOVE = {("wastewater", 3): ("COD", 3.1), ("stack", 1): ("PM", 1.75)}
"""Which facility now and then discharges above its permit, in what, and how many times the usual."""


def lines(setting: Setting, kind: str, index: int, at: int) -> list[Line]:
    """Return what station `index` (from 0) of a kind measures at an instant, a multiple of five minutes."""
    calibrating = _is_calibrating(kind, index, at)
    failing = _failing(setting, kind, index, at)
    found = []
    for number, parameter in enumerate(KINDS[kind]):
        status = "01" if calibrating else "02" if number == failing else "00"
        value: float | None = _value(setting, kind, index, number, parameter, at)
        if status == "02" and share(setting.seed, 60, at, index) < 0.5:
            value = None
        found.append(Line(parameter.symbol, value, parameter.unit, status))
    return found


def is_lost(setting: Setting, kind: str, index: int, at: int) -> bool:
    """Return whether a station's transmission is down at an instant; what it measured then never arrives.

    Most stations lose seven hours once in a while; the last stack and the fifth air station do so often.
    """
    block = at // (7 * 3600)
    often = (kind, index) in (("stack", 2), ("air_station", 4))
    return share(setting.seed, 61, _NUMBER[kind] + index, block) < (0.22 if often else 0.008)


def _is_calibrating(kind: str, index: int, at: int) -> bool:
    """Return whether a station is calibrated: half an hour once in a week, at ten in the morning."""
    day, second = divmod(at + OFFSET_S, DAY_S)
    return (day + 3 * index + _NUMBER[kind]) % 7 == 0 and 36_000 <= second < 37_800


def _failing(setting: Setting, kind: str, index: int, at: int) -> int:
    """Return the position of the parameter whose device is in error (status 02), -1 mostly."""
    block = at // (3 * 3600)
    station = _NUMBER[kind] + index
    if share(setting.seed, 62, station, block) >= 0.02:
        return -1
    return int(share(setting.seed, 63, station, block) * len(KINDS[kind]))


def _value(setting: Setting, kind: str, index: int, number: int, parameter: Parameter, at: int) -> float:
    stream = (_NUMBER[kind] + index) * 10 + number
    slow = wave(setting.seed, 6400 + stream, at, 2.5 * DAY_S)
    quick = wave(setting.seed, 7400 + stream, at, 3 * 3600)
    jitter = normal(setting.seed, 65, stream, at // STEP_S)
    usual = parameter.usual * (0.85 + 0.3 * share(setting.seed, 66, stream))
    value = usual * (1 + parameter.swing * slow + 0.12 * quick + 0.03 * jitter)
    if parameter.symbol == "pH":
        value = 7.2 + 0.5 * slow + 0.2 * quick + 0.03 * jitter
    elif kind == "air_station":
        value *= _daily(parameter.symbol, at) * _season(parameter.symbol, at)
    above = ABOVE.get((kind, index))
    if above and above[0] == parameter.symbol and share(setting.seed, 67, stream, at // (9 * 3600)) < 0.22:
        value *= above[1]
    return round(max(value, 0.0), parameter.decimals)


def _daily(symbol: str, at: int) -> float:
    """Return the course of a day: traffic in the morning and evening, ozone after noon."""
    hour = (at + OFFSET_S) % DAY_S / 3600
    if symbol == "O3":
        return 0.55 + 0.95 * math.exp(-(((hour - 14) / 3.6) ** 2))
    peaks = math.exp(-(((hour - 7.5) / 2) ** 2)) + math.exp(-(((hour - 19) / 2.5) ** 2))
    return 0.82 + 0.42 * peaks


def _season(symbol: str, at: int) -> float:
    """Return the course of a year: dust in the dry, still winter of the north."""
    year = (at / DAY_S % 365.25) / 365.25
    dust = symbol.startswith("PM")
    return 1 + (0.55 if dust else 0.15) * math.cos(2 * math.pi * (year - 0.03))
