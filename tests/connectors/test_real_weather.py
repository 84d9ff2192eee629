"""Open-Meteo's real answer: local times over a change of clocks, Fahrenheit, miles per hour and inches."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler
from itertools import pairwise
from pathlib import Path

import pytest

import connectors
from connectors.http import Sessions
from ioc.model import Observation
from tests.connectors.answers import respond
from tests.connectors.test_cases import source_of

Serve = Callable[[Callable[[BaseHTTPRequestHandler], None]], str]
TORONTO = """
[toronto]
connector = "open_meteo"
url = "{server}/v1/forecast"
params = { timezone = "America/Toronto", timeformat = "iso8601", forecast_days = 7 }
places = { toronto = { lat = 43.7, lon = -79.4 } }
[toronto.hourly]
temperature_2m = { variable = "air_temperature", unit = "Cel" }
wind_speed_10m = { variable = "wind_speed", unit = "m/s" }
precipitation = { variable = "rain", unit = "mm", kind = "cumulative", preceding = true }
weather_code = { variable = "weather_code", unit = "wmo code" }
"""
NOW = int(datetime(2026, 3, 6, 2, 0, tzinfo=UTC).timestamp())


def test_the_real_forecast_has_every_hour_once_also_the_one_that_does_not_exist(
    real: Path, serve: Serve
) -> None:
    body = (real / "weather" / "open_meteo_forecast_toronto_2026-03-05.json").read_bytes()
    said = json.loads(body)
    url = serve(lambda request: respond(request, 200, body))
    daily = [name for name in said.get("daily", {}) if name.startswith("temperature")]
    toml = TORONTO.replace("{server}", url) + "[toronto.daily]\n"
    toml += "\n".join(f'{name} = {{ variable = "{name}", unit = "Cel" }}' for name in daily)
    source = source_of(toml)
    assert connectors.check(source) == []
    sessions = Sessions(now=lambda: NOW)
    try:
        pages = list(connectors.fetcher(sessions)(source, {}))
    finally:
        sessions.close()
    records = [record for page in pages for record in page.records if isinstance(record, Observation)]
    assert not any(page.rejected for page in pages)
    hours = [record for record in records if record.variable == "air_temperature"]
    assert len(hours) == len(said["hourly"]["time"]) == 192
    assert all(later.time - hour.time == 3600 for hour, later in pairwise(hours))
    assert "2026-03-08T02:00" in said["hourly"]["time"]  # the clocks there go from 01:59 to 03:00
    assert hours[0].time == int(datetime(2026, 3, 4, 5, 0, tzinfo=UTC).timestamp())
    assert hours[0].value == pytest.approx((said["hourly"]["temperature_2m"][0] - 32) / 1.8)
    wind = next(record for record in records if record.variable == "wind_speed")
    assert wind.value == pytest.approx(said["hourly"]["wind_speed_10m"][0] * 0.44704)
    assert Counter(record.method for record in hours) == {"estimated": 46, "forecast": 146}
    assert len([record for record in records if record.span == "day"]) == 8 * len(daily) > 0
