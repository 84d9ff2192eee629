"""Figures that earlier reports printed: they come in by a workbook and are read off the API as they were printed."""

from __future__ import annotations

import pytest

from ioc.trust import Trust


@pytest.fixture(scope="module")
def ask(province, collect):
    """Collect the workbook once and return what asks the API for a year's figure."""
    collect("published_figures")

    def asked(indicator, year):
        told = province.get(f"/api/v1/indicators/{indicator}", period=str(year)).json
        return told["value"], told["num"], told["den"], told["bound"]

    return asked


def test_Q1_1712_of_1832_procedures_are_online(ask):
    assert ask("procedures_online_34_share", 2022) == (93.45, 1712, 1832, None)


def test_Q2_more_than_70_per_cent_is_kept_as_a_bound(ask):
    assert ask("egov_users_printed", 2022) == (70, 70, None, ">=")


def test_Q3_53_5_per_cent_is_twice_what_the_year_before_is_derived_from(ask):
    assert ask("online_handled_printed", 2021)[0] == 53.5
    assert ask("online_handled_printed", 2020)[0] == 26.75


def test_Q3_the_derived_year_is_no_official_figure(ask, province):
    variable = province.product.definitions["online_handled_printed"].num
    assert not variable.fits("method", "forecast")
    assert province.product.definitions["services_online_printed"].num.fits("method", "official")
    assert not province.product.definitions["services_online_printed"].num.fits("method", "estimated")


def test_Q4_1180_procedures_and_a_printed_75_per_cent_arrive_with_the_totals_it_may_be_of(ask):
    assert ask("procedures_integrated_printed", 2022)[0] == 75
    assert ask("procedures_online_34_share", 2022)[1:3] == (1712, 1832)


def test_H2_99_1_per_cent_is_kept_as_published(ask):
    assert ask("dossiers_on_time_printed", 2020)[0] == 99.1


def test_H6_more_than_500_reports_is_a_bound(ask):
    assert ask("ioc_reports_printed", 2021) == (500, 500, None, ">=")


def test_M1_more_than_20000_reports_in_two_years_is_a_bound(ask):
    assert ask("ioc_reports_two_years_printed", 2021) == (20_000, 20_000, None, ">=")


def test_M13_98_of_117_procedures_are_online_60_at_level_4_and_38_at_level_3(ask):
    assert ask("investment_online_share_printed", 2020) == (83.76, 98, 117, None)
    assert ask("investment_online_4_printed", 2020)[0] + ask("investment_online_3_printed", 2020)[0] == 98


def test_M14_20386_dossiers_are_more_than_70_per_cent_so_that_all_were_fewer_than_29123(ask):
    dossiers = ask("investment_dossiers_printed", 2020)[0]
    value, _, _, bound = ask("investment_dossiers_share_printed", 2020)
    assert (dossiers, value, bound) == (20_386, 70, ">=")
    assert round(100 * dossiers / value) == 29_123


def test_M15_617_came_by_post_and_1841_went_back(ask):
    assert (ask("post_received_printed", 2020)[0], ask("post_returned_printed", 2020)[0]) == (617, 1841)


def test_T7_1945_online_services_were_offered(ask):
    assert ask("services_online_printed", 2020)[0] == 1945


@pytest.fixture(scope="module")
def flagged(ask, province):
    """Let the watch over contradictions look once and return its sentences by indicator."""
    Trust(province.product, province.fence, lambda: None).check(province.clock[0])
    items = province.get("/api/v1/contradictions", source="published_figures").items
    return {one["indicator"]: one["sentence"]["vi"] for one in items}


def test_Q4_75_per_cent_of_no_published_total_is_flagged(flagged):
    said = flagged["procedures_integrated_printed"]
    assert "1.180/1.712 = 68,9%" in said
    assert "1.180/1.832 = 64,4%" in said
    assert "cần mẫu số ≈ 1.573, mẫu số không công bố" in said


def test_H2_99_1_per_cent_says_that_its_denominator_was_not_published(flagged):
    assert "99,1%, mẫu số không công bố" in flagged["dossiers_on_time_printed"]


SUMS = ("reports_by_state", "reports_by_channel", "reports_by_answer", "axis_by_level", "investment_by_level")


def test_T1_T2_T11_M13_printed_parts_add_up_and_flag_nothing(ask, province):
    outcomes = Trust(province.product, province.fence, lambda: None).check(province.clock[0])
    assert {rule: outcomes[rule].compared["published_figures"] for rule in SUMS} == {
        "reports_by_state": (1, 0),
        "reports_by_channel": (3, 0),
        "reports_by_answer": (1, 0),
        "axis_by_level": (1, 0),
        "investment_by_level": (1, 0),
    }
    assert [
        one.sentence["vi"] for outcome in outcomes.values() for one in outcome.found if one.kind == "sum"
    ] == []
    assert ask("reports_printed", 2020)[0] == 620
    assert ask("reports_processed_printed", 2020) == (94.84, 588, 620, None)


@pytest.mark.parametrize(
    ("indicator", "year", "value", "bound"),
    [
        pytest.param("election_turnout_printed", 2021, 99.95, None, id="Q12"),
        pytest.param("commune_video_links_printed", 2021, 177, None, id="Q12 links"),
        pytest.param("investors_met_printed", 2017, 500, ">=", id="D2"),
        pytest.param("app_accounts_printed", 2021, 5_000, None, id="H5"),
        pytest.param("software_in_use_printed", 2021, 32, None, id="M6"),
        pytest.param("paper_cost_printed", 2021, 500, ">=", id="M10"),
    ],
)
def test_what_was_printed_of_a_row_is_read_as_it_was_printed(ask, indicator, year, value, bound):
    assert (ask(indicator, year)[0], ask(indicator, year)[3]) == (value, bound)
