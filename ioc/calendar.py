"""Working days, hours and due dates as data/calendar.toml declares them; the door to days and periods too."""

from __future__ import annotations

from array import array
from collections.abc import Iterable
from datetime import date, time, timedelta
from pathlib import Path

from ioc.days import (
    DAY_S,
    HOUR_S,
    LOCAL,
    OFFSET_S,
    ZONE_NAME,
    add_months,
    date_of,
    day_end,
    day_of,
    day_start,
    epoch_of,
    hour_start,
    iso,
    iso_ms,
    local_date,
    local_day,
    local_time,
    month_label,
    quarter_label,
    week_label,
)
from ioc.errors import QuestionError
from ioc.model import Due
from ioc.periods import Kind, Period, parse_period, period_of, previous, same_last_year
from ioc.toml_file import Table, read

__all__ = [
    "DAY_S", "FIRST_DAY", "HOUR_S", "LAST_DAY", "LOCAL", "OFFSET_S", "ZONE_NAME", "Calendar", "Kind",
    "Period", "date_of", "day_end", "day_of", "day_start", "epoch_of", "hour_start", "iso", "iso_ms",
    "load_calendar", "local_date", "local_day", "local_time", "month_label", "parse_period",
    "period_of", "previous", "quarter_label", "same_last_year", "week_label",
]  # fmt: skip

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
            days = [_month_day(add_months(first, step * size), due.day) for step in range(-2, 3)]
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
    last = (add_months(first, 1) - timedelta(days=1)).day
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
