"""Spans of the past: a backfill asks each connector for what lies in a window, and for nothing else."""

from dataclasses import replace
from datetime import datetime

import pytest

from connectors.dhis2_rows import periods_within
from connectors.dvcqg import periods_in
from connectors.windows import windows
from ioc.calendar import LOCAL


def at(text: str) -> int:
    return int(datetime.fromisoformat(text).replace(tzinfo=LOCAL).timestamp())


@pytest.mark.parametrize(
    ("span", "codes"),
    [
        ("day", ["20251230", "20251231", "20260101", "20260102"]),
        ("week", []),
        ("month", ["202601"]),
        ("quarter", ["2026Q1"]),
        ("year", ["2026"]),
    ],
)
def test_dhis2_names_the_periods_that_begin_in_a_window(span: str, codes: list[str]):
    assert periods_within(span, at("2025-12-30"), at("2026-01-03")) == codes


def test_a_week_of_two_years_is_named_by_its_thursday():
    assert periods_within("week", at("2025-12-29"), at("2026-01-05")) == ["2026W1"]


@pytest.mark.parametrize("step_days", [5, 14, 40])
def test_steps_over_the_past_name_every_period_once(step_days: int):
    step, named, portal = step_days * 86_400, [], []
    since, end = at("2024-01-01"), at("2026-01-01")
    while since < end:
        until = min(since + step, end)
        named += periods_within("month", since, until)
        portal += [first for first, _ in periods_in("month", since, until)]
        since = until
    assert len(named) == len(set(named)) == len(portal) == len(set(portal)) == 24


def test_windows_of_the_past_touch_and_do_not_reach_beyond():
    declared = {"since": "a", "until": "b", "overlap": "10m", "span": "7d", "start": "3d"}
    since, until = at("2026-01-01"), at("2026-01-18")
    found = list(windows(declared, at("2026-11-21"), {"window": [since, until]}))
    assert [(one.since, one.until) for one in found] == [
        (since, since + 7 * 86_400),
        (since + 7 * 86_400, since + 14 * 86_400),
        (since + 14 * 86_400, until),
    ]
    resumed = {"window": [since, until], "at": 3, "since": found[1].since, "to": found[1].until}
    assert list(windows(declared, at("2026-11-21"), resumed)) == [replace(found[1]), found[2]]
