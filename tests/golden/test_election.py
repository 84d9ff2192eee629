"""Turnout of the election of 2021 by unit: communes' counts come in by a workbook and are read off the API by area."""

from __future__ import annotations

import pytest

from sandbox import election


@pytest.fixture(scope="module")
def told(province, collect, sources):
    """Collect the workbook once and return the communes' rows of 2021 and the units that they add up."""
    collect("election")
    found = province.get(
        "/api/v1/indicators/election_turnout/breakdown", by="area", period="2021", limit="200"
    ).json
    return found, election.units(sources.world.setting)


def test_Q12_turnout_of_the_province_is_99_95_per_cent_of_the_voters_on_the_lists(province, told):
    whole = province.get("/api/v1/indicators/election_turnout", period="2021").json
    voters, ballots = sum(one.voters for one in told[1]), sum(one.ballots for one in told[1])
    assert (whole["value"], whole["num"], whole["den"]) == (99.95, ballots, voters)


def test_Q12_turnout_is_answered_by_unit_and_the_units_add_up_to_the_province(told):
    found, units = told
    rows = found["items"]
    assert len(rows) > 50
    assert sum(row["num"] for row in rows) == sum(one.ballots for one in units)
    assert sum(row["den"] for row in rows) == sum(one.voters for one in units)
    values = [row["value"] for row in rows]
    assert values == [round(100 * row["num"] / row["den"], 2) for row in rows]
    assert min(values) < 99.95 < max(values)


def test_Q12_a_unit_of_today_is_asked_for_by_its_code_and_says_that_former_ones_were_added_up(province, told):
    row = min(told[0]["items"], key=lambda one: one["value"])
    asked = province.get("/api/v1/indicators/election_turnout", period="2021", area=row["key"]).json
    assert (asked["value"], asked["num"], asked["den"]) == (row["value"], row["num"], row["den"])
    assert asked["rebased"]["method"] == "sum"
