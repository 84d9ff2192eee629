"""Readings as a screen asks for them: honest states, time that passes with no new data, parts and places."""

from datetime import datetime

import pytest

from ioc.errors import QuestionError
from ioc.indicators.question import Question, parse
from ioc.model import Case, Observation

DAY = 86_400


def instant(text: str) -> int:
    return int(datetime.fromisoformat(text + "+07:00").timestamp())


NOW = instant("2026-11-20T10:00:00")


def dossier(key: str, **more) -> Case:
    told = {"state": "open", "opened": NOW - 5 * DAY, "due": NOW + 5 * DAY, **more}
    return Case(key, "dossier", **told)


def test_a_case_that_passes_its_due_time_raises_overdue_with_no_poll(world):
    world.keep("one_stop", [dossier("a", due=NOW + 60), dossier("b")], NOW)
    before = world.engine.read("dossiers_overdue", Question(), NOW)
    assert (before.value, before.status, before.valid_until) == (0, "good", NOW + 61)
    after = world.engine.read("dossiers_overdue", Question(), before.valid_until)
    assert (after.value, after.status, after.oldest) == (1, "warning", 0)


def test_a_suspended_case_does_not_count_down(world):
    world.keep("one_stop", [dossier("a", state="waiting_supplement", due=NOW - DAY)], NOW)
    assert world.engine.read("dossiers_overdue", Question(), NOW).value == 0
    assert world.engine.read("dossiers_waiting_supplement", Question(), NOW).value == 1
    assert world.engine.read("dossiers_pending", Question(), NOW).value == 1


def test_losing_a_source_turns_its_readings_grey_and_one_cycle_clears_it(world):
    world.keep("one_stop", [dossier("a")], NOW)
    world.fail("one_stop", NOW + 30, "nguồn trả lời 500")
    live = world.engine.read("dossiers_pending", Question(), NOW + 60)
    assert (live.status, live.freshness, live.fresh_until) == ("neutral", "live", NOW + 61)
    grey = world.engine.read("dossiers_pending", Question(), live.fresh_until)
    assert (grey.value, grey.status, grey.freshness) == (1, "stale", "down")
    assert grey.sentence["vi"].startswith("Mất kết nối từ 10:00: nguồn trả lời 500")
    assert (grey.inputs_used, grey.inputs_expected) == (0, 1)
    world.keep("one_stop", [], NOW + 200, outcome="unchanged")
    assert world.engine.read("dossiers_pending", Question(), NOW + 201).status == "neutral"


def test_nothing_collected_is_never_and_has_no_status(world):
    reading = world.engine.read("bed_occupancy", Question(), NOW)
    assert (reading.value, reading.status, reading.freshness) == (None, "none", "never")


def test_what_was_asked_of_a_finished_month_stays_judged_though_the_source_is_silent_now(world):
    closed = instant("2026-10-10T09:00:00")
    world.keep(
        "one_stop", [dossier("a", state="closed", opened=closed - DAY, closed=closed, due=closed + DAY)], NOW
    )
    reading = world.engine.read("dossiers_on_time", Question(period="2026-10"), NOW + DAY)
    assert (reading.value, reading.status, reading.freshness) == (100, "good", "live")


def test_at_answers_with_what_we_know_and_as_of_with_what_was_known(world):
    world.keep("one_stop", [dossier("a"), dossier("b")], NOW)
    done = dossier("a", state="closed", closed=NOW - 3600)
    world.keep("one_stop", [done], NOW + DAY)
    read = world.engine.read
    assert read("dossiers_pending", Question(at=NOW), NOW + DAY + 9).value == 1
    assert read("dossiers_pending", Question(at=NOW - 7200), NOW + DAY + 9).value == 2
    then = read("dossiers_pending", Question(as_of=NOW * 1000 + 5), NOW + DAY + 9)
    assert (then.value, then.recomputed, then.freshness) == (2, True, "live")


def test_overdue_by_responsible_says_what_is_in_hand(world):
    late = [dossier(f"l{i}", responsible="so_xay_dung", due=NOW - DAY) for i in range(3)]
    world.keep(
        "one_stop", [*late, dossier("a", responsible="so_xay_dung"), dossier("b", responsible="so_y_te")], NOW
    )
    rows = world.engine.breakdown("dossiers_overdue", Question(), "responsible", NOW)
    assert [(row.key, row.num, row.den, row.status) for row in rows] == [
        ("so_xay_dung", 3, 4, "neutral"), ("so_y_te", 0, 1, "neutral")
    ]  # fmt: skip
    assert rows[0].name["vi"] == "Sở Xây dựng"


