"""The points of a series: one look at the store for all of them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ioc.calendar import DAY_S, HOUR_S, Period, period_of
from ioc.errors import QuestionError
from ioc.indicators import held
from ioc.indicators.composite import Composite, earlier
from ioc.indicators.functions import FUNCTIONS
from ioc.indicators.judge import Number
from ioc.indicators.memory import Memory
from ioc.indicators.observed import observe_spans
from ioc.indicators.query import Query
from ioc.indicators.reading import Answer, Point, bound_of, value_of
from ioc.quality import State

GRAINS = ("hour", "day", "week", "month", "quarter", "year")
MOST = 2_000


def series(
    query: Query, grain: str, start: int, end: int, state: State, memory: Memory | None = None
) -> list[Point]:
    """Return one point a grain that touches [start, end); the last may be unfinished.

    state: of the inputs now. memory: where finished spans may be remembered. Of what lies before all that they tell
    nothing is known, which is not nought.
    """
    spans = periods(grain, start, end, query.moment.now, query.calendar)
    if not spans:
        return []
    points = []
    for period, answer in zip(spans, _remembered(query, grain, spans, memory), strict=True):
        if not query.knows(period):
            points.append(Point(period.start, None, None, None, "never"))
            continue
        value = value_of(query.definition, answer)
        freshness: State = "never" if value is None else state if period.until >= query.moment.now else "live"
        points.append(
            Point(period.start, value, answer.num, answer.den, freshness, bound_of(query.definition, answer))
        )
    return points


def periods(grain: str, start: int, end: int, now: int, calendar: Any) -> list[Period]:
    """Return the periods of a grain that touch [start, end). Raises QuestionError."""
    if grain not in GRAINS:
        raise QuestionError(f"grain={grain} is not understood; use {', '.join(GRAINS)}")
    found: list[Period] = []
    instant = start
    while instant < min(end, now + 1):
        period = period_of(grain, instant, now, calendar)  # type: ignore[arg-type]
        found.append(period)
        instant = period.end
        if len(found) > MOST:
            raise QuestionError(
                f"more than {MOST:,} points of grain={grain}; ask for a shorter span or a longer grain"
            )
    return found


def _remembered(query: Query, grain: str, spans: Sequence[Period], memory: Memory | None) -> list[Answer]:
    """Return the answers of the spans; those that are over may be remembered, as of all that is known."""
    if memory is None or query.question.as_of is not None:
        return _answers(query, grain, spans)
    return memory.answers(
        query.definition, query.question, grain, spans, query.moment.now,
        lambda missing: _answers(query, grain, missing),
    )  # fmt: skip


def _answers(query: Query, grain: str, spans: Sequence[Period]) -> list[Answer]:
    definition = query.definition
    length = HOUR_S if grain == "hour" else DAY_S
    if definition.composite is not None:
        return _combined(query, definition.composite, grain, spans)
    bounds = [(period.start, period.until) for period in spans]
    if definition.function:
        reach = FUNCTIONS[definition.function].reach
        looker = held.hold(query.lookup(), bounds[0][0], bounds[-1][1], reach)
        held_query = query.with_looker(looker)
        compute = held_query.over if grain == definition.period else held_query.at_end
        return [compute(period).answer for period in spans]
    if definition.above is not None:
        return [outcome.answer for outcome in query.exceeding(bounds)]
    if definition.shape == "observation":
        found = observe_spans(definition, query.lookup(), bounds, length, standing=query.standing())
        return [outcome.answer for outcome in found]
    if definition.shape == "event":
        return [query.over(period).answer for period in spans]
    if definition.shape == "case" and len(spans) == 1:
        return [query.settled(period).answer for period in spans]
    if definition.stock:
        return query.stock_at([until for _, until in bounds])
    return query.flow_spans(bounds, length)


def _combined(query: Query, composite: Composite, grain: str, spans: Sequence[Period]) -> list[Answer]:
    """Return what an indicator makes of others over each span, each of these looked up once."""
    before = [earlier(composite, span, query.calendar) for span in spans]
    # what is compared with is cut to the time that has elapsed: looked up by itself, because it overlaps a whole span
    further = {span for span in before if span is not None} - set(spans)
    wanted = [group for group in (list(spans), sorted(further, key=lambda span: span.until)) if group]
    values: dict[str, dict[Period, Number | None]] = {}
    for id in composite.ids:
        part = query.part(id)
        values[id] = {}
        for group in wanted:
            told = (
                [part.stood(span).answer for span in group]
                if composite.kind == "index_766"
                else _answers(part, grain, group)
            )
            values[id] |= {
                span: value_of(part.definition, answer) if part.knows(span) else None
                for span, answer in zip(group, told, strict=True)
            }
    return [
        query.combined(
            {id: of[span] for id, of in values.items()},
            {} if past is None else {id: of[past] for id, of in values.items()},
        )
        for span, past in zip(spans, before, strict=True)
    ]
