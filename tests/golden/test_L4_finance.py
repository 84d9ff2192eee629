"""L4: disbursement against both of its plans, revenue against the estimate, compared with last year."""

from __future__ import annotations

import pytest

from sandbox import series
from sandbox.series import Figure
from tests.api.province import epoch
from tests.golden.conftest import NOW


@pytest.fixture(scope="module")
def told(province, sources, collect):
    """Collect the finance department's workbook; return the newest truth of each figure: one is late this month."""
    collect("finance_workbook")
    setting = sources.world.setting
    return {
        one.series.id: series.told(setting, one, epoch(NOW))
        for one in series.figures(setting, "finance", epoch(NOW))
    }


@pytest.mark.parametrize("plan", ["assigned", "allocated"])
def test_L4_disbursement_is_shown_of_each_plan(province, told, plan):
    found = province.get(f"/api/v1/indicators/capital_disbursed_of_{plan}").json
    assert (found["num"], found["den"]) == (told["capital_disbursed"], told[f"capital_{plan}"])
    assert found["period"]["label"] in ("report:2026-10", "report:2026-11")


def test_L4_revenue_is_of_the_estimate_and_compared_with_a_year_before(province, told, sources):
    found = province.get("/api/v1/indicators/budget_revenue_ytd").json
    assert found["value"] == told["budget_revenue_ytd"]
    setting, one = (
        sources.world.setting,
        {one.id: one for one in series.load("finance")}["budget_revenue_ytd"],
    )
    year_before = series.told(setting, Figure(one, 2025 * 12 + 10), epoch(NOW))
    assert found["same_period_last_year"] == year_before
    assert found["freshness"] in ("live", "not_due")
