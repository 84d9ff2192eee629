"""Rates for so many inhabitants, and means in which places count by a weight."""

from datetime import datetime

import pytest

from ioc.errors import DeclarationError
from ioc.indicators.question import Question
from ioc.model import Case, Observation
from tests.indicators.declaring import declared, engine_of, faults

DAY = 86_400


def instant(text: str) -> int:
    return int(datetime.fromisoformat(text + "+07:00").timestamp())


NOW = instant("2026-11-20T10:00:00")
OLD = instant("2025-12-02T00:00:00")
PEOPLE = 'denominator = { variable = "population" }\nper = 100000\nunit = "/100000"\n'
REPORTS = 'of = "case:report"\nby = "opened"\nnumerator = { received = true }\nperiod = "last_30d"\n' + PEOPLE
SICK = (
    'of = "observation"\nnumerator = { variable = "disease_cases" }\nover = "sum"\nperiod = "week"\n' + PEOPLE
)
BEDS = 'of = "observation"\nnumerator = { variable = "beds_total" }\nperiod = "day"\n' + PEOPLE.replace(
    "100000", "10000"
)
WAITING = """
of = "observation"
numerator = { variable = "emergency_visits" }
over = "last"
across = "mean"
weight = { variable = "beds_total" }
unit = "{visit}"
period = "day"
"""


def people(**by_place: float) -> list[Observation]:
    """Return the inhabitants of areas, as the yearbooks of two years state them."""
    told = {"span": "year", "method": "official"}
    return [
        Observation("population", instant(f"{year}-01-01T00:00:00"), place.strip("_"), value * grown, **told)
        for year, grown in ((2024, 0.5), (2026, 1))
        for place, value in by_place.items()
    ]


def reports(n: int, area: str, opened: int) -> list[Case]:
    return [
        Case(f"{area}-{i}", "report", "open", opened, area=area, responsible=f"ubnd_{area}") for i in range(n)
    ]


@pytest.fixture
def counted(world):
    world.keep("diseases", people(_06685=40_000, _06652=10_000), NOW - 100)
    old = Case("old", "report", "closed", OLD, closed=OLD + DAY, area="06685")
    new = reports(8, "06685", NOW - 3 * DAY) + reports(4, "06652", NOW - 2 * DAY)
    world.keep("reports_1022", [old, *new], NOW - 50)
    return engine_of(world, {"rate": REPORTS, "stock": REPORTS.replace('by = "opened"', "stock = true")})


def test_a_rate_divides_cases_by_the_newest_population_of_its_area(counted):
    whole = counted.read("rate", Question(), NOW)
    assert (whole.value, whole.num, whole.den) == (24.0, 12, 50_000)
    part = counted.read("rate", Question(area="06652"), NOW)
    assert (part.value, part.num, part.den) == (40.0, 4, 10_000)
    assert counted.read("rate", Question(agency="ubnd_06652"), NOW).value == 40.0
    assert counted.read("rate", Question(agency="so_y_te"), NOW).value is None
    assert counted.read("rate", Question(channel="app"), NOW).den == 50_000
    assert counted.read("stock", Question(), NOW).value == 24.0


def test_a_rate_of_the_past_is_divided_by_the_population_of_the_past(counted):
    points = counted.series("rate", Question(), "year", OLD, NOW, NOW)
    assert [(point.num, point.den) for point in points] == [(1, 25_000), (12, 50_000)]
    days = counted.series("stock", Question(), "day", NOW - 4 * DAY, NOW, NOW)
    assert [point.value for point in days] == [0.0, 16.0, 24.0, 24.0, 24.0]


def test_rates_of_areas_add_up_by_their_parts(counted):
    rows = {row.key: row for row in counted.breakdown("rate", Question(), "area", NOW)}
    assert {key: (row.value, row.num, row.den) for key, row in rows.items()} == {
        "06685": (20.0, 8, 40_000),
        "06652": (40.0, 4, 10_000),
    }
    whole = counted.read("rate", Question(), NOW)
    assert (whole.num, whole.den) == (sum(r.num for r in rows.values()), sum(r.den for r in rows.values()))
    assert [row.value for row in counted.breakdown("rate", Question(), "responsible", NOW)] == [40.0, 20.0]
    assert counted.breakdown("stock", Question(), "category", NOW)[0].den == 50_000
    told = counted.explain("rate", Question(), NOW)
    assert told["formula"]["vi"].endswith("/ Dân số × 100.000; tính theo ngày tiếp nhận")
    assert len(told["sources"]) == 2


