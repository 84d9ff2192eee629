"""The security operations centre: alerts, incidents and hosts arrive as the world has them, without people's names."""

from __future__ import annotations

import json
from collections import Counter

from ioc.calendar import HOUR_S
from sandbox import security
from tests.sandbox.conftest import TUESDAY


def test_single_alerts_are_those_of_the_world_on_pages_of_any_size(province):
    since = int(TUESDAY) - 86_400
    truth = [alert.id for alert in security.alerts(province.world.setting, since, int(TUESDAY), 12)]
    for size in (3, 1000):
        province.cursors = {}
        events = province.records("security_alerts", size=size)
        assert [event.key for event in events] == truth
    assert {event.severity for event in events} <= {"high", "critical"}
    assert len(truth) > 10


def test_counts_by_hour_add_up_to_the_alerts_of_that_hour(province):
    province.cursors = {}
    counted = [one for one in province.records("security_alert_counts") if one.category != "low"]
    hour = int(TUESDAY) // HOUR_S * HOUR_S - 5 * HOUR_S
    there = Counter(
        "critical" if alert.level >= 15 else "high" if alert.level >= 12 else "medium"
        for alert in security.alerts(province.world.setting, hour, hour + HOUR_S, 7)
    )
    assert {one.category: one.value for one in counted if one.time == hour} == {
        "medium": there["medium"], "high": there["high"], "critical": there["critical"],
    }  # fmt: skip
    assert {one.place for one in counted} == {province.world.setting.province}


def test_open_incidents_and_infected_hosts_agree(province):
    province.cursors = {}
    cases = {case.key: case for case in province.records("security_incidents")}
    open_ = [case for case in cases.values() if case.state == "open"]
    assert {case.key for case in open_} == {
        one.key for one in security.incidents(province.world.setting).begun(TUESDAY)
        if one.detected <= TUESDAY < one.contained
    }  # fmt: skip
    sick = Counter()
    for case in open_:
        sick[case.responsible] += int(case.facts["hosts"])
    newest = {}
    for one in province.records("security_hosts"):
        if one.variable == "hosts_infected":
            newest[one.agency] = one.value
    assert {agency: n for agency, n in newest.items() if n} == {a: n for a, n in sick.items() if n}


def test_the_link_says_how_long_ago_the_national_centre_took_our_data(province):
    province.cursors = {}
    last = province.records("security_link")[-1]
    assert last.value == (last.time - security.last_sync(province.world.setting, last.time)) // 60


def test_neither_addresses_nor_staff_are_read(province):
    province.cursors = {}
    text = ""
    for source in ("security_alerts", "security_incidents"):
        for page in province.pages(source):
            text += page.kept.decode() + json.dumps([[*one] for one in page.records], default=dict)
    assert "SC-26" in text
    for word in ("198.51.100", "can.bo", "CÁN BỘ", "10.22."):
        assert word not in text
