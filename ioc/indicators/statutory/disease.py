"""Communicable diseases: weekly alert, monthly outbreak threshold, timeliness of reports, suppression of small counts.

Circular 15/2026/TT-BYT, articles 10, 16 and 22, in force since 1 July 2026. Week and month are two things with two
functions: a week can only alert, an outbreak is the month's.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from pathlib import Path
from statistics import fmean, pstdev, stdev

from ioc.toml_file import Table, read

DEADLINES = ("24h", "48h", "week")


class Verdict(StrEnum):
    """What may be said of a week or a month."""

    BELOW = "below"
    ABOVE = "above"
    UNFINISHED = "unfinished"
    INSUFFICIENT = "insufficient"


@dataclass(frozen=True)
class Past:
    """The count of the same week or month of an earlier year, the day it began, whether it was an outbreak."""

    start: date
    count: int | None
    outbreak: bool = False


@dataclass(frozen=True)
class Rule:
    """A threshold of mean + k standard deviations over `years` years, at least `least_years` of them usable.

    `spread` is "sample" (divide by n - 1) or "population" (by n); the circular does not say which.
    """

    k: float
    years: int
    least_years: int
    spread: str
    basis: str


@dataclass(frozen=True)
class Judged:
    """A count against its threshold; `years` says on how many years the threshold rests."""

    verdict: Verdict
    count: int
    threshold: float | None
    mean: float | None
    years: int


@dataclass(frozen=True)
class Disease:
    """A disease with the deadline for reporting one case: "24h", "48h" or "week"."""

    id: str
    vi: str
    icd10: tuple[str, ...]
    deadline: str
    valid_from: date
    valid_to: date | None
    basis: str
    verified: bool
    sensitive: bool


@dataclass(frozen=True)
class Standard:
    """What data/standards/disease.toml declares."""

    week: Rule
    month: Rule
    linked_alert: int
    linked_outbreak: int
    least_count: int
    diseases: tuple[Disease, ...]


def week_alert(
    count: int,
    past: Sequence[Past],
    rule: Rule,
    *,
    start: date,
    finished: bool,
    comparable_from: date | None = None,
) -> Judged:
    """Judge the count of the week that began on `start` against mean + k·SD of the same week of earlier years.

    k is declared between 1 and 2 (article 22). An unfinished week has no verdict. `comparable_from` is the day since
    which the area exists in its present bounds: earlier counts are of another territory and are left out, so that
    a commune of July 2025 is "không đủ số liệu". Years flagged as outbreak years are left out too.
    """
    if not 1 <= rule.k <= 2:
        raise ValueError(f"the weekly alert takes k between 1 and 2, found {rule.k}")
    judged = _judge(count, past, rule, start, comparable_from)
    return judged if finished else _without_verdict(judged)


def month_outbreak(
    count: int,
    past: Sequence[Past],
    rule: Rule,
    *,
    start: date,
    finished: bool,
    comparable_from: date | None = None,
) -> Judged:
    """Judge the cumulative count of the month that began on `start` against the five-year mean + 2 SD (article 16).

    For a disease endemic in the area. The count of a running month only grows: above the threshold is above at once,
    below it has no verdict until the month is finished. `past` and `comparable_from` as in `week_alert`.
    """
    judged = _judge(count, past, rule, start, comparable_from)
    return judged if finished or judged.verdict is not Verdict.BELOW else _without_verdict(judged)


def linked_outbreak(linked_cases: int, least: int) -> bool:
    """Say whether a disease that is not endemic in the area reaches `least` epidemiologically linked cases.

    Five are an outbreak (article 16), three an alert (article 22).
    """
    return linked_cases >= least


def disease_on(diseases: Sequence[Disease], id: str, day: date) -> Disease | None:
    """Return the entry of a disease that held on a local day, or None where it was not to be reported."""
    for disease in diseases:
        if (
            disease.id == id
            and disease.valid_from <= day
            and (disease.valid_to is None or day <= disease.valid_to)
        ):
            return disease
    return None


def report_due(disease: Disease, diagnosed: datetime) -> datetime:
    """Return the instant by which a case must be reported.

    Weekly diseases: the week runs from Monday to Sunday and is reported before Wednesday of the next, by the clock of
    `diagnosed`, which must be aware.
    """
    if diagnosed.tzinfo is None:
        raise ValueError("the instant of diagnosis must carry its offset")
    if disease.deadline != "week":
        return diagnosed + timedelta(hours=int(disease.deadline.removesuffix("h")))
    monday = diagnosed.replace(hour=0, minute=0, second=0, microsecond=0) - timedelta(
        days=diagnosed.weekday()
    )
    return monday + timedelta(days=9)


def reported_in_time(due: datetime, reported: datetime | None, now: datetime) -> bool | None:
    """Say whether a report came in time; None while it is neither sent nor due."""
    if reported is not None:
        return reported <= due
    return False if now > due else None


def suppress(counts: Mapping[str, int], least: int, *, total_shown: bool = True) -> dict[str, int | None]:
    """Hide counts from 1 to least - 1 of a sensitive disease (None); zero stays.

    Where the total is shown and only one count is hidden, it could be subtracted: the smallest other count above
    zero is hidden with it.
    """
    shown: dict[str, int | None] = {
        key: None if 0 < count < least else count for key, count in counts.items()
    }
    hidden = [key for key, count in shown.items() if count is None]
    if total_shown and len(hidden) == 1:
        others = [(count, key) for key, count in shown.items() if count]
        if others:
            shown[min(others)[1]] = None
    return shown


def load_standard(path: Path) -> Standard:
    """Read data/standards/disease.toml."""
    top = read(path)
    top.keys(("week", "month", "linked", "suppress", "list"))
    linked, hidden = top.table("linked"), top.table("suppress")
    week, month = _rule(top.table("week")), _rule(top.table("month"))
    if not 1 <= week.k <= 2:
        raise top.table("week").fault("k", f"expected a number from 1 to 2, found {week.k:g}")
    sensitive = hidden.texts("diseases")
    diseases = tuple(disease for table in top.tables("list") for disease in _diseases(table, sensitive))
    for id in sensitive:
        if not any(disease.id == id for disease in diseases):
            raise hidden.fault("diseases", f"expected diseases of the lists, found {id!r}")
    return Standard(
        week,
        month,
        linked.number("alert", 1),
        linked.number("outbreak", 1),
        hidden.number("least", 1),
        diseases,
    )


def _judge(count: int, past: Sequence[Past], rule: Rule, start: date, comparable_from: date | None) -> Judged:
    usable = [
        year.count
        for year in past
        if year.count is not None
        and not year.outbreak
        and 0 < _years_between(year.start, start) <= rule.years
        and (comparable_from is None or year.start >= comparable_from)
    ]
    # Two values are the fewest that have a spread.
    if len(usable) < max(rule.least_years, 2):
        return Judged(Verdict.INSUFFICIENT, count, None, None, len(usable))
    mean = fmean(usable)
    threshold = mean + rule.k * (stdev(usable) if rule.spread == "sample" else pstdev(usable))
    verdict = Verdict.ABOVE if count > threshold else Verdict.BELOW
    return Judged(verdict, count, threshold, mean, len(usable))


def _without_verdict(judged: Judged) -> Judged:
    if judged.verdict is Verdict.INSUFFICIENT:
        return judged
    return Judged(Verdict.UNFINISHED, judged.count, judged.threshold, judged.mean, judged.years)


def _years_between(earlier: date, later: date) -> int:
    """Return whole years, where the same week may begin up to six days sooner or later in the year."""
    return round((later - earlier).days / 365.25)


def _rule(table: Table) -> Rule:
    table.keys(("k", "years", "least_years", "spread", "basis", "verified"))
    spread = table.text("spread")
    if spread not in ("sample", "population"):
        raise table.fault("spread", f"expected sample or population, found {spread!r}")
    years, least = table.number("years", 2), table.number("least_years", 2)
    if least > years:
        raise table.fault("least_years", f"expected at most years ({years}), found {least}")
    return Rule(table.decimal("k"), years, least, spread, table.text("basis"))


def _diseases(table: Table, sensitive: Sequence[str]) -> list[Disease]:
    table.keys(("deadline", "basis", "verified", "valid_from", "valid_to", "disease"))
    deadline = table.text("deadline")
    if deadline not in DEADLINES:
        raise table.fault("deadline", f"expected one of {', '.join(DEADLINES)}, found {deadline!r}")
    since, until = table.validity()
    found = []
    for entry in table.tables("disease"):
        entry.keys(("id", "vi", "icd10"))
        found.append(
            Disease(
                id=entry.text("id"),
                vi=entry.text("vi"),
                icd10=entry.texts("icd10"),
                deadline=deadline,
                valid_from=since,
                valid_to=until,
                basis=table.text("basis"),
                verified=table.flag("verified"),
                sensitive=entry.text("id") in sensitive,
            )
        )
    return found
