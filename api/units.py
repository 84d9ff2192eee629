"""What the province consists of: areas, agencies and sectors, in Vietnamese order."""

from __future__ import annotations

from datetime import date
from typing import Any

from api.answers import Answer, day, listed, text
from api.asked import PAGED, Asked
from api.routes import Room, Route
from ioc.agencies import Agency
from ioc.calendar import DAY_S, OFFSET_S, local_date
from ioc.territory import Area

LEVELS = ("province", "commune")


def areas(room: Room, asked: Asked) -> Answer:
    """List this province and its communes as of a local day (at=, default today)."""
    declared = room.product
    level = asked.one_of("level", LEVELS)
    on = _day(asked)
    found: list[Area] = []
    if level != "commune":
        found.append(declared.territory.province(declared.province.code, on))
    if level != "province":
        found += declared.territory.communes(declared.province.code, on)
    return _whole([_area(area) for area in found], asked, "code")


def agencies(room: Room, asked: Asked) -> Answer:
    """List the departments as declared, then the communes' people's committees."""
    return _whole([_agency(agency) for agency in room.product.agencies.agencies(_day(asked))], asked, "id")


def sectors(room: Room, asked: Asked) -> Answer:
    """List the sectors in their declared order."""
    known = sorted(room.product.catalogue.sectors.values(), key=lambda sector: (sector.order, sector.id))
    items = [{"id": sector.id, "name": text(sector.name), "order": sector.order} for sector in known]
    return Answer(listed(items, asked, lambda item: item["id"]))


def _day(asked: Asked) -> date:
    at = asked.instant("at")
    return local_date(asked.now if at is None else at)


def _whole(items: list[dict[str, Any]], asked: Asked, key: str) -> Answer:
    midnight = ((int(asked.now) + OFFSET_S) // DAY_S + 1) * DAY_S - OFFSET_S
    until = None if asked.text("at") else midnight
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
    Route("/api/v1/areas", areas, ("level", "at", *PAGED), "declared"),
    Route("/api/v1/agencies", agencies, ("at", *PAGED), "declared"),
    Route("/api/v1/sectors", sectors, PAGED, "declared"),
)
