"""Numbers, dates, periods and differences as Vietnamese and English readers write them."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from babel.dates import format_date, format_datetime
from babel.numbers import format_decimal

from layouts.words import say, unit

LOCAL = timezone(timedelta(hours=7), "Asia/Ho_Chi_Minh")
ABSENT = "–"
_LOCALES = {"vi": "vi", "en": "en_GB"}
_ROMAN = ("", "I", "II", "III", "IV")


def number(value: float | None, decimals: int = 0, lang: str = "vi") -> str:
    """Write a number: 1.234.567,8; an absent one as a dash."""
    if value is None:
        return ABSENT
    exact = Decimal(str(value)).quantize(Decimal(1).scaleb(-decimals), rounding=ROUND_HALF_UP)
    pattern = "#,##0" + ("." + "0" * decimals if decimals else "")
    return format_decimal(abs(exact) if exact == 0 else exact, pattern, locale=_LOCALES[lang]).replace(
        "-", "−"
    )


def quantity(value: float | None, code: str, decimals: int = 0, lang: str = "vi") -> str:
    """Write a number with its unit: 71%, 563 hồ sơ."""
    text, name = number(value, decimals, lang), unit(code, lang)
    if value is None or not name:
        return text
    return text + name if name == "%" else f"{text} {name}"


_SCALES = ((1e9, {"vi": "tỷ", "en": "bn"}), (1e6, {"vi": "triệu", "en": "m"}))
_DONG = {"MVND": (1e3, "GVND"), "M[VND]": (1e3, "GVND")}
"""What millions of đồng are divided by to be milliards, and the unit they then have."""


def compact(value: float | None, code: str, decimals: int = 0, lang: str = "vi") -> tuple[str, str]:
    """Write a number as it is read from five metres, and its unit: from a million on with three digits.

    3293368 persons are ("3,29", "triệu người"), 3293368 million đồng ("3.293", "tỷ đồng").
    """
    name = unit(code, lang)
    if value is None or abs(value) < 1e6:
        whole = value is not None and abs(value) >= 1e4
        return number(value, 0 if whole else decimals, lang), name
    if code in _DONG:
        factor, larger = _DONG[code]
        return compact(value / factor, larger, 0, lang)
    size, word = next((size, word) for size, word in _SCALES if abs(value) >= size)
    left = value / size
    places = 2 if abs(left) < 10 else 1 if abs(left) < 100 else 0
    return number(left, places, lang), f"{word[lang]} {name}".rstrip()


def instant(value: Any) -> float | None:
    """Return epoch seconds of an RFC 3339 text or of epoch seconds; None of an absent one."""
    if value is None or value == "":
        return None
    if isinstance(value, int | float):
        return float(value)
    return datetime.fromisoformat(str(value)).timestamp()


def epoch(value: Any) -> str:
    """Write an instant as the browser's scripts read it: whole epoch seconds, "" where absent."""
    seconds = instant(value)
    return "" if seconds is None else str(int(seconds))


def rfc3339(value: Any) -> str:
    """Write an instant as the read API takes it; "" where absent."""
    when = local(value)
    return "" if when is None else when.isoformat(timespec="seconds")


def local(value: Any) -> datetime | None:
    """Return an instant as the province's wall time."""
    seconds = instant(value)
    return None if seconds is None else datetime.fromtimestamp(seconds, LOCAL)


def clock(value: Any, seconds: bool = False) -> str:
    """Write the time of day: 07:40 or 08:12:40."""
    when = local(value)
    return ABSENT if when is None else f"{when:%H:%M:%S}" if seconds else f"{when:%H:%M}"


def day(value: Any) -> str:
    """Write a day: 21/11/2026, in both languages."""
    when = local(value)
    return ABSENT if when is None else f"{when:%d/%m/%Y}"


def moment(value: Any, near: Any = None) -> str:
    """Write when something was: 07:40 on the day of near, else 07:40 20/11/2026; a day where it is one."""
    when, other = local(value), local(near)
    if when is None:
        return ABSENT
    if other is not None and when.date() == other.date():
        return clock(value)
    if when.hour == when.minute == when.second == 0:
        return day(value)
    return f"{clock(value)} {day(value)}"


def weekday(value: Any, lang: str = "vi") -> str:
    """Write a day with its name: Thứ Bảy, 21/11/2026."""
    when = local(value)
    if when is None:
        return ABSENT
    name = format_date(when.date(), "EEEE", locale=_LOCALES[lang])
    return f"{name}, {when:%d/%m/%Y}"


