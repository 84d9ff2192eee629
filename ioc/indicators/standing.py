"""What a value is divided or weighed by that holds until its next value: a population, an area, beds in place."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from ioc.agencies import COMMUNE_PREFIX
from ioc.calendar import DAY_S
from ioc.indicators.cells import Cell, Looker, by_place, newest, whole_places
from ioc.indicators.parts import Pick

REACH_S = 6 * 366 * DAY_S
"""A census or an estimate holds no longer than this."""
OF_AREA = ("area", "agency", "responsible", "holder", "received_by")
"""The dimensions whose keys are areas, or the people's committees of areas."""

Held = Mapping[str, float]
"""place -> value."""


def at(looker: Looker, pick: Pick, instants: Sequence[int]) -> list[Held]:
    """Return what held at each place before several ascending instants: the ends of periods."""
    if len(instants) == 1:
        return [by_place(looker.latest(pick, instants[0] - 1, REACH_S), "last")]
    found = iter(looker.values(pick, instants[0] - REACH_S, instants[-1])) if instants else iter(())
    following = next(found, None)
    known: list[Cell] = []
    held: list[Held] = []
    for instant in instants:
        came = False
        while following is not None and following.start < instant:
            if following.valid:
                known.append(following)
                came = True
            following = next(found, None)
        known = newest(known) if came else known
        held.append(by_place(known, "last") if came or not held else held[-1])
    return held


def whole(held: Held) -> float | None:
    """Return what all places amount to, None where nothing is known of any."""
    return sum(held[place] for place in whole_places(held)) if held else None


def of(held: Held, place: str) -> float | None:
    """Return what holds at a place; of a province that did not report for itself what its communes amount to."""
    return whole(held) if place not in held and is_province(place) else held.get(place)


def of_key(held: Held, by: str, key: str) -> float | None:
    """Return what a key of a breakdown is divided by: an area by its own, a site by nothing, a category by the whole."""
    if by not in OF_AREA:
        return None if by == "site" else whole(held)
    return held.get(key.removeprefix(COMMUNE_PREFIX))


def area_of(narrowed: Mapping[str, str]) -> str | None:
    """Return the area whose value counts for a narrowed question, "" for all of them, None where there is none."""
    for name, key in narrowed.items():
        if name in OF_AREA and (name == "area" or key.startswith(COMMUNE_PREFIX)):
            return key.removeprefix(COMMUNE_PREFIX)
        if name in OF_AREA or name == "site":
            return None
    return ""


def are_areas(places: Iterable[str]) -> bool:
    """Whether these are codes of areas, not sites."""
    return all(place.isdigit() and len(place) in (2, 5) for place in places)


def is_province(place: str) -> bool:
    """Whether this is the code of a province."""
    return place.isdigit() and len(place) == 2