def test_a_rate_of_observations_speaks_of_the_areas_that_reported_both(world):
    sick = [
        Observation(
            "disease_cases",
            instant("2026-11-16T00:00:00"),
            place,
            n,
            category="dengue",
            span="week",
            kind="count",
        )
        for place, n in (("06685", 6), ("06652", 3), ("06709", 99))
    ]
    world.keep("diseases", [*sick, *people(_06685=40_000, _06652=10_000)], NOW - 50)
    engine = engine_of(world, {"sick": SICK})
    found = engine.read("sick", Question(), NOW)
    assert (found.value, found.num, found.den) == (18.0, 9, 50_000)
    assert engine.series("sick", Question(), "week", NOW - 7 * DAY, NOW, NOW)[-1].value == 18.0
    assert {row.key: row.value for row in engine.breakdown("sick", Question(), "area", NOW)} == {
        "06652": 30.0,
        "06685": 15.0,
    }


def test_what_sites_have_is_divided_by_all_the_people_around_them(world, catalogue):
    hospitals = [site for site in catalogue.sites.values() if site.kind == "hospital"][:2]
    beds = [Observation("beds_total", NOW - DAY, site.id, 300, span="day") for site in hospitals]
    world.keep(
        "diseases",
        [*beds, *people(_22=1_400_000, **{f"_{one.area}": 20_000 for one in hospitals})],
        NOW - 50,
    )
    engine = engine_of(world, {"beds": BEDS})
    found = engine.read("beds", Question(), NOW)
    assert (found.num, found.den, found.value) == (600, 1_400_000, 4.3)
    rows = engine.breakdown("beds", Question(), "area", NOW)
    assert all(row.den == 20_000 for row in rows)


def test_a_weighted_mean_counts_a_place_by_its_weight(world, catalogue):
    hospitals = [site.id for site in catalogue.sites.values() if site.kind == "hospital"][:3]
    told = [("emergency_visits", (10, 40, 1_000)), ("beds_total", (100, 300, None))]
    rows = [
        Observation(name, instant("2026-11-20T00:00:00"), site, value, span="day", kind="count")
        for name, values in told
        for site, value in zip(hospitals, values, strict=True)
        if value is not None
    ]
    world.keep("diseases", rows, NOW - 50)
    engine = engine_of(world, {"waiting": WAITING})
    found = engine.read("waiting", Question(), NOW)
    assert (found.value, found.detail) == (32.5, {"weight": 400, "places": 2})
    assert engine.series("waiting", Question(), "day", NOW - DAY, NOW, NOW)[-1].value == 32.5
    assert {row.key: row.value for row in engine.breakdown("waiting", Question(), "site", NOW)} == {
        hospitals[0]: 10.0,
        hospitals[1]: 40.0,
    }
    assert "theo trọng số" in engine.explain("waiting", Question(), NOW)["formula"]["vi"]


INHABITANTS = (
    '{ variable = "population", value = 50000, place = "22", time = "2026-01-01T00:00", span = "year" }'
)
OF_PLACES = ", ".join(
    f'{{ variable = "{name}", value = {value}, place = "{place}", time = "2026-11-20T00:00", span = "day" }}'
    for name, values in (("emergency_visits", (10, 40)), ("beds_total", (100, 300)))
    for place, value in zip("ab", values, strict=True)
)


@pytest.mark.parametrize(
    ("text", "given", "expect"),
    [
        (REPORTS, f"{{ n = 12, pending = true }}, {INHABITANTS}", "{ value = 24.0, num = 12, den = 50000 }"),
        (WAITING, OF_PLACES, "{ value = 32.5 }"),
    ],
)
def test_a_worked_example_gives_the_rate(text, given, expect, calendar):
    assert faults(f"{text}\nexample = [{{ given = [{given}], expect = {expect} }}]", calendar) == []
    wrong = expect.replace("= 24.0", "= 23.9").replace("= 32.5", "= 25")
    assert (
        "was expected"
        in faults(f"{text}\nexample = [{{ given = [{given}], expect = {wrong} }}]", calendar)[0]
    )


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            REPORTS.replace("per = 100000", "per = 7"),
            "[one.per] one of 1000, 10000, 100000 was expected, not 7",
        ),
        (REPORTS.replace("denominator", "#"), "[one.per] a denominator was expected beside it"),
        (REPORTS.replace('"/100000"', '"%"'), "[one.unit] the unit of a rate for 100000 was expected, not %"),
        (WAITING.replace('"mean"', '"sum"'), '[one.weight] across = "mean" without a denominator'),
        (
            REPORTS + 'weight = { variable = "population" }',
            "[one.weight] belongs to indicators of observations",
        ),
    ],
)
def test_a_faulty_rate_is_named(text, message):
    with pytest.raises(DeclarationError) as fault:
        declared(text)
    assert message in str(fault.value)
