"""Events counted by what they are: category, severity, facts and area, on both stores."""

from __future__ import annotations

from datetime import datetime

import pytest

from ioc.errors import DeclarationError, QuestionError
from ioc.indicators.question import Question
from ioc.model import Event
from tests.indicators.declaring import declared, engine_of, faults

NOW = int(datetime.fromisoformat("2026-11-20T10:00:00+07:00").timestamp())
ALL = 'of = "event:duty"\nby = "starts"\nperiod = "day"\nunit = "{case}"\n'
FIRES = f'{ALL}numerator = {{ category = "Cháy nổ" }}\n'
GRAVE = f'{ALL}numerator = {{ severity = ["high", "critical"] }}\n'
FATAL = f"{ALL}numerator = {{ facts = {{ deaths = [1, 2] }} }}\n"
QUIET = f'{ALL}numerator = {{ not = {{ category = "Cháy nổ" }} }}\n'
LASTING = 'of = "event:duty"\nstock = true\nunit = "{case}"\nnumerator = { category = "Cháy nổ" }\n'
DEFINED = {"all": ALL, "fires": FIRES, "grave": GRAVE, "fatal": FATAL, "quiet": QUIET, "lasting": LASTING}


def event(
    key: str,
    hours: float,
    category: str,
    severity: str = "low",
    areas=("06685",),
    lasts: float | None = 1,
    **facts,
):
    starts = NOW - int(hours * 3600)
    ends = None if lasts is None else starts + int(lasts * 3600)
    return Event(key, "duty", starts, ends, severity, "", areas, category, "", facts)


@pytest.fixture
def engine(world):
    world.keep(
        "duty_log",
        [
            event("1", 2, "Cháy nổ", "high", deaths=1),
            event("2", 3, "Cháy nổ", lasts=None),
            event("3", 4, "An ninh trật tự", areas=("06673", "06685"), deaths=0),
            event("4", 1, "Tai nạn giao thông", "critical", areas=("22",), deaths=2),
            event("5", 30, "Cháy nổ", "critical", deaths=1),
        ],
        NOW - 60,
    )
    return engine_of(world, DEFINED)


def test_events_are_counted_by_what_they_are_and_where(engine):
    counted = {id: engine.read(id, Question(), NOW).value for id in DEFINED}
    assert counted == {"all": 4, "fires": 2, "grave": 2, "fatal": 2, "quiet": 2, "lasting": 1}
    # the fourth speaks of the whole province, the third of two communes
    areas = ("06685", "06673", "06658")
    assert [engine.read("all", Question(area=area), NOW).value for area in areas] == [4, 2, 1]
    by = {row.key: row.value for row in engine.breakdown("all", Question(), "category", NOW)}
    assert by == {"Cháy nổ": 2, "An ninh trật tự": 1, "Tai nạn giao thông": 1}
    by = {row.key: row.value for row in engine.breakdown("all", Question(), "area", NOW)}
    assert by == {"06685": 3, "06673": 1, "22": 1}
    by = {row.key: row.value for row in engine.breakdown("lasting", Question(), "category", NOW)}
    assert by == {"Cháy nổ": 1}
    with pytest.raises(QuestionError, match="not broken down by channel"):
        engine.breakdown("all", Question(), "channel", NOW)
    points = engine.series("fires", Question(), "day", NOW - 40 * 3600, NOW, NOW)
    assert [point.value for point in points] == [None, 1, 2], "before the oldest nothing is known"


def test_a_worked_example_counts_events_that_meet_the_condition(calendar):
    given = '{ n = 3, category = "Cháy nổ" }, { n = 2, category = "Khác" }'
    told = f"{FIRES}[[example]]\ngiven = [{given}]\nexpect = {{ value = %d }}\n"
    assert faults(told % 3, calendar) == []
    assert faults(told % 5, calendar) != []


@pytest.mark.parametrize(
    ("line", "sentence"),
    [
        ("numerator = { pending = true }", "pending: unknown condition; known are category, severity, site"),
        ('numerator = { level = "high" }', "level: unknown condition"),
        ('denominator = { category = "x" }', "belongs to indicators of cases"),
    ],
)
def test_a_condition_that_events_do_not_have_is_refused_with_what_they_have(line, sentence):
    with pytest.raises(DeclarationError, match=sentence):
        declared(f"{ALL}{line}\n")
