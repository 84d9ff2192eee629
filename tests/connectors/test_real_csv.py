"""Real CSV files that others publish, read by declaration alone: counted, with their own traps."""

from __future__ import annotations

import csv
import shutil
from collections import Counter
from datetime import datetime
from pathlib import Path

import pytest

import connectors
from connectors.http import Sessions
from ioc.errors import ContractError
from ioc.model import Case, Observation, Page
from tests.connectors.test_cases import source_of


@pytest.fixture
def read(real: Path, tmp_path: Path, sessions: Sessions):
    """Give a function that reads one real file by a declaration: read("health/x.csv", toml)."""

    def run(file: str, toml: str) -> list[Page]:
        shutil.copyfile(real / file, tmp_path / Path(file).name)
        head = f'[nguon]\nconnector = "spreadsheet"\nurl = "{tmp_path}/{Path(file).name}"\nsettle = "0s"\n'
        source = source_of(head + toml)
        assert connectors.check(source) == []
        return list(connectors.fetcher(sessions)(source, {}))

    return run


def observed(pages: list[Page]) -> list[Observation]:
    return [record for page in pages for record in page.records if isinstance(record, Observation)]


def cases(pages: list[Page]) -> list[Case]:
    return [record for page in pages for record in page.records if isinstance(record, Case)]


def rejected(pages: list[Page]) -> int:
    return sum(len(page.rejected) for page in pages)


def at(text: str) -> int:
    return int(datetime.fromisoformat(text).timestamp())


AQICN = """
times = { format = "%Y/%m/%d" }
decimal = "."
columns = { date = "ngay", pm25 = "a", pm10 = "b", o3 = "c", no2 = "d", so2 = "e", co = "f" }
fields = { place = "'quang_ninh'", time = "ngay" }
[nguon.variables]
aqi_pm25 = { field = "a", span = "day" }
aqi_pm10 = { field = "b", span = "day" }
aqi_o3 = { field = "c", span = "day" }
aqi_no2 = { field = "d", span = "day" }
aqi_so2 = { field = "e", span = "day" }
aqi_co = { field = "f", span = "day" }
"""


@pytest.mark.parametrize(
    ("file", "days", "empty", "filled"),
    [
        ("Quang_Ninh", 144, 6, [102, 102, 95, 127, 104, 117]),
        ("Thua_Thien_Hue", 748, 5, [460, 470, 705, 546, 440, 556]),
    ],
)
def test_daily_aqi_with_leading_spaces_and_blanks(
    file: str, days: int, empty: int, filled: list[int], read
) -> None:
    pages = read(f"environment/aqicn_daily_{file}.csv", AQICN)
    records = observed(pages)
    assert rejected(pages) == 0
    assert len({record.time for record in records}) == days - empty  # a day without any value says nothing
    found = Counter(record.variable for record in records if record.value is not None)
    assert [found[f"aqi_{name}"] for name in ("pm25", "pm10", "o3", "no2", "so2", "co")] == filled
    if file == "Quang_Ninh":
        assert (
            Observation("aqi_so2", at("2020-06-22T00:00:00+07:00"), "quang_ninh", 28.0, span="day") in records
        )


NYC = """
shape = "case:report"
times = { format = "%m/%d/%Y %I:%M:%S %p", zone = "America/New_York" }
decimal = "."
[nguon.columns]
"Unique Key" = "ma"
"Created Date" = "nhan"
"Closed Date" = "xong"
"Due Date" = "hen"
"Agency" = "don_vi"
"Complaint Type" = "loai"
"Status" = "trang_thai"
"Latitude" = "vi_do"
"Longitude" = "kinh_do"
[nguon.fields]
key = "ma"
state = "trang_thai"
opened = "nhan"
closed = "xong"
due = "hen"
responsible = "don_vi"
category = "loai"
lat = "vi_do"
lon = "kinh_do"
[nguon.enums.state]
Open = "open"
Assigned = "open"
Pending = "waiting_supplement"
Closed = "closed"
"""


def test_new_york_requests_with_twelve_hour_local_times(read, real: Path) -> None:
    pages = read("feedback/nyc_311_2013-10_199rows.csv", NYC)
    records = cases(pages)
    assert (len(records), rejected(pages)) == (199, 0)
    assert Counter(record.state for record in records) == {
        "open": 106,
        "closed": 83,
        "waiting_supplement": 10,
    }
    assert sum(record.closed is None for record in records) == 114
    assert sum(record.lat is not None for record in records) == 193
    first = next(record for record in records if record.key == "26589651")
    assert (first.opened, first.due) == (at("2013-10-31T02:08:41-04:00"), at("2013-10-31T10:08:41-04:00"))
    kept = b"".join(page.kept for page in pages)
    assert b"90-03 169 STREET" not in kept


