"""Dossiers of investors in the synthetic province, and which procedures of investment are online."""

from __future__ import annotations

from array import array
from functools import lru_cache
from typing import Any, NamedTuple

from ioc.calendar import date_of, local_day
from ioc.territory import Area
from sandbox.chance import mix, stream
from sandbox.lives import Lives
from sandbox.setting import Setting
from sandbox.world import World
from sandbox.written import day as written_day
from sandbox.written import iso

KIND = 6
HORIZON = 90
PER_DAY = 2.2

PROCEDURES = (("Toàn trình", 60), ("Một phần", 38))
ALL_PROCEDURES = 117
"""Of the department's procedures: so many are online, at two levels, and so many there are."""


class Dossier(NamedTuple):
    """A dossier's whole life; instants are epoch seconds, 0 where they never come; capital in billions of đồng."""

    key: str
    origin: str
    request: str
    channel: str
    commune: Area
    agency: str
    capital: int
    received: int
    due: int
    asked: int
    supplied: int
    closed: int
    refused: bool
    person: int

    @property
    def changes(self) -> tuple[int, ...]:
        """The instants at which the system's answer changes."""
        return tuple(sorted(at for at in (self.received, self.asked, self.supplied, self.closed) if at))

    def status(self, t: float) -> str:
        """Return the system's own word for where the dossier stands at t."""
        if self.closed <= t:
            return "TU_CHOI" if self.refused else "DA_CAP"
        return "CHO_BO_SUNG" if self.asked and self.asked <= t < self.supplied else "THAM_DINH"


@lru_cache(maxsize=4)
def dossiers(setting: Setting) -> Lives[Dossier]:
    """Return all dossiers of the province."""

    def count(day: int) -> int:
        return int(PER_DAY * setting.busyness(day) + stream(setting.seed, KIND, day)())

    def make(day: int, number: int) -> Dossier:
        return _make(setting, day, number)

    return Lives(count, make, HORIZON)


def changed(world: World, since: int, until: int) -> array[int]:
    """Return references to the dossiers that changed in a span."""
    return dossiers(world.setting).changed(since, until)


def _make(setting: Setting, day: int, number: int) -> Dossier:
    draw = stream(setting.seed, KIND, day, number, 1)
    calendar = setting.calendar
    foreign, new, online = draw() < 0.22, draw() < 0.45, draw() < 0.74
    agency = setting.agency("bql_kkt" if draw() < 0.3 else "so_tai_chinh", setting.communes[0])
    received = setting.in_office(day, 0.95 * draw())
    days = 15 if new else 10
    last = calendar.add_working_days(local_day(received), days)
    took = days * (0.45 + 0.5 * draw()) if draw() > 0.05 * setting.slowness(agency) else days + 1 + 8 * draw()
    asks = draw() < 0.16
    asked = setting.in_office(calendar.add_working_days(local_day(received), 3), draw()) if asks else 0
    waits = 2 + int(8 * draw()) if asks else 0
    supplied = setting.in_office(calendar.add_working_days(local_day(asked), waits), draw()) if asks else 0
    end = calendar.add_working_days(local_day(received), int(took) + waits)
    return Dossier(
        key=f"DT-{date_of(day):%y%m%d}-{number:02d}",
        origin="FDI" if foreign else "TRONG_NUOC",
        request="CAP_MOI" if new else "DIEU_CHINH",
        channel="TRUC_TUYEN" if online else "TRUC_TIEP",
        commune=setting.commune(draw()),
        agency=agency,
        capital=int((40 if new else 12) * (0.2 + 3 * draw() ** 4) * (6 if foreign else 1)),
        received=received,
        due=calendar.work_end(last),
        asked=asked,
        supplied=supplied,
        closed=max(setting.in_office(end, 0.95 * draw()), received + 3600, supplied + 3600 if asks else 0),
        refused=draw() < 0.03,
        person=mix(setting.seed, day, number) % 1000,
    )


def told(world: World, reference: int, t: int) -> dict[str, Any]:
    """Return what the system says of a dossier at t, the investor and all."""
    one = dossiers(world.setting).at(reference)
    waited = one.supplied - one.asked if one.asked and one.supplied <= t else 0
    return {
        "ma_ho_so": one.key,
        "nha_dau_tu": f"NHÀ ĐẦU TƯ {one.person:03d}",
        "dien_thoai": f"0900000{one.person:03d}",
        "nguon_von": one.origin,
        "loai": one.request,
        "kenh": one.channel,
        "dia_ban": one.commune.code,
        "co_quan": one.agency,
        "von_dang_ky_ty_dong": one.capital,
        "ngay_nhan": iso(one.received),
        "ngay_hen_tra": written_day(one.due),
        "ngay_cap": iso(one.closed if one.closed <= t and not one.refused else 0),
        "giay_cho_bo_sung": waited,
        "trang_thai": one.status(t),
    }


def procedures_changed(world: World, since: int, until: int) -> list[tuple[int, str, str, int]]:
    """Return today's counts of procedures: (local day, what, level, count)."""
    today = local_day(until)
    online = [(today, "truc_tuyen", level, count) for level, count in PROCEDURES]
    return [*online, (today, "tat_ca", "", ALL_PROCEDURES)]


def told_procedures(world: World, which: tuple[int, str, str, int], t: int) -> dict[str, Any]:
    """Return one count of procedures."""
    on, what, level, count = which
    return {
        "ma_tinh": world.setting.province,
        "ngay": f"{date_of(on)}",
        "loai": what,
        "muc_do": level,
        "so_thu_tuc": count,
    }


def counts(world: World, t: float) -> dict[str, int]:
    """Count the truth at t from every single life: dossiers in hand, and of them waiting for supplements."""
    found = dict.fromkeys(("open", "waiting"), 0)
    for one in dossiers(world.setting).begun(t):
        if one.received <= t < one.closed:
            found["open"] += 1
            found["waiting"] += one.status(t) == "CHO_BO_SUNG"
    return found
