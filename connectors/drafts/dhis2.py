"""Drafts data elements of a DHIS2: the first that it lists, over the months of the last year."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from connectors.drafts.columns import fold
from connectors.drafts.draft import Blank, Draft
from connectors.http import Http
from connectors.json_body import keys_of
from ioc.errors import ContractError
from ioc.model import Source

MOST = 20


def draft(source: Source, http: Http, options: Mapping[str, str], known: frozenset[str]) -> Draft:
    """Draft the aggregated data elements, narrowed by --option query=…"""
    base = source.url.rstrip("/")
    asked = {"fields": "id,displayName,domainType", "pageSize": MOST, "filter": "domainType:eq:AGGREGATE"}
    if word := options.get("query"):
        asked["query"] = word
    body = http.get(f"{base}/api/dataElements.json", params=asked).json()
    listed = body.get("dataElements") if isinstance(body, dict) else None
    if not isinstance(listed, list) or not listed:
        raise ContractError(f"Không có danh sách dataElements (chỉ có {keys_of(body)}).")
    data: dict[str, Any] = {}
    for one in listed:
        said = str(one.get("displayName", ""))
        name = fold(said)
        data[str(one["id"])] = {
            "variable": Blank(
                name if name in known else f"fill_in_{name[:40]}", json.dumps(said[:80], ensure_ascii=False)
            )
        }
    table = {
        "url": base,
        "shape": "observation",
        "periods": Blank(["LAST_12_MONTHS"], "relative or fixed periods"),
        "units": Blank("LEVEL-2", "the level, or the uids, of the organisation units"),
        "data": data,
        "places": {},
    }
    return Draft(table, listed, [f"{len(listed)} data elements; more with --option query=WORD"])
