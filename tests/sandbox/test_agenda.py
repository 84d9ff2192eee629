"""Calendar, weather and prices arrive as the world has them; no name of a leader does."""

from __future__ import annotations

import json

from ioc.calendar import day_start, local_day
from sandbox import agenda
from tests.sandbox.conftest import TUESDAY


def test_the_calendar_knows_today_and_the_days_ahead(province):
    province.cursors = {}
    events = {event.key: event for event in province.records("leaders_calendar")}
    today = day_start(local_day(TUESDAY))
    of_today = [event for event in events.values() if today <= event.starts < today + 86_400]
    lives = agenda.meetings(province.world.setting)
    made = local_day(TUESDAY) - agenda.AHEAD_DAYS
    assert len(of_today) == lives.count(made) >= 4
    assert max(event.starts for event in events.values()) > TUESDAY + 5 * 86_400
    assert {event.facts["office"] for event in events.values()} <= {*agenda.OFFICES}


def test_no_name_of_a_leader_is_read(province):
    province.cursors = {}
    pages = province.pages("leaders_calendar")
    text = json.dumps([[*one] for page in pages for one in page.records], default=dict, ensure_ascii=False)
    text += "".join(page.kept.decode() for page in pages)
    assert "LCT-26" in text
    assert "LÃNH ĐẠO" not in text
    assert "CÁN BỘ" not in text


def test_what_is_past_of_the_weather_is_estimated_and_what_is_to_come_a_forecast(province):
    records = province.records("weather")
    assert {one.place for one in records} == {province.world.setting.province}
    now = [one for one in records if one.span == "instant"]
    at = int(TUESDAY) // 900 * 900
    assert {one.variable: one.value for one in now}["air_temperature"] == agenda.temperature(
        province.world.setting, at
    )
    assert {one.method for one in now} == {"estimated"}
    assert {one.method for one in records if one.span == "day"} == {"forecast"}
    assert len({one.time for one in records if one.span == "day"}) == 3


def test_prices_are_the_worlds_and_a_day_that_nobody_asked_is_a_gap(province):
    province.cursors = {}
    found = {(one.category, one.time): one.value for one in province.records("market_prices")}
    setting, yesterday = province.world.setting, local_day(TUESDAY) - 1
    for good, (name, _, _) in agenda.GOODS.items():
        value = found.get((name, day_start(yesterday)))
        assert value in (None, agenda.price(setting, good, yesterday))
    assert 3700 < len(found) < 3950
