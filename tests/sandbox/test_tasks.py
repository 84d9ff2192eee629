"""Assigned tasks: what the tracking system's connector brings equals the world's truth, in two provinces."""

from __future__ import annotations

import json

import pytest

from sandbox import tasks
from sandbox.answers import Asked
from sandbox.routes import rest
from tests.sandbox.conftest import TUESDAY
from tests.sandbox.polling import polled

DAY_S = 86_400


@pytest.fixture(scope="module", params=["22", "92"])
def province(request, tmp_path_factory):
    with polled(request.param, TUESDAY, tmp_path_factory.mktemp("tasks")) as found:
        yield found


def known(province, cases):
    """Keep the last version of every case."""
    return {case.key: case for case in cases}


def test_tasks_in_hand_and_overdue_are_the_worlds_truth(province):
    province.clock.at, province.cursors = TUESDAY, {}
    cases = known(province, province.records("tasks", window=wide(province)))
    pending = [case for case in cases.values() if case.state == "open"]
    overdue = [case for case in pending if case.due is not None and case.due < TUESDAY]
    assert {"open": len(pending), "overdue": len(overdue)} == tasks.counts(province.world, TUESDAY)
    assert len(pending) > 100
    assert overdue
    assert all(case.responsible for case in cases.values())


def wide(province):
    return {**province.catalogue.sources["tasks"].options["window"], "start": "200d"}


def test_following_what_changed_ends_where_reading_everything_does(province):
    window = {**wide(province), "start": "2d"}
    province.cursors, followed = {}, {}
    for step in range(4):
        province.clock.at = TUESDAY + step * DAY_S
        followed |= known(province, province.records("tasks", window=window))
    province.cursors = {}
    at_once = known(province, province.records("tasks", window={**window, "start": "5d"}))
    assert followed == at_once
    assert any(case.facts["extended"] for case in at_once.values())


def test_a_task_that_was_sent_back_is_open_again(province):
    lives = tasks.tasks(province.world.setting)
    sent_back = next(task for task in lives.begun(TUESDAY) if len(task.moves) == 5)
    done, back, again = (at for at, _ in sent_back.moves[2:])
    assert sent_back.closed_at(done) == done
    assert sent_back.closed_at(back) == 0
    assert sent_back.closed_at(again + DAY_S) == again


def test_pages_of_any_size_hold_the_same_tasks(province):
    province.clock.at, found = TUESDAY, []
    paging = province.catalogue.sources["tasks"].options["paging"]
    for size in (7, 500):
        province.cursors = {}
        found.append(
            province.records(
                "tasks", window={**wide(province), "start": "10d"}, paging={**paging, "per_page": size}
            )
        )
    assert found[0] == found[1]


def test_neither_the_leader_nor_the_content_of_a_task_is_read(province):
    province.clock.at, province.cursors = TUESDAY, {}
    pages = province.pages("tasks", window={**wide(province), "start": "10d"})
    text = json.dumps([[*case] for page in pages for case in page.records], default=str, ensure_ascii=False)
    text += b"".join(page.kept for page in pages).decode()
    assert "NV-26" in text
    assert "LÃNH ĐẠO" not in text
    assert "CHUYÊN VIÊN" not in text
    assert "Nhiệm vụ NV" not in text


def test_a_wrong_token_is_refused(province):
    source = province.catalogue.sources["tasks"]
    assert source.auth["token"] == "sandbox-tasks"
    told = rest.answer(
        province.world, Asked("GET", "", "/rest/nhiem-vu", {}, {}, {"authorization": "Bearer x"})
    )
    assert told.status == 401
