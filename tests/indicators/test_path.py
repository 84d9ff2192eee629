"""The path of a target: what it wants now, how steep it is from here, and what a bound leaves open."""

from datetime import datetime

import pytest

from ioc.errors import DeclarationError
from ioc.indicators import path
from ioc.indicators.question import Question
from ioc.model import Observation
from tests.indicators.declaring import declared, engine_of


def instant(text: str) -> int:
    return int(datetime.fromisoformat(text + "+07:00").timestamp())


NOW = instant("2026-11-20T10:00:00")
USED = """
of = "observation"
numerator = { variable = "procedures_full" }
unit = "%"
better = "higher"
period = "month"
start = { year = 2022, value = 3 }
target = [{ by = 2025, value = 20, basis = "Nghị quyết 09-NQ/TU" }, { by = 2030, value = 30, basis = "Nghị quyết 09-NQ/TU" }]
"""


@pytest.mark.parametrize(
    ("value", "at", "required", "slope", "gap", "on_track"),
    [
        (11.5, "2024-07-02T00:00:00", 11.5, 5.67, -8.5, True),
        (11.4, "2024-07-02T00:00:00", 11.5, 5.73, -8.6, False),
        (20, "2026-01-01T00:00:00", 20, None, 0, True),
        (20, "2026-01-02T00:00:00", 20, 2.0, -10, True),
        (21, "2027-01-01T00:00:00", 22, 2.25, -9, False),
        (31, "2031-06-01T00:00:00", 30, None, 1, True),
        (1, "2022-03-01T00:00:00", 20, 4.95, -19, False),
    ],
)
def test_between_two_points_the_path_is_straight(value, at, required, slope, gap, on_track):
    found = path.state(declared(USED), value, None, instant(at))
    assert (found.required, found.required_slope, found.gap, found.on_track) == (
        required,
        slope,
        gap,
        on_track,
    )


@pytest.mark.parametrize(
    ("better", "value", "bound", "on_track"),
    [
        ("higher", 35, ">=", True), ("higher", 25, ">=", None), ("higher", 25, "<=", False), ("higher", 35, "<=", None),
        ("lower", 35, ">=", False), ("lower", 25, "<=", True), ("lower", 25, ">=", None), ("lower", 35, "<=", None),
    ],
)  # fmt: skip
def test_a_bound_decides_only_what_lies_on_one_side_of_it(better, value, bound, on_track):
    text = USED.replace('"higher"', f'"{better}"').replace("start = { year = 2022, value = 3 }\n", "")
    assert path.state(declared(text), value, bound, instant("2031-01-01T00:00:00")).on_track is on_track


def test_a_reading_stands_on_the_path_at_the_end_of_its_period(world):
    sent = [
        Observation("procedures_full", instant("2026-11-01T00:00:00"), "22", 22, span="month", kind="count"),
        Observation("procedures_full", instant("2025-11-01T00:00:00"), "22", 18, span="month", kind="count"),
    ]
    world.keep("national_portal_766", sent, NOW - 10)
    engine = engine_of(world, {"used": USED})
    target = engine.read("used", Question(), NOW).document()["target"]
    assert target == {
        "value": 30, "by": 2030, "basis": "Nghị quyết 09-NQ/TU", "gap": -8, "on_track": True,
        "required": 21.8, "required_slope": 1.96,
    }  # fmt: skip
    then = engine.read("used", Question(period="2025-11"), NOW).target
    assert (then.by, then.required, then.on_track) == (2025, 19.5, False)


def test_a_bound_is_kept_in_reading_series_rows_and_target(world):
    november = [
        ("22", 70.0, ">=", "2026-11"),
        ("06685", 40.0, ">=", "2026-11"),
        ("06652", 9.0, "", "2026-11"),
    ]
    sent = [
        Observation("procedures_full", instant(f"{month}-01T00:00:00"), place, value, flag=flag, span="month", kind="count")
        for place, value, flag, month in [*november, ("22", 60.0, "", "2026-10")]
    ]  # fmt: skip
    world.keep("national_portal_766", sent, NOW - 10)
    least = USED.replace("{ by = 2030, value = 30", "{ by = 2030, value = 80")
    engine = engine_of(
        world, {"used": least, "summed": least + 'over = "sum"', "least": least + "at_least = true"}
    )
    for id in ("used", "summed"):
        found = engine.read(id, Question(), NOW)
        assert (found.value, found.bound, found.target.on_track) == (70, ">=", True)
        points = engine.series(id, Question(), "month", instant("2026-10-01T00:00:00"), NOW, NOW)
        assert [(point.value, point.bound) for point in points] == [(60, None), (70, ">=")]
        quarter = engine.series(id, Question(), "quarter", instant("2026-10-01T00:00:00"), NOW, NOW)
        assert quarter[0].bound == ">="
        by = {row.key: row.bound for row in engine.breakdown(id, Question(), "area", NOW)}
        assert by == {"22": ">=", "06685": ">=", "06652": None}
    assert engine.read("least", Question(period="2026-10"), NOW).bound == ">="
    assert [row.bound for row in engine.breakdown("least", Question(), "area", NOW)] == [">="] * 3


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (USED.replace("2022", "2025"), "[one.start.year] a year before that of the first target was expected, not 2025"),
        (USED.replace("by = 2030", "by = 2025"), "[one.target] one target a year was expected"),
        (USED.replace("target = ", "#"), "[one.start.year] a year before that of the first target"),
    ],
)  # fmt: skip
def test_a_faulty_path_is_named(text, message):
    with pytest.raises(DeclarationError) as fault:
        declared(text)
    assert message in str(fault.value)


@pytest.mark.parametrize(("over", "value"), [("mean", 40), ("sum", 80), ("max", 50), ("min", 30)])
def test_a_bound_of_an_instrument_stays_one_through_hours_and_days(world, over, value):
    text = f'of = "observation"\nunit = "mm"\nperiod = "day"\nnumerator = {{ variable = "rain" }}\nover = "{over}"\n'
    at = instant("2026-11-18T00:00:00")
    place = next(id for id, site in world.catalogue.sites.items() if site.kind == "rain_gauge")
    told = [
        Observation("rain", at + 8 * 3600, place, 30, span="hour", kind="count"),
        Observation("rain", at + 9 * 3600, place, 50, ">=", span="hour", kind="count"),
        Observation("rain", at + 90_000, place, 10, span="hour", kind="count"),
    ]
    world.keep("rain_gauges", told[:1], at + 200_000)
    world.keep("rain_gauges", told[1:], at + 200_060)
    engine = engine_of(world, {"rain": text})
    points = engine.series("rain", Question(), "day", at, at + 2 * 86_400, at + 200_100)
    assert [(point.value, point.bound) for point in points] == [(value, ">="), (10, None)]
