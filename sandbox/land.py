"""Land requests of the synthetic province, and how a land information system tells about them as features."""

from __future__ import annotations

import math
from bisect import bisect_right
from typing import Any, NamedTuple

from ioc.calendar import date_of, local_day
from ioc.territory import Area
from sandbox.chance import Draw, cumulated, mix, share, stream
from sandbox.lives import Lives
from sandbox.setting import Setting
from sandbox.written import day as written_day
from sandbox.written import iso

KIND = 3
HORIZON = 120
PER_DAY = 80

OFFICE, TAX = "Văn phòng Đăng ký đất đai", "Thuế cơ sở"


class Kind(NamedTuple):
    """A kind of request: its code, frequency, working days, whether tax is due and a certificate is issued."""

    code: str
    weight: float
    days: int
    taxed: bool
    certificate: bool


KINDS = (
    Kind("DANG_KY_LAN_DAU", 9, 20, True, True),
    Kind("BIEN_DONG_CHUYEN_NHUONG", 27, 10, True, True),
    Kind("BIEN_DONG_THUA_KE", 8, 10, True, True),
    Kind("BIEN_DONG_TANG_CHO", 10, 10, True, True),
    Kind("TACH_THUA", 8, 15, False, True),
    Kind("HOP_THUA", 2, 15, False, True),
    Kind("CHUYEN_MUC_DICH", 5, 15, True, True),
    Kind("CAP_DOI", 7, 7, False, True),
    Kind("CAP_LAI", 2, 10, False, True),
    Kind("DINH_CHINH", 3, 10, False, False),
    Kind("THE_CHAP_DANG_KY", 11, 1, False, False),
    Kind("THE_CHAP_XOA", 8, 1, False, False),
)
_KINDS = cumulated([kind.weight for kind in KINDS])


class Step(NamedTuple):
    """From this instant on a request has this status, at this step, with this body."""

    at: int
    status: str
    step: str
    holder: str


class Request(NamedTuple):
    """A request's whole life; instants are epoch seconds, 0 where they never come."""

    key: str
    kind: Kind
    agency: str
    commune: Area
    lon: float
    lat: float
    area_m2: int
    online: bool
    received: int
    due: int
    steps: tuple[Step, ...]
    tax: tuple[int, int]
    paying: tuple[int, int]
    closed: int

    @property
    def changes(self) -> tuple[int, ...]:
        """The instants at which the system's answer changes."""
        return tuple(step.at for step in self.steps)

    def step(self, t: float) -> Step:
        """Return where the request stands at t."""
        return [step for step in self.steps if step.at <= t][-1]

    def waited(self, t: float) -> int:
        """Return the seconds that it waited for the applicant's payment, once that had come by t."""
        start, end = self.paying
        return end - start if end <= t else 0


def requests(setting: Setting) -> Lives[Request]:
    """Return all land requests of the province."""

    def count(day: int) -> int:
        return round(PER_DAY * setting.busyness(day) * (0.9 + 0.2 * share(setting.seed, 30, day)))

    def make(day: int, number: int) -> Request:
        return _make(setting, day, number)

    return Lives(count, make, HORIZON)


def _make(setting: Setting, day: int, number: int) -> Request:
    draw = stream(setting.seed, KIND, day, number)
    kind = KINDS[bisect_right(_KINDS, draw())]
    commune = setting.commune(draw())
    agency = (
        setting.agency("commune", commune) if kind.code in ("DANG_KY_LAN_DAU", "CHUYEN_MUC_DICH") else OFFICE
    )
    working = setting.calendar.is_working_day(day)
    received = (
        setting.in_office(day, draw()) if working else day * 86_400 - 25_200 + int((7 + 14 * draw()) * 3600)
    )
    due = setting.calendar.work_end(setting.calendar.add_working_days(local_day(received), kind.days))
    steps = [Step(received, "DANG_GIAI_QUYET", "TIEP_NHAN", agency)]
    tax, paying, closed = _walk(setting, kind, agency, received, due, steps, draw)
    spread = math.sqrt(max(commune.area_km2, 4.0)) / 111 / 3
    return Request(
        key=f"DD{setting.province}.{date_of(day):%y%m%d}.{number:04d}",
        kind=kind,
        agency=agency,
        commune=commune,
        lon=round((commune.lon or 0.0) + (2 * draw() - 1) * spread, 6),
        lat=round((commune.lat or 0.0) + (2 * draw() - 1) * spread, 6),
        area_m2=int(60 + 900 * draw() ** 3),
        online=draw() < 0.62 or not working,
        received=received,
        due=due,
        steps=tuple(steps),
        tax=tax,
        paying=paying,
        closed=closed,
    )


