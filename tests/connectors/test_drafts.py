"""A draft of an unknown source, from genuine answers where there are: it checks, and it reads what it was drafted from."""

from __future__ import annotations

import json
import re
import sqlite3
import tomllib
from collections.abc import Callable
from datetime import date, timedelta
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

import pytest

import app
import connectors
from connectors.drafts import drafts
from connectors.drafts.draft import Blank, filled, toml
from connectors.http import Sessions
from connectors.trial import access_of, run
from ioc.errors import QuestionError
from ioc.model import Case, Event, Observation, Page
from tests.connectors.answers import respond
from tests.connectors.test_cases import CASES, source_of

Serve = Callable[[Callable[[BaseHTTPRequestHandler], None]], str]
RSS = (
    b"<rss version='2.0'><channel><item><title>a</title><link>/1</link>"
    b"<pubDate>Fri, 20 Nov 2026 08:00:00 +0700</pubDate></item></channel></rss>"
)
KNOWN = frozenset({"pm25", "pm10", "o3", "no2", "so2", "co", "cod", "ph"})


def serving(serve: Serve, bodies: dict[str, Any]) -> str:
    """Serve bodies by path; a list or an object is written as JSON, {server} in bytes is the server."""

    def handle(request: BaseHTTPRequestHandler) -> None:
        request.rfile.read(int(request.headers.get("Content-Length") or 0))
        body = bodies.get(unquote(urlsplit(request.path).path))
        if body is None:
            respond(request, 404, b"{}")
            return
        written = body if isinstance(body, bytes) else json.dumps(body).encode()
        respond(request, 200, written.replace(b"{server}", f"http://{request.headers['Host']}".encode()))

    return serve(handle)


def drafted(
    capsys: pytest.CaptureFixture[str],
    kind: str,
    url: str,
    *,
    fill: dict[str, str] | None = None,
    **options: str,
) -> tuple[dict[str, Any], str]:
    """Try a source; return the drafted table with what a person fills in, and what was printed."""
    assert run(kind, url, "thu", {"kind": "none"}, options, {}, KNOWN) == 0
    said = capsys.readouterr().out
    text = said.replace('sector = "fill_in"', 'sector = "health"').replace(
        'owner = "fill_in"', 'owner = "so_y_te"'
    )
    for word, meant in (fill or {}).items():
        assert word in text, word
        text = text.replace(word, meant)
    return tomllib.loads(text)["thu"], said


def read(table: dict[str, Any], sessions: Sessions) -> list[Any]:
    """Read the drafted source; it must check, and at most one in ten records may be rejected."""
    source = source_of(toml("thu", table))
    assert connectors.check(source) == []
    pages: list[Page] = list(connectors.fetcher(sessions)(source, {}))
    records = [record for page in pages for record in page.records]
    rejected = [bad.reason for page in pages for bad in page.rejected]
    assert len(rejected) * 10 <= len(records), rejected[:3]
    return records


def test_requests_of_a_city_are_drafted_as_cases(capsys: Any, real: Path, serve: Serve, sessions: Sessions):
    body = (real / "feedback/chicago_open311_requests_2014_2015.json").read_bytes()
    table, said = drafted(capsys, "rest_json", serving(serve, {"/r": body}) + "/r")
    assert (table["shape"], table["items"], table["fields"]["key"]) == (
        "case:record",
        "@",
        "service_request_id",
    )
    assert (table["fields"]["opened"], table["fields"]["state"]) == ("requested_datetime", "status")
    assert table["enums"]["state"] == {"closed": "closed", "open": "open"}
    records = read(table, sessions)
    assert (len(records), type(records[0])) == (50, Case)
    address = json.loads(body)[0].get("address", "")
    assert address
    assert address not in said, "where somebody lives is not shown"


def test_measurements_and_the_way_to_their_next_page_are_drafted(
    capsys: Any, real: Path, serve: Serve, sessions: Sessions
):
    url = serving(serve, {"/v3": (real / "environment/openaq_v3_sensor_7772024.json").read_bytes()})
    table, _ = drafted(
        capsys,
        "rest_json",
        f"{url}/v3?page=1&limit=100&sensor=7",
    )
    assert table["items"] == "results"
    assert table["paging"] == {"kind": "page", "page": "page", "first": 1, "size": "limit", "per_page": 100}
    assert table["params"] == {"sensor": "7"}
    assert table["fields"]["time"] == "period.datetimeFrom.utc"
    assert isinstance(read({**table, "paging": {"kind": "none"}}, sessions)[0], Observation)


