"""Drafts the datastreams that a SensorThings server lists."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from connectors.drafts.columns import fold
from connectors.drafts.draft import Blank, Draft
from connectors.http import Http
from connectors.json_body import keys_of
from connectors.units import spelled
from ioc.errors import ContractError
from ioc.model import Source

MOST = 50


def draft(source: Source, http: Http, options: Mapping[str, str], known: frozenset[str]) -> Draft:
    """Draft a stream for each of the first datastreams."""
    base = source.url.rstrip("/")
    body = http.get(f"{base}/Datastreams", params={"$top": MOST}).json()
    listed = body.get("value") if isinstance(body, dict) else None
    if not isinstance(listed, list):
        raise ContractError(f"Không có danh sách Datastreams (chỉ có {keys_of(body)}).")
    streams: dict[str, Any] = {}
    for one in listed:
        unit = one.get("unitOfMeasurement") or {}
        id = one.get("@iot.id")
        name = fold(str(one.get("name", "")))
        variable = next((word for word in name.split("_") if word in known), f"fill_in_{name[:40]}")
        streams[str(id) if isinstance(id, int) else "'" + str(id) + "'"] = {
            "variable": Blank(variable, json.dumps(str(one.get("name", ""))[:80], ensure_ascii=False)),
            "place": Blank("fill_in_site", "the site to which it belongs"),
            **({"unit": spelled(str(unit["symbol"]))} if unit.get("symbol") else {}),
        }
    return Draft(
        {"url": base, "shape": "observation", "streams": streams}, listed, [f"{len(listed)} datastreams"]
    )
