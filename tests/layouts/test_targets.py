"""Panels of targets and funnels: what was reached, what is wanted, and which step is weakest."""

from layouts.panels import funnel, target, tile
from layouts.panels.table import draw as table
from tests.layouts.test_panels import said

PATH = {
    "id": "x", "kind": "target", "name": "Kinh tế số", "unit": "%", "decimals": 1, "value": 11.4, "bound": ">=",
    "path": [{"year": 2023, "value": 3}, {"year": 2026, "value": 20}, {"year": 2031, "value": 30}],
    "reached": [{"year": 2025, "value": None}, {"year": 2026, "value": 8}, {"year": 2026.9, "value": 11.4}],
    "target": {"value": 30, "by": 2030, "required": 21.8, "required_slope": 4.56, "on_track": False},
}  # fmt: skip
STEPS = [
    {"indicator": "a", "name": "Tiếp nhận", "value": 620, "share": None},
    {"indicator": "b", "name": "Có kết quả", "value": 588, "share": 94.8},
    {"indicator": "c", "name": "Đánh giá", "value": None, "share": None},
]


def test_a_path_says_what_it_wants_and_how_steep_it_is_from_here():
    text = said(target.draw(PATH, "vi"))
    assert "đạt ≥11,4" in text
    assert "lộ trình cần 21,8" in text
    assert "từ nay mỗi năm phải tăng 4,56" in text
    assert [year in text for year in ("2022", "2025", "2030")] == [True] * 3
    falling = {**PATH, "target": {**PATH["target"], "required_slope": -1.5}}
    assert "phải giảm 1,50" in said(target.draw(falling, "vi"))


def test_a_path_of_which_nothing_was_reached_is_drawn_all_the_same():
    drawn = target.draw({**PATH, "value": None, "reached": []}, "vi")
    assert "2030" in said(drawn)


def test_a_funnel_marks_its_weakest_step():
    part = {
        "id": "x",
        "kind": "funnel",
        "name": "Phễu",
        "steps": STEPS,
        "detail": {"weakest": {"indicator": "b"}},
    }
    text = said(funnel.draw(part, "vi"))
    assert "Có kết quả (yếu nhất) | 588 | 94,8" in text.replace(" | |", " |")
    assert "None" not in text


def test_targets_are_listed_with_what_they_want_and_how_they_stand():
    row = {
        "name": "Hộ có băng rộng", "pillar_name": "Xã hội số", "by": 2025, "value": 100, "unit": "%", "status": "going",
        "reading": {"value": 92.5, "bound": ">="}, "decimals": 1, "owner": {"vi": "Sở KH&CN", "en": "Sở KH&CN"},
    }  # fmt: skip
    part = {"id": "x", "kind": "targets", "name": "Chỉ tiêu", "rows": [row]}
    text = said(target.listed(part, "vi"))
    for words in ("Xã hội số", "2025", "≥92,5", "Sở KH&CN", "đang thực hiện"):
        assert words in text
    assert "Phụ trách" in said(target.listed(part, "vi", rows=5))
    assert "Sở KH&CN" in said(target.listed(part, "vi", rows=5))


def test_a_bound_wears_its_sign_on_tiles_and_in_tables():
    part = {
        "id": "x",
        "name": "Dùng",
        "value": 70,
        "unit": "%",
        "bound": ">=",
        "status": "good",
        "freshness": "live",
    }
    assert "≥ | 70" in said(tile.draw(part, "vi"))
    rows = [{"key": "a", "name": "Sở Y tế", "value": 70, "bound": "<="}]
    assert "≤70" in said(table({"id": "x", "kind": "table", "name": "Bảng", "rows": rows}, "vi"))
