"""Communicable diseases: the alert level of a week and the outbreak threshold of a month, which are two things."""

from __future__ import annotations

from collections import defaultdict
from datetime import date, timedelta
from typing import Any

from ioc.calendar import DAY_S, date_of, day_of, day_start, local_date, local_day
from ioc.indicators.cells import whole_places
from ioc.indicators.look import Look
from ioc.indicators.observations import LONG_S
from ioc.indicators.observed import exact
from ioc.indicators.reading import Answer, Outcome
from ioc.indicators.statutory.disease import Judged, Past, Verdict, month_outbreak, suppress, week_alert

MERGED = date(2025, 7, 1)
"""Communes have their present bounds since this day (Nghị quyết 202/2025/QH15): earlier counts are of others."""


def disease_week_alert(look: Look) -> Outcome:
    """Judge the newest reported week against the alert level (mean + k SD of the same week of earlier years).

    The first input is the weekly count of one disease. An unfinished week has no verdict. detail: verdict,
    threshold, mean and years.
    """
    counts, places = _weeks(look)
    if not counts:
        return Outcome(Answer(), {})
    week = day_start(day_of(_monday(local_date(look.period.start)))) if look.explicit else max(counts)
    if week not in counts:
        return Outcome(Answer(span=("week", week)), {})
    start = date_of(local_day(week))
    past = [
        Past(date_of(local_day(earlier)), int(n))
        for earlier, n in counts.items()
        if _same_week(earlier, week)
    ]
    finished = week + 7 * DAY_S <= look.at
    judged = week_alert(
        int(counts[week]),
        past,
        look.standards.disease.week,
        start=start,
        finished=finished,
        comparable_from=_comparable(look, places),
    )
    return _outcome(judged, ("week", week), None if finished else week + 7 * DAY_S)


def disease_month_outbreak(look: Look) -> Outcome:
    """Judge the cumulative count of the newest reported month against the outbreak threshold (five-year mean + 2 SD)."""
    counts, places = _months(look)
    if not counts:
        return Outcome(Answer(), {})
    month = _first(look.period.start) if look.explicit else max(counts)
    if month not in counts:
        return Outcome(Answer(span=("month", month)), {})
    start = date_of(local_day(month))
    past = [
        Past(when, int(n))
        for earlier, n in counts.items()
        for when in (date_of(local_day(earlier)),)
        if when.month == start.month and when.year < start.year
    ]
    end = day_start(day_of((start.replace(day=28) + timedelta(days=4)).replace(day=1)))
    judged = month_outbreak(
        int(counts[month]),
        past,
        look.standards.disease.month,
        start=start,
        finished=end <= look.at,
        comparable_from=_comparable(look, places),
    )
    return _outcome(judged, ("month", month), None if end <= look.at else end)


def disease_suppressed(look: Look) -> Outcome:
    """Count a sensitive disease in the newest reported month; small counts of places are hidden, the sum is shown.

    The first input is the monthly count of one disease by commune. detail: how many places are hidden.
    """
    by_month: dict[int, dict[str, int]] = defaultdict(lambda: defaultdict(int))
    for cell in look.looker.values(look.definition.inputs[0], look.at - LONG_S, look.period.until + 1):
        value = cell.value("sum")
        if value is not None:
            by_month[_first(cell.start)][cell.place] += int(value)
    month = _first(look.period.start) if look.explicit else max(by_month, default=0)
    if month not in by_month:
        return Outcome(Answer(span=("month", month)) if month else Answer(), {})
    counts = by_month[month]
    shown = suppress(counts, look.standards.disease.least_count)
    hidden = sum(count is None for count in shown.values())
    places = {place: Answer(count, reported_at=month) for place, count in shown.items()}
    # of one place alone the sum would be its count
    whole = sum(counts.values()) if len(counts) > 1 else next(iter(shown.values()))
    answer = Answer(whole, detail={"hidden": hidden}, reported_at=month, span=("month", month))
    return Outcome(answer, places)


def _weeks(look: Look) -> tuple[dict[int, float], set[str]]:
    return _counts(look, lambda time: day_start(day_of(_monday(local_date(time)))))


def _months(look: Look) -> tuple[dict[int, float], set[str]]:
    return _counts(look, _first)


def _counts(look: Look, start_of: Any) -> tuple[dict[int, float], set[str]]:
    """Return counts by the start of the week or month, and the places they came from."""
    end = look.period.until if look.explicit else look.at
    start = end - 6 * LONG_S
    reported: dict[int, dict[str, float]] = defaultdict(lambda: defaultdict(float))
    for pick in look.definition.inputs[:1]:
        for cell in look.looker.values(pick, start, end + 1):
            value = cell.value("sum")
            if value is not None:
                reported[start_of(cell.start)][cell.place] += value
    counts = {when: sum(of[place] for place in whole_places(of)) for when, of in reported.items()}
    return counts, {place for of in reported.values() for place in of}


def _comparable(look: Look, places: set[str]) -> date | None:
    """Return the day since which the counts are of the same territory; a province's communes add up all along."""
    return MERGED if len(places) == 1 and all(len(place) == 5 for place in places) else None


def _outcome(judged: Judged, span: Any, changes_at: int | None) -> Outcome:
    detail = {
        "verdict": str(judged.verdict),
        "threshold": None if judged.threshold is None else round(judged.threshold, 1),
        "mean": None if judged.mean is None else round(judged.mean, 1),
        "years": judged.years,
    }
    status = {Verdict.ABOVE: "warning", Verdict.BELOW: "good"}.get(judged.verdict, "neutral")
    if span[0] == "month" and judged.verdict is Verdict.ABOVE:
        status = "critical"
    answer = Answer(
        exact(judged.count),
        detail=detail,
        reported_at=span[1],
        changes_at=changes_at,
        span=span,
        status=status,  # type: ignore[arg-type]
    )
    return Outcome(answer, {})


def _monday(day: date) -> date:
    return day - timedelta(days=day.weekday())


def _first(time: int) -> int:
    return day_start(day_of(local_date(time).replace(day=1)))


def _same_week(earlier: int, week: int) -> bool:
    """Whether two Mondays begin the same ISO week of different years."""
    one, other = date_of(local_day(earlier)).isocalendar(), date_of(local_day(week)).isocalendar()
    return one.year < other.year and one.week == other.week
