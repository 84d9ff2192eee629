"""The way back from a number: what is listed is what was counted, asked in the same place, period and moment."""

from datetime import datetime
from urllib.parse import parse_qsl, urlsplit

import pytest

from ioc.indicators.judge import status
from ioc.indicators.question import Question, parse
from ioc.model import Case, Event
from tests.indicators.declaring import declared, engine_of

DAY = 86_400
NOW = int(datetime.fromisoformat("2026-11-20T10:00:00+07:00").timestamp())
MADE = {
    "severe": 'of = "event:warning"\nby = "starts"\nnumerator = { severity = "Severe" }\nunit = "{warning}"',
    "in_force": 'of = "event:warning"\nstock = true\nnumerator = { severity = "Severe" }\nunit = "{warning}"',
    "received": 'of = "case:dossier"\nby = "opened"\nsources = ["one_stop"]\nunit = "{dossier}"',
    "late": 'of = "case:dossier"\nstock = true\nsources = ["one_stop"]\nunit = "%"\nnumerator = { overdue = true }\n'
    "denominator = { pending = true }",
    "grown": 'of = "indicators"\nunit = "%"\nperiod = "week"\n'
    'change = { of = "received", against = "previous", as = "difference" }',
}


def asked_by(href):
    address = urlsplit(href)
    return address.path.split("/")[4:], parse(dict(parse_qsl(address.query)))


@pytest.fixture
def engine(world):
    source = next(one.id for one in world.catalogue.sources.values() if one.shape == "event:warning")
    events = [
        Event(f"w{n}", "warning", NOW - n * 3600, None if n % 2 else NOW - 60, severity, "Mưa", ("06652",))
        for n, severity in enumerate(("Severe", "Minor", "Severe", "Severe", "Severe"), 1)
    ]
    world.keep(source, events, NOW - 300)
    world.keep("one_stop", [Case("a", "dossier", "open", NOW - DAY)], NOW - 200)
    world.keep("one_stop", [Case("b", "dossier", "open", NOW - DAY)], NOW - 200)
    return engine_of(world, MADE)


def test_events_are_explained_by_those_that_were_counted(engine):
    for indicator, keys in (("severe", ["w1", "w3", "w4", "w5"]), ("in_force", ["w1", "w3", "w5"])):
        told = engine.explain(indicator, Question(area="06652"), NOW)["records"]
        assert told["used"] == len(keys)
        assert [one["key"] for one in told["first"]] == keys
        path, asked = asked_by(told["href"])
        assert (path, asked) == ([indicator, "records"], Question(area="06652"))
        first = engine.records(indicator, asked, NOW, limit=2)
        rest = engine.records(indicator, asked, NOW, limit=2, cursor=first.next)
        assert [one["key"] for one in (*first.items, *rest.items)] == keys


def test_the_way_back_leads_to_the_same_millisecond_and_period(engine):
    seen = {}
    for ms in range((NOW - 200) * 1000, (NOW - 200) * 1000 + 12):
        question = Question(as_of=ms, area="22")
        reading = engine.read("received", question, NOW)
        _, asked = asked_by(engine.explain("received", question, NOW)["records"]["href"])
        assert asked.as_of == ms
        assert len(engine.records("received", asked, NOW).items) == (reading.value or 0)
        seen[reading.value] = ms
    assert {1, 2} <= set(seen)
    (part,) = engine.explain("grown", Question(as_of=seen[1]), NOW)["parts"]
    _, asked = asked_by(part["href"])
    assert asked == Question(period="2026-W47", as_of=seen[1])
    assert engine.read("received", asked, NOW).value == part["value"]


@pytest.mark.parametrize(
    ("better", "value", "bound", "judged"),
    [
        ("higher", 70, ">=", "neutral"),
        ("higher", 96, ">=", "good"),
        ("higher", 70, "<=", "critical"),
        ("higher", 92, "<=", "warning"),
        ("higher", 96, "<=", "neutral"),
        ("lower", 97, ">=", "critical"),
        ("lower", 92, ">=", "warning"),
        ("lower", 70, ">=", "neutral"),
        ("lower", 70, "<=", "good"),
        ("lower", 97, "<=", "neutral"),
    ],
)
def test_a_bound_is_judged_only_where_it_decides(better, value, bound, judged):
    limits = (95, 90) if better == "higher" else (90, 95)
    made = declared(
        f'of = "case:dossier"\nby = "opened"\nunit = "{{dossier}}"\nbetter = "{better}"\n'
        f'warning = {limits[0]}\ncritical = {limits[1]}\nlimit_basis = "Quy định thử"'
    )
    assert status(made, value, "live", bound) == judged


def test_a_share_in_hand_is_explained_by_all_that_it_is_a_share_of(engine, world):
    world.keep("one_stop", [Case("c", "dossier", "open", NOW - DAY, due=NOW - 3600)], NOW - 100)
    told = engine.explain("late", Question(), NOW)
    assert (told["num"], told["den"], told["records"]["used"]) == (1, 3, 3)
    assert {one["key"] for one in told["records"]["first"]} == {"a", "b", "c"}
    assert len(engine.records("late", Question(), NOW).items) == 3
