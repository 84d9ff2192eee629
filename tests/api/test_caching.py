"""Tags: an answer that somebody holds is not sent again, and never stands longer than it is right."""

from __future__ import annotations

import gzip
import hashlib

import brotli
import orjson
import pytest

from api.boards import coding_of
from api.caching import holds
from ioc.model import Case
from ioc.store.published import keep_board
from tests.api.province import Province, dossiers, epoch

READING = "/api/v1/indicators/dossiers_on_time"
OVERDUE = "/api/v1/indicators/reports_overdue"


def resolve(province: Province, count: int, on_time: int) -> None:
    """Keep so many dossiers that were closed this month, some of them on time."""
    for page in dossiers(count, on_time):
        province.keep("one_stop", page)


def test_an_unchanged_answer_is_304_and_a_record_changes_it(province: Province):
    resolve(province, 10, 5)
    tag = province.get(READING).headers["etag"]
    assert tag.startswith('W/"')
    again = province.get(READING, headers={"If-None-Match": f'"other", {tag}'})
    assert (again.status, again.body, again.headers["etag"]) == (304, b"", tag)
    assert "content-type" not in again.headers
    resolve(province, 10, 6)
    changed = province.get(READING, headers={"If-None-Match": tag})
    assert (changed.status, changed.json["num"]) == (200, 6)


def test_an_age_alone_changes_no_tag(province: Province):
    resolve(province, 10, 5)
    first = province.get(READING)
    province.at("2026-11-20T10:03")
    assert province.get(READING, headers={"If-None-Match": first.headers["etag"]}).status == 304
    second = province.get(READING)
    assert second.json["age_s"] == first.json["age_s"] + 180
    assert second.headers["etag"] == first.headers["etag"]


def test_a_reading_is_asked_anew_once_it_is_not_valid_any_more(province: Province):
    due = epoch("2026-11-20T10:04:00")
    province.keep("reports_1022", [Case("1", "report", "open", due - 86_400, due=due)])
    first = province.get(OVERDUE)
    assert first.json["value"] == 0
    assert epoch(first.json["valid_until"]) <= due + 1
    province.at("2026-11-20T10:03:59")
    held = {"If-None-Match": first.headers["etag"]}
    assert province.get(OVERDUE, headers=held).status == 304
    province.at("2026-11-20T10:04:01")
    second = province.get(OVERDUE, headers=held)
    assert (second.status, second.json["value"]) == (200, 1)
    assert second.headers["etag"] != first.headers["etag"]


def test_a_source_going_silent_changes_the_reading_with_no_new_data(province: Province):
    resolve(province, 10, 10)
    first = province.get(READING)
    assert first.json["status"] == "good"
    province.at("2026-11-20T10:10:02")
    second = province.get(READING, headers={"If-None-Match": first.headers["etag"]})
    assert (second.status, second.json["status"], second.json["freshness"]) == (200, "stale", "late")


def test_a_question_has_a_tag_of_its_own(province: Province):
    resolve(province, 10, 5)
    questions = [{}, {"period": "2026-11"}, {"period": "2026-10"}, {"area": "22"}, {"channel": "app"}]
    tags = [province.get(READING, **asked).headers["etag"] for asked in questions]
    assert len(set(tags)) == len(tags)
    swapped = province.get(READING + "?channel=app&area=22").headers["etag"]
    assert swapped == province.get(READING + "?area=22&channel=app").headers["etag"]


def test_a_refused_question_has_no_tag(province: Province):
    assert "etag" not in province.get(READING, period="soon").headers


def publish(province: Province, lang: str, body: bytes) -> None:
    """Publish a board as the publisher does."""
    with province.product.store.writing(province.fence) as commit:
        etag = hashlib.sha256(body).hexdigest()
        keep_board(commit, "overview", lang, etag, body, gzip.compress(body, mtime=0), brotli.compress(body))


DOCUMENT = orjson.dumps({"tiles": [{"vi": "Đã xử lý", "value": 94.84}] * 50})


ACCEPTED = {"": "", "gzip": "gzip", "gzip, deflate, br": "br", "br;q=0, gzip;q=0.5": "gzip", "identity": ""}


def test_a_board_is_sent_in_the_coding_that_is_accepted(province: Province):
    publish(province, "vi", DOCUMENT)
    for accepted, coding in ACCEPTED.items():
        reply = province.get("/api/v1/boards/overview", headers={"Accept-Encoding": accepted})
        assert reply.headers.get("content-encoding", "") == coding
        unpack = {"gzip": gzip.decompress, "br": brotli.decompress}.get(coding, bytes)
        assert unpack(reply.body) == DOCUMENT
        assert reply.headers["vary"] == "Accept-Encoding"
        assert reply.headers["content-type"] == "application/json; charset=utf-8"
        assert reply.headers["content-length"] == str(len(reply.body))


def test_a_board_has_a_strong_tag_for_each_version_language_and_coding(province: Province):
    publish(province, "vi", DOCUMENT)
    publish(province, "en", DOCUMENT)
    address = "/api/v1/boards/overview"
    asked = [("vi", ""), ("vi", "gzip"), ("vi", "br"), ("en", "br")]
    tags = [
        province.get(address, lang=lang, headers={"Accept-Encoding": coding}).headers["etag"]
        for lang, coding in asked
    ]
    assert len(set(tags)) == 4
    assert not any(tag.startswith("W/") for tag in tags)
    held = {"Accept-Encoding": "br", "If-None-Match": tags[2]}
    assert province.get(address, headers=held).status == 304
    publish(province, "vi", DOCUMENT.replace(b"94.84", b"94.85"))
    changed = province.get(address, headers=held)
    assert changed.status == 200
    assert b"94.85" in brotli.decompress(changed.body)


def test_boards_are_listed_with_their_version(province: Province):
    before = {one["id"]: one["version"] for one in province.get("/api/v1/boards").items}
    assert {"overview", "health", "land"} <= before.keys()
    assert set(before.values()) == {None}
    waiting = province.get("/api/v1/boards/overview")
    assert (waiting.status, "is not published yet" in waiting.json["detail"]) == (404, True)
    publish(province, "vi", DOCUMENT)
    one = next(one for one in province.get("/api/v1/boards").items if one["id"] == "overview")
    assert (one["version"], one["audience"]) == (1, "leaders")


@pytest.mark.parametrize(
    ("header", "coding"),
    [
        ("*", "br"),
        ("*;q=0", ""),
        ("gzip;q=1, br;q=0.5", "gzip"),
        ("BR", "br"),
        ("br;q=nonsense, gzip", "gzip"),
    ],
)
def test_the_coding_follows_the_weights(header: str, coding: str):
    assert coding_of(header) == coding


@pytest.mark.parametrize(
    ("header", "held"),
    [
        (None, False),
        ("*", True),
        ('W/"a"', True),
        ('"a"', True),
        ('"b", W/"a"', True),
        ('"ab"', False),
        ("a", False),
    ],
)
def test_tags_compare_weakly(header: str | None, held: bool):
    assert holds(header, 'W/"a"') is held
