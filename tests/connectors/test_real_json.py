"""The unchanged connectors read answers that nobody here wrote, served as their files say."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import datetime
from http.server import BaseHTTPRequestHandler
from itertools import pairwise
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest

import connectors
from connectors.http import Sessions
from ioc.model import Case, Observation, Page
from tests.connectors.answers import respond
from tests.connectors.test_cases import source_of

Serve = Callable[[Callable[[BaseHTTPRequestHandler], None]], str]

WRITTEN_HOST = b"http://localhost:8090"
"""The host in the links of the recorded OGC answers."""


def read(toml: str, sessions: Sessions) -> list[Page]:
    """Run a declared source to its end."""
    source = source_of(toml)
    assert connectors.check(source) == []
    return list(connectors.fetcher(sessions)(source, {}))


def at(text: str) -> int:
    """Return the epoch seconds of an instant in ISO 8601."""
    return int(datetime.fromisoformat(text).timestamp())


def serving(pages: dict[str, bytes]) -> Callable[[BaseHTTPRequestHandler], None]:
    """Serve bodies by start index, with the recorded host replaced by this server's."""

    def handle(request: BaseHTTPRequestHandler) -> None:
        query = parse_qs(urlsplit(request.path).query)
        body = pages[query.get("startindex", ["0"])[0]]
        host = f"http://{request.headers['Host']}".encode()
        respond(request, 200, body.replace(WRITTEN_HOST, host), {"Content-Type": "application/geo+json"})

    return handle


LAKES = """
[lakes]
connector = "ogc_features"
shape = "case:land"
url = "{server}"
collection = "lakes"
limit = 10
complete = true
personal_data = false
earliest = 2018-01-01
[lakes.fields]
key = "id"
state = "'open'"
opened = "'2018-11-07T00:00:00Z'"
category = "featureclass"
"facts.name" = "name"
"""


def test_the_four_ogc_pages_are_read_to_their_end(real: Path, serve: Serve, sessions: Sessions) -> None:
    folder = real / "land" / "ogcapi"
    names = {"0": "1-10", "10": "11-20", "20": "21-30", "30": "31-40"}
    url = serve(
        serving({key: (folder / f"paging_items_{name}.json").read_bytes() for key, name in names.items()})
    )
    pages = read(LAKES.replace("{server}", url), sessions)
    assert [len(page.records) for page in pages] == [10, 10, 5, 0]
    assert [page.cursor for page in pages[:3]] == [
        {"at": f"/collections/lakes/items/?startindex={start}"} for start in (10, 20, 30)
    ]
    assert (pages[3].cursor, pages[3].complete) == ({}, True)
    assert not any(page.rejected for page in pages)
    lakes = {
        record.facts["name"]: record for page in pages for record in page.records if isinstance(record, Case)
    }
    assert len(lakes) == 25
    baikal = lakes["Lake Baikal"]
    assert baikal.lat is not None
    assert baikal.lon is not None
    assert 51.5 < baikal.lat < 55.8
    assert 103.7 < baikal.lon < 110


PARCELS = """
[parcels]
connector = "ogc_features"
shape = "case:land"
url = "{server}/rest/services/kataster"
collection = "flurstueck"
personal_data = false
times = { format = "iso" }
[parcels.fields]
key = "flstkennz"
state = "'open'"
opened = "aktualit"
area = "gmdschl"
"facts.size" = "flaeche"
[parcels.types]
"facts.size" = "number"
"""


def test_real_parcels_are_read_with_their_days_and_places(
    real: Path, serve: Serve, sessions: Sessions
) -> None:
    body = (real / "land" / "ogcapi" / "core_collections_collectionItems-flurstueck.json").read_bytes()
    last = json.dumps({"type": "FeatureCollection", "features": [], "links": []}).encode()

    def handle(request: BaseHTTPRequestHandler) -> None:
        host = f"http://{request.headers['Host']}".encode()
        respond(request, 200, last if "page=2" in request.path else body.replace(WRITTEN_HOST, host))

    pages = read(PARCELS.replace("{server}", serve(handle)), sessions)
    assert [len(page.records) for page in pages] == [10, 0]
    first = pages[0].records[0]
    assert isinstance(first, Case)
    assert (first.opened, first.facts) == (at("2017-04-26T00:00:00Z"), {"size": 1739.0})
    assert first.lon == pytest.approx(8.7122, abs=5e-4)
    assert first.lat == pytest.approx(51.4914, abs=5e-4)


DHIS2 = """
[dhis]
connector = "dhis2"
url = "{server}"
periods = ["{periods}"]
units = "ImspTQPwCqd"
[dhis.data]
"""


