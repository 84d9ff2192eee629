"""Observations: the values as they are known, or hours and local days of them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from api.answers import Answer, instant, instant_ms, listed, unknown
from api.asked import PAGED, Asked
from api.knowledge import as_of, check_source, page_of, paged
from api.routes import Room, Route
from ioc.calendar import DAY_S, HOUR_S, iso
from ioc.errors import QuestionError
from ioc.indicators.functions import HIDING
from ioc.store import reader
from ioc.store.reader import EVERYTHING, Bucket, Series
from ioc.territory import UnknownAreaError

SPANS_S = {"": DAY_S, "hour": 7 * DAY_S, "day": 90 * DAY_S}
"""How far back a list begins where from= is left out, by grain."""
MOST_BUCKETS = 200_000
_DIMENSIONS = ("agency", "category", "channel", "span", "kind", "method")


def observations(room: Room, asked: Asked) -> Answer:
    """List observations by series, time and place; with grain=hour or day what each bucket amounts to."""
    known = as_of(room, asked)
    grain = asked.one_of("grain", ("hour", "day"))
    now = int(asked.now if known is None else known / 1000)
    end = asked.instant("to")
    # a forecast lies ahead: without to= everything after the start is meant
    start, open_end = asked.instant("from"), end is None
    end = now + 400 * DAY_S if end is None else end
    if start is None:
        start = (now if open_end else end) - SPANS_S[grain]
    if start >= end:
        raise QuestionError(f"from={iso(start)} does not lie before to={iso(end)}; exchange them")
    places = _places(room, asked)
    with room.product.store.reading() as connection:
        found = {one.id: one for one in _series(room, asked, connection)}
        page = page_of(connection, asked, known)
        more: dict[str, Any] = {"start": start, "end": end, "places": places, "as_of": page.as_of}
        if grain:
            rolled = [one for one in found.values() if one.grain and (grain == "day" or one.grain == "hour")]
            length = HOUR_S if grain == "hour" else DAY_S
            if len(rolled) * ((min(end, now) - start) // length) > MOST_BUCKETS:
                raise QuestionError(
                    f"more than {MOST_BUCKETS} {grain}s are asked for; name source and variable, or a shorter span"
                )
            buckets = reader.buckets(connection, EVERYTHING, rolled, grain=grain, **more)  # type: ignore[arg-type]
            items = [_bucket(room, one, found) for one in buckets]
            return Answer(
                listed(items, asked, lambda item: item["id"]), valid_until=_until(asked, start, end, known)
            )
        values = reader.observations(
            connection, EVERYTHING, list(found), cursor=page.cursor, limit=asked.limit, **more
        )
    items = [
        {
            **_named(room, found[one.series_id]),
            "place": one.place,
            "time": instant(one.time),
            "value": one.value,
            "flag": one.flag or None,
            "known_from": instant_ms(one.known_from),
            "run": one.run_id,
        }
        for one in values.items
    ]
    return Answer(paged(items, values.next, asked, page), valid_until=_until(asked, start, end, known))


def _series(room: Room, asked: Asked, connection: Any) -> list[Series]:
    catalogue = room.product.catalogue
    source, variable = asked.text("source"), asked.text("variable")
    check_source(room, source)
    if variable and variable not in catalogue.variables:
        raise unknown("variable", variable, list(catalogue.variables), "data/variables.toml")
    equal = {name: value for name in _DIMENSIONS if (value := asked.text(name))}
    found = reader.find_series(
        connection,
        EVERYTHING,
        sources=[source] if source else None,
        variables=[variable] if variable else None,
        **equal,
    )
    definitions = room.product.definitions.values()
    hidden = {name for one in definitions if one.function in HIDING for name in one.variables}
    return [one for one in found if one.variable not in hidden]


def _places(room: Room, asked: Asked) -> list[str] | None:
    place = asked.text("place")
    if not place:
        return None
    product = room.product
    site = product.catalogue.site(place)
    if site is not None:
        return [site.id]
    try:
        return [product.territory.area(place).code]
    except UnknownAreaError:
        known = [
            *product.catalogue.sites,
            *(one.code for one in product.territory.communes(product.province.code)),
        ]
        raise unknown("place", place, known, "/api/v1/areas, or data/sites for stations,") from None


def _named(room: Room, series: Series) -> dict[str, Any]:
    variable = room.product.catalogue.variables.get(series.variable)
    return {
        "source": series.source,
        "variable": series.variable,
        "unit": None if variable is None else variable.unit,
        **{name: getattr(series, name) or None for name in _DIMENSIONS},
    }


def _bucket(room: Room, one: Bucket, found: Mapping[int, Series]) -> dict[str, Any]:
    return {
        "id": f"{one.series_id}:{one.start}:{one.place}",
        **_named(room, found[one.series_id]),
        "place": one.place,
        "start": instant(one.start),
        "value": one.mean,
        **{name: getattr(one, name) for name in ("n", "n_valid", "sum", "min", "max", "first", "last")},
    }


def _until(asked: Asked, start: int, end: int, known: int | None) -> float | None:
    """Return when a list that is asked for without both ends moves on: at the next minute."""
    if known is not None or (asked.text("from") and asked.text("to")):
        return None
    return (int(asked.now) // 60 + 1) * 60.0


ROUTES: tuple[Route, ...] = (
    Route(
        "/api/v1/observations",
        observations,
        ("source", "variable", "place", *_DIMENSIONS, "from", "to", "grain", "as_of", *PAGED),
    ),
)
