"""Targets as anybody reads them off the API: measured and stated, now and as known then."""

from __future__ import annotations

from ioc.model import Observation
from tests.api.province import Province, dossiers, epoch


def by_id(province: Province, **asked: object) -> dict[str, dict[str, object]]:
    """Return the targets by their ids."""
    reply = province.get("/api/v1/targets", **asked)
    assert reply.status == 200, reply.body
    return {item["id"]: item for item in reply.json["items"]}


def test_targets_of_three_pillars_stand_beside_those_of_indicators(province: Province):
    for page in dossiers(1000, 990):
        province.keep("one_stop", page)
    found = by_id(province)
    stated = found["digital_health"]
    assert (stated["kind"], stated["status"], stated["value"], stated["by"], stated["pillar_name"]["vi"]) == (
        "declared", "going", 100, 2025, "Xã hội số",
    )  # fmt: skip
    measured = found["dossiers_on_time.2025"]
    assert (measured["kind"], measured["status"], measured["reading"]["value"]) == ("indicator", "met", 99)
    assert {item["pillar"] for item in by_id(province, pillar="economy").values()} == {"economy"}
    assert all(item["status"] == "met" for item in by_id(province, status="met").values())
    assert all(item["basis"] and item["owner"] for item in found.values())


def test_a_measured_target_follows_its_reading_and_its_path(province: Province):
    told = {"span": "year", "kind": "share", "method": "official"}
    share = Observation("digital_economy_share", epoch("2026-01-01T00:00"), "22", 21.5, **told)
    before = by_id(province)["digital_economy"]
    assert (before["status"], before["reading"]["value"], before["required"]) == ("unknown", None, None)
    province.keep("procedures", [share])
    after = by_id(province)["digital_economy"]
    assert (after["value"], after["status"], after["reading"]["value"]) == (30, "going", 21.5)
    assert (after["required"], after["required_slope"], after["on_track"]) == (22, 2.13, False)
    assert after["path"][0] == {"year": 2023, "value": 3}
    late = by_id(province)["digital_economy_share.2025"]
    assert late["status"] == "met"


def test_a_target_is_answered_as_known_then(province: Province):
    province.keep("one_stop", next(iter(dossiers(100, 50))))
    province.at("2026-11-20T12:00:00")
    province.keep("one_stop", next(iter(dossiers(100, 99))))
    now = by_id(province)["dossiers_on_time.2025"]["reading"]["value"]
    past = by_id(province, as_of="2026-11-20T11:00:00+07:00")["dossiers_on_time.2025"]["reading"]["value"]
    assert (past, now) == (50, 99)


def test_an_unknown_pillar_is_refused_with_those_known(province: Province):
    reply = province.get("/api/v1/targets", pillar="culture")
    assert reply.status == 422
    assert "government" in reply.json["detail"]
