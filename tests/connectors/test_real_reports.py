"""Real GeoReport v2 answers of four cities, in JSON and XML."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler
from pathlib import Path

import pytest

import connectors
from connectors.answer import Answer
from connectors.http import Sessions
from connectors.open311_items import requests_of
from ioc.model import Case
from tests.connectors.answers import respond
from tests.connectors.test_cases import source_of

Serve = Callable[[Callable[[BaseHTTPRequestHandler], None]], str]
CITY = """
[phan_anh]
connector = "open311"
shape = "case:report"
url = "{server}"
format = "{form}"
window = {{ start = "2026-11-01" }}
"""


@pytest.mark.parametrize(
    ("file", "states", "due"),
    [
        ("chicago_open311_requests_2014_2015.json", {"open": 1, "closed": 49}, 0),
        ("open311status/service_requests.json", {"open": 2}, 0),
        ("open311status/requests_many.xml", {"open": 2}, 2),
        ("open311status/requests_single.xml", {"open": 1}, 1),
    ],
)
def test_every_request_of_a_city_becomes_a_case(
    file: str, states: dict[str, int], due: int, real: Path, serve: Serve, sessions: Sessions
) -> None:
    body = (real / "feedback" / file).read_bytes()
    url = serve(lambda request: respond(request, 200, body))
    source = source_of(CITY.format(server=url, form=file.rpartition(".")[2]))
    assert connectors.check(source) == []
    (page,) = connectors.fetcher(sessions)(source, {})
    records = [record for record in page.records if isinstance(record, Case)]
    assert not page.rejected
    assert Counter(record.state for record in records) == states
    assert sum(record.due is not None for record in records) == due
    assert all(record.lat and record.lon and record.category for record in records)
    assert all((record.closed is not None) == (record.state == "closed") for record in records)
    assert b'"address"' not in page.kept


@pytest.mark.parametrize(
    ("file", "count", "first"),
    [("service_list.json", 3, "Cans left out 24x7"), ("services_giessen.xml", 8, "Abwasser und Wasser")],
)
def test_the_services_of_a_city_are_listed(file: str, count: int, first: str, real: Path) -> None:
    body = (real / "feedback" / "open311status" / file).read_bytes()
    services = requests_of(Answer(200, {}, body, ""), file.rpartition(".")[2])
    assert (len(services), services[0]["service_name"]) == (count, first)
    assert services[0]["service_code"] in ("001", "015")  # a code is a text
    if file.endswith(".xml"):
        assert services[0]["description"] is None  # written as an empty element
