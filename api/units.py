"""What the province consists of: areas, agencies and sectors, in Vietnamese order."""

from __future__ import annotations

from datetime import date
from typing import Any

from api.answers import Answer, day, listed, text
from api.asked import PAGED, Asked
from api.knowledge import as_of, declared_at
from api.routes import Room, Route
from ioc.agencies import Agency
from ioc.calendar import DAY_S, OFFSET_S, local_date
from ioc.declared_then import agencies_at, areas_at
from ioc.territory import Area

LEVELS = ("province", "commune")


def areas(room: Room, asked: Asked) -> Answer:
    """List this province and its communes on a local day (at=, default that of asking)."""
    declared = room.product
    level = asked.one_of("level", LEVELS)
    on = _day(asked)
    known = as_of(room, asked)
    found: list[Area] = []
    if level != "commune":
        found.append(declared.territory.province(declared.province.code, on))
    if level != "province":
        found += declared.territory.communes(declared.province.code, on)
    if known is not None:
        found = _known_areas(room, found, level, on, known)
    return _whole([_area(area) for area in found], asked, "code")


def agencies(room: Room, asked: Asked) -> Answer:
    """List the departments as declared, then the communes' people's committees."""
    found, on, known = room.product.agencies.agencies(_day(asked)), _day(asked), as_of(room, asked)
    if known is not None:
        with room.product.store.reading() as connection:
            then = agencies_at(connection, known)
        if then is not None:
            order = {agency.id: position for position, agency in enumerate(found)}
            then = [agency for agency in then if agency.is_valid(on)]
            found = sorted(
                then, key=lambda one: (one.kind == "commune", order.get(one.id, len(order)), one.id)
            )
    return _whole([_agency(agency) for agency in found], asked, "id")


def sectors(room: Room, asked: Asked) -> Answer:
    """List the sectors in their declared order."""
    declared = declared_at(room, as_of(room, asked)).catalogue.sectors
    known = sorted(declared.values(), key=lambda sector: (sector.order, sector.id))
    items = [{"id": sector.id, "name": text(sector.name), "order": sector.order} for sector in known]
    return Answer(listed(items, asked, lambda item: item["id"]))


def _known_areas(room: Room, now: list[Area], level: str, on: date, known: int) -> list[Area]:
    """Return the units of a day as they were known: units since the last change of the territory have versions."""
    with room.product.store.reading() as connection:
        then = areas_at(connection, known)
    if then is None or not any(area.parent and area.is_valid(on) for area in then):
        return now
    order = {(area.code, area.valid_from): position for position, area in enumerate(now)}
    found = [area for area in then if area.is_valid(on) and level in ("", area.level)]
    return sorted(found, key=lambda area: (area.parent, order.get((area.code, area.valid_from), 10**6)))


def _day(asked: Asked) -> date:
    at, known = asked.instant("at"), asked.instant("as_of")
    return local_date(at if at is not None else known if known is not None else asked.now)


def _whole(items: list[dict[str, Any]], asked: Asked, key: str) -> Answer:
    midnight = ((int(asked.now) + OFFSET_S) // DAY_S + 1) * DAY_S - OFFSET_S
    until = None if asked.text("at") or asked.text("as_of") else midnight
    return Answer(listed(items, asked, lambda item: item[key]), valid_until=until)


def _area(area: Area) -> dict[str, Any]:
    return {
        "code": area.code,
        "name": area.name,
        "kind": area.kind,
        "parent": area.parent or None,
        "valid_from": day(area.valid_from),
        "valid_to": day(area.valid_to),
        "lat": area.lat,
        "lon": area.lon,
    }


def _agency(agency: Agency) -> dict[str, Any]:
    return {
        "id": agency.id,
        "name": text(agency.name),
        "short": {"vi": agency.name.say("vi", short=True), "en": agency.name.say("en", short=True)},
        "kind": agency.kind,
        "area": agency.area or None,
        "valid_from": day(agency.valid_from),
        "valid_to": day(agency.valid_to),
        "becomes": list(agency.becomes),
    }


ROUTES: tuple[Route, ...] = (
    Route("/api/v1/areas", areas, ("level", "at", "as_of", *PAGED), "declared"),
    Route("/api/v1/agencies", agencies, ("at", "as_of", *PAGED), "declared"),
    Route("/api/v1/sectors", sectors, ("as_of", *PAGED), "declared"),
)
