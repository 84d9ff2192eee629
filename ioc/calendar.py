"""Local days, periods and working days; pure functions of epoch seconds (UTC).

Vietnam is UTC+07:00 without daylight saving, a whole number of hours, so a local day is exactly 24 UTC hours.
A day is a number: days since 1970-01-01 in local time. Spans are half-open: start <= t < end.
"""

from __future__ import annotations

import re
from array import array
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta, timezone
from pathlib import Path
from typing import Literal

from ioc.errors import QuestionError
from ioc.model import Due
from ioc.toml_file import Table, read

ZONE_NAME = "Asia/Ho_Chi_Minh"
OFFSET_S = 7 * 3600
HOUR_S = 3600
DAY_S = 86_400
LOCAL = timezone(timedelta(seconds=OFFSET_S), "+07")
assert OFFSET_S % HOUR_S == 0, "rollups by hour serve local days only where the offset is a whole hour"

_EPOCH = date(1970, 1, 1).toordinal()

Kind = Literal["hour", "day", "week", "month", "quarter", "year", "window", "to_date", "report"]


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


@dataclass(frozen=True, slots=True)
class Period:
    """A span of time with a label; start and end are epoch s, half-open.

    until: the earlier of end and the instant of asking: what can have been measured. complete: until == end.
    """

    kind: Kind
    label: str
    start: int
    end: int
    complete: bool
    until: int

    @property
    def elapsed(self) -> int:
        """Seconds from start to until."""
        return self.until - self.start


def parse_period(text: str, now: float, calendar: Calendar | None = None) -> Period:
    """Return the period that a text names, as seen at an instant.

    text: 2026 | 2026-Q4 | 2026-11 | 2026-W47 | 2026-11-21 | 2026-11-21T20 | last_24h | last_30d |
    to_date (1 January to now) | report:2026-11, report:2026-Q4, report:2026 (declared reporting periods;
    these need calendar). last_30d is the last 30 times 24 hours. Raises QuestionError with a sentence.
    """
    wanted = text.strip()
    for pattern, build in _FORMS:
        match = pattern.fullmatch(wanted)
        if match is None:
            continue
        try:
            kind, label, start, end = build(match, int(now), calendar)
        except (ValueError, OverflowError):
            break
        if start > now:
            raise QuestionError(f"period={text} has not begun yet; ask for one that starts before now")
        return Period(kind, label, start, end, end <= now, min(end, int(now)))
    raise QuestionError(
        f"period={text} is not understood; use 2026, 2026-Q4, 2026-11, 2026-W47, 2026-11-21, 2026-11-21T20, "
        "last_24h, last_30d, to_date or report:2026-11"
    )


def period_of(kind: Kind, epoch: float, now: float, calendar: Calendar | None = None) -> Period:
    """Return the hour, day, week, month, quarter, year or reporting month that holds an instant."""
    day = local_day(epoch)
    if kind == "report":
        if calendar is None:
            raise QuestionError("reporting periods are declared in calendar.toml, which was not given")
        when = date_of(day)
        if when.day >= calendar.report_day:
            when = _add_months(when.replace(day=1), 1)
        return parse_period(f"report:{when:%Y-%m}", now, calendar)
    labels: dict[str, Callable[[], str]] = {
        "hour": lambda: f"{local_time(epoch):%Y-%m-%dT%H}",
        "day": lambda: date_of(day).isoformat(),
        "week": lambda: week_label(day),
        "month": lambda: month_label(day),
        "quarter": lambda: quarter_label(day),
        "year": lambda: str(date_of(day).year),
    }
    if kind not in labels:
        raise QuestionError(f"{kind} is no kind of period; use {', '.join(labels)} or report")
    return parse_period(labels[kind](), now)


def previous(period: Period, calendar: Calendar | None = None) -> Period:
    """Return the period before, cut to the same elapsed span where this one is unfinished."""
    if period.kind == "window":
        length = period.end - period.start
        return Period("window", period.label, period.start - length, period.start, True, period.start)
    if period.kind == "to_date":
        return same_last_year(period, calendar)
    if period.kind == "report":
        size = _report_months(period.label)
        label = _shift_report(period.label, -size)
        return _cut(parse_period(label, period.end, calendar), period)
    if period.kind == "hour":
        return _cut(period_of("hour", period.start - 1, period.end), period)
    return _cut(period_of(period.kind, period.start - 1, period.end, calendar), period)


