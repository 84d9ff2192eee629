"""Each fault of an HTTP source as it is seen on the wire."""

from __future__ import annotations

import http.client
import json
import time
from datetime import datetime, timedelta

import pytest

from sandbox.faults import KINDS, SOURCES
from sandbox.routes import dhis2
from tests.sandbox.conftest import Client

SINCE = "/1022/api/v1/reports?updated_since=2026-11-16T00:00:00%2B07:00&page_size=200"
KEY = {"X-API-Key": "sandbox-1022"}
ITEMS = "/ogc/collections/ho-so-dat-dai/items?limit=50&datetime=2026-11-16T00:00:00Z/2026-11-17T00:00:00Z"
BEDS = "/dhis2/api/analytics.json?dimension=dx:{}&dimension=pe:LAST_7_DAYS&dimension=ou:LEVEL-2;LEVEL-4"
SCORES = "/dvcqg/api/v1/reporting/evaluation/service-results"


def ask(client: Client, source: str, **more):
    """Ask one source's usual question."""
    if source == "one_stop":
        path = "/lgsp/dossiers?updatedFrom=20261116000000&updatedTo=20261116120000&size=100"
        return client.ask(path, client.bearer(), **more)
    if source == "reports_1022":
        return client.ask(SINCE, KEY, **more)
    if source == "land_requests":
        return client.ask(ITEMS, **more)
    if source == "national_portal_766":
        return client.ask(SCORES, body={"timeType": "month", "year": 2026, "month": 10}, **more)
    element = "hBedOccup01" if source == "hospitals" else "oBrDengue01"
    return client.ask(BEDS.format(element), {"Authorization": dhis2.TOKEN}, **more)


def records(told) -> list:
    body = told.json
    body = body.get("data", body)
    return next(body[key] for key in ("items", "features", "rows", "evaluation") if key in body)


def instant(text: str) -> datetime:
    return datetime.fromisoformat(f"{text[:8]}T{text[8:]}+07:00" if text.isdigit() else text)


HTTP_SOURCES = ("one_stop", "national_portal_766", "reports_1022", "land_requests", "hospitals", "diseases")


@pytest.mark.parametrize("source", HTTP_SOURCES)
@pytest.mark.parametrize(
    ("fault", "status"), [("500", 500), ("429", 429), ("expired_token", 401)], ids=["500", "429", "401"]
)
def test_a_source_answers_with_the_status_of_its_fault(client, source, fault, status):
    client.fault(source, fault)
    told = ask(client, source)
    assert told.status == status
    assert told.json["fault"]["code"]
    if fault == "429":
        assert told.headers["retry-after"] == "30"


@pytest.mark.parametrize("source", HTTP_SOURCES)
def test_a_fault_leaves_every_other_source_alone(client, source):
    client.fault(source, "500")
    for other in HTTP_SOURCES:
        assert (ask(client, other).status == 500) == (other == source), other


@pytest.mark.parametrize("source", HTTP_SOURCES)
def test_a_maintenance_page_comes_in_place_of_json(client, source):
    client.fault(source, "html")
    told = ask(client, source)
    assert (told.status, told.headers["content-type"]) == (200, "text/html; charset=utf-8")
    assert told.body.startswith(b"<!DOCTYPE html>")


@pytest.mark.parametrize("source", HTTP_SOURCES)
def test_a_truncated_body_ends_before_its_length(client, source):
    client.fault(source, "truncated")
    with pytest.raises(http.client.IncompleteRead):
        ask(client, source)


@pytest.mark.parametrize("source", HTTP_SOURCES)
def test_a_list_comes_as_a_text(client, source):
    client.fault(source, "wrong_type")
    assert isinstance(records(ask(client, source)), str)


@pytest.mark.parametrize("source", HTTP_SOURCES)
def test_fields_come_under_other_names(client, source):
    right = records(ask(client, source))[0]
    client.fault(source, "changed_schema")
    wrong = records(ask(client, source))[0]
    if isinstance(right, list):
        assert wrong == right[::-1]
    else:
        assert list(wrong) == [f"{name}_v2" for name in right]


@pytest.mark.parametrize("source", HTTP_SOURCES)
def test_a_record_comes_twice(client, source):
    right = records(ask(client, source))
    client.fault(source, "duplicate")
    assert records(ask(client, source)) == [right[0], *right]


@pytest.mark.parametrize("source", HTTP_SOURCES)
def test_a_record_vanishes_from_the_list_and_its_total(client, source):
    before = ask(client, source)
    client.fault(source, "vanished_record")
    after = ask(client, source)
    assert records(after) == records(before)[1:]
    if source == "one_stop":
        assert after.json["data"]["total"] == before.json["data"]["total"] - 1