def period(part: Any, lang: str = "vi", *, short: bool = False) -> str:
    """Write the span a reading stands for: tháng 11/2026, giờ 19–20, hiện tại; short leaves the year out."""
    if not part:
        return say_now(lang)
    kind, start, end = part.get("kind", ""), local(part.get("start")), local(part.get("end"))
    english = lang == "en"
    rolling = {
        "last_24h": ("24 giờ qua", "last 24 hours"),
        "last_7d": ("7 ngày qua", "last 7 days"),
        "last_30d": ("30 ngày qua", "last 30 days"),
        "to_date": ("lũy kế", "to date"),
    }
    named = rolling.get(kind) or rolling.get(str(part.get("label") or ""))
    if named:
        return named[english]
    if start is None or kind in ("now", "window"):
        return say_now(lang)
    if kind == "report" and end is not None:
        last = end - timedelta(seconds=1)
        return f"report {last:%m/%Y}" if english else f"kỳ {last:%m/%Y}"
    year = "" if short else f"/{start.year}"
    week = start.isocalendar()
    names = {
        "hour": (f"giờ {start.hour}–{start.hour + 1}", f"{start.hour}–{start.hour + 1} h"),
        "day": (f"ngày {start:%d/%m}{year}", f"{start:%d/%m}{year}"),
        "week": (f"tuần {week.week}" + ("" if short else f"/{week.year}"), f"week {week.week}"),
        "month": (f"tháng {start.month}{year}", _month(start, short)),
        "quarter": (
            f"quý {_ROMAN[(start.month + 2) // 3]}{year}",
            f"Q{(start.month + 2) // 3}{'' if short else f' {start.year}'}",
        ),
        "year": (f"năm {start.year}", f"{start.year}"),
    }
    found = names.get(kind)
    return found[english] if found else str(part.get("label") or kind)


def say_now(lang: str) -> str:
    """Write that a stock is counted now."""
    return "now" if lang == "en" else "hiện tại"


def _month(start: datetime, short: bool) -> str:
    return format_datetime(start, "MMMM" if short else "MMMM yyyy", locale="en_GB")


def axis(value: Any, grain: str, lang: str = "vi", *, days: bool = False) -> str:
    """Write one tick of a time axis: 14:00 (with days 14h 21/11), 21/11, T47, 11/26."""
    when = local(value)
    if when is None:
        return ""
    if grain == "hour":
        return f"{when:%-Hh %d/%m}" if days else f"{when:%H:%M}"
    if grain == "week":
        return f"{'W' if lang == 'en' else 'T'}{when.isocalendar().week}"
    if grain in ("month", "quarter"):
        return f"{when:%m/%y}"
    return f"{when:%Y}" if grain == "year" else f"{when:%d/%m}"


def signed(value: float, decimals: int, lang: str) -> str:
    """Write a difference with its sign."""
    text = number(value, decimals, lang)
    return text if text.startswith("−") or not text.strip("0.,") else f"+{text}"


def change(now: float | None, before: float | None, code: str, decimals: int, lang: str) -> str:
    """Write a change: shares in points (−1,9 điểm %), scores as they are, counts in per cent; "" unknown."""
    if now is None or before is None:
        return ""
    if code == "%":
        step = round(now - before, decimals)
        return (
            say("unchanged", lang) if step == 0 else f"{signed(step, decimals, lang)} {say('points', lang)}"
        )
    if code in ("{score}", "{point}", "{index}", "1", ""):
        step = round(now - before, decimals)
        return say("unchanged", lang) if step == 0 else signed(step, decimals, lang)
    if code == "{rank}":
        places = round(abs(now - before))
        return (
            say("rank.up" if now < before else "rank.down", lang, n=places)
            if places
            else say("unchanged", lang)
        )
    if before == 0:
        return "" if now else say("unchanged", lang)
    step = round((now - before) / abs(before) * 100, 1 if abs(now / before - 1) < 0.1 else 0)
    return say("unchanged", lang) if step == 0 else f"{signed(step, 0 if step == int(step) else 1, lang)}%"


def age(seconds: float, lang: str = "vi") -> str:
    """Write how long ago: 40 giây trước; the browser says the same with the same words."""
    english = lang == "en"
    for size, one, name in ((86400, "ngày", "d"), (3600, "giờ", "h"), (60, "phút", "min"), (1, "giây", "s")):
        if seconds >= size or size == 1:
            count = int(max(seconds, 0) // size)
            return f"{count} {name} ago" if english else f"{count} {one} trước"
    raise AssertionError
