"""What a wrong question gets: a problem document whose sentence says what to do."""

from __future__ import annotations

import logging
from urllib.parse import quote

import pytest

from ioc.model import Event
from tests.api.province import Province, epoch

READING = "/api/v1/indicators/dossiers_on_time"
SERIES = READING + "/series"
OBSERVATIONS = "/api/v1/observations"

REFUSED = [
    (
        "/api/v1/areas?levle=commune",
        "levle is no parameter of this route; did you mean level? known are as_of, at, cur",
    ),
    ("/api/v1/areas?level=district", "level=district is unknown; use one of province, commune"),
    ("/api/v1/areas?level=commune&level=province", "level is given 2 times; give it once"),
    ("/api/v1/areas?at=yesterday", "at=yesterday is no instant; write it as 2026-11-21T08:00:00+07:00"),
    ("/api/v1/areas?at=0001-01-01", "at=0001-01-01 lies outside 1970 to 9999"),
    ("/api/v1/areas?limit=0", "limit=0 is refused; use a whole number from 1 to 1000"),
    ("/api/v1/areas?limit=1001", "limit=1001 is refused; use a whole number from 1 to 1000"),
    ("/api/v1/areas?limit=ten", "limit=ten is refused; use a whole number from 1 to 1000"),
    ("/api/v1/areas?cursor=nonsense", "the cursor is not understood; take it as it stands in `next`"),
    (
        "/api/v1/areas?cursor=WyIwMDAwMDAwMCIsIjEiXQ",
        "the cursor belongs to another question; keep the parameters",
    ),
    ("/api/v1/sectors?order=1", "order is no parameter of this route; known are as_of, cursor, limit"),
    (READING + "?aera=22", "aera is no parameter of this route; did you mean area?"),
    (READING + "?period=soon", "period=soon is not understood; use 2026, 2026-Q4, 2026-11"),
    (READING + "?period=2027", "period=2027 has not begun yet; ask for one that starts before now"),
    (READING + "?as_of=2026-11-20T10:00:02%2B07:00", "lies in the future; leave it out to ask for now"),
    (READING + "?as_of=2001-01-01T00:00:00Z", "lies before the store's time; it knows nothing before 20"),
    (READING + "?at=2026-11-01", "dossiers_on_time counts what happens in a period: ask with period="),
    (
        "/api/v1/indicators/reports_open?period=2026-11",
        "reports_open is a stock, counted at an instant: ask with at=",
    ),
    (
        READING + "/breakdown",
        "by is missing; use one of area, agency, responsible, holder, site, category, channel",
    ),
    (READING + "/breakdown?by=colour", "by=colour is unknown; use one of area, agency"),
    (SERIES + "?grain=minute", "grain=minute is unknown; use one of hour, day, week, month, quarter, year"),
    (SERIES + "?from=2026-11-05&to=2026-11-04", "from=2026-11-05T00:00:00+07:00 does not lie before to="),
    (SERIES + "?grain=hour&from=2010-01-01", "more than 20000 points are asked for; use a coarser grain"),
    ("/api/v1/cases?state=done", "state=done is unknown; use one of new, refused, open"),
    ("/api/v1/cases?overdue=false", "overdue=false is refused; use true, or leave it out for all"),
    ("/api/v1/cases?sort=name", "sort=name is unknown; use one of opened, due, closed, known_from"),
    ("/api/v1/cases?kind=a%00b", "kind holds a control character; leave it out"),
    ("/api/v1/cases?as_of=2030-01-01T00:00:00Z", "lies in the future; leave it out to ask for now"),
    ("/api/v1/events?as_of=2030-01-01T00:00:00Z", "lies in the future; leave it out to ask for now"),
    ("/api/v1/sources?as_of=2030-01-01T00:00:00Z", "lies in the future; leave it out to ask for now"),
    (OBSERVATIONS + "?as_of=2030-01-01T00:00:00Z", "lies in the future; leave it out to ask for now"),
    (OBSERVATIONS + "?grain=week", "grain=week is unknown; use one of hour, day"),
    ("/api/v1/sources/one_stop/rejected?run=last", "run=last is refused; use a whole number"),
    ("/api/v1/boards/overview?lang=fr", "lang=fr is unknown; use one of vi, en"),
    ("/healthz?verbose=1", "verbose is no parameter of this route; none is taken here"),
]

