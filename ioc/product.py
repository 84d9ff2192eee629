"""The product as one process holds it: settings, declarations, territory, calendar, store and engine."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from ioc import catalogue as declarations
from ioc import spoken
from ioc.agencies import Agencies, load_agencies
from ioc.calendar import Calendar, load_calendar, local_date
from ioc.catalogue import Catalogue
from ioc.contradictions.rules import Rule, load_rules
from ioc.errors import DeclarationError
from ioc.glossary import load_glossary
from ioc.indicators import declaring as indicators
from ioc.indicators.definition import Definition
from ioc.indicators.engine import Engine
from ioc.indicators.functions import FUNCTIONS
from ioc.indicators.standards import load_standards
from ioc.model import Source
from ioc.playlists import Playlists, load_playlists
from ioc.province import Province, load_province
from ioc.scores import Declared as Quality
from ioc.scores import load_measures
from ioc.settings import Settings
from ioc.store import Store, open_store
from ioc.territory import Territory
from ioc.upkeep import Retention, load_retention


@dataclass(frozen=True)
class Declared:
    """Everything declared, before any store is opened; faults of every kind are in catalogue.faults."""

    settings: Settings
    catalogue: Catalogue
    definitions: Mapping[str, Definition]
    territory: Territory
    agencies: Agencies
    calendar: Calendar
    province: Province
    retention: Retention
    rules: Mapping[str, Rule]
    quality: Quality
    playlists: Playlists

    @property
    def store_url(self) -> str:
        """Where the store is: as the environment says, else a file of this province and this world under data/store."""
        world = "sandbox" if self.settings.simulated else "ioc"
        return (
            self.settings.store_url
            or f"sqlite:///{self.settings.data / 'store' / world}-{self.province.code}.sqlite"
        )


@dataclass(frozen=True)
class Product(Declared):
    """What is declared, with the store that keeps it and the engine that answers from it."""

    store: Store
    engine: Engine


def declare(
    settings: Settings,
    *,
    environ: Mapping[str, str] | None = None,
    check_source: Callable[[Source], list[DeclarationError]] | None = None,
    simulated: Callable[[str, Territory], Path] | None = None,
) -> Declared:
    """Read the declarations; a faulty table is left out and named in catalogue.faults.

    simulated gives, for a province's code, the folder whose sources/ and sites/ stand in while none is declared.

    Raises DeclarationError only for what nothing can run without: province, calendar, agencies, territory.
    """
    today = local_date(time.time())
    territory = Territory(settings.data / "territory")
    province = load_province(settings.data, territory, today)
    agencies = load_agencies(settings.data, territory, province.code)
    calendar = load_calendar(settings.data)
    catalogue = declarations.load(
        settings.data,
        overlay=simulated(province.code, territory) if simulated and settings.simulated else None,
        environ=os.environ if environ is None else environ,
        sandbox=settings.sandbox,
        check_source=check_source,
        known_agency=agencies.knows,
    )
    glossary = load_glossary(settings.data)
    spoken.learn(glossary.units, glossary.keys)
    definitions, faults = indicators.load(catalogue, known_agency=agencies.knows, functions=FUNCTIONS)
    catalogue.faults.extend(faults)
    catalogue.faults.extend(
        DeclarationError(
            one.file, one.id, "unit", f"words for {one.unit!r} were expected in [units] of glossary.toml"
        )
        for one in definitions.values()
        if one.unit not in spoken.UNITS
    )
    rules, faults = load_rules(settings.data, catalogue, definitions)
    catalogue.faults.extend(faults)
    return Declared(
        settings,
        catalogue,
        definitions,
        territory,
        agencies,
        calendar,
        province,
        load_retention(settings.data),
        rules,
        load_measures(settings.data),
        load_playlists(settings.data, catalogue.boards),
    )


def open_product(declared: Declared) -> Product:
    """Open the store of what is declared, and the engine over it. Raises StoreError."""
    store = open_store(
        declared.store_url, simulated=declared.settings.simulated, province=declared.province.code
    )
    engine = Engine(
        store,
        declared.catalogue,
        declared.definitions,
        declared.calendar,
        declared.territory,
        declared.agencies,
        standards=load_standards(declared.settings.data / "standards"),
    )
    return Product(**vars(declared), store=store, engine=engine)
