"""as_of on every route: what was known, declared and shown at an earlier moment."""

from __future__ import annotations

import hashlib
from dataclasses import replace

import pytest

from ioc.declared import Table
from ioc.declared_then import keep_declared
from ioc.model import Rejected
from ioc.product import Product
from ioc.publish import Publisher
from tests.api.province import Province, epoch, reports

ON_SQLITE = pytest.mark.parametrize("store_kind", ["sqlite"])
"""What is asked of the store is the same as in a test beside it that runs on both."""
BEFORE, AFTER = "2026-11-20T10:03:00+07:00", "2026-11-20T10:30:00+07:00"


def declare(province: Province, product: Product) -> None:
    """Keep a product's declarations as the collector does at its start, at the instant of the clock."""
    with province.product.store.writing(province.fence, int(province.clock[0] * 1000)) as commit:
        keep_declared(commit, product)


def changed(product: Product) -> Product:
    """Declare something else: no sector land, another name of a sector, one source and one board fewer."""
    catalogue = product.catalogue
    health = catalogue.sectors["health"]
    sectors = {id: one for id, one in catalogue.sectors.items() if id != "land"}
    sectors["health"] = replace(health, name=replace(health.name, vi="Y tế mới"))
    received = catalogue.indicators["reports_received"]
    indicators = {
        id: one
        for id, one in catalogue.indicators.items()
        if not id.startswith("land_") and id != received.id
    } | {received.id: Table(received.id, received.file, {**received.body, "owner": "so_y_te"})}
    other = replace(
        catalogue,
        sectors=sectors,
        indicators=indicators,
        sources={id: one for id, one in catalogue.sources.items() if id != "air"},
        boards={id: one for id, one in catalogue.boards.items() if id != "land"},
    )
    return replace(product, catalogue=other)


@pytest.fixture
def twice_declared(province: Province) -> Province:
    """Give a province whose declarations of 10:00 were others than today's, which came at 10:10."""
    declare(province, changed(province.product))
    province.at("2026-11-20T10:10")
    declare(province, province.product)
    province.at("2026-11-20T10:40")
    return province


def ids(province: Province, path: str, **asked: object) -> list[str]:
    """List the ids of a route."""
    return [one["id"] for one in province.get(path, limit=1000, **asked).items]


def test_lists_are_answered_as_declared_then(twice_declared: Province):
    for path, missing in (("sectors", "land"), ("sources", "air"), ("quality", "air"), ("boards", "land")):
        then, later = (ids(twice_declared, f"/api/v1/{path}", as_of=at) for at in (BEFORE, AFTER))
        assert set(later) - set(then) == {missing}
        assert later == ids(twice_declared, f"/api/v1/{path}")
    told = [twice_declared.get("/api/v1/narration", as_of=at, limit=1000).items for at in (BEFORE, AFTER)]
    assert {one["sector"] for one in told[1]} - {one["sector"] for one in told[0]} == {"land"}
    then = twice_declared.get("/api/v1/indicators", as_of=BEFORE, limit=1000).items
    now = twice_declared.get("/api/v1/indicators", limit=1000).items
    owners = [{one["id"]: one["owner"] for one in listed} for listed in (then, now)]
    assert owners[0]["reports_received"] == "so_y_te" != owners[1]["reports_received"]
    assert {id for id in owners[1] if id not in owners[0]} == {
        id for id in owners[1] if id.startswith("land_")
    }
    names = {
        one["id"]: one["name"]["vi"] for one in twice_declared.get("/api/v1/sectors", as_of=BEFORE).items
    }
    assert names["health"] == "Y tế mới"
    for path in ("areas", "agencies"):
        key = "code" if path == "areas" else "id"
        then = twice_declared.get(f"/api/v1/{path}", limit=1000, as_of=BEFORE).items
        assert [one[key] for one in then] == [
            one[key] for one in twice_declared.get(f"/api/v1/{path}", limit=1000).items
        ]


