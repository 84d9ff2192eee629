"""Local days, periods, comparisons and working days."""

from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from time import perf_counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ioc import calendar as cal
from ioc.calendar import Calendar, load_calendar, parse_period, previous, same_last_year
from ioc.errors import DeclarationError, QuestionError
from ioc.model import Due

FILE = Path(__file__).resolve().parent.parent / "data" / "calendar.toml"


def at(text: str) -> int:
    return int(datetime.fromisoformat(text + ("T00:00" if "T" not in text else "") + "+07:00").timestamp())


NOW = at("2026-11-21T10:00")
CALENDAR = load_calendar(FILE.parent)


def span(period: cal.Period) -> tuple[str, str]:
    return cal.iso(period.start)[:16], cal.iso(period.end)[:16]


def test_a_local_day_begins_at_17_utc_the_day_before():
    assert cal.day_start(cal.day_of(date(2026, 11, 21))) == int(
        datetime(2026, 11, 20, 17, tzinfo=UTC).timestamp()
    )
    assert (
        cal.local_day(at("2026-11-21T00:00"))
        == cal.local_day(at("2026-11-21T23:59"))
        == cal.day_of(date(2026, 11, 21))
    )
    assert cal.local_day(at("2026-11-21T00:00") - 1) == cal.day_of(date(2026, 11, 20))


@given(st.integers(-2_000_000_000, 4_000_000_000))
def test_every_instant_lies_in_exactly_one_local_day(epoch: int):
    day = cal.local_day(epoch)
    assert cal.day_start(day) <= epoch < cal.day_end(day)
    assert cal.local_time(epoch).date() == cal.date_of(day) == cal.local_date(epoch)
    assert cal.day_of(cal.date_of(day)) == day


@pytest.mark.parametrize(
    ("text", "kind", "start", "end", "complete"),
    [
        ("2026", "year", "2026-01-01T00:00", "2027-01-01T00:00", False),
        ("2026-Q4", "quarter", "2026-10-01T00:00", "2027-01-01T00:00", False),
        ("2026-Q3", "quarter", "2026-07-01T00:00", "2026-10-01T00:00", True),
        ("2026-11", "month", "2026-11-01T00:00", "2026-12-01T00:00", False),
        ("2026-W47", "week", "2026-11-16T00:00", "2026-11-23T00:00", False),
        ("2020-W53", "week", "2020-12-28T00:00", "2021-01-04T00:00", True),
        ("2026-11-21", "day", "2026-11-21T00:00", "2026-11-22T00:00", False),
        ("2026-11-20T20", "hour", "2026-11-20T20:00", "2026-11-20T21:00", True),
        ("last_24h", "window", "2026-11-20T10:00", "2026-11-21T10:00", True),
        ("last_30d", "window", "2026-10-22T10:00", "2026-11-21T10:00", True),
        ("to_date", "to_date", "2026-01-01T00:00", "2026-11-21T10:00", True),
        ("report:2026-11", "report", "2026-10-15T00:00", "2026-11-15T00:00", True),
        ("report:2026-01", "report", "2025-12-15T00:00", "2026-01-15T00:00", True),
        ("report:2026-Q4", "report", "2026-09-15T00:00", "2026-12-15T00:00", False),
        ("report:2026", "report", "2025-12-15T00:00", "2026-12-15T00:00", False),
    ],
)
def test_a_period_is_read_as_half_open_local_days(text: str, kind: str, start: str, end: str, complete: bool):
    period = parse_period(text, NOW, CALENDAR)
    assert (period.kind, *span(period), period.complete) == (kind, start, end, complete)
    assert period.label == text
    assert period.until == min(period.end, NOW)


@pytest.mark.parametrize(
    "text", ["", "26", "2026-13", "2026-Q5", "2026-W60", "2026-02-30", "2026-11-21T24", "last_0d", "tuần"]
)
def test_a_period_that_is_none_is_answered_with_what_to_write(text: str):
    with pytest.raises(QuestionError, match="is not understood; use 2026, 2026-Q4"):
        parse_period(text, NOW, CALENDAR)


def test_a_period_that_has_not_begun_is_refused():
    with pytest.raises(QuestionError, match="has not begun yet"):
        parse_period("2026-12", NOW)


def test_a_reporting_period_needs_the_declared_calendar():
    with pytest.raises(QuestionError, match=r"calendar\.toml"):
        parse_period("report:2026-11", NOW)


@pytest.mark.parametrize(
    ("kind", "instant", "label"),
    [
        ("hour", "2026-11-20T20:59", "2026-11-20T20"),
        ("day", "2026-11-20T23:59", "2026-11-20"),
        ("week", "2021-01-03T12:00", "2020-W53"),
        ("month", "2026-10-31T23:59", "2026-10"),
        ("quarter", "2026-09-30T23:59", "2026-Q3"),
        ("year", "2025-12-31T23:59", "2025"),
        ("report", "2026-10-15T00:00", "report:2026-11"),
        ("report", "2026-11-14T23:59", "report:2026-11"),
        ("report", "2025-12-15T00:00", "report:2026-01"),
    ],
)
def test_an_instant_lies_in_the_period_of_its_label(kind: cal.Kind, instant: str, label: str):
    period = cal.period_of(kind, at(instant), NOW, CALENDAR)
    assert period.label == label
    assert period.start <= at(instant) < period.end


