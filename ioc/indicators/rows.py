"""A breakdown: the same indicator for each agency, area, site, category or channel."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping
from dataclasses import replace

from ioc.errors import QuestionError
from ioc.indicators import cells, judge
from ioc.indicators import standing as stand
from ioc.indicators.case_answers import GROUPS
from ioc.indicators.composite import Composite, earlier
from ioc.indicators.judge import Number
from ioc.indicators.observed import exact, mean
from ioc.indicators.query import Query
from ioc.indicators.reading import Answer, Row, bound_of, value_of
from ioc.model import BOUNDS
from ioc.quality import State

Name = Callable[[str, str], Mapping[str, str]]
AGE = "age"
OF_SERIES = ("category", "channel", "agency")


def breakdown(query: Query, by: str, state: State, name: Name) -> list[Row]:
    """Return one row a key, worst first; absent values last. Raises QuestionError.

    Only shares, lengths and what keeps the worst place are judged by row: the limits of a count are the whole's.
    """
    definition = query.definition
    if by == AGE:
        return _by_age(query, state)
    if by not in GROUPS:
        raise QuestionError(f"by={by} is not understood; use {', '.join(GROUPS)}, {AGE}")
    answers = _answers(query, by)
    judges = (
        definition.is_share
        or definition.length is not None
        or definition.composite is not None
        or definition.across in ("worst", "max", "min")
    )
    found = []
    for key, answer in answers.items():
        value = value_of(definition, answer)
        status = judge.status(definition, value, state, bound_of(definition, answer))
        if not judges and status in ("good", "warning", "critical"):
            status = "neutral"
        found.append(
            Row(key, name(by, key), value, answer.num, answer.den, status, bound_of(definition, answer))
        )
    is_mean = definition.is_share or definition.unit == "%" or definition.across in ("mean", "min")
    sign = 1 if definition.better == "higher" and is_mean else -1
    return sorted(
        found, key=lambda row: (row.value is None, sign * (row.value or 0), row.name["vi"], row.key)
    )


def _by_age(query: Query, state: State) -> list[Row]:
    """Return one row a band of age, the youngest first; a band is no better or worse than another."""
    definition, ages = query.definition, (0, *query.definition.ages)
    found = []
    for (key, answer), until in zip(query.age_groups().items(), [*ages[1:], None], strict=True):
        if until is None:
            name = {"vi": f"từ {key} ngày", "en": f"{key} days or more"}
        else:
            young = {"vi": f"dưới {until} ngày", "en": f"under {until} days"}
            name = young if key == "0" else {"vi": f"{key}–{until} ngày", "en": f"{key}–{until} days"}
        status = judge.status(definition, answer.num, state)
        status = "neutral" if status in ("good", "warning", "critical") else status
        found.append(Row(key, name, answer.num, answer.num, None, status))
    return found


def _answers(query: Query, by: str) -> dict[str, Answer]:
    definition = query.definition
    if definition.composite is not None:
        return _combined(query, definition.composite, by)
    if definition.shape == "case":
        return query.groups(by)
    if definition.shape == "observation":
        return _observed(query, by)
    return query.event_groups(by)


def _combined(query: Query, composite: Composite, by: str) -> dict[str, Answer]:
    """Return what an indicator makes of others for each key that one of these has."""
    period = query.moment.period
    told: list[dict[str, dict[str, Number | None]]] = [defaultdict(dict), defaultdict(dict)]
    nothing: list[dict[str, Number | None]] = [{}, {}]
    for id in composite.ids:
        part = query.part(id)
        for place, span in enumerate((period, earlier(composite, period, query.calendar))):
            if span is None or not part.knows(span):
                continue
            if part.definition.shape == "case":  # a key that no case has counts nought
                nothing[place][id] = value_of(part.definition, part.empty())
            for key, answer in _answers(part.over_that(span), by).items():
                told[place][key][id] = value_of(part.definition, answer)
    now, then = told
    return {
        key: query.combined({**nothing[0], **now[key]}, {**nothing[1], **then[key]})
        for key in sorted({*now, *then})
    }


def _observed(query: Query, by: str) -> dict[str, Answer]:
    if by in OF_SERIES:
        return _by_series(query, by)
    if by not in ("site", "area"):
        raise QuestionError(
            f"{query.definition.id} is observed at sites and areas; use by=site, area, category or channel"
        )
    places = query.answer().places
    if query.definition.across == "count":  # each place that tells is one
        places = {place: replace(answer, num=1) for place, answer in places.items() if answer.num is not None}
    if by == "site":
        return {place: answer for place, answer in places.items() if place in query.catalogue.sites}
    if not places and query.definition.function:
        return _each_area(query)
    grouped: dict[str, list[Answer]] = defaultdict(list)
    for place, answer in places.items():
        site = query.catalogue.sites.get(place)
        grouped[site.area if site else place].append(answer)
    found = {area: _together(query, answers) for area, answers in grouped.items()}
    if query.definition.den is None or query.definition.standing is None:
        return found
    held = query.held_now()
    return {
        area: replace(answer, den=exact(stand.of(held, area)), value=None) for area, answer in found.items()
    }


def _together(query: Query, answers: list[Answer]) -> Answer:
    """Return what the places of one area amount to."""
    how = query.definition.across
    together = cells.bounded(answer.bound or "" for answer in answers)
    bound = together if together in BOUNDS else None
    if query.definition.weight is not None:
        return replace(mean(answers), bound=bound)
    nums = [answer.num for answer in answers if answer.num is not None]
    dens = [answer.den for answer in answers if answer.den is not None]
    if not nums:
        return Answer()
    if query.definition.standing is not None:
        return Answer(sum(nums), bound=bound)
    if how in ("worst", "max"):
        return max(answers, key=lambda answer: answer.num or 0)
    if how == "min":
        return min(answers, key=lambda answer: answer.num or 0)
    if how == "mean" and not dens:
        return Answer(sum(nums) / len(nums), bound=bound)
    den = sum(dens) if dens else None
    uptime = query.definition.unit == "%" and query.definition.function and den
    return Answer(sum(nums), den, value=100 * sum(nums) / den if uptime and den else None, bound=bound)


def _by_series(query: Query, by: str) -> dict[str, Answer]:
    definition = query.definition
    picks = [pick for pick in (definition.num, *definition.inputs) if pick is not None]
    keys = {
        getattr(named.key, by)
        for named in query.names.series.values()
        if any(cells.fits(pick, named.key) for pick in picks)
    }
    found = {}
    for key in sorted(keys - {""}):
        outcome = replace(query, question=replace(query.question, **{by: key})).answer()
        if outcome.answer.num is not None or outcome.answer.value is not None:
            found[key] = outcome.answer
    return found


def _each_area(query: Query) -> dict[str, Answer]:
    """Ask a function that tells of no places for each commune that has observations."""
    found = {}
    for place in sorted(set(query.names.places.values())):
        if len(place) != 5 or not place.isdigit():
            continue
        answer = replace(query, question=replace(query.question, area=place)).answer().answer
        if answer.num is not None:
            found[place] = answer
    return found
