"""Drafts a register of cameras: which field is the camera, its area, and the word for up."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from connectors.drafts.columns import columns
from connectors.drafts.draft import Blank, Draft
from connectors.drafts.rest_json import items_in, paging_in
from connectors.http import Http
from ioc.model import Source

_UP = ("online", "on", "up", "1", "true", "active", "hoat_dong", "live", "connected", "ok")


def draft(source: Source, http: Http, options: Mapping[str, str], known: frozenset[str]) -> Draft:
    """Draft from one answer in JSON."""
    answer = http.get()
    path, items = items_in(answer.json())
    found = columns(items)
    table: dict[str, Any] = {"url": source.url, "shape": "observation", "items": path}
    for name, words in (
        ("camera", "code|ma|id|camera|number"),
        ("area", "ward|commune|area|xa|phuong|wardcode|ward_code"),
        ("category", "category|purpose|type|kind|loai"),
        ("up", "status|state|online|trang_thai|connected"),
        ("latency", "latency|ping|rtt|delay"),
        ("still", "snapshot|still|image|thumbnail|picture"),
    ):
        if column := next((one for one in found if one.says(words) and one.path not in table.values()), None):
            table[name] = column.path
    up = next((one for one in found if one.path == table.get("up")), None)
    if up is None and "still" not in table:
        table["up"] = Blank("fill_in_state", "what the register says of a camera")
    if "camera" not in table and "area" not in table:
        table["place"] = Blank("fill_in_area", "the area in which all cameras are counted")
    said = [
        word.lower() if word in ("True", "False") else word for word in (up.distinct if up else ["online"])
    ]
    table["states"] = {word: Blank(word.lower() in _UP, "true: the camera is up") for word in said}
    if paged := paging_in(answer.json(), items, answer, {}):
        table["paging"] = paged
    return Draft(table, items, [f"{len(items)} cameras at {path!r}"])