def same_last_year(period: Period, calendar: Calendar | None = None) -> Period:
    """Return the same period a year earlier, cut to the same elapsed span where this one is unfinished.

    29 February compares with 28 February; week 53 with the week 52 weeks earlier.
    """
    label = period.label
    if period.kind == "window":
        start = _year_earlier(period.start)
        end = start + period.end - period.start
        return Period("window", label, start, end, True, end)
    if period.kind == "to_date":
        start = day_start(day_of(local_date(period.start).replace(year=local_date(period.start).year - 1)))
        return Period("to_date", label, start, start + period.elapsed, True, start + period.elapsed)
    if period.kind == "report":
        return _cut(parse_period(_shift_report(label, -12), period.end, calendar), period)
    if period.kind == "week":
        year, week = (int(part) for part in label.split("-W"))
        try:
            monday = date.fromisocalendar(year - 1, week, 1)
        except ValueError:
            monday = date.fromisocalendar(year, week, 1) - timedelta(weeks=52)
        return _cut(period_of("week", day_start(day_of(monday)), period.end), period)
    return _cut(period_of(period.kind, _year_earlier(period.start), period.end), period)


def _cut(earlier: Period, period: Period) -> Period:
    """Cut a finished period to the elapsed span of an unfinished one; never beyond its own end."""
    if period.complete:
        return earlier
    end = min(earlier.end, earlier.start + period.elapsed)
    return replace(earlier, end=end, until=end)


def _year_earlier(epoch: int) -> int:
    when = local_time(epoch)
    day = 28 if (when.month, when.day) == (2, 29) else when.day
    return int(when.replace(year=when.year - 1, day=day).timestamp())


