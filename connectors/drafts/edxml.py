"""Drafts a folder or address of edXML documents: which organisations send and receive."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from urllib.parse import urlsplit

from connectors import edxml_message
from connectors.drafts.draft import Blank, Draft
from connectors.folders import open_folder
from connectors.http import Http
from connectors.values import UnreadableError
from connectors.xml_body import name_of, read_xml
from ioc.model import Source

MOST_FILES = 50


def draft(source: Source, http: Http, options: Mapping[str, str], known: frozenset[str]) -> Draft:
    """Draft from what the first documents say."""
    told, organisations = 0, set[str]()
    for content in _contents(source, http):
        root = read_xml(content)
        told += sum(
            not isinstance(one, UnreadableError)
            for one in edxml_message.read(root, {"times": {"zone": "+07:00"}})
        )
        organisations |= {(one.text or "").strip() for one in root.iter() if name_of(one) == "OrganId"} - {""}
    agencies = {id: Blank("fill_in_agency", "an agency's id") for id in sorted(organisations)}
    table = {
        "url": source.url,
        "shape": "case:document",
        "loose": ["received_by", "responsible"],
        "agencies": agencies,
    }
    return Draft(
        table, [{"organisation": id} for id in sorted(organisations)], [f"{told} messages understood"]
    )


def _contents(source: Source, http: Http) -> Iterator[bytes]:
    if urlsplit(source.url).scheme in ("http", "https"):
        yield http.get().body
        return
    with open_folder(source) as server:
        for entry in (server.entries("") or [])[:MOST_FILES]:
            if entry.name.lower().endswith((".xml", ".edxml")):
                yield server.read(entry.name, source.max_bytes) or b""
