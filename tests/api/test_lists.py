"""Cases, events and observations in lists: filters, pages that a change does not disturb, and versions."""

from __future__ import annotations

from typing import Any

import pytest

from ioc.model import Case, Event, Observation
from tests.api.province import Province, epoch, reports


def walk(province: Province, path: str, between: Any = lambda: None, **asked: Any) -> list[dict[str, Any]]:
    """Return all items of a list, page by page, doing something between the pages."""
    reply = province.get(path, **asked)
    found = []
    while True:
        assert reply.status == 200, reply.body
        found += reply.items
        if reply.json["next"] is None:
            return found
        between()
        reply = province.get(path, cursor=reply.json["next"], **asked)


@pytest.mark.parametrize("sort", ["-opened", "due", "-closed"])
def test_pages_over_changing_cases_give_each_row_once(province: Province, sort: str):
    province.keep("reports_1022", reports(50, 40, "2026-11-05T00:00"))
    before = [one["id"] for one in province.get("/api/v1/cases", sort=sort, limit=1000).items]
    turn = iter(range(10, 40))

    def change() -> None:
        # half of them move to the front, some close, and new ones come in
        province.clock[0] += 60
        later = reports(50 + next(turn), 45, "2026-11-10T00:00")
        province.keep("reports_1022", later)

    found = [one["id"] for one in walk(province, "/api/v1/cases", change, sort=sort, limit=7)]
    assert found == before
    assert len(set(found)) == len(found) == (40 if "closed" in sort else 50)


CASES = [
    Case("1", "report", "open", epoch("2026-11-05"), status="DANG_XU_LY", due=epoch("2026-11-10"), area="06652",
         responsible="so_khcn", channel="app", category="rác thải"),
    Case("2", "report", "open", epoch("2026-11-06"), due=epoch("2026-11-30"), holder="so_y_te", channel="phone"),
    Case("3", "report", "closed", epoch("2026-11-07"), due=epoch("2026-11-10"), closed=epoch("2026-11-09")),
    Case("4", "report", "waiting_supplement", epoch("2026-11-08"), due=epoch("2026-11-10")),
]  # fmt: skip


NARROWED: list[tuple[dict[str, str], str]] = [
    ({}, "4321"),
    ({"sort": "opened"}, "1234"),
    ({"state": "open"}, "21"),
    ({"status": "DANG_XU_LY"}, "1"),
    ({"overdue": "true"}, "1"),
    ({"area": "06652"}, "1"),
    ({"area": "22"}, "4321"),
    ({"responsible": "so_khcn"}, "1"),
    ({"holder": "so_y_te"}, "2"),
    ({"channel": "phone"}, "2"),
    ({"category": "rác thải"}, "1"),
    ({"opened_from": "2026-11-07"}, "43"),
    ({"kind": "dossier"}, ""),
    ({"source": "one_stop"}, ""),
]


def test_cases_are_narrowed(province: Province):
    province.keep("reports_1022", CASES)
    found = [
        "".join(one["key"] for one in province.get("/api/v1/cases", **asked).items) for asked, _ in NARROWED
    ]
    assert list(zip(NARROWED, found, strict=True)) == [((asked, keys), keys) for asked, keys in NARROWED]


def test_a_case_states_its_fields_by_the_words_of_the_project(province: Province):
    province.keep("reports_1022", [CASES[0]._replace(facts={"rating": "satisfied"})])
    (case,) = province.get("/api/v1/cases").items
    assert case["id"] == "reports_1022:1"
    assert case["opened"] == "2026-11-05T00:00:00+07:00"
    assert case["closed"] is None
    assert case["overdue"] is True
    assert case["on_time"] is None
    assert case["facts"] == {"rating": "satisfied"}
    assert case["known_from"] == "2026-11-20T10:00:00.001+07:00"


def test_the_time_a_case_waited_for_its_applicant_does_not_make_it_overdue(province: Province):
    province.keep("reports_1022", [CASES[0], CASES[0]._replace(key="5", waited_s=20 * 86_400)])
    told = {one["key"]: one["overdue"] for one in province.get("/api/v1/cases").items}
    assert told == {"1": True, "5": False}
    assert [one["key"] for one in province.get("/api/v1/cases", overdue="true").items] == ["1"]
    assert province.get("/api/v1/indicators/reports_overdue").json["value"] == 1


def test_a_case_falls_overdue_with_no_poll(province: Province):
    province.keep("reports_1022", [CASES[1]])
    asked = {"overdue": "true"}
    first = province.get("/api/v1/cases", **asked)
    assert first.items == []
    province.at("2026-12-01T10:00")
    again = province.get("/api/v1/cases", headers={"If-None-Match": first.headers["etag"]}, **asked)
    assert [one["key"] for one in again.items] == ["2"]


