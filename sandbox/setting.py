"""Where the synthetic world plays: communes, bodies, sites and working days of the province chosen."""

from __future__ import annotations

import csv
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property
from hashlib import blake2b
from pathlib import Path

from ioc.agencies import Agencies
from ioc.calendar import Calendar, date_of, day_start, local_day
from ioc.model import Site
from ioc.territory import Area, Territory
from sandbox.chance import cumulated, mix, normal, share

WORLD = Path(__file__).resolve().parent / "data" / "world"
MERGED = date(2025, 7, 1)
"""Units have their present bounds since this day (Nghị quyết 202/2025/QH15)."""
RAIN_BLOCK = 24
"""One wet spell falls somewhere in every so many days."""


@dataclass(frozen=True, slots=True)
class Procedure:
    """An administrative procedure: days are working days, 0 is the same day; level full, partial or other."""

    code: str
    name: str
    category: str
    agency: str
    days: int
    level: str
    fee: bool
    weight: float


@dataclass(frozen=True, slots=True)
class ReportCategory:
    """What people report to 1022, how often, and who answers within how many working days."""

    name: str
    share: float
    agency: str
    days: int
    topic: str


class Setting:
    """The fixed things of the world; everything that happens is a function of these, the seed and the instant."""

    def __init__(
        self,
        seed: int,
        province: str,
        territory: Territory,
        agencies: Agencies,
        calendar: Calendar,
        sites: Sequence[Site],
    ) -> None:
        self.seed, self.province, self.calendar = seed, province, calendar
        self.name = territory.province(province).name
        self.communes: list[Area] = territory.communes(province)
        self._territory = territory
        self.provinces: list[Area] = territory.areas("province")
        self.sites = list(sites)
        self.procedures = [_procedure(row) for row in _rows("procedures.csv")]
        self.categories = [_category(row) for row in _rows("report_categories.csv")]
        self._names = {agency.id: agency.name.vi for agency in agencies.agencies()}
        self._slow: dict[str, float] = {}
        weights = [_weight(seed, area) for area in self.communes]
        self._communes = cumulated(weights)
        self._procedures = cumulated([procedure.weight for procedure in self.procedures])

    @cached_property
    def former_communes(self) -> list[Area]:
        """The communes on the day before the present bounds, of every former province that is part of this one."""
        before, since = MERGED - timedelta(days=1), MERGED
        former = [
            one.code
            for one in self._territory.areas("province", before)
            if self.province
            in {one.code if one.is_valid(since) else ""}
            | {area.code for area, _ in self._territory.successors(one.code, since)}
        ]
        return [area for code in former for area in self._territory.communes(code, before)]

    def commune(self, draw: float) -> Area:
        """Choose a commune, populous ones more often."""
        return self.communes[bisect_right(self._communes, draw)]

    def procedure(self, draw: float) -> Procedure:
        """Choose a procedure, frequent ones more often."""
        return self.procedures[bisect_right(self._procedures, draw)]

    def agency(self, id: str, commune: Area) -> str:
        """Return a body's name as senders write it; "commune" is the people's committee of that commune."""
        return f"UBND {commune.short}" if id == "commune" else self._names.get(id, id)

    def slowness(self, agency: str) -> float:
        """Return how much more often than usual a body is late: most 0.75, a few 3.4."""
        found = self._slow.get(agency)
        if found is None:
            number = int.from_bytes(blake2b(agency.encode(), digest_size=8).digest())
            found = self._slow[agency] = 3.4 if share(self.seed, 11, number) < 0.1 else 0.75
        return found

    def of_kind(self, kind: str) -> list[Site]:
        """List the sites of one kind in the order of their ids."""
        return [site for site in self.sites if site.kind == kind]

    # Days

    def busyness(self, day: int) -> float:
        """Return how busy a local day is: 1 is an ordinary working day; little before and after Tết."""
        if not self.calendar.is_working_day(day):
            return 0.05 if date_of(day).weekday() == 5 else 0.03
        weekday = (1.12, 1.04, 1.0, 0.97, 0.9, 0.9, 0.9)[date_of(day).weekday()]
        return weekday * self._tet(day) * (1 + 0.05 * normal(self.seed, 12, day))

    def _tet(self, day: int) -> float:
        when = date_of(day)
        tet: date | None = self.calendar.tet.get(when.year)
        if tet is None:
            return 1.0
        away = (when - tet).days
        if -10 <= away < 0:
            return 0.55
        return 0.6 + 0.04 * (away - 4) if 0 <= away < 14 else 1.0

    def rain(self, day: int) -> float:
        """Return the wetness of a local day from 0 to 1: a small spell in each 24 days, a flood in some."""
        block, into = divmod(day, RAIN_BLOCK)
        first = int(share(self.seed, 13, block) * (RAIN_BLOCK - 8))
        length = 5 + int(share(self.seed, 14, block) * 3)
        month = date_of(block * RAIN_BLOCK + first).month
        strong = 1.0 if block % 4 == mix(self.seed, 15) % 4 and 5 <= month <= 11 else 0.3
        if not first <= into < first + length:
            return 0.0
        return strong * (1 - abs(into - first - length / 2) / length)

    # Office hours

    def in_office(self, day: int, draw: float) -> int:
        """Return an instant in the declared hours of a local day."""
        left = draw * sum(end - start for start, end in self._hours)
        for start, end in self._hours:
            if left < end - start:
                return int(day_start(day) + start + left)
            left -= end - start
        return self.calendar.work_end(day)

    def after(self, at: int, seconds: float, most: int = 0) -> int:
        """Return the instant that many seconds of office time after another; `most` is a last day to stay in."""
        day, left = local_day(at), seconds
        for _ in range(120):
            if self.calendar.is_working_day(day):
                for start, end in self._hours:
                    opens, closes = day_start(day) + start, day_start(day) + end
                    begin = max(opens, at)
                    if begin >= closes:
                        continue
                    if begin + left <= closes:
                        return int(begin + left)
                    left -= closes - begin
            if most and day >= most:
                return self.calendar.work_end(most)
            day += 1
        return at + int(seconds)

    @cached_property
    def _hours(self) -> list[tuple[int, int]]:
        return [
            (start.hour * 3600 + start.minute * 60, end.hour * 3600 + end.minute * 60)
            for start, end in self.calendar.hours
        ]


def _rows(name: str) -> list[dict[str, str]]:
    with (WORLD / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def _procedure(row: dict[str, str]) -> Procedure:
    return Procedure(
        row["code"],
        row["name"],
        row["category"],
        row["agency"],
        int(row["days"]),
        row["level"],
        row["fee"] == "1",
        float(row["weight"]),
    )


def _category(row: dict[str, str]) -> ReportCategory:
    return ReportCategory(row["name"], float(row["share"]), row["agency"], int(row["days"]), row["topic"])


def _weight(seed: int, area: Area) -> float:
    """Weigh a commune as if by inhabitants: wards more than rural communes, each a little its own."""
    kind = {"phường": 1.0, "xã": 0.5}.get(area.kind, 0.6)
    return kind * (0.5 + share(seed, 10, int(area.code)))
