"""Freshness: seven honest states from the runs of a source, its declaration and the instant."""

from datetime import datetime

import pytest

from ioc.calendar import Calendar
from ioc.model import Due, Source, Text
from ioc.quality import Runs, freshness, worst

CALENDAR = Calendar()


def instant(text: str) -> int:
    return int(datetime.fromisoformat(text + "+07:00").timestamp())


NOW = instant("2026-11-20T08:20:00")
SENSOR = Source("s", Text("S", "S"), "rest_json", "land", "case:dossier", "x", every=60.0, fresh_for=120.0)
REPORT = Source("r", Text("R", "R"), "spreadsheet", "health", "observation", "x", due=Due(15, "17:00"))


def answered(at: int, **more: object) -> Runs:
    return Runs(
        first_run=at - 3600, last_run=at, outcome="unchanged", last_success=at, last_changed=at, **more
    )


def test_a_source_that_answers_is_live_until_two_intervals_have_passed():
    found = freshness(SENSOR, answered(NOW - 30), NOW, CALENDAR)
    assert (found.state, found.until) == ("live", NOW - 30 + 121)
    assert freshness(SENSOR, answered(NOW - 30), found.until - 1, CALENDAR).state == "live"
    assert freshness(SENSOR, answered(NOW - 30), found.until, CALENDAR).state == "late"


def test_a_source_that_does_not_answer_is_down_once_its_last_success_is_too_old():
    runs = Runs(
        NOW - 9000,
        NOW - 20,
        "failed",
        "nguồn trả lời 500",
        "unreachable",
        0.0,
        NOW - 600,
        NOW - 600,
        NOW - 480,
    )
    found = freshness(SENSOR, runs, NOW, CALENDAR)
    assert (found.state, found.vi) == ("down", "Mất kết nối từ 08:12: nguồn trả lời 500")
    assert found.en == "Down since 08:12: nguồn trả lời 500"


def test_one_failed_run_after_a_fresh_success_is_still_live():
    runs = Runs(NOW - 9000, NOW - 5, "failed", "hết giờ", "unreachable", 0.0, NOW - 65, NOW - 65, NOW - 5)
    assert freshness(SENSOR, runs, NOW, CALENDAR).state == "live"


def test_a_broken_contract_is_rejected_at_once():
    runs = Runs(
        NOW - 9000, NOW - 5, "failed", "thiếu trường MaHoSo", "contract", 0.0, NOW - 65, NOW - 65, NOW - 5
    )
    found = freshness(SENSOR, runs, NOW, CALENDAR)
    assert (found.state, found.vi) == ("rejected", "Bị từ chối từ 08:19: thiếu trường MaHoSo")


def test_too_many_refused_records_reject_the_source():
    found = freshness(SENSOR, answered(NOW - 30, rejected_share=0.2), NOW, CALENDAR)
    assert found.state == "rejected"
    assert "20,0% bản ghi không hợp lệ, vượt mức 5,0%" in found.vi


def test_polls_that_bring_nothing_recent_are_late():
    found = freshness(SENSOR, answered(NOW - 30, last_reported=NOW - 300), NOW, CALENDAR)
    assert (found.state, found.since) == ("late", NOW - 180)


def test_a_source_that_was_never_asked_has_nothing():
    assert freshness(SENSOR, Runs(), NOW, CALENDAR).state == "never"


def test_a_source_that_never_answered_is_down_with_its_sentence():
    runs = Runs(NOW - 60, NOW - 5, "failed", "không có tuyến", "unreachable", failing_since=NOW - 60)
    assert freshness(SENSOR, runs, NOW, CALENDAR).vi == "Mất kết nối từ 08:19: không có tuyến"


# The 15th of November 2026 is a Sunday, so that the date moves to Monday the 16th.
@pytest.mark.parametrize(
    ("came", "state", "until"),
    [
        ("2026-11-12T09:00:00", "live", "2026-12-15T17:00:01"),
        ("2026-11-18T09:00:00", "live", "2027-01-15T17:00:01"),
        ("2026-10-10T09:00:00", "late", None),
    ],
)
def test_a_report_is_judged_by_its_date(came, state, until):
    found = freshness(REPORT, answered(instant(came)), NOW, CALENDAR)
    assert found.state == state
    assert found.until == (instant(until) if until else None)


def test_a_report_that_is_not_due_is_not_late():
    found = freshness(REPORT, Runs(), NOW, CALENDAR)
    assert (found.state, found.vi) == ("not_due", "Chưa đến hạn báo cáo: hạn ngày 15/12/2026")


def test_the_worst_input_decides():
    assert worst(["live", "late", "live"]) == "late"
    assert worst(["not_due", "live"]) == "not_due"
    assert worst([]) == "never"


def test_another_day_is_named_in_the_sentence():
    runs = Runs(0, NOW - 20, "failed", "", "unreachable", 0.0, NOW - 90_000, NOW - 90_000, NOW - 86_400)
    assert freshness(SENSOR, runs, NOW, CALENDAR).vi == "Mất kết nối từ 08:20 19/11/2026"
