"""Drafts the entities of one type of a context broker; without a type the types are listed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from connectors.drafts.draft import Blank, Draft
from connectors.drafts.guess import mapping
from connectors.http import Http
from connectors.ngsi_entities import CODES, flatten
from ioc.errors import ContractError
from ioc.model import Source


def draft(source: Source, http: Http, options: Mapping[str, str], known: frozenset[str]) -> Draft:
    """Draft from the first entities of --option type=…, or of the first type there is; --option version=v2."""
    base, version = source.url.rstrip("/"), options.get("version", "ld")
    path = "/v2" if version == "v2" else "/ngsi-ld/v1"
    notes: list[str] = []
    if not (kind := options.get("type", "")):
        body = http.get(f"{base}{path}/types").json()
        listed = body.get("typeList", []) if isinstance(body, dict) else body
        kinds = [str(one.get("type", "")) if isinstance(one, dict) else str(one) for one in listed]
        notes = [f"type {one}" for one in kinds]
        if not kinds:
            raise ContractError("Máy chủ ngữ cảnh không nêu loại thực thể nào; thêm --option type=…")
        kind = kinds[0]
    entities = http.get(f"{base}{path}/entities", params={"type": kind, "limit": 20}).json()
    entities = entities if isinstance(entities, list) else [entities]
    items: list[Any] = []
    units: dict[str, Any] = {}
    for entity in entities:
        if isinstance(entity, dict):
            items.append(flatten(entity, {}, located=True)[0])
            units |= {
                name: part["unitCode"]
                for name, part in entity.items()
                if isinstance(part, dict) and part.get("unitCode")
            }
    table = mapping(items, options.get("shape", ""), known)
    if table["shape"] == "observation":
        table["fields"]["place"] = "id"
    for variable in table.get("variables", {}).values():
        if code := units.get(variable["field"]):
            variable["unit"] = Blank(
                CODES.get(str(code), "1"), f"the broker says unitCode {code} (UN/CEFACT)"
            )
    form = (
        {"form": "keyValues"}
        if not any(isinstance(part, dict) and "type" in part for one in entities for part in one.values())
        else {}
    )
    asked: dict[str, Any] = {"type": kind, **({"version": "v2"} if version == "v2" else {}), **form}
    return Draft({"url": base, **asked, **table}, items, notes)