@pytest.mark.parametrize(
    ("name", "items", "periods", "counts"),
    [
        # one of the 13 rows is of an item that nobody asked for
        ("simple", ["fbfJHSPpUQD"], "LAST_12_MONTHS", (12, 1)),
        # the unit is a filter, weeks are written "2020W4"
        (
            "diseaseWeeks",
            ["HS9zqaBdOQ4", "noIzB569hTM", "UsSUX0cpKsH", "YazgqXbizv1", "vq2qO3eTrNi"],
            "LAST_12_WEEKS",
            (25, 0),
        ),
        # the period is a filter, and one of the two values is a text about cholera
        ("narrative", ["eY5ehpbEsB7", "mxc1T932aWM"], "2020", (1, 1)),
    ],
)
def test_dhis2_answers_are_read_with_their_metadata(
    name: str,
    items: list[str],
    periods: str,
    counts: tuple[int, int],
    real: Path,
    serve: Serve,
    sessions: Sessions,
) -> None:
    folder = real / "health" / "dhis2"
    data = json.loads((folder / f"{name}.data.json").read_bytes())
    data["metaData"] = json.loads((folder / f"{name}.metadata.json").read_bytes())["metaData"]
    url = serve(lambda request: respond(request, 200, json.dumps(data).encode()))
    toml = DHIS2.replace("{server}", url).replace("{periods}", periods)
    toml += "\n".join(f'{item} = {{ variable = "disease_cases", category = "{item}" }}' for item in items)
    pages = read(toml, sessions)
    records = [record for page in pages for record in page.records if isinstance(record, Observation)]
    assert (len(records), sum(len(page.rejected) for page in pages)) == counts
    assert {record.place for record in records} == {"OU_525"}
    if name == "simple":
        assert Observation("disease_cases", at("2019-07-01T00:00:00+07:00"), "OU_525", 461.0, category=items[0],
                           span="month", kind="count") in records  # fmt: skip
        assert min(record.value for record in records if record.value is not None) < 0
    if name == "diseaseWeeks":
        assert Observation("disease_cases", at("2020-01-20T00:00:00+07:00"), "OU_525", 320.0, category="noIzB569hTM",
                           span="week", kind="count") in records  # fmt: skip
    if name == "narrative":
        assert records[0].span == "year"


OPEN311 = """
[chicago]
connector = "rest_json"
shape = "case:report"
url = "{server}/requests.json"
items = "@"
[chicago.fields]
key = "service_request_id"
state = "status"
opened = "requested_datetime"
closed = "status == 'closed' && updated_datetime || `null`"
responsible = "agency_responsible"
category = "service_name"
channel = "extended_attributes.channel"
lat = "lat"
lon = "long"
"facts.notes" = "length(notes)"
[chicago.enums.state]
open = "open"
closed = "closed"
"""


def test_open311_requests_in_two_offsets_are_read_by_declaration(
    real: Path, serve: Serve, sessions: Sessions
) -> None:
    body = (real / "feedback" / "chicago_open311_requests_2014_2015.json").read_bytes()
    url = serve(lambda request: respond(request, 200, body))
    pages = read(OPEN311.replace("{server}", url), sessions)
    records = {record.key: record for page in pages for record in page.records if isinstance(record, Case)}
    assert len(records) == 50
    assert not any(page.rejected for page in pages)
    raw = {item["service_request_id"]: item for item in json.loads(body)}
    assert {item["requested_datetime"][-6:] for item in raw.values()} == {"-05:00", "-06:00"}
    for key, record in records.items():
        item = raw[key]
        assert record.opened == at(item["requested_datetime"])
        assert record.closed == (at(item["updated_datetime"]) if item["status"] == "closed" else None)
        assert record.facts == {"notes": len(item["notes"])}
        assert (record.lat, record.lon) == (item["lat"], item["long"])
    kept = b"".join(page.kept for page in pages)
    assert b"1200 W 81ST" not in kept


OPENAQ = """
[openaq]
connector = "rest_json"
url = "{server}/v3/sensors/7772024/measurements"
items = "results"
paging = { kind = "page", size = "limit", per_page = 100, total = "meta.found" }
[openaq.fields]
place = "'hanoi_us_embassy'"
time = "period.datetimeFrom.utc"
[openaq.variables]
co = { field = "value", unit = "µg/m³", to = "ug/m3", span = "hour", kind = "mean" }
"""


def test_a_count_that_is_no_number_does_not_end_a_list_early(
    real: Path, serve: Serve, sessions: Sessions
) -> None:
    body = (real / "environment" / "openaq_v3_sensor_7772024.json").read_bytes()
    assert json.loads(body)["meta"]["found"] == ">100"
    asked: list[str] = []

    def handle(request: BaseHTTPRequestHandler) -> None:
        asked.append(request.path)
        respond(request, 200, body if "page=1&" in request.path else b'{"meta": {"found": 0}, "results": []}')

    pages = read(OPENAQ.replace("{server}", serve(handle)), sessions)
    records = [record for page in pages for record in page.records if isinstance(record, Observation)]
    assert [len(page.records) for page in pages] == [100, 0]
    assert len(asked) == 2
    assert records[0] == Observation(
        "co", at("2024-01-29T15:00:00Z"), "hanoi_us_embassy", 909.0, span="hour", kind="mean"
    )
    hours = sorted(record.time for record in records)
    assert any(later - hour > 3600 for hour, later in pairwise(hours))