TORONTO = """
shape = "case:permit"
earliest = 1990-01-01
times = { format = "iso", zone = "America/Toronto" }
decimal = "."
blank = ["NULL"]
[nguon.columns]
permit_id = "ma"
application_date = "nhan"
completed_date = "xong"
issued_date = "cap"
est_const_cost = "chi_phi"
Q = "dia_chi"
[nguon.fields]
key = "ma"
state = "xong && 'closed' || 'open'"
opened = "nhan"
closed = "xong"
"facts.cost" = "chi_phi"
"facts.address" = "dia_chi"
[nguon.types]
"facts.cost" = "number"
"facts.address" = "code"
"""


def test_toronto_permits_where_null_is_a_word_and_a_column_comes_twice(read, real: Path) -> None:
    pages = read("dossiers/toronto_building_permits_sample.csv", TORONTO)
    records = cases(pages)
    with (real / "dossiers/toronto_building_permits_sample.csv").open(newline="") as file:
        raw = list(csv.reader(file))[1:]
    assert (len(records), rejected(pages)) == (997, 0)
    assert Counter(record.state for record in records) == {"open": 997}  # "NULL" is not a day
    assert {row[6] for row in raw} == {"NULL"}
    by_key = {record.key: record for record in records}
    assert all(by_key[row[0]].facts.get("address", "NULL") == row[16] for row in raw)
    assert sum("cost" not in record.facts for record in records) == sum(row[7] == "NULL" for row in raw)


def test_a_column_that_comes_twice_is_not_guessed(read) -> None:
    with pytest.raises(ContractError, match=r"address_id.*2 cột"):
        read("dossiers/toronto_building_permits_sample.csv", TORONTO.replace("Q = ", "address_id = "))


def test_new_cases_by_day_with_62_provinces_as_headings(read, real: Path) -> None:
    file = "health/covid_vnexpress_timeseries-vietnam-provinces-confirmed.csv"
    with (real / file).open(newline="", encoding="utf-8") as opened:
        raw = list(csv.reader(opened))
    blocks = ",\n".join(
        f'{{ columns = {{ "{name}" = "so_ca" }}, set = {{ noi = "{name}" }} }}' for name in raw[0][1:]
    )
    toml = 'decimal = "."\ncolumns = { date = "ngay" }\nfields = { place = "noi", time = "ngay" }\n'
    toml += 'variables = { disease_cases = { field = "so_ca", category = "covid", span = "day", kind = "count" } }\n'
    pages = read(file, f"{toml}blocks = [{blocks}]\n")
    records = observed(pages)
    assert (len(records), rejected(pages)) == (182 * 62, 0)
    assert max(len(page.records) for page in pages) <= 5_000
    assert sum(record.value or 0 for record in records) == 887_798
    assert len({record.place for record in records}) == 62
    assert Observation("disease_cases", at("2021-04-27T00:00:00+07:00"), "Yên Bái", 1.0, category="covid", span="day",
                       kind="count") in records  # fmt: skip


def test_dengue_by_province_and_year(read) -> None:
    toml = """
earliest = 1990-01-01
decimal = "."
times = { format = "%Y" }
columns = { gadm_name = "tinh", year = "nam", dengue_total = "so_ca", n_months = "so_thang" }
fields = { place = "tinh", time = "nam" }
[nguon.variables]
disease_cases = { field = "so_ca", category = "dengue", span = "year", kind = "count" }
months_counted = { field = "so_thang", category = "dengue", span = "year", kind = "count" }
"""
    pages = read("health/vn_dengue_province_year_1994_2017.csv", toml)
    records = observed(pages)
    totals = [record for record in records if record.variable == "disease_cases"]
    assert (len(totals), rejected(pages)) == (1457, 0)
    assert len({record.place for record in totals}) == 63
    # more months than a year has: counted twice, which only a declared upper bound of the variable can refuse
    assert sum((r.value or 0) > 12 for r in records if r.variable == "months_counted") == 14
    assert totals[0] == Observation("disease_cases", at("1994-01-01T00:00:00+07:00"), "An Giang", 2376.0,
                                    category="dengue", span="year", kind="count")  # fmt: skip


def test_population_by_province_without_the_regions(read) -> None:
    toml = """
decimal = "."
totals = "^(WHOLE COUNTRY|Red River Delta|Northern|Central Highlands|South East|Mekong)"
blocks = [{ columns = { A = "tinh", B = "dan_so" }, set = { nam = "2020-01-01" } }]
fields = { place = "tinh", time = "nam" }
variables = { population = { field = "dan_so", factor = 1000, span = "year", method = "official" } }
"""
    pages = read("health/gso_2020_population_63provinces.csv", toml)
    records = observed(pages)
    assert (len(records), rejected(pages)) == (63, 0)
    assert "Thai Nguyen" in {record.place for record in records}  # written with two spaces
    assert sum(record.value or 0 for record in records) == pytest.approx(97_582_700, abs=500)
