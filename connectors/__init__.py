"""The connectors: one module per protocol, found by the kind that a source declares.

A connector module has `OPTIONS` (what its declaration may say), `fetch(source, http, cursor)` (yields pages)
where there is more to check, `check(source)` (yields pairs of key and what was expected), and where the past can
be asked for, `reads_spans(source)`.
Somebody else's connector registers such a module under the entry-point group `ioc.connectors`.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable, Iterator
from importlib.metadata import entry_points
from types import ModuleType
from typing import TYPE_CHECKING

from connectors import options
from ioc.errors import DeclarationError
from ioc.model import Cursor, Fetch, Page, Source

if TYPE_CHECKING:
    from connectors.http import Sessions

GROUP = "ioc.connectors"
KINDS = {
    "camera": "connectors.camera",
    "cap": "connectors.cap",
    "dhis2": "connectors.dhis2",
    "dvcqg": "connectors.dvcqg",
    "edxml": "connectors.edxml",
    "feed": "connectors.feed",
    "ngsi_ld": "connectors.ngsi_ld",
    "mqtt": "connectors.mqtt",
    "ogc_features": "connectors.ogc_features",
    "open311": "connectors.open311",
    "open_meteo": "connectors.open_meteo",
    "pxweb": "connectors.pxweb",
    "rest_json": "connectors.rest_json",
    "sensorthings": "connectors.sensorthings",
    "spreadsheet": "connectors.spreadsheet",
    "sql": "connectors.sql",
    "station_files": "connectors.station_files",
    "uptime": "connectors.uptime",
    "wazuh": "connectors.wazuh",
}


def kinds() -> list[str]:
    """Name every connector that can be declared, ours and those installed beside us."""
    return sorted({*KINDS, *(entry.name for entry in entry_points(group=GROUP))})


def find(kind: str) -> ModuleType:
    """Return the module of a kind; raises KeyError for an unknown one."""
    if kind in KINDS:
        return importlib.import_module(KINDS[kind])
    for entry in entry_points(group=GROUP, name=kind):
        module: ModuleType = entry.load()
        return module
    raise KeyError(kind)


def check(source: Source) -> list[DeclarationError]:
    """List what is wrong with the connector's own part of a declaration; empty where it can be polled."""
    try:
        module = find(source.connector)
    except KeyError:
        told = options.unknown("connector", source.connector, tuple(kinds()))
        return [DeclarationError(source.file, source.id, "connector", told)]
    found = list(options.faults(module.OPTIONS, source.options))
    if not found and hasattr(module, "check"):
        found = list(module.check(source))
    if not found and source.history and not reads_spans(source):
        found = [
            (
                "history",
                f"{source.connector} reads spans of the past only where the declaration says how to ask for them",
            )
        ]
    return [DeclarationError(source.file, source.id, key, expected) for key, expected in found]


def reads_spans(source: Source) -> bool:
    """Say whether a span of a source's past can be asked for."""
    says: Callable[[Source], bool] | None = getattr(find(source.connector), "reads_spans", None)
    return says is not None and says(source)


def fetcher(sessions: Sessions) -> Fetch:
    """Return what collects any source over these sessions: fetch(source, cursor) -> pages."""

    def fetch(source: Source, cursor: Cursor) -> Iterator[Page]:
        module = find(source.connector)
        yield from module.fetch(source, sessions.http(source), cursor)

    return fetch
