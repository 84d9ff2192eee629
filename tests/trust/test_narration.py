"""Sentences made from readings: their grammar, and that they say nothing which the readings do not."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ioc import spoken
from ioc.indicators.definition import Definition
from ioc.model import Text
from ioc.narration.phrases import Told, change, phrase
from ioc.narration.tell import tell
from tests.api.province import Province, reports

OVERDUE = Definition(
    "overdue", Text("Phản ánh quá hạn", "Overdue reports"), "citizen_reports", "{report}", 0, "case:report", "month",
    "lower", "so_khcn", "căn cứ", stock=True, warning=1, critical=20,
)  # fmt: skip
RECEIVED = replace(OVERDUE, id="received", name=Text("Phản ánh tiếp nhận", "Reports received"), stock=False,
                   by="opened", better="neutral", warning=None, critical=None)  # fmt: skip
ON_TIME = replace(RECEIVED, id="on_time", name=Text("Xử lý đúng hạn", "Reports handled on time"), unit="%", decimals=1,
                  better="higher", warning=95, critical=85)  # fmt: skip

PAR = replace(RECEIVED, id="par", name=Text("PAR Index", "PAR Index"), unit="{rank}", better="lower")


def told(definition: Definition, value: float | None, **more: Any) -> Told:
    period = {"kind": "month", "label": "2026-11", "start": "2026-11-01T00:00:00+07:00"}
    reading = {
        "value": value,
        "status": "neutral",
        "freshness": "live",
        "period": period,
        "reported_at": None,
    }
    return Told(definition, {**reading, **more})


@pytest.mark.parametrize(
    ("one", "vi", "en"),
    [
        (
            told(OVERDUE, 32, oldest=12, same_period_last_year=27),
            "32 phản ánh quá hạn, cũ nhất 12 ngày làm việc, tăng 19% so với cùng kỳ",
            "32 overdue reports, the oldest by 12 working days, up 19% on the same period last year",
        ),
        (told(OVERDUE, 0, oldest=12), "không có phản ánh quá hạn", "no overdue reports"),
        (told(OVERDUE, 1, oldest=1), "1 phản ánh quá hạn, cũ nhất 1 ngày làm việc",
         "1 overdue report, the oldest by 1 working day"),
        (told(RECEIVED, 620, previous=620), "620 phản ánh tiếp nhận (tháng 11), không đổi so với kỳ trước",
         "620 reports received (11/2026), unchanged on the period before"),
        (told(RECEIVED, 90, previous=10), "90 phản ánh tiếp nhận (tháng 11), gấp 9 lần so với kỳ trước",
         "90 reports received (11/2026), 9 times that of the period before"),
        (told(RECEIVED, 1000, previous=1001), "1.000 phản ánh tiếp nhận (tháng 11), gần như không đổi so với kỳ trước",
         "1,000 reports received (11/2026), nearly unchanged on the period before"),
        (told(RECEIVED, 5, previous=0), "5 phản ánh tiếp nhận (tháng 11), tăng 5 phản ánh so với kỳ trước",
         "5 reports received (11/2026), up 5 reports on the period before"),
        (told(RECEIVED, 500, bound=">="), "trên 500 phản ánh tiếp nhận (tháng 11)", "over 500 reports received (11/2026)"),
        (told(PAR, 24, detail={"rank_of": 34}, same_period_last_year=26),
         "PAR Index (tháng 11): hạng 24/34, tăng 2 bậc so với cùng kỳ",
         "PAR Index (11/2026): rank 24 of 34, up 2 places on the same period last year"),
        (
            told(ON_TIME, 92.4, status="warning", same_period_last_year=93.6),
            "xử lý đúng hạn (tháng 11) đạt 92,4%, thấp hơn ngưỡng 95%, giảm 1,2 điểm % so với cùng kỳ",
            "reports handled on time (11/2026): 92.4%, below the limit of 95%, "
            "down 1.2 percentage points on the same period last year",
        ),
        (
            Told(RECEIVED, told(RECEIVED, 40).reading, (("Dịch bệnh", "Epidemics"), 25)),
            "40 phản ánh tiếp nhận (tháng 11), nhiều nhất là dịch bệnh (25)",
            "40 reports received (11/2026), most of them epidemics (25)",
        ),
    ],
)  # fmt: skip
def test_a_reading_is_told_as_people_say_it(one, vi, en):
    assert (phrase(one, "vi"), phrase(one, "en")) == (vi, en)


def test_a_silent_source_is_told_with_its_last_value_and_never_as_a_fact():
    stale = told(ON_TIME, 97.0, status="stale", freshness="down", reported_at="2026-11-20T07:40:00+07:00")
    (said,) = tell([stale])
    assert said.sort == "silent"
    assert said.vi == "Chưa có số liệu mới của: Xử lý đúng hạn (giá trị cuối 97,0% lúc 07:40 20/11/2026)."
    assert said.en.startswith("Nothing new of: Reports handled on time (last value 97.0%")


def test_the_worst_comes_first_and_nothing_is_told_twice():
    said = tell(
        [
            told(RECEIVED, 620),
            told(ON_TIME, 92.4, status="warning"),
            told(OVERDUE, 25, status="critical"),
            told(replace(ON_TIME, id="other"), 99.0, status="good"),
        ]
    )
    assert [one.sort for one in said] == ["amiss", "much"]
    assert said[0].vi.startswith("25 phản ánh quá hạn; xử lý đúng hạn")
    assert [one.definition.id for one in said[0].told] == ["overdue", "on_time"]


values = (
    st.none()
    | st.integers(0, 10**7)
    | st.floats(0, 10**6, allow_nan=False).map(lambda value: round(value, 2))
)
readings = st.builds(
    lambda definition, value, previous, year, status, freshness, oldest, bound: told(
        definition, value, previous=previous, same_period_last_year=year, status=status, freshness=freshness,
        oldest=oldest, bound=bound, reported_at="2026-11-20T07:40:00+07:00",
    ),
    st.sampled_from([OVERDUE, RECEIVED, ON_TIME]),
    values, values, values,
    st.sampled_from(["good", "warning", "critical", "neutral", "stale", "none"]),
    st.sampled_from(["live", "late", "down", "not_due"]),
    st.none() | st.integers(0, 400),
    st.sampled_from([None, ">=", "<="]),
)  # fmt: skip


@settings(max_examples=150)
@given(st.lists(readings, max_size=6))
def test_numbers_in_the_sentences_are_those_of_the_readings(found):
    for said in tell(found):
        for text in (said.vi, said.en):
            assert not re.search(r"nan|None|undefined|inf\b|\{|\}", text)
            assert text[0] == text[0].upper()
            assert text.endswith(".")
            assert ".." not in text
        for one, words in zip(said.told, said.phrases, strict=True):
            silent = said.sort == "silent"
            assert one.is_silent == silent
            for lang in ("vi", "en"):
                shown = spoken.number(one.value, lang, one.definition.decimals)
                nought = {"vi": "không có ", "en": "no "}[lang]
                assert shown in words[lang] or (not one.value and words[lang].startswith(nought))
                assert silent or words[lang].find("so với") == -1 or change(one, lang) in words[lang]


@given(values.filter(lambda value: value is not None), values)
def test_a_change_has_the_direction_and_the_size_of_the_difference(value, before):
    said = change(told(ON_TIME, value, previous=before), "vi")
    if before is None:
        assert said == ""
    elif value == before:
        assert said == "không đổi so với kỳ trước"
    else:
        assert said.startswith("tăng " if value > before else "giảm ")
        points = re.search(r"[\d.]+(,\d+)?", said)
        assert points is not None
        size = float(points[0].replace(".", "").replace(",", "."))
        assert abs(size - abs(value - before)) <= 0.0500001


@pytest.mark.parametrize("store_kind", ["sqlite"])
def test_the_api_tells_a_sector_and_leads_each_phrase_to_its_basis(province: Province):
    province.keep("register")
    province.at("2026-11-20T11:00")
    province.keep("register", reports(620, 588, "2026-11-01T08:00", category="Dịch bệnh"))
    province.keep("reports_1022")
    (item,) = province.get("/api/v1/narration", sector="citizen_reports").items
    assert "32 phản ánh chưa xử lý" in item["text"]["vi"]
    assert "32 open reports" in item["text"]["en"]
    phrases = [one for sentence in item["sentences"] for one in sentence["phrases"]]
    open_ones = next(one for one in phrases if one["indicator"] == "reports_open")
    explained = province.get(open_ones["href"]).json
    assert explained["value"] == open_ones["value"] == 32
    then = province.get(
        "/api/v1/narration", sector="citizen_reports", as_of="2026-11-20T10:30:00+07:00"
    ).items[0]
    assert "32" not in then["text"]["vi"]
    assert province.get("/api/v1/narration", sector="nothing").status == 404