@pytest.mark.parametrize(
    ("text", "before", "year_before"),
    [
        ("2026-10", ("2026-09-01T00:00", "2026-10-01T00:00"), ("2025-10-01T00:00", "2025-11-01T00:00")),
        ("2026-11", ("2026-10-01T00:00", "2026-10-21T10:00"), ("2025-11-01T00:00", "2025-11-21T10:00")),
        ("2026-Q4", ("2026-07-01T00:00", "2026-08-21T10:00"), ("2025-10-01T00:00", "2025-11-21T10:00")),
        ("2026", ("2025-01-01T00:00", "2025-11-21T10:00"), ("2025-01-01T00:00", "2025-11-21T10:00")),
        ("2026-W47", ("2026-11-09T00:00", "2026-11-14T10:00"), ("2025-11-17T00:00", "2025-11-22T10:00")),
        ("2020-W53", ("2020-12-21T00:00", "2020-12-28T00:00"), ("2019-12-30T00:00", "2020-01-06T00:00")),
        ("2026-11-21", ("2026-11-20T00:00", "2026-11-20T10:00"), ("2025-11-21T00:00", "2025-11-21T10:00")),
        ("2024-02-29", ("2024-02-28T00:00", "2024-02-29T00:00"), ("2023-02-28T00:00", "2023-03-01T00:00")),
        ("last_24h", ("2026-11-19T10:00", "2026-11-20T10:00"), ("2025-11-20T10:00", "2025-11-21T10:00")),
        ("to_date", ("2025-01-01T00:00", "2025-11-21T10:00"), ("2025-01-01T00:00", "2025-11-21T10:00")),
        (
            "report:2026-12",
            ("2026-10-15T00:00", "2026-10-21T10:00"),
            ("2025-11-15T00:00", "2025-11-21T10:00"),
        ),
        (
            "report:2026-Q1",
            ("2025-09-15T00:00", "2025-12-15T00:00"),
            ("2024-12-15T00:00", "2025-03-15T00:00"),
        ),
    ],
)
def test_an_unfinished_period_is_compared_over_an_equal_span(
    text: str, before: tuple[str, str], year_before: tuple[str, str]
):
    period = parse_period(text, NOW, CALENDAR)
    assert span(previous(period, CALENDAR)) == before
    assert span(same_last_year(period, CALENDAR)) == year_before


def test_a_comparison_never_reaches_beyond_its_own_period():
    last_of_march = at("2026-03-31T20:00")
    march = parse_period("2026-03", last_of_march)
    assert span(previous(march)) == ("2026-02-01T00:00", "2026-03-01T00:00")
    leap_day = parse_period("2028-02", at("2028-02-29T12:00"))
    assert span(same_last_year(leap_day)) == ("2027-02-01T00:00", "2027-03-01T00:00")


@pytest.mark.parametrize(
    ("start", "end", "days"),
    [
        ("2026-11-20T16:00", "2026-11-23T08:00", 1),  # Friday to Monday
        ("2026-11-16T08:00", "2026-11-16T16:00", 0),
        ("2026-11-16T08:00", "2026-11-20T16:00", 4),
        ("2026-02-13T08:00", "2026-02-23T08:00", 1),  # across Tết
        ("2025-04-25T08:00", "2025-05-05T08:00", 4),  # 26 April made up, 30 April to 2 May off
        ("2026-11-23T08:00", "2026-11-20T16:00", -1),
    ],
)
def test_working_days_leave_out_weekends_holidays_and_tet(start: str, end: str, days: int):
    assert CALENDAR.working_days_between(at(start), at(end)) == days


@pytest.mark.parametrize(
    ("day", "count", "then"),
    [
        ("2026-11-20", 1, "2026-11-23"),
        ("2026-11-21", 1, "2026-11-23"),
        ("2026-11-21", 0, "2026-11-23"),
        ("2026-11-20", 0, "2026-11-20"),
        ("2026-11-23", -1, "2026-11-20"),
        ("2026-11-21", -1, "2026-11-20"),
        ("2026-02-13", 1, "2026-02-23"),
        ("2025-04-25", 1, "2025-04-26"),
    ],
)
def test_adding_working_days_lands_on_a_working_day(day: str, count: int, then: str):
    found = CALENDAR.add_working_days(cal.day_of(date.fromisoformat(day)), count)
    assert cal.date_of(found) == date.fromisoformat(then)


