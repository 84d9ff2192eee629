"""How many lengths become one number: percentiles are nearest ranks, the median lies between two."""

from collections import Counter
from decimal import Decimal

import pytest

from ioc.indicators.cases import taken

TEN = Counter({Decimal(hours): 1 for hours in range(1, 11)})


@pytest.mark.parametrize(
    ("take", "hours"),
    [("p10", 1), ("p25", 3), ("p50", 5), ("median", 5.5), ("p75", 8), ("p90", 9), ("p95", 10), ("max", 10)],
)
def test_of_ten_cases_a_percentile_is_the_length_of_one_of_them(take, hours):
    assert taken(TEN, take) == Decimal(str(hours))


def test_a_percentile_weighs_each_case_and_of_none_there_is_none():
    assert taken(Counter({Decimal(1): 96, Decimal(200): 4}), "p95") == 1
    assert taken(Counter({Decimal(1): 94, Decimal(200): 6}), "p95") == 200
    assert taken(Counter(), "p25") is None
