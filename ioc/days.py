"""Local days, hours, weeks, months and quarters; pure functions of epoch seconds (UTC).

Vietnam is UTC+07:00 without daylight saving, a whole number of hours, so a local day is exactly 24 UTC hours.
A day is a number: days since 1970-01-01 in local time. Spans are half-open: start <= t < end.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta, timezone

ZONE_NAME = "Asia/Ho_Chi_Minh"
OFFSET_S = 7 * 3600
HOUR_S = 3600
DAY_S = 86_400
LOCAL = timezone(timedelta(seconds=OFFSET_S), "+07")
assert OFFSET_S % HOUR_S == 0, "rollups by hour serve local days only where the offset is a whole hour"

_EPOCH = date(1970, 1, 1).toordinal()


def local_day(epoch: float) -> int:
    """Return the local day of an instant."""
    return int((epoch + OFFSET_S) // DAY_S)


def day_start(day: int) -> int:
    """Return the instant at which a local day begins."""
    return day * DAY_S - OFFSET_S


def day_end(day: int) -> int:
    """Return the instant at which the next local day begins."""
    return (day + 1) * DAY_S - OFFSET_S


def day_of(when: date) -> int:
    """Return the day number of a date."""
    return when.toordinal() - _EPOCH


def date_of(day: int) -> date:
    """Return the date of a day number."""
    return date.fromordinal(day + _EPOCH)


def local_date(epoch: float) -> date:
    """Return the local date of an instant."""
    return date_of(local_day(epoch))


def local_time(epoch: float) -> datetime:
    """Return an instant as an aware datetime in local time."""
    return datetime.fromtimestamp(epoch, LOCAL)


def epoch_of(when: datetime) -> int:
    """Return the epoch seconds of an aware datetime. Raises ValueError for a naive one."""
    if when.tzinfo is None:
        raise ValueError(f"{when.isoformat()} has no offset: which instant is meant is unknown")
    return int(when.timestamp())


def iso(epoch: float) -> str:
    """Return an instant in RFC 3339 with the local offset."""
    return datetime.fromtimestamp(epoch, LOCAL).isoformat(timespec="seconds")


def iso_ms(known: float) -> str:
    """Return a moment of knowledge (epoch ms) in RFC 3339, to the millisecond: what as_of= takes back."""
    return datetime.fromtimestamp(known / 1000, LOCAL).isoformat(timespec="milliseconds")


def hour_start(epoch: float) -> int:
    """Return the start of the hour that holds an instant; the same hour in UTC and in local time."""
    return int(epoch // HOUR_S) * HOUR_S


def week_label(day: int) -> str:
    """Return the ISO week of a local day: "2026-W47"."""
    year, week, _ = date_of(day).isocalendar()
    return f"{year}-W{week:02d}"


def month_label(day: int) -> str:
    """Return the month of a local day: "2026-11"."""
    return f"{date_of(day):%Y-%m}"


def quarter_label(day: int) -> str:
    """Return the quarter of a local day: "2026-Q4"."""
    when = date_of(day)
    return f"{when.year}-Q{(when.month + 2) // 3}"


def add_months(first: date, months: int) -> date:
    """Return the first of the month so many months away from the first of a month."""
    index = first.year * 12 + first.month - 1 + months
    return date(index // 12, index % 12 + 1, 1)
