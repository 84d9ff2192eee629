"""A declaration in words: what is counted, of what, by which date, in Vietnamese and English."""

from __future__ import annotations

from collections.abc import Mapping

from ioc.conditions import Condition, Scalar
from ioc.indicators.above import Above
from ioc.indicators.composite import Composite
from ioc.indicators.definition import Definition
from ioc.indicators.parts import CaseFilter, Length, Pick
from ioc.indicators.watch import DEVIATIONS, Watch
from ioc.model import Text, Variable

Both = tuple[str, str]
"""Vietnamese, English."""

KINDS: Mapping[str, Both] = {
    "dossier": ("hồ sơ", "dossiers"),
    "report": ("phản ánh", "reports"),
    "land": ("hồ sơ đất đai", "land dossiers"),
    "land_request": ("hồ sơ đất đai", "land dossiers"),
    "task": ("nhiệm vụ", "tasks"),
    "document": ("văn bản đến", "documents"),
    "investment": ("dự án", "projects"),
    "incident": ("sự cố", "incidents"),
    "social_item": ("thông tin cần trả lời", "items to answer"),
    "hazard_point": ("điểm ngập, sạt lở, chia cắt", "hazard points"),
    "public_project": ("dự án đầu tư công", "public projects"),
    "checkpoint": ("lượt kiểm soát tại chốt", "checkpoint events"),
    "duty": ("vụ việc trực ban", "duty matters"),
    "press": ("bài báo", "articles"),
    "camera_event": ("sự kiện camera", "camera events"),
    "security_alert": ("cảnh báo an toàn thông tin", "security alerts"),
    "announcement": ("thông báo", "announcements"),
    "meeting": ("lịch công tác", "meetings"),
    "warning": ("cảnh báo", "warnings"),
}
BY: Mapping[str, Both] = {
    "opened": ("tính theo ngày tiếp nhận", "placed by the day of receipt"),
    "closed": ("tính theo ngày có kết quả", "placed by the day of the result"),
    "due": ("tính theo ngày hẹn trả", "placed by the due day"),
    "starts": ("tính theo lúc bắt đầu", "placed by their beginning"),
}
FLAGS: Mapping[str, tuple[Both, Both]] = {
    "received": (("đã tiếp nhận", "received"), ("chưa tiếp nhận", "not received")),
    "closed": (("đã có kết quả", "resolved"), ("chưa có kết quả", "unresolved")),
    "pending": (("đang giải quyết", "in hand"), ("không còn giải quyết", "not in hand")),
    "suspended": (("đang tạm dừng tính thời gian", "suspended"), ("không tạm dừng", "not suspended")),
    "has_due": (("có ngày hẹn trả", "with a due date"), ("thiếu ngày hẹn trả", "without a due date")),
    "has_area": (("có địa bàn", "with an area"), ("thiếu địa bàn", "without an area")),
    "has_point": (("có vị trí trên bản đồ", "with a point"), ("chưa có vị trí", "without a point")),
    "on_time": (("trước và đúng hạn", "on time"), ("không đúng hạn", "not on time")),
    "late": (("trễ hạn", "late"), ("không trễ hạn", "not late")),
}
FIELDS: Mapping[str, Both] = {
    "state": ("trạng thái", "state"),
    "status": ("mã trạng thái", "status"),
    "channel": ("kênh tiếp nhận", "channel"),
    "category": ("lĩnh vực", "category"),
    "level": ("mức độ", "level"),
    "step": ("bước", "step"),
    "responsible": ("cơ quan giải quyết", "responsible"),
    "received_by": ("nơi tiếp nhận", "received by"),
    "holder": ("nơi đang giữ", "holder"),
    "area": ("địa bàn", "area"),
    "site": ("điểm", "site"),
    "severity": ("mức độ", "severity"),
}
TAKES: Mapping[str, Both] = {
    "median": ("trung vị", "median"),
    **{f"p{n}": (f"bách phân vị {n}", f"{n}th percentile") for n in (10, 25, 50, 75, 90, 95)},
    "mean": ("trung bình", "mean"),
    "max": ("lớn nhất", "highest"),
    "min": ("nhỏ nhất", "lowest"),
    "sum": ("tổng", "sum"),
    "last": ("giá trị mới nhất", "newest value"),
    "worst": ("nơi xấu nhất", "worst place"),
    "count": ("số nơi", "number of places"),
}
DATES: Mapping[str, Both] = {
    "opened": ("tiếp nhận", "receipt"),
    "closed": ("có kết quả", "the result"),
    "due": ("hạn", "the due date"),
    "now": ("thời điểm hỏi", "the instant asked for"),
}
AGAINST: Mapping[str, Both] = {
    "previous": ("kỳ trước", "the period before"),
    "same_period_last_year": ("cùng kỳ năm trước", "the same period last year"),
}
GRAINS: Mapping[str, Both] = {
    "hour": ("giờ", "hours"),
    "day": ("ngày", "days"),
    "instant": ("lần đo", "values"),
}
STANDARDS: Mapping[str, Both] = {
    "qcvn_05": ("giới hạn của QCVN 05:2023", "its limit of QCVN 05:2023"),
    "permit": ("giới hạn của giấy phép", "its limit of the permit"),
}
FUNCTIONS: Mapping[str, Both] = {
    "vn_aqi_hour": (
        "VN_AQI giờ gần nhất đã kết thúc, trạm xấu nhất",
        "VN_AQI of the newest finished hour, worst station",
    ),
    "vn_aqi_day": (
        "VN_AQI ngày gần nhất đã kết thúc, trạm xấu nhất",
        "VN_AQI of the newest finished day, worst station",
    ),
    "air_exceedances": (
        "số trạm có trung bình 24 giờ vượt QCVN 05:2023",
        "stations whose daily mean exceeds QCVN 05:2023",
    ),
    "permit_exceedances": (
        "số cơ sở có trung bình giờ vượt giới hạn giấy phép",
        "facilities with an hourly mean outside their permit",
    ),
    "stations_silent": (
        "số trạm mất kết nối truyền dữ liệu",
        "stations that sent nothing for too long",
    ),
    "station_uptime": (
        "số giá trị nhận được / số giá trị phải truyền × 100",
        "values received / values expected × 100",
    ),
    "disease_week_alert": (
        "số ca của tuần, so với trung bình + k·SD cùng tuần các năm trước",
        "cases of the week, against mean + k·SD of the same week of earlier years",
    ),
    "disease_month_outbreak": (
        "số ca cộng dồn của tháng, so với trung bình 5 năm + 2 SD",
        "cumulative cases of the month, against five-year mean + 2 SD",
    ),
    "score_766": (
        "điểm do Cổng Dịch vụ công quốc gia công bố",
        "score as the national portal publishes it",
    ),
    "ranking": (
        "hạng công bố của tỉnh, hoặc thứ hạng theo điểm của các tỉnh cùng kỳ",
        "the province's published rank, or its place by the scores of all provinces of that time",
    ),
}