def test_a_series_of_a_stock_counts_each_evening(world):
    cases = [dossier("a", opened=NOW - 3 * DAY), dossier("b", opened=NOW - DAY),
             dossier("c", opened=NOW - 3 * DAY, state="closed", closed=NOW - DAY, due=NOW - 2 * DAY)]  # fmt: skip
    world.keep("one_stop", cases, NOW)
    points = world.engine.series("dossiers_pending", Question(), "day", NOW - 3 * DAY, NOW, NOW)
    assert [point.value for point in points] == [2, 2, 2, 2]
    overdue = world.engine.series("dossiers_overdue", Question(), "day", NOW - 3 * DAY, NOW, NOW)
    assert [point.value for point in overdue] == [0, 1, 0, 0]


def test_what_lies_before_the_oldest_record_is_absent_and_not_nought(world):
    world.keep("one_stop", [dossier("a", opened=NOW - 3 * DAY), dossier("b", opened=NOW - DAY)], NOW)
    series = world.engine.series
    for indicator in ("dossiers_received", "dossiers_pending"):
        points = series(indicator, Question(), "day", NOW - 6 * DAY, NOW, NOW)
        assert [point.value for point in points[:3]] == [None] * 3
        assert all(point.value is not None for point in points[3:])
        year_ago = series(indicator, Question(), "day", NOW - 368 * DAY, NOW - 365 * DAY, NOW)
        assert {point.value for point in year_ago} == {None}
    assert world.engine.read("dossiers_received", Question(), NOW).same_period_last_year is None
    received = series("dossiers_received", Question(), "day", NOW - 3 * DAY, NOW, NOW)
    assert [point.value for point in received] == [1, 0, 1, 0]  # an empty day in between is nought


def test_a_source_that_was_asked_and_had_nothing_counts_nought(world):
    world.keep("one_stop", [], NOW - 2 * DAY, outcome="unchanged")
    points = world.engine.series("dossiers_received", Question(), "day", NOW - 4 * DAY, NOW, NOW)
    assert [point.value for point in points] == [None, None, 0, 0, 0]


def test_a_device_error_is_kept_and_never_averaged(world):
    start = instant("2026-11-20T08:00:00")
    values = [Observation("pm25", start + 300 * i, "air_1", 30.0) for i in range(1, 12)]
    values.append(Observation("pm25", start + 30, "air_1", 900.0, flag="02"))
    world.keep("air_stations", values, NOW - 60)
    assert world.engine.read("pm25_day", Question(), NOW).value == 30.0


def test_the_worst_station_speaks_for_the_province_with_its_governing_pollutant(world):
    hours = [instant("2026-11-19T22:00:00") + 3600 * i for i in range(12)]
    values = [
        Observation(variable, hour + 300 * step + 60, site, value)
        for hour in hours
        for step in range(12)
        for site, variable, value in (
            ("air_1", "pm25", 60.0),
            ("air_2", "pm25", 20.0),
            ("air_1", "no2", 50.0),
        )
    ]
    world.keep("air_stations", values, NOW - 5)
    reading = world.engine.read("aqi_hour", Question(), NOW)
    assert (reading.value, reading.status, reading.where["site"]) == (117, "warning", "air_1")
    assert (reading.detail["dominant"], reading.detail["band"]["vi"]) == ("pm25", "Kém")
    assert reading.detail["stations"] == {"used": 2, "expected": 6}
    assert reading.period.label == "2026-11-20T09"
    rows = world.engine.breakdown("aqi_hour", Question(), "site", NOW)
    assert [(row.key, row.value, row.status) for row in rows] == [
        ("air_1", 117, "warning"),
        ("air_2", 40, "good"),
    ]
    points = world.engine.series("aqi_hour", Question(), "hour", NOW - 2 * 3600, NOW, NOW)
    assert [point.value for point in points] == [117, 117]


def test_a_facility_is_judged_by_its_own_permit(world):
    start = instant("2026-11-20T07:00:00")
    values = [Observation("cod", start + 300 * step + 60, "wastewater_1", 200.0) for step in range(12)]
    values += [Observation("cod", start + 300 * step + 60, "wastewater_2", 10.0) for step in range(12)]
    world.keep("wastewater_stations", values, NOW - 5)
    reading = world.engine.read("wastewater_exceedances", Question(), NOW)
    assert (reading.num, reading.den, reading.where["site"]) == (1, 2, "wastewater_1")
    assert reading.detail["above"][0]["variable"] == "cod"


