"""Figures of schools that earlier reports printed: they come in by the workbook and are read off the API as printed."""

from __future__ import annotations

import pytest


@pytest.fixture(scope="module")
def ask(province, collect):
    """Collect the workbook once and return what asks the API for a year's figure."""
    collect("published_figures")

    def asked(indicator, year):
        told = province.get(f"/api/v1/indicators/{indicator}", period=str(year)).json
        return told["value"], told["bound"]

    return asked


def test_Q13_more_than_1400_smart_classrooms_stand_in_89_schools(ask):
    assert ask("classrooms_smart_printed", 2022) == (1400, ">=")
    assert ask("schools_smart_printed", 2022) == (89, None)


def test_M5_more_than_400_units_are_on_the_education_portal(ask):
    assert ask("school_portal_units_printed", 2021) == (400, ">=")
