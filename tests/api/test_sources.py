"""How the sources do, their runs, what was rejected, what was kept, and whether the product is well."""

from __future__ import annotations

import hashlib
from pathlib import Path

from ioc.model import Observation, Rejected
from ioc.product import Declared
from ioc.store.fields import keep_fields
from ioc.store.payloads import expire_payloads
from ioc.structure import Known, learn, observed
from tests.api.province import Province, copy_data, declared_in, epoch, open_province, reports


def state(province: Province, id: str) -> dict[str, object]:
    """Return what the list of sources says of one."""
    return {one["id"]: one for one in province.get("/api/v1/sources").items}[id]


def test_a_source_goes_from_never_to_live_to_late_with_the_clock(province: Province):
    assert state(province, "reports_1022")["state"] == "never"
    province.keep("reports_1022", reports(3, 1, "2026-11-20T08:00"), rejected=[Rejected("row 4", "no date")])
    told = state(province, "reports_1022")
    assert (told["state"], told["records_today"], told["rejected_today"]) == ("rejected", 3, 1)
    province.keep("reports_1022", reports(3, 2, "2026-11-20T08:00"))
    told = state(province, "reports_1022")
    assert (told["state"], told["error"], told["owner"]) == ("live", None, "so_khcn")
    assert told["last_success"] == "2026-11-20T10:00:00+07:00"
    assert told["next_poll"] == "2026-11-20T10:05:00+07:00"
    tag = province.get("/api/v1/sources").headers["etag"]
    province.at("2026-11-20T10:10:30")
    reply = province.get("/api/v1/sources", headers={"If-None-Match": tag})
    assert reply.status == 200
    assert state(province, "reports_1022")["state"] == "late"


def test_a_source_that_fails_says_why_and_backs_off(province: Province):
    said = "Bearer abcdef123456 không được chấp nhận, hỏi 0912 345 678"
    province.keep("one_stop", error=said, error_kind="refused")
    told = state(province, "one_stop")
    assert told["state"] == "down"
    assert told["error"] == "Bearer *** không được chấp nhận, hỏi […]"
    assert "abcdef" not in str(told)
    assert "345 678" not in str(told)
    assert told["failures"] == 1
    assert told["next_poll"] == "2026-11-20T10:05:00+07:00"


def test_a_source_that_asked_to_be_left_alone_is_asked_then_and_after_an_answer_as_ever(province: Province):
    until = epoch("2026-11-20T10:45")
    province.keep("one_stop", error="HTTP 429", error_kind="unreachable", ask_after=until)
    assert state(province, "one_stop")["next_poll"] == "2026-11-20T10:45:00+07:00"
    province.at("2026-11-20T10:01")
    province.keep("one_stop", error="HTTP 500", error_kind="unreachable")
    assert state(province, "one_stop")["next_poll"] == "2026-11-20T10:06:00+07:00"


def test_a_report_that_is_not_due_says_when_it_is(province: Province):
    told = state(province, "procedures")
    assert (told["state"], told["error"], told["due"]) == ("never", None, "2026-12-15T17:00:00+07:00")
    assert told["sentence"]["vi"].startswith("Chưa đến hạn báo cáo")


def test_a_source_with_a_schedule_is_asked_at_its_hour(province: Province):
    province.at("2026-11-20T10:20")
    province.keep("warnings")
    assert state(province, "warnings")["next_poll"] == "2026-11-20T11:00:00+07:00"


def test_as_of_an_earlier_moment_a_source_was_in_another_state(province: Province):
    province.keep("reports_1022", reports(3, 1, "2026-11-20T08:00"))
    province.at("2026-11-20T10:05")
    province.keep("reports_1022", error="no route to host", error_kind="contract")
    assert state(province, "reports_1022")["state"] == "rejected"
    then = province.get("/api/v1/sources", as_of="2026-11-20T10:03:00+07:00").items
    told = next(one for one in then if one["id"] == "reports_1022")
    assert (told["state"], told["records_today"]) == ("live", None)


def test_runs_are_listed_newest_first_with_what_they_brought(province: Province):
    kept = b'{"id":1}\n'
    first = province.keep("reports_1022", reports(3, 1, "2026-11-20T08:00"), kept=kept)
    province.at("2026-11-20T10:05")
    second = province.keep("reports_1022", error="HTTP 500", error_kind="unreachable")
    runs = province.get("/api/v1/sources/reports_1022/runs").items
    assert [one["id"] for one in runs] == [second, first]
    assert runs[0]["error"] == "HTTP 500"
    assert runs[1]["payloads"] == ["sha256:" + hashlib.sha256(kept).hexdigest()]
    counted = (
        "outcome",
        "http_status",
        "pages",
        "new",
        "changed",
        "same",
        "rejected",
        "gone",
        "received_bytes",
    )
    assert [runs[1][name] for name in counted] == ["changed", 200, 1, 3, 0, 0, 0, 0, len(kept)]
    page = province.get("/api/v1/sources/reports_1022/runs", limit=1).json
    rest = province.get("/api/v1/sources/reports_1022/runs", limit=1, cursor=page["next"]).json
    assert [one["id"] for one in page["items"] + rest["items"]] == [second, first]
    assert rest["next"] is None


def test_rejected_records_say_where_they_stood_and_why(province: Province):
    wrong = Rejected("B7", "“32/13/2026” không phải là ngày", {"Ngày": "32/13/2026"})
    run = province.keep("reports_1022", rejected=[wrong])
    (one,) = province.get("/api/v1/sources/reports_1022/rejected").items
    assert (one["address"], one["reason"], one["fragment"]) == (wrong.address, wrong.reason, wrong.fragment)
    assert one["run"] == run
    assert province.get("/api/v1/sources/reports_1022/rejected", run=run + 1).items == []


