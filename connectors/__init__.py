"""The connectors: one module per protocol, found by the kind that a source declares.

A connector module has `OPTIONS` (what its declaration may say), `fetch(source, http, cursor)` (yields pages)
where there is more to check, `check(source)` (yields pairs of key and what was expected), and where the past can
be asked for, `reads_spans(source)`.
Somebody else's connector registers such a module under the entry-point group `ioc.connectors`.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable, Iterator, Mapping
from functools import cache
from importlib.metadata import EntryPoint, entry_points
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


class BrokenConnectorError(Exception):
    """An installed connector cannot be used; the text says which one, where it comes from, and why."""


@cache
def installed() -> Mapping[str, EntryPoint]:
    """Return the connectors installed beside us, by kind; none can take the place of one of ours."""
    return {entry.name: entry for entry in entry_points(group=GROUP) if entry.name not in KINDS}


def kinds() -> list[str]:
    """Name every connector that can be declared, ours and those installed beside us."""
    return sorted({*KINDS, *installed()})


@cache
def find(kind: str) -> ModuleType:
    """Return the module of a kind; raises KeyError for an unknown one, BrokenConnectorError for one of no use."""
    if kind in KINDS:
        return importlib.import_module(KINDS[kind])
    entry = installed()[kind]
    try:
        module: ModuleType = entry.load()
    except Exception as error:
        told = f"{_named(entry)} cannot be loaded: {type(error).__name__}: {error}"
        raise BrokenConnectorError(told) from error
    if missing := [name for name in ("OPTIONS", "fetch") if not hasattr(module, name)]:
        raise BrokenConnectorError(f"{_named(entry)} has no {' and no '.join(missing)}")
    return module


def _named(entry: EntryPoint) -> str:
    """Name an installed connector and the package that brought it."""
    package = f" of {entry.dist.name} {entry.dist.version}" if entry.dist else ""
    return f"the connector {entry.name!r}{package} ({entry.value})"


def check(source: Source) -> list[DeclarationError]:
    """List what is wrong with the connector's own part of a declaration; empty where it can be polled."""
    try:
        found = _faults(source)
    except BrokenConnectorError as error:
        found = [("connector", str(error))]
    except Exception as error:
        if source.connector in KINDS:
            raise
        told = f"{_named(installed()[source.connector])} cannot check it: {type(error).__name__}: {error}"
        found = [("connector", told)]
    return [DeclarationError(source.file, source.id, key, expected) for key, expected in found]


def _faults(source: Source) -> list[options.Fault]:
    try:
        module = find(source.connector)
    except KeyError:
        return [("connector", options.unknown("connector", source.connector, tuple(kinds())))]
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
    return found


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