def test_a_case_is_told_with_all_its_versions(province: Province):
    province.keep("reports_1022", [CASES[0]])
    province.at("2026-11-20T10:05")
    province.keep("reports_1022", [CASES[0]._replace(state="closed", closed=epoch("2026-11-20T10:04"))])
    told = province.get("/api/v1/cases/reports_1022:1").json
    assert told["state"] == "closed"
    assert [one["state"] for one in told["versions"]] == ["open", "closed"]
    assert told["versions"][0]["known_to"] == told["versions"][1]["known_from"]
    assert told["withdrawn"] is None
    then = province.get("/api/v1/cases/reports_1022:1", as_of="2026-11-20T10:03:00+07:00").json
    assert then["state"] == "open"
    assert [one["known_to"] for one in then["versions"]] == [None]


def test_a_key_with_a_slash_has_an_address(province: Province):
    province.keep("reports_1022", [CASES[0]._replace(key="12/PA-UBND?")])
    reply = province.get("/api/v1/cases/reports_1022:12/PA-UBND%3F")
    assert (reply.status, reply.json["key"]) == (200, "12/PA-UBND?")


def test_events_are_narrowed_and_active_by_the_clock(province: Province):
    start = epoch("2026-11-20T08:00")
    province.keep(
        "warnings",
        [
            Event("mua", "warning", start, start + 4 * 3600, "orange", "Mưa lớn", ("06652",)),
            Event("gio", "warning", start - 86_400, start - 3600, "yellow", "Gió mạnh"),
        ],
    )
    assert [one["key"] for one in province.get("/api/v1/events").items] == ["mua", "gio"]
    (active,) = province.get("/api/v1/events", active="true").items
    assert (active["key"], active["active"], active["areas"]) == ("mua", True, ["06652"])
    assert [one["key"] for one in province.get("/api/v1/events", severity="yellow").items] == ["gio"]
    province.at("2026-11-20T12:00")
    assert province.get("/api/v1/events", active="true").items == []


def hours(count: int, first: str = "2026-11-19T01:00", value: float = 20) -> list[Observation]:
    """Make hourly PM2.5 of one station, times marking the end of the hour."""
    return [
        Observation(
            "pm25", epoch(first) + 3600 * hour, "tram_ha_long", value + hour, span="hour", kind="mean"
        )
        for hour in range(count)
    ]


def test_pages_over_changing_observations_give_each_row_once(province: Province):
    province.keep("air", hours(30))
    asked = {"variable": "pm25", "from": "2026-11-19", "to": "2026-11-21"}
    values = iter(range(100, 1000, 50))

    def change() -> None:
        province.clock[0] += 60
        province.keep("air", hours(33, value=next(values)))

    found = walk(province, "/api/v1/observations", change, limit=7, **asked)
    assert [one["value"] for one in found] == [20 + hour for hour in range(30)]
    assert found[0] | {"known_from": "", "run": 0} == {
        "source": "air", "variable": "pm25", "unit": "ug/m3", "agency": None, "category": None, "channel": None,
        "span": "hour", "kind": "mean", "method": "measured", "place": "tram_ha_long",
        "time": "2026-11-19T01:00:00+07:00", "value": 20.0, "flag": None, "known_from": "", "run": 0,
    }  # fmt: skip


def test_observations_roll_into_local_days(province: Province):
    province.keep("air", hours(24))
    asked = {"variable": "pm25", "place": "QNH-01", "grain": "day", "from": "2026-11-19", "to": "2026-11-20"}
    (day,) = province.get("/api/v1/observations", **asked).items
    assert (day["start"], day["n"], day["n_valid"]) == ("2026-11-19T00:00:00+07:00", 24, 24)
    assert (day["value"], day["min"], day["max"], day["last"]) == (31.5, 20, 43, 43)
    hourly = province.get("/api/v1/observations", **asked | {"grain": "hour"}).items
    assert [one["value"] for one in hourly] == [20 + hour for hour in range(24)]


def test_observations_as_of_then_are_as_they_were(province: Province):
    province.keep("air", hours(2))
    province.at("2026-11-20T10:05")
    province.keep("air", hours(2, value=70))
    asked = {"variable": "pm25", "from": "2026-11-19", "as_of": "2026-11-20T10:03:00+07:00"}
    assert [one["value"] for one in province.get("/api/v1/observations", **asked).items] == [20, 21]
