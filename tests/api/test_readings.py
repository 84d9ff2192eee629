"""The golden numbers, as anybody reads them off the API, and what a reading says of itself."""

from __future__ import annotations

from ioc.model import Case, Observation
from tests.api.province import Province, dossiers, epoch, reports


def read(province: Province, indicator: str, **asked: object) -> dict[str, object]:
    """Return the value and the two parts of a reading."""
    reply = province.get(f"/api/v1/indicators/{indicator}", **asked)
    assert reply.status == 200, reply.body
    return {name: reply.json[name] for name in ("value", "num", "den")}


def test_of_620_reports_588_are_closed_and_32_open_which_is_94_84_per_cent(province: Province):
    province.keep("reports_1022", reports(620, 588, "2020-10-01T00:00"))
    month = {"period": "2020-10"}
    assert read(province, "reports_received", **month)["value"] == 620
    assert read(province, "reports_open")["value"] == 32
    assert read(province, "reports_open", at="2020-10-08T00:00:00+07:00")["value"] == 32
    assert read(province, "reports_processed", **month) == {"value": 94.84, "num": 588, "den": 620}


def test_of_87669_dossiers_86880_on_time_give_99_1_per_cent(province: Province):
    for page in dossiers(87_669, 86_880):
        province.keep("one_stop", page)
    found = read(province, "dossiers_on_time", period="2026-11")
    assert found == {"value": 99.1, "num": 86_880, "den": 87_669}


def test_1712_of_1832_procedures_give_93_45_per_cent(province: Province):
    at = epoch("2026-10-01T00:00")
    values = [("procedures_full", 1712), ("procedures_total", 1832)]
    month = {"span": "month", "kind": "count", "method": "official"}
    province.keep(
        "procedures", [Observation(name, at, "22", float(value), **month) for name, value in values]
    )
    found = read(province, "procedures_full_share", period="2026-10")
    assert found == {"value": 93.45, "num": 1712, "den": 1832}


def test_a_reading_says_all_that_the_contract_names(province: Province):
    for page in dossiers(1000, 970):
        province.keep("one_stop", page)
    province.at("2026-11-20T10:00:42")
    reading = province.get("/api/v1/indicators/dossiers_on_time", area="22", period="2026-11").json
    assert reading["period"] == {
        "kind": "month", "label": "2026-11", "start": "2026-11-01T00:00:00+07:00", "end": "2026-12-01T00:00:00+07:00",
        "complete": False,
    }  # fmt: skip
    assert reading["status"] == "warning"
    assert reading["freshness"] == "live"
    assert reading["age_s"] == 42
    assert reading["inputs"] == {"used": 1, "expected": 1}
    assert reading["computed_at"] == "2026-11-20T10:00:42+07:00"
    assert reading["definition"].startswith("sha256:")
    assert (reading["target"]["value"], reading["target"]["gap"]) == (98, -1)
    wanted = {
        "indicator", "area", "unit", "bound", "reported_at", "fresh_until", "valid_until", "previous",
        "same_period_last_year", "target", "recomputed", "as_of",
    }  # fmt: skip
    assert wanted <= reading.keys()


def test_as_of_answers_as_was_known_then(province: Province):
    province.keep("reports_1022", reports(620, 400, "2026-11-05T00:00"))
    province.at("2026-11-20T10:05")
    province.keep("reports_1022", reports(620, 588, "2026-11-05T00:00"))
    then = read(province, "reports_processed", period="2026-11", as_of="2026-11-20T10:03:00+07:00")
    now = read(province, "reports_processed", period="2026-11")
    assert (then["num"], now["num"]) == (400, 588)
    reading = province.get("/api/v1/indicators/reports_processed", as_of="2026-11-20T10:03:00+07:00").json
    assert reading["as_of"] == "2026-11-20T10:03:00.000+07:00"
    assert reading["recomputed"] is True


def test_a_series_has_a_point_for_each_day_without_a_value_before_the_first_record(province: Province):
    province.keep("reports_1022", reports(3, 1, "2026-11-05T00:00"))
    asked = {"grain": "day", "from": "2026-11-04", "to": "2026-11-07"}
    points = province.get("/api/v1/indicators/reports_received/series", **asked).json["points"]
    assert [(point["start"][:10], point["value"]) for point in points] == [
        ("2026-11-04", None), ("2026-11-05", 3), ("2026-11-06", 0),
    ]  # fmt: skip


def test_a_breakdown_has_a_row_for_each_key(province: Province):
    province.keep(
        "reports_1022",
        [
            Case("1", "report", "open", epoch("2026-11-05"), category="rác thải"),
            Case("2", "report", "open", epoch("2026-11-05"), category="dịch bệnh"),
            Case(
                "3", "report", "closed", epoch("2026-11-05"), closed=epoch("2026-11-06"), category="dịch bệnh"
            ),
        ],
    )
    asked = {"by": "category", "period": "2026-11"}
    rows = province.get("/api/v1/indicators/reports_received/breakdown", **asked).items
    assert {row["key"]: row["value"] for row in rows} == {"dịch bệnh": 2, "rác thải": 1}
    one = province.get("/api/v1/indicators/reports_received", category="dịch bệnh", period="2026-11").json
    assert one["value"] == 2


def test_explain_walks_back_to_records_and_sources(province: Province):
    province.keep("reports_1022", reports(620, 588, "2026-11-05T00:00"), kept=b'{"id":1}\n')
    told = province.get("/api/v1/indicators/reports_processed/explain", period="2026-11").json
    assert (told["value"], told["num"], told["den"]) == (94.84, 588, 620)
    assert told["records"]["used"] == 620
    assert len(told["records"]["first"]) == 20
    assert [source["id"] for source in told["sources"]] == ["reports_1022"]
    assert told["sources"][0]["payloads"][0].startswith("sha256:")
    assert told["basis"].startswith("Quy chế tiếp nhận")


def test_indicators_are_listed_with_their_owner_and_basis(province: Province):
    listed = province.get("/api/v1/indicators", limit=1000).items
    items = {one["id"]: one for one in listed}
    one = items["dossiers_on_time"]
    known = {
        "name": {"vi": "Tỷ lệ giải quyết trước và đúng hạn", "en": "Dossiers resolved before or on time"},
        "sector": "public_services", "unit": "%", "decimals": 1, "better": "higher", "by": "closed", "stock": False,
        "owner": "van_phong_ubnd", "period": "month", "fresh_for_s": 3600, "due": None, "historical": False,
    }  # fmt: skip
    assert {name: one[name] for name in known} == known
    assert one["basis"].startswith("Quyết định 766/QĐ-TTg")
    assert one["target"]["value"] == 98
    assert (items["reports_open"]["stock"], items["reports_open"]["period"]) == (True, None)
    assert items["procedures_full_share"]["due"] == "2026-12-07T17:00:00+07:00"  # the 5th is a Saturday
    sectors = [one["sector"] for one in listed]
    order = [one["id"] for one in province.get("/api/v1/sectors").items]
    assert sectors == sorted(sectors, key=order.index)
    some = province.get("/api/v1/indicators", sector="health", limit=1000).items
    assert [one["id"] for one in some] == [one["id"] for one in listed if one["sector"] == "health"]


def test_a_number_without_records_is_absent_or_zero_and_never_judged_good(province: Province):
    for indicator in ("reports_open", "reports_processed", "procedures_full_share"):
        reading = province.get(f"/api/v1/indicators/{indicator}").json
        assert not reading["value"]
        assert reading["status"] in ("none", "stale")
        assert reading["freshness"] in ("never", "not_due")
