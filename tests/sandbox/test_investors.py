"""Investors' dossiers and procedures: what their connector brings equals the world's truth, in two provinces."""

from __future__ import annotations

import pytest

from sandbox import investors
from tests.sandbox.conftest import TUESDAY
from tests.sandbox.polling import polled


@pytest.fixture(scope="module", params=["22", "01"])
def province(request, tmp_path_factory):
    with polled(request.param, TUESDAY, tmp_path_factory.mktemp("investors")) as found:
        yield found


def window(province, start):
    return {**province.catalogue.sources["investment_dossiers"].options["window"], "start": start}


def test_dossiers_in_hand_are_the_worlds_truth(province):
    province.cursors = {}
    cases = {
        case.key: case for case in province.records("investment_dossiers", window=window(province, "150d"))
    }
    pending = [case for case in cases.values() if case.state in ("open", "waiting_supplement")]
    waiting = [case for case in pending if case.state == "waiting_supplement"]
    assert {"open": len(pending), "waiting": len(waiting)} == investors.counts(province.world, TUESDAY)
    assert len(pending) > 5
    assert all(case.responsible and case.area for case in cases.values())


def test_small_pages_hold_what_large_ones_do(province):
    found, paging = [], province.catalogue.sources["investment_dossiers"].options["paging"]
    for size in (11, 500):
        province.cursors = {}
        more = {"window": window(province, "60d"), "paging": {**paging, "per_page": size}}
        found.append(province.records("investment_dossiers", **more))
    assert found[0] == found[1]


def test_no_investor_is_kept(province):
    province.cursors = {}
    pages = province.pages("investment_dossiers")
    text = b"".join(page.kept for page in pages).decode() + str([page.records for page in pages])
    assert "DT-26" in text
    assert "NHÀ ĐẦU TƯ" not in text
    assert "0900000" not in text


def test_procedures_come_by_level_and_as_a_whole(province):
    found = {(r.variable, r.category): r.value for r in province.records("investment_procedures")}
    assert found == {
        ("investment_procedures_online", "Toàn trình"): 60,
        ("investment_procedures_online", "Một phần"): 38,
        ("investment_procedures", ""): 117,
    }
