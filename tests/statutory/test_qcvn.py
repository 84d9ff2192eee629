"""Limits by pollutant, averaging period and day, and the limits of a permit."""

from datetime import date
from pathlib import Path

import pytest

from ioc.errors import DeclarationError
from ioc.indicators.statutory.qcvn import (
    air_limit_on,
    exceeds,
    limit_on,
    load_air_limits,
    load_water_limits,
    share_of_limit,
)
from ioc.model import Limit

STANDARDS = Path(__file__).parents[2] / "data/standards"
AIR = load_air_limits(STANDARDS / "qcvn_05.toml")

PERMIT = [
    Limit("cod", None, 67.5, "2020-05-01", "2026-06-30", "GPMT 12/GP-UBND"),
    Limit("cod", None, 60.0, "2026-07-01", None, "GPMT 33/GP-UBND"),
    Limit("ph", 6.0, 9.0, "2020-05-01", None, "GPMT 12/GP-UBND"),
]


@pytest.mark.parametrize(
    ("variable", "period", "day", "high"),
    [
        ("pm25", "day", date(2025, 12, 31), 50),
        ("pm25", "day", date(2026, 1, 1), 45),
        ("pm25", "year", date(2026, 1, 1), 25),
        ("o3", "8h", date(2026, 11, 21), 120),
        ("co", "hour", date(2026, 11, 21), 30_000),
        ("pm25", "day", date(2023, 9, 11), None),
        ("pm25", "hour", date(2026, 11, 21), None),
        ("co", "day", date(2026, 11, 21), None),
        ("radon", "day", date(2026, 11, 21), None),
    ],
)
def test_a_limit_holds_for_its_period_from_its_day(variable, period, day, high):
    limit = air_limit_on(AIR, variable, period, day)
    assert (limit.high if limit else None) == high


def test_every_limit_has_a_basis_and_says_whether_it_was_read():
    assert all(limit.basis and limit.verified for limit in AIR)


def test_an_unknown_averaging_period_is_refused():
    with pytest.raises(ValueError, match="one of hour, 8h, day, year, found 24h"):
        air_limit_on(AIR, "pm25", "24h", date(2026, 1, 1))


@pytest.mark.parametrize(
    ("variable", "value", "day", "verdict"),
    [
        ("cod", 65.0, date(2026, 6, 30), False),
        ("cod", 65.0, date(2026, 7, 1), True),
        ("cod", 60.0, date(2026, 7, 1), False),
        ("cod", None, date(2026, 7, 1), None),
        ("ph", 5.9, date(2026, 7, 1), True),
        ("ph", 6.0, date(2026, 7, 1), False),
        ("ph", 9.1, date(2026, 7, 1), True),
    ],
)
def test_a_value_is_judged_by_the_permit_of_its_day(variable, value, day, verdict):
    limit = limit_on(PERMIT, variable, day)
    assert limit is not None
    assert exceeds(value, limit) is verdict


def test_a_permit_renewed_before_the_old_one_ended_wins():
    renewed = [*PERMIT, Limit("cod", None, 50.0, "2026-06-01", None, "GPMT 40/GP-UBND")]
    limit = limit_on(renewed, "cod", date(2026, 6, 15))
    assert limit is not None
    assert limit.high == 50.0


def test_how_many_times_the_limit():
    assert share_of_limit(94.5, PERMIT[0]) == pytest.approx(1.4)
    assert share_of_limit(None, PERMIT[0]) is None


def test_wastewater_values_that_were_not_read_in_the_text_say_so():
    limits = load_water_limits(STANDARDS / "qcvn_40.toml")
    cod = [limit for limit in limits if limit.variable == "cod" and limit.column == "A"]
    assert [(limit.high, limit.unit, limit.verified) for limit in cod] == [(75, "mg/L", False)]
    assert limit_on(cod, "cod", date(2031, 12, 31)) is cod[0]
    assert limit_on(cod, "cod", date(2032, 1, 1)) is None


HEAD = 'basis = "b"\nverified = true\nunit = "ug/m3"\nvalid_from = 2023-09-12\n'


@pytest.mark.parametrize(
    ("limit", "message"),
    [
        (
            'variable = "pm10"\nperiod = "week"\nhigh = 1',
            r"air.toml: \[limit\[1\].period\] expected one of hour",
        ),
        ('variable = "pm10"\nperiod = "day"', r"\[limit\[1\].high\] expected a number, found nothing"),
        ('variable = "pm10"\nperiod = "day"\nhigh = "100"', r"high\] expected a number, found '100'"),
        (
            'variable = "pm10"\nperiod = "day"\nhigh = 1\nlimt = 2',
            r"limt\] unknown key; known are basis, high, period",
        ),
        (
            'variable = "pm10"\nperiod = "day"\nhigh = 1\nvalid_to = 2023-01-01',
            r"valid_to\] expected a date not before valid_from \(2023-09-12\), found 2023-01-01",
        ),
        (
            'variable = "pm10"\nperiod = "day"\nhigh = 1\n'
            '[[limit]]\nvariable = "pm10"\nperiod = "day"\nhigh = 2',
            r"\[limit\] expected one limit of a thing on a day, found pm10 day from 2023-09-12",
        ),
    ],
)
def test_a_faulty_limit_is_named(tmp_path, limit, message):
    (tmp_path / "air.toml").write_text(f"{HEAD}[[limit]]\n{limit}\n", encoding="utf-8")
    with pytest.raises(DeclarationError, match=message):
        load_air_limits(tmp_path / "air.toml")


def test_an_absent_file_is_named(tmp_path):
    with pytest.raises(DeclarationError, match=r"absent.toml: expected this file, and it is not there"):
        load_air_limits(tmp_path / "absent.toml")


def test_what_is_no_toml_is_named(tmp_path):
    (tmp_path / "air.toml").write_text("basis = ", encoding="utf-8")
    with pytest.raises(DeclarationError, match=r"air.toml: expected TOML in UTF-8: Invalid value"):
        load_air_limits(tmp_path / "air.toml")
