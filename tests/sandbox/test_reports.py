"""Citizen reports: each step and the time it took arrive as the world has them; who reported never does."""

from __future__ import annotations

import json

from tests.sandbox.conftest import TUESDAY

WORDS = {
    "PHAN_TICH": "analysis", "XAC_MINH": "verification", "CHUYEN_XU_LY": "handover", "CO_QUAN_XU_LY": "agency",
    "KET_THUC": "ended",
}  # fmt: skip


def test_every_report_stands_at_its_step_with_the_hours_of_those_behind_it(province):
    province.cursors = {}
    cases = {case.key: case for case in province.records("reports_1022")}
    seen = set()
    for report in province.world.reports.begun(TUESDAY):
        case = cases.get(report.key)
        if case is None:
            continue
        assert case.step == WORDS[report.step(TUESDAY)]
        seen.add(case.step)
        assert (case.facts.get("analysis_h") is None) == (report.analysed > TUESDAY)
        assert (case.facts.get("handover_min") is None) == (report.accepted > TUESDAY)
        if report.accepted <= TUESDAY:
            hours = sum(case.facts[name] for name in ("analysis_h", "verification_h", "handover_h"))
            assert abs(hours * 60 - case.facts["handover_min"]) <= 10
    assert {"agency", "ended"} <= seen


def test_an_emergency_is_handed_over_within_two_hours(province):
    province.cursors = {}
    found = [case for case in province.records("reports_1022") if case.facts["emergency"]]
    told = [case.facts["handover_min"] for case in found if case.facts.get("handover_min") is not None]
    assert told
    assert max(told) <= 120


def test_neither_the_caller_nor_what_was_said_is_read(province):
    province.cursors = {}
    pages = province.pages("reports_1022")
    text = json.dumps([[*one] for page in pages for one in page.records], default=dict, ensure_ascii=False)
    text += "".join(page.kept.decode() for page in pages)
    assert "PA-26" in text
    for word in ("CÔNG DÂN", "090000", "example.invalid", "Người dân phản ánh"):
        assert word not in text
