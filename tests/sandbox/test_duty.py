"""The duty officers' report: its events and its totals say the same, and nobody's name is read."""

from __future__ import annotations

import json
from collections import Counter

import pytest

from ioc.calendar import day_start, local_day
from sandbox import duty
from tests.sandbox.conftest import TUESDAY


@pytest.fixture(autouse=True, scope="module")
def dropped(province):
    folder = province.folder / duty.FOLDER
    folder.mkdir(parents=True, exist_ok=True)
    for make in (duty.reports, duty.totals):
        for file in make(province.world, int(TUESDAY)):
            (folder / file.name).write_bytes(file.content(""))


def test_events_and_totals_agree_on_every_morning(province):
    province.cursors = {}
    events = province.records("duty_log", settle="0s")
    totals = Counter()
    for one in province.records("duty_totals", settle="0s"):
        totals[one.variable, one.time, one.category] += one.value
    setting, today = province.world.setting, local_day(TUESDAY)
    for day in range(today - duty.REPORTS + 1, today + 1):
        start = day_start(day - 1) + duty.CLOSES_S
        of = [event for event in events if start <= event.starts < start + 86_400]
        assert [event.key for event in of] == [one.key for one in duty.matters(setting, day)]
        for kind in duty.KINDS:
            there = [event for event in of if event.category == kind]
            assert totals["duty_cases", day_start(day), kind] == len(there)
            assert totals["duty_deaths", day_start(day), kind] == sum(one.facts["deaths"] for one in there)
    assert sum(n for (name, _, _), n in totals.items() if name == "duty_cases") > 1000


def test_a_report_comes_at_twenty_past_six_and_not_before(province):
    morning = day_start(local_day(TUESDAY)) + duty.ARRIVES_S
    names = [[file.name for file in duty.reports(province.world, at)][-1] for at in (morning - 1, morning)]
    assert names == ["truc_ban_20261116.xlsx", "truc_ban_20261117.xlsx"]


def test_neither_the_officer_nor_those_concerned_are_read(province):
    province.cursors = {}
    pages = province.pages("duty_log", settle="0s")
    text = json.dumps([[*one] for page in pages for one in page.records], default=dict, ensure_ascii=False)
    text += "".join(page.kept.decode() for page in pages)
    assert "VV-26" in text
    assert "CÁN BỘ TRỰC" not in text
    assert "NGƯỜI LIÊN QUAN" not in text