def formula(
    definition: Definition, variables: Mapping[str, Variable], names: Mapping[str, Text] | None = None
) -> dict[str, str]:
    """Return the formula of an indicator in words: {"vi": …, "en": …}; names: of the indicators it is made of."""
    if definition.composite is not None:
        return _text(_made(definition.composite, names or {}))
    if definition.function:
        return _text(FUNCTIONS.get(definition.function, (definition.function, definition.function)))
    if definition.shape == "observation":
        return _text(_observed(definition, variables))
    if definition.unusual is not None:
        return _text(_unusual(definition.unusual))
    kind = KINDS.get(definition.kind, (definition.kind, definition.kind))
    assert definition.num_cases is not None or definition.shape == "event"
    pending = definition.stock and definition.shape == "case"
    num = describe(definition.num_cases or CaseFilter(), kind, stock=pending)
    if definition.length is not None:
        num = _length(definition.length, num)
    elif definition.den_cases is not None:
        den = describe(definition.den_cases, kind, stock=definition.stock)
        num = (f"{num[0]} / {den[0]}", f"{num[1]} / {den[1]}")
        num = _times(definition, num)
    elif definition.den is not None:
        den = _pick(definition.den, variables)
        num = _times(definition, (f"{num[0]} / {den[0]}", f"{num[1]} / {den[1]}"))
    when = ("tại thời điểm hỏi", "at the instant asked for") if definition.stock else BY[definition.by]
    return _text((f"{num[0]}; {when[0]}", f"{num[1]}; {when[1]}"))