@given(st.dates(date(2020, 1, 1), date(2035, 1, 1)), st.integers(1, 400))
def test_adding_and_counting_working_days_agree(start: date, count: int):
    day = cal.day_of(start)
    end = CALENDAR.add_working_days(day, count)
    assert CALENDAR.is_working_day(end)
    assert CALENDAR.working_days_between(cal.day_start(day), cal.day_start(end)) == count
    assert count == sum(CALENDAR.is_working_day(passed) for passed in range(day + 1, end + 1))


def test_a_hundred_thousand_cases_are_counted_in_a_fraction_of_a_second():
    start = perf_counter()
    for minutes in range(100_000):
        CALENDAR.working_days_between(NOW - minutes * 60, NOW)
    assert perf_counter() - start < 1.0


@pytest.mark.parametrize(
    ("due", "last", "following"),
    [
        (Due(15), "2026-11-16T17:00", "2026-12-15T17:00"),  # 15 November is a Sunday
        (Due(21, "09:00"), "2026-10-21T09:00", "2026-11-23T09:00"),
        (Due(31, "17:00"), "2026-11-02T17:00", "2026-11-30T17:00"),
        (Due(15, "17:00", "year", 12), "2025-12-15T17:00", "2026-12-15T17:00"),
        (Due(10, "17:00", "quarter", 1), "2026-10-12T17:00", "2027-01-11T17:00"),
        (Due(5, "10:00", "week"), "2026-11-20T10:00", "2026-11-27T10:00"),
        (Due(1, "07:30", "day"), "2026-11-20T07:30", "2026-11-23T07:30"),
    ],
)
def test_a_due_date_on_a_day_off_moves_to_the_next_working_day(due: Due, last: str, following: str):
    assert cal.iso(CALENDAR.last_due(due, NOW))[:16] == last
    assert cal.iso(CALENDAR.next_due(due, NOW))[:16] == following


@given(
    st.integers(at("2022-01-01"), at("2032-01-01")),
    st.integers(1, 31),
    st.sampled_from(["month", "quarter", "year"]),
)
def test_now_always_lies_between_the_last_due_and_the_next(now: int, day: int, period: str):
    due = Due(day, "17:00", period)
    assert CALENDAR.last_due(due, now) <= now < CALENDAR.next_due(due, now)


def test_working_hours_are_the_declared_ones():
    assert CALENDAR.is_working_time(at("2026-11-20T07:30"))
    assert not CALENDAR.is_working_time(at("2026-11-20T11:30"))
    assert not CALENDAR.is_working_time(at("2026-11-21T09:00"))
    day = cal.day_of(date(2026, 11, 20))
    assert cal.iso(CALENDAR.work_start(day))[11:16] == "07:30"
    assert cal.iso(CALENDAR.work_end(day))[11:16] == "17:00"


def test_tet_lies_inside_its_days_off_in_every_declared_year():
    assert CALENDAR.years == {2024, 2025, 2026, 2027}
    for first in CALENDAR.tet.values():
        days = [cal.day_of(first + timedelta(days=step)) for step in range(3)]
        assert not any(CALENDAR.is_working_day(day) for day in days)
    assert CALENDAR.unverified == {2026, 2027}


def test_years_without_a_table_know_the_fixed_holidays_only():
    assert not CALENDAR.is_working_day(cal.day_of(date(2030, 4, 30)))
    assert CALENDAR.is_working_day(cal.day_of(date(2030, 4, 29)))
    assert isinstance(
        Calendar(hours=((time(8), time(17)),)).is_working_day(cal.day_of(date(2026, 1, 1))), bool
    )


@pytest.mark.parametrize(
    ("old", "new", "sentence"),
    [
        (
            "first_day = 15",
            "first_day = 31",
            r"calendar.toml: \[reporting.first_day\] expected a day from 1 to 28, found 31",
        ),
        ('"07:30", "11:30"', '"11:30", "07:30"', r"\[working.hours\] expected a start before its end"),
        ("weekend = [6, 7]", "weekend = [0, 7]", "expected ISO days from 1"),
        ("2024-01-01,", '"2024-01-01",', r"\[year\[1\].days\] expected a day such as"),
        ("2024-01-01,", "2023-01-01,", "expected days of 2024, found 2023-01-01"),
        ('moves = "next"', 'moves = "later"', r"\[due.moves\] expected"),
        ('"01-01",', '"13-01",', "expected month and day"),
        ("[reporting]", "[report]", r"\[report\] unknown key"),
        ("verified = true", "verified = 1", "expected true or false"),
    ],
)
def test_a_faulty_calendar_is_answered_with_file_key_and_what_was_expected(
    tmp_path: Path, old: str, new: str, sentence: str
):
    text = FILE.read_text("utf-8")
    assert old in text
    (tmp_path / "calendar.toml").write_text(text.replace(old, new, 1), "utf-8")
    with pytest.raises(DeclarationError, match=sentence):
        load_calendar(tmp_path)
