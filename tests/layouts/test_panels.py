"""Panels are pure: a part and a language go in, props come out."""

from __future__ import annotations

import orjson
import pytest

from layouts.panels import map as maps
from layouts.panels import ranking, strips, tile, trend
from layouts.screen import WALL, build, dump, part_id, parts
from layouts.theme import DARK, ink
from tests.layouts import sample


def said(props) -> str:
    """Return every text of a drawn part, one after the other."""
    found: list[str] = []

    def walk(value):
        if isinstance(value, str):
            found.append(value)
        elif isinstance(value, list):
            for part in value:
                walk(part)
        elif isinstance(value, dict):
            walk(value.get("props", {}).get("children") if "props" in value else value.get("children"))

    walk(orjson.loads(dump(props)))
    return " | ".join(found)


@pytest.mark.parametrize(
    ("indicator", "look", "words"),
    [
        ("reports_on_time", "good", ["94,8", "Đạt", "chỉ tiêu 90%, vượt 4,8", "+0,9 điểm % so kỳ trước", "30 ngày qua"]),
        ("dossiers_on_time", "warning", ["93,7", "Cần chú ý", "chỉ tiêu 98%, thiếu 4,3", "−1,9 điểm % so cùng kỳ", "tháng 11"]),
        ("dossiers_overdue", "critical", ["563", "hồ sơ", "Vượt ngưỡng", "cũ nhất 23 ngày làm việc", "hiện tại"]),
        ("land_overdue", "stale", ["118", "Mất kết nối nguồn dữ liệu", "giá trị cuối, 07:40"]),
        ("certificates_issued", "neutral", ["1.412", "giấy", "+8% so cùng kỳ"]),
        ("dengue_week", "waiting", ["–", "Chưa đến hạn báo cáo", "Hạn báo cáo 17:00 thứ Hai, 23/11/2026"]),
        ("bed_occupancy", "warning", ["tính trên 11/12 nguồn"]),
        ("score_766", "neutral", ["88,4", "điểm", "hạng 12/34", "yếu nhất: thanh toán"]),
    ],
)  # fmt: skip
def test_a_tile_says_its_state(indicator, look, words):
    drawn = tile.draw(sample.tiles()[indicator], "vi")
    assert drawn["className"] == f"tile is-{look}"
    for word in words:
        assert word in said(drawn)


def test_a_volume_has_no_status_word():
    text = said(tile.draw(sample.tiles()["certificates_issued"], "vi"))
    assert "Đạt" not in text
    assert "Cần chú ý" not in text


def test_a_tile_that_was_never_reported_says_so_and_nothing_shows_as_none():
    part = {**sample.tiles()["dengue_week"], "freshness": "never", "sentence": None, "period": None}
    text = said(tile.draw(part, "vi"))
    assert "Chưa có số liệu" in text
    assert not any(word in text for word in ("None", "nan", "undefined"))


def test_an_hourly_index_carries_its_band_by_name_and_legal_colour():
    detail = {"band": {"vi": "Kém", "en": "Unhealthy for sensitive groups", "colour": "#FF7E00"}}
    part = {**sample.tiles()["score_766"], "detail": detail, "where": {"name": {"vi": "Cẩm Phả"}}}
    drawn = tile.draw(part, "vi")
    assert "Kém" in said(drawn)
    assert "Cẩm Phả" in said(drawn)
    assert "#FF7E00" in dump(drawn).decode()


def test_departments_and_communes_are_ranked_apart_by_count_with_the_share_beside():
    text = said(ranking.draw(sample.ranking_panel("middle"), "vi", rows=2))
    assert text.index("Sở, ngành") < text.index("Sở NN&MT | 214 | 8%") < text.index("UBND cấp xã")
    assert "P. Cẩm Phả | 62 | 11%" in text
    assert "Sở Tài chính" not in text


@pytest.mark.parametrize(
    ("better", "first"),
    [("higher", "Nhỏ | 50% | 5/10"), ("lower", "Vừa | 60% | 60/100"), ("neutral", "Vừa | 60% | 60/100")],
)
def test_a_share_is_ranked_by_the_share_with_what_it_is_taken_of(better: str, first: str):
    rows = [
        {"key": name, "name": name, "value": 100 * num / den, "num": num, "den": den}
        for name, num, den in (("Lớn", 550, 1000), ("Nhỏ", 5, 10), ("Vừa", 60, 100))
    ]
    part = {"unit": "%", "decimals": 0, "better": better, "groups": [{"name": "", "rows": rows}]}
    text = said(ranking.draw(part, "vi"))
    assert text.index(first) < text.index("Lớn | 55% | 550/1.000")


def test_a_map_sends_values_and_no_shapes():
    drawn = maps.draw(sample.map_panel("middle"), "vi")
    sent = orjson.loads(drawn["data-map"])
    assert len(sent["areas"]) == 54
    assert "coordinates" not in drawn["data-map"]
    assert {station["band"] for station in sent["stations"]} >= {"Trung bình", "Kém", "Tốt", "mất kết nối"}


def test_the_axis_has_round_marks_that_hold_the_values():
    assert trend.ticks([310, 1450, None], zero=True) == [0, 500, 1000, 1500]
    assert trend.ticks([92.1, 95.6], zero=False) == [92, 94, 96]


