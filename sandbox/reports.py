"""Citizens' reports to 1022 in the synthetic province, and how a 1022 system tells about them."""

from __future__ import annotations

import math
from bisect import bisect_right
from typing import Any, NamedTuple

from ioc.calendar import date_of, day_start, local_day
from ioc.territory import Area
from sandbox.chance import Draw, cumulated, mix, share, stream
from sandbox.lives import Lives
from sandbox.setting import ReportCategory, Setting
from sandbox.written import iso

KIND = 2
HORIZON = 60

CHANNELS = ("PHONE", "APP", "ZALO", "FACEBOOK", "WEB")
_CHANNELS = cumulated((34, 27, 19, 12, 8))


class Report(NamedTuple):
    """A report's whole life; instants are epoch seconds, 0 where they never come.

    It is taken in, analysed, verified and handed over to a body, which accepts it.
    """

    key: str
    category: ReportCategory
    agency: str
    commune: Area
    channel: str
    lat: float
    lon: float
    emergency: bool
    evidence: bool
    created: int
    accepted: int
    refused: bool
    due: int
    resolved: int
    rated: int
    rating: str
    corrected: int
    analysed: int
    verified: int
    published: bool

    @property
    def changes(self) -> tuple[int, ...]:
        """The instants at which the system's answer changes."""
        steps = (self.created, self.analysed, self.verified, self.accepted)
        return tuple(sorted(at for at in (*steps, self.resolved, self.rated, self.corrected) if at))

    def status(self, t: float) -> str:
        """Return the system's own word for where the report stands at t."""
        if self.refused and self.accepted <= t:
            return "KHONG_TIEP_NHAN"
        if self.resolved and self.resolved <= t:
            return "DA_XU_LY"
        return "DANG_XU_LY" if self.accepted <= t else "DA_TIEP_NHAN"

    def step(self, t: float) -> str:
        """Return the system's own word for who works on it at t."""
        ended = (self.resolved and self.resolved <= t) or (self.refused and self.accepted <= t)
        if ended:
            return "KET_THUC"
        steps = (
            (self.accepted, "CO_QUAN_XU_LY"),
            (self.verified, "CHUYEN_XU_LY"),
            (self.analysed, "XAC_MINH"),
        )
        return next((word for at, word in steps if at <= t), "PHAN_TICH")

    def shown_category(self, t: float) -> str:
        """Return its category as the system says at t: a correction moves some from a general one."""
        return self.category.name if not self.corrected or self.corrected <= t else "Thủ tục hành chính"


def reports(setting: Setting) -> Lives[Report]:
    """Return all reports of the province."""

    def count(day: int) -> int:
        usual = 36 if setting.calendar.is_working_day(day) else 25
        return max(8, round(usual * (0.82 + 0.36 * share(setting.seed, 20, day)) + 95 * setting.rain(day)))

    def make(day: int, number: int) -> Report:
        return _make(setting, day, number)

    return Lives(count, make, HORIZON)


def _make(setting: Setting, day: int, number: int) -> Report:
    draw = stream(setting.seed, KIND, day, number)
    category = _category(setting, day, draw())
    commune = setting.commune(draw())
    agency = setting.agency(category.agency, commune)
    created = day_start(day) + int(3600 * _hour(draw))
    channel = CHANNELS[bisect_right(_CHANNELS, draw())]
    flooded = category.name == "Ngập úng"
    emergency = draw() < (0.3 if flooded else 0.01)
    accepted = (
        created + int(300 + draw() * 5400) if emergency else setting.after(created, 300 + draw() * 9000)
    )
    refused = draw() < 0.015
    last = setting.calendar.add_working_days(local_day(accepted), category.days)
    due = accepted + 86_400 if emergency else setting.calendar.work_end(last)
    resolved = 0 if refused else _resolved(setting, agency, emergency, accepted, due, draw)
    spread = math.sqrt(max(commune.area_km2, 4.0)) / 111 / 3
    rates, what = draw(), draw()
    rated = resolved + int(600 + draw() * 100_000) if resolved and rates < 0.3 else 0
    rating = "HAI_LONG" if what < 0.86 else "CHAP_NHAN" if what < 0.95 else "KHONG_HAI_LONG"
    return Report(
        key=f"PA-{date_of(day):%y%m%d}-{number:04d}",
        category=category,
        agency=agency,
        commune=commune,
        channel=channel,
        lat=round((commune.lat or 0.0) + (2 * draw() - 1) * spread, 5),
        lon=round((commune.lon or 0.0) + (2 * draw() - 1) * spread, 5),
        emergency=emergency,
        evidence=draw() < (0.35 if channel == "PHONE" else 0.82),
        created=created,
        accepted=accepted,
        refused=refused,
        due=due,
        resolved=resolved,
        rated=rated,
        rating=rating if rated else "",
        corrected=accepted + int(3600 + draw() * 40_000) if draw() < 0.02 else 0,
        analysed=created + int((accepted - created) * (0.2 + 0.2 * draw())),
        verified=created + int((accepted - created) * (0.55 + 0.25 * draw())),
        published=draw() < 0.93,
    )