def _walk(
    setting: Setting, kind: Kind, agency: str, received: int, due: int, steps: list[Step], draw: Draw
) -> tuple[tuple[int, int], tuple[int, int], int]:
    """Append the steps; return the spans at the tax office and of paying, and when the request was closed."""
    span = max(3600, due - received)
    at = setting.after(received, 600 + draw() * 0.1 * span)
    steps.append(Step(at, "DANG_GIAI_QUYET", "THAM_DINH", agency))
    tax = paying = (0, 0)
    if kind.taxed:
        sent = setting.after(at + int(0.2 * span * draw()), 600)
        back = setting.after(
            sent + int((0.5 + 4.5 * draw() ** 1.6 + (9 * draw() if draw() < 0.07 else 0)) * 86_400), 60
        )
        paid = setting.after(back + int((0.2 + 7 * draw() ** 2) * 86_400), 60)
        steps.append(Step(sent, "DANG_GIAI_QUYET", "CHO_THUE", TAX))
        steps.append(Step(back, "CHO_NOP_TIEN", "CHO_NOP_TIEN", agency))
        steps.append(Step(paid, "DANG_GIAI_QUYET", "TRINH_KY", agency))
        tax, paying, at = (sent, back), (back, paid), paid
    if draw() < 0.02:
        steps.append(Step(setting.after(at, 7200), "RUT_HO_SO", "KET_THUC", ""))
        return tax, paying, 0
    late = draw() < 0.06 * setting.slowness(agency)
    limit = due + (paying[1] - paying[0])
    if late:
        extra = 1 + int(-math.log(1 - draw()) * 2.2)
        last = setting.calendar.add_working_days(local_day(limit), min(extra, 15))
        closed = max(setting.in_office(last, draw()), setting.after(at, 1800))
    else:
        closed = setting.after(at + int(max(0, limit - at) * 0.75 * draw()), 1800)
    if not kind.taxed:
        steps.append(
            Step(
                min(setting.after(at + (closed - at) // 2, 1), closed - 60),
                "DANG_GIAI_QUYET",
                "TRINH_KY",
                agency,
            )
        )
    steps.append(Step(closed, "DA_GIAI_QUYET", "TRA_KET_QUA", agency))
    return tax, paying, closed


def told(request: Request, t: float) -> dict[str, Any]:
    """Return a request's properties as the land system tells them at t, personal fields and all."""
    step = request.step(t)
    sent, back = request.tax
    person = mix(request.received, request.area_m2) % 10_000
    closed = request.closed if request.closed and request.closed <= t else 0
    return {
        "loai": request.kind.code,
        "trang_thai": step.status,
        "buoc": step.step,
        "don_vi_xu_ly": request.agency,
        "don_vi_dang_giu": step.holder,
        "ma_xa": request.commune.code,
        "chu_su_dung": f"CÔNG DÂN {person:04d}",
        "dien_thoai": f"090000{person:04d}",
        "dien_tich_m2": request.area_m2,
        "kenh": "TRUC_TUYEN" if request.online else "TRUC_TIEP",
        "ngay_nhan": iso(request.received),
        "ngay_hen_tra": iso(request.due),
        "ngay_giai_quyet": iso(closed),
        "ngay_chuyen_thue": written_day(sent if sent and sent <= t else 0),
        "so_ngay_thue": round((back - sent) / 86_400, 1) if back and back <= t else None,
        "giay_tam_dung": request.waited(t),
        "da_cap_giay": bool(closed and request.kind.certificate),
        "cap_nhat": iso(step.at),
    }


def geometry(request: Request) -> dict[str, Any]:
    """Return the parcel in CRS84: a third as polygons, the others as a point."""
    lon, lat = request.lon, request.lat
    if mix(request.received, int(lon * 1e6)) % 3:
        return {"type": "Point", "coordinates": [lon, lat]}
    half = math.sqrt(request.area_m2) / 2
    east, north = half / (111_320 * math.cos(math.radians(lat))), half / 110_950
    ring = [(-east, -north), (east, -north), (east, north), (-east, north), (-east, -north)]
    return {
        "type": "Polygon",
        "coordinates": [[[round(lon + x, 7), round(lat + y, 7)] for x, y in ring]],
    }


def counts(lives: Lives[Request], t: float, day: int) -> dict[str, int]:
    """Count the truth at t: received and closed on a local day until t, in hand, overdue and at the tax office."""
    found = dict.fromkeys(("received", "closed", "pending", "suspended", "overdue", "at_tax_office"), 0)
    for request in lives.begun(t):
        if request.received > t:
            continue
        step = request.step(t)
        found["received"] += local_day(request.received) == day
        if step.status == "DA_GIAI_QUYET":
            found["closed"] += local_day(step.at) == day
        elif step.status != "RUT_HO_SO":
            found["pending"] += 1
            suspended = step.status == "CHO_NOP_TIEN"
            found["suspended"] += suspended
            found["overdue"] += not suspended and request.due < t
            found["at_tax_office"] += step.step == "CHO_THUE"
    return found
