"""The words about the data itself: sources, runs, rejected records."""

from __future__ import annotations

WORDS: dict[str, tuple[str, str]] = {
    # sources
    "sources.title": ("Nguồn dữ liệu", "Data sources"),
    "sources.source": ("Nguồn", "Source"),
    "sources.state": ("Tình trạng", "State"),
    "sources.last_success": ("Lấy được lần cuối", "Last success"),
    "sources.last_changed": ("Thay đổi lần cuối", "Last change"),
    "sources.next_poll": ("Lần hỏi tới", "Next poll"),
    "sources.records_today": ("Bản ghi hôm nay", "Records today"),
    "sources.rejected_today": ("Từ chối hôm nay", "Rejected today"),
    "sources.owner": ("Phụ trách", "Owner"),
    "sources.note": ("Ghi chú", "Note"),
    "sources.runs": ("Các lần hỏi gần đây", "Recent runs"),
    "sources.rejected": ("Bản ghi bị từ chối", "Rejected records"),
    "sources.poll_now": ("Hỏi ngay", "Poll now"),
    "sources.asked": (
        "Đã ghi yêu cầu; bộ thu thập sẽ hỏi nguồn này ngay.",
        "Noted; the collector will ask now.",
    ),
    "sources.choose": ("Chọn một nguồn để xem các lần hỏi.", "Choose a source to see its runs."),
    "sources.no_runs": ("Nguồn này chưa được hỏi lần nào.", "This source has not been asked yet."),
    "sources.no_rejected": ("Không có bản ghi nào bị từ chối.", "No record was rejected."),
    "sources.none": ("Chưa khai báo nguồn nào trong data/sources.", "No source is declared in data/sources."),
    "sources.structure": ("Thay đổi cấu trúc: {change}", "The structure changed: {change}"),
    "sources.disabled": (
        "Tắt vì khai báo sai: {file}, bảng {table}, khóa {key}: {text}",
        "Off because of a faulty declaration: {file}, table {table}, key {key}: {text}",
    ),
    "run.started": ("Bắt đầu", "Started"),
    "run.outcome": ("Kết quả", "Outcome"),
    "run.took": ("Thời gian", "Took"),
    "run.new": ("Mới", "New"),
    "run.changed": ("Đổi", "Changed"),
    "run.same": ("Không đổi", "Same"),
    "run.rejected": ("Từ chối", "Rejected"),
    "run.error": ("Lỗi", "Error"),
    "outcome.changed": ("có thay đổi", "changed"),
    "outcome.unchanged": ("không đổi", "unchanged"),
    "outcome.failed": ("không lấy được", "failed"),
    "outcome.running": ("đang hỏi", "running"),
    "rejected.address": ("Vị trí", "Where"),
    "rejected.reason": ("Lý do", "Reason"),
    "rejected.at": ("Lúc", "When"),
}
