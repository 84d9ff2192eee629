"""Surface water stations: VN_WQI of each one's newest sample. The worst station speaks for all."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

from ioc.calendar import HOUR_S
from ioc.indicators.cells import Cell
from ioc.indicators.look import Look
from ioc.indicators.reading import Answer, Outcome
from ioc.indicators.statutory import vn_wqi as formula
from ioc.indicators.statutory.vn_wqi import WaterIndex

REACH_S = 12 * HOUR_S
"""How far back a station's newest sample is looked for."""
TEMPERATURE = "temperature"


def vn_wqi(look: Look) -> Outcome:
    """Return VN_WQI of each station of settings.kinds (Decision 1460/QĐ-TCMT), of values taken together.

    Values count together when they lie at most settings.together_s (an hour) before the station's newest one.
    settings.parameters: the parameter of the formula that an input is, where it is called otherwise; "temperature" is
    the water's, without which oxygen does not count.
    """
    sites = look.sites_of(*look.definition.settings.get("kinds", ()))
    found: dict[str, list[tuple[str, Cell]]] = defaultdict(list)
    for pick in look.definition.inputs:
        for cell in look.latest(pick, REACH_S):
            if cell.place in sites and cell.value("last") is not None:
                found[cell.place].append((pick.variable, cell))
    places = {place: answer for place, values in found.items() if (answer := _answer(look, place, values))}
    used = {"used": len(places), "expected": len(sites)}
    if not places:
        return Outcome(Answer(detail={"stations": used}), {})
    worst = min(places, key=lambda place: (places[place].num or 0, place))
    chosen = places[worst]
    detail = {**chosen.detail, "stations": used}
    return Outcome(Answer(chosen.num, where=worst, detail=detail, reported_at=chosen.reported_at), places)


def _answer(look: Look, place: str, values: list[tuple[str, Cell]]) -> Answer | None:
    newest = max(cell.last_time for _, cell in values)
    together = look.setting("together_s", HOUR_S)
    named = look.definition.settings.get("parameters", {})
    sample = {
        named.get(variable, variable): float(cell.value("last") or 0.0)
        for variable, cell in values
        if newest - cell.last_time <= together
    }
    temperature = sample.pop(TEMPERATURE, None)
    index = formula.index(sample, temperature)
    if index is None:
        return None
    return Answer(index.value, where=place, detail=_detail(look, index), reported_at=newest)


def _detail(look: Look, index: WaterIndex) -> dict[str, Any]:
    band = formula.band(index.value, look.standards.wqi.bands)
    return {
        "dominant": index.worst,
        "parts": {name: round(value, 1) for name, value in index.parts.items()},
        "groups": list(index.groups),
        "band": {"id": band.id, "vi": band.vi, "en": band.en, "colour": band.colour, "ink": band.ink},
    }
