"""VN_WQI by Decision 1460/QĐ-TCMT: qualities at and between breakpoints, and how groups join."""

from __future__ import annotations

import pytest

from ioc.indicators.standards import FOLDER
from ioc.indicators.statutory import vn_wqi
from ioc.indicators.statutory.vn_wqi import band, index, load_standard, quality, saturation

SAMPLE = {"do": 4.9, "bod5": 5, "cod": 17, "nh4": 0.7, "po4": 0.25, "ph": 7, "coliform": 3500}


def test_the_worked_sample_gives_seventy_three():
    found = index(SAMPLE, 28)
    assert found is not None
    assert found.value == 73
    assert found.worst == "nh4"
    assert found.groups == ("I", "IV", "V")
    assert {name: round(value, 3) for name, value in found.parts.items()} == {
        "do": 63.443, "bod5": 87.5, "cod": 71.667, "nh4": 41.667, "po4": 62.5, "ph": 100, "coliform": 90,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("name", "value", "expected"),
    [
        ("bod5", 4, 100), ("bod5", 6, 75), ("bod5", 50, 10), ("bod5", 51, 10), ("cod", 30, 50), ("cod", 150, 10),
        ("po4", 0.5, 25), ("nh4", 0.29, 100), ("nh4", 0.3, 75), ("nh4", 5, 10), ("nh4", 6, 10),
        ("no3", 2, 100), ("no3", 10, 50), ("no3", 15, 25), ("no3", 15.1, 10), ("no2", 0.05, 100), ("no2", 0.06, 10),
        ("ph", 5.4, 10), ("ph", 5.5, 50), ("ph", 5.75, 75), ("ph", 6, 100), ("ph", 8.5, 100), ("ph", 8.75, 75),
        ("ph", 9, 50), ("ph", 9.1, 10), ("e_coli", 20, 100), ("e_coli", 200, 25), ("e_coli", 201, 10),
        ("coliform", 7500, 50), ("hg", 0.002, 50), ("cu", 2, 10), ("aldrin", 0.1, 100), ("aldrin", 0.11, 10),
    ],
)  # fmt: skip
def test_a_parameter_has_the_quality_of_its_breakpoints(name, value, expected):
    assert quality(name, value) == pytest.approx(expected)


@pytest.mark.parametrize(("share", "expected"), [(19.9, 10), (20, 25), (50, 50), (75, 75), (88, 100), (100, 100),
                                                 (112, 100), (125, 75), (150, 50), (200, 25), (200.1, 10)])  # fmt: skip
def test_oxygen_is_judged_by_its_share_of_saturation(share, expected):
    assert quality("do", saturation(25) * share / 100, 25) == pytest.approx(expected)
    assert saturation(25) == pytest.approx(8.176, abs=0.001)


def test_an_acid_water_is_worth_less_whatever_else_is_in_it():
    good = index({"bod5": 3, "cod": 8, "ph": 7}, None)
    acid = index({"bod5": 3, "cod": 8, "ph": 5.5}, None)
    assert good is not None
    assert acid is not None
    assert (good.value, acid.value) == (100, 50)


@pytest.mark.parametrize("values", [{"cod": 12}, {"ph": 7, "coliform": 100}, {"do": 5.0, "ph": 7}])
def test_one_group_or_none_of_the_fourth_gives_no_index(values):
    assert index(values, None) is None


def test_metals_and_pesticides_multiply_by_their_geometric_means():
    found = index({"cod": 8, "pb": 0.05, "cd": 0.005, "aldrin": 1.0}, None)
    assert found is not None
    assert found.value == round(100 * (0.5 * 1.0) ** 0.5 * 0.1)


def test_an_unknown_parameter_is_refused_and_every_index_has_a_band():
    with pytest.raises(ValueError, match="found chlorine"):
        index({"chlorine": 1}, None)
    bands = load_standard(FOLDER / "vn_wqi.toml").bands
    assert [band(value, bands).id for value in (0, 9, 10, 25, 26, 50, 51, 75, 76, 90, 91, 100)] == [
        "poisoned", "poisoned", "very_bad", "very_bad", "bad", "bad", "moderate", "moderate", "good", "good",
        "very_good", "very_good",
    ]  # fmt: skip
    assert set(vn_wqi.FALLING) | {"do", "ph", "nh4", "no2"} | set(vn_wqi.PESTICIDES) == {
        name for names in vn_wqi.GROUPS.values() for name in names
    }
