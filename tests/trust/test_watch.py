"""What the product watches over: from records to a row that one can look at, answer, and ask for as of any moment."""

from __future__ import annotations

import pytest

from ioc.calendar import DAY_S, day_of, day_start, local_date
from ioc.model import Case, Observation, Page, Rejected
from ioc.scores import Counts, Scores, scores, together
from ioc.store import finish_run, keep_page, start_run
from ioc.store.contradictions import answer
from tests.api.province import Province, epoch

DAY = "2026-11-19T00:00"
ON_ONE_STORE = pytest.mark.parametrize("store_kind", ["sqlite"])
"""What the two databases keep is seen by the other tests."""


def beds(value: float, variable: str = "visits", day: str = DAY) -> Observation:
    return Observation(variable, epoch(day), "22", value, span="day", kind="count")


def clashes(province: Province, **asked: str) -> list:
    return province.get("/api/v1/contradictions", **asked).items


def test_two_sources_that_differ_stand_until_they_agree_and_the_past_remembers(province, trust):
    province.keep("hospitals", [beds(500)])
    province.keep("workbook", [beds(530)])
    trust.check(province.clock[0])
    (said,) = clashes(province, state="open")
    assert (said["source"], said["other"], said["owner"]) == ("hospitals", "workbook", "so_y_te")
    assert "chênh 30 lượt (5,7%)" in said["sentence"]["vi"]
    assert said["explain"] == "/api/v1/indicators/visits/explain"
    assert [(one["source_name"]["vi"], one["value"]) for one in said["evidence"]] == [
        ("Giường bệnh", 500.0),
        ("Tệp của Sở", 530.0),
    ]
    then = said["known_from"]
    assert clashes(province, source="workbook") == clashes(province, indicator="visits") == [said]
    assert clashes(province, source="published") == []

    province.at("2026-11-20T11:00")
    province.keep("workbook", [beds(500)])
    trust.check(province.clock[0])
    assert clashes(province, state="open") == []
    assert [one["state"] for one in clashes(province)] == ["gone"]
    assert [one["state"] for one in clashes(province, as_of=then)] == ["open"]
    versions = province.get(f"/api/v1/contradictions/{said['id']}").items
    assert [one["state"] for one in versions] == ["open", "gone"]


@ON_ONE_STORE
def test_what_a_person_says_stays_with_it_while_the_figures_move(province, trust):
    province.keep("hospitals", [beds(500)])
    province.keep("workbook", [beds(530)])
    trust.check(province.clock[0])
    key = clashes(province)[0]["id"]
    answer(province.product.store, key, "explained", "Sở tính cả lượt khám tại nhà", now_ms=1)
    assert trust.answers(province.clock[0]) == 1
    assert trust.answers(province.clock[0]) == 0
    province.at("2026-11-20T11:00")
    province.keep("workbook", [beds(540)])
    trust.check(province.clock[0])
    (said,) = clashes(province, state="explained")
    assert said["note"] == "Sở tính cả lượt khám tại nhà"
    assert "540" in said["sentence"]["vi"]


@ON_ONE_STORE
def test_1180_of_an_unpublished_total_is_flagged_with_the_denominator_that_it_needs(province, trust):
    def published(variable: str, value: float) -> Observation:
        return Observation(variable, epoch("2026-01-01T00:00"), "22", value, span="year", method="official")

    figures = {
        "procedures_integrated_printed": 75,
        "procedures_integrated": 1180,
        "procedures_online_34": 1712,
        "procedures_total": 1832,
        "dossiers_on_time_printed": 99.1,
        "dossiers_received_printed": 87_669,
    }
    province.keep("published", [published(*figure) for figure in figures.items()])
    trust.check(province.clock[0])
    by_kind = {one["kind"]: one for one in clashes(province, source="published")}
    assert set(by_kind) == {"percent", "no_denominator"}
    assert "cần mẫu số ≈ 1.573, mẫu số không công bố" in by_kind["percent"]["sentence"]["vi"]
    assert by_kind["percent"]["indicator"] == "procedures_integrated_printed"
    assert "99,1%, mẫu số không công bố" in by_kind["no_denominator"]["sentence"]["vi"]
    assert clashes(province, indicator="dossiers_on_time_printed") == [by_kind["no_denominator"]]


@ON_ONE_STORE
def test_refused_values_are_shown_and_flag_no_indicator(province, trust):
    fragment = {"variable": "visits", "value": -5, "place": "22", "time": epoch(DAY), "span": "day"}
    province.keep("workbook", rejected=[Rejected("dòng 4", "nhỏ hơn mức có thể", fragment)])
    trust.check(province.clock[0])
    (said,) = clashes(province, kind="impossible")
    assert said["indicators"] == []
    assert "nhỏ hơn mức có thể 0 lượt" in said["sentence"]["vi"]