def test_the_sources_are_summed_up_in_one_sentence():
    text = said(strips.sources(sample.SOURCES, "vi")).replace(" | ", " ")
    assert text.split() == [
        "10",
        "nguồn",
        "8",
        "bình",
        "thường",
        "1",
        "chậm",
        "cập",
        "nhật",
        "1",
        "mất",
        "kết",
        "nối",
    ]


def test_a_changed_tile_changes_one_part_and_the_same_document_the_same_bytes():
    before = sample.overview()
    after = sample.overview()
    after["tiles"][0]["value"] = 94.1
    old, new = parts(before, "vi", "wall"), parts(after, "vi", "wall")
    assert [name for name in new if dump(old[name]) != dump(new[name])] == ["overview-tile-dossiers_on_time"]
    assert build(before, "vi", "wall", "1").bodies == build(sample.overview(), "vi", "wall", "1").bodies


def test_every_kind_of_panel_draws_from_an_empty_part():
    for kind, draw in WALL.items():
        text = said(draw({"id": "x", "kind": kind, "name": "Tên"}, "vi"))
        assert "Tên" in text
        assert len(text) > 10


def test_words_on_a_band_and_on_the_wall_are_legible():
    for colour in ("#00E400", "#FFFF00", "#FF7E00", "#FF0000", "#8F3F97", "#7E0023"):
        assert contrast(ink(colour), colour) >= 4.5, colour
    for name in ("text", "quiet", "good", "warning"):
        assert contrast(DARK[name], DARK["panel"]) >= 6.5, name


def contrast(one: str, other: str) -> float:
    """Return the contrast ratio of two colours as WCAG defines it."""

    def luminance(colour: str) -> float:
        parts = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
        linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

    high, low = sorted((luminance(one), luminance(other)), reverse=True)
    return (high + 0.05) / (low + 0.05)


def test_a_panel_of_a_lost_source_greys_as_its_tiles_do():
    document = sample.overview()
    shown = parts(document, "vi", "wall")
    lost = {**document, "panels": [{**part, "freshness": "down"} for part in document["panels"]]}
    for part in document["panels"]:
        name = part_id("overview", part)
        if part["kind"] in ("trend", "ranking"):
            assert shown[name]["data-stale"] == ""
            assert parts(lost, "vi", "wall")[name]["data-stale"] == "1"


def test_a_map_of_stations_leaves_communes_without_one_as_ground():
    stations = [
        {"site": f"s{n}", "name": f"Trạm {n}", "lat": 21.0, "lon": 107.0, "value": 60} for n in range(2)
    ]
    few = {
        "rows": [{"area": "06673", "name": "Bãi Cháy", "value": 0, "num": 0, "den": 1}],
        "stations": stations,
    }
    many = {**few, "rows": [{"area": f"0{n}", "name": "", "value": 1} for n in range(6000, 6020)]}
    assert maps.sparse(few)
    assert not maps.sparse(many)
    assert "không có số liệu" not in str(maps.head(few, "vi"))
    assert "không có số liệu" in str(maps.head(many, "vi"))


def test_a_map_on_which_every_area_is_nought_has_one_colour_in_its_legend():
    rows = [{"area": code, "name": {"vi": code}, "value": 0} for code in ("06652", "06793")]
    none = maps.head({"name": "Quá hạn", "unit": "{dossier}", "rows": rows}, "vi")
    some = maps.head(
        {"name": "Quá hạn", "unit": "{dossier}", "rows": [*rows, {"area": "x", "value": 9}]}, "vi"
    )
    steps = [dump(head).count(b"step step-") - dump(head).count(b"step-none") for head in (none, some)]
    assert steps == [1, 6]


@pytest.mark.parametrize(
    ("values", "edges"),
    [
        ([96.2, 99.1, None], (90, 100)),
        ([52.0, 100.0], (50, 100)),
        ([0.0, 96.0], (0, 100)),
        ([3.0, 9.5], (0, 12)),
    ],
)
def test_shares_on_a_map_never_pass_a_hundred_and_high_ones_are_told_apart(values, edges):
    marks = maps.breaks(values)
    assert (marks[0], round(marks[-1])) == edges
    known = sorted(value for value in values if value is not None)
    assert maps.step(known[0], marks) < maps.step(known[-1], marks)


def test_two_lists_of_a_ranking_share_a_panel_of_the_wall():
    rows = [{"key": f"k{place}", "name": {"vi": f"Đơn vị {place}"}, "value": 9 - place} for place in range(9)]
    part = {"kind": "ranking", "id": "x", "name": "Quá hạn", "rows_shown": 8, "groups": [{"rows": rows}] * 2}
    board = {"id": "land", "panels": [part], "tiles": []}
    assert dump(parts(board, "vi", "wall")).count(b'rank-row"') == 10
    assert dump(parts(board, "vi", "desk")).count(b'rank-row"') == 16


def test_the_header_says_the_weather_and_greys_it_when_it_is_silent():
    tile = {"id": "t", "kind": "tile", "place": "header", "short": "Nhiệt độ", "unit": "Cel", "value": 24.3}
    live = {**tile, "status": "neutral", "freshness": "live", "fresh_until": sample.NOW + 60}
    silent = {**tile, "status": "stale", "freshness": "down"}
    drawn = strips.header([live, silent, {**live, "place": "left"}], "vi")
    assert said(drawn) == "Nhiệt độ | 24°C | Nhiệt độ | 24°C"
    assert [one.className for one in drawn["children"]] == [
        "head-reading is-neutral",
        "head-reading is-stale",
    ]
