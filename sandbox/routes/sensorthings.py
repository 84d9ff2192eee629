"""OGC SensorThings API 1.1: datastreams of one value at fixed steps. https://docs.ogc.org/is/18-088/18-088.html"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any, NamedTuple
from urllib.parse import urlencode

from ioc.calendar import HOUR_S
from sandbox import traffic, water
from sandbox.answers import Answer, Asked, BadQuestionError
from sandbox.setting import Setting
from sandbox.world import World

MOST = 1000
_PATH = re.compile(r"/sta/([a-z-]+)/v1\.1/Datastreams\((\d+)\)(/Observations)?")
_FILTER = re.compile(r"phenomenonTime ge (\S+) and phenomenonTime lt (\S+)")


class Service(NamedTuple):
    """One service: the source that asks it, how many datastreams, their name and unit, and their value every step_s.

    late_s: how long after its instant a value arrives.
    """

    source: str
    streams: int
    name: str
    unit: str
    step_s: int
    late_s: int
    value: Callable[[Setting, int, int], float | None]


SERVICES = {
    "thuy-van": Service("river_gauges", 5, "Mực nước sông", "m", HOUR_S, 240, water.level),
    "luu-luong": Service("traffic_flow", 10, "Lưu lượng xe", "{vehicle}/h", 900, 1000, traffic.flow),
    "toc-do": Service("traffic_speed", 10, "Tốc độ xe", "km/h", 900, 1000, traffic.speed),
    "muc-day": Service("traffic_occupancy", 10, "Mức đầy đường", "%", 900, 1000, traffic.occupancy),
}
"""One line for each service, by the part of its path."""


def source(asked: Asked) -> str:
    """Return which declared source asks there."""
    service = SERVICES.get(asked.path.split("/")[2])
    return service.source if service else ""


def answer(world: World, asked: Asked) -> Answer:
    """Answer /sta/<service>/v1.1/Datastreams(n) and …/Observations."""
    found = _PATH.fullmatch(asked.path)
    service = SERVICES.get(found[1]) if found else None
    if found is None or service is None or not 1 <= int(found[2]) <= service.streams:
        return Answer.json(404, {"code": 404, "type": "error", "message": "Nothing found."})
    if not found[3]:
        unit = {"name": service.unit, "symbol": service.unit, "definition": f"ucum:{service.unit}"}
        stream = {"@iot.id": int(found[2]), "name": f"{service.name} {found[2]}", "unitOfMeasurement": unit}
        return Answer.json(200, stream)
    return _observations(world, asked, service, int(found[2]))


def _observations(world: World, asked: Asked, service: Service, stream: int) -> Answer:
    asks = _FILTER.fullmatch(asked.query.get("$filter", ""))
    if asks is None:
        raise BadQuestionError("$filter: phenomenonTime ge … and phenomenonTime lt … was expected")
    since, until = (int(datetime.fromisoformat(text).timestamp()) for text in asks.groups())
    until = min(until, int(world.now()) - service.late_s + 1)
    top, skip = asked.number("$top", 100, 1, MOST), asked.number("$skip", 0, 0, 10_000_000)
    first = -(-since // service.step_s) * service.step_s
    instants = range(first, until, service.step_s)
    values: list[dict[str, Any]] = [
        {"@iot.id": f"{stream}-{at}", "phenomenonTime": _utc(at), "resultTime": _utc(at + service.late_s),
         "result": service.value(world.setting, stream - 1, at)}
        for at in instants[skip : skip + top]
    ]  # fmt: skip
    body: dict[str, Any] = {"value": values}
    if skip + top < len(instants):
        following = urlencode({**asked.query, "$skip": skip + top})
        body["@iot.nextLink"] = f"{asked.base}{asked.path}?{following}"
    return Answer.json(200, body)


def _utc(at: int) -> str:
    return f"{datetime.fromtimestamp(at, tz=UTC):%Y-%m-%dT%H:%M:%S.000Z}"
