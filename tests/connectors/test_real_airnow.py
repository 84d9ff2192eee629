"""A real year of hourly PM2.5, read unchanged by the station connector; NowCast recomputed from what it read."""

from __future__ import annotations

import csv
import tomllib
from collections import Counter
from dataclasses import replace
from datetime import datetime, timedelta, timezone
from pathlib import Path

import pytest

from connectors import check
from connectors.http import Sessions
from connectors.station_files import fetch
from ioc.declared import Table
from ioc.indicators.statutory.nowcast import nowcast_airnow
from ioc.model import Observation, Page
from ioc.sources import read_source

LOCAL = timezone(timedelta(hours=7))
NAME = "airnow_Hanoi_PM2.5_2018_YTD_raw.csv"
DECLARED = Path(__file__).with_name("airnow.toml")


@pytest.fixture(scope="module")
def pages(real) -> list[Page]:
    body = tomllib.loads(DECLARED.read_text())["airnow_hanoi"]
    source = read_source(Table(DECLARED.name, "airnow_hanoi", body), {})
    assert check(source) == []
    return list(fetch(replace(source, url=str(real / "environment")), Sessions().http(source), {}))


@pytest.fixture(scope="module")
def observations(pages) -> list[Observation]:
    return [record for page in pages for record in page.records]


def test_every_hour_lands_with_its_judgement(pages, observations):
    assert max(len(page.records) for page in pages) <= 5_000
    assert Counter((record.flag, record.value is None) for record in observations) == {
        ("", False): 7_997,
        ("02", False): 196,
        ("02", True): 145,
    }
    assert {record.place for record in observations} == {"airnow_hanoi"}
    assert {(record.variable, record.span, record.kind) for record in observations} == {
        ("pm25", "hour", "mean")
    }


def test_the_hour_that_daylight_saving_doubled_is_told(pages, observations):
    (rejected,) = [rejected for page in pages for rejected in page.rejected]
    assert rejected.address == f"{NAME}, dòng 1560"
    assert (
        rejected.reason == "Cùng thông số và thời điểm với dòng 1561 nhưng khác giá trị; dòng sau được giữ."
    )
    values = {record.time: record.value for record in observations}
    three = int(datetime(2018, 3, 11, 3, tzinfo=LOCAL).timestamp())
    assert values[three] == 44.1
    assert three - 3_600 not in values


def test_nowcast_from_the_valid_hours_agrees_with_the_published_one(real, observations):
    valid = {record.time: record.value for record in observations if not record.flag}
    differences = []
    with (real / "environment" / NAME).open(encoding="utf-8", newline="") as lines:
        for row in csv.DictReader(lines):
            published = float(row["NowCast Conc."])
            at = datetime.strptime(row["Date (LT)"], "%Y-%m-%d %I:%M %p").replace(tzinfo=LOCAL)
            hours = [valid.get(int(at.timestamp()) - 3_600 * age) for age in range(11, -1, -1)]
            computed = nowcast_airnow(hours)
            if computed is not None and published != -999:
                differences.append(abs(computed - published))
    agreeing = sum(difference <= 0.1 + 1e-9 for difference in differences)
    assert len(differences) >= 8_000
    assert agreeing / len(differences) >= 0.998
