"""How many hours, days or values exceed a limit, and out of how many that can be judged."""

from datetime import datetime

import pytest

from ioc.errors import DeclarationError
from ioc.indicators.question import Question
from ioc.model import Observation
from tests.indicators.declaring import declared, engine_of, faults

HOUR = 3600
DAY = 86_400


def instant(text: str) -> int:
    return int(datetime.fromisoformat(text + "+07:00").timestamp())


NOW = instant("2026-11-20T10:00:00")
MIDNIGHT = instant("2026-11-20T00:00:00")
HOT = """
of = "observation"
numerator = { variable = "pm25" }
over = "count_above"
above = 45
grain = "hour"
unit = "h"
decimals = 0
period = "day"
"""
DAYS = (
    HOT.replace("45", '"qcvn_05"')
    .replace('"hour"', '"day"')
    .replace('"day"\n', '"month"\n')
    .replace('grain = "month"', 'grain = "day"')
)


def measured(site: str, hours: dict[int, float], day: int = MIDNIGHT, flag: str = "") -> list[Observation]:
    """Return one value for each local hour of a day, stamped at its end."""
    return [
        Observation("pm25", day + (hour + 1) * HOUR, site, value, flag=flag, span="hour", kind="mean")
        for hour, value in hours.items()
    ]


@pytest.fixture
def air(world):
    sent = measured("air_1", {0: 44, 1: 45, 2: 46, 3: 90, 9: 12}) + measured("air_2", {0: 50, 1: 20})
    sent += measured("air_2", {2: 300}, flag="02")
    for day in (1, 2, 3):
        sent += measured("air_1", dict.fromkeys(range(24), 40.0 + day * 4), MIDNIGHT - day * DAY)
    world.keep("air_stations", sent, NOW - 10)
    share = HOT.replace('"h"', '"%"').replace("decimals = 0", "decimals = 1")
    return engine_of(
        world, {"hot": HOT, "share": share, "days": DAYS, "permit": HOT.replace("45", '"permit"')}
    )


def test_hours_above_a_number_are_counted_out_of_the_valid_ones(air):
    found = air.read("hot", Question(), NOW)
    assert (found.value, found.num, found.den, found.where["site"]) == (3, 3, 7, "air_1")
    assert air.read("share", Question(), NOW).value == 42.9
    assert air.read("hot", Question(site="air_2"), NOW).num == 1


def test_an_hour_counts_once_it_is_over(air):
    running = air.read("hot", Question(), NOW - 60)
    assert (running.den, running.valid_until) == (6, NOW)


def test_days_are_judged_by_the_limit_of_the_law_that_held_then(air):
    found = air.read("days", Question(), NOW)
    assert (found.value, found.den) == (2, 3)  # 48 and 52 are above 45, 44 is not; today is not over
    points = air.series("days", Question(), "day", MIDNIGHT - 3 * DAY, NOW, NOW)
    assert [(point.value, point.den) for point in points] == [(1, 1), (1, 1), (0, 1), (None, None)]


def test_what_has_no_limit_is_not_judged(air):
    found = air.read("permit", Question(), NOW)
    assert (found.value, found.status) == (None, "none")


def test_exceedances_are_told_by_station_and_in_words(air):
    rows = {row.key: (row.value, row.den) for row in air.breakdown("hot", Question(), "site", NOW)}
    assert rows == {"air_1": (2, 5), "air_2": (1, 2)}
    assert (
        air.explain("hot", Question(), NOW)["formula"]["vi"]
        == "Số giờ có trung bình của Bụi mịn PM2,5 vượt 45"
    )
    assert "QCVN 05" in air.explain("days", Question(), NOW)["formula"]["vi"]


def test_a_worked_example_counts(calendar):
    rows = ", ".join(
        f'{{ variable = "pm25", value = {value}, place = "a", time = "2026-11-20T0{hour}:00", span = "hour" }}'
        for hour, value in enumerate((44, 46, 90))
    )
    assert (
        faults(f"{HOT}\nexample = [{{ given = [{rows}], expect = {{ value = 2, den = 3 }} }}]", calendar)
        == []
    )
    wrong = faults(f"{HOT}\nexample = [{{ given = [{rows}], expect = {{ value = 3 }} }}]", calendar)
    assert "value = 3 was expected, the records give 2" in wrong[0]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (HOT.replace("45", '"qcvn_99"'), "[one.above] a number or one of qcvn_05, permit was expected"),
        (DAYS.replace('grain = "day"', 'grain = "instant"'), "[one.grain] hour or day was expected"),
        (HOT.replace('grain = "hour"', ""), "[one.grain] is missing"),
        (HOT.replace('"count_above"', '"mean"'), '[one.above] belongs to over = "count_above"'),
        (HOT + 'across = "mean"', "[one.across] is not used beside what is exceeded"),
    ],
)
def test_a_faulty_exceedance_is_named(text, message):
    with pytest.raises(DeclarationError) as fault:
        declared(text)
    assert message in str(fault.value)