def _add_months(first: date, months: int) -> date:
    index = first.year * 12 + first.month - 1 + months
    return date(index // 12, index % 12 + 1, 1)


Span = tuple[Kind, str, int, int]
Match = re.Match[str]


def _start_of(when: date) -> int:
    return day_start(day_of(when))


def _months(kind: Kind, label: str, first: date, count: int) -> Span:
    return kind, label, _start_of(first), _start_of(_add_months(first, count))


def _year(match: Match, now: int, calendar: Calendar | None) -> Span:
    return _months("year", match[0], date(int(match[1]), 1, 1), 12)


def _quarter(match: Match, now: int, calendar: Calendar | None) -> Span:
    return _months("quarter", match[0], date(int(match[1]), int(match[2]) * 3 - 2, 1), 3)


def _month(match: Match, now: int, calendar: Calendar | None) -> Span:
    return _months("month", match[0], date(int(match[1]), int(match[2]), 1), 1)


def _week(match: Match, now: int, calendar: Calendar | None) -> Span:
    start = _start_of(date.fromisocalendar(int(match[1]), int(match[2]), 1))
    return "week", match[0], start, start + 7 * DAY_S


def _day(match: Match, now: int, calendar: Calendar | None) -> Span:
    start = _start_of(date.fromisoformat(match[0]))
    return "day", match[0], start, start + DAY_S


def _hour(match: Match, now: int, calendar: Calendar | None) -> Span:
    if int(match[2]) > 23:
        raise ValueError
    start = _start_of(date.fromisoformat(match[1])) + int(match[2]) * HOUR_S
    return "hour", match[0], start, start + HOUR_S


def _window(match: Match, now: int, calendar: Calendar | None) -> Span:
    return "window", match[0], now - int(match[1]) * (HOUR_S if match[2] == "h" else DAY_S), now


def _to_date(match: Match, now: int, calendar: Calendar | None) -> Span:
    return "to_date", match[0], _start_of(date(local_date(now).year, 1, 1)), now


def _report(match: Match, now: int, calendar: Calendar | None) -> Span:
    if calendar is None:
        raise QuestionError("reporting periods are declared in calendar.toml, which was not given")
    last = date(int(match[1]), int(match[3] or (int(match[2]) * 3 if match[2] else 12)), 1)
    first = _add_months(last, -_report_months(match[0]))
    day = timedelta(days=calendar.report_day - 1)
    return "report", match[0], _start_of(first + day), _start_of(last + day)


_FORMS: tuple[tuple[re.Pattern[str], Callable[[Match, int, Calendar | None], Span]], ...] = (
    (re.compile(r"(\d{4})"), _year),
    (re.compile(r"(\d{4})-Q([1-4])"), _quarter),
    (re.compile(r"(\d{4})-(\d{2})"), _month),
    (re.compile(r"(\d{4})-W(\d{2})"), _week),
    (re.compile(r"(\d{4})-(\d{2})-(\d{2})"), _day),
    (re.compile(r"(\d{4}-\d{2}-\d{2})T(\d{2})"), _hour),
    (re.compile(r"last_([1-9]\d{0,4})([hd])"), _window),
    (re.compile(r"to_date"), _to_date),
    (re.compile(r"report:(\d{4})(?:-Q([1-4])|-(\d{2}))?"), _report),
)


def _report_months(label: str) -> int:
    """Return how many months a reporting period spans."""
    return 3 if "-Q" in label else 1 if "-" in label else 12


def _shift_report(label: str, months: int) -> str:
    """Return the label of the reporting period so many months away."""
    year, _, rest = label.removeprefix("report:").partition("-")
    month = int(rest[1:]) * 3 if rest.startswith("Q") else int(rest or 12)
    there = _add_months(date(int(year), month, 1), months)
    if rest.startswith("Q"):
        return f"report:{there.year}-Q{there.month // 3}"
    return f"report:{there:%Y-%m}" if rest else f"report:{there.year}"


FIRST_DAY, LAST_DAY = day_of(date(2000, 1, 1)), day_of(date(2070, 1, 1))
"""Between these days working days are counted from a table; beyond them QuestionError is raised."""


class Calendar:
    """Working days and hours and reporting periods, as data/calendar.toml declares them.

    days_off: local days on which nobody works though the week says so; made_up: the reverse.
    weekend: ISO numbers of the days of the weekend. years: years whose holidays are declared one by one;
    in others only the yearly days off are known. unverified: years to be checked against the text.
    """

    def __init__(
        self,
        *,
        weekend: Iterable[int] = (6, 7),
        yearly: Iterable[tuple[int, int]] = (),
        days_off: Iterable[date] = (),
        made_up: Iterable[date] = (),
        hours: tuple[tuple[time, time], ...] = ((time(7, 30), time(11, 30)), (time(13, 30), time(17))),
        report_day: int = 15,
        due_moves: bool = True,
        tet: dict[int, date] | None = None,
        years: Iterable[int] = (),
        unverified: Iterable[int] = (),
    ) -> None:
        self.hours, self.report_day, self.due_moves = hours, report_day, due_moves
        self.tet = dict(tet or {})
        self.years, self.unverified = frozenset(years), frozenset(unverified)
        weekend_days = {number - 1 for number in weekend}
        fixed = set(yearly)
        off, on = {day_of(day) for day in days_off}, {day_of(day) for day in made_up}
        before = array("l", [0])  # before[i]: working days from FIRST_DAY up to, not including, FIRST_DAY + i
        working: array[int] = array("l")
        for day in range(FIRST_DAY, LAST_DAY):
            when = date_of(day)
            works = (
                when.weekday() not in weekend_days and (when.month, when.day) not in fixed and day not in off
            ) or (day in on)
            if works:
                working.append(day)
            before.append(len(working))
        self._before, self._working = before, working

    def is_working_day(self, day: int) -> bool:
        """Return whether people work on a local day."""
        return self._count(day + 1) > self._count(day)

    def is_working_time(self, epoch: float) -> bool:
        """Return whether an instant lies in declared working hours of a working day."""
        moment = local_time(epoch).time()
        return self.is_working_day(local_day(epoch)) and any(
            start <= moment < end for start, end in self.hours
        )

    def working_days_between(self, start: float, end: float) -> int:
        """Return working days from one instant to another: the first day does not count, the last does.

        Received on Friday and closed on Monday is 1; negative where end lies before start.
        """
        return self._count(local_day(end) + 1) - self._count(local_day(start) + 1)

    def add_working_days(self, day: int, count: int) -> int:
        """Return the local day that many working days after (or, negative, before) a local day.

        0 gives the day itself, or the next working day where it is none.
        """
        passed = self._count(day + 1)
        if count == 0:
            return day if self.is_working_day(day) else self._nth(passed)
        if count > 0:
            return self._nth(passed + count - 1)
        return self._nth(self._count(day) + count)

    def add_working_time(self, epoch: float, count: int) -> int:
        """Return the instant at the same local time that many working days later."""
        day = local_day(epoch)
        return int(epoch) + (self.add_working_days(day, count) - day) * DAY_S

    def work_start(self, day: int) -> int:
        """Return the instant at which work begins on a local day."""
        return day_start(day) + _seconds(self.hours[0][0])

    def work_end(self, day: int) -> int:
        """Return the instant at which work ends on a local day."""
        return day_start(day) + _seconds(self.hours[-1][1])

    def next_due(self, due: Due, now: float) -> int:
        """Return the first due instant after now (epoch s)."""
        return next(instant for instant in self._dues(due, now) if instant > now)

    def last_due(self, due: Due, now: float) -> int:
        """Return the latest due instant not after now (epoch s)."""
        return max(instant for instant in self._dues(due, now) if instant <= now)

    def _dues(self, due: Due, now: float) -> list[int]:
        """Return the due instants around now, in order: the period that holds it and two on either side.

        A day that the month lacks is its last; a day off moves to the next working day where that is declared.
        """
        today = local_date(now)
        if due.period == "day":
            days = [today + timedelta(days=step) for step in range(-15, 16)]
        elif due.period == "week":
            monday = today - timedelta(days=today.weekday())
            days = [monday + timedelta(days=due.day - 1, weeks=step) for step in range(-2, 3)]
        elif due.period in _DUE_MONTHS:
            size = _DUE_MONTHS[due.period]
            first = date(today.year, (today.month - 1) // size * size + (due.month or 1), 1)
            days = [_month_day(_add_months(first, step * size), due.day) for step in range(-2, 3)]
        else:
            raise QuestionError(f"due.period = {due.period!r}; use day, week, month, quarter or year")
        at = _seconds(time.fromisoformat(due.time))
        numbers = [day_of(day) for day in days]
        if self.due_moves:
            numbers = [self.add_working_days(day, 0) for day in numbers]
        return sorted({day_start(day) + at for day in numbers})

    def _count(self, day: int) -> int:
        if not FIRST_DAY <= day <= LAST_DAY:
            raise QuestionError(f"{date_of(day)} lies outside the working-day table (2000 to 2069)")
        return self._before[day - FIRST_DAY]

    def _nth(self, index: int) -> int:
        if not 0 <= index < len(self._working):
            raise QuestionError("the day asked for lies outside the working-day table (2000 to 2069)")
        return self._working[index]


_DUE_MONTHS = {"month": 1, "quarter": 3, "year": 12}


def _month_day(first: date, day: int) -> date:
    last = (_add_months(first, 1) - timedelta(days=1)).day
    return first.replace(day=min(day, last))


def _seconds(moment: time) -> int:
    return moment.hour * HOUR_S + moment.minute * 60 + moment.second


def load_calendar(data: Path) -> Calendar:
    """Read data/calendar.toml. Raises DeclarationError that names file, key and what was expected."""
    top = read(data / "calendar.toml")
    top.keys(frozenset(("working", "reporting", "due", "yearly", "year")))
    working, reporting, due, yearly = (top.table(key) for key in ("working", "reporting", "due", "yearly"))
    for table in (working, reporting, due, yearly):
        table.text("basis")
    weekend = working.numbers("weekend")
    if any(not 1 <= number <= 7 for number in weekend):
        raise working.fault(
            "weekend", f"expected ISO days from 1 (Monday) to 7 (Sunday), found {list(weekend)}"
        )
    hours = working.times("hours")
    if not hours:
        raise working.fault("hours", 'expected at least one pair such as ["07:30", "11:30"]')
    report_day = reporting.number("first_day")
    if not 1 <= report_day <= 28:
        raise reporting.fault("first_day", f"expected a day from 1 to 28, found {report_day}")
    if due.text("moves") not in ("next", "stays"):
        raise due.fault("moves", f'expected "next" or "stays", found {due.text("moves")!r}')
    years = {_year_number(table): table for table in top.tables("year")}
    return Calendar(
        weekend=weekend,
        yearly=[_month_and_day(yearly, text) for text in yearly.texts("days")],
        days_off=[day for year, table in years.items() for day in _days_in(table, "days", year)],
        made_up=[day for year, table in years.items() for day in _days_in(table, "made_up", year)],
        hours=hours,
        report_day=report_day,
        due_moves=due.text("moves") == "next",
        tet={year: table.day("tet") for year, table in years.items()},
        years=years,
        unverified=[year for year, table in years.items() if not table.flag("verified")],
    )


def _year_number(table: Table) -> int:
    table.text("basis")
    return table.number("year")


def _days_in(table: Table, key: str, year: int) -> tuple[date, ...]:
    days = table.days(key)
    for day in days:
        if day.year != year:
            raise table.fault(key, f"expected days of {year}, found {day}")
    return days


def _month_and_day(table: Table, text: str) -> tuple[int, int]:
    try:
        day = date.fromisoformat(f"2024-{text}")
    except ValueError:
        raise table.fault("days", f'expected month and day such as "09-02", found {text!r}') from None
    return day.month, day.day
