"""NowCast: the decision's example, what gaps do, and a year of hours that AirNow published."""

import csv
from datetime import datetime, timedelta, timezone
from pathlib import Path

import pytest

from ioc.indicators.statutory.nowcast import nowcast_airnow, nowcast_vn

LOCAL = timezone(timedelta(hours=7))
DECISION = [26.9, 24.7, 20.5, 23.5, 19.5, 16.5, 19.0, 16.5, 20.3, 22.4, 19.6, 20.6]
FALLING = [100.0, 90, 80, 70, 60, 50, 40, 30, 10, 20, 50, 100]  # the present hour last


@pytest.mark.parametrize(
    ("hours", "expected"),
    [
        (DECISION, 20.2658),
        (FALLING, 68.0957),
        ([24, 22, 20, None], 21.7582),
        ([24, None, None, 20], None),
        ([20.0, 100.0, None], 27.5),
        ([0.0] * 12, 0.0),
        ([-1.0, -2.0, -1.0], 0.0),
        ([500.0] * 4 + DECISION, 20.2658),
        ([], None),
        ([20.0], None),
    ],
)
def test_the_vietnamese_nowcast(hours, expected):
    assert nowcast_vn(hours) == (None if expected is None else pytest.approx(expected, abs=5e-5))


def test_the_two_forms_differ_only_where_the_weight_is_at_its_floor():
    assert nowcast_airnow(DECISION) == 20.2
    assert nowcast_airnow(FALLING) == 68.1  # 68.112 before it is cut
    assert nowcast_airnow([20.0, 100.0, None]) == pytest.approx(73.3)  # the Vietnamese form: 27.5
    assert nowcast_airnow([20.0, None, None]) is None


def airnow_hours(path: Path) -> list[tuple[datetime, float | None, float]]:
    """Return (hour ending, valid raw value, published NowCast) in file order; -999 is a gap.

    Its clock follows US daylight saving: on 11 March 2018 the hour 02:00 is printed as a first 03:00.
    """
    rows: list[tuple[datetime, float | None, float]] = []
    with path.open(encoding="utf-8", newline="") as lines:
        for row in csv.DictReader(lines):
            at = datetime.strptime(row["Date (LT)"], "%Y-%m-%d %I:%M %p").replace(tzinfo=LOCAL)
            raw = float(row["Raw Conc."])
            valid = row["QC Name"] == "Valid" and raw != -999
            rows.append((at, raw if valid else None, float(row["NowCast Conc."])))
    return [
        (at - timedelta(hours=1) if following and at == following[0] else at, raw, published)
        for (at, raw, published), following in zip(rows, [*rows[1:], None], strict=True)
    ]


def test_nowcast_recomputed_from_a_published_year_agrees_in_998_of_1000_hours(real):
    hours = airnow_hours(real / "environment/airnow_Hanoi_PM2.5_2018_YTD_raw.csv")
    raw = {at: value for at, value, _ in hours}
    assert len(raw) == len(hours) == 8_339
    differences = []
    for at, _, published in hours:
        computed = nowcast_airnow([raw.get(at - timedelta(hours=age)) for age in range(11, -1, -1)])
        if computed is not None and published != -999:
            differences.append(abs(computed - published))
    agreeing = sum(difference <= 0.1 + 1e-9 for difference in differences)
    # Nine of the ten that differ are the first hours of the file: their NowCast rests on the year before.
    assert (agreeing, len(differences)) == (8_008, 8_018)
    assert agreeing / len(differences) >= 0.998
