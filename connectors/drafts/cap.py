"""Drafts a source of CAP warnings: which geocodes and parameters its messages carry."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from connectors.drafts.draft import Blank, Draft
from connectors.entries import entries, is_feed
from connectors.http import Http
from connectors.xml_body import name_of, part, parts, read_xml, words
from ioc.errors import ContractError
from ioc.model import Source


def draft(source: Source, http: Http, options: Mapping[str, str], known: frozenset[str]) -> Draft:
    """Draft from one message: the answer itself, or the first that the feed leads to."""
    root = read_xml(http.get().body)
    listed = entries(root) if is_feed(root) else []
    notes = [f"{len(listed)} entries in the feed"] if listed else []
    alert = (
        root
        if name_of(root) == "alert"
        else next((one for one in root.iter() if name_of(one) == "alert"), None)
    )
    for entry in listed if alert is None else []:
        if entry.link and http.allows(entry.link):
            alert = read_xml(http.get(entry.link).body)
            break
    if alert is None or name_of(alert) != "alert":
        raise ContractError("Không thấy bản tin CAP (alert) nào ở địa chỉ này.")
    infos = parts(alert, "info")
    geocodes = {
        words(code, "valueName")
        for info in infos
        for area in parts(info, "area")
        for code in parts(area, "geocode")
    }
    areas = {words(area, "areaDesc") for info in infos for area in parts(info, "area")}
    named = {words(one, "valueName") for info in infos for one in parts(info, "parameter")}
    table: dict[str, Any] = {"url": source.url, "shape": "event:warning", "personal_data": False}
    if geocodes:
        table["geocodes"] = sorted(geocodes)
    if not geocodes or areas:
        table["loose"] = ["areas"]
    language = words(part(infos[0], "language")) if infos else ""
    if language:
        table["language"] = language
    table["places"] = {
        area[:80]: Blank("fill_in_area", "the area's code, or leave the line out")
        for area in sorted(areas)[:5]
    }
    notes.append(f"parameters {', '.join(sorted(named)) or 'none'} (risk names those that carry a level)")
    sample = [{"event": words(info, "event"), "severity": words(info, "severity")} for info in infos]
    return Draft(table, sample, notes)
