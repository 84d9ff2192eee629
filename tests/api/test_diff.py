"""What made a number another one between two moments of knowledge."""

from __future__ import annotations

from dataclasses import replace

import pytest

from ioc.declared_then import keep_declared
from ioc.model import Case, Observation
from ioc.publish import Publisher
from tests.api.province import Province, epoch

ON_SQLITE = pytest.mark.parametrize("store_kind", ["sqlite"])
"""What is asked of the store is the same as in a test beside it that runs on both."""
THEN, NOW = "2026-11-20T10:00:30+07:00", "2026-11-20T10:20:30+07:00"


def report(key: str, state: str = "open", **more: object) -> Case:
    """Make a citizen's report of this month."""
    closed = epoch("2026-11-06") if state == "closed" else None
    return Case(key, "report", state, epoch("2026-11-05"), due=epoch("2026-11-30"), closed=closed, **more)


def moved(province: Province) -> None:
    """Keep reports twice: one is new, one changed, one left the province's month, one only changed its step."""
    province.keep("reports_1022", [report("a"), report("b", "closed"), report("c", "closed"), report("d")])
    province.at("2026-11-20T10:20")
    elsewhere = replace_opened(report("c", "closed"), "2026-10-05")
    province.keep("reports_1022", [report("a", "closed"), report("d", step="x"), report("e"), elsewhere])
    province.at("2026-11-20T10:21")


def replace_opened(case: Case, day: str) -> Case:
    """Return a case that was opened on another day."""
    return case._replace(opened=epoch(day))


def test_the_records_that_moved_a_number_are_named_and_counted(province: Province):
    moved(province)
    asked = {"from": THEN, "to": NOW, "period": "2026-11"}
    told = province.get("/api/v1/indicators/reports_processed/diff", **asked).json
    assert (told["before"]["num"], told["before"]["den"]) == (2, 4)
    assert (told["after"]["num"], told["after"]["den"]) == (2, 4)
    records = told["records"]
    assert (records["new"], records["changed"], records["withdrawn"]) == (1, 2, 0)
    by_id = {one["id"]: one for one in records["first"]}
    assert set(by_id) == {"reports_1022:a", "reports_1022:c", "reports_1022:e"}
    assert by_id["reports_1022:a"]["what"] == "changed"
    assert by_id["reports_1022:a"]["before"] == {"state": "open", "closed": None}
    assert by_id["reports_1022:a"]["after"]["state"] == "closed"
    assert (by_id["reports_1022:e"]["what"], by_id["reports_1022:e"]["before"]) == ("new", None)
    assert told["reason"] == {
        "vi": "1 bản ghi mới; 2 bản ghi thay đổi", "en": "1 new records; 2 changed records",
    }  # fmt: skip
    assert told["definition"] is None
    listed = province.get(records["href"].removeprefix("")).items
    assert {one["id"] for one in listed[:4]} >= set(by_id)


@ON_SQLITE
def test_a_number_that_only_time_moved_says_so(province: Province):
    due = epoch("2026-11-20T10:10")
    province.keep("reports_1022", [report("a")._replace(due=due)])
    province.at("2026-11-20T10:21")
    told = province.get("/api/v1/indicators/reports_overdue/diff", **{"from": THEN}).json
    assert (told["before"]["value"], told["after"]["value"]) == (0, 1)
    assert (told["records"]["new"], told["records"]["changed"]) == (0, 0)
    assert told["reason"]["en"] == "Time passed: cases fell due or overdue"


def test_values_that_came_or_were_corrected_are_named(province: Province):
    hours = [epoch(f"2026-11-20T{hour:02}:00") for hour in (6, 7, 8)]

    def values(*numbers: float) -> list[Observation]:
        pairs = zip(hours, numbers, strict=False)
        return [Observation("pm25", at, "tram_ha_long", n, span="hour", kind="mean") for at, n in pairs]

    province.keep("air", values(20.0, 21.0))
    province.at("2026-11-20T10:20")
    province.keep("air", values(20.0, 99.0, 30.0))
    province.at("2026-11-20T10:21")
    told = province.get("/api/v1/indicators/pm25_day/diff", **{"from": THEN, "to": NOW}).json
    assert (told["records"]["new"], told["records"]["changed"], told["records"]["withdrawn"]) == (1, 1, 0)
    changed = next(one for one in told["records"]["first"] if one["what"] == "changed")
    assert (changed["before"]["value"], changed["after"]["value"]) == (21.0, 99.0)
    assert told["before"]["value"] != told["after"]["value"]


