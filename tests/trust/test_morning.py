"""The morning's briefing: the night from 17:00 to 07:00, and the day that follows it."""

from __future__ import annotations

import pytest

from ioc.model import Case, Event
from ioc.morning import night
from tests.api.province import Province, epoch

pytestmark = pytest.mark.parametrize("store_kind", ["sqlite"])


def test_the_night_ends_at_seven_or_now_where_it_is_not_seven_yet(store_kind):
    assert night(epoch("2026-11-20T10:00")).start == epoch("2026-11-19T17:00")
    assert night(epoch("2026-11-20T10:00")).end == epoch("2026-11-20T07:00")
    assert night(epoch("2026-11-20T05:30")).end == epoch("2026-11-20T05:30")


def test_the_briefing_tells_the_night_the_warnings_and_the_work_of_the_day(province: Province):
    def matter(key: str, at: str, severity: str, **facts: float) -> Event:
        return Event(
            key, "duty", epoch(at), severity=severity, headline=f"Vụ {key}", category="Cháy nổ", facts=facts
        )

    province.keep(
        "duty_log",
        [
            matter("1", "2026-11-19T16:59", "low"),
            matter("2", "2026-11-19T17:00", "low"),
            matter("3", "2026-11-20T02:00", "critical", deaths=1, injured=2),
            matter("4", "2026-11-20T07:00", "low"),
        ],
    )
    warned = {"severity": "severe", "headline": "Mưa lớn"}
    province.keep(
        "warnings",
        [
            Event("w1", "warning", epoch("2026-11-18T08:00"), epoch("2026-11-21T08:00"), **warned),
            Event("w2", "warning", epoch("2026-11-18T08:00"), epoch("2026-11-19T08:00"), **warned),
        ],
    )

    def report(key: str, due: str, state: str = "open") -> Case:
        return Case(key, "report", state, epoch("2026-11-10T08:00"), due=epoch(due), responsible="so_xay_dung",
                    closed=epoch("2026-11-12T08:00") if state == "closed" else None)  # fmt: skip

    province.keep(
        "register",
        [
            report("old", "2026-11-18T17:00"),
            report("late", "2026-11-19T17:00"),
            report("today", "2026-11-20T17:00"),
            report("done", "2026-11-20T17:00", "closed"),
            report("tomorrow", "2026-11-21T17:00"),
        ],
    )
    told = province.get("/api/v1/morning").json
    assert [one["headline"] for one in told["happened"]] == ["Vụ 3", "Vụ 2"]
    assert told["counts"] == [{"name": {"vi": "Cháy nổ", "en": "Cháy nổ"}, "n": 2}]
    assert told["harm"] == {"deaths": 1, "injured": 2}
    assert [one["id"] for one in told["warnings"]] == ["warnings:w1"]
    (work,) = told["work"]
    assert (work["name"]["vi"], work["overdue"], work["due"], work["most_n"]) == ("Phản ánh", 1, 1, 1)
    assert work["most"]["vi"] == "Sở Xây dựng"
