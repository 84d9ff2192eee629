"""Numbers, dates and words as they must stand on a screen."""

from __future__ import annotations

import re

import pytest

from layouts import format as write
from layouts.words import WORDS, say, shorter
from tests.conftest import ROOT
from tests.layouts import sample


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        (write.number(1234567.8, 1), "1.234.567,8"),
        (write.number(1234567.8, 1, "en"), "1,234,567.8"),
        (write.number(-1.9, 1), "−1,9"),
        (write.number(2.5), "3"),
        (write.number(-0.04, 1), "0,0"),
        (write.number(None), "–"),
        (write.quantity(71, "%"), "71%"),
        (write.quantity(93.7, "%", 1), "93,7%"),
        (write.quantity(563, "{dossier}"), "563 hồ sơ"),
        (write.quantity(45.2, "ug/m3", 1), "45,2 µg/m³"),
        (" ".join(write.compact(500e6, "VND")), "500 triệu đồng"),
        (" ".join(write.compact(3_293_368, "{person}")), "3,29 triệu người"),
        (" ".join(write.compact(3_293_368, "MVND")), "3.293 tỷ đồng"),
        (" ".join(write.compact(12_345.67, "{person}", 2)), "12.346 người"),
        (" ".join(write.compact(-2.5e9, "VND", 0, "en")), "−2.50 bn VND"),
        (" ".join(write.compact(999_999, "{person}")), "999.999 người"),
        (write.compact(None, "%"), ("–", "%")),
        (write.change(16, 18, "{rank}", 0, "vi"), "tăng 2 bậc"),
        (write.change(25, 1, "{rank}", 0, "vi"), "giảm 24 bậc"),
        (write.day("2026-11-21T00:30:00+07:00"), "21/11/2026"),
        (write.day(sample.NOW), "21/11/2026"),
        (write.clock("2026-11-21T00:40:00Z"), "07:40"),
        (write.weekday(sample.NOW), "Thứ Bảy, 21/11/2026"),
        (write.weekday("2026-11-22T08:00:00+07:00"), "Chủ Nhật, 22/11/2026"),
        (write.weekday(sample.NOW, "en"), "Saturday, 21/11/2026"),
        (write.period(sample.MONTH), "tháng 11/2026"),
        (write.period(sample.MONTH, short=True), "tháng 11"),
        (write.period(sample.HOUR, short=True), "giờ 9–10"),
        (write.period(sample.WEEK), "tuần 46/2026"),
        (write.period(sample.STOCK), "hiện tại"),
        (write.period(sample.LAST_30D), "30 ngày qua"),
        (write.period({"kind": "quarter", "start": "2026-10-01T00:00:00+07:00"}), "quý IV/2026"),
        (write.change(93.7, 95.6, "%", 1, "vi"), "−1,9 điểm %"),
        (write.change(1412, 1307, "{certificate}", 0, "vi"), "+8%"),
        (write.change(88.4, 88.4, "{score}", 1, "vi"), "không đổi"),
        (write.moment("2026-11-20T00:00:00+07:00", sample.NOW), "20/11/2026"),
        (write.moment("2026-11-21T07:40:00+07:00", sample.NOW), "07:40"),
        (shorter("UBND phường Cẩm Phả"), "P. Cẩm Phả"),
        (write.change(5, 0, "{report}", 0, "vi"), ""),
        (write.age(40), "40 giây trước"),
        (write.age(3700), "1 giờ trước"),
        (say("updated", "vi", age=write.age(40)), "cập nhật 40 giây trước"),
        (say("as_at", "vi", time=write.clock("2026-11-21T07:40:00+07:00")), "số liệu lúc 07:40"),
    ],
)
def test_writes_as_a_vietnamese_reader_expects(written, expected):
    assert written == expected


SPOKEN = (
    "Đạt", "Cần chú ý", "Vượt ngưỡng", "Mất kết nối nguồn dữ liệu", "Chưa đến hạn báo cáo", "bình thường", "chậm cập nhật",
    "mất kết nối", "bị từ chối", "chưa có", "Tỷ lệ giải quyết trước và đúng hạn", "Hồ sơ quá hạn chưa giải quyết",
    "Tỷ lệ hồ sơ trực tuyến", "Tiếp nhận trong ngày", "Xử lý đúng hạn", "Quá hạn, cũ nhất {n} ngày làm việc",
    "Công suất sử dụng giường bệnh", "Giấy chứng nhận QSDĐ đã cấp", "Cảnh báo đang có hiệu lực, cấp độ rủi ro {n}",
    "Căn cứ số liệu", "Dữ liệu gốc", "Giá trị đã hiển thị", "Cập nhật sau khi chốt số liệu",
    "Không tính (thiếu ngày hẹn trả)", "Số liệu chưa thống nhất", "Số liệu tại thời điểm: hiện tại", "Xếp hạng, chỉ tiêu",
    "Kênh tiếp nhận", "HTTT giải quyết TTHC", "Thẻ căn cước", "Chi tiết kỹ thuật", "DỮ LIỆU MÔ PHỎNG",
)  # fmt: skip
SHUNNED = (
    "Nghiêm trọng", "Mất nguồn", "Đang quá hạn", "Nộp trực tuyến", "Nhận hôm nay", "Giường đã dùng", "Cấp giấy",
    "Vì sao?", "Bản gốc", "Từng hiện", "Về trễ", "Mâu thuẫn", "bây giờ", "mục tiêu", "Một cửa điện tử", "CCCD",
)  # fmt: skip


@pytest.mark.parametrize("words", SPOKEN)
def test_the_glossary_holds_every_agreed_word(words):
    assert words in {vietnamese for vietnamese, _ in WORDS.values()}


def test_no_shunned_word_stands_in_the_screens_or_boards():
    said = " ".join(vietnamese for vietnamese, _ in WORDS.values())
    said += " ".join(path.read_text("utf-8") for path in (ROOT / "data" / "boards").glob("*.toml"))
    assert [word for word in SHUNNED if word in said] == []


def test_every_word_is_said_in_both_languages_with_the_same_places():
    for key, (vietnamese, english) in WORDS.items():
        assert bool(vietnamese) == bool(english), key
        assert set(re.findall(r"{\w+}", vietnamese)) == set(re.findall(r"{\w+}", english)), key