@ON_SQLITE
def test_a_definition_that_changed_is_told_key_by_key(province: Province):
    product, store = province.product, province.product.store
    table = product.catalogue.indicators["reports_processed"]
    other = replace(table, body={**table.body, "owner": "so_y_te"})
    catalogue = replace(product.catalogue, indicators={**product.catalogue.indicators, table.id: other})
    for at, declared in (("10:00", replace(product, catalogue=catalogue)), ("10:10", product)):
        with store.writing(province.fence, epoch(f"2026-11-20T{at}") * 1000) as commit:
            keep_declared(commit, declared)
    province.at("2026-11-20T10:21")
    told = province.get("/api/v1/indicators/reports_processed/diff", **{"from": THEN, "to": NOW}).json
    assert told["definition"]["changed"] == {"owner": {"before": "so_y_te", "after": table.body["owner"]}}
    assert told["reason"]["vi"].startswith("Định nghĩa chỉ số thay đổi")


@ON_SQLITE
def test_explain_tells_the_values_that_were_shown_before_and_why_they_changed(province: Province):
    catalogue = province.product.catalogue
    one = {"citizen_reports": catalogue.boards["citizen_reports"]}
    publisher = Publisher(replace(province.product, catalogue=replace(catalogue, boards=one)), province.fence)
    province.keep("reports_1022", [report("a"), report("b", "closed")])
    publisher.publish(province.clock[0] + 1)
    province.at("2026-11-20T10:20")
    province.keep("reports_1022", [report("a", "closed"), report("e")])
    publisher.publish(province.clock[0] + 1)
    province.at("2026-11-20T10:21")
    history = province.get("/api/v1/indicators/reports_processed/explain").json["history"]
    assert [(entry["num"], entry["den"]) for entry in history] == [(2, 3), (1, 2)]
    assert history[0]["reason"]["vi"] == "1 bản ghi mới; 1 bản ghi thay đổi"
    assert history[0]["to"] is None
    assert history[1]["to"] == history[0]["from"]
    assert history[1]["reason"] is None


def test_a_diff_without_its_beginning_is_told_how_to_ask(quiet_province: Province):
    reply = quiet_province.get("/api/v1/indicators/reports_open/diff")
    assert (reply.status, reply.json["detail"]) == (
        422, "from is missing; name the earlier moment of knowledge, as an instant",
    )  # fmt: skip


def test_the_records_of_a_number_are_listed_page_by_page(province: Province):
    moved(province)
    path = "/api/v1/indicators/reports_processed"
    told = province.get(f"{path}/explain", period="2026-11").json["records"]
    assert told["href"] == f"{path}/records?period=2026-11"
    found, cursor = [], ""
    while cursor is not None:
        page = province.get(f"{path}/records", period="2026-11", limit=3, cursor=cursor).json
        found += [one["id"] for one in page["items"]]
        cursor = page["next"]
    assert sorted(found) == [f"reports_1022:{key}" for key in "abde"]
    then = province.get(f"{path}/records", period="2026-11", as_of=THEN).items
    assert {one["id"]: one["state"] for one in then}["reports_1022:a"] == "open"
    hours = [epoch(f"2026-11-20T{hour:02}:00") for hour in range(1, 9)]
    values = [Observation("pm25", at, "tram_ha_long", 20.0, span="hour", kind="mean") for at in hours]
    province.keep("air", values)
    air = province.get("/api/v1/indicators/pm25_day/records", limit=5).json
    rest = province.get("/api/v1/indicators/pm25_day/records", limit=5, cursor=air["next"]).json
    assert [one["value"] for one in [*air["items"], *rest["items"]]] == [20.0] * 8
