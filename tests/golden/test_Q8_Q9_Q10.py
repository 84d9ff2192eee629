"""Q5 to Q10: project 06, from the workbook of the police to the API."""

from __future__ import annotations

import pytest

from tests.golden.brought import from_workbook

PRINTED = (
    ("DC01", None, "1.448.435"),
    ("DC02", "40.697", "0"),
    ("DC03", None, "1.675"),
    ("DC04", "184.039", "131.963"),
    ("CC01", None, "1.097.444"),
    ("CC02", None, "1.073.202"),
    ("CC03", None, "910.645"),
    ("CC04", None, "909.827"),
)


@pytest.fixture(scope="module")
def ask(province, sources, tmp_path_factory):
    """Collect the workbook once and return what asks the API for a figure of its month."""
    rows = [["ĐỀ ÁN 06"], ["STT", "Mã tỉnh", "Mã", "Nội dung", "Tổng số", "Đã thực hiện"]]
    rows += [[n, "22", code, code, total, done] for n, (code, total, done) in enumerate(PRINTED, 1)]
    folder = tmp_path_factory.mktemp("police")
    records = from_workbook(sources, "population", folder, "de_an_06_2026_10.xlsx", "Biểu 06", rows)
    province.keep("population", records)
    return lambda indicator: province.get(f"/api/v1/indicators/{indicator}", period="2026-10").json


def parts(told):
    return told["value"], told["num"], told["den"]


def test_Q5_1448435_population_records_were_collected(ask):
    assert ask("population_records")["value"] == 1_448_435


def test_Q6_40697_records_are_duplicates(ask):
    assert ask("duplicates_found")["value"] == 40_697


def test_Q7_1675_renounced_nationalities_were_updated(ask):
    assert ask("renounced_updated")["value"] == 1_675


def test_Q8_131963_of_184039_old_numbers_are_71_70_per_cent(ask):
    assert parts(ask("old_numbers_updated")) == (71.7, 131_963, 184_039)


def test_Q9_1073202_of_1097444_dossiers_were_sent_97_79_per_cent(ask):
    assert parts(ask("cards_sent_share")) == (97.79, 1_073_202, 1_097_444)


def test_Q10_909827_of_910645_cards_were_returned_99_91_per_cent(ask):
    assert parts(ask("cards_returned_share")) == (99.91, 909_827, 910_645)


def test_Q10_the_weakest_step_is_the_one_that_was_not_printed(ask):
    assert parts(ask("cards_received_share")) == (84.85, 910_645, 1_073_202)
    told = ask("cards_funnel")
    assert told["value"] == 84.85
    assert told["detail"]["weakest"]["indicator"] == "cards_received"
