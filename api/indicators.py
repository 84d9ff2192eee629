"""Indicators: what is declared of each, and readings, series, breakdowns and explanations of one."""

from __future__ import annotations

from dataclasses import asdict, fields, replace
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from api.answers import Answer, instant, instant_ms, listed, text, unknown
from api.asked import PAGED, Asked
from api.caching import next_minute
from api.knowledge import as_of, declared_at, page_of, paged
from api.routes import Room, Route
from ioc.calendar import DAY_S, iso
from ioc.contradictions.standing import of_reading
from ioc.errors import QuestionError
from ioc.indicators import shown
from ioc.indicators.definition import Definition
from ioc.indicators.question import Question
from ioc.logs import quiet
from ioc.product import Product
from ioc.store.reader import EVERYTHING
from ioc.territory import UnknownAreaError

GRAINS = ("hour", "day", "week", "month", "quarter", "year")
BY = (
    "area",
    "agency",
    "responsible",
    "holder",
    "site",
    "category",
    "channel",
    "step",
    "received_by",
    "procedure",
    "age",
)
SPANS_S = {"hour": DAY_S, "day": 30 * DAY_S, "week": 26 * 7 * DAY_S, "month": 396 * DAY_S}
"""How far back a series begins where from= is left out; other grains go back six years."""
MOST_POINTS = 20_000
_QUESTION = tuple(field.name for field in fields(Question))
_LENGTHS_S = {
    "hour": 3600,
    "day": DAY_S,
    "week": 7 * DAY_S,
    "month": 28 * DAY_S,
    "quarter": 90 * DAY_S,
    "year": 365 * DAY_S,
}


def indicators(room: Room, asked: Asked) -> Answer:
    """List the declared indicators, by sector in its order and then by name."""
    known = as_of(room, asked)
    product = declared_at(room, known)
    now = asked.now if known is None else known / 1000
    sector = asked.one_of("sector", product.catalogue.sectors)
    order = {id: (one.order, id) for id, one in product.catalogue.sectors.items()}
    wanted = [one for one in product.definitions.values() if sector in ("", one.sector)]
    wanted.sort(key=lambda one: (order.get(one.sector, (len(order), one.sector)), one.id))
    year = int(iso(now)[:4])
    due = [product.calendar.next_due(one.due, now) for one in wanted if one.due is not None]
    items = [_declared(room, one, year, now) for one in wanted]
    body = listed(items, asked, lambda item: item["id"])
    return Answer(body, valid_until=min([*due, next_minute(asked.now + 3600)]) if known is None else None)


def indicator(room: Room, asked: Asked, id: str) -> Answer:
    """Return the reading of an indicator for one question, with its age and the instant of computing.

    As of an earlier moment: what a board showed then, else what was known then computed now (recomputed).
    """
    product, question = _question(room, asked, id)
    if question.as_of is not None and (told := _shown(room, id, question, question.as_of)) is not None:
        return Answer(told)
    reading = product.engine.read(id, question, int(asked.now), EVERYTHING)
    since = asked.now if question.as_of is None else question.as_of / 1000
    with product.store.reading() as connection:
        named = dict(question.narrowed) | ({"period": question.period} if question.period else {})
        disputed = of_reading(connection, product, id, named, since, question.as_of)
    body = {
        **reading.document(),
        "disputed": disputed,
        "as_of": instant_ms(question.as_of),
        "age_s": None if reading.reported_at is None else max(0, int(since) - reading.reported_at),
        "computed_at": instant(asked.now),
        "rebased": product.engine.rebased(id, question, reading.period.start, int(asked.now)),
    }
    return Answer(body, valid_until=reading.valid_until)


