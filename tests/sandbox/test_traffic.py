"""Traffic: detectors and fines arrive as the world has them; a silent detector is a gap and not nought."""

from __future__ import annotations

from ioc.calendar import day_start, local_day
from sandbox import traffic
from tests.sandbox.conftest import TUESDAY


def test_flow_and_speed_are_those_of_each_point(province):
    setting = province.world.setting
    for source, value in (("traffic_flow", traffic.flow), ("traffic_speed", traffic.speed)):
        records = province.records(source, top=50)
        assert {one.place for one in records} == {f"road_{number}" for number in range(1, 11)}
        for one in records[::37]:
            assert one.value == value(setting, int(one.place[5:]) - 1, one.time)
        assert min(one.value for one in records if one.value is not None) > 0


def test_roads_are_fuller_at_five_than_at_three_in_the_night(province):
    setting, midnight = province.world.setting, day_start(local_day(TUESDAY))
    night, evening = midnight + 3 * 3600, midnight + 17 * 3600
    for point in range(10):
        flows = traffic.flow(setting, point, night), traffic.flow(setting, point, evening)
        assert None in flows or flows[0] < flows[1]


def test_fines_of_a_day_come_the_next_morning(province):
    records = province.records("traffic_violations")
    yesterday = day_start(local_day(TUESDAY) - 1)
    assert max(one.time for one in records) == yesterday
    told = {one.category: one.value for one in records if one.time == yesterday}
    assert sum(told.values()) == sum(
        traffic.violations(province.world.setting, local_day(yesterday), kind) for kind in traffic.KINDS
    )