def _unusual(unusual: Watch) -> Both:
    label, days = FIELDS[unusual.by], unusual.days
    if unusual.kind == "silence":
        return (
            f"số {label[0]} không có gì mới lâu hơn khoảng lặng dài nhất trong {days} ngày",
            f"number of {label[1]}s silent for longer than their longest gap in {days} days",
        )
    return (
        f"số {label[0]} có 24 giờ qua cao hơn trung bình {days} ngày + {DEVIATIONS} SD",
        f"number of {label[1]}s whose last 24 hours exceed the mean of {days} days + {DEVIATIONS} SD",
    )


def describe(wanted: CaseFilter, kind: Both, *, stock: bool) -> Both:
    """Return what a filter counts."""
    parts = _condition(wanted.condition)
    if stock and not any(name == "pending" for name, _ in wanted.condition.flags):
        parts.insert(0, FLAGS["pending"][0])
    if wanted.overdue is not None:
        parts.append(("quá hạn", "overdue") if wanted.overdue else ("chưa quá hạn", "not overdue"))
    if wanted.due_within == 0:
        parts.append(("đến hạn trong hôm nay", "due today"))
    elif wanted.due_within is not None:
        n = wanted.due_within
        parts.append((f"đến hạn trong {n} ngày làm việc tới", f"due within {n} working days"))
    if wanted.older_than is not None:
        days = wanted.older_than / 86_400
        parts.append((f"đã quá {days:g} ngày từ khi tiếp nhận", f"older than {days:g} days"))
    if not parts:
        return (f"số {kind[0]}", f"number of {kind[1]}")
    return (
        f"số {kind[0]} {', '.join(vi for vi, _ in parts)}",
        f"number of {kind[1]} {', '.join(en for _, en in parts)}",
    )


def _condition(condition: Condition) -> list[Both]:
    parts = [FLAGS[name][0 if wanted else 1] for name, wanted in condition.flags]
    for name, values in condition.equal:
        label = FIELDS.get(name, (name.removeprefix("facts."),) * 2)
        parts.append((f"{label[0]}: {_values(values, 'hoặc')}", f"{label[1]}: {_values(values, 'or')}"))
    for excluded in condition.excluded:
        inner = _condition(excluded)
        parts.append(
            (f"không ({', '.join(vi for vi, _ in inner)})", f"not ({', '.join(en for _, en in inner)})")
        )
    return parts


def _values(values: tuple[Scalar, ...], conjunction: str) -> str:
    words = (
        {True: "có", False: "không", None: "—"}
        if conjunction == "hoặc"
        else {True: "yes", False: "no", None: "—"}
    )
    return f" {conjunction} ".join(words[v] if v is None or isinstance(v, bool) else str(v) for v in values)


def _length(length: Length, num: Both) -> Both:
    take = TAKES[length.take]
    if length.fact:
        return (f"{take[0]} của {length.fact}, trên {num[0]}", f"{take[1]} of {length.fact}, over {num[1]}")
    unit = (
        ("ngày làm việc", "working days")
        if length.working
        else ("giờ", "hours")
        if length.unit == "h"
        else ("ngày", "days")
    )
    start, end = DATES[length.start], DATES[length.end]
    return (
        f"{take[0]} thời gian từ {start[0]} đến {end[0]} ({unit[0]}), trên {num[0]}",
        f"{take[1]} time from {start[1]} to {end[1]} ({unit[1]}), over {num[1]}",
    )


def _observed(definition: Definition, variables: Mapping[str, Variable]) -> Both:
    assert definition.num is not None
    num = _pick(definition.num, variables)
    if definition.above is not None:
        return _above(definition, definition.above, num)
    over, across = TAKES[definition.over], TAKES[definition.across]
    if definition.den is not None:
        den = _pick(definition.den, variables)
        num = _times(definition, (f"{num[0]} / {den[0]}", f"{num[1]} / {den[1]}"))
        return (
            f"{num[0]} ({over[0]} tại mỗi nơi, cộng các nơi có đủ hai phần)",
            f"{num[1]} ({over[1]} at each place, places that report both parts added up)",
        )
    if definition.weight is not None:
        weight = _pick(definition.weight, variables)
        across = (f"{across[0]} theo trọng số {weight[0]}", f"{across[1]} weighed by {weight[1]}")
    return (
        f"{num[0]}: {over[0]} tại mỗi nơi, {across[0]} giữa các nơi",
        f"{num[1]}: {over[1]} at each place, {across[1]} over places",
    )