def _category(setting: Setting, day: int, draw: float) -> ReportCategory:
    """Choose a category: floods bring flooding, an outbreak brings disease."""
    weights = [
        190 * setting.rain(day) if one.name == "Ngập úng"
        else one.share * (1.8 if one.name == "Dịch bệnh" and 8 <= date_of(day).month <= 11 else 1.0)
        for one in setting.categories
    ]  # fmt: skip
    return setting.categories[bisect_right(cumulated(weights), draw)]


def _hour(draw: Draw) -> float:
    """Choose an hour of the day: most between seven and twenty-two."""
    return 7 + 15 * (draw() + draw()) / 2 if draw() < 0.94 else 24 * draw()


def _resolved(setting: Setting, agency: str, emergency: bool, accepted: int, due: int, draw: Draw) -> int:
    late = draw() < 0.055 * setting.slowness(agency)
    part = draw()
    if emergency:
        return accepted + int((1 + 18 * part) * 3600) if not late else due + int(part * 90_000)
    if late:
        extra = 1 + int(-math.log(1 - part) * 2.5)
        last = setting.calendar.add_working_days(local_day(due), min(extra, 20))
        return setting.in_office(last, draw())
    return min(setting.after(accepted + int((due - accepted) * (0.05 + 0.9 * part)), 2400), due - 60)


def told(report: Report, t: float) -> dict[str, Any]:
    """Return what the 1022 system says of a report at t, personal fields and all."""
    person = mix(report.created, int(report.lat * 1e5)) % 10_000
    resolved = report.resolved if report.resolved and report.resolved <= t else 0
    return {
        "id": report.key,
        "title": f"{report.category.topic} tại {report.commune.short}",
        "content": f"Người dân phản ánh: {report.category.topic.lower()}, liên hệ 090000{person:04d}",
        "reporter": {
            "name": f"CÔNG DÂN {person:04d}",
            "phone": f"090000{person:04d}",
            "email": f"cd{person}@example.invalid",
        },
        "channel": report.channel,
        "category": report.shown_category(t),
        "commune": report.commune.code,
        "responsible": report.agency,
        "status": report.status(t),
        "created": iso(report.created),
        "due": iso(report.due) if report.accepted <= t else None,
        "resolved": iso(resolved),
        "step": report.step(t),
        "hours": {
            "analysis": _hours(report.created, report.analysed, t),
            "verification": _hours(report.analysed, report.verified, t),
            "handover": _hours(report.verified, report.accepted, t),
        },
        "handover_minutes": round((report.accepted - report.created) / 60) if report.accepted <= t else None,
        "result_published": report.published if resolved else None,
        "has_evidence": report.evidence,
        "emergency": report.emergency,
        "rating": report.rating if report.rated and report.rated <= t else None,
        "location": {"lat": report.lat, "lng": report.lon},
        "updated": iso(max(at for at in report.changes if at <= t)),
    }


def _hours(start: int, end: int, t: float) -> float | None:
    """Return how long a step took in hours, None while it is not over."""
    return round((end - start) / 3600, 1) if end <= t else None


def counts(lives: Lives[Report], t: float, day: int) -> dict[str, int]:
    """Count the truth at t: received and resolved on a local day until t, in hand and overdue then."""
    found = dict.fromkeys(("received", "resolved", "open", "overdue"), 0)
    for report in lives.begun(t):
        if report.created > t or report.status(t) == "KHONG_TIEP_NHAN":
            continue
        found["received"] += local_day(report.created) == day
        if report.status(t) == "DA_XU_LY":
            found["resolved"] += local_day(report.resolved) == day
        else:
            found["open"] += 1
            found["overdue"] += report.accepted <= t and report.due < t
    return found
