"""Indicators made of indicators: a change, a funnel, an index."""

from datetime import datetime

import pytest

from ioc.errors import DeclarationError
from ioc.indicators.composite import faults_between
from ioc.indicators.question import Question
from ioc.model import Case, Observation
from ioc.store.writer import Touched
from tests.indicators.declaring import declared, engine_of, faults

DAY = 86_400


def instant(text: str) -> int:
    return int(datetime.fromisoformat(text + "+07:00").timestamp())


NOW = instant("2026-11-20T10:00:00")
CHANGE = """
of = "indicators"
unit = "%"
period = "month"
change = { of = "dossiers_received", against = "previous", as = "percent" }
"""
FUNNEL = """
of = "indicators"
unit = "%"
period = "month"
funnel = ["dossiers_received", "dossiers_resolved", "rated"]
"""
INDEX = """
of = "indicators"
unit = "{index}"
period = "month"
index = { missing = "refuse", parts = [
  { indicator = "dossiers_on_time", weight = 3, low = 50, high = 100 },
  { indicator = "dossiers_overdue", weight = 1, low = 10, high = 0 },
] }
"""
RATED = """
of = "case:dossier"
by = "closed"
numerator = { closed = true, facts = { rating = ["satisfied", "dissatisfied"] } }
unit = "{dossier}"
period = "month"
fresh_for = "1h"
"""


def dossier(key: str, opened: str, closed: str = "", **more) -> Case:
    """Return a dossier due ten days after its receipt."""
    start, end = instant(opened), instant(closed) if closed else None
    state = "open" if end is None else "closed"
    more = {"responsible": "so_y_te", **more}
    return Case(key, "dossier", state, start, due=start + 10 * DAY, closed=end, **more)


@pytest.fixture
def made(world):
    october = [dossier(f"o{i}", "2026-10-05T08:00:00", "2026-10-08T08:00:00") for i in range(4)]
    november = [
        dossier("n0", "2026-11-03T08:00:00", "2026-11-05T08:00:00", facts={"rating": "satisfied"}),
        dossier("n1", "2026-11-03T09:00:00", "2026-11-06T08:00:00"),
        dossier("n2", "2026-11-01T08:00:00", "2026-11-15T08:00:00", responsible="so_xay_dung"),
        dossier("n3", "2026-11-02T08:00:00"),
        dossier("n4", "2026-11-19T08:00:00"),
    ]
    world.keep("one_stop", [*october, *november], NOW - 20)
    difference = CHANGE.replace("percent", "difference").replace("dossiers_received", "dossiers_on_time")
    stock = CHANGE.replace("percent", "difference").replace("dossiers_received", "dossiers_pending")
    return engine_of(
        world,
        {
            "rated": RATED, "change": CHANGE, "difference": difference, "stock": stock, "funnel": FUNNEL, "index": INDEX,
            "year": CHANGE.replace('"previous"', '"same_period_last_year"'),
        },
    )  # fmt: skip


def test_a_change_is_measured_against_an_equal_span(made):
    found = made.read("change", Question(), NOW)
    assert (found.value, found.detail["now"], found.detail["before"]) == (25, 5, 4)
    assert made.read("difference", Question(), NOW).value == -33.3
    assert made.read("stock", Question(), NOW).value == 2
    assert made.read("change", Question(period="2026-10"), NOW).value is None
    assert made.read("year", Question(), NOW).value is None


def test_a_change_is_drawn_and_broken_down_as_its_part_is(made):
    points = made.series("change", Question(), "month", instant("2026-10-01T00:00:00"), NOW, NOW)
    assert [point.value for point in points] == [None, 25]
    rows = {row.key: row.value for row in made.breakdown("change", Question(), "responsible", NOW)}
    assert rows == {"so_y_te": 0, "so_xay_dung": None}
    assert [point.value for point in made.series("stock", Question(), "month", NOW - DAY, NOW, NOW)] == [2]


def test_the_last_point_of_a_change_is_measured_against_an_equal_span(world):
    beds = 'of = "observation"\nunit = "{bed}"\nnumerator = { variable = "beds_total" }'
    change = CHANGE.replace("percent", "difference")
    made = {"beds": beds, "more_beds": change.replace("dossiers_received", "beds"), "more_dossiers": change}
    engine = engine_of(world, made)
    told = [("2026-10-15T00:00:00", 40), ("2026-11-15T00:00:00", 60)]
    world.keep(
        "hospitals",
        [Observation("beds_total", instant(at), "06652", n, span="day") for at, n in told],
        NOW - 20,
    )
    opened = ("2026-10-20T09:00:00", "2026-10-20T15:00:00", "2026-11-02T08:00:00")
    world.keep("one_stop", [dossier(at, at) for at in opened], NOW - 20)
    for id, more in (("more_beds", 20), ("more_dossiers", 0)):
        points = engine.series(id, Question(), "month", instant("2026-10-01T00:00:00"), NOW, NOW)
        assert (engine.read(id, Question(), NOW).value, points[-1].value) == (more, more), id