def _shown(room: Room, id: str, question: Question, known: int) -> dict[str, Any] | None:
    """Return the reading that a board showed then, None where none did."""
    with room.product.store.reading() as connection:
        keys = shown.keys(connection, id, question, room.product.province.code)
        found = shown.shown_at(connection, keys, known)
    if found is None:
        return None
    reported = found.body.get("reported_at")
    age = None if reported is None else known / 1000 - datetime.fromisoformat(reported).timestamp()
    return {
        **found.body,
        "as_of": instant_ms(known),
        "recomputed": False,
        "age_s": None if age is None else max(0, int(age)),
        "computed_at": instant(found.since / 1000),
    }


def series(room: Room, asked: Asked, id: str) -> Answer:
    """Return one point a grain between from= and to=, the last of which may be unfinished."""
    product, question = _question(room, asked, id)
    grain = asked.one_of("grain", GRAINS, "day")
    now = int(asked.now if question.as_of is None else question.as_of / 1000)
    end = asked.instant("to") or now
    start = asked.instant("from")
    if start is None:
        start = end - SPANS_S.get(grain, 6 * 366 * DAY_S)
    if start >= end:
        raise QuestionError(f"from={iso(start)} does not lie before to={iso(end)}; exchange them")
    if (end - start) // _LENGTHS_S[grain] > MOST_POINTS:
        raise QuestionError(
            f"more than {MOST_POINTS} points are asked for; use a coarser grain or a shorter span"
        )
    points = product.engine.series(id, question, grain, start, end, int(asked.now), EVERYTHING)
    body = {
        "indicator": id,
        "grain": grain,
        "unit": product.definitions[id].unit,
        "points": [{**asdict(point), "start": iso(point.start)} for point in points],
        "rebased": product.engine.rebased(id, question, start, int(asked.now)),
    }
    return _timed(body, asked, question)


def breakdown(room: Room, asked: Asked, id: str) -> Answer:
    """Return one row for each key of by=, the worst first."""
    product, question = _question(room, asked, id)
    by = asked.one_of("by", BY)
    if not by:
        raise QuestionError(f"by is missing; use one of {', '.join(BY)}")
    rows = product.engine.breakdown(id, question, by, int(asked.now), EVERYTHING)
    items = [{**asdict(row), "name": dict(row.name)} for row in rows]
    return _timed({"by": by, **listed(items, asked, lambda item: item["key"])}, asked, question)


def explain(room: Room, asked: Asked, id: str) -> Answer:
    """Return why a reading is what it is: formula, parts, records, sources, owner, basis and definitions."""
    product, question = _question(room, asked, id)
    told = product.engine.explain(id, question, int(asked.now), EVERYTHING)
    return _timed(_quiet(told), asked, question)


def records(room: Room, asked: Asked, id: str) -> Answer:
    """List the records that a number is made of, in pages that show one moment of knowledge."""
    product, question = _question(room, asked, id)
    with room.product.store.reading() as connection:
        page = page_of(connection, asked, question.as_of)
    question = replace(question, as_of=page.as_of)
    found = product.engine.records(
        id, question, int(asked.now), EVERYTHING, cursor=page.cursor, limit=asked.limit
    )
    body = paged([_quiet(item) for item in found.items], found.next, asked, page)
    return _timed(body, asked, question)


def diff(room: Room, asked: Asked, id: str) -> Answer:
    """Return how a number differs between two moments of knowledge, from= and to= (default now), and why."""
    product, question = _question(room, asked, id)
    since, until = as_of(room, asked, "from"), as_of(room, asked, "to")
    if since is None:
        raise QuestionError("from is missing; name the earlier moment of knowledge, as an instant")
    if until is None:
        until = int(asked.now * 1000)
    if since >= until:
        raise QuestionError(
            f"from={instant_ms(since)} does not lie before to={instant_ms(until)}; exchange them"
        )
    told = product.engine.diff(id, question, since, until, int(asked.now), EVERYTHING)
    told["records"]["href"] = _href(product.definitions[id], asked, until)
    return Answer(_quiet(told), valid_until=None if asked.text("to") else next_minute(asked.now))


