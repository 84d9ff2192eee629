"""One reading as a phrase, in Vietnamese and English: its number, its period, its change. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from ioc import spoken
from ioc.days import local_time
from ioc.indicators.definition import Definition
from ioc.indicators.judge import rounded

Both = tuple[str, str]
LANGS = ("vi", "en")
_SAYS_WHEN = re.compile(
    r"\btrong (một |\d+ )?(giờ|ngày|tuần|tháng|quý|năm)\b|\b\d+ (giờ|ngày)\b|\b(hôm nay|hiện tại|hiện nay|gần nhất)\b"
    r"|\b(today|now|weekly|monthly|hourly|daily)\b|\b(of|in) (the|\d+) (hours?|days?|weeks?|months?)\b|\b\d+ ?(h|hours)\b",
    re.IGNORECASE,
)
"""A name that says of which time it speaks needs no period beside it."""
RANK = "{rank}"
MANIFOLD = 3.0
"""From so many times the former value on, a change is told as a multiple."""


@dataclass(frozen=True, slots=True)
class Told:
    """A reading as the read API states it, with its definition. top: the largest part of it, name and number."""

    definition: Definition
    reading: Mapping[str, Any]
    top: tuple[Both, float] | None = None

    @property
    def value(self) -> float | None:
        """The value, None where there is none."""
        value = self.reading.get("value")
        return None if value is None or isinstance(value, bool) else value

    @property
    def is_silent(self) -> bool:
        """Whether it may not be told as a fact: an input is not live."""
        return self.reading.get("status") == "stale" or self.reading.get("freshness") not in (
            "live",
            "not_due",
        )

    @property
    def is_count(self) -> bool:
        """Whether it counts things that have a name: 32 reports."""
        unit = self.definition.unit
        return (
            unit.startswith("{")
            and unit != RANK
            and bool(spoken.unit(unit, "vi"))
            and self.definition.decimals == 0
        )


def phrase(told: Told, lang: str) -> str:
    """Return what a live reading says: number, period, oldest, limit, change, largest part. It must have a value."""
    parts = [
        subject(told, lang),
        _oldest(told, lang),
        _limit(told, lang),
        _target(told, lang),
        change(told, lang),
    ]
    said = ", ".join(part for part in parts if part)
    return f"{said}{_top(told, lang)}"


def subject(told: Told, lang: str) -> str:
    """Return the number with what it counts: 32 phản ánh chưa xử lý; không có phản ánh quá hạn."""
    value = told.value
    assert value is not None
    name, unit = _lower(_name(told, lang)), told.definition.unit
    period = _period(told, lang, name)
    after = f" ({period})" if period else ""
    if told.is_count:
        word = spoken.unit(unit, lang, value)
        counted = _counted(name, unit, lang, value)
        if counted and not value and not told.reading.get("bound"):
            return f"{'không có' if lang == 'vi' else 'no'} {_counted(name, unit, lang, 2)}{after}"
        number = f"{_bound(told, lang)}{spoken.number(value, lang, 0)}"
        return f"{number} {counted}{after}" if counted else f"{name}{after}: {number} {word}"
    if unit == RANK:
        return f"{name}{after}: {_rank(told, value, lang)}"
    number = f"{_bound(told, lang)}{spoken.measured(value, unit, lang, told.definition.decimals)}"
    if lang == "vi" and unit == "%" and told.definition.better == "higher":
        return f"{name}{after} đạt {number}"
    return f"{name}{after}: {number}"


def _rank(told: Told, value: float, lang: str) -> str:
    """Return a rank with how many were ranked: hạng 24/34, rank 24 of 34."""
    of = (told.reading.get("detail") or {}).get("rank_of")
    if lang == "vi":
        return f"hạng {value:g}" + (f"/{of:g}" if of else "")
    return f"rank {value:g}" + (f" of {of:g}" if of else "")


def change(told: Told, lang: str) -> str:
    """Return how the value moved since the same period last year, else since the period before; "" where unknown."""
    value, since, before = told.value, "last_year", told.reading.get("same_period_last_year")
    if before is None:
        since, before = "previous", told.reading.get("previous")
    if value is None or before is None or told.reading.get("bound"):
        return ""
    bare = _against(told, since, lang)
    against = f"so với {bare}" if lang == "vi" else f"on {bare}"
    gap = Decimal(repr(value)) - Decimal(repr(before))
    if not gap:
        return f"{'không đổi' if lang == 'vi' else 'unchanged'} {against}"
    if told.definition.unit == RANK:
        places = int(abs(gap))
        if lang == "vi":
            return f"{'tăng' if gap < 0 else 'giảm'} {places} bậc {against}"
        return f"{'up' if gap < 0 else 'down'} {places} place{'s' if places > 1 else ''} {against}"
    if told.definition.unit == "%":
        points = rounded(abs(gap), max(told.definition.decimals, 1))
        amount = spoken.number(points, lang) + (" điểm %" if lang == "vi" else " percentage points")
    elif before <= 0 or value < 0:
        amount = spoken.measured(abs(float(gap)), told.definition.unit, lang, told.definition.decimals)
    else:
        if value / before >= MANIFOLD:
            times = spoken.number(rounded(value / before, 1), lang)
            return f"gấp {times} lần {against}" if lang == "vi" else f"{times} times that of {bare}"
        share = rounded(100 * abs(gap) / Decimal(repr(before)), 0)
        if not share:
            return f"{'gần như không đổi' if lang == 'vi' else 'nearly unchanged'} {against}"
        amount = f"{spoken.number(share, lang)}%"
    word = (("tăng", "up") if gap > 0 else ("giảm", "down"))[lang == "en"]
    return f"{word} {amount} {against}"


def silent(told: Told, lang: str) -> str:
    """Return what a reading says whose input is silent: the last value, with its moment, never as a fact."""
    name, value = _name(told, lang), told.value
    if value is None:
        return name
    number = spoken.measured(value, told.definition.unit, lang, told.definition.decimals)
    at = told.reading.get("reported_at")
    when = "" if at is None else spoken.moment(_epoch(at)).removeprefix("00:00 ")
    if lang == "vi":
        return f"{name} (giá trị cuối {number}{_at(when, lang)})"
    return f"{name} (last value {number}{_at(when, lang)})"


def _at(when: str, lang: str) -> str:
    if not when:
        return ""
    is_day = ":" not in when
    return (" ngày " if is_day else " lúc ") + when if lang == "vi" else (" of " if is_day else " at ") + when


def sentence(phrases: list[str]) -> str:
    """Join phrases into one sentence with a capital and a full stop."""
    said = "; ".join(phrases)
    return f"{said[:1].upper()}{said[1:]}." if said else ""


def _name(told: Told, lang: str) -> str:
    """Return the name without what a comma adds to it, where enough of it is left to be understood."""
    name = told.definition.name.say(lang)
    first = name.split(", ")[0]
    return first if len(first.split()) > 3 else name


def _lower(name: str) -> str:
    """Begin a name small, but not where its first word is an abbreviation."""
    return name if len(name) > 1 and name[1].isupper() else name[:1].lower() + name[1:]


def _counted(name: str, unit: str, lang: str, value: float) -> str:
    """Return a name that holds the word for what is counted, as it follows a number; "" where it does not."""
    small = _lower(name)
    if lang == "vi":
        word = spoken.unit(unit, "vi")
        return small if re.match(rf"{re.escape(word)}\b", small) else ""
    many = spoken.unit(unit, "en")
    if not re.search(rf"\b{re.escape(many)}\b", small):
        return ""
    one = spoken.unit(unit, "en", 1)
    return re.sub(rf"\b{re.escape(many)}\b", one, small) if value == 1 else small


def _bound(told: Told, lang: str) -> str:
    bound = str(told.reading.get("bound") or "")
    words = {">": ("trên ", "over "), "<": ("dưới ", "under ")}.get(bound[:1])
    return words[lang == "en"] if words else ""


def _oldest(told: Told, lang: str) -> str:
    days = told.reading.get("oldest")
    if not days or not told.value:
        return ""
    if lang == "vi":
        return f"cũ nhất {spoken.number(days, 'vi')} ngày làm việc"
    return f"the oldest by {spoken.measured(days, '{working_day}', 'en')}"


def _limit(told: Told, lang: str) -> str:
    """Return which limit a value is beyond; of counts the number itself says enough."""
    definition, status, value = told.definition, told.reading.get("status"), told.value
    if told.is_count or value is None or status not in ("warning", "critical"):
        return ""
    limit = definition.critical if status == "critical" else definition.warning
    if limit is None:
        return ""
    if (value < limit) != (definition.better == "higher"):
        return ""  # judged by something else than this limit
    shown = spoken.measured(limit, definition.unit, lang)
    if definition.better == "higher":
        return f"thấp hơn ngưỡng {shown}" if lang == "vi" else f"below the limit of {shown}"
    if value == limit:
        return f"chạm ngưỡng {shown}" if lang == "vi" else f"at the limit of {shown}"
    return f"vượt ngưỡng {shown}" if lang == "vi" else f"over the limit of {shown}"


def _target(told: Told, lang: str) -> str:
    target, definition = told.reading.get("target"), told.definition
    if not isinstance(target, Mapping) or target.get("on_track") or not target.get("gap"):
        return ""
    gap, by = abs(target["gap"]), target["by"]
    shown = spoken.number(gap, lang, definition.decimals)
    short = definition.better != "lower"
    if lang == "vi":
        amount = f"{shown} điểm %" if definition.unit == "%" else shown
        return f"{'thiếu' if short else 'quá'} {amount} so với chỉ tiêu năm {by}"
    amount = f"{shown} percentage points" if definition.unit == "%" else shown
    return f"{amount} {'short of' if short else 'over'} the target of {by}"


def _top(told: Told, lang: str) -> str:
    if told.top is None or not told.value:
        return ""
    names, value = told.top
    shown = spoken.number(value, lang)
    if lang == "vi":
        return f", nhiều nhất là {_lower(names[0])} ({shown})"
    return f", most of them {_lower(names[1])} ({shown})"


def _against(told: Told, since: str, lang: str) -> str:
    if since == "last_year":
        return ("cùng kỳ", "the same period last year")[lang == "en"]
    by_day = told.definition.stock or (
        told.definition.shape == "observation"
        and told.definition.over == "last"
        and not told.definition.function
    )
    if by_day:
        return ("24 giờ trước", "24 hours before")[lang == "en"]
    return ("kỳ trước", "the period before")[lang == "en"]


def _epoch(instant: Any) -> float:
    return datetime.fromisoformat(str(instant)).timestamp()


def _period(told: Told, lang: str, name: str) -> str:
    """Return the period of a flow; nothing for a stock, and none that the name says already."""
    period = told.reading.get("period")
    if told.definition.stock or not isinstance(period, Mapping):
        return ""
    if re.search(
        r"\btrong (ngày|tuần|tháng|quý|năm)\b|\btoday\b|\bof the (month|week|day)\b|\b(weekly|monthly)\b",
        name,
        re.I,
    ):
        return ""
    when = local_time(_epoch(period["start"]))
    kind, label = str(period.get("kind")), str(period.get("label"))
    fixed = {
        "last_24h": ("24 giờ qua", "last 24 hours"),
        "last_7d": ("7 ngày qua", "last 7 days"),
        "last_30d": ("30 ngày qua", "last 30 days"),
        "to_date": ("lũy kế từ đầu năm", "since the beginning of the year"),
    }
    if label in fixed or kind == "to_date":
        return fixed.get(label, fixed["to_date"])[lang == "en"]
    words = {
        "hour": (f"giờ {when:%H}", f"{when:%H}:00"),
        "day": (f"ngày {when:%d/%m}", f"{when:%d/%m}"),
        "week": (f"tuần {label[-2:]}", f"week {label[-2:]}"),
        "month": (f"tháng {when.month}", f"{when:%m/%Y}"),
        "quarter": (f"quý {(when.month + 2) // 3}", f"quarter {(when.month + 2) // 3}"),
        "year": (f"năm {when.year}", f"{when.year}"),
        "report": (
            f"kỳ báo cáo {label.removeprefix('report:')}",
            f"report of {label.removeprefix('report:')}",
        ),
    }
    return words.get(kind, ("", ""))[lang == "en"]
