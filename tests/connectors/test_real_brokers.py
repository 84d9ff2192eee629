"""Real SensorThings observations and Smart Data Models' entities, in every form in which they are written."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import datetime
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from urllib.parse import urlsplit

import pytest

import connectors
from connectors.http import Sessions
from ioc.model import Observation, Page
from tests.connectors.answers import respond
from tests.connectors.test_cases import source_of

Serve = Callable[[Callable[[BaseHTTPRequestHandler], None]], str]


def read(toml: str, sessions: Sessions) -> list[Page]:
    source = source_of(toml)
    assert connectors.check(source) == []
    return list(connectors.fetcher(sessions)(source, {}))


def at(text: str) -> int:
    return int(datetime.fromisoformat(text).timestamp())


BGS = """
[bgs]
connector = "sensorthings"
url = "{server}/FROST-Server/v1.1"
window = { start = "2023-01-01" }
streams = { 1 = { variable = "pressure", place = "ukgeos" } }
quality = { field = "resultQuality.quality", flags = { Good = "", Suspect = "02" } }
"""


def test_a_real_page_of_observations_leads_to_the_next_one(
    real: Path, serve: Serve, sessions: Sessions
) -> None:
    page = json.loads(
        (real / "environment/sensorthings_bgs_observationsRawDataResponseFixture.json").read_bytes()
    )
    more = json.loads(
        (real / "environment/sensorthings_bgs_observationsDataFixtureRealExample.json").read_bytes()
    )
    assert (page["@iot.count"], len(more)) == (18_432, 101)
    asked: list[str] = []

    def handle(request: BaseHTTPRequestHandler) -> None:
        asked.append(request.path)
        host = f"http://{request.headers['Host']}"
        if "skip=500" in request.path:
            return respond(request, 200, json.dumps({"value": more}).encode())
        link = page["@iot.nextLink"].replace("https://sensors.bgs.ac.uk", host)
        return respond(request, 200, json.dumps({**page, "@iot.nextLink": link}).encode())

    pages = read(BGS.replace("{server}", serve(handle)), sessions)
    records = [record for page in pages for record in page.records if isinstance(record, Observation)]
    assert [len(page.records) for page in pages] == [len(page["value"]), 101]
    assert not any(page.rejected for page in pages)
    assert records[0] == Observation("pressure", at("2023-03-28T10:30:00Z"), "ukgeos", 1009.86)
    assert "$skip=500" in urlsplit(asked[1]).query  # the opaque link, as it came


AIR = """
[khong_khi]
connector = "ngsi_ld"
version = "{version}"
url = "{server}"
type = "AirQualityObserved"
times = {{ zone = "Europe/Madrid" }}
fields = {{ place = "'madrid'", time = "dateObserved" }}
[khong_khi.variables]
co = {{ field = "{co}", unit = "ug/m3" }}
no = {{ field = "{no}", unit = "ug/m3" }}
so2 = {{ field = "{so2}", unit = "ug/m3" }}
temperature = {{ field = "temperature", unit = "Cel" }}
"""


@pytest.mark.parametrize(
    ("file", "version", "co"),
    [
        ("AirQualityObserved_example-normalized.json", "v2", 500_000.0),  # its unit code is GP, mg/m³
        ("AirQualityObserved_example-normalized.jsonld", "ld", 500_000.0),
        ("AirQualityObserved_example-geojsonfeature.json", "ld", 500_000.0),
        ("AirQualityObserved_example.json", "v2", 500.0),  # without codes it is what the declaration says
        ("AirQualityObserved_example.jsonld", "ld", 500.0),
    ],
)
def test_air_quality_is_the_same_in_every_form(
    file: str, version: str, co: float, real: Path, serve: Serve, sessions: Sessions
) -> None:
    body = (real / "environment" / f"sdm_{file}").read_bytes()
    url = serve(lambda request: respond(request, 200, b"[%s]" % body, {"NGSILD-Results-Count": "1"}))
    upper = "geojson" in file
    toml = AIR.format(
        server=url, version=version, **{n: n.upper() if upper else n for n in ("co", "no", "so2")}
    )
    (page,) = read(toml, sessions)
    assert not page.rejected
    when = at("2016-03-15T11:00:00+01:00")
    assert list(page.records) == [
        Observation("co", when, "madrid", co),
        Observation("no", when, "madrid", 45.0),
        Observation("so2", when, "madrid", 11.0),
        Observation("temperature", when, "madrid", 12.2),
    ]


WATER = """
[nuoc]
connector = "ngsi_ld"
url = "{server}"
type = "WaterQualityObserved"
fields = { place = "'sevilla'", time = "dateObserved" }
[nuoc.variables]
ph = { field = "pH" }
nitrate = { field = "NO3" }
n_total = { field = '"N-TOT"' }
arsenic = { field = "As" }
"""
TRAFFIC = """
[giao_thong]
connector = "ngsi_ld"
url = "{server}"
type = "TrafficFlowObserved"
times = { zone = "Europe/Madrid" }
fields = { place = "'valladolid'", time = "dateObserved" }
variables = { vehicles = { field = "intensity", kind = "count" }, speed = { field = "averageVehicleSpeed", unit = "km/h" } }
"""
ENDINGS = ("example.json", "example.jsonld", "example-normalized.json", "example-normalized.jsonld")


@pytest.mark.parametrize("ending", ENDINGS)
def test_water_quality_is_read_in_every_form(
    ending: str, real: Path, serve: Serve, sessions: Sessions
) -> None:
    body = (real / "environment" / f"sdm_WaterQualityObserved_{ending}").read_bytes()
    url = serve(lambda request: respond(request, 200, body, {"NGSILD-Results-Count": "1"}))
    (page,) = read(WATER.replace("{server}", url), sessions)
    found = {record.variable: record.value for record in page.records if isinstance(record, Observation)}
    assert {record.time for record in page.records if isinstance(record, Observation)} == {
        at("2017-01-31T06:45:00Z")
    }
    assert (found["ph"], found["nitrate"], found["n_total"]) == (7.4, 0.01, 6.0)
    # in one of the forms arsenic is `false`, which is no number
    assert ("arsenic" in found, len(page.rejected)) == (
        (False, 1) if ending == "example-normalized.json" else (True, 0)
    )


@pytest.mark.parametrize("ending", ENDINGS)
def test_traffic_is_read_in_every_form_and_an_interval_is_its_start(
    ending: str, real: Path, serve: Serve, sessions: Sessions
) -> None:
    body = (real / "environment" / f"sdm_TrafficFlowObserved_{ending}").read_bytes()
    url = serve(lambda request: respond(request, 200, body, {"NGSILD-Results-Count": "1"}))
    (page,) = read(TRAFFIC.replace("{server}", url), sessions)
    when = at("2016-12-07T11:10:00+01:00")
    assert list(page.records) == [
        Observation("vehicles", when, "valladolid", 197.0, kind="count"),
        Observation("speed", when, "valladolid", 52.6),
    ]
    assert not page.rejected