def test_a_payload_is_given_back_and_after_its_time_is_gone(province: Province):
    kept = '{"id":1,"kind":"rác"}\n'.encode()
    province.keep("reports_1022", reports(1, 1, "2026-11-20T08:00"), kept=kept)
    address = "/api/v1/payloads/sha256:" + hashlib.sha256(kept).hexdigest()
    reply = province.get(address)
    assert (reply.status, reply.body) == (200, kept)
    assert reply.headers["content-type"] == "application/x-ndjson; charset=utf-8"
    with province.product.store.writing(province.fence, epoch("2027-11-20T10:00") * 1000) as commit:
        expire_payloads(commit, {"reports_1022": 90})
    gone = province.get(address)
    assert gone.status == 410
    assert "has passed its keeping time" in gone.json["detail"]


def test_bytes_kept_as_they_came_are_sent_to_be_saved(province: Province):
    values = [Observation("pm25", epoch("2026-11-20T09:00"), "tram_ha_long", 20.0, span="hour", kind="mean")]
    province.keep("air", values, kept=b"PM25\t20\t\x00\xff")
    (run,) = province.get("/api/v1/sources/air/runs").items
    reply = province.get("/api/v1/payloads/" + run["payloads"][0])
    assert reply.headers["content-type"] == "application/octet-stream"
    assert reply.headers["content-disposition"].startswith('attachment; filename="air-')
    assert reply.headers["x-content-type-options"] == "nosniff"
    assert reply.body == b"PM25\t20\t\x00\xff"


def break_a_source_and_a_board(data: Path) -> None:
    path = data / "sources" / "few.toml"
    path.write_text(path.read_text("utf-8").replace('every = "1h"', 'every = "hourly"'), "utf-8")
    board = '[wrong]\nname = { vi = "Sai" }\n[[wrong.tile]]\nplace = "left"\nindicator = "dossiers_ontime"\n'
    (data / "boards" / "wrong.toml").write_text(board, "utf-8")


def test_a_faulty_declaration_disables_its_source_alone_and_is_told(store_url: str, tmp_path: Path):
    copy_data(tmp_path / "data")
    break_a_source_and_a_board(tmp_path / "data")
    with open_province(store_url, declared_in(tmp_path / "data")) as province:
        told = state(province, "air")
        assert (told["state"], told["disabled"]) == ("never", True)
        assert 'a length such as "30s", "5m", "2h" or "1d" was expected' in told["error"]
        health = province.get("/healthz")
        assert health.status == 200
        faults = health.json["faults"]
        assert [(fault["table"], fault["key"]) for fault in faults] == [
            ("air", "every"),
            ("wrong.tile 1", "indicator"),
        ]
        assert faults[0]["file"].endswith("sources/few.toml")
        assert province.get("/api/v1/sources/air/runs").items == []
        province.keep("reports_1022", reports(3, 1, "2026-11-20T08:00"))
        assert state(province, "reports_1022")["state"] == "live"


def test_health_is_ok_while_the_collector_beats_and_503_after(province: Province):
    told = province.get("/healthz")
    assert told.status == 200
    assert told.json | {"collector": {}, "version": ""} == {
        "status": "ok", "store": "ok", "collector": {}, "simulated": False, "version": "", "reasons": [], "faults": [],
    }  # fmt: skip
    assert told.json["collector"]["state"] == "live"
    assert told.headers["cache-control"] == "no-store"
    province.clock[0] += 2 * 3600 + 86_400 * 400
    late = province.get("/healthz")
    assert late.status == 503
    assert late.json["collector"]["state"] == "late"
    assert "the collector's last heartbeat is" in late.json["reasons"][0]


def test_without_a_store_every_route_says_so_and_nothing_crashes(declared: Declared, postgres_server):
    url = postgres_server.create()
    with open_province(url, declared) as province:
        postgres_server.execute(f'ALTER DATABASE "{url.rsplit("/", 1)[1]}" ALLOW_CONNECTIONS false')
        postgres_server.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid()"
        )
        health = province.get("/healthz")
        assert (health.status, health.json["store"]) == (503, "down")
        assert "does not answer" in health.json["reasons"][0]
        reply = province.get("/api/v1/sources")
        assert reply.status == 503
        assert reply.headers["retry-after"] == "5"
        assert "ask again in a moment" in reply.json["detail"]
        assert province.get("/api/v1/areas").status == 200
    postgres_server.drop(url)


def test_a_source_says_what_changed_in_the_structure_of_its_answers(province: Province):
    assert state(province, "one_stop")["schema"] is None
    known: dict[str, Known] = {}
    for at, items in (
        (1, [{"a": 1, "b": 2, "c": 3}] * 30),
        (epoch("2026-11-20T09:00"), [{"a": "x", "b": 2, "d": 4}] * 30),
    ):
        learn(known, observed(items, frozenset({"a", "c"})), at * 1000)
    with province.product.store.writing(province.fence) as commit:
        keep_fields(commit, "one_stop", known)
    told = state(province, "one_stop")["schema"]
    assert told == {
        "changed_at": "2026-11-20T09:00:00.000+07:00",
        "new": ["d"],
        "missing": ["c"],
        "retyped": [{"field": "a", "from": "number", "to": "text"}],
        "sentence": {
            "vi": "trường mới d, thiếu c, đổi kiểu a (số → chữ)",
            "en": "new fields d, missing fields c, retyped fields a (number → text)",
        },
    }
