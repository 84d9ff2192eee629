"""The NowCast of hourly particle concentrations: the Vietnamese form and the one that AirNow publishes.

Both weigh the present hour most and the eleven before it less and less, the faster the air changes. They
differ where the weight is at its floor of one half: the Vietnamese decision adds up 0.5^i * c_i and does not
divide, so that missing hours pull the value down; AirNow always divides by the weights of the hours present,
and then cuts the result to one decimal. With all twelve hours present the two are within 0.025 %.
"""

from collections.abc import Sequence
from decimal import ROUND_DOWN, Decimal
from math import fsum

HOURS = 12
NEEDED_OF_LAST_THREE = 2
LEAST_WEIGHT = 0.5


def nowcast_vn(hours: Sequence[float | None]) -> float | None:
    """Return the NowCast of PM10 or PM2.5 by Decision 1459/QĐ-TCMT (2019), 2.2.1.a, or None.

    `hours` are hourly means in time order, the present hour last, None for a gap; of more than twelve the
    last twelve count. There is no NowCast unless two of the last three hours are present. A highest value of
    zero or less gives 0: the decision divides by it and says nothing of that case.
    """
    weighed = _weigh(hours)
    if weighed is None:
        return None
    present, weight, highest = weighed
    if highest <= 0:
        return 0.0
    if weight > LEAST_WEIGHT:
        return _mean(present, weight)
    return fsum(LEAST_WEIGHT ** (age + 1) * value for age, value in present)


def nowcast_airnow(hours: Sequence[float | None]) -> float | None:
    """Return the NowCast as AirNow (US EPA) publishes it, cut to one decimal, or None where there is none.

    Same input as `nowcast_vn`. Values below zero count as they are: AirNow's published hours keep them.
    """
    weighed = _weigh(hours)
    if weighed is None:
        return None
    present, weight, _ = weighed
    exact = Decimal(repr(_mean(present, weight))).quantize(Decimal("0.000001"))
    return float(exact.quantize(Decimal("0.1"), rounding=ROUND_DOWN))


def _weigh(hours: Sequence[float | None]) -> tuple[list[tuple[int, float]], float, float] | None:
    """Return ((age in hours, value) of the hours present, weight, highest value)."""
    newest_first = list(reversed(hours))[:HOURS]
    if sum(value is not None for value in newest_first[:3]) < NEEDED_OF_LAST_THREE:
        return None
    present = [(age, value) for age, value in enumerate(newest_first) if value is not None]
    lowest, highest = min(value for _, value in present), max(value for _, value in present)
    weight = max(LEAST_WEIGHT, lowest / highest) if highest > 0 else LEAST_WEIGHT
    return present, weight, highest


def _mean(present: Sequence[tuple[int, float]], weight: float) -> float:
    return fsum(weight**age * value for age, value in present) / fsum(weight**age for age, _ in present)