def test_a_funnel_names_its_weakest_step(made):
    found = made.read("funnel", Question(), NOW)
    steps = [(step["indicator"], step["value"], step["share"]) for step in found.document()["steps"]]
    assert steps == [("dossiers_received", 5, None), ("dossiers_resolved", 3, 60.0), ("rated", 1, 33.33)]
    assert (found.value, found.detail["weakest"]["indicator"]) == (33.3, "rated")
    by = {row.key: row.value for row in made.breakdown("funnel", Question(), "responsible", NOW)}
    assert by == {"so_y_te": 50.0, "so_xay_dung": 0.0}
    assert made.read("funnel", Question(agency="so_y_te"), NOW).value == 50.0


def test_an_index_scales_and_weighs_its_parts(made):
    found = made.read("index", Question(), NOW)
    parts = {part["indicator"]: (part["value"], part["scaled"]) for part in found.detail["parts"]}
    assert parts == {"dossiers_on_time": (66.7, 33.4), "dossiers_overdue": (1, 90.0)}
    assert found.value == 47.6  # (3 x 33.4 + 90) / 4
    points = made.series("index", Question(), "month", instant("2026-10-01T00:00:00"), NOW, NOW)
    assert [point.value for point in points] == [100, 47.6]


def test_what_is_made_of_others_ages_with_them_and_explains_them(made, world):
    found = made.read("index", Question(), NOW)
    parts = [made.read(id, Question(), NOW) for id in ("dossiers_on_time", "dossiers_overdue")]
    assert found.fresh_until == min(part.fresh_until for part in parts)
    assert found.valid_until == min(part.valid_until for part in parts)
    assert found.reported_at == NOW - 20
    told = made.explain("index", Question(), NOW)
    assert [part["href"] for part in told["parts"]] == [
        "/api/v1/indicators/dossiers_on_time/explain",
        "/api/v1/indicators/dossiers_overdue/explain",
    ]
    assert told["formula"]["vi"].startswith("Trung bình theo trọng số: 75 % “Tỷ lệ giải quyết")
    assert [source["id"] for source in told["sources"]] == ["one_stop"]
    world.fail("one_stop", NOW + 30, "nguồn trả lời 500")
    assert made.read("index", Question(), NOW + 400).status == "stale"


def test_what_was_known_then_makes_what_was_made_then(made, world):
    world.keep("one_stop", [dossier("n9", "2026-11-04T08:00:00")], NOW + 3600)
    assert made.read("change", Question(), NOW + 3700).value == 50
    assert made.read("change", Question(as_of=(NOW + 60) * 1000), NOW + 3700).value == 25


def test_a_page_marks_what_is_made_of_what_it_changed(made):
    found = made.affects(Touched("one_stop", case_kinds=frozenset({"dossier"})))
    assert {"change", "funnel", "index", "dossiers_received"} <= found
    assert "index" not in made.affects(Touched("reports_1022", case_kinds=frozenset({"report"})))


@pytest.mark.parametrize(("missing", "value"), [("refuse", None), ("reweigh", 80), ("zero", 60)])
def test_a_part_without_a_value_is_refused_left_out_or_nought(missing, value, calendar):
    text = INDEX.replace("refuse", missing)
    expect = '{ status = "none" }' if value is None else f"{{ value = {value} }}"
    given = '[{ indicator = "dossiers_on_time", value = 90 }]'
    assert faults(f"{text}\nexample = [{{ given = {given}, expect = {expect} }}]", calendar) == []


def valued(indicator: str, value: float, more: str = "") -> str:
    """Return the value of a part as an example gives it."""
    return f'{{ indicator = "{indicator}", value = {value}{more} }}'


STEPS = (("dossiers_received", 200), ("dossiers_resolved", 150), ("rated", 30))