@pytest.mark.parametrize(
    ("more", "paging"),
    [
        ({"next": "/r?page=2"}, {"kind": "next", "next": "next"}),
        ({"meta": {"nextCursor": "abc"}}, {"kind": "cursor", "next": "meta.nextCursor", "param": "cursor"}),
        ({"total": 90}, {"kind": "page", "page": "page", "total": "total", "size": "size", "per_page": 3}),
        ({"total": 3}, None),
        ({}, None),
    ],
)
def test_paging_is_guessed_from_what_the_answer_says(
    capsys: Any, serve: Serve, more: dict[str, Any], paging: dict[str, Any] | None
):
    items = [{"id": n, "ngayTiepNhan": f"2026110{n}080000", "trangThai": "mới"} for n in (1, 2, 3)]
    table, _ = drafted(capsys, "rest_json", serving(serve, {"/r": {"data": {"items": items}, **more}}) + "/r")
    assert table.get("paging") == paging
    assert table["items"] == "data.items"
    assert table["times"] == {"format": "%Y%m%d%H%M%S", "zone": "+07:00"}
    assert table["fields"]["opened"] == "ngayTiepNhan"


def test_a_spreadsheet_is_drafted_from_its_headings(capsys: Any, real: Path, sessions: Sessions):
    table, _ = drafted(
        capsys,
        "spreadsheet",
        str(real / "environment/aqicn_daily_Quang_Ninh.csv"),
        fill={"fill_in_site": "tram"},
    )
    assert table["columns"]["pm25"] == "pm25"
    assert len(read({**table, "settle": "0s"}, sessions)) > 600
    table, said = drafted(capsys, "spreadsheet", str(real / "feedback/nyc_311_2013-10_199rows.csv"))
    assert table["fields"]["opened"] == "created_date"
    assert len(read({**table, "settle": "0s"}, sessions)) == 199
    assert (
        run("spreadsheet", str(real / "socioeconomic/PCI_2015.xlsx"), "thu", {"kind": "none"}, {}, {}, KNOWN)
        == 0
    )
    said = capsys.readouterr().out
    assert "sheet 'Chi phí thời gian': headings in row 1" in said
    assert '"Gia nhập thị trường" = "gia_nhap_thi_truong"' in said
    assert "fill_in_time" in said, "a sheet without a time says so"


def test_collections_are_listed_and_one_is_drafted(capsys: Any, real: Path, serve: Serve, sessions: Sessions):
    folder = real / "land/ogcapi"
    listed = json.loads((folder / "core_collections_collections.json").read_bytes())
    parcels = (folder / "core_collections_collectionItems-flurstueck.json").read_bytes()
    items = {
        f"/collections/{one['id']}/items": parcels.replace(b"http://localhost:8090", b"{server}")
        for one in listed["collections"]
    }
    url = serving(serve, {"/": listed, "/collections": listed, **items})
    table, said = drafted(capsys, "ogc_features", f"{url}/")
    assert all(f"collection {one['id']}:" in said for one in listed["collections"])
    assert table["collection"] == listed["collections"][0]["id"]
    assert "fields" in table


def test_datastreams_become_streams(capsys: Any, real: Path, serve: Serve, sessions: Sessions):
    stream = {"@iot.id": 7, "name": "PM25 hourly", "unitOfMeasurement": {"symbol": "µg/m³"}}
    measured = {"value": [{"phenomenonTime": "2026-11-21T00:00:00Z", "result": 12.5}]}
    bodies = {
        "/v1.1/Datastreams": {"value": [stream]},
        "/v1.1/Datastreams(7)": stream,
        "/v1.1/Datastreams(7)/Observations": measured,
    }
    table, _ = drafted(
        capsys, "sensorthings", serving(serve, bodies) + "/v1.1", fill={"fill_in_site": "tram"}
    )
    assert table["streams"] == {"7": {"variable": "pm25", "place": "tram", "unit": "ug/m3"}}
    assert [record.value for record in read(table, sessions)] == [12.5]


def test_entities_are_drafted_by_type(capsys: Any, real: Path, serve: Serve, sessions: Sessions):
    entity = json.loads((real / "environment/sdm_AirQualityObserved_example-normalized.jsonld").read_bytes())
    bodies = {"/ngsi-ld/v1/types": {"typeList": ["AirQualityObserved"]}, "/ngsi-ld/v1/entities": [entity]}
    table, said = drafted(capsys, "ngsi_ld", serving(serve, bodies), shape="observation")
    assert "type AirQualityObserved" in said
    assert table["type"] == "AirQualityObserved"
    assert table["fields"]["time"].startswith("date")
    assert read(table, sessions)


