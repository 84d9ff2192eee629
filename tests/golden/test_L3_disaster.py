"""L3: at a flood, rivers read against their alarms, points, people and risk are read off the API."""

from __future__ import annotations

import pytest

from sandbox import water
from sandbox.gauges import told_situation
from tests.api.province import epoch

FLOOD = "2026-10-22T15:10"


@pytest.fixture(scope="module")
def flood(province, sources, collect):
    """Collect the sources of disasters at the worst of a flood."""
    sources.clock.at = epoch(FLOOD)
    province.at(FLOOD)
    for source in ("river_gauges", "disaster_situation", "disaster_points", "reservoirs", "rain_gauges"):
        collect(source)

    def ask(indicator, **asked):
        return province.get(f"/api/v1/indicators/{indicator}", **asked).json

    return ask


def test_L3_a_river_is_told_as_so_much_above_its_alarm(flood, sources):
    told = flood("river_stage")
    site = told["where"]["site"]
    setting = sources.world.setting
    river = [one.id for one in setting.of_kind("river_gauge")].index(site)
    at = epoch(FLOOD) - epoch(FLOOD) % 3600
    level = water.level(setting, river, at)
    stage = sum(level >= alarm for alarm in water.alarms(river))
    above = f"{level - water.alarms(river)[stage - 1]:.2f}".replace(".", ",")
    assert told["value"] == level
    assert told["detail"]["text"]["vi"] == f"trên BĐ{stage} {above} m"
    assert told["status"] == ("critical" if stage == 3 else "warning")
    assert flood("rivers_above_alarm")["den"] == 5


def test_L3_people_evacuated_and_the_level_of_risk_are_the_command_posts(flood, sources):
    at = epoch(FLOOD) - epoch(FLOOD) % 3600
    situation = told_situation(sources.world, at, at)
    assert flood("evacuated_people")["value"] == situation["so_tan_nguoi"] > 0
    assert flood("disaster_risk")["value"] == situation["cap_do_rui_ro"] >= 2


def test_L3_flooded_points_are_counted_and_rain_of_24_hours_is_the_wettest_gauges(flood, sources):
    assert flood("flooded_points")["value"] > 5
    told = flood("rain_24h")
    assert told["value"] > 50
    assert told["where"]["site"].startswith("rain_")
