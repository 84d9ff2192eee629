"""A level among its declared levels, as bulletins tell it."""

from __future__ import annotations

import pytest

from ioc.indicators.statutory.alarm_level import standing

LEVELS = [("BĐ1", 3.0), ("BĐ2", 4.0), ("BĐ3", 5.0)]


@pytest.mark.parametrize(
    ("value", "reached", "vi", "en"),
    [
        (4.12, 2, "trên BĐ2 0,12 m", "0.12 m above BĐ2"),
        (2.65, 0, "dưới BĐ1 0,35 m", "0.35 m below BĐ1"),
        (3.0, 1, "ở mức BĐ1", "at BĐ1"),
        (3.999, 1, "trên BĐ1 1,00 m", "1.00 m above BĐ1"),
        (7.25, 3, "trên BĐ3 2,25 m", "2.25 m above BĐ3"),
    ],
)
def test_a_level_is_told_by_the_highest_alarm_it_reached(value, reached, vi, en):
    found = standing(value, LEVELS)
    assert found is not None
    assert (found.reached, found.vi, found.en) == (reached, vi, en)


def test_without_declared_levels_nothing_is_said():
    assert standing(4.0, []) is None
