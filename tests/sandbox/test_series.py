"""Plain figures: PxWeb, REST, CSV and workbooks tell the same generator's truth, late months and corrections included."""

from __future__ import annotations

import json

import pytest

from ioc.calendar import DAY_S, day_of, day_start
from sandbox import projects, series
from sandbox.series import Figure
from tests.api.province import epoch
from tests.sandbox.polling import polled

NOW = epoch("2026-11-20T10:00")
FEEDS = {
    "economy_monthly": ("socio_economy", "month"), "economy_quarterly": ("socio_economy", "quarter"),
    "finance_workbook": ("finance", ""), "taxes": ("taxes", ""), "customs": ("customs", ""),
    "tourism": ("tourism", ""), "industry": ("industry", ""), "agriculture": ("agriculture", ""),
    "land_database": ("land_database", ""), "portal_usage": ("portal_usage", ""), "waste": ("waste", ""),
}  # fmt: skip


@pytest.fixture(scope="module", params=["22", "92"])
def province(request, tmp_path_factory):
    with polled(request.param, NOW, tmp_path_factory.mktemp("series")) as found:
        yield found


def told(province, feed, grain, at=NOW):
    """Return what the generator says, by variable, place and first day."""
    setting = province.world.setting
    return {
        (one.series.id, one.place or setting.province, day_start(day_of(one.first))): series.told(
            setting, one, at
        )
        for one in series.figures(setting, feed, at)
        if grain in ("", one.series.grain)
    }


@pytest.mark.parametrize("source", FEEDS)
def test_a_source_brings_every_figure_that_is_reported_and_no_other(province, source):
    province.clock.at, province.cursors = NOW, {}
    province.drop(source)
    records = province.records(source)
    # figures of a merged province from before July 2025 are of its older area
    brought = {
        (one.variable, one.place.partition("@")[0], one.time): one.value
        for one in records
        if one.value is not None
    }
    truth = told(province, *FEEDS[source])
    assert brought.items() <= truth.items()
    assert len(truth) - len(brought) <= 0.02 * len(truth), "a cell still being gathered is a gap"
    assert {one.variable for one in records} <= province.catalogue.variables.keys()
    assert "CÁN BỘ" not in json.dumps(records, default=str, ensure_ascii=False)
    assert "LẬP BIỂU" not in json.dumps(records, default=str, ensure_ascii=False)


def test_the_month_to_the_14th_is_in_the_finance_departments_workbook_and_no_later_one(province):
    province.clock.at, province.cursors = NOW, {}
    province.drop("finance_workbook")
    newest = max(one.time for one in province.records("finance_workbook"))
    assert newest == epoch("2026-11-01T00:00")
    before = told(province, "finance", "", epoch("2026-11-14T10:00"))
    assert max(at for _, _, at in before) == epoch("2026-10-01T00:00")


def test_a_corrected_figure_is_asked_for_again(province):
    setting = province.world.setting
    figure = next(
        one
        for one in series.figures(setting, "taxes", NOW)
        if series.corrected(setting, one)
        and one.series.kind == "flow"
        and series.corrected(setting, one) < NOW - 30 * DAY_S
    )
    fixed = series.corrected(setting, figure)
    key = (figure.series.id, day_start(day_of(figure.first)))
    values = []
    for at in (fixed - DAY_S, fixed + DAY_S):
        province.clock.at = at
        values += [one.value for one in province.records("taxes") if (one.variable, one.time) == key]
    assert values == [series.told(setting, figure, fixed - 1), series.told(setting, figure, fixed)]
    assert values[0] != values[1]
    province.cursors = {}


def test_what_is_cumulated_is_the_sum_of_its_months_and_plans_are_above_what_was_spent(province):
    setting = province.world.setting
    by_id = {one.id: one for one in series.load("finance")}
    october = 2026 * 12 + 9
    months = [
        series.truth(setting, Figure(by_id["budget_revenue"], month))
        for month in range(2026 * 12, october + 1)
    ]
    assert series.truth(setting, Figure(by_id["budget_revenue_ytd"], october)) == pytest.approx(sum(months))
    assigned, allocated, spent = (
        series.truth(setting, Figure(by_id[f"capital_{name}"], october))
        for name in ("assigned", "allocated", "disbursed")
    )
    assert spent < allocated < assigned


def test_communes_parcels_add_up_to_about_the_provinces_and_are_never_more_cleaned_than_there_are(province):
    setting, month = province.world.setting, 2026 * 12 + 9
    by_id = {one.id: one for one in series.load("land_database")}
    for area in setting.communes:
        parcels, digitised, cleaned = (
            series.truth(setting, Figure(by_id[name], month, area.code))
            for name in ("parcels", "parcels_digitised", "parcels_cleaned")
        )
        assert cleaned < parcels
        assert digitised < 1.02 * parcels


def test_projects_are_the_worlds_and_their_directors_stay_unknown(province):
    province.clock.at, province.cursors = NOW, {}
    cases = {case.key: case for case in province.records("investment_projects")}
    begun = [one for one in projects.projects(province.world.setting) if one.begun <= NOW]
    assert cases.keys() == {one.key for one in begun}
    late = {one.key for one in begun if one.closed > NOW and one.due < NOW}
    assert {key for key, case in cases.items() if case.state == "open" and case.due < NOW} >= late
    assert late
    assert all(case.responsible for case in cases.values())
    assert "CÁN BỘ" not in json.dumps(
        [case._asdict() for case in cases.values()], default=dict, ensure_ascii=False
    )
