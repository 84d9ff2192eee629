"""Records of a declared source that another server or folder brought: the sandbox's declaration, at an address of the test."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import connectors
from ioc.model import Record
from sandbox.workbook import Cell, zipped
from tests.core.given import Server
from tests.sandbox.polling import Polled


def from_address(sources: Polled, source: str, url: str, **options: Any) -> list[Record]:
    """Ask as a source is declared, but there; an option that is None is left out. Fails where a record is rejected."""
    declared = sources.catalogue.sources[source]
    kept = {key: value for key, value in {**declared.options, **options}.items() if value is not None}
    asked = replace(declared, url=url, options=kept)
    pages = [sources.resolver.page(asked, page) for page in connectors.fetcher(sources.sessions)(asked, {})]
    rejected = [bad for page in pages for bad in page.rejected]
    assert rejected == [], rejected[:3]
    return [record for page in pages for record in page.records]


def from_server(sources: Polled, source: str, items: list[dict[str, Any]]) -> list[Record]:
    """Ask a server on loopback that answers with these items."""
    server = Server(lambda query, request: {"items": items, "total": len(items)})
    try:
        return from_address(sources, source, server.url, paging=None, window=None)
    finally:
        server.close()


def from_workbook(
    sources: Polled, source: str, folder: Path, file: str, sheet: str, rows: list[list[Cell]]
) -> list[Record]:
    """Read a workbook that lies in a folder."""
    folder.mkdir(exist_ok=True)
    (folder / file).write_bytes(zipped(sheet, rows))
    return from_address(sources, source, str(folder), settle="0s")