def test_data_elements_tables_and_documents_are_drafted(
    capsys: Any, real: Path, serve: Serve, sessions: Sessions
):
    body = (real / "health/dhis2/simple.data.json").read_bytes()
    ids = sorted({row[0] for row in json.loads(body)["rows"]})
    elements = {"dataElements": [{"id": id, "displayName": f"Ca bệnh {id}"} for id in ids]}
    url = serving(serve, {"/api/dataElements.json": elements, "/api/analytics.json": body})
    table, _ = drafted(capsys, "dhis2", url)
    assert set(table["data"]) == set(ids)
    assert connectors.check(source_of(toml("thu", table))) == []
    meta = (real / "socioeconomic/pxweb/v1_response_table_variables.json").read_bytes()
    table, _ = drafted(capsys, "pxweb", serving(serve, {"/api/v1/sv/T1": meta}) + "/api/v1/sv/T1")
    assert table["dimensions"]["time"] in table["select"]
    assert connectors.check(source_of(toml("thu", table))) == []
    meta = (real / "socioeconomic/pxweb/scb_v2_TAB6471_metadata.json").read_bytes()
    data = (real / "socioeconomic/pxweb/scb_v2_TAB6471_data.json").read_bytes()
    bodies = {"/v2/tables/TAB6471/metadata": meta, "/v2/tables/TAB6471/data": data}
    table, _ = drafted(capsys, "pxweb", serving(serve, bodies) + "/v2", table="TAB6471")
    assert table["version"] == "v2"
    assert connectors.check(source_of(toml("thu", table))) == []


def test_a_database_is_drafted_with_its_watermark(capsys: Any, tmp_path: Path, sessions: Sessions):
    with sqlite3.connect(tmp_path / "theirs.sqlite") as database:
        database.execute(
            "CREATE TABLE ho_so (ma TEXT, tinh_trang TEXT, ngay_nop TEXT, han_tra TEXT, ho_ten TEXT, updated_at TEXT)"
        )
        for n in range(30):
            day = (date(2026, 11, 1) + timedelta(days=n % 20)).isoformat()
            database.execute(
                "INSERT INTO ho_so VALUES (?,?,?,?,?,?)",
                (f"HS{n}", "mới", day, day, "Nguyễn Thị Thử", f"{day} 08:00:00"),
            )
    database.close()
    table, said = drafted(capsys, "sql", f"sqlite:///{tmp_path}/theirs.sqlite")
    assert table["watermark"]["column"] == "updated_at"
    assert (table["fields"]["key"], table["fields"]["opened"], table["fields"]["due"]) == (
        "ma",
        "ngay_nop",
        "han_tra",
    )
    assert "Nguyễn Thị Thử" not in said
    assert "facts.ho_ten" not in table["fields"]
    assert len(read({**table, "watermark": {**table["watermark"], "start": "2026-10-01"}}, sessions)) == 30


def test_warnings_feeds_and_reports_are_drafted(capsys: Any, real: Path, serve: Serve, sessions: Sessions):
    folder = real / "warnings/google-cap-library"
    table, said = drafted(
        capsys,
        "cap",
        serving(serve, {"/a.cap": (folder / "thunderstorm.cap").read_bytes()}) + "/a.cap",
        fill={"fill_in_area": "06652"},
    )
    assert "read as drafted: 1 records" in said
    assert [type(record) for record in read(table, sessions)] == [Event]
    table, said = drafted(
        capsys, "feed", serving(serve, {"/f": (folder / "weather_index.atom").read_bytes()}) + "/f"
    )
    assert table["topics"]
    assert read(table, sessions)
    folder = real / "feedback/open311status"
    bodies = {
        "/services.json": (folder / "service_list.json").read_bytes(),
        "/requests.json": (folder / "service_requests.json").read_bytes(),
    }
    table, said = drafted(capsys, "open311", serving(serve, bodies))
    assert said.count("# service ") == 3
    assert all(isinstance(record, Case) for record in read(table, sessions))


def test_station_files_documents_and_alerts_are_drafted(
    capsys: Any, real: Path, serve: Serve, sessions: Sessions
):
    table, _ = drafted(capsys, "station_files", str(CASES / "station_files/normal/folder"), fill={})
    assert table["parameters"]["COD"]["variable"] == "cod"
    assert set(table["stations"]) == {"HLG_XM_NT1", "HLG_KK_01"}
    assert connectors.check(source_of(toml("thu", table))) == []
    table, _ = drafted(capsys, "edxml", str(CASES / "edxml/normal/folder"))
    assert table["agencies"]
    assert read({**table, "settle": "0s"}, sessions)
    alert = json.loads((real / "infosec/wazuh/wazuh_alert_single.json").read_bytes())
    hit = {"_id": "1", "_source": alert.get("_source", alert), "sort": [1, "1"]}
    table, _ = drafted(
        capsys,
        "wazuh",
        serving(
            serve,
            {"/wazuh-alerts-*/_search": {"hits": {"total": {"value": 1, "relation": "eq"}, "hits": [hit]}}},
        ),
    )
    assert connectors.check(source_of(toml("thu", table))) == []


