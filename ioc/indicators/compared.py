"""What a number is compared with: the period before it, and the same period last year."""

from __future__ import annotations

from dataclasses import replace

from ioc.calendar import DAY_S, HOUR_S, Period, period_of, previous, same_last_year
from ioc.indicators.functions import FUNCTIONS
from ioc.indicators.judge import Number
from ioc.indicators.query import REPORTED, Query
from ioc.indicators.reading import Answer, value_of
from ioc.indicators.snapshot import Snapshot

Value = Number | None


def compared(query: Query, answer: Answer, snapshot: Snapshot) -> tuple[Value, Value]:
    """Return the value of the period before and of the same period last year."""
    definition, period = query.definition, query.moment.period
    if definition.function and not FUNCTIONS[definition.function].compared:
        return None, None
    if answer.span is not None:
        period = period_of(*answer.span, query.moment.now, query.calendar)
    period = _settled(period)
    if definition.stock:
        year = same_last_year(period, query.calendar).start
        spans = [_instant(period.until - DAY_S), _instant(year)]
    elif (
        definition.shape == "observation"
        and definition.over == "last"
        and not definition.function
        and definition.period not in REPORTED
    ):
        at = period.until
        spans = [Period("window", "", at - 2 * DAY_S, at - DAY_S, True, at - DAY_S)]
        year = same_last_year(Period("window", "", at - DAY_S, at, True, at), query.calendar).end
        spans.append(Period("window", "", year - DAY_S, year, True, year))
    else:
        spans = [previous(period, query.calendar), same_last_year(period, query.calendar)]
    values: list[Value] = []
    for span in spans:
        # of what nothing is known the number is absent, which is not nought
        values.append(value_of(definition, _past(query, span, snapshot)) if query.knows(span) else None)
    return values[0], values[1]


def _past(query: Query, span: Period, snapshot: Snapshot) -> Answer:
    """Return the answer of a finished span, which may be remembered."""
    if snapshot.memory is None or query.moment.known is not None:
        return query.over(span).answer
    question = replace(query.question, period=None, at=None)
    how = f"over {span.kind}"
    return snapshot.memory.answers(
        query.definition, question, how, [span], query.moment.now,
        lambda spans: [query.over(one).answer for one in spans],
    )[0]  # fmt: skip


def _settled(period: Period) -> Period:
    """Return what an unfinished or rolling period is compared by: as it stood at its last full hour.

    Of hours, days and windows of a day the last five minutes; so that what it is compared with stands still between.
    """
    if period.complete and period.kind != "window":
        return period
    step = 300 if period.kind in ("hour", "day") or 0 < period.end - period.start <= DAY_S else HOUR_S
    until = period.until - period.until % step
    if until <= period.start and period.end > period.start:
        return period
    if period.kind == "window":
        return replace(period, start=period.start - period.until + until, end=until, until=until)
    return replace(period, until=until)


def _instant(at: int) -> Period:
    return Period("window", "", at, at, True, at)
