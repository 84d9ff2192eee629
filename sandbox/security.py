"""Alerts, incidents and protected hosts of the synthetic province's security operations centre."""

from __future__ import annotations

import math
from array import array
from bisect import bisect_right
from collections.abc import Iterator
from functools import lru_cache
from typing import Any, NamedTuple

from ioc.calendar import HOUR_S, OFFSET_S, date_of, day_start, local_day
from sandbox.chance import cumulated, mix, normal, share, stream, wave
from sandbox.lives import Lives
from sandbox.moments import moments
from sandbox.setting import Setting
from sandbox.world import World
from sandbox.written import iso

KIND = 5
HORIZON = 40
BANDS = ((0, 6), (7, 11), (12, 14), (15, 16))
"""The levels of alerts that come in one band, lowest first."""
_HOURLY = (2_600.0, 42.0, 1.1, 0.03)

RULES = (
    ("5712", "sshd: brute force trying to get access to the system", ("syslog", "sshd"), "T1110"),
    ("31106", "A web attack returned code 200 (success)", ("web", "accesslog", "attack"), "T1190"),
    ("87105", "VirusTotal: Alert - malware detected", ("virustotal", "malware"), "T1203"),
    ("60122", "Multiple Windows logon failures", ("windows", "authentication_failures"), "T1110"),
    ("92213", "Executable file dropped in folder commonly used by malware", ("sysmon", "malware"), "T1105"),
    ("550", "Integrity checksum changed", ("syscheck", "ossec"), "T1565.001"),
)
_RULES = cumulated((34, 22, 14, 16, 8, 6))

UNITS = (
    "van_phong_ubnd", "so_khcn", "so_nnmt", "so_tai_chinh", "so_xay_dung", "so_noi_vu", "so_y_te", "so_gddt",
    "so_cong_thuong", "so_vhttdl", "so_tu_phap", "bql_kkt", "thanh_tra_tinh", "tt_hcc",
)  # fmt: skip
KINDS = ("MA_DOC", "TAN_CONG_WEB", "LUA_DAO", "DO_MAT_KHAU", "LO_LOT_DU_LIEU", "DDOS")
_KINDS = cumulated((34, 22, 18, 15, 6, 5))
LEVELS = {"THAP": 120, "TRUNG_BINH": 72, "CAO": 24, "NGHIEM_TRONG": 8}
"""How many hours there are for containing an incident of each level."""
_LEVELS = cumulated((38, 40, 18, 4))


class Alert(NamedTuple):
    """One alert: at is epoch ms."""

    id: str
    at: int
    level: int
    rule: int
    agent: int


