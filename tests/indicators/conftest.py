"""A store with pages in it, and the engine that reads it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from ioc import catalogue as declarations
from ioc.agencies import load_agencies
from ioc.calendar import Calendar, load_calendar
from ioc.catalogue import Catalogue
from ioc.indicators import declaring
from ioc.indicators.definition import Definition
from ioc.indicators.engine import Engine
from ioc.indicators.flows import measures
from ioc.indicators.functions import FUNCTIONS
from ioc.model import Page, Record
from ioc.store import open_store
from ioc.store.lease import take
from ioc.store.runs import finish_run, start_run
from ioc.store.writer import keep_page
from ioc.territory import Territory

ROOT = Path(__file__).parents[2]
SANDBOX = {
    "sandbox": "http://127.0.0.1:1",
    "sandbox_ftp": "ftp://127.0.0.1:1",
    "sandbox_sftp": "sftp://127.0.0.1:1",
    "sandbox_files": "/nowhere",
}


@pytest.fixture(scope="session")
def catalogue() -> Catalogue:
    return declarations.load(ROOT / "data", overlay=ROOT / "sandbox" / "data", environ={}, sandbox=SANDBOX)


@pytest.fixture(scope="session")
def calendar() -> Calendar:
    return load_calendar(ROOT / "data")


@pytest.fixture(scope="session")
def territory() -> Territory:
    return Territory(ROOT / "data" / "territory")


@pytest.fixture(scope="session")
def definitions(catalogue: Catalogue) -> dict[str, Definition]:
    found, faults = declaring.load(catalogue, functions=FUNCTIONS)
    assert faults == []
    return found


@dataclass
class World:
    """One store, its engine, and a way to put pages in; instants are epoch s."""

    store: object
    engine: Engine
    calendar: Calendar
    catalogue: Catalogue
    fence: int
    measures: list = field(default_factory=list)

    def keep(
        self, source: str, records: Sequence[Record], at: float, *, outcome: str = "changed", size: int = 5000
    ) -> None:
        """Keep records as one run of a source that ends at an instant."""
        ms = int(at * 1000)
        run = start_run(self.store, self.fence, source, now_ms=ms)
        stamps = {id: variable.stamp for id, variable in self.catalogue.variables.items()}
        for start in range(0, len(records), size):
            page = Page(records[start : start + size])
            keep_page(
                self.store, self.fence, run, self.catalogue.sources[source], page,
                now_ms=ms, measures=self.measures, stamps=stamps,
            )  # fmt: skip
        finish_run(self.store, self.fence, run, outcome, now_ms=ms)

    def fail(self, source: str, at: float, error: str, kind: str = "unreachable") -> None:
        """Let a run of a source fail at an instant."""
        run = start_run(self.store, self.fence, source, now_ms=int(at * 1000))
        finish_run(self.store, self.fence, run, "failed", now_ms=int(at * 1000), error=error, error_kind=kind)


@pytest.fixture
def new_world(
    new_store_url: Callable[[], str],
    catalogue: Catalogue,
    calendar: Calendar,
    territory: Territory,
    definitions,
) -> Iterator[Callable[[], World]]:
    opened = []
    agencies = load_agencies(ROOT / "data", territory, "22")

    def new() -> World:
        store = open_store(new_store_url(), simulated=True, province="22")
        opened.append(store)
        engine = Engine(store, catalogue, definitions, calendar, territory, agencies)
        fence = take(store, "test", ttl_s=3600)
        return World(store, engine, calendar, catalogue, fence, measures(definitions.values(), calendar))

    yield new
    for store in opened:
        store.close()


@pytest.fixture
def world(new_world: Callable[[], World]) -> World:
    return new_world()
