"""What the sandbox says over HTTP, as the real servers would."""

from __future__ import annotations

import base64
import time
from datetime import datetime
from urllib.parse import quote, urlsplit

import pytest

from ioc.calendar import local_day
from sandbox import one_stop
from sandbox.routes import dhis2
from sandbox.server import serve
from sandbox.written import compact
from tests.sandbox.conftest import DATA, TUESDAY, Client, Clock, three_free_ports

KEY = {"X-API-Key": "sandbox-1022"}
TOKEN = {"Authorization": dhis2.TOKEN}


def dossiers(client, since, until, size=200, **headers):
    """Read every page of a window."""
    sent, found, page = headers or client.bearer(), [], 1
    while True:
        path = (
            f"/lgsp/dossiers?updatedFrom={compact(since)}&updatedTo={compact(until)}&page={page}&size={size}"
        )
        told = client.ask(path, sent).json
        assert told["error_code"] == 0, told
        found += told["data"]["items"]
        if page * size >= told["data"]["total"]:
            assert len(found) == told["data"]["total"]
            return found
        page += 1


def test_it_answers_within_a_second_of_its_start(tmp_path):
    port, started = three_free_ports(), time.monotonic()
    sandbox = serve(port, tmp_path, "22", data=DATA, now=Clock(), history_days=5, past_after_s=0)
    try:
        assert Client(port).ask("/ogc/collections/ho-so-dat-dai").status == 200
        assert time.monotonic() - started < 3  # a second where nothing else runs on this machine
    finally:
        sandbox.stop()


def test_it_listens_on_loopback_alone(sandbox):
    assert sandbox._http.server_address[0] == "127.0.0.1"


# The gateway


def test_the_gateway_wants_the_right_client(client):
    wrong = base64.b64encode(b"sandbox:guess").decode()
    told = client.ask("/lgsp/token", {"Authorization": f"Basic {wrong}"}, "grant_type=client_credentials")
    assert (told.status, told.json["error"]) == (401, "invalid_client")


@pytest.mark.parametrize(
    ("header", "code"),
    [({}, 900902), ({"Authorization": "Bearer guessed"}, 900901)],
    ids=["missing", "wrong"],
)
def test_the_gateway_wants_a_token(client, header, code):
    told = client.ask("/lgsp/dossiers?updatedFrom=20261116", header)
    assert (told.status, told.json["fault"]["code"]) == (401, code)


def test_a_token_expires(client, clock):
    clock.at += 3601
    told = client.ask("/lgsp/dossiers?updatedFrom=20261116", client.bearer())
    assert (told.status, told.json["fault"]["code"]) == (401, 900903)


def test_a_bad_parameter_is_answered_in_the_envelope(client):
    told = client.ask("/lgsp/dossiers?updatedFrom=yesterday", client.bearer())
    assert told.status == 200
    assert told.json["error_code"] == 3
    assert "yesterday" in told.json["message"]


def test_the_pages_of_a_window_are_one_list_whatever_their_size(client):
    since, until = TUESDAY - 86_400, TUESDAY
    small, large = dossiers(client, since, until, 37), dossiers(client, since, until, 500)
    assert small == large
    assert len({one["MaHoSo"] for one in large}) == len(large) > 300


def test_a_window_holds_exactly_what_changed_in_it(client, world):
    since, until = int(TUESDAY) - 7200, int(TUESDAY)
    expected = {
        one.key for one in world.dossiers.begun(until) if any(since <= at <= until for at in one.changes)
    }
    assert {one["MaHoSo"] for one in dossiers(client, since, until)} == expected


def test_reading_only_what_changed_ends_where_reading_everything_does(client, clock):
    start, known = TUESDAY - 3 * 86_400, {}
    for step in range(0, 3 * 86_400 + 1, 43_200):
        clock.at = start + step
        client.token = client.new_token()
        found = dossiers(client, start + step - 43_200, clock.at)
        known |= {one["MaHoSo"]: one for one in found}
    everything = {one["MaHoSo"]: one for one in dossiers(client, start - 43_200, clock.at)}
    assert known == everything