ABSENT = [
    ("/api/v1/area", "there is no route /api/v1/area; did you mean /api/v1/areas? /api/v1/ lists all"),
    ("/api/v1/areas/", "did you mean /api/v1/areas? /api/v1/ lists all"),
    ("/api/v1/area?anything=1", "there is no route /api/v1/area;"),
    (
        "/api/v1/indicators/dossiers_ontime",
        "there is no indicator 'dossiers_ontime'; did you mean dossiers_on_time?",
    ),
    (READING + "?area=99999", "there is no area '99999'; "),
    (READING + "?area=06653", "there is no area '06653'; did you mean 066"),
    (READING + "?area=01", "there is no area of this province '01'"),
    (
        READING + "?agency=so_yte",
        "there is no agency 'so_yte'; did you mean so_y_te? /api/v1/agencies lists all",
    ),
    (READING + "?site=tram_ha_lonh", "there is no site 'tram_ha_lonh'; did you mean tram_ha_long?"),
    (
        "/api/v1/cases?source=one_stopp",
        "there is no source 'one_stopp'; did you mean one_stop? /api/v1/sources",
    ),
    ("/api/v1/cases/one_stop:7", "there is no case 'one_stop:7'; /api/v1/cases gives each its id"),
    (OBSERVATIONS + "?variable=pm2.5", "there is no variable 'pm2.5'; did you mean pm25?"),
    (OBSERVATIONS + "?place=nowhere", "there is no place 'nowhere'"),
    ("/api/v1/sources/reports_1023/runs", "did you mean reports_1022? /api/v1/sources lists all"),
    ("/api/v1/payloads/sha256:12", "'sha256:12' is no hash; a run's payloads hold them"),
    ("/api/v1/payloads/sha256:" + "0" * 64, "nothing was ever kept under sha256:000"),
    (
        "/api/v1/boards/overveiw",
        "there is no board 'overveiw'; did you mean overview? /api/v1/boards lists all",
    ),
]


@pytest.mark.parametrize(
    ("asked", "status", "sentence"),
    [(asked, 422, said) for asked, said in REFUSED] + [(asked, 404, said) for asked, said in ABSENT],
)
def test_a_wrong_question_is_told_how_to_ask(
    quiet_province: Province, asked: str, status: int, sentence: str
):
    reply = quiet_province.get(asked)
    told = reply.json
    assert (reply.status, told["status"]) == (status, status), told
    assert sentence in told["detail"]
    assert reply.headers["content-type"].startswith("application/problem+json")
    assert reply.headers["cache-control"] == "no-store"
    assert told["type"] == "about:blank"
    assert told["title"]
    assert told["instance"] == asked.partition("?")[0]


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE", "OPTIONS"])
@pytest.mark.parametrize("path", ["/healthz", "/api/v1/areas", READING])
def test_nothing_can_be_written(quiet_province: Province, path: str, method: str):
    reply = quiet_province.get(path, method=method)
    assert reply.status == 405
    assert reply.headers["allow"] == "GET, HEAD"
    assert reply.json["detail"] == f"{method} is refused: this API is for reading; use GET"


def test_head_answers_as_get_without_a_body(quiet_province: Province):
    get, head = (quiet_province.get("/api/v1/areas", method=method) for method in ("GET", "HEAD"))
    assert (head.status, head.body, head.headers["etag"]) == (200, b"", get.headers["etag"])
    assert head.headers["content-length"] == str(len(get.body))


def test_a_plus_sign_that_was_not_escaped_is_understood(quiet_province: Province):
    reply = quiet_province.get("/api/v1/areas?at=2025-06-30T10:00:00+07:00&limit=1")
    assert (reply.status, len(reply.items)) == (200, 1)


def test_the_routes_are_listed_with_their_parameters(quiet_province: Province):
    routes = {one["path"]: one["parameters"] for one in quiet_province.get("/api/v1/").items}
    assert routes["/api/v1/areas"] == ["as_of", "at", "cursor", "level", "limit"]
    assert "/api/v1/sources/{id}/runs" in routes
    assert quiet_province.get("/api/v1").items == quiet_province.get("/api/v1/").items


@pytest.mark.parametrize(
    "garbled", ["", "W10", "bnVsbA", "WzEsMiwzXQ", "é", "=" * 10, "A" * 5000, "W1tdLHt9LG51bGxd"]
)
def test_a_garbled_cursor_is_refused_by_every_list(quiet_province: Province, garbled: str):
    for path in (
        "/api/v1/areas",
        "/api/v1/cases",
        "/api/v1/events",
        OBSERVATIONS,
        "/api/v1/sources/one_stop/runs",
    ):
        reply = quiet_province.get(f"{path}?cursor={quote(garbled)}")
        assert reply.status == (422 if garbled else 200), (path, reply.body)


def test_an_unexpected_fault_is_a_problem_without_a_trace_and_is_logged_once(
    province: Province, caplog: pytest.LogCaptureFixture
):
    province.keep("warnings", [Event("mua", "0912345678", epoch("2026-11-20T08:00"))])
    with province.product.store.unfenced() as connection:
        connection.exec_driver_sql("UPDATE event_record SET areas = '5'")
    with caplog.at_level(logging.ERROR):
        reply = province.get("/api/v1/events", kind="0912345678")
    assert reply.status == 500
    assert reply.json["detail"] == "this is a fault of the product, not of the question; its log says more"
    assert b"TypeError" not in reply.body
    assert len([record for record in caplog.records if record.name == "api"]) == 1
    assert "0912345678" not in caplog.records[0].getMessage()
