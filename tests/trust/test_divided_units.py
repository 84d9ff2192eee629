"""Figures of a commune that was divided on 1 July 2025, asked for the communes of today through the API."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from ioc.model import Observation, Page
from ioc.resolve import Resolver
from tests.api.province import Province, copy_data, declared_in, epoch, open_province
from tests.trust.conftest import SOURCES

HA_KHAU, VIET_HUNG, TUAN_CHAU = "06655", "06661", "06706"
"""A ward of before, its main part of today, and the other part."""
TRUNG_VUONG, UONG_BI, VANG_DANH = "06820", "06811", "06820"
SHARES = f"""old_code,date,new_code,by,share,basis
{HA_KHAU},2025-07-01,{VIET_HUNG},population,0.6,Dân số năm 2024
{HA_KHAU},2025-07-01,{TUAN_CHAU},population,0.4,Dân số năm 2024
"""
SHARE = "/api/v1/indicators/parcels_digitised_share"


def parcels(place: str, digitised: int, of: int) -> list[Observation]:
    """Count the parcels of a commune in May 2025."""
    at = epoch("2025-05-01T00:00")
    return [
        Observation("parcels_digitised", at, place, float(digitised), span="month", kind="instant"),
        Observation("parcels", at, place, float(of), span="month", kind="instant"),
    ]


@pytest.fixture(scope="module")
def province(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Province]:
    """Give a province that divides Hà Khẩu by population, and says nothing of Trưng Vương."""
    folder = tmp_path_factory.mktemp("divided")
    copy_data(folder / "data")
    (folder / "data" / "sources" / "trust.toml").write_text(SOURCES, encoding="utf-8")
    (folder / "data" / "territory" / "shares.csv").write_text(SHARES, encoding="utf-8")
    with open_province(f"sqlite:///{folder / 'ioc.sqlite'}", declared_in(folder / "data")) as opened:
        product = opened.product
        source = product.catalogue.sources["workbook"]
        resolver = Resolver(product.catalogue, product.territory, product.agencies, product.province.code)
        records = [
            *parcels(HA_KHAU, 100, 200),
            *parcels(TUAN_CHAU, 30, 40),
            *parcels(TRUNG_VUONG, 50, 80),
            Observation("index_rank", epoch("2025-05-01T00:00"), HA_KHAU, 3.0, span="month", kind="rank"),
        ]
        page = resolver.page(source, Page(records))
        assert list(page.rejected) == []
        opened.keep("workbook", page.records)
        yield opened


def may(province: Province, area: str) -> tuple[tuple[float, float, float], dict]:
    """Return numerator, denominator and value of a commune in May 2025, and how it was re-based."""
    told = province.get(SHARE, area=area, period="2025-05").json
    return (told["num"], told["den"], told["value"]), told["rebased"]


def test_a_divided_unit_is_split_by_its_declared_share_with_the_method_told(province):
    figure, rebased = may(province, VIET_HUNG)
    assert figure == (60, 120, 50.0)
    assert (rebased["method"], rebased["share_by"], rebased["estimated"]) == ("sum", "population", True)
    assert rebased["note"]["vi"].endswith("cộng tử số và mẫu số; đơn vị bị chia ước tính theo dân số")
    assert rebased["left_out"] == []


def test_a_part_adds_to_what_its_successor_had_by_numerator_and_denominator(province):
    # 0,4 × 100 + 30 of 0,4 × 200 + 40
    assert may(province, TUAN_CHAU)[0] == (70, 120, 58.3)


def test_without_a_declared_share_the_main_part_takes_all_and_that_is_said(province):
    figure, rebased = may(province, UONG_BI)
    assert figure == (50, 80, 62.5)
    assert (rebased["share_by"], rebased["estimated"]) == ("main", True)
    assert "tính cả cho phần chính vì chưa khai báo tỷ lệ chia" in rebased["note"]["vi"]


def test_the_other_part_says_what_it_is_not_given(province):
    figure, rebased = may(province, VANG_DANH)
    assert figure == (None, None, None)
    assert (rebased["method"], rebased["left_out"]) == ("none", [TRUNG_VUONG])
    assert "không gồm phần nhận từ Phường Trưng Vương" in rebased["note"]["vi"]
    series = province.get(
        f"{SHARE}/series", area=VANG_DANH, grain="month", **{"from": "2025-04-01", "to": "2025-06-30"}
    )
    assert series.json["rebased"]["left_out"] == [TRUNG_VUONG]


def test_the_province_counts_every_part_once(province):
    assert may(province, "22")[0] == (180, 320, 56.3)


def test_series_and_breakdowns_split_it_alike(province):
    span = {"from": "2025-05-01", "to": "2025-05-31"}
    (point,) = province.get(f"{SHARE}/series", area=VIET_HUNG, grain="month", **span).json["points"]
    assert (point["num"], point["den"]) == (60, 120)
    rows = province.get(f"{SHARE}/breakdown", by="area", period="2025-05", limit="1000").items
    figures = {row["key"]: (row["num"], row["den"]) for row in rows if row["den"]}
    assert figures == {VIET_HUNG: (60, 120), TUAN_CHAU: (70, 120), UONG_BI: (50, 80)}
