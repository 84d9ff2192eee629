"""A weather model's answers: hours and days of points as parallel lists. https://open-meteo.com/en/docs"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

from ioc.calendar import DAY_S, HOUR_S, day_of, day_start, local_day
from sandbox import agenda
from sandbox.answers import Answer, Asked
from sandbox.setting import Setting
from sandbox.world import World

HOURLY: dict[str, tuple[str, Callable[[Setting, float], float]]] = {
    "temperature_2m": ("°C", agenda.temperature),
    "relative_humidity_2m": ("%", agenda.humidity),
    "wind_speed_10m": ("km/h", agenda.wind),
    "precipitation": ("mm", agenda.rainfall),
}
DAILY: dict[str, tuple[str, Callable[[list[float]], float]]] = {
    "temperature_2m_max": ("°C", max),
    "temperature_2m_min": ("°C", min),
    "precipitation_sum": ("mm", sum),
}
_OF_DAY = {"temperature_2m_max": agenda.temperature, "temperature_2m_min": agenda.temperature,
           "precipitation_sum": agenda.rainfall}  # fmt: skip


def answer(world: World, asked: Asked) -> Answer:
    """Answer /open-meteo/v1/forecast with unix times; one object for one point, a list for several."""
    if asked.path != "/open-meteo/v1/forecast":
        return Answer.json(404, {"error": True, "reason": "Not Found"})
    try:
        points = list(zip(*(asked.query[name].split(",") for name in ("latitude", "longitude")), strict=True))
        found = [_point(world, asked, float(lat), float(lon)) for lat, lon in points]
    except (KeyError, ValueError) as error:
        return Answer.json(400, {"error": True, "reason": f"Cannot initialize from {error}"})
    return Answer.json(200, found[0] if len(found) == 1 else found)


def _point(world: World, asked: Asked, lat: float, lon: float) -> dict[str, Any]:
    now, setting, told = int(world.now()), world.setting, asked.query
    first = day_of(date.fromisoformat(told["start_date"])) if "start_date" in told else local_day(now)
    last = day_of(date.fromisoformat(told["end_date"])) if "end_date" in told else first + 2
    body: dict[str, Any] = {
        "latitude": lat, "longitude": lon, "generationtime_ms": 0.2, "utc_offset_seconds": 25_200,
        "timezone": told.get("timezone", "GMT"), "elevation": 8.0,
    }  # fmt: skip
    if names := _names(told, "current"):
        at = now - now % 900
        units = {"time": "unixtime", "interval": "seconds", **{name: HOURLY[name][0] for name in names}}
        body |= {"current_units": units,
                 "current": {"time": at, "interval": 900} | {n: HOURLY[n][1](setting, at) for n in names}}  # fmt: skip
    if names := _names(told, "hourly"):
        times = list(range(day_start(first), day_start(last + 1), HOUR_S))
        body["hourly_units"] = {"time": "unixtime", **{name: HOURLY[name][0] for name in names}}
        body["hourly"] = {"time": times} | {n: [HOURLY[n][1](setting, at) for at in times] for n in names}
    if names := _names(told, "daily"):
        days = [day_start(day) for day in range(first, last + 1)]
        body["daily_units"] = {"time": "unixtime", **{name: DAILY[name][0] for name in names}}
        body["daily"] = {"time": days} | {name: [_of_day(setting, name, at) for at in days] for name in names}
    return body


def _of_day(setting: Setting, name: str, start: int) -> float:
    hours = range(start, start + DAY_S, HOUR_S)
    return round(DAILY[name][1]([_OF_DAY[name](setting, at) for at in hours]), 1)


def _names(told: Any, block: str) -> list[str]:
    names = [name for name in told.get(block, "").split(",") if name]
    known = DAILY if block == "daily" else HOURLY
    for name in names:
        if name not in known:
            raise ValueError(f"{block}: invalid String value {name}")
    return names
