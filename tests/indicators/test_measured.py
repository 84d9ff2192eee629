"""Stocks that are measured: what the cases in hand carry together, and how long they have been there, on both stores."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

import pytest

from ioc.errors import DeclarationError, QuestionError
from ioc.indicators.question import Question
from ioc.model import Case
from tests.indicators.declaring import declared, engine_of, faults

NOW = int(datetime.fromisoformat("2026-11-20T10:20:00+07:00").timestamp())
HOUR_S, DAY_S = 3600, 86_400
DAMAGE = """
of = "case:report"
stock = true
unit = "MVND"
numerator = { pending = true, category = "flooded" }
value = "facts.damage"
take = "sum"
"""
AGE = """
of = "case:report"
stock = true
unit = "h"
numerator = { pending = true }
duration = { from = "opened", to = "now", unit = "h" }
take = "median"
"""

OPEN = """
of = "case:report"
stock = true
unit = "{report}"
numerator = { pending = true }
ages = [1, 3]
"""


def point(key: str, days: float, damage: float | None, *, gone: float | None = None, category="flooded"):
    """Return a case opened and, where it is gone, closed so many days ago."""
    facts = {} if damage is None else {"damage": damage}
    closed = None if gone is None else NOW - int(gone * DAY_S)
    state = "open" if gone is None else "closed"
    opened = NOW - int(days * DAY_S)
    return Case(key, "report", state, opened, closed=closed, category=category, channel="app", facts=facts)


@pytest.fixture
def asked(world):
    told = [
        point("a", 3, 120.5),
        point("b", 2, 30),
        point("c", 5, 400, gone=1),
        point("d", 1, None),
        point("e", 1, 999, category="slide"),
    ]
    world.keep("reports_1022", told, NOW - 60)
    return replace(world, engine=engine_of(world, {"damage": DAMAGE, "age": AGE}))


def test_a_stock_sums_a_fact_of_the_cases_in_hand_at_any_instant(asked):
    read = asked.engine.read
    now = read("damage", Question(), NOW)
    assert (now.value, now.detail) == (150.5, {"n": 2, "cases": 3})
    assert read("damage", Question(at=NOW - 2 * DAY_S), NOW).value == 550.5
    assert read("damage", Question(channel="zalo"), NOW).value == 0
    points = asked.engine.series("damage", Question(), "day", NOW - 4 * DAY_S, NOW, NOW)
    assert [one.value for one in points] == [400, 520.5, 550.5, 150.5, 150.5]
    rows = {row.key: row.value for row in asked.engine.breakdown("damage", Question(), "category", NOW)}
    assert rows == {"flooded": 150.5}


def test_the_age_of_what_is_in_hand_grows_by_the_hour(asked):
    found = asked.engine.read("age", Question(), NOW)
    assert (found.value, found.detail["n"]) == (36, 4)
    with asked.engine.snapshot(NOW) as snapshot:
        answer = asked.engine.query("age", Question(), NOW, snapshot).answer().answer
    assert answer.changes_at == NOW - NOW % HOUR_S + HOUR_S
    assert asked.engine.read("age", Question(), NOW + HOUR_S).value == 37
    assert asked.engine.series("age", Question(), "day", NOW - DAY_S, NOW, NOW)[-1].value == 36


def test_worked_examples_measure_a_stock_as_the_store_does(calendar):
    given = (
        '{ n = 2, pending = true, category = "flooded", facts = { damage = 7.5 } }, { n = 1, closed = true }'
    )
    assert faults(f"{DAMAGE}example = [{{ given = [{given}], expect = {{ value = 15 }} }}]", calendar) == []
    aged = '{ n = 1, pending = true, opened = "-9h" }, { n = 1, pending = true, opened = "-3h" }'
    assert faults(f"{AGE}example = [{{ given = [{aged}], expect = {{ value = 6 }} }}]", calendar) == []


def test_a_stock_is_not_measured_to_a_closing_that_is_yet_to_come():
    with pytest.raises(DeclarationError, match="now"):
        declared(AGE.replace('to = "now"', 'to = "closed"'))


def test_a_stock_is_broken_down_by_bands_of_its_age_and_cases_by_a_procedure(asked):
    came = (
        OPEN.replace("stock = true", 'by = "opened"')
        .replace("ages = [1, 3]", "")
        .replace("pending", "received")
    )
    engine = engine_of(asked, {"open": OPEN, "came": came})
    rows = engine.breakdown("open", Question(), "age", NOW)
    named = [(row.key, row.name["vi"], row.value) for row in rows]
    assert named == [("0", "dưới 1 ngày", 0), ("1", "1–3 ngày", 3), ("3", "từ 3 ngày", 1)]
    with pytest.raises(QuestionError, match="declares no ages"):
        asked.engine.breakdown("age", Question(), "age", NOW)
    told = {row.key: row.value for row in engine.breakdown("open", Question(), "procedure", NOW)}
    assert told == {"": 4}
    told = {row.key: row.value for row in engine.breakdown("came", Question(), "procedure", NOW)}
    assert told == {"": 5}
