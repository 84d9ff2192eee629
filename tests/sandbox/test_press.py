"""Papers and social networks: topics, communes, moods and answers are the world's; authors and words stay there."""

from __future__ import annotations

import json
from collections import Counter

from ioc.calendar import day_start, local_day
from sandbox import press
from tests.sandbox.conftest import TUESDAY


def test_every_paper_is_heard_once_in_its_own_format(province):
    province.cursors = {}
    events = province.records("press")
    heard = Counter(event.facts["source"] for event in events)
    assert len(heard) == 4
    headlines = {
        one.headline
        for paper in press.PAPERS
        for one in press.articles(province.world.setting, paper, int(TUESDAY))
    }
    assert {event.headline for event in events} == headlines
    assert max(event.starts for event in events) <= TUESDAY


def test_an_article_stands_under_its_topic_and_its_commune(province):
    province.cursors = {}
    communes = {area.code: area.name for area in province.world.setting.communes}
    for event in province.records("press"):
        if "ùn tắc" in event.headline.lower():
            assert event.category == "Giao thông"
        if event.areas:
            assert any(communes[code] in event.headline for code in event.areas)
    assert len({event.category for event in province.records("press")}) == 0, "nothing changed since"


def test_mentions_of_a_finished_day_are_whole_and_today_only_until_now(province):
    province.cursors = {}
    found = Counter()
    for one in province.records("social_mentions"):
        found[one.time, one.category] += one.value
    setting, today = province.world.setting, local_day(TUESDAY)
    for day in (today - 1, today):
        truth = sum(press.mentions(setting, day, one, "TIEU_CUC", int(TUESDAY)) for one in press.PLATFORMS)
        assert found[day_start(day), "negative"] == truth > 0
    assert sum(n for (at, _), n in found.items() if at == day_start(today)) < sum(
        n for (at, _), n in found.items() if at == day_start(today - 1)
    )


def test_what_waits_for_an_answer_is_the_worlds_truth(province):
    province.cursors = {}
    cases = {case.key: case for case in province.records("social_items")}
    truth = {
        one.key
        for one in press.items(province.world.setting).begun(TUESDAY)
        if one.found <= TUESDAY < one.answered
    }
    assert {case.key for case in cases.values() if case.state == "open"} == truth
    assert all(case.responsible for case in cases.values())


def test_neither_journalists_nor_authors_are_read(province):
    text = ""
    for source in ("press", "social_items"):
        province.cursors = {}
        for page in province.pages(source):
            text += page.kept.decode() + json.dumps(
                [[*one] for one in page.records], default=dict, ensure_ascii=False
            )
    assert "MXH-26" in text
    for word in ("PHÓNG VIÊN", "TÀI KHOẢN", "090000", "utm_source"):
        assert word not in text
