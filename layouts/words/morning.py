"""The words of the morning's briefing."""

from __future__ import annotations

WORDS: dict[str, tuple[str, str]] = {
    "nav.morning": ("Giao ban sáng", "Morning briefing"),
    "morning.title": ("Giao ban sáng {day}", "Morning briefing of {day}"),
    "morning.night": ("Đêm qua, {start}–{end}", "Last night, {start}–{end}"),
    "morning.quiet": ("Không có vụ việc nào được báo cáo trong đêm.", "No matter was reported overnight."),
    "morning.warnings": ("Cảnh báo", "Warnings"),
    "morning.no_warnings": ("Không có cảnh báo đang có hiệu lực.", "No warning is in force."),
    "morning.work": ("Việc trong ngày", "The day's work"),
    "morning.no_work": (
        "Không có hồ sơ nào quá hạn từ 17:00 hoặc đến hạn hôm nay.",
        "Nothing fell overdue since 17:00 or is due today.",
    ),
    "morning.kind": ("Loại", "Kind"),
    "morning.overdue": ("Quá hạn từ 17:00", "Overdue since 17:00"),
    "morning.due": ("Còn đến hạn hôm nay", "Still due today"),
    "morning.most": ("Nhiều nhất", "Most of them"),
    "morning.deaths": ("chết {n}", "{n} dead"),
    "morning.injured": ("bị thương {n}", "{n} injured"),
    "morning.until": ("đến {time}", "until {time}"),
    "morning.risk": ("cấp độ rủi ro {n}", "risk level {n}"),
    "morning.print": ("In một trang A4", "Print on one A4 sheet"),
    "morning.attention": ("Cần chú ý", "Needs attention"),
}
