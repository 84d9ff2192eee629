"""What a statutory function may look at: the observations of a question, the sites it speaks of, the limits."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ioc.calendar import Calendar, Period
from ioc.indicators.cells import Cell, Looker
from ioc.indicators.definition import Definition
from ioc.indicators.parts import Pick
from ioc.indicators.standards import Standards
from ioc.model import Site


@dataclass(frozen=True, slots=True)
class Look:
    """One question to a statutory function.

    at: the instant of asking, epoch s. explicit: the period was asked for by name, so that the function answers
    for it in place of the newest finished one. sites: those that the question speaks of, by id. province: its code.
    """

    definition: Definition
    looker: Looker
    period: Period
    at: int
    explicit: bool
    sites: Mapping[str, Site]
    standards: Standards
    calendar: Calendar
    province: str = ""

    def setting(self, name: str, default: float) -> float:
        """Return a declared number of the function."""
        value = self.definition.settings.get(name, default)
        return float(value)

    def latest(self, pick: Pick, horizon: int) -> list[Cell]:
        """Return the newest values: by the end of the period where one was asked for, else by now."""
        return self.looker.latest(pick, self.period.until if self.explicit else self.at, horizon)

    def sites_of(self, *kinds: str) -> dict[str, Site]:
        """Return the sites of these kinds, or all where none is given."""
        return {id: site for id, site in self.sites.items() if not kinds or site.kind in kinds}

    def named(self, place: str) -> dict[str, Any]:
        """Return a site as a detail states it."""
        site = self.sites.get(place)
        if site is None:
            return {"site": place, "name": {"vi": place, "en": place}}
        return {"site": place, "name": {"vi": site.name.vi, "en": site.name.en}}
