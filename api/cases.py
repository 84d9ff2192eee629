"""Cases one by one: lists in pages that a change in between does not disturb, and every version of one case."""

from __future__ import annotations

from typing import Any

from api.answers import Answer, ProblemError, instant, instant_ms
from api.asked import PAGED, Asked
from api.caching import next_minute
from api.knowledge import as_of, check_source, page_of, paged
from api.routes import Room, Route
from ioc.model import STATES, Case
from ioc.store import reader
from ioc.store.reader import EVERYTHING, CaseFilter, CaseVersion

SORTS = ("opened", "due", "closed", "known_from")
_TEXTS = (
    "kind",
    "source",
    "status",
    "received_by",
    "responsible",
    "holder",
    "site",
    "category",
    "channel",
    "level",
)


def cases(room: Room, asked: Asked) -> Answer:
    """List cases, the latest opened first unless sort= says otherwise."""
    overdue = asked.only_true("overdue")
    known = as_of(room, asked)
    moment = asked.now if known is None else known / 1000
    area = asked.text("area")
    wanted = CaseFilter(
        **{name: asked.text(name) for name in _TEXTS},
        state=asked.one_of("state", STATES),
        area="" if area == room.product.province.code else area,
        overdue_at=int(moment) if overdue else None,
        opened_from=asked.instant("opened_from"),
        opened_to=asked.instant("opened_to"),
    )
    check_source(room, wanted.source)
    sort = asked.one_of("sort", (*SORTS, *(f"-{name}" for name in SORTS)), "-opened")
    with room.product.store.reading() as connection:
        page = page_of(connection, asked, known)
        found = reader.cases(
            connection,
            EVERYTHING,
            wanted,
            sort=sort,
            cursor=page.cursor,
            limit=asked.limit,
            as_of=page.as_of,
        )
    body = paged([_version(room, version, moment) for version in found.items], found.next, asked, page)
    return Answer(body, valid_until=next_minute(asked.now) if known is None else None)


def case(room: Room, asked: Asked, id: str) -> Answer:
    """Return one case with all its versions, oldest first; id is "<source>:<key>" as the list gives it."""
    source, _, key = id.partition(":")
    known = as_of(room, asked)
    moment = asked.now if known is None else known / 1000
    with room.product.store.reading() as connection:
        versions = reader.case_versions(connection, EVERYTHING, source, key)
    if known is not None:
        versions = [version for version in versions if version.known_from <= known]
    if not versions:
        raise ProblemError(
            404, f"there is no case {id!r}; /api/v1/cases gives each its id, written <source>:<key>"
        )
    last = versions[-1]
    withdrawn = last.known_to is not None and (known is None or last.known_to <= known)
    body = {
        **_version(room, last, moment),
        "withdrawn": instant_ms(last.known_to) if withdrawn else None,
        "versions": [
            {
                **_fields(version.case),
                "known_from": instant_ms(version.known_from),
                "known_to": instant_ms(version.known_to)
                if known is None or (version.known_to or known) < known
                else None,
                "run": version.run_id,
            }
            for version in versions
        ],
    }
    return Answer(body, valid_until=next_minute(asked.now) if known is None else None)


def _version(room: Room, version: CaseVersion, moment: float) -> dict[str, Any]:
    case = version.case
    return {
        "id": f"{version.source}:{case.key}",
        "source": version.source,
        **_fields(case),
        "overdue": case.state == "open" and case.due is not None and case.due + case.waited_s < int(moment),
        "known_from": instant_ms(version.known_from),
        "run": version.run_id,
    }


def _fields(case: Case) -> dict[str, Any]:
    told = case._asdict()
    for name in ("opened", "due", "closed"):
        told[name] = instant(told[name])
    told["facts"] = dict(case.facts)
    return {name: None if value == "" else value for name, value in told.items()} | {"on_time": case.on_time}


ROUTES: tuple[Route, ...] = (
    Route(
        "/api/v1/cases",
        cases,
        (*_TEXTS, "state", "area", "overdue", "opened_from", "opened_to", "sort", "as_of", *PAGED),
    ),
    Route("/api/v1/cases/<path:id>", case, ("as_of",)),
)
