"""Small counts of sensitive diseases stay hidden whichever way one asks; the province's sum is shown."""

from __future__ import annotations

import pytest

from sandbox import sensitive

HIV = "/api/v1/indicators/hiv_month"


@pytest.fixture(scope="module")
def counts(province, sources, collect):
    """Collect the communes' counts and return those of the newest month, by commune."""
    collect("sensitive_diseases")
    setting = sources.world.setting
    return {
        area.code: sensitive.cases(setting, "HIV", 2026 * 12 + 9, number)
        for number, area in enumerate(setting.communes)
    }


def test_the_province_sees_the_sum_and_how_many_communes_are_hidden(province, counts):
    told = province.get(HIV).json
    assert told["value"] == sum(counts.values())
    assert told["period"]["label"] == "2026-10"
    assert told["detail"]["hidden"] >= sum(0 < count < 5 for count in counts.values()) > 3


def test_no_commune_shows_a_count_from_one_to_four(province, counts):
    items = province.get(f"{HIV}/breakdown", by="area", limit=200).items
    assert items
    assert not [row for row in items if row["value"] is not None and 0 < row["value"] < 5]
    for code, count in counts.items():
        shown = province.get(HIV, area=code).json["value"]
        assert shown == (None if 0 < count < 5 else count), code


def test_neither_records_nor_the_explanation_nor_the_list_of_values_tell_them(province, counts):
    small = next(code for code, count in counts.items() if 0 < count < 5)
    assert province.get(f"{HIV}/records", area=small).status == 422
    assert province.get(f"{HIV}/explain", area=small).json["records"]["first"] == []
    asked = {"variable": "disease_cases_sensitive", "from": "2026-01-01T00:00:00+07:00"}
    assert province.get("/api/v1/observations", **asked).items == []
