"""Announcements and loudspeakers arrive as the world has them; who approved and who operates is never read."""

from __future__ import annotations

import json

from ioc.calendar import day_start, local_day
from sandbox import outreach
from tests.sandbox.conftest import TUESDAY


def test_what_was_sent_by_channel_agrees_with_the_single_announcements(province):
    province.cursors = {}
    setting, yesterday = province.world.setting, local_day(TUESDAY) - 1
    lives = outreach.announcements(setting)
    made = [lives.make(yesterday, number) for number in range(lives.count(yesterday))]
    keys = {event.key for event in province.records("announcements")}
    assert {one.key for one in made} <= keys
    found = {
        (one.channel, one.variable): one.value
        for one in province.records("announcement_reach")
        if one.time == day_start(yesterday)
    }
    names = {"ZALO": "zalo", "UNG_DUNG": "app", "SMS": "sms", "FACEBOOK": "facebook", "CONG_TTDT": "portal"}
    for theirs, ours in names.items():
        assert found[ours, "announcements_sent"] == sum(theirs in one.reach for one in made)
        assert found[ours, "announcements_reach"] > 0 or not found[ours, "announcements_sent"]


def test_an_announcement_reaches_more_people_later_and_then_no_more(province):
    lives = outreach.announcements(province.world.setting)
    one = lives.make(local_day(TUESDAY) - 9, 0)
    channel = next(iter(one.reach))
    counted = [one.reached(channel, one.sent + hours * 3600) for hours in (0, 1, 6, 48, 60)]
    assert counted == sorted(counted)
    assert counted[0] == 0 < counted[1]
    assert counted[3] == counted[4]


def test_each_commune_tells_of_its_loudspeakers_on_pages_of_any_size(province):
    found = [province.records("grassroots_units", limit=size) for size in (7, 500)]
    assert sorted(found[0]) == sorted(found[1])
    setting = province.world.setting
    values = {(one.place, one.variable): one.value for one in found[0]}
    for commune in setting.communes:
        total = outreach.clusters(setting, commune)
        assert values[commune.code, "loudspeakers_total"] == total
        assert (
            values[commune.code, "loudspeakers_online"] == outreach.online(setting, commune, TUESDAY) <= total
        )


def test_nobodys_name_is_read(province):
    text = ""
    for source in ("announcements", "grassroots_units"):
        province.cursors = {}
        for page in province.pages(source):
            text += page.kept.decode() + json.dumps(
                [[*one] for one in page.records], default=dict, ensure_ascii=False
            )
    assert "TB-26" in text
    for word in ("LÃNH ĐẠO", "CÁN BỘ"):
        assert word not in text
