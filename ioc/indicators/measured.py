"""Stocks that are measured in place of counted: what the cases in hand carry together, or how long they are in hand."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal, InvalidOperation
from typing import Any

import sqlalchemy as sa

from ioc.calendar import DAY_S, HOUR_S, OFFSET_S, Calendar
from ioc.conditions import fact_number
from ioc.indicators import stocks
from ioc.indicators.cases import TENTHS, Cases, grouped_by, taken
from ioc.indicators.parts import CaseFilter, Length

Measured = Mapping[str, tuple[Counter[Decimal], int]]
"""Key of the group, "" for all -> how many cases in hand have each length, and how many are in hand at all."""


def measure(
    cases: Cases, wanted: CaseFilter, length: Length, at: int, now: int, *, group: str = ""
) -> Measured:
    """Measure the cases in hand at an instant by a column ("" for all of them)."""
    rows = stocks.in_hand(cases, at, now)
    key = grouped_by(rows, group)
    query = (
        sa.select(key.label("of_key"), column_of(length)(rows).label("of_length"), sa.func.count())
        .where(stocks.clause(wanted, rows, at, cases.calendar))
        .group_by("of_key", "of_length")
    )
    lengths: dict[str, Counter[Decimal]] = defaultdict(Counter)
    in_hand: Counter[str] = Counter()
    for one, text, n in cases.connection.execute(query):
        in_hand[one] += n
        found = length_at(length, text, at, cases.calendar)
        if found is not None:
            lengths[one][found] += n
    return {one: (lengths[one], n) for one, n in in_hand.items()}


def history(
    cases: Cases, wanted: CaseFilter, length: Length, instants: Sequence[int], now: int
) -> list[tuple[Counter[Decimal], int]]:
    """Measure the cases in hand at each of several ascending instants, in one look at the table."""
    enter: list[Counter[Any]] = [Counter() for _ in range(len(instants) + 1)]
    leave: list[Counter[Any]] = [Counter() for _ in range(len(instants) + 1)]
    for begin, end, text in stocks.stays(cases, wanted, instants, now, column_of(length)):
        enter[begin][text] += 1
        leave[end][text] += 1
    held: Counter[Any] = Counter()
    found = []
    for place, at in enumerate(instants):
        held.update(enter[place])
        held.subtract(leave[place])
        held = +held
        lengths: Counter[Decimal] = Counter()
        for text, n in held.items():
            one = length_at(length, text, at, cases.calendar)
            if one is not None:
                lengths[one] += n
        found.append((lengths, held.total()))
    return found


def column_of(length: Length) -> Callable[[Any], Any]:
    """Return what a row tells of its length: the text of a fact, or when its case was opened."""
    if length.fact:
        return lambda rows: fact_number(rows.c.facts, sa.literal(length.fact, sa.String))
    return lambda rows: rows.c[length.start]


def length_at(length: Length, text: Any, at: int, calendar: Calendar) -> Decimal | None:
    """Return the length of a case in hand at an instant: a fact to a tenth, or whole hours or working days by the clock.

    None where the fact is absent or no number.
    """
    if length.fact:
        try:
            return None if text is None else Decimal(text).quantize(TENTHS)
        except InvalidOperation:
            return None
    if length.working:
        return Decimal(calendar.working_days_between(text, at))
    hours = Decimal(at // HOUR_S - text // HOUR_S)
    return hours / 24 if length.unit == "d" else hours


def together(lengths: Counter[Decimal], in_hand: int, take: str) -> Decimal | None:
    """Return what the lengths amount to; the sum of nothing in hand is nought, of what nobody told it is absent."""
    return Decimal(0) if take == "sum" and not in_hand else taken(lengths, take)


def changes_at(length: Length, at: int) -> int | None:
    """Return the instant at which lengths grow with no new data, None for facts."""
    if length.fact:
        return None
    if length.working:
        return at - (at + OFFSET_S) % DAY_S + DAY_S
    return at - at % HOUR_S + HOUR_S
