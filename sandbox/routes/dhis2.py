"""DHIS2 analytics of hospitals and communicable diseases. https://docs.dhis2.org/en/develop/using-the-api/"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from datetime import date, timedelta
from typing import Any, NamedTuple

from ioc.calendar import day_of, local_date, local_day
from ioc.model import Site
from sandbox import health
from sandbox.answers import Answer, Asked
from sandbox.chance import mix
from sandbox.world import World

TOKEN = "ApiToken d2pat_sandbox0000000000000000000000000000"
MOST_ROWS = 50_000
PERIODS = {"D": re.compile(r"\d{8}"), "W": re.compile(r"(\d{4})W(\d\d?)"), "M": re.compile(r"\d{6}")}
_LAST = re.compile(r"LAST_(\d{1,3})_(DAY|WEEK|MONTH)S")
_ONE = {
    "TODAY": ("D", 0, 1), "YESTERDAY": ("D", 1, 1), "THIS_WEEK": ("W", 0, 1), "LAST_WEEK": ("W", 1, 1),
    "THIS_MONTH": ("M", 0, 1), "LAST_MONTH": ("M", 1, 1),
}  # fmt: skip

HOSPITAL = {
    "hBedTotal01": "Giường bệnh kế hoạch",
    "hBedOccup01": "Giường bệnh đang sử dụng",
    "hVisitDay01": "Lượt khám ngoại trú",
    "hEmergDay01": "Lượt cấp cứu",
}
_SHORT = {"Dengue": 0, "HandFM": 1, "Measle": 2, "Influe": 3, "Rabies": 4}
_NAMES = ("Sốt xuất huyết", "Tay chân miệng", "Sởi", "Cúm", "Dại")
WEEK_CASES = {f"dWk{short}01": health.DISEASES[index] for short, index in _SHORT.items()}
MONTH_CASES = {f"dMo{short}01": health.DISEASES[index] for short, index in _SHORT.items()}
WEEK_DEATHS = {f"xWk{short}01": health.DISEASES[index] for short, index in _SHORT.items()}
OUTBREAKS = {f"oBr{short}01": health.DISEASES[index] for short, index in _SHORT.items() if index < 3}
TIMELY = {"tDue24Hour1": (24, 0), "tRep24Hour1": (24, 1), "tDue48Hour1": (48, 0), "tRep48Hour1": (48, 1)}
ELEMENTS = {
    **HOSPITAL,
    **{uid: f"{_NAMES[health.DISEASES.index(d)]} - ca mắc trong tuần" for uid, d in WEEK_CASES.items()},
    **{uid: f"{_NAMES[health.DISEASES.index(d)]} - ca mắc trong tháng" for uid, d in MONTH_CASES.items()},
    **{uid: f"{_NAMES[health.DISEASES.index(d)]} - tử vong trong tuần" for uid, d in WEEK_DEATHS.items()},
    **{uid: f"{_NAMES[health.DISEASES.index(d)]} - ổ dịch đang hoạt động" for uid, d in OUTBREAKS.items()},
    "tDue24Hour1": "Ca phải báo cáo trong 24 giờ",
    "tRep24Hour1": "Ca báo cáo trong 24 giờ",
    "tDue48Hour1": "Ca phải báo cáo trong 48 giờ",
    "tRep48Hour1": "Ca báo cáo trong 48 giờ",
}


class Unit(NamedTuple):
    """An organisation unit: the province (level 2), a commune (3) or a hospital (4)."""

    uid: str
    code: str
    name: str
    level: int
    hospital: Site | None = None


def source(asked: Asked) -> str:
    """Return which declared source asks: both share the server, their data elements differ."""
    asks = " ".join(asked.lists.get("dimension", ()))
    return "hospitals" if any(uid in asks for uid in HOSPITAL) else "diseases"


def answer(world: World, asked: Asked) -> Answer:
    """Answer /dhis2/api/…"""
    if asked.headers.get("authorization") != TOKEN:
        return Answer(401, b"", "text/plain", {"WWW-Authenticate": 'Basic realm="DHIS2"'})
    path = asked.path.removeprefix("/dhis2/api/").removesuffix(".json")
    if path == "analytics":
        return _analytics(world, asked)
    if path == "organisationUnits":
        return _units_list(world, asked)
    if path == "system/info":
        return Answer.json(200, {"version": "2.41.3", "systemName": "DHIS2 (mô phỏng)"})
    return _conflict(404, "E1005", f"URL path {asked.path} not found")


def _analytics(world: World, asked: Asked) -> Answer:
    dimensions: dict[str, list[str]] = {}
    for text in (*asked.lists.get("dimension", ()), *asked.lists.get("filter", ())):
        name, _, items = text.partition(":")
        dimensions.setdefault(name, []).extend(item for item in items.split(";") if item)
    for name in ("dx", "pe", "ou"):
        if not dimensions.get(name):
            return _conflict(
                409, "E7124" if name in dimensions else "E7118", f"Dimension is not valid: `{name}`"
            )
    unknown = [uid for uid in dimensions["dx"] if uid not in ELEMENTS]
    if unknown:
        return _conflict(
            409, "E7124", f"Dimension dx is present in query without any valid dimension options: {unknown}"
        )
    today = local_date(world.now())
    periods = list(dict.fromkeys(code for item in dimensions["pe"] for code in _periods(item, today)))
    units = list(_asked_units(world, dimensions["ou"]))
    if not periods or not units:
        missing = "pe" if not periods else "ou"
        return _conflict(
            409, "E7124", f"Dimension {missing} is present in query without any valid dimension options"
        )
    rows: list[list[str]] = []
    for row in _rows(world, dimensions["dx"], periods, units):
        rows.append(row)
        if len(rows) > MOST_ROWS:
            return _conflict(409, "E7128", f"Query result set exceeded max limit: `{MOST_ROWS}`")
    body: dict[str, Any] = {"headers": HEADERS, "rows": rows, "width": 4, "height": len(rows)}
    if asked.query.get("skipMeta") != "true":
        body["metaData"] = _meta(dimensions["dx"], periods, units)
    return Answer.json(200, body)


HEADERS = [
    {"name": name, "column": column, "valueType": "NUMBER" if name == "value" else "TEXT",
     "type": "java.lang.Double" if name == "value" else "java.lang.String", "hidden": False, "meta": name != "value"}
    for name, column in (("dx", "Data"), ("pe", "Period"), ("ou", "Organisation unit"), ("value", "Value"))
]  # fmt: skip


def _meta(elements: list[str], periods: list[str], units: list[Unit]) -> dict[str, Any]:
    items: dict[str, Any] = {uid: {"uid": uid, "code": uid, "name": ELEMENTS[uid]} for uid in elements}
    items |= {code: {"uid": code, "code": code, "name": code} for code in periods}
    items |= {unit.uid: {"uid": unit.uid, "code": unit.code, "name": unit.name} for unit in units}
    shown = {"dx": elements, "pe": periods, "ou": [unit.uid for unit in units], "co": []}
    return {"items": items, "dimensions": shown}


def _rows(world: World, elements: list[str], periods: list[str], units: list[Unit]) -> Iterator[list[str]]:
    """Yield a row per value that is in; a combination without one has no row."""
    for uid in elements:
        for period in periods:
            for unit, value in _values(world, uid, period, units):
                yield [uid, period, unit.uid, f"{value:.1f}"]


def _values(world: World, uid: str, period: str, units: list[Unit]) -> Iterator[tuple[Unit, float]]:
    setting, now = world.setting, world.now()
    today = local_date(now)
    if uid in HOSPITAL and PERIODS["D"].fullmatch(period):
        day = day_of(_day(period))
        in_already = local_day(now - 7 * 3600) >= day if uid.startswith("hBed") else health.finished(day, now)
        for unit in units:
            if unit.hospital and in_already:
                yield unit, _hospital(world, uid, unit.hospital, day)
    elif uid in OUTBREAKS and PERIODS["D"].fullmatch(period) and health.finished(day_of(_day(period)), now):
        yield from _province(units, health.outbreaks(setting, OUTBREAKS[uid], day_of(_day(period))))
    elif found := PERIODS["W"].fullmatch(period):
        first = health.monday(int(found[1]), int(found[2]))
        if first >= today:
            return
        if uid in WEEK_CASES:
            yield from _province(units, health.week_cases(setting, WEEK_CASES[uid], first, today))
        elif uid in WEEK_DEATHS and first + timedelta(days=7) <= today:
            yield from _province(units, health.deaths(setting, WEEK_DEATHS[uid], first))
        elif uid in TIMELY and first + timedelta(days=7) <= today:
            hours, place = TIMELY[uid]
            yield from _province(units, health.timeliness(setting, first, hours)[place])
    elif uid in MONTH_CASES and PERIODS["M"].fullmatch(period):
        year, month = int(period[:4]), int(period[4:])
        if (year, month) < (2025, 7):
            return  # communes of today have no figures from before they existed
        cases = health.month_cases(setting, MONTH_CASES[uid], year, month, today)
        yield from ((unit, cases[unit.code]) for unit in units if unit.level == 3 and unit.code in cases)


def _hospital(world: World, uid: str, hospital: Site, day: int) -> float:
    if uid == "hBedTotal01":
        return health.beds(world.setting, hospital)
    if uid == "hBedOccup01":
        return health.occupied(world.setting, hospital, day)
    if uid == "hVisitDay01":
        return health.visits(world.setting, hospital, day)
    return health.emergencies(world.setting, hospital, day)


def _province(units: Iterable[Unit], value: float) -> Iterator[tuple[Unit, float]]:
    return ((unit, value) for unit in units if unit.level == 2)


def _periods(item: str, today: date) -> Iterator[str]:
    """Yield the ISO codes that a fixed or relative period stands for; LAST_n_… leaves the running one out."""
    if item in _ONE:
        kind, skip, count = _ONE[item]
    elif found := _LAST.fullmatch(item):
        kind, skip, count = found[2][0], 1, int(found[1])
    else:
        if any(form.fullmatch(item) for form in PERIODS.values()) and _is_date(item):
            yield item
        return
    for back in range(skip + count - 1, skip - 1, -1):
        if kind == "D":
            yield f"{today - timedelta(days=back):%Y%m%d}"
        elif kind == "W":
            year, week, _ = (today - timedelta(weeks=back)).isocalendar()
            yield f"{year}W{week}"
        else:
            months = today.year * 12 + today.month - 1 - back
            yield f"{months // 12}{months % 12 + 1:02d}"


def _is_date(item: str) -> bool:
    try:
        if found := PERIODS["W"].fullmatch(item):
            health.monday(int(found[1]), int(found[2]))
        else:
            _day(item.ljust(8, "0") if len(item) == 8 else item + "01")
    except ValueError:
        return False
    return True


def _day(text: str) -> date:
    return date(int(text[:4]), int(text[4:6]), int(text[6:8]))


def units(world: World) -> list[Unit]:
    """Return all organisation units of the province."""
    setting = world.setting
    found = [Unit(_uid(setting.province), setting.province, setting.name, 2)]
    found += [Unit(_uid(area.code), area.code, area.full_name, 3) for area in setting.communes]
    hospitals = setting.of_kind("hospital")
    return found + [Unit(_uid(site.id), site.codes[0], site.name.vi, 4, site) for site in hospitals]


def _asked_units(world: World, asked: list[str]) -> Iterator[Unit]:
    for unit in units(world):
        if unit.uid in asked or unit.code in asked or f"LEVEL-{unit.level}" in asked:
            yield unit


def _uid(code: str) -> str:
    number, letters = mix(*code.encode()), "abcdefghijkmnpqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ23456789"
    text = "o"
    for _ in range(10):
        number, digit = divmod(number, len(letters))
        text += letters[digit]
    return text


def _units_list(world: World, asked: Asked) -> Answer:
    """List the units page by page, or all with paging=false."""
    known = [
        {"id": unit.uid, "code": unit.code, "displayName": unit.name, "level": unit.level}
        for unit in units(world)
    ]
    if asked.query.get("paging") == "false":
        return Answer.json(200, {"organisationUnits": known})
    size, page = asked.number("pageSize", 50, 1, 1000), asked.number("page", 1, 1, 10_000)
    pages = -(-len(known) // size)
    pager: dict[str, Any] = {"page": page, "pageCount": pages, "total": len(known), "pageSize": size}
    if page < pages:
        pager["nextPage"] = f"{asked.base}/dhis2/api/organisationUnits?page={page + 1}&pageSize={size}"
    return Answer.json(200, {"pager": pager, "organisationUnits": known[(page - 1) * size : page * size]})


def _conflict(status: int, code: str, message: str) -> Answer:
    body = {
        "httpStatus": "Conflict" if status == 409 else "Not Found", "httpStatusCode": status, "status": "ERROR",
        "message": message, "errorCode": code,
    }  # fmt: skip
    return Answer.json(status, body)