def test_the_truth_is_what_the_dossiers_say(client):
    day = local_day(TUESDAY) - 1
    t = TUESDAY - 86_400 + 9 * 3600
    truth = client.ask(f"/_admin/world?t={t}").json
    items = dossiers(client, TUESDAY - 4 * 86_400, TUESDAY)
    received = [one for one in items if one["NgayTiepNhan"][:8] == truth["day"].replace("-", "")]
    assert local_day(t) == day
    assert truth["dossiers"]["received"] == sum(one["NgayTiepNhan"] <= compact(t) for one in received)
    assert truth["dossiers"]["pending"] > 500


def test_a_dossier_carries_personal_fields_that_a_product_must_drop(client):
    one = dossiers(client, TUESDAY - 3600, TUESDAY)[0]
    assert one["ChuHoSo"].startswith("CÔNG DÂN ")
    assert one["SoDienThoai"].startswith("090000")
    assert one["Email"].endswith("@example.invalid")
    assert {one["TrangThaiHoSo"] for one in dossiers(client, TUESDAY - 5 * 86_400, TUESDAY)} == {
        str(status) for status in range(1, 11)
    }


def test_a_correction_comes_later_and_changes_when_it_was_closed(world):
    corrected = [
        one
        for day in range(local_day(TUESDAY) - 60, local_day(TUESDAY) - 30)
        for one in map(lambda n, day=day: world.dossiers.make(day, n), range(world.dossiers.count(day)))
        if one.corrected and one.closed_after < one.closed
    ]
    assert corrected
    one = corrected[0]
    before, after = (one_stop.told(one, one.corrected - 1), one_stop.told(one, one.corrected))
    assert before["NgayKetThucXuLy"] > after["NgayKetThucXuLy"]
    assert after["NgayCapNhat"] > before["NgayCapNhat"]


# 1022


def test_1022_wants_its_key(client):
    assert client.ask("/1022/api/v1/reports").status == 401


def test_1022_pages_what_changed(client):
    since = quote(datetime.fromtimestamp(TUESDAY - 86_400).astimezone().isoformat())
    path = f"/1022/api/v1/reports?updated_since={since}"
    whole = client.ask(f"{path}&page_size=200", KEY).json
    first = client.ask(f"{path}&page_size=20&page=1", KEY).json
    second = client.ask(f"{path}&page_size=20&page=2", KEY).json
    assert whole["total"] == first["total"] == len(whole["items"])
    assert whole["items"][:40] == first["items"] + second["items"]
    assert {"name", "phone", "email"} == set(whole["items"][0]["reporter"])


def test_1022_says_what_is_wrong_with_a_time(client):
    told = client.ask("/1022/api/v1/reports?updated_since=2026-11-17T10:00:00", KEY)
    assert (told.status, told.json["error"]["code"]) == (422, "VALIDATION")


# Features


def test_features_are_followed_by_next_links_to_the_end(client):
    path = "/ogc/collections/ho-so-dat-dai/items?limit=100&datetime=2026-11-14T00:00:00Z/.."
    found, pages, total = [], 0, 0
    while path:
        told = client.ask(path)
        assert told.headers["content-type"] == "application/geo+json"
        body = told.json
        assert ("numberMatched" in body) == (pages == 0)
        total = body.get("numberMatched", total)
        found, pages = found + body["features"], pages + 1
        following = [link["href"] for link in body["links"] if link["rel"] == "next"]
        parts = urlsplit(following[0]) if following else None
        path = f"{parts.path}?{parts.query}" if parts else ""
    assert len(found) == total == len({one["id"] for one in found}) > 200
    assert {one["geometry"]["type"] for one in found} == {"Point", "Polygon"}


def test_a_layer_in_vn2000_is_the_same_place_in_metres(client):
    query = "items?limit=1&datetime=2026-11-14T00:00:00Z/.."
    degrees = client.ask(f"/ogc/collections/ho-so-dat-dai/{query}").json["features"][0]
    told = client.ask(f"/ogc/collections/ho-so-dat-dai-vn2000/{query}")
    metres = told.json["features"][0]
    assert told.headers["content-crs"].endswith("/EPSG/0/5899>")
    assert metres["id"] == degrees["id"]
    text = str(metres["geometry"]["coordinates"])
    assert float(text.strip("[]").split(",")[0]) > 300_000


