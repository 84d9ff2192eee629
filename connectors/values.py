"""Reads one value as a source writes it: texts, numbers, truth, instants, closed enumerations. Never guesses."""

from __future__ import annotations

import math
import re
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta, timezone, tzinfo
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from ioc.scrub import scrub

Read = Callable[[Any], Any]

_OFFSET = re.compile(r"([+-])(\d\d):?(\d\d)")
_PLAIN_NUMBER = re.compile(r"[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?", re.A)
_DAY = re.compile(r"(\d{4})-?(\d\d)-?(\d\d)(Z|[+-]\d\d:\d\d)?")
_CONTROL = re.compile("[\x00-\x1f\x7f\u2028\u2029\ud800-\udfff]+")
_BOUNDS = (
    (re.compile(r"(?:>=|=>|>|≥|trên |hơn )\s*(.+)", re.I), ">="),
    (re.compile(r"(?:<=|=<|<|≤|dưới )\s*(.+)", re.I), "<="),
)
_FLAGS = {
    "true": True, "1": True, "yes": True, "y": True, "có": True, "x": True,
    "false": False, "0": False, "no": False, "n": False, "không": False,
}  # fmt: skip
_LATEST = 253_402_300_799  # the end of the year 9999
_COMPACT = "%Y%m%d%H%M%S"
_TIMED = ("%H", "%I", "%X", "%c", "%T", "%s")


class UnreadableError(ValueError):
    """A value is not what was declared; the text is a Vietnamese sentence without personal data."""


def shown(value: object) -> str:
    """Quote a value for a sentence: short, and without phones, e-mails and identity numbers."""
    text = scrub(_CONTROL.sub(" ", str(value)))
    return f"“{text[:40]}…”" if len(text) > 41 else f"“{text}”"


def text(value: Any) -> str:
    """Read a text: NFC, one space between words, no control characters; whole numbers lose their “.0”."""
    if isinstance(value, str):
        if not value.isprintable():
            value = _CONTROL.sub(" ", value)
        if not value.isascii():
            value = unicodedata.normalize("NFC", value)
        return " ".join(value.split())
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    if isinstance(value, int | float):
        return str(value)
    raise UnreadableError(f"cần một giá trị đơn, nhưng nhận được {kind_of(value)}")


def free_text(value: Any) -> str:
    """Read a text that people typed, without phones, e-mails and identity numbers."""
    return scrub(text(value))


def number_reader(decimal: str = ".", thousands: str = "") -> Read:
    """Return a reader of numbers written with these marks: "3.359,80" with decimal "," and thousands "."."""
    if decimal == "." and not thousands:
        form = _PLAIN_NUMBER
    else:
        mark, group = re.escape(decimal), f"[{re.escape(thousands)} ]" if thousands else " "
        form = re.compile(rf"[+-]?(?:\d+|\d{{1,3}}(?:{group}\d{{3}})+)(?:{mark}\d*)?", re.A)

    def number(value: Any) -> float:
        if isinstance(value, int | float) and not isinstance(value, bool):
            if not math.isfinite(value):
                raise UnreadableError(f"{shown(value)} không phải là một số hữu hạn")
            return float(value)
        written = value.strip().replace("\xa0", " ") if isinstance(value, str) else ""
        if not written or not form.fullmatch(written):
            raise UnreadableError(
                f"{shown(value)} không đọc được là số (dấu thập phân đã khai báo: “{decimal}”)"
            )
        if form is not _PLAIN_NUMBER:
            written = written.replace(" ", "").replace(thousands or " ", "").replace(decimal, ".")
        read = float(written)
        if not math.isfinite(read):
            raise UnreadableError(f"{shown(value)} quá lớn để là một số đo")
        return read

    return number


def bounded(value: Any, number: Read) -> tuple[float, str]:
    """Read a number that may be a bound: "> 70" is (70.0, ">=")."""
    if isinstance(value, str):
        for form, flag in _BOUNDS:
            if found := form.fullmatch(value.strip()):
                return number(found[1]), flag
    return number(value), ""


def flag(value: Any) -> bool:
    """Read yes or no: true, 1, "1", "có" and their opposites."""
    if isinstance(value, bool):
        return value
    try:
        return _FLAGS[text(value).lower()]
    except KeyError:
        raise UnreadableError(f"{shown(value)} không phải là có hay không (true/false, 1/0)") from None


def scalar(value: Any) -> str | float | bool:
    """Read a further field as it came: a free text, a number or a truth."""
    if isinstance(value, bool | int):
        return value
    if isinstance(value, float) and math.isfinite(value):
        return value
    return free_text(value)


