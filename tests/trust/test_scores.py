"""đúng – đủ – sạch – sống of sources whose days are worked out by hand, read off the API."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta

import pytest

from ioc.calendar import LOCAL
from ioc.model import Observation, Rejected
from ioc.product import Declared
from ioc.store import finish_run, start_run
from ioc.trust import Trust
from tests.api.province import Province, epoch, open_province

FIRST = datetime(2026, 11, 12, tzinfo=LOCAL)
Event = tuple[str, Callable[[Province], object]]


def told(variable: str, at: str) -> Observation:
    """Tell of one value of a station."""
    return Observation(variable, epoch(at), "tram_ha_long", 20.0, span="instant")


def keep(
    source: str, *records: Observation, error: str = "", rejected: int = 0
) -> Callable[[Province], object]:
    """Poll a source that tells of these records, or fails."""
    bad = [Rejected(f"dòng {n}", "sai", {"dòng": str(n)}) for n in range(rejected)]
    return lambda province: province.keep(
        source, records, rejected=bad, error=error, error_kind="unreachable" if error else ""
    )


def unchanged(source: str) -> Callable[[Province], object]:
    """Poll a source that has nothing new."""

    def poll(province: Province) -> None:
        ms = int(province.clock[0] * 1000)
        run = start_run(province.product.store, province.fence, source, now_ms=ms)
        finish_run(province.product.store, province.fence, run, "unchanged", now_ms=ms)

    return poll


def events() -> Iterator[Event]:
    """Yield what happened from 12 to 20 November, by source."""
    for hour in range(6, 13):
        at = f"2026-11-20T{hour:02}:40"
        values = [] if hour == 9 else [told("pm25", f"2026-11-20T{hour:02}:30")]
        yield at, keep("stations", *values)
        yield (
            at,
            keep("slow_stations", *([told("cod", f"2026-11-20T{hour:02}:30")] if hour in (7, 10) else [])),
        )
        if hour > 7:
            yield f"2026-11-20T{hour:02}:00", keep("silent", error="không trả lời")
    for day in range(9):
        morning = (FIRST + timedelta(days=day)).strftime("%Y-%m-%d")
        report = Observation("waste_generated", epoch("2026-10-01T00:00"), "22", 5.0, span="month")
        yield f"{morning}T08:00", keep("monthly", report) if day == 6 else unchanged("monthly")
        # the daily report misses the mornings of the 17th and 18th
        came = Observation("waste_collected", epoch(f"{morning}T00:00"), "22", 5.0, span="day")
        yield f"{morning}T06:30", unchanged("daily") if day in (5, 6) else keep("daily", came)
    for hour in range(61):
        at = FIRST + timedelta(days=6, hours=hour)
        failed = at.day == 19
        yield at.strftime("%Y-%m-%dT%H:00"), keep("hospitals", error="không trả lời" if failed else "")
    yield "2026-11-20T12:55", keep("workbook", told("pm25", "2026-11-20T12:50"), rejected=1)


@pytest.fixture(scope="module")
def province(declared: Declared, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Province]:
    """Give the province on 20 November at 13:00, everything counted."""
    with open_province(f"sqlite:///{tmp_path_factory.mktemp('scores') / 'ioc.sqlite'}", declared) as opened:
        for at, happen in sorted(events(), key=lambda event: event[0]):
            opened.at(at)
            happen(opened)
        opened.at("2026-11-20T13:00")
        Trust(opened.product, opened.fence, lambda: None).count(opened.clock[0])
        yield opened


@pytest.fixture(scope="module")
def scores(province: Province) -> dict[str, dict]:
    """Give what the API says of each source."""
    return {one["id"]: one for one in province.get("/api/v1/quality", limit="1000").items}


def of(told: dict) -> list[float | None]:
    """Return đủ, sạch and sống."""
    return [told[name] for name in ("completeness", "clean", "alive")]


def test_an_instrument_owes_every_hour_that_is_over_since_it_is_watched(scores):
    # hours 7 to 11 are due, 9 is missing; the last answer of 12:40 holds until 13:40
    assert scores["stations"]["counts"] | {"due": 5.0, "received": 4.0} == scores["stations"]["counts"]
    assert of(scores["stations"]["scores"]) == [80.0, 100.0, 100.0]


def test_an_instrument_that_tells_every_three_hours_owes_no_more(scores):
    assert scores["slow_stations"]["scores"]["completeness"] == 100.0


def test_a_source_that_never_answered_scores_nought_and_has_nothing_to_be_clean(scores):
    assert of(scores["silent"]["scores"]) == [0.0, None, 0.0]
    assert scores["silent"]["counts"]["due"] == 5.0


def test_a_source_that_was_down_for_a_day_shows_that_day(scores):
    days = {day["day"]: (day["completeness"], day["alive"]) for day in scores["hospitals"]["days"]}
    # the answer of 23:00 held for two hours: one of twenty-four
    assert days == {"2026-11-18": (100.0, 100.0), "2026-11-19": (0.0, 4.2), "2026-11-20": (100.0, 100.0)}
    assert scores["hospitals"]["scores"]["completeness"] == 60.7  # 24 + 0 + 13 of 61 polls


def test_a_report_that_came_late_owes_the_days_between(scores):
    days = {day["day"][8:]: day["completeness"] for day in scores["monthly"]["days"]}
    # the 15th is a Sunday: the report is due on the 16th
    assert days == {"14": None, "15": None, "16": 0.0, "17": 0.0, "18": 100.0, "19": 100.0, "20": 100.0}
    assert scores["monthly"]["scores"]["completeness"] == 60.0


def test_a_daily_report_owes_the_days_on_which_it_did_not_come(scores):
    days = {day["day"][8:]: day["completeness"] for day in scores["daily"]["days"]}
    assert days == {"14": 100.0, "15": 100.0, "16": 100.0, "17": 0.0, "18": 0.0, "19": 100.0, "20": 100.0}


def test_what_is_watched_for_five_minutes_has_no_score_yet_and_says_so(scores, province):
    assert of(scores["workbook"]["scores"]) == [None, None, None]
    assert scores["workbook"]["note"]["vi"] == "chưa đủ thời gian theo dõi"
    assert scores["stations"]["note"] is None
    assert scores["duty_log"]["scores"]["mean"] is None
    province.at("2026-11-20T13:05")
    Trust(province.product, province.fence, lambda: None).count(province.clock[0])
    (later,) = province.get("/api/v1/quality", source="workbook").items
    assert (of(later["scores"]), later["note"]) == (
        [100.0, 50.0, 0.0],
        None,
    )  # an answer half of which was refused does not hold


def test_an_owner_is_the_mean_of_its_sources(scores, province):
    owners = {one["id"]: one for one in province.get("/api/v1/quality", by="owner").items}
    own = [scores[id]["scores"]["alive"] for id in owners["so_nnmt"]["sources"]]
    known = [alive for alive in own if alive is not None]
    assert owners["so_nnmt"]["scores"]["alive"] == round(sum(known) / len(known), 1)