def test_keys_that_vanish_at_once_are_withdrawn_once_a_person_confirmed_it(province, trust):
    opened = epoch("2026-11-01T08:00")
    everything = [Case(f"PA-{n:02}", "report", "open", opened + n) for n in range(40)]

    def deliver(records: list[Case]) -> None:
        ms = province._ms = max(int(province.clock[0] * 1000), province._ms) + 1
        run = start_run(province.product.store, province.fence, "register", now_ms=ms)
        page = Page(records, complete=True)
        source = province.product.catalogue.sources["register"]
        keep_page(
            province.product.store, province.fence, run, source, page, now_ms=ms, measures=province.measures
        )
        finish_run(province.product.store, province.fence, run, "changed", now_ms=ms)

    def held() -> int:
        return len(province.get("/api/v1/cases", kind="report", limit="1000").items)

    deliver(everything)
    for _ in range(2):
        deliver(everything[:30])
    trust.check(province.clock[0])
    (said,) = clashes(province, kind="gone")
    assert "10/40 bản ghi" in said["sentence"]["vi"]
    assert "reports_open" in said["indicators"]
    assert held() == 40
    answer(province.product.store, said["id"], "explained", "Đã xóa tại nguồn", now_ms=2)
    trust.answers(province.clock[0])
    deliver(everything[:30])
    assert held() == 30
    province.at("2026-11-20T12:00")
    trust.check(province.clock[0])
    assert clashes(province, kind="gone", state="gone")[0]["id"] == said["id"]


def test_scores_follow_from_what_was_delivered_and_are_kept_by_day(province, trust):
    for hour in range(6, 10):
        province.at(f"2026-11-20T{hour:02}:00")
        province.keep("hospitals", [beds(500), beds(500)])
        province.keep(
            "workbook", [beds(530)], rejected=[Rejected(f"dòng {hour}", "sai", {"dòng": str(hour)})]
        )
    province.at("2026-11-20T10:00")
    trust.check(province.clock[0])
    assert trust.count(province.clock[0]) > 0
    answers = province.get("/api/v1/quality", owner="so_y_te").items
    by_id = {one["id"]: one for one in answers}
    assert by_id["hospitals"]["scores"] == {
        "agreement": 0.0, "completeness": 100.0, "clean": 50.0, "alive": 100.0, "mean": 62.5,
    }  # fmt: skip
    assert by_id["workbook"]["scores"]["clean"] == 50.0
    assert by_id["workbook"]["counts"]["rejected"] == 4
    assert [day["day"] for day in by_id["workbook"]["days"]] == ["2026-11-20"]
    (owner,) = [one for one in province.get("/api/v1/quality", by="owner").items if one["id"] == "so_y_te"]
    assert owner["scores"]["clean"] == 50.0
    assert owner["sources"] == ["hospitals", "workbook"]

    before = "2026-11-20T10:30:00+07:00"
    province.at("2026-11-20T16:00")
    assert trust.count(province.clock[0]) > 0
    now = {one["id"]: one["scores"]["alive"] for one in province.get("/api/v1/quality").items}
    then = {one["id"]: one["scores"]["alive"] for one in province.get("/api/v1/quality", as_of=before).items}
    assert now["hospitals"] == 50.0  # the last answer held for two hours: five of ten
    assert then["hospitals"] == 100.0


@ON_ONE_STORE
def test_a_day_that_is_over_is_counted_to_its_end_once(province, trust):
    province.at("2026-11-19T12:00")
    province.keep("hospitals", [beds(500)])
    trust.count(province.clock[0])
    province.at("2026-11-20T10:00")
    assert trust.count(province.clock[0]) > 0
    days = province.get("/api/v1/quality", source="hospitals").items[0]["days"]
    assert [day["alive"] for day in days] == [16.7, 0.0]  # two of twelve hours
    assert trust.count(province.clock[0] + 60) == 0
    midnight = day_start(day_of(local_date(province.clock[0])))
    assert midnight - DAY_S == epoch("2026-11-19T00:00")


def test_an_owner_is_judged_by_sources_not_by_how_much_they_send():
    poor = scores(Counts(due=10, received=5, records=10, rejected=5, watched_s=100, live_s=50))
    rich = scores(Counts(due=9000, received=9000, records=90_000, watched_s=100, live_s=100))
    assert poor == Scores(None, 50.0, 50.0, 50.0)
    assert together([poor, rich]) == Scores(None, 75.0, 75.0, 75.0)
    assert together([]).mean is None
