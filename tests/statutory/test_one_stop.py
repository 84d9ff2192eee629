"""Dossiers early, on time, late, overdue and suspended, and the 766 rule beside them."""

from datetime import datetime

import pytest

from ioc.calendar import DAY_S, LOCAL, Calendar
from ioc.indicators.statutory.one_stop import (
    STATE_OF_STATUS,
    bucket,
    ending_status,
    is_received,
    on_time_766,
    overdue_working_days,
    timing,
)
from ioc.model import Case

WEEKDAYS = Calendar().working_days_between


def at(day: int, hour: int = 17) -> int:
    """Return an instant of November 2026, local time."""
    return int(datetime(2026, 11, day, hour, tzinfo=LOCAL).timestamp())


def dossier(state="open", due: int | None = None, closed: int | None = None, waited_s: int = 0) -> Case:
    return Case(
        "H99-1",
        "dossier",
        state,
        at(2, 8),
        due=at(12) if due is None else due,
        closed=closed,
        waited_s=waited_s,
    )


@pytest.mark.parametrize(
    ("status", "received", "where"),
    [
        ("1", False, "registered"),
        ("2", True, "in_progress"),
        ("3", False, "closed_without_result"),
        ("4", True, "in_progress"),
        ("5", True, "suspended"),
        ("6", True, "suspended"),
        ("7", True, "closed_without_result"),
        ("8", True, "closed_without_result"),
        ("9", True, "finished"),
        ("10", True, "finished"),
    ],
)
def test_every_status_of_the_portal_has_its_bucket(status, received, where):
    state = STATE_OF_STATUS[status]
    assert (is_received(state), bucket(state)) == (received, where)


def test_of_several_endings_the_result_counts():
    assert ending_status({"8", "10", "9"}) == "9"
    assert ending_status({"8", "10"}) == "10"
    assert ending_status({"4"}) is None


@pytest.mark.parametrize(
    ("case", "expected"),
    [
        (dossier("closed", closed=at(11, 23)), "early"),
        (dossier("closed", closed=at(12, 6)), "on_time"),
        (dossier("closed", closed=at(12)), "on_time"),
        (dossier("closed", closed=at(12) + 1), "late"),
        (dossier("closed", closed=at(14), waited_s=2 * DAY_S), "on_time"),
        (dossier("closed", closed=at(14) + 1, waited_s=2 * DAY_S), "late"),
        (dossier("closed"), "none"),
        (dossier(due=at(20)), "in_term"),
        (dossier(due=at(17)), "due_soon"),
        (dossier(due=at(13)), "due_soon"),
        (dossier(due=at(13, 9)), "overdue"),
        (dossier(due=at(12), waited_s=DAY_S), "due_soon"),
        (dossier("waiting_supplement", due=at(3)), "suspended"),
        (dossier("waiting_payment", due=at(3)), "suspended"),
        (dossier("stopped", due=at(3)), "none"),
        (dossier("refused", due=at(3)), "none"),
        (dossier()._replace(due=None), "none"),
    ],
)
def test_a_dossier_stands_to_its_due_instant(case, expected):
    # Now is Friday 13 November, 10:00; Tuesday 17 is two working days away, Friday 20 five.
    assert timing(case, at(13, 10), soon=2, working_days_between=WEEKDAYS) == expected


def test_on_time_agrees_with_the_case_itself():
    for closed in (at(11), at(12), at(12) + 1, at(13)):
        for waited in (0, DAY_S):
            case = dossier("closed", closed=closed, waited_s=waited)
            named = timing(case, at(20), 2, WEEKDAYS)
            assert case.on_time is (named in ("early", "on_time"))


@pytest.mark.parametrize(
    ("case", "now", "days"),
    [
        (dossier(due=at(13)), at(16, 8), 1),  # Friday evening to Monday morning
        (dossier(due=at(13, 9)), at(13, 10), 0),
        (dossier(due=at(13, 9)), at(15, 10), 0),  # Sunday
        (dossier(due=at(13)), at(13, 10), None),
        (dossier(due=at(11), waited_s=DAY_S), at(13, 10), 1),
        (dossier("waiting_supplement", due=at(3)), at(13), None),
        (dossier("closed", due=at(3), closed=at(9)), at(13), None),
    ],
)
def test_overdue_is_counted_in_working_days(case, now, days):
    assert overdue_working_days(case, now, WEEKDAYS) == days


@pytest.mark.parametrize(
    ("case", "requests", "on_time"),
    [
        (dossier("closed", closed=at(12)), 0, True),
        (dossier("closed", closed=at(12)), 1, True),
        (dossier("closed", closed=at(12)), 2, False),
        (dossier("closed", closed=at(13)), 0, False),
        (dossier(due=at(30)), 0, True),
        (dossier(due=at(20)), 0, False),
        (dossier("new"), 0, None),
        (dossier()._replace(due=None), 0, None),
    ],
)
def test_the_766_rule_counts_a_second_supplement_as_late(case, requests, on_time):
    assert on_time_766(case, period_end=at(30), supplement_requests=requests) is on_time


def test_a_second_supplement_is_late_in_the_766_rule_only():
    case = dossier("closed", closed=at(12))
    assert case.on_time
    assert not on_time_766(case, at(30), supplement_requests=2)