def test_models_cameras_and_portals_are_drafted(capsys: Any, real: Path, serve: Serve, sessions: Sessions):
    url = serving(
        serve, {"/v1/forecast": (real / "weather/open_meteo_forecast_toronto_2026-03-05.json").read_bytes()}
    )
    table, _ = drafted(
        capsys,
        "open_meteo",
        f"{url}/v1/forecast?latitude=43.7045&longitude=-79.4046",
        fill={"fill_in_area": "22"},
    )
    assert table["hourly"]["temperature_2m"]["unit"] == "[degF]"
    assert connectors.check(source_of(toml("thu", table))) == []
    cameras = [
        {"code": f"C{n}", "wardCode": "06652", "status": "online" if n else "offline", "ping": 20 + n}
        for n in range(5)
    ]
    table, _ = drafted(capsys, "camera", serving(serve, {"/c": {"data": {"list": cameras}}}) + "/c")
    assert (table["items"], table["up"], table["states"]) == (
        "data.list",
        "status",
        {"offline": False, "online": True},
    )
    assert read(table, sessions)
    page = '<title>Cổng thông tin</title><link rel=alternate type="application/rss+xml" href="/rss">'.encode()
    table, _ = drafted(
        capsys,
        "uptime",
        serving(
            serve,
            {
                "/": page,
                "/rss": RSS,
            },
        )
        + "/",
        fill={"fill_in_site": "tinh"},
    )
    assert table["portals"]["tinh"]["says"] == "Cổng thông tin"
    assert table["portals"]["tinh"]["feed"] == "/rss"
    assert read(table, sessions)[0].value == 1
    assert drafted(capsys, "dvcqg", serving(serve, {}))[0]["unit"] == "fill_in_code"


def test_every_kind_of_ours_drafts():
    assert [kind for kind in connectors.KINDS if drafts(kind) is None] == []


def test_secrets_and_persons_are_neither_asked_for_nor_shown(
    capsys: Any, serve: Serve, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
):
    people = [{"id": n, "created": "2026-11-01T00:00:00Z", "status": "new", "hoTen": "Nguyễn Thị Thử", "sdt": "0912 345 678",
               "detail": "gọi 0912345678", "apiToken": "bi-mat"} for n in range(3)]  # fmt: skip

    def handle(request: BaseHTTPRequestHandler) -> None:
        allowed = request.headers.get("X-Key") == "khoa-bi-mat"
        respond(request, 200 if allowed else 401, json.dumps(people).encode() if allowed else b"{}")

    url = serve(handle)
    monkeypatch.setenv("KHOA", "khoa-bi-mat")
    monkeypatch.setenv("IOC_STORE_URL", f"sqlite:///{tmp_path}/x.sqlite")
    assert app.main(["try", "rest_json", url, "--header", "X-Key=KHOA"]) == 0
    said = capsys.readouterr().out
    assert "[new_source.auth]" in said or 'auth = { kind = "headers"' in said
    for secret in ("khoa-bi-mat", "Nguyễn", "0912", "bi-mat"):
        assert secret not in said
    assert tomllib.loads(said)["new_source"]["auth"]["headers"] == {"X-Key": "KHOA"}
    assert app.main(["try", "rest_json", url]) == 1
    assert "refused: Nguồn từ chối chúng ta (HTTP 401" in capsys.readouterr().err
    for wrong in (
        ["nosuch", url],
        ["rest_json", f"{url}?api_key=x"],
        ["rest_json", url.replace("//", "//a:b@")],
        ["rest_json", url, "--header", "X"],
    ):
        assert app.main(["try", *wrong]) == 2
        assert "Traceback" not in capsys.readouterr().err
    with pytest.raises(QuestionError, match="one way in"):
        access_of(["A=B"], "", "", "", "T")


def test_a_draft_is_valid_toml_whatever_the_names_are():
    table = {
        "a b": {"x.y": Blank('"quoted"\n', "why"), "ộ": [1, {"k": True}]},
        "plain": "é\x7f",
        "deep": {"a": {"b": {"c": Blank(1, "x")}}},
    }
    assert tomllib.loads(toml("id with space", table)) == {"id with space": filled(table)}
    assert re.search(r"# FILL IN: why$", toml("x", table), re.M)
