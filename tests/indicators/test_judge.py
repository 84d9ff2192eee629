"""Rounding, status and targets."""

import tomllib
from decimal import Decimal

import pytest

from ioc.declared import Table
from ioc.indicators import judge
from ioc.indicators.declaring import read_definition
from tests.indicators.test_definition import GOOD


def definition(more: str = "", better: str = "higher"):
    text = GOOD.replace('better = "higher"', f'better = "{better}"') + more
    return read_definition(Table("share", "x.toml", tomllib.loads(text)))


@pytest.mark.parametrize(
    ("num", "den", "decimals", "shown"),
    [
        (588, 620, 2, 94.84),
        (86_880, 87_669, 1, 99.1),
        (1_712, 1_832, 2, 93.45),
        (1, 8, 0, 13),
        (3, 8, 1, 37.5),
    ],
)
def test_a_share_is_rounded_half_up(num, den, decimals, shown):
    assert judge.rounded(Decimal(num) * 100 / Decimal(den), decimals) == shown


def test_a_share_of_nothing_is_absent():
    assert judge.value_of(definition(), 0, 0) is None


LIMITS = 'warning = 95\ncritical = 90\nlimit_basis = "x"\n'
LOWER = 'warning = 1\ncritical = 50\nlimit_basis = "x"\n'


@pytest.mark.parametrize(
    ("value", "freshness", "status"),
    [(95, "live", "good"), (94.9, "live", "warning"), (89.9, "live", "critical"), (99, "late", "stale"),
     (99, "down", "stale"), (None, "never", "none"), (99, "not_due", "good")],
)  # fmt: skip
def test_where_higher_is_better_a_limit_is_missed_below_it(value, freshness, status):
    assert judge.status(definition(LIMITS), value, freshness) == status


@pytest.mark.parametrize(("value", "status"), [(0, "good"), (1, "warning"), (50, "critical")])
def test_where_lower_is_better_a_limit_is_reached_at_it(value, status):
    assert judge.status(definition(LOWER, "lower"), value, "live") == status


def test_a_volume_is_neutral_and_grey_when_its_source_is_silent():
    assert judge.status(definition(better="neutral"), 5, "live") == "neutral"
    assert judge.status(definition(better="neutral"), 5, "rejected") == "stale"
