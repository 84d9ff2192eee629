"""Areas, agencies and sectors off the API."""

from __future__ import annotations

from ioc.vietnamese import collation_key
from tests.api.province import Province


def test_the_province_stands_before_its_communes_which_are_in_vietnamese_order(quiet_province: Province):
    items = quiet_province.get("/api/v1/areas", limit=1000).items
    first, communes = items[0], items[1:]
    assert first | {"lat": 0, "lon": 0, "valid_from": ""} == {
        "code": "22", "name": "Quảng Ninh", "kind": "tỉnh", "parent": None, "valid_from": "", "valid_to": None,
        "lat": 0, "lon": 0,
    }  # fmt: skip
    names = [area["name"] for area in communes]
    assert len(names) == 54
    assert names == sorted(names, key=collation_key)
    assert names.index("An Sinh") < names.index("Ba Chẽ") < names.index("Đầm Hà") < names.index("Hà An")


def test_areas_of_a_day_are_those_that_existed_then(quiet_province: Province):
    now = quiet_province.get("/api/v1/areas", level="commune", limit=1000).items
    before = quiet_province.get("/api/v1/areas", level="commune", at="2025-06-30", limit=1000).items
    assert len(before) > 150 > len(now)
    assert {area["kind"] for area in now} == {"phường", "xã", "đặc khu"}
    assert "thị trấn" in {area["kind"] for area in before}
    assert all(area["valid_to"] == "2025-06-30" for area in before if area["kind"] == "thị trấn")


def test_pages_of_areas_join_to_the_whole_list(quiet_province: Province):
    whole = quiet_province.get("/api/v1/areas", limit=1000).items
    found, cursor = [], ""
    while cursor is not None:
        reply = quiet_province.get("/api/v1/areas", limit=7, cursor=cursor).json
        assert len(reply["items"]) <= 7
        found += reply["items"]
        cursor = reply["next"]
    assert found == whole


def test_agencies_list_departments_before_committees(quiet_province: Province):
    items = quiet_province.get("/api/v1/agencies", limit=1000).items
    by_id = {agency["id"]: agency for agency in items}
    assert by_id["so_y_te"]["name"] == {"vi": "Sở Y tế", "en": "Department of Health"}
    assert by_id["so_y_te"]["area"] is None
    committees = [agency for agency in items if agency["kind"] == "commune"]
    assert len(committees) == 54
    assert items[-54:] == committees
    assert all(agency["id"] == f"ubnd_{agency['area']}" for agency in committees)


def test_sectors_are_in_their_declared_order(quiet_province: Province):
    items = quiet_province.get("/api/v1/sectors").items
    assert [sector["id"] for sector in items][:5] == [
        "public_services", "citizen_reports", "land", "health", "environment",
    ]  # fmt: skip
    assert items[3] == {"id": "health", "name": {"vi": "Y tế", "en": "Health"}, "order": items[3]["order"]}


def test_what_is_declared_is_answered_304_until_a_day_ends(province: Province):
    for path in ("/api/v1/areas", "/api/v1/agencies", "/api/v1/sectors"):
        province.at("2026-11-20T10:00")
        tag = province.get(path).headers["etag"]
        province.at("2026-11-20T23:59")
        again = province.get(path, headers={"If-None-Match": tag})
        assert (again.status, again.body, again.headers["etag"]) == (304, b"", tag)
