"""Weekly alert, monthly outbreak, timeliness and suppression."""

from datetime import date, datetime, timedelta, timezone
from pathlib import Path

import pytest

from ioc.errors import DeclarationError
from ioc.indicators.statutory.disease import (
    Past,
    Rule,
    Verdict,
    disease_on,
    linked_outbreak,
    load_standard,
    month_outbreak,
    report_due,
    reported_in_time,
    suppress,
    week_alert,
)

PATH = Path(__file__).parents[2] / "data/standards/disease.toml"
STANDARD = load_standard(PATH)
LOCAL = timezone(timedelta(hours=7))
RULE = Rule(k=2, years=5, least_years=3, spread="sample", basis="test")
WEEK = date(2026, 11, 9)  # 2026-W46
PAST = [
    Past(date.fromisocalendar(year, 46, 1), count)
    for year, count in [(2021, 10), (2022, 12), (2023, 14), (2024, 16), (2025, 18)]
]
# Mean 14; SD 3.1623 as a sample, 2.8284 as a population.


@pytest.mark.parametrize(
    ("k", "spread", "threshold"),
    [
        (2, "sample", 20.3246),
        (1, "sample", 17.1623),
        (2, "population", 19.6569),
        (1.5, "population", 18.2426),
    ],
)
def test_the_weekly_threshold_is_the_mean_and_k_spreads(k, spread, threshold):
    judged = week_alert(20, PAST, Rule(k, 5, 3, spread, "test"), start=WEEK, finished=True)
    assert judged.threshold == pytest.approx(threshold, abs=5e-5)
    assert (judged.mean, judged.years) == (14, 5)
    assert judged.verdict == ("above" if threshold < 20 else "below")


def test_an_unfinished_week_has_no_verdict_however_high():
    assert week_alert(500, PAST, RULE, start=WEEK, finished=False).verdict is Verdict.UNFINISHED


@pytest.mark.parametrize(
    ("count", "finished", "verdict"),
    [(21, True, "above"), (20, True, "below"), (21, False, "above"), (20, False, "unfinished")],
)
def test_a_running_month_may_already_be_above_but_not_yet_below(count, finished, verdict):
    past = [Past(date(year, 11, 1), 10 + 2 * (year - 2021)) for year in range(2021, 2026)]
    assert month_outbreak(count, past, RULE, start=date(2026, 11, 1), finished=finished).verdict == verdict


def test_an_outbreak_year_is_out_of_the_baseline():
    past = [*PAST[:2], Past(PAST[2].start, 400, outbreak=True), *PAST[3:]]
    judged = week_alert(25, past, RULE, start=WEEK, finished=True)
    assert (judged.years, judged.mean, judged.verdict) == (4, 14, Verdict.ABOVE)


def test_years_beyond_the_window_do_not_stand_in_for_others():
    past = [Past(date.fromisocalendar(2020, 46, 1), 1000), *PAST, Past(WEEK, 1000)]
    assert week_alert(20, past, RULE, start=WEEK, finished=True).mean == 14


def test_a_commune_of_july_2025_has_too_few_years():
    judged = week_alert(99, PAST, RULE, start=WEEK, finished=True, comparable_from=date(2025, 7, 1))
    assert (judged.verdict, judged.threshold, judged.years) == (Verdict.INSUFFICIENT, None, 1)
    assert week_alert(99, PAST, RULE, start=WEEK, finished=False, comparable_from=date(2025, 7, 1)) == judged


def test_a_missing_year_is_not_a_year_without_cases():
    past = [Past(PAST[0].start, None), Past(PAST[1].start, None), Past(PAST[2].start, None), *PAST[3:]]
    assert week_alert(99, past, RULE, start=WEEK, finished=True).verdict is Verdict.INSUFFICIENT


@pytest.mark.parametrize("k", [0.9, 2.1])
def test_a_weekly_alert_outside_one_to_two_spreads_is_refused(k):
    with pytest.raises(ValueError, match="k between 1 and 2"):
        week_alert(1, PAST, Rule(k, 5, 3, "sample", "test"), start=WEEK, finished=True)


def test_linked_cases_alert_at_three_and_are_an_outbreak_at_five():
    assert [linked_outbreak(n, STANDARD.linked_alert) for n in (2, 3)] == [False, True]
    assert [linked_outbreak(n, STANDARD.linked_outbreak) for n in (4, 5)] == [False, True]