@pytest.mark.parametrize(
    ("source", "closed"),
    [("one_stop", "NgayKetThucXuLy"), ("reports_1022", "resolved")],
    ids=["dossier", "report"],
)
def test_what_was_closed_is_corrected_by_six_hours(client, source, closed):
    right = {one[closed] for one in records(ask(client, source)) if one[closed]}
    client.fault(source, "late_correction")
    corrected = {one[closed] for one in records(ask(client, source)) if one[closed]}
    assert corrected
    assert {instant(text) + timedelta(hours=6) for text in corrected} == {*map(instant, right)}


def test_a_value_is_corrected(client):
    right = records(ask(client, "hospitals"))
    client.fault("hospitals", "late_correction")
    for before, after in zip(right, records(ask(client, "hospitals")), strict=True):
        assert float(after[-1]) == pytest.approx(float(before[-1]) * 1.1, abs=0.06)


def test_a_skewed_clock_moves_every_instant(client):
    right = records(ask(client, "one_stop"))[0]
    client.fault("one_stop", "clock_skew")
    skewed = records(ask(client, "one_stop"))[0]
    assert instant(skewed["NgayNopHoSo"]) - instant(right["NgayNopHoSo"]) == timedelta(hours=3)


@pytest.mark.parametrize("source", HTTP_SOURCES)
def test_a_source_that_hangs_says_nothing_until_the_fault_ends(client, source):
    client.fault(source, "hang")
    with pytest.raises(TimeoutError):
        ask(client, source, timeout=0.5)


def test_a_dripping_source_gives_a_byte_a_second(client):
    client.fault("reports_1022", "drip")
    connection = http.client.HTTPConnection("127.0.0.1", client.port, timeout=5)
    connection.request("GET", SINCE, headers=KEY)
    answer, started = connection.getresponse(), time.monotonic()
    assert len(answer.read(2)) == 2
    assert time.monotonic() - started > 0.9
    connection.close()


def test_the_gateway_gives_tokens_while_it_calls_them_expired(client):
    client.fault("one_stop", "expired_token")
    told = ask(client, "one_stop")
    assert (told.status, told.json["fault"]["code"]) == (401, 900903)
    assert client.new_token()


def test_a_fault_ends_by_itself(client, clock):
    client.fault("reports_1022", "500", for_s=60)
    assert ask(client, "reports_1022").status == 500
    clock.at += 61
    assert ask(client, "reports_1022").status == 200
    assert client.ask("/_admin/faults").json["on"] == {}


def test_faults_are_listed_switched_off_and_cleared(client):
    client.fault("reports_1022", "500")
    client.fault("hospitals", "html")
    assert client.ask("/_admin/faults").json["on"] == {
        "reports_1022": {"fault": "500", "until": None},
        "hospitals": {"fault": "html", "until": None},
    }
    client.fault("hospitals", "off")
    assert ask(client, "hospitals").status == 200
    assert client.ask("/_admin/faults", method="DELETE").json["on"] == {}
    assert ask(client, "reports_1022").status == 200


@pytest.mark.parametrize(
    ("body", "sentence"),
    [
        ({"source": "one_stop", "fault": "slow"}, "or off was expected, not 'slow'"),
        ({"source": "nobody", "fault": "500"}, "was expected, not 'nobody'"),
        ([], '{"source": …, "fault": …, "for_s": seconds} was expected'),
    ],
)
def test_an_unknown_fault_is_refused_with_a_sentence(client, body, sentence):
    told = client.ask("/_admin/faults", body=body)
    assert told.status == 400
    assert sentence in json.loads(told.body)["error"]


def test_every_declared_source_can_be_faulty():
    assert {*HTTP_SOURCES, "tasks", "air_stations", "health_workbook"} <= {*SOURCES}
    assert {
        "500",
        "429",
        "hang",
        "drip",
        "html",
        "truncated",
        "wrong_type",
        "changed_schema",
        "expired_token",
    } < {*KINDS}


def test_one_that_hangs_holds_up_nobody_else(client):
    client.fault("diseases", "hang")
    connection = http.client.HTTPConnection("127.0.0.1", client.port, timeout=5)
    connection.request("GET", BEDS.format("oBrDengue01"), headers={"Authorization": dhis2.TOKEN})
    started = time.monotonic()
    assert ask(client, "reports_1022").status == 200
    assert time.monotonic() - started < 3
    connection.close()
