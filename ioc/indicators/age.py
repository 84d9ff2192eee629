"""How far an answer may be relied on: its inputs, its own age, and until when all of that stays true."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from ioc import quality
from ioc.calendar import DAY_S, Period, day_start, hour_start, local_day, period_of, previous
from ioc.indicators import judge, path
from ioc.indicators.absent import why
from ioc.indicators.definition import Definition
from ioc.indicators.inputs import telling
from ioc.indicators.judge import Number
from ioc.indicators.query import Query
from ioc.indicators.reading import Answer, Reading, bound_of, value_of
from ioc.indicators.snapshot import Snapshot
from ioc.quality import State


def judged(
    query: Query,
    snapshot: Snapshot,
    answer: Answer,
    where: Mapping[str, Any] | None,
    before: Number | None,
    year_before: Number | None,
) -> Reading:
    """Return the reading that an answer amounts to."""
    definition, asked, question = query.definition, query.moment, query.question
    value = value_of(definition, answer)
    found = snapshot.inputs(definition)
    states = [snapshot.freshness(source, asked.known, asked.now) for source in found]
    state = state_of(query, snapshot, answer)
    fresh_until = fresh_to(query, snapshot, answer, state)
    status = judge.status(definition, value, state, bound_of(definition, answer))
    if answer.status is not None and status not in ("stale", "none"):
        status = answer.status
    period = asked.period if answer.span is None else period_of(*answer.span, asked.now, query.calendar)
    if question.period is None:
        turn = next_turn(asked.period, definition, asked.at)
    else:
        turn = None if asked.period.complete else asked.period.end
    changes = changes_at(answer)
    # what is wanted of a stock or a rolling window moves by the day
    moves = day_start(local_day(asked.now) + 1) if definition.targets and period.end <= asked.now else None
    instants = (fresh_until, changes, turn, moves)
    ahead = [instant for instant in instants if instant is not None and instant > asked.now]
    late = next((one for one in states if not one.is_usable), None)
    return Reading(
        indicator=definition.id,
        area=question.area or query.province,
        period=period,
        value=value,
        num=answer.num,
        den=answer.den,
        unit=definition.unit,
        bound=bound_of(definition, answer),
        status=status,
        freshness=state,
        reported_at=reported_at(query, snapshot, answer),
        fresh_until=fresh_until,
        valid_until=None if question.as_of is not None else min(ahead, default=None),
        inputs_used=sum(1 for one in states if one.is_usable),
        inputs_expected=len(found),
        previous=before,
        same_period_last_year=year_before,
        target=None
        if value is None
        else path.state(definition, value, bound_of(definition, answer), period.end),
        definition=definition.hash,
        recomputed=question.as_of is not None,
        at=asked.at,
        as_of=question.as_of,
        where=where,
        detail=answer.detail,
        oldest=answer.oldest,
        sentence={"vi": late.vi, "en": late.en}
        if late is not None
        else {}
        if value is not None
        else why(query, answer),
    )


def reported_at(query: Query, snapshot: Snapshot, answer: Answer) -> int | None:
    """Return when the newest of what counts was reported; of what is made of indicators, of the oldest of these."""
    if query.definition.composite is not None:
        each = [reported_at(query.part(id), snapshot, part) for id, part in answer.parts.items()]
        return min((one for one in each if one is not None), default=None)
    if answer.reported_at is not None or query.definition.shape == "observation":
        return answer.reported_at
    told = telling(query.definition, snapshot.inputs(query.definition))
    polls = [snapshot.runs(source, query.moment.known).last_success for source in told]
    return max((poll for poll in polls if poll is not None), default=None)


def changes_at(answer: Answer) -> int | None:
    """Return the earliest instant at which an answer or one of its parts changes with no new data."""
    each = [answer.changes_at, *(changes_at(part) for part in answer.parts.values())]
    return min((one for one in each if one is not None), default=None)


def state_of(query: Query, snapshot: Snapshot, answer: Answer) -> State:
    """Return how far an answer may be relied on: the worst of its inputs, and its own age.

    What was asked about the past by name is as good as its delivery: sources that answered since are live.
    """
    definition, asked, question = query.definition, query.moment, query.question
    if definition.composite is not None:
        parts = definition.composite.ids
        each = [state_of(query.part(id), snapshot, answer.parts.get(id, Answer())) for id in parts]
        return quality.worst(each)
    past = asked.period.end if question.period is not None and asked.period.complete else question.at
    states: list[State] = []
    for source in snapshot.needed(definition, asked.known, asked.now):
        success = snapshot.runs(source, asked.known).last_success
        delivered = past is not None and success is not None and success >= past
        states.append("live" if delivered else snapshot.freshness(source, asked.known, asked.now).state)
    state = quality.worst(states)
    if question.period is not None:
        absent = answer.num is None and answer.value is None
        due = (
            None if definition.due is None else query.calendar.next_due(definition.due, asked.period.end - 1)
        )
        if absent and due is not None and asked.now < due:
            return "not_due"
        return state
    if question.at is not None or definition.historical:
        return state
    own = _own_state(query, snapshot, answer)
    return state if own is None else max(state, own, key=quality.STATES.index)


def _own_state(query: Query, snapshot: Snapshot, answer: Answer) -> State | None:
    """Judge the age of the newest value by the indicator's own limit or due date; None where it is fresh."""
    definition, asked = query.definition, query.moment
    if definition.due is not None:
        if answer.reported_at is None:
            return "not_due" if definition.shape == "observation" and answer.num is None else None
        last_due = query.calendar.last_due(definition.due, asked.now)
        kind: Any = definition.due.period
        around = replace(period_of(kind, last_due, last_due + 1, query.calendar), complete=True)
        wanted = previous(around, query.calendar)
        return "late" if answer.reported_at < wanted.start else None
    if definition.fresh_for is None:
        return None
    since = answer.reported_at
    if definition.shape != "observation":
        told = telling(definition, snapshot.inputs(definition))
        polls = [snapshot.runs(source, asked.known).last_success for source in told]
        since = min((poll for poll in polls if poll is not None), default=None)
    return "late" if since is not None and asked.now > since + int(definition.fresh_for) else None