def test_runs_rejected_records_and_answers_are_those_known_then(province: Province):
    kept = b'{"id":1}\n'
    first = province.keep(
        "reports_1022", reports(3, 1, "2026-11-20T08:00"), rejected=[Rejected("a", "no date")]
    )
    province.at("2026-11-20T10:20")
    second = province.keep(
        "reports_1022", reports(3, 2, "2026-11-20T08:00"), rejected=[Rejected("b", "no day")], kept=kept
    )
    province.at("2026-11-20T10:40")
    path = "/api/v1/sources/reports_1022"
    assert ids(province, f"{path}/runs") == [second, first]
    assert ids(province, f"{path}/runs", as_of=BEFORE) == [first]
    assert [one["address"] for one in province.get(f"{path}/rejected", as_of=BEFORE).items] == ["a"]
    address = "/api/v1/payloads/sha256:" + hashlib.sha256(kept).hexdigest()
    assert [province.get(address, as_of=at).status for at in (BEFORE, AFTER)] == [404, 200]


@ON_SQLITE
def test_a_run_that_ended_since_was_under_way(province: Province):
    province.keep("reports_1022", reports(3, 1, "2026-11-20T08:00"), kept=b"1")
    with province.product.store.writing(province.fence) as commit:
        late = epoch("2026-11-20T10:05") * 1000
        commit.connection.exec_driver_sql(f"UPDATE run SET finished = {late}")
        commit.connection.exec_driver_sql(f"UPDATE payload SET stored = {late}")
    province.at("2026-11-20T10:40")
    (then,) = province.get("/api/v1/sources/reports_1022/runs", as_of=BEFORE).items
    assert (then["finished"], then["outcome"], then["new"], then["payloads"]) == (None, None, None, [])
    (now,) = province.get("/api/v1/sources/reports_1022/runs", as_of=AFTER).items
    assert (now["outcome"], now["new"], len(now["payloads"])) == ("changed", 3, 1)


def publish(province: Province) -> None:
    """Publish the board of citizens' reports at the instant of the clock."""
    catalogue = province.product.catalogue
    one = {"citizen_reports": catalogue.boards["citizen_reports"]}
    product = replace(province.product, catalogue=replace(catalogue, boards=one))
    Publisher(product, province.fence).publish(province.clock[0])


def test_a_board_is_shown_again_as_it_was_and_says_so(province: Province):
    province.keep("reports_1022", reports(620, 400, "2026-11-05T00:00"))
    publish(province)
    shown = province.get("/api/v1/boards/citizen_reports").json
    province.at("2026-11-20T10:20")
    province.keep("reports_1022", reports(620, 588, "2026-11-05T00:00"))
    publish(province)
    now = province.get("/api/v1/boards/citizen_reports").json
    assert now["tiles"] != shown["tiles"]
    then = province.get("/api/v1/boards/citizen_reports", as_of=BEFORE).json
    assert then == {**shown, "as_of": BEFORE, "recomputed": False}
    versions = {one["id"]: one["version"] for one in province.get("/api/v1/boards", as_of=BEFORE).items}
    assert versions["citizen_reports"] == 1
    reading = province.get("/api/v1/indicators/reports_processed", as_of=BEFORE).json
    tile = next(one for one in shown["tiles"] if one["indicator"] == "reports_processed")
    assert (reading["value"], reading["recomputed"], reading["definition"]) == (
        tile["value"], False, tile["definition"],
    )  # fmt: skip
    assert reading["as_of"] == "2026-11-20T10:03:00.000+07:00"
    narrowed = province.get("/api/v1/indicators/reports_processed", as_of=BEFORE, period="2026-11").json
    assert (narrowed["num"], narrowed["recomputed"]) == (400, True)


@ON_SQLITE
def test_a_board_that_was_not_shown_yet_is_computed_from_what_was_known(province: Province):
    province.keep("reports_1022", reports(620, 400, "2026-11-05T00:00"))
    province.at("2026-11-20T10:20")
    province.keep("reports_1022", reports(620, 588, "2026-11-05T00:00"))
    publish(province)
    then = province.get("/api/v1/boards/citizen_reports", as_of=BEFORE).json
    values = {one["indicator"]: one["num"] for one in then["tiles"]}
    assert (then["recomputed"], then["published_at"], values["reports_processed"]) == (True, None, 400)
    (source,) = [one for one in then["sources"] if one["id"] == "reports_1022"]
    assert source["state"] == "live"
    refused = province.get("/api/v1/boards/nothing", as_of=BEFORE)
    assert (refused.status, "nothing" in refused.json["detail"]) == (404, True)


def test_every_route_of_data_takes_as_of(quiet_province: Province):
    listed = quiet_province.get("/api/v1/").items
    without = {one["path"] for one in listed if "as_of" not in one["parameters"]}
    assert without <= {"/healthz", "/api/v1/indicators/{id}/diff"}
