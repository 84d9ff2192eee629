"""Q19: the digital economy's way from 3 % to 20 % by 2025 and 30 % by 2030."""

from __future__ import annotations

import pytest

from tests.golden.brought import from_server


@pytest.fixture(scope="module")
def ask(province, sources):
    """Collect three years once and return what asks the API for the target of a year."""
    items = [
        {"ma": "digital_economy_share", "ky": f"{year}-01-01", "dia_ban": "22", "gia_tri": value}
        for year, value in ((2022, 3), (2025, 20))
    ]
    province.keep("digital_economy", from_server(sources, "digital_economy", items))
    return lambda year: province.get("/api/v1/indicators/digital_economy_share", period=str(year)).json


def test_Q19_three_per_cent_must_grow_by_5_67_points_a_year(ask):
    told = ask(2022)
    assert told["value"] == 3
    assert (told["target"]["by"], told["target"]["value"]) == (2025, 20)
    assert told["target"]["required_slope"] == 5.67


def test_Q19_twenty_per_cent_in_2025_is_on_the_path_to_30(ask):
    told = ask(2025)
    assert (told["value"], told["target"]["gap"], told["target"]["on_track"]) == (20, 0, True)