def fresh_to(query: Query, snapshot: Snapshot, answer: Answer, state: State) -> int | None:
    """Return when the reading goes stale if nothing comes; None where it is stale or never does."""
    definition, asked = query.definition, query.moment
    if state not in judge.LIVE:
        return None
    if definition.composite is not None:
        each = [fresh_to(query.part(id), snapshot, part, state) for id, part in answer.parts.items()]
        return min((one for one in each if one is not None), default=None)
    instants: list[int | None] = []
    observed = definition.shape == "observation"
    for source in snapshot.needed(definition, asked.known, asked.now):
        instants.append(snapshot.freshness(source, asked.known, asked.now).until)
        success = snapshot.runs(source, asked.known).last_success
        tells = not observed and source.shape == definition.of
        if definition.fresh_for is not None and tells and success is not None:
            instants.append(success + int(definition.fresh_for) + 1)
    if definition.fresh_for is not None and observed and answer.reported_at is not None:
        instants.append(answer.reported_at + int(definition.fresh_for) + 1)
    if definition.due is not None:
        instants.append(query.calendar.next_due(definition.due, asked.now) + 1)
    return min((one for one in instants if one is not None and one > asked.now), default=None)


def next_turn(period: Period, definition: Definition, at: int) -> int | None:
    """Return the instant at which a period that is asked for by default becomes another one.

    Rolling windows move every hour, the year to date every day.
    """
    if period.kind == "window":
        return None if definition.stock else hour_start(at) + 3600
    if period.kind == "to_date":
        return day_start(local_day(at)) + DAY_S
    return period.end if period.end > at else None