@pytest.mark.parametrize(
    ("text", "given", "expect"),
    [
        (CHANGE, [valued("dossiers_received", 90), valued("dossiers_received", 120, ", earlier = true")], "value = -25"),
        (CHANGE, [valued("dossiers_received", 90), valued("dossiers_received", 0, ", earlier = true")], 'status = "none"'),
        (FUNNEL, [valued(*step) for step in STEPS], "value = 20.0"),
    ],
)  # fmt: skip
def test_a_worked_example_is_given_as_the_values_of_the_parts(text, given, expect, calendar):
    example = f"\nexample = [{{ given = [{', '.join(given)}], expect = {{ {expect} }} }}]"
    assert faults(text + example, calendar) == []
    assert "is no part of it" in faults(text + example.replace("dossiers_received", "visits", 1), calendar)[0]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (CHANGE + 'funnel = ["a", "b"]', "exactly one of change, funnel, index, index_766 was expected"),
        ('of = "indicators"\nunit = "%"', "[one.of] exactly one of change, funnel, index, index_766 was expected"),
        (CHANGE.replace('"%"', '"d"'), "[one.unit] % was expected"),
        (CHANGE.replace('"previous"', '"last"'), "[one.change.against] one of previous, same_period_last_year"),
        (FUNNEL.replace(', "dossiers_resolved", "rated"', ""), "[one.funnel] at least two different indicators"),
        (INDEX.replace("weight = 1", "weight = 0"), "[one.index.parts 2.weight] a weight above nought was expected"),
        (INDEX.replace(", high = 0", ""), "[one.index.parts 2.high] low and high, which differ, were expected"),
        (INDEX.replace('"refuse"', '"skip"'), "[one.index.missing] one of refuse, reweigh, zero"),
        (INDEX + 'fresh_for = "1h"', "[one.fresh_for] follows from the indicators"),
        (INDEX + 'numerator = { closed = true }', "[one.numerator] is not used beside what is made of indicators"),
        (RATED + 'funnel = ["a", "b"]', '[one.funnel] belongs to of = "indicators"'),
    ],
)  # fmt: skip
def test_a_faulty_composite_is_named(text, message):
    with pytest.raises(DeclarationError) as fault:
        declared(text)
    assert message in str(fault.value)


def test_what_rests_on_itself_or_on_nothing_is_left_out():
    known = {
        "a": declared(CHANGE.replace("dossiers_received", "b"), "a"),
        "b": declared(CHANGE.replace("dossiers_received", "a"), "b"),
        "c": declared(CHANGE.replace("dossiers_received", "nowhere"), "c"),
        "d": declared(CHANGE.replace("dossiers_received", "c"), "d"),
        "e": declared(FUNNEL.replace("dossiers_received", "share").replace("dossiers_resolved", "rated2"), "e"),
        "share": declared(RATED + "denominator = { closed = true }", "share"),
        "rated2": declared(RATED, "rated2"), "rated": declared(RATED, "rated"), "f": declared(FUNNEL, "f"),
        "dossiers_received": declared(RATED, "dossiers_received"), "dossiers_resolved": declared(RATED, "dossiers_resolved"),
    }  # fmt: skip
    assert faults_between(known) == {
        "a": ("change", "'b' rests on 'a' itself"),
        "b": ("change", "no usable indicator 'a' is declared"),
        "c": ("change", "no usable indicator 'nowhere' is declared"),
        "d": ("change", "no usable indicator 'c' is declared"),
        "e": ("funnel", "a count was expected as a step, not 'share'"),
    }


OURS = """
of = "indicators"
unit = "{score}"
decimals = 2
period = "month"
index_766.official = "score_766"
index_766.parts = { ON_TIME = "dossiers_on_time_of_received", ORIGINAL_RESULT_AVAILABLE = "digitised_results" }
"""


def test_an_index_of_766_from_parts_is_at_least_what_is_known_and_never_nought_for_what_is_not(world):
    told = [dossier("a", "2026-11-02T08:00", "2026-11-04T08:00", facts={"digitised_result": True})]
    told += [dossier("b", "2026-11-03T08:00", "2026-11-19T08:00", facts={"digitised_result": False})]
    world.keep("one_stop", told, NOW - 60)
    engine = engine_of(world, {"ours": OURS})
    found = engine.read("ours", Question(), NOW)
    assert (found.value, found.bound) == (13, ">=")  # half of 20 and half of 6
    groups = {group["code"]: group for group in found.detail["groups"]}
    assert (groups["TDGQ"]["value"], groups["TDGQ"]["bound"]) == (10, None)
    assert (groups["MDSH"]["value"], groups["MDSH"]["bound"]) == (3, ">=")
    assert [groups[code]["value"] for code in ("CKMB", "CLGQ", "TTTT", "MDHL")] == [None] * 4
    assert engine.read("ours", Question(period="2026-09"), NOW).value is None


def test_a_part_that_no_group_has_is_a_fault_of_the_example(calendar):
    (fault,) = faults(OURS.replace("ON_TIME", "IN_TIME"), calendar)
    assert "IN_TIME is no part; known are CITIZEN_DATA_CONNECTED_DOSSIER" in fault