def test_an_unknown_parameter_is_a_problem(client):
    told = client.ask("/ogc/collections/ho-so-dat-dai/items?colour=red")
    assert (told.status, told.headers["content-type"]) == (400, "application/problem+json")


# DHIS2


def test_analytics_need_a_token(client):
    assert client.ask("/dhis2/api/analytics.json").status == 401


def test_analytics_give_rows_of_texts_and_no_row_for_what_is_missing(client):
    query = "dimension=dx:dWkDengue01&dimension=pe:LAST_4_WEEKS;2030W1&dimension=ou:LEVEL-2"
    body = client.ask(f"/dhis2/api/analytics.json?{query}", TOKEN).json
    assert [row[1] for row in body["rows"]] == ["2026W43", "2026W44", "2026W45", "2026W46"]
    assert all(isinstance(cell, str) for row in body["rows"] for cell in row)
    assert body["metaData"]["items"][body["rows"][0][2]]["code"] == "22"


def test_the_months_of_communes_add_up_to_no_more_than_the_province(client):
    def total(element, period, level):
        query = f"dimension=dx:{element}&dimension=pe:{period}&dimension=ou:{level}"
        return sum(
            float(row[3]) for row in client.ask(f"/dhis2/api/analytics.json?{query}", TOKEN).json["rows"]
        )

    weeks = ";".join(f"2026W{week}" for week in range(40, 45))  # 28 September to 1 November
    assert 0 < total("dMoDengue01", "202610", "LEVEL-3") <= total("dWkDengue01", weeks, "LEVEL-2")


def test_an_unknown_element_is_a_conflict(client):
    told = client.ask(
        "/dhis2/api/analytics.json?dimension=dx:nope&dimension=pe:2026&dimension=ou:LEVEL-2", TOKEN
    )
    assert (told.status, told.json["errorCode"]) == (409, "E7124")


def test_too_many_rows_are_refused(client):
    query = (
        "dimension=dx:hBedTotal01;hBedOccup01&dimension=pe:LAST_999_DAYS;LAST_998_DAYS&dimension=ou:LEVEL-4"
    )
    many = client.ask(f"/dhis2/api/analytics.json?{query}", TOKEN)
    assert many.status == 200  # 20,000 rows; the server's limit is 50,000
    elements = "hBedTotal01;hBedOccup01;hVisitDay01;hEmergDay01;" * 2
    query = f"dimension=dx:{elements}&dimension=pe:LAST_999_DAYS&dimension=ou:LEVEL-4"
    told = client.ask(f"/dhis2/api/analytics.json?{query}", TOKEN)
    assert (told.status, told.json["errorCode"]) == (409, "E7128")


def test_answers_are_compressed_and_not_sent_twice(client):
    path = "/dhis2/api/analytics.json?dimension=dx:hBedTotal01&dimension=pe:LAST_30_DAYS&dimension=ou:LEVEL-4"
    told = client.ask(path, {**TOKEN, "Accept-Encoding": "gzip"})
    assert told.headers["content-encoding"] == "gzip"
    again = client.ask(path, {**TOKEN, "If-None-Match": told.headers["etag"]})
    assert (again.status, again.body) == (304, b"")


# The national portal


def test_the_portal_answers_201_and_ok_with_six_groups_for_34_units(client):
    told = client.ask(
        "/dvcqg/api/v1/reporting/evaluation/service-results",
        body={"timeType": "month", "year": 2026, "month": 10, "departmentType": "ADMINISTRATIVE_UNIT"},
    )
    assert (told.status, told.json["code"]) == (201, "OK")
    units = told.json["data"]["evaluation"]
    assert len(units) == 34
    ours = next(unit for unit in units if unit["departmentCode"] == "H99")
    assert ours["totalScore"] == pytest.approx(sum(ours["groupScores"].values()), abs=0.01)
    assert 80 < ours["totalScore"] < 95


def test_the_portal_knows_no_period_to_come(client):
    told = client.ask(
        "/dvcqg/api/v1/reporting/evaluation/service-results", body={"timeType": "year", "year": 2027}
    )
    assert (told.status, told.json["code"]) == (400, "INVALID_REQUEST")
