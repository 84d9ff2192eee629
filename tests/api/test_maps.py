"""What a board's map holds: every commune of a count, and the areas of the events in force."""

from __future__ import annotations

import pytest

from ioc.board_parts import Parts
from ioc.boards import PartPlan
from ioc.model import Case, Event
from tests.api.province import Province, epoch

NOW = epoch("2026-11-20T10:00")


def drawn(province: Province, plan: PartPlan, now: int = NOW):
    with province.product.engine.snapshot(now) as snapshot:
        return Parts(province.product).whole(plan, now, snapshot)


def of(indicator: str, **more: str) -> PartPlan:
    return PartPlan("map", "map", "map", "row", indicator, {}, by="area", **more)


def report(key: str, area: str) -> Case:
    return Case(key, "report", "open", NOW - 86_400, due=NOW + 86_400, area=area)


def test_a_commune_without_a_case_is_nought_once_the_source_answered(province: Province):
    silent, _ = drawn(province, of("reports_open"))
    assert silent["rows"] == []
    province.keep("reports_1022", [report("a", "06793"), report("b", "06793")])
    part, _ = drawn(province, of("reports_open"))
    values = {row["area"]: row["value"] for row in part["rows"]}
    communes = {area.code for area in province.product.territory.communes("22")}
    assert set(values) == communes
    assert [values["06793"], sum(values.values())] == [2, 2]


def test_a_share_leaves_communes_without_cases_as_gaps(province: Province):
    closed = Case("a", "report", "closed", NOW - 86_400, due=NOW, closed=NOW - 60, area="06793")
    province.keep("reports_1022", [closed])
    part, _ = drawn(province, of("reports_on_time"))
    assert [row["area"] for row in part["rows"] if row["value"] is not None] == ["06793"]


@pytest.mark.parametrize(("later", "areas"), [(0, [["06793", "06652"]]), (7200, [])])
def test_warnings_in_force_are_outlined_until_they_end(
    province: Province, later: int, areas: list[list[str]]
):
    ends = NOW + 3600
    warning = Event("w", "warning", NOW - 60, ends, "2", "Mưa lớn", areas=("06793", "06652"))
    province.keep("warnings", [warning])
    part, until = drawn(province, of("reports_open", warnings="warnings_active"), NOW + later)
    assert [row["areas"] for row in part["warnings"]] == areas
    if areas:
        assert (until or 0) in range(NOW + 1, ends + 2)
