"""Drafts a PxWeb table: its variables, which of them is the time, what of it is asked for. A folder is listed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from connectors.drafts.draft import Blank, Draft
from connectors.http import Http
from connectors.json_body import keys_of
from ioc.errors import ContractError
from ioc.model import Source

_PLACES = (
    "region",
    "tinh",
    "tỉnh",
    "địa phương",
    "area",
    "fylke",
    "län",
    "kommun",
    "municipality",
    "province",
)


def draft(source: Source, http: Http, options: Mapping[str, str], known: frozenset[str]) -> Draft:
    """Draft the table at the address (v1), or --option table=… below it (v1 and v2)."""
    base, table = source.url.rstrip("/"), options.get("table", "")
    version = options.get("version") or ("v2" if "/v2" in base else "v1")
    if version == "v2" and not table:
        body = http.get(f"{base}/tables").json()
        listed = body.get("tables", []) if isinstance(body, dict) else []
        raise ContractError(_choose([(str(one.get("id")), str(one.get("label", ""))) for one in listed]))
    if version == "v2":
        found = _of_v2(
            http.get(f"{base}/tables/{table}/metadata", params={"outputFormat": "json-stat2"}).json()
        )
    else:
        if not table:
            base, _, table = base.rpartition("/")
        body = http.get(f"{base}/{table}").json()
        if isinstance(body, list):
            raise ContractError(_choose([(str(one.get("id")), str(one.get("text", ""))) for one in body]))
        found = _of_v1(body)
    time = next((code for code, _, is_time, _ in found if is_time), "")
    place = next((code for code, label, is_time, _ in found if not is_time and label.lower() in _PLACES), "")
    variable = next(
        (code for code, label, is_time, _ in found if "content" in code.lower() and not is_time), ""
    )
    roles = {name: code for name, code in (("time", time), ("place", place), ("variable", variable)) if code}
    others = [code for code, _, _, _ in found if code not in roles.values()]
    select: dict[str, Any] = {
        code: {"top": 5} if is_time else values[:10] for code, _, is_time, values in found
    }
    data = {
        code: {"variable": Blank("fill_in_variable", label)} for code, label in _contents(found, variable)
    }
    table_: dict[str, Any] = {
        "url": base, "shape": "observation", "version": version, "table": table, "select": select,
        "dimensions": roles | ({"category": others[0] if len(others) == 1 else others} if others else {}),
        "data": data or {"*": {"variable": Blank("fill_in_variable", "what the table counts")}},
    }  # fmt: skip
    if not place:
        table_["place"] = Blank("fill_in_area", "the area of the whole table, or dimensions.place")
    return Draft(
        table_, [{"code": code, "label": label, "values": len(values)} for code, label, _, values in found]
    )


Found = list[tuple[str, str, bool, list[str]]]


def _of_v1(body: Any) -> Found:
    if not isinstance(body, dict) or not isinstance(body.get("variables"), list):
        raise ContractError(f"Cần mô tả một bảng PxWeb (variables), nhưng chỉ có {keys_of(body)}.")
    return [
        (
            str(one["code"]),
            str(one.get("text", one["code"])),
            _is_time(one),
            [str(value) for value in one.get("values", [])],
        )
        for one in body["variables"]
    ]


def _is_time(one: Mapping[str, Any]) -> bool:
    return bool(one.get("time")) or str(one.get("code", "")).lower() in (
        "tid",
        "time",
        "year",
        "năm",
        "tháng",
    )


def _of_v2(body: Any) -> Found:
    if not isinstance(body, dict) or "dimension" not in body:
        raise ContractError(f"Cần mô tả một bảng (dimension), nhưng chỉ có {keys_of(body)}.")
    times = (body.get("role") or {}).get("time", [])
    return [
        (
            code,
            str(part.get("label", code)),
            code in times,
            list((part.get("category") or {}).get("index", {})),
        )
        for code, part in body["dimension"].items()
    ]


def _contents(found: Found, variable: str) -> list[tuple[str, str]]:
    return [
        (value, f"content {value}")
        for code, _, _, values in found
        if code == variable
        for value in values[:10]
    ]


def _choose(listed: list[tuple[str, str]]) -> str:
    told = "; ".join(f"{id} ({label[:60]})" for id, label in listed[:20])
    return f"Địa chỉ này là một thư mục; chọn một bảng (--option table=…): {told}."
