"""Q18 and H1: ranks of how many, from workbooks as they are published to the API; genuine PCI and PAPI tables too."""

from __future__ import annotations

import openpyxl
import pytest

from tests.golden.brought import from_address, from_workbook

HEAD = ["Năm", "Chỉ số", "Mã tỉnh", "Tỉnh, thành phố", "Điểm", "Hạng", "Số tỉnh", "Điểm cao nhất"]


@pytest.fixture(scope="module")
def ask(province, sources, tmp_path_factory):
    """Collect the printed ranks once and return what asks the API for an indicator's rank in a year."""
    rows = [["XẾP HẠNG"], HEAD]
    rows += [[year, index, "22", "Quảng Ninh", 70.69, 1, 63, 70.69] for year in (2017, 2018, 2019, 2020)
             for index in ("PCI", "PAR INDEX")]  # fmt: skip
    rows += [
        [2016, "PCI", "22", "Quảng Ninh", 65.6, 2, 63, 70.0],
        [2020, "PAPI", "22", "Quảng Ninh", 48.81, 1, 63, 48.81],
        [2020, "DTI", "22", "Quảng Ninh", 0.36, 4, 63, 0.5],
    ]
    rows += [[2020, "ICT INDEX", "22", "Quảng Ninh", 0.44, 32, 63, 0.92]]
    folder = tmp_path_factory.mktemp("ranks")
    province.keep(
        "rankings", from_workbook(sources, "rankings", folder, "xep_hang_2020.xlsx", "Xếp hạng", rows)
    )
    head = ["Năm", "Chỉ số", "Thành phần", "Mã tỉnh", "Điểm", "Hạng"]
    pillars = [[2020, "DTI", name, "22", 0.4, rank] for name, rank in
               (("Chính quyền số", 5), ("Kinh tế số", 14), ("Xã hội số", 3))]  # fmt: skip
    parts = from_workbook(
        sources,
        "ranking_parts",
        folder,
        "thanh_phan_2020.xlsx",
        "Thành phần",
        [["THÀNH PHẦN"], head, *pillars],
    )
    province.keep("ranking_parts", parts)

    def asked(indicator, year):
        told = province.get(f"/api/v1/indicators/{indicator}", period=str(year)).json
        return told["value"], told["detail"].get("rank_of")

    return asked


def test_Q18_first_of_63_in_pci_and_par_index_for_four_years(ask):
    for indicator in ("pci_rank", "par_rank"):
        assert [ask(indicator, year) for year in (2017, 2018, 2019, 2020)] == [(1, 63)] * 4


def test_Q18_each_year_is_told_apart_from_the_one_that_begins_as_it_ends(ask, province):
    assert ask("pci_rank", 2016) == (2, 63)
    assert province.get("/api/v1/indicators/pci_rank", period="2017").json["previous"] == 2


def test_Q18_fourth_of_63_in_dti_with_its_three_pillars(ask, province):
    assert ask("dti_rank", 2020) == (4, 63)
    rows = province.get("/api/v1/indicators/dti_parts/breakdown", by="category", period="2020").items
    assert {row["key"]: row["value"] for row in rows} == {
        "Chính quyền số": 5,
        "Kinh tế số": 14,
        "Xã hội số": 3,
    }


def test_H1_rank_32_of_63_misses_the_goal_of_30(ask, province):
    assert ask("ict_rank", 2020) == (32, 63)
    target = province.get("/api/v1/indicators/ict_rank", period="2020").json["target"]
    assert (target["value"], target["gap"]) == (30, 2)


def test_Q18_a_genuine_pci_table_gives_the_rank_of_how_many(province, sources, real, ask):
    url = f"{real}/socioeconomic/PCI_2015.xlsx"
    records = from_address(
        sources, "rankings", url, files=None, sheet="Summary_VN", header_rows=[1], until="^Thứ tự$", last_row=64, settle="0s",
        columns={"V": "tinh", "PCI 2015": "diem", "Xếp hạng": "hang"},
        fields={"place": "tinh", "time": "'2015-01-01'", "category": "'PCI'"},
        enums={"place": {"Tp.HCM": "Hồ Chí Minh", "BRVT": "Bà Rịa - Vũng Tàu", "TT-Huế": "Thừa Thiên Huế", "*": "*"}},
        times={"format": "iso", "zone": "+07:00"},
        variables={
            "index_score": {"field": "diem", "span": "year", "method": "official"},
            "index_rank": {"field": "hang", "span": "year", "kind": "rank", "method": "official"},
        },
    )  # fmt: skip
    assert len({record.place for record in records}) == 63
    province.keep("rankings", records)
    assert ask("pci_rank", 2015) == (3, 63)


def test_T16_a_genuine_papi_table_without_ranks_gives_the_rank_by_its_scores(province, sources, real, ask):
    url = f"{real}/socioeconomic/PAPI_2011-2016.xlsx"
    score = "Chỉ số PAPI (không có trọng số)"
    records = from_address(
        sources, "rankings", url, files=None, sheet="2016_PAPI", header_rows=[2], first_row=3, settle="0s",
        until="^(Trung bình|Điểm|Lowest|Mean|Median|Highest|Minimum)",
        period={"in": "sheet", "pattern": r"(?P<year>\d{4})_PAPI"},
        columns={"tentinh_vie": "tinh", score: "diem"},
        fields={"place": "tinh", "time": "period", "category": "'PAPI'"},
        enums={"place": {"TP. Hồ Chí Minh": "Hồ Chí Minh", "*": "*"}},
        times=None,
        variables={"index_score": {"field": "diem", "span": "year", "method": "official"}},
    )  # fmt: skip
    province.keep("rankings", records)
    book = openpyxl.load_workbook(url, read_only=True, data_only=True)
    rows = [
        row for row in book["2016_PAPI"].iter_rows(min_row=3, max_row=65, values_only=True) if row[0] != 999
    ]
    scores = {row[2]: row[31] for row in rows if isinstance(row[31], float)}
    expected = 1 + sum(one > scores["Quảng Ninh"] for one in scores.values())
    assert ask("papi_rank", 2016) == (expected, len(scores))
