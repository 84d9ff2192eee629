"""Stocks: what was in hand at an instant, overdue, due soon or old by then.

In hand at an instant is what had been opened and was not closed. Of a case closed since, the store keeps no
waiting periods, only their sum: in the past it counts as open, due when its waiting is added to its due instant.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate
from typing import Any

import sqlalchemy as sa

from ioc.calendar import DAY_S, OFFSET_S, Calendar
from ioc.indicators.cases import Cases, grouped_by, within
from ioc.indicators.parts import CaseFilter
from ioc.model import PENDING
from ioc.store import schema

RECENT_S = 120 * DAY_S
"""Up to this age an instant is looked up by what was closed since, beyond it by what was opened before."""


@dataclass(frozen=True, slots=True)
class Stock:
    """What was in hand of one key; instants are epoch s, None where there is none.

    oldest: the earliest due instant among the overdue ones that count. next_due: the next due instant of all.
    next_opened: the earliest opening of those too young to count.
    """

    num: int
    den: int
    oldest: int | None
    next_due: int | None
    next_opened: int | None


def in_hand(cases: Cases, at: int, now: int) -> Any:
    """Return a FROM clause of the cases in hand at an instant, with state and closed as they were then."""
    # adding 0 keeps the store off the index of opening days: what is in hand is few, what was opened is many
    pending = [lambda t: t.c.state.in_(PENDING), lambda t: t.c.opened + 0 <= at]
    if at >= now:
        return cases.rows(*pending)
    recent = now - at < RECENT_S
    since = [
        lambda t: t.c.state.in_(("closed", "stopped")),
        lambda t: (t.c.opened + 0 if recent else t.c.opened) <= at,
        lambda t: (t.c.closed if recent else t.c.closed + 0) > at,
    ]
    still, gone = cases.rows(*pending), cases.rows(*since)
    names = [column.name for column in schema.case_record.columns]
    as_open = {
        "state": sa.literal("open").label("state"),
        "closed": sa.literal(None, sa.BigInteger).label("closed"),
    }
    as_then: list[Any] = [as_open.get(name, gone.c[name]) for name in names]
    unchanged: list[Any] = [still.c[name] for name in names]
    return sa.union_all(sa.select(*unchanged), sa.select(*as_then)).subquery("h")


def clause(wanted: CaseFilter, rows: Any, at: int, calendar: Calendar) -> sa.ColumnElement[bool]:
    """Return what makes a case in hand count at an instant."""
    parts = [wanted.condition.where(rows)]
    if wanted.overdue is not None:
        late = counts_down(rows) & (effective_due(rows) < at)
        parts.append(late if wanted.overdue else sa.not_(sa.func.coalesce(late, sa.false())))
    if wanted.due_within is not None:
        last = within(at, wanted.due_within, calendar)
        parts.append(counts_down(rows) & (effective_due(rows) >= at) & (effective_due(rows) < last))
    if wanted.older_than is not None:
        parts.append(rows.c.opened <= at - int(wanted.older_than))
    return sa.and_(*parts)


def effective_due(rows: Any) -> Any:
    """Return the due instant moved by the time spent waiting, as Case.on_time counts it."""
    return rows.c.due + rows.c.waited_s


def counts_down(rows: Any) -> Any:
    """Whether time runs: pending, not suspended, with a due instant."""
    return (rows.c.state == "open") & rows.c.due.is_not(None)


def count(
    cases: Cases, num: CaseFilter, den: CaseFilter | None, at: int, now: int, *, group: str = ""
) -> dict[str, Stock]:
    """Count what is in hand at an instant by a column ("" for the total); den None counts all in hand."""
    rows = in_hand(cases, at, now)
    key = grouped_by(rows, group)
    counted = clause(num, rows, at, cases.calendar)
    divisor = clause(den, rows, at, cases.calendar) if den is not None else sa.true()
    due = effective_due(rows)
    young = rows.c.opened > at - int(num.older_than or 0)
    counts = (
        sa.func.count(sa.case((counted, 1))),
        sa.func.count(sa.case((divisor, 1))),
        sa.func.min(sa.case((counted & counts_down(rows) & (due < at), due))),
        sa.func.min(sa.case((counts_down(rows) & (due >= at), due))),
        sa.func.min(sa.case((young, rows.c.opened))),
    )
    if not group:  # by a column that is the same in every row the store would sort them all the same
        n, *whole = cases.connection.execute(sa.select(sa.func.count(), *counts).select_from(rows)).one()
        return {"": Stock(*whole)} if n else {}
    query = sa.select(key.label("of_key"), *counts).group_by("of_key")
    return {row[0]: Stock(*row[1:]) for row in cases.connection.execute(query)}


def by_age(cases: Cases, wanted: CaseFilter, ages: Sequence[int], at: int, now: int) -> dict[int, int]:
    """Count what is in hand at an instant by bands of its age: each by the whole days since opening that it begins at."""
    rows = in_hand(cases, at, now)
    band = sa.case(
        *((rows.c.opened > at - days * DAY_S, since) for since, days in zip((0, *ages), ages, strict=False)),
        else_=ages[-1],
    )
    query = (
        sa.select(band.label("band"), sa.func.count())
        .where(clause(wanted, rows, at, cases.calendar))
        .group_by("band")
    )
    counted = dict.fromkeys((0, *ages), 0)
    for since, n in cases.connection.execute(query):
        counted[since] = n
    return counted


def changes_at(stock: Stock, filters: Iterable[CaseFilter | None], at: int) -> int | None:
    """Return the earliest instant at which the count changes with no new data, or None."""
    instants: list[int] = []
    for wanted in filters:
        if wanted is None:
            continue
        if wanted.overdue is not None or wanted.due_within is not None:
            # a case is overdue from the second after its due instant
            instants += [] if stock.next_due is None else [stock.next_due + 1]
        if wanted.due_within is not None:
            instants.append(at - (at + OFFSET_S) % DAY_S + DAY_S)
        if wanted.older_than is not None and stock.next_opened is not None:
            instants.append(stock.next_opened + int(wanted.older_than))
    return min((instant for instant in instants if instant > at), default=None)


def history(cases: Cases, wanted: CaseFilter, instants: Sequence[int], now: int) -> list[int]:
    """Count what was in hand at each of several ascending instants, in one look at the table."""
    steps = [0] * (len(instants) + 1)
    for begin, end, *_ in stays(cases, wanted, instants, now):
        steps[begin] += 1
        steps[end] -= 1
    return list(accumulate(steps[:-1]))


def stays(
    cases: Cases,
    wanted: CaseFilter,
    instants: Sequence[int],
    now: int,
    column: Callable[[Any], Any] = lambda rows: sa.literal(0),
) -> Iterator[tuple[int, int, Any]]:
    """Yield from which to before which of several ascending instants each case counts, and a column of it.

    Every case counts over one span of time, so that the span's beginning and end are enough.
    """
    if not instants:
        return
    rows = in_hand_since(cases, instants[0], now)
    query = sa.select(
        rows.c.opened, rows.c.ended, rows.c.due, rows.c.waited_s, rows.c.suspended, column(rows)
    ).where(wanted.condition.where(rows))
    enters: dict[int, int] = {}
    for opened, ended, due, waited, suspended, told in cases.connection.execute(query):
        first, last = opened, ended
        if wanted.overdue is not None:
            late = None if due is None or suspended else due + waited + 1
            if wanted.overdue:
                if late is None:
                    continue
                first = max(first, late)
            elif late is not None:
                last = late if last is None else min(last, late)
        if wanted.due_within is not None:
            if due is None or suspended:
                continue
            day = (due + waited + OFFSET_S) // DAY_S
            if day not in enters:
                enters[day] = _enters(day, wanted.due_within, cases.calendar)
            first = max(first, enters[day])
            last = due + waited + 1 if last is None else min(last, due + waited + 1)
        if wanted.older_than is not None:
            first = max(first, opened + int(wanted.older_than))
        begin = bisect_left(instants, first)
        end = len(instants) if last is None else bisect_left(instants, last)
        if begin < end:
            yield begin, end, told


def in_hand_since(cases: Cases, since: int, now: int) -> Any:
    """Return the cases in hand at some instant from since on, as open, with ended: when they left, or NULL."""
    still = cases.rows(lambda t: t.c.state.in_(PENDING))
    gone = cases.rows(lambda t: t.c.state.in_(("closed", "stopped")), lambda t: t.c.closed > since)
    names = [column.name for column in schema.case_record.columns]
    none = sa.literal(None, sa.BigInteger)
    as_open = {"state": sa.literal("open").label("state"), "closed": none.label("closed")}
    suspended = sa.case((still.c.state != "open", 1), else_=0).label("suspended")
    pending: list[Any] = [*(still.c[name] for name in names), none.label("ended"), suspended]
    ended: list[Any] = [as_open.get(name, gone.c[name]) for name in names]
    ended += [gone.c.closed.label("ended"), sa.literal(0).label("suspended")]
    return sa.union_all(sa.select(*pending), sa.select(*ended)).subquery("h")


def _enters(day: int, working_days: int, calendar: Calendar) -> int:
    """Return the instant from which a local day is within so many working days."""
    if not working_days:
        return day * DAY_S - OFFSET_S
    days = range(day - 4 * working_days - 30, day + 1)
    reach = [calendar.add_working_days(one, working_days) for one in days]
    return days[bisect_left(reach, day)] * DAY_S - OFFSET_S
