"""A sandbox province in this process whose sources are polled by their own connectors, at an instant that a test sets."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import connectors
from connectors.http import Sessions
from ioc import catalogue
from ioc.agencies import load_agencies
from ioc.catalogue import Catalogue
from ioc.model import Page, Record, Rejected
from ioc.resolve import Resolver
from ioc.territory import Territory
from sandbox import declarations
from sandbox.drops import DROPS
from sandbox.files import Files
from sandbox.wire import HttpServer
from sandbox.world import World, create
from tests.sandbox.conftest import DATA, Clock


@dataclass
class Polled:
    """A province, its clock, and the cursors at which its sources go on."""

    world: World
    clock: Clock
    catalogue: Catalogue
    resolver: Resolver
    sessions: Sessions
    folder: Path
    files: Files
    cursors: dict[str, Any] = field(default_factory=dict)

    def pages(self, source: str, **options: Any) -> list[Page]:
        """Poll a source once as the collector does; options stand in place of its own (a smaller page)."""
        declared = self.catalogue.sources[source]
        declared = replace(declared, options={**declared.options, **options})
        fetch = connectors.fetcher(self.sessions)
        pages = list(fetch(declared, self.cursors.get(source, {})))
        for page in pages:
            if page.cursor is not None:
                self.cursors[source] = page.cursor
        return [self.resolver.page(declared, page) for page in pages]

    def records(self, source: str, **options: Any) -> list[Record]:
        """Poll a source once and return its records; fails where one was rejected."""
        pages = self.pages(source, **options)
        rejected = [bad for page in pages for bad in page.rejected]
        assert rejected == [], rejected[:3]
        return [record for page in pages for record in page.records]

    def rejected(self, source: str) -> list[Rejected]:
        """Poll a source once and return what was rejected."""
        return [bad for page in self.pages(source) for bad in page.rejected]

    def drop(self, *sources: str) -> None:
        """Write the files that departments have dropped until now for some sources."""
        now = int(self.clock())
        for drop in DROPS:
            if drop.source in sources:
                for file in drop.files(self.world, now):
                    self.files._write(self.folder / drop.folder / file.name, file.content(""), file.arrives)


@contextmanager
def polled(province: str, at: float, folder: Path) -> Iterator[Polled]:
    """Serve a province over HTTP and in a folder, and read its declarations."""
    clock = Clock(at)
    world = create(DATA, province, now=clock)
    server = HttpServer(0, world)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    territory = Territory(DATA / "territory")
    agencies = load_agencies(DATA, territory, province)
    addresses = {
        "sandbox": f"http://127.0.0.1:{server.server_port}",
        "sandbox_ftp": "ftp://127.0.0.1:1",
        "sandbox_sftp": "sftp://127.0.0.1:1",
        "sandbox_files": str(folder),
    }
    found = catalogue.load(
        DATA,
        overlay=declarations.folder(province, territory, folder),
        environ={},
        sandbox=addresses,
        check_source=connectors.check,
        known_agency=agencies.knows,
    )
    resolver = Resolver(found, territory, agencies, province)
    try:
        yield Polled(world, clock, found, resolver, Sessions(now=clock), folder, Files(world, folder))
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
