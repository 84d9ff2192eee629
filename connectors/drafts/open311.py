"""Drafts an Open311 endpoint: its services are listed; the protocol fixes the rest."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from connectors.drafts.draft import Draft
from connectors.http import Http
from connectors.open311_items import requests_of
from ioc.errors import SourceError
from ioc.model import Source


def draft(source: Source, http: Http, options: Mapping[str, str], known: frozenset[str]) -> Draft:
    """Draft from services and the first requests; --option format=xml where the server knows no JSON."""
    base, form = source.url.rstrip("/"), options.get("format", "json")
    notes: list[str] = []
    try:
        services = requests_of(http.get(f"{base}/services.{form}"), form)
        notes = [
            f"service {one.get('service_code')}: {one.get('service_name')}"
            for one in services
            if isinstance(one, Mapping)
        ]
    except SourceError as fault:
        notes = [f"no list of services: {fault}"]
    found = requests_of(http.get(f"{base}/requests.{form}"), form)
    table: dict[str, Any] = {"url": base, "shape": "case:report", "window": {"start": "30d", "overlap": "2d"}}
    if form != "json":
        table["format"] = form
    words = {str(one.get("status")) for one in found if isinstance(one, Mapping)} - {"open", "closed", "None"}
    if words:
        notes.append(f"states beyond open and closed: {', '.join(sorted(words))} (map them in enums.state)")
    return Draft(table, found, notes)
