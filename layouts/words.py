"""Every word on the screens, in Vietnamese (the source) and English: one glossary, one spelling."""

from __future__ import annotations

LANGUAGES = ("vi", "en")

WORDS: dict[str, tuple[str, str]] = {
    # status of a reading
    "status.good": ("Đạt", "On target"),
    "status.warning": ("Cần chú ý", "Needs attention"),
    "status.critical": ("Vượt ngưỡng", "Over the limit"),
    "status.stale": ("Mất kết nối nguồn dữ liệu", "Data source lost"),
    "status.neutral": ("", ""),
    "status.not_due": ("Chưa đến hạn báo cáo", "Report not due yet"),
    "status.never": ("Chưa có số liệu", "No data yet"),
    "status.none": ("Chưa đủ số liệu", "Not enough data"),
    "status.loading": ("Đang tải", "Loading"),
    "status.late": ("Chậm cập nhật", "Updated late"),
    "status.down": ("Mất kết nối nguồn dữ liệu", "Data source lost"),
    "status.rejected": ("Dữ liệu bị từ chối", "Data rejected"),
    # state of a source
    "source.live": ("bình thường", "normal"),
    "source.late": ("chậm cập nhật", "late"),
    "source.down": ("mất kết nối", "lost"),
    "source.rejected": ("bị từ chối", "rejected"),
    "source.never": ("chưa có", "none yet"),
    "source.not_due": ("chưa đến hạn", "not due"),
    "source.disabled": ("khai báo sai", "faulty declaration"),
    # indicators whose names are fixed by the trade
    "dossiers_on_time": ("Tỷ lệ giải quyết trước và đúng hạn", "Share resolved before or on time"),
    "dossiers_overdue": ("Hồ sơ quá hạn chưa giải quyết", "Overdue and unresolved dossiers"),
    "dossiers_online_share": ("Tỷ lệ hồ sơ trực tuyến", "Share of online dossiers"),
    "dossiers_received_today": ("Tiếp nhận trong ngày", "Received today"),
    "reports_on_time": ("Xử lý đúng hạn", "Handled on time"),
    "reports_overdue": ("Quá hạn, cũ nhất {n} ngày làm việc", "Overdue, oldest {n} working days"),
    "bed_occupancy": ("Công suất sử dụng giường bệnh", "Hospital bed occupancy"),
    "certificates_issued": ("Giấy chứng nhận QSDĐ đã cấp", "Land-use certificates issued"),
    "warning.active": (
        "Cảnh báo đang có hiệu lực, cấp độ rủi ro {n}",
        "Warning in force, disaster risk level {n}",
    ),
    # time and origin
    "updated": ("cập nhật {age}", "updated {age}"),
    "as_at": ("số liệu lúc {time}", "data as at {time}"),
    "at": ("lúc {time}", "at {time}"),
    "since": ("từ {time}", "since {time}"),
    "last_value": ("giá trị cuối, {time}", "last value, {time}"),
    "explain": ("Căn cứ số liệu", "Basis of this number"),
    "original": ("Dữ liệu gốc", "Original data"),
    "shown_before": ("Giá trị đã hiển thị", "Values shown before"),
    "after_closing": ("Cập nhật sau khi chốt số liệu", "Updated after closing"),
    "not_counted": ("Không tính (thiếu ngày hẹn trả)", "Not counted (no due date)"),
    "counted": ("Tính vào", "Counted"),
    "contradiction": ("Số liệu chưa thống nhất", "Figures that disagree"),
    "as_of_now": ("Số liệu tại thời điểm: hiện tại", "Figures as of: now"),
    "rankings": ("Xếp hạng, chỉ tiêu", "Rankings, targets"),
    "one_stop": ("HTTT giải quyết TTHC", "One-stop system"),
    "id_card": ("Thẻ căn cước", "Identity card"),
    "technical": ("Chi tiết kỹ thuật", "Technical details"),
    "simulated": ("DỮ LIỆU MÔ PHỎNG", "SIMULATED DATA"),
    "server_lost": ("Mất kết nối từ {time}", "Connection lost since {time}"),
    "collector_lost": ("Bộ thu thập dừng từ {time}", "Collector stopped since {time}"),
    "server_lost.tile": ("Giá trị cuối trước khi mất kết nối", "Last value before the connection was lost"),
    "paused": ("Tạm dừng chuyển cảnh", "Rotation paused"),
    "no_board": (
        "Chưa có số liệu nào được công bố. Màn hình tự cập nhật khi bộ thu thập công bố lần đầu.",
        "Nothing has been published yet. This screen fills itself once the collector publishes.",
    ),
    # tile
    "target": ("chỉ tiêu", "target"),
    "target.short_of": ("thiếu", "short by"),
    "target.beyond": ("vượt", "ahead by"),
    "target.over": ("quá", "over by"),
    "target.below": ("thấp hơn", "below by"),
    "target.met": ("đã đạt", "met"),
    "points": ("điểm %", "pct points"),
    "vs_last_year": ("so cùng kỳ", "on last year"),
    "vs_previous": ("so kỳ trước", "on the period before"),
    "unchanged": ("không đổi", "unchanged"),
    "oldest": ("cũ nhất {n} ngày làm việc", "oldest {n} working days"),
    "rank": ("hạng {n}/{of}", "rank {n} of {of}"),
    "weakest": ("yếu nhất: {name}", "weakest: {name}"),
    "in_hand": ("{share} của {n} đang giữ", "{share} of {n} in hand"),
    "threshold": ("ngưỡng {n}", "threshold {n}"),
    "unfinished": ("kỳ chưa kết thúc, chưa kết luận", "unfinished, no verdict yet"),
    "too_little": ("không đủ số liệu để kết luận", "not enough data for a verdict"),
    "inputs": ("tính trên {used}/{expected} nguồn", "from {used} of {expected} sources"),
    "bound.ge": ("trên", "over"),
    "bound.le": ("dưới", "under"),
    # panels
    "last_year": ("cùng kỳ", "last year"),
    "this_year": ("kỳ này", "this period"),
    "limit": ("ngưỡng", "limit"),
    "per.hour": ("mỗi giờ", "hourly"),
    "per.day": ("mỗi ngày", "daily"),
    "per.week": ("mỗi tuần", "weekly"),
    "per.month": ("mỗi tháng", "monthly"),
    "per.quarter": ("mỗi quý", "quarterly"),
    "per.year": ("mỗi năm", "yearly"),
    "no_rows": ("Không có đơn vị nào có số liệu", "No unit has figures"),
    "none_overdue": ("Không có trường hợp nào", "None"),
    "no_points": ("Chưa đủ số liệu để vẽ", "Not enough data to draw"),
    "no_stations": ("Chưa trạm nào có số liệu", "No station has data yet"),
    "no_data": ("không có số liệu", "no data"),
    "approximate": ("ranh giới gần đúng", "approximate boundaries"),
    "governing": ("do {name}", "by {name}"),
    "stations": ("Trạm quan trắc", "Stations"),
    "others": ("và {n} đơn vị khác", "and {n} more"),
    "sources.n": ("{n} nguồn", "{n} sources"),
    # sentences around
    "province_centre": (
        "Trung tâm Giám sát, điều hành thông minh",
        "Intelligent Operations Centre",
    ),
    "scene.overview": ("Toàn cảnh", "Overview"),
    # desk
    "nav.sectors": ("Lĩnh vực", "Sectors"),
    "nav.data": ("Dữ liệu", "Data"),
    "nav.overview": ("Tổng quan", "Overview"),
    "nav.sources": ("Nguồn", "Sources"),
    "nav.wall": ("Màn hình lớn", "Wall"),
    "nav.menu": ("Danh mục", "Menu"),
    "nav.skip": ("Tới nội dung chính", "Skip to content"),
    "tab.overview": ("Tổng quan", "Overview"),
    "tab.units": ("Theo đơn vị", "By unit"),
    "tab.map": ("Bản đồ", "Map"),
    "tab.records": ("Hồ sơ", "Records"),
    "tab.definitions": ("Định nghĩa", "Definitions"),
    "filter.period": ("Kỳ", "Period"),
    "filter.area": ("Khu vực", "Area"),
    "filter.agency": ("Cơ quan", "Agency"),
    "filter.category": ("Lĩnh vực", "Category"),
    "filter.channel": ("Kênh tiếp nhận", "Channel"),
    "filter.compare": ("So với", "Compared with"),
    "filter.all": ("tất cả", "all"),
    "filter.default": ("theo định nghĩa", "as defined"),
    "filter.clear": ("Bỏ lọc", "Clear"),
    "compare.last_year": ("cùng kỳ năm trước", "same period last year"),
    "compare.previous": ("kỳ trước", "the period before"),
    "click_to_filter": ("bấm để lọc", "click to filter"),
    "theme": ("Đổi nền sáng, tối", "Switch light and dark"),
    "language": ("Ngôn ngữ", "Language"),
    "close": ("Đóng", "Close"),
    "explain.formula": ("Công thức", "Formula"),
    "explain.basis": ("Căn cứ · phụ trách", "Basis · owner"),
    "explain.records": ("Hồ sơ đã tính", "Records counted"),
    "explain.sources": ("Nguồn", "Sources"),
    "explain.rejected": ("Bị từ chối", "Rejected"),
    "explain.see": ("Xem hồ sơ", "See the records"),
    "explain.failed": (
        "Chưa giải thích được số liệu này. Thử lại sau ít phút; nếu vẫn vậy, báo quản trị hệ thống.",
        "This number cannot be explained right now. Try again in a few minutes, then tell the administrator.",
    ),
    "failed": (
        "Không đọc được số liệu. Thử lại sau ít phút; nếu vẫn vậy, báo quản trị hệ thống.",
        "The figures could not be read. Try again in a few minutes, then tell the administrator.",
    ),
    "empty": ("Không có bản ghi nào khớp với bộ lọc.", "No record matches the filters."),
    "not_found": (
        "Không có trang này. Chọn một lĩnh vực ở danh mục.",
        "There is no such page. Choose a sector from the menu.",
    ),
    "records.none": (
        "Lĩnh vực này nhận số đo, không có hồ sơ để liệt kê.",
        "This sector holds measurements, no records to list.",
    ),
    "col.key": ("Mã", "Key"),
    "col.kind": ("Loại", "Kind"),
    "col.category": ("Lĩnh vực", "Category"),
    "col.responsible": ("Đơn vị chịu trách nhiệm", "Responsible"),
    "col.holder": ("Đang giữ", "Held by"),
    "col.opened": ("Tiếp nhận", "Received"),
    "col.due": ("Hẹn trả", "Due"),
    "col.closed": ("Kết thúc", "Closed"),
    "col.state": ("Trạng thái", "State"),
    "col.channel": ("Kênh tiếp nhận", "Channel"),
    "col.step": ("Bước", "Step"),
    "col.area": ("Khu vực", "Area"),
    "col.name": ("Tên", "Name"),
    "col.value": ("Giá trị", "Value"),
    "col.num": ("Tử số", "Numerator"),
    "col.den": ("Mẫu số", "Denominator"),
    "col.share": ("% đang giữ", "% in hand"),
    "col.place": ("Nơi đo", "Place"),
    "col.time": ("Lúc đo", "Measured at"),
    "col.variable": ("Thông số", "Variable"),
    "state.new": ("Mới đăng ký", "New"),
    "state.refused": ("Từ chối tiếp nhận", "Refused"),
    "state.open": ("Đang xử lý", "In progress"),
    "state.waiting_supplement": ("Chờ bổ sung", "Waiting for supplements"),
    "state.waiting_payment": ("Chờ nghĩa vụ tài chính", "Waiting for payment"),
    "state.stopped": ("Dừng xử lý", "Stopped"),
    "state.closed": ("Đã kết thúc", "Closed"),
    "period.hour": ("giờ", "hour"),
    "period.day": ("ngày", "day"),
    "period.week": ("tuần", "week"),
    "period.month": ("tháng", "month"),
    "period.quarter": ("quý", "quarter"),
    "period.year": ("năm", "year"),
    "period.last_24h": ("24 giờ qua", "last 24 hours"),
    "period.last_7d": ("7 ngày qua", "last 7 days"),
    "period.last_30d": ("30 ngày qua", "last 30 days"),
    "period.to_date": ("lũy kế", "to date"),
    "period.report": ("kỳ báo cáo", "reporting period"),
    "def.owner": ("Phụ trách", "Owner"),
    "def.basis": ("Căn cứ", "Basis"),
    "def.unit": ("Đơn vị tính", "Unit"),
    "def.period": ("Kỳ mặc định", "Default period"),
    "def.limits": ("Ngưỡng", "Limits"),
    "def.target": ("Chỉ tiêu", "Target"),
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

UNITS: dict[str, tuple[str, str]] = {
    "%": ("%", "%"),
    "1": ("", ""),
    "": ("", ""),
    "{dossier}": ("hồ sơ", "dossiers"),
    "{report}": ("phản ánh", "reports"),
    "{case}": ("ca", "cases"),
    "{certificate}": ("giấy", "certificates"),
    "{bed}": ("giường", "beds"),
    "{visit}": ("lượt", "visits"),
    "{outbreak}": ("ổ dịch", "outbreaks"),
    "{station}": ("trạm", "stations"),
    "{exceedance}": ("lần vượt", "exceedances"),
    "{score}": ("điểm", "points"),
    "{point}": ("điểm", "points"),
    "{facility}": ("cơ sở", "facilities"),
    "{index}": ("", ""),
    "{rank}": ("hạng", "rank"),
    "d": ("ngày", "days"),
    "h": ("giờ", "hours"),
    "min": ("phút", "min"),
    "{working_day}": ("ngày làm việc", "working days"),
    "ug/m3": ("µg/m³", "µg/m³"),
    "mg/m3": ("mg/m³", "mg/m³"),
    "mg/L": ("mg/l", "mg/l"),
    "Cel": ("°C", "°C"),
    "mm": ("mm", "mm"),
    "VND": ("đồng", "VND"),
    "MVND": ("tr. đồng", "m VND"),
}

BANDS: dict[str, tuple[str, str]] = {
    "good": ("Tốt", "Good"),
    "moderate": ("Trung bình", "Moderate"),
    "poor": ("Kém", "Poor"),
    "bad": ("Xấu", "Bad"),
    "very_bad": ("Rất xấu", "Very bad"),
    "hazardous": ("Nguy hại", "Hazardous"),
}


CHANNELS: dict[str, tuple[str, str]] = {
    "online": ("Trực tuyến", "Online"),
    "direct": ("Trực tiếp", "In person"),
    "post": ("Bưu chính", "Post"),
    "phone": ("Điện thoại", "Telephone"),
    "hotline": ("Tổng đài", "Hotline"),
    "app": ("Ứng dụng", "App"),
    "web": ("Trang web", "Website"),
    "zalo": ("Zalo", "Zalo"),
    "facebook": ("Facebook", "Facebook"),
    "email": ("Thư điện tử", "E-mail"),
}

SUBSTANCES = {
    "pm25": "PM2,5",
    "pm2_5": "PM2,5",
    "pm10": "PM10",
    "o3": "O₃",
    "no2": "NO₂",
    "so2": "SO₂",
    "co": "CO",
}

_SHORTER = (
    ("phường ", "P. "),
    ("xã ", "X. "),
    ("đặc khu ", "ĐK "),
    ("bệnh viện ", "BV "),
    ("trung tâm y tế ", "TTYT "),
)


def channel(key: str, lang: str) -> str:
    """Return how a channel is called; one that nobody planned for by the name it came with."""
    known = CHANNELS.get(key)
    return known[lang == "en"] if known else key


def shorter(name: str) -> str:
    """Return the name of a commune, its committee or a hospital as lists write it: P. Cẩm Phả, BV Bãi Cháy."""
    bare = name.removeprefix("UBND ")
    for long, short in _SHORTER:
        if bare.lower().startswith(long):
            return short + bare[len(long) :]
    return name


def say(key: str, lang: str, /, **values: object) -> str:
    """Return the words of a key, with its {places} filled. Raises KeyError for a key that is not declared."""
    text = WORDS[key][lang == "en"]
    return text.format(**values) if values else text


def unit(code: str, lang: str) -> str:
    """Return how a unit is written after a number; an unknown one as it is declared, without braces."""
    known = UNITS.get(code)
    return known[lang == "en"] if known else code.strip("{}").replace("_", " ")


def language(value: object) -> str:
    """Return "vi" or "en" from whatever a URL or a cookie says."""
    return "en" if value == "en" else "vi"