def _href(definition: Definition, asked: Asked, until: int) -> str | None:
    """Return where all records stand that changed last: those of cases, by when they became known."""
    if definition.shape != "case":
        return None
    columns = {
        "agency": "responsible", "area": "area", "site": "site", "category": "category", "channel": "channel",
    }  # fmt: skip
    wanted = {new: asked.text(old) for old, new in columns.items() if asked.text(old)}
    known = {"kind": definition.kind, "sort": "-known_from", "as_of": instant_ms(until) or ""}
    return f"/api/v1/cases?{urlencode({**known, **wanted})}"


def _question(room: Room, asked: Asked, id: str) -> tuple[Product, Question]:
    """Return the question, and the product with what was declared at its moment of knowledge."""
    known = as_of(room, asked)
    product = declared_at(room, known)
    if id not in product.definitions:
        raise unknown("indicator", id, list(product.definitions), "/api/v1/indicators")
    question = Question(
        **{name: asked.text(name) for name in ("area", "agency", "site", "category", "channel")},
        period=asked.text("period") or None,
        at=asked.instant("at"),
        as_of=known,
    )
    check_place(room, question.area, question.site)
    if question.agency and not product.agencies.knows(question.agency):
        raise unknown(
            "agency",
            question.agency,
            [agency.id for agency in product.agencies.agencies()],
            "/api/v1/agencies",
        )
    return product, question


def check_place(room: Room, area: str = "", site: str = "") -> None:
    """Raise the 404 for an area outside the province or a site that is not declared; "" asks for none."""
    product = room.product
    if area and area != product.province.code:
        communes = [one.code for one in product.territory.communes(product.province.code)]
        if area not in communes:
            try:
                product.territory.area(area)
            except UnknownAreaError:
                raise unknown("area", area, communes, "/api/v1/areas") from None
            raise unknown("area of this province", area, communes, "/api/v1/areas")
    if site and site not in product.catalogue.sites:
        raise unknown("site", site, list(product.catalogue.sites), "data/sites")


def _declared(room: Room, one: Definition, year: int, now: float) -> dict[str, Any]:
    target = one.target_for(year)
    return {
        "id": one.id,
        "name": text(one.name),
        "short": {"vi": one.name.say("vi", short=True), "en": one.name.say("en", short=True)},
        "sector": one.sector,
        "of": one.of,
        "unit": one.unit,
        "decimals": one.decimals,
        "better": one.better,
        "by": one.by or None,
        "stock": one.stock,
        "owner": one.owner,
        "basis": one.basis,
        "period": None if one.stock else one.period,
        "warning": one.warning,
        "critical": one.critical,
        "fresh_for_s": one.fresh_for,
        "due": None if one.due is None else instant(room.product.calendar.next_due(one.due, now)),
        "target": None if target is None else {"value": target.value, "by": target.by, "basis": target.basis},
        "historical": one.historical,
        "definition": one.hash,
    }


def _timed(body: dict[str, Any], asked: Asked, question: Question) -> Answer:
    return Answer(body, valid_until=next_minute(asked.now) if question.as_of is None else None)


def _quiet(value: Any) -> Any:
    if isinstance(value, str):
        return quiet(value)
    if isinstance(value, dict):
        return {name: _quiet(part) for name, part in value.items()}
    return [_quiet(part) for part in value] if isinstance(value, list | tuple) else value


ROUTES: tuple[Route, ...] = (
    Route("/api/v1/indicators", indicators, ("sector", "as_of", *PAGED), "declared"),
    Route("/api/v1/indicators/<id>", indicator, _QUESTION),
    Route("/api/v1/indicators/<id>/series", series, (*_QUESTION[:5], "as_of", "grain", "from", "to")),
    Route("/api/v1/indicators/<id>/breakdown", breakdown, (*_QUESTION, "by", *PAGED)),
    Route("/api/v1/indicators/<id>/explain", explain, _QUESTION),
    Route("/api/v1/indicators/<id>/records", records, (*_QUESTION, *PAGED)),
    Route("/api/v1/indicators/<id>/diff", diff, (*_QUESTION[:7], "from", "to")),
)