def _made(composite: Composite, names: Mapping[str, Text]) -> Both:
    named = [names.get(id, Text(id, id)) for id in composite.ids]
    if composite.kind == "funnel":
        steps = (" → ".join(f"“{name.vi}”" for name in named), " → ".join(f"“{name.en}”" for name in named))
        return (
            f"tỷ lệ so với bước trước của bước yếu nhất trong {steps[0]}",
            f"share of the step before, of the weakest of {steps[1]}",
        )
    if composite.kind == "index_766":
        vi = "; ".join(
            f"{part.code}: “{name.vi}”"
            for part, name in zip(composite.parts, named, strict=True)
            if part.code
        )
        en = "; ".join(
            f"{part.code}: “{name.en}”"
            for part, name in zip(composite.parts, named, strict=True)
            if part.code
        )
        return (
            f"tổng điểm các thành phần biết được theo thang điểm của Quyết định 766/QĐ-TTg ({vi})",
            f"points of the parts that are known, by the scale of Decision 766/QĐ-TTg ({en})",
        )
    if composite.kind == "change":
        before = AGAINST[composite.against]
        vi = f"“{named[0].vi}” kỳ này − {before[0]}"
        en = f"“{named[0].en}” now − {before[1]}"
        if composite.as_ == "difference":
            return (vi, en)
        return (f"({vi}) / {before[0]} × 100", f"({en}) / {before[1]} × 100")
    total = sum(part.weight for part in composite.parts)
    shares = [f"{100 * part.weight / total:.3g}" for part in composite.parts]
    scales = [
        "" if part.low is None else f", {part.low:g} → 0, {part.high:g} → 100" for part in composite.parts
    ]
    said = list(zip(shares, named, scales, strict=True))
    return (
        "trung bình theo trọng số: "
        + "; ".join(f"{n.replace('.', ',')} % “{name.vi}”{scale}" for n, name, scale in said),
        "weighted mean: " + "; ".join(f"{n} % “{name.en}”{scale}" for n, name, scale in said),
    )


def _above(definition: Definition, above: Above, name: Both) -> Both:
    counted, within, limit = GRAINS[above.grain], TAKES[above.within], STANDARDS.get(above.standard)
    if limit is None:
        limit = (f"{above.limit:g}", f"{above.limit:g}")
    value = ("giá trị", "value") if above.grain == "instant" else within
    vi = f"số {counted[0]} có {value[0]} của {name[0]} vượt {limit[0]}"
    en = f"{counted[1]} whose {value[1]} of {name[1]} exceeds {limit[1]}"
    if definition.is_share:
        return (
            f"{vi} / số {counted[0]} có số liệu hợp lệ × 100",
            f"{en} / {counted[1]} with valid values × 100",
        )
    return (vi, en)


def _times(definition: Definition, quotient: Both) -> Both:
    """Return a quotient with what it is multiplied by."""
    if definition.factor == 1:
        return quotient
    vi = f"{definition.factor:,}".replace(",", ".")
    return (f"{quotient[0]} × {vi}", f"{quotient[1]} × {definition.factor:,}")


def _pick(pick: Pick, variables: Mapping[str, Variable]) -> Both:
    variable = variables.get(pick.variable)
    name = variable.name if variable else Text(pick.variable, pick.variable)
    kept = [values for dimension, values in pick.accepts if dimension in ("agency", "category", "channel")]
    only = f" ({', '.join(', '.join(values) for values in kept)})" if kept else ""
    return (f"{name.vi}{only}", f"{name.en}{only}")


def _text(both: Both) -> dict[str, str]:
    return {"vi": both[0][:1].upper() + both[0][1:], "en": both[1][:1].upper() + both[1][1:]}
