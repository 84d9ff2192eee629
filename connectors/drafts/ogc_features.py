"""Drafts a collection of an OGC API – Features server: its collections are listed, the first or the named one is read."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from connectors.drafts.draft import Draft
from connectors.drafts.guess import mapping
from connectors.http import Http
from connectors.ogc_features import features_of
from ioc.errors import ContractError
from ioc.model import Source


def draft(source: Source, http: Http, options: Mapping[str, str], known: frozenset[str]) -> Draft:
    """Draft from the first features."""
    headers = {"Accept": "application/geo+json, application/json;q=0.9"}
    base, notes = source.url.rstrip("/"), list[str]()
    answer = http.get(headers=headers)
    body = answer.json()
    named: dict[str, Any] = {}
    if not (isinstance(body, dict) and body.get("type") == "FeatureCollection"):
        base = base.removesuffix("/collections")
        listed = (
            body
            if isinstance(body, dict) and "collections" in body
            else http.get(f"{base}/collections", headers=headers).json()
        )
        found = {
            str(one.get("id") or one.get("name")): str(one.get("title", ""))
            for one in listed.get("collections", [])
        }
        if not found:
            raise ContractError("Máy chủ không nêu tập dữ liệu nào (collections).", status=answer.status)
        notes = [f"collection {id}: {title}" for id, title in found.items()]
        named = {"collection": options.get("collection") or next(iter(found))}
        answer = http.get(
            f"{base}/collections/{named['collection']}/items", params={"limit": 20}, headers=headers
        )
        body = answer.json()
    features = features_of(body, answer)
    items = [
        {"id": one.get("id"), **(one.get("properties") or {})} for one in features if isinstance(one, dict)
    ]
    table = mapping(items, options.get("shape", ""), known)
    if table["shape"].startswith("case"):
        table["fields"] |= {"lat": "lat", "lon": "lon"}
    return Draft({"url": base, **named, **table}, items, notes)