def enum_reader(table: Mapping[str, Any]) -> Read:
    """Return a reader of a closed enumeration; "*" stands for any other value, and as a value keeps it as it is."""
    rest = table.get("*")
    keeps = rest in ("*", "", True)

    def enum(value: Any) -> Any:
        word = text(value)
        if word in table:
            return table[word]
        if rest is None:
            raise UnreadableError(
                f"{shown(value)} không có trong danh mục đã khai báo ({', '.join(list(table)[:12])})"
            )
        return word if keeps else rest

    return enum


def zone_of(name: str) -> tzinfo:
    """Return the zone of "+07:00", "Z" or an IANA name; raises ValueError for anything else."""
    if name in ("Z", "UTC"):
        return UTC
    if found := _OFFSET.fullmatch(name):
        length = timedelta(hours=int(found[2]), minutes=int(found[3]))
        return timezone(-length if found[1] == "-" else length)
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError) as error:
        raise ValueError(
            f'a zone such as "+07:00" or "Asia/Ho_Chi_Minh" was expected, not {name!r}'
        ) from error


def time_reader(formats: str | Sequence[str], zone: str = "", *, day_ends: bool = False) -> Read:
    """Return a reader of instants (epoch s): formats are tried in order.

    A format is "iso", "epoch", "epoch_ms" or one of strptime. Without an offset of its own a time is in `zone`;
    without a zone it is refused. A day alone begins at its midnight, or where day_ends its last second is meant
    (a due date includes its day).
    """
    tz = zone_of(zone) if zone else None
    forms = [formats] if isinstance(formats, str) else list(formats)
    readers = [_reader(form, tz, day_ends) for form in forms]

    def moment(value: Any) -> int:
        if isinstance(value, str):
            value = value.strip()
        elif isinstance(value, datetime | date):
            value = value.isoformat()
        elif isinstance(value, bool) or not isinstance(value, int | float):
            raise UnreadableError(f"cần một thời điểm, nhưng nhận được {kind_of(value)}")
        for read in readers:
            try:
                return read(value)
            except UnreadableError:
                raise
            except (ValueError, OverflowError, OSError):
                continue
        raise UnreadableError(f"{shown(value)} không đúng dạng thời điểm đã khai báo ({', '.join(forms)})")

    return moment


def _reader(form: str, tz: tzinfo | None, day_ends: bool) -> Callable[[Any], int]:
    if form in ("epoch", "epoch_ms"):
        scale = 1 if form == "epoch" else 1000
        return lambda value: _counted(value, scale)
    if form == "iso":
        return lambda value: _iso(str(value), tz, day_ends)
    whole_day = day_ends and not any(mark in form for mark in _TIMED)
    if form == _COMPACT:
        return lambda value: _compact(str(value), tz)

    def general(value: Any) -> int:
        read = datetime.strptime(text(value), form)  # noqa: DTZ007  _epoch adds the zone
        if whole_day:
            read = read.replace(hour=23, minute=59, second=59)
        return _epoch(read, tz)

    return general


def _counted(value: Any, scale: int) -> int:
    at = math.floor(float(value) / scale)
    if abs(at) > _LATEST:
        raise ValueError(value)
    return at


def _compact(value: str, tz: tzinfo | None) -> int:
    if len(value) != 14 or not value.isdecimal():
        raise ValueError(value)
    return _epoch(datetime.fromisoformat(f"{value[:8]}T{value[8:]}"), tz)


def _iso(value: str, tz: tzinfo | None, day_ends: bool) -> int:
    if day := _DAY.fullmatch(value):
        read = datetime(int(day[1]), int(day[2]), int(day[3]), tzinfo=zone_of(day[4]) if day[4] else None)
        return _epoch(read.replace(hour=23, minute=59, second=59) if day_ends else read, tz)
    return _epoch(datetime.fromisoformat(value), tz)


def _epoch(read: datetime, tz: tzinfo | None) -> int:
    if read.tzinfo is None:
        if tz is None:
            raise UnreadableError(
                f"“{read.isoformat(' ')}” không có múi giờ, và khai báo (times.zone) cũng không"
            )
        read = read.replace(tzinfo=tz)
    return math.floor(read.timestamp())


def kind_of(value: object) -> str:
    """Say what came where something else was expected, without its content if it has parts."""
    words = {dict: "một đối tượng", list: "một danh sách", str: "một chuỗi", type(None): "giá trị trống"}
    return words.get(type(value), "một số")