def test_a_station_that_falls_silent_is_counted_when_its_time_has_passed(world, catalogue):
    stations = [site.id for site in catalogue.sites.values() if site.kind == "air_station"]
    world.keep("air_stations", [Observation("pm25", NOW - 60, site, 20.0) for site in stations], NOW)
    before = world.engine.read("stations_silent", Question(), NOW)
    assert before.num == before.den - len(stations)
    assert before.detail["silent"][0]["since"] is None
    after = world.engine.read("stations_silent", Question(), NOW + 7200)
    assert after.num == after.den


def test_the_same_bed_from_two_sources_counts_once_and_one_silent_source_greys_nothing(world):
    day = instant("2026-11-20T00:00:00")
    beds = [Observation("beds_total", day, "hospital_1", 100.0, span="day"),
            Observation("beds_occupied", day, "hospital_1", 80.0, span="day")]  # fmt: skip
    older = [value._replace(time=day - 4 * DAY) for value in beds]
    world.keep("health_workbook", older, NOW - 80 * 3600)
    world.keep("hospitals", beds, NOW)
    reading = world.engine.read("bed_occupancy", Question(), NOW)
    assert (reading.num, reading.den, reading.value, reading.freshness) == (80, 100, 80.0, "live")
    assert (reading.inputs_used, reading.inputs_expected) == (1, 2)


def test_a_province_that_reports_for_itself_is_not_added_to_its_communes(world):
    month = instant("2026-11-01T00:00:00")
    values = [Observation("disease_cases", month, place, n, category="dengue", span="month", kind="count")
              for place, n in (("22", 30.0), ("06685", 20.0), ("06652", 8.0))]  # fmt: skip
    world.keep("diseases", values, NOW)
    assert world.engine.read("disease_cases", Question(), NOW).value == 30
    rows = world.engine.breakdown("disease_cases", Question(), "area", NOW)
    assert ("06685", 20) in [(row.key, row.num) for row in rows]
    assert [
        (row.key, row.value) for row in world.engine.breakdown("disease_cases", Question(), "category", NOW)
    ] == [("dengue", 30)]


def test_explain_names_the_records_the_sources_and_the_rule(world):
    world.keep("one_stop", [dossier("a", due=NOW - DAY)], NOW)
    told = world.engine.explain("dossiers_overdue", Question(), NOW)
    assert told["formula"]["vi"] == "Số hồ sơ đang giải quyết, quá hạn; tại thời điểm hỏi"
    assert (told["num"], told["records"]["used"], told["records"]["first"][0]["key"]) == (1, 1, "a")
    assert (told["sources"][0]["id"], told["sources"][0]["state"]) == ("one_stop", "live")
    assert told["owner"] == "van_phong_ubnd"


@pytest.mark.parametrize(
    "indicator", ["aqi_hour", "bed_occupancy", "score_766", "dossiers_on_time", "land_tax_days"]
)
def test_everything_can_be_explained_of_an_empty_store(world, indicator):
    told = world.engine.explain(indicator, Question(), NOW)
    assert told["value"] is None
    assert told["formula"]["vi"]


@pytest.mark.parametrize(
    ("indicator", "question", "message"),
    [
        ("dossiers_overdu", Question(), "did you mean dossiers_overdue?"),
        ("dossiers_overdue", Question(period="2026-10"), "is a stock"),
        ("dossiers_on_time", Question(at=NOW), "ask with period="),
        ("dossiers_on_time", Question(as_of=(NOW + 99) * 1000), "lies in the future"),
        ("dossiers_on_time", Question(period="october"), "is not understood"),
        ("dossiers_on_time", Question(area="99999"), "99999"),
        ("dossiers_on_time", Question(area="00004"), "lies outside province 22"),
        ("dossiers_on_time", Question(agency="nobody"), "agency=nobody is not known"),
    ],
)
def test_a_question_that_makes_no_sense_is_answered_by_a_sentence(world, indicator, question, message):
    with pytest.raises(QuestionError, match=message.replace("?", r"\?")):
        world.engine.read(indicator, question, NOW)


def test_a_question_is_read_from_a_url():
    found = parse({"area": "22", "as_of": "2026-11-20T10:00:00+07:00", "at": "2026-11-20T09:00:00 07:00"})
    assert found == Question(area="22", as_of=NOW * 1000, at=NOW - 3600)
    with pytest.raises(QuestionError, match="colour is not understood"):
        parse({"colour": "red"})


def test_a_page_marks_what_it_made_stale(world):
    from ioc.store.writer import Touched

    touched = Touched("air_stations", frozenset({"pm25"}))
    assert {"aqi_hour", "pm25_day", "stations_silent"} <= world.engine.affects(touched)
    assert "bed_occupancy" not in world.engine.affects(touched)
    cases = world.engine.affects(Touched("one_stop", case_kinds=frozenset({"dossier"})))
    assert "dossiers_overdue" in cases
    assert "reports_open" not in cases