@pytest.mark.parametrize(
    ("id", "day", "deadline"),
    [
        ("dengue", date(2026, 6, 30), "24h"),
        ("dengue", date(2026, 7, 1), "48h"),
        ("measles", date(2026, 7, 1), "24h"),
        ("tuberculosis", date(2026, 7, 1), "week"),
        ("covid_19", date(2026, 6, 30), None),
    ],
)
def test_the_deadline_of_a_disease_is_that_of_its_day(id, day, deadline):
    disease = disease_on(STANDARD.diseases, id, day)
    assert (disease.deadline if disease else None) == deadline


def test_the_list_of_2026_has_18_17_and_46_diseases():
    now = [disease.deadline for disease in STANDARD.diseases if disease.valid_to is None]
    assert [now.count(deadline) for deadline in ("24h", "48h", "week")] == [18, 17, 46]


def test_no_disease_has_two_deadlines_on_one_day():
    for day in (date(2026, 6, 30), date(2026, 7, 1)):
        ids = [
            d.id
            for d in STANDARD.diseases
            if d.valid_from <= day and (d.valid_to is None or day <= d.valid_to)
        ]
        assert len(ids) == len(set(ids))


@pytest.mark.parametrize(
    ("id", "due"),
    [
        ("measles", datetime(2026, 11, 16, 9, 30, tzinfo=LOCAL)),
        ("dengue", datetime(2026, 11, 17, 9, 30, tzinfo=LOCAL)),
        ("tuberculosis", datetime(2026, 11, 18, tzinfo=LOCAL)),  # diagnosed on Sunday: before Wednesday
    ],
)
def test_a_report_is_due_by_the_deadline_of_its_disease(id, due):
    disease = disease_on(STANDARD.diseases, id, date(2026, 11, 15))
    assert disease is not None
    assert report_due(disease, datetime(2026, 11, 15, 9, 30, tzinfo=LOCAL)) == due


@pytest.mark.parametrize(
    ("reported_h", "now_h", "in_time"),
    [(24, 30, True), (24.01, 30, False), (None, 24, None), (None, 24.01, False)],
)
def test_a_report_is_in_time_late_or_not_yet_due(reported_h, now_h, in_time):
    start = datetime(2026, 11, 15, 9, 30, tzinfo=LOCAL)
    reported = None if reported_h is None else start + timedelta(hours=reported_h)
    assert reported_in_time(start + timedelta(hours=24), reported, start + timedelta(hours=now_h)) is in_time


@pytest.mark.parametrize(
    ("counts", "shown"),
    [
        ({"a": 0, "b": 5, "c": 40}, {"a": 0, "b": 5, "c": 40}),
        ({"a": 1, "b": 4, "c": 40}, {"a": None, "b": None, "c": 40}),
        ({"a": 0, "b": 3, "c": 7, "d": 40}, {"a": 0, "b": None, "c": None, "d": 40}),
        ({"a": 3}, {"a": None}),
        ({"a": 0, "b": 3}, {"a": 0, "b": None}),
    ],
)
def test_a_small_count_of_a_sensitive_disease_cannot_be_read_or_subtracted(counts, shown):
    assert suppress(counts, least=5) == shown


def test_without_a_total_nothing_can_be_subtracted():
    assert suppress({"b": 3, "c": 7}, least=5, total_shown=False) == {"b": None, "c": 7}


def test_sensitive_diseases_are_declared():
    assert {disease.id for disease in STANDARD.diseases if disease.sensitive} >= {
        "hiv",
        "syphilis",
        "leprosy",
    }


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        (
            "k           = 2",
            "k           = 3",
            r"disease.toml: \[week.k\] expected a number from 1 to 2, found 3",
        ),
        ('"sample"\nbasis', '"both"\nbasis', r"\[week.spread\] expected sample or population, found 'both'"),
        ("least_years = 3", "least_years = 6", r"\[week.least_years\] expected at most years \(5\), found 6"),
        ('deadline   = "48h"', 'deadline = "72h"', r"\[list\[2\].deadline\] expected one of 24h, 48h, week"),
        ('["hiv",', '["aids",', r"\[suppress.diseases\] expected diseases of the lists, found 'aids'"),
    ],
)
def test_a_faulty_declaration_is_named(tmp_path, old, new, message):
    text = PATH.read_text(encoding="utf-8")
    assert old in text
    (tmp_path / "disease.toml").write_text(text.replace(old, new), encoding="utf-8")
    with pytest.raises(DeclarationError, match=message):
        load_standard(tmp_path / "disease.toml")