def count(setting: Setting, hour: int, band: int) -> int:
    """Return how many alerts of a band came in the hour that begins at an instant: attacks come in waves."""
    busy = 0.45 + 0.55 * setting.busyness(local_day(hour)) * (7 <= (hour + OFFSET_S) // HOUR_S % 24 < 18)
    storm = 1 + 2.2 * max(0.0, wave(setting.seed, 50, hour / HOUR_S, 31.0) - 0.45)
    mean = _HOURLY[band] * busy * storm
    if band == 0:
        return max(0, round(mean * (1 + 0.06 * normal(setting.seed, 51, hour))))
    draw, found, chance = share(setting.seed, 52 + band, hour), 0, math.exp(-mean)
    while draw >= chance and found < 400:
        draw -= chance
        found += 1
        chance *= mean / found
    return found


def alerts(setting: Setting, since: int, until: int, lowest: int) -> Iterator[Alert]:
    """Yield the alerts from a level on with since <= at < until (epoch s), oldest first."""
    for hour in range(since - since % HOUR_S, until, HOUR_S):
        found = []
        for band, (low, high) in enumerate(BANDS):
            if high < lowest:
                continue
            for number in range(count(setting, hour, band)):
                draw = stream(setting.seed, KIND, hour, band, number)
                level = low + int((high - low + 1) * draw() ** 2)
                at = hour * 1000 + int(3_600_000 * draw())
                rule = bisect_right(_RULES, draw())
                id = f"{mix(setting.seed, hour, band, number):016x}"
                if level >= lowest and since * 1000 <= at < until * 1000:
                    found.append(Alert(id, at, level, rule, int(900 * draw())))
        yield from sorted(found, key=lambda alert: (alert.at, alert.id))


class Incident(NamedTuple):
    """An incident's whole life; instants are epoch seconds, contained 0 where it is not yet known to be."""

    key: str
    kind: str
    level: str
    unit: str
    hosts: int
    detected: int
    taken: int
    due: int
    contained: int
    person: int

    @property
    def changes(self) -> tuple[int, ...]:
        """The instants at which the system's answer changes."""
        return (self.detected, self.taken, self.contained)

    def status(self, t: float) -> str:
        """Return the system's own word for where it stands at t."""
        return "DA_KHAC_PHUC" if self.contained <= t else "DANG_XU_LY" if self.taken <= t else "MOI"


@lru_cache(maxsize=4)
def incidents(setting: Setting) -> Lives[Incident]:
    """Return all incidents of the province."""

    def number(day: int) -> int:
        return int(6.5 * share(setting.seed, 56, day) * (0.4 + 0.6 * setting.busyness(day)) + 0.5)

    def make(day: int, number: int) -> Incident:
        return _incident(setting, day, number)

    return Lives(number, make, HORIZON)


def _incident(setting: Setting, day: int, number: int) -> Incident:
    draw = stream(setting.seed, KIND, 1, day, number)
    kind = KINDS[bisect_right(_KINDS, draw())]
    level = list(LEVELS)[bisect_right(_LEVELS, draw())]
    detected = day_start(day) + int(86_400 * draw())
    taken = detected + int(300 + 5_400 * draw())
    hours = LEVELS[level]
    late = draw() < 0.12
    lasts = hours * 3600 * ((1.05 + 1.2 * draw()) if late else (0.06 + 0.8 * draw() ** 1.6))
    commune = setting.commune(draw())
    unit = "commune" if draw() < 0.3 else UNITS[int(len(UNITS) * draw())]
    return Incident(
        key=f"SC-{date_of(day):%y%m%d}-{number + 1:02d}",
        kind=kind,
        level=level,
        unit=setting.agency(unit, commune),
        hosts=1 + int(9 * draw() ** 3) if kind == "MA_DOC" else 0,
        detected=detected,
        taken=taken,
        due=detected + hours * 3600,
        contained=max(taken + 900, detected + int(lasts)),
        person=mix(setting.seed, day, number) % 100,
    )


def incidents_changed(world: World, since: int, until: int) -> array[int]:
    """Return references to the incidents that changed in a span."""
    return incidents(world.setting).changed(since, until)


def incident_told(world: World, reference: int, t: int) -> dict[str, Any]:
    """Return what the centre's ticket system says of an incident at t, its staff and addresses too."""
    incident = incidents(world.setting).at(reference)
    return {
        "ma_su_co": incident.key,
        "mo_ta": f"Phát hiện trên máy 10.22.{incident.person}.7",
        "can_bo_xu_ly": f"CÁN BỘ {incident.person:02d}",
        "loai": incident.kind,
        "muc_do": incident.level,
        "don_vi": incident.unit,
        "trang_thai": incident.status(t),
        "phat_hien": iso(incident.detected),
        "han_khac_phuc": iso(incident.due),
        "khac_phuc": iso(incident.contained) if incident.contained <= t else None,
        "so_may": incident.hosts,
    }


def infected(setting: Setting, at: float) -> dict[str, int]:
    """Return how many hosts of each body are infected at an instant: those of its open malware incidents."""
    found: dict[str, int] = {}
    for one in incidents(setting).begun(at):
        if one.kind == "MA_DOC" and one.detected <= at < one.contained:
            found[one.unit] = found.get(one.unit, 0) + one.hosts
    return found


def hosts_changed(world: World, since: int, until: int) -> list[tuple[int, str, int]]:
    """Return (instant, body, infected hosts) of each body at the end of past days and now."""
    setting, found = world.setting, []
    bodies = [setting.agency(unit, setting.communes[0]) for unit in UNITS]
    bodies += [setting.agency("commune", commune) for commune in setting.communes]
    for at in moments(since, until, int(world.now())):
        sick = infected(setting, at)
        found += [(at, body, sick.get(body, 0)) for body in bodies]
    return found


def host_told(world: World, state: tuple[int, str, int], t: int) -> dict[str, Any]:
    """Return how many hosts of a body are watched over, heard of and infected."""
    at, body, sick = state
    number = mix(world.setting.seed, *body.encode())
    hosts = (28 if body.startswith("UBND") else 70) + number % 90
    silent = int(hosts * 0.08 * share(number, at // 7200))
    return {
        "don_vi": body,
        "tinh": world.setting.province,
        "thoi_diem": iso(at),
        "so_may": hosts,
        "co_ket_noi": hosts - silent,
        "nhiem": sick,
    }


def link_changed(world: World, since: int, until: int) -> list[int]:
    """Return the instants at which the link to the national centre was looked at."""
    return list(moments(since, until, int(world.now())))


def last_sync(setting: Setting, at: int) -> int:
    """Return when the national centre last took over our data before an instant: each 15 minutes, a few are missed."""
    turn = at // 900
    while share(setting.seed, 57, turn) < 0.07 or share(setting.seed, 58, turn // 24) < 0.02:
        turn -= 1
    return turn * 900


def link_told(world: World, at: int, t: int) -> dict[str, Any]:
    """Return the state of the link to the national centre at an instant."""
    synced = last_sync(world.setting, at)
    return {
        "tinh": world.setting.province,
        "thoi_diem": iso(at),
        "dong_bo_cuoi": iso(synced),
        "phut_tu_lan_dong_bo": (at - synced) // 60,
    }
