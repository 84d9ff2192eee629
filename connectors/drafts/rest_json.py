"""Drafts a source of any JSON interface: where its records stand, how they are paged, what their fields mean."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from connectors import paging
from connectors.answer import Answer
from connectors.drafts.columns import fold, path_of
from connectors.drafts.draft import Blank, Draft
from connectors.drafts.guess import mapping
from connectors.http import Http
from ioc.model import Source

MOST_DEEP = 4
_SIZES = ("per_page", "page_size", "size", "limit", "take", "top", "rows")
_NEXT = ("next", "next_link", "next_page", "next_url", "odata_next_link", "iot_next_link")
_CURSOR = ("cursor", "next_cursor", "next_token", "continuation")
_TOTAL = (
    "total",
    "total_count",
    "total_records",
    "records_total",
    "total_elements",
    "count",
    "number_matched",
    "found",
)


def draft(source: Source, http: Http, options: Mapping[str, str], known: frozenset[str]) -> Draft:
    """Draft from one answer."""
    answer = http.get()
    body = answer.json()
    path, items = items_in(body)
    asked = dict(parse_qsl(urlsplit(source.url).query))
    paged = paging_in(body, items, answer, asked)
    moved = {paged.get(key) for key in ("page", "offset", "size", "param")}
    table: dict[str, Any] = {"items": path, **mapping(items, options.get("shape", ""), known)}
    if params := {key: value for key, value in asked.items() if key not in moved}:
        table["params"] = params
    if paged:
        table["paging"] = paged
    note = f"{len(items)} records at {path!r}"
    return Draft({**table, "url": source.url.partition("?")[0]}, items, [note])


def items_in(body: Any) -> tuple[str, list[Any]]:
    """Return where the longest list of objects stands in an answer, and the list; one object is a list of itself."""
    if isinstance(body, list):
        return "@", body
    lists = list(_lists(body, ()))
    if not lists:
        return "[@]", [body]
    keys, items = max(lists, key=lambda found: (len(found[1]), -len(found[0])))
    return path_of(keys), items


def _lists(body: Any, above: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], list[Any]]]:
    if isinstance(body, Mapping) and len(above) < MOST_DEEP:
        for key, value in body.items():
            if isinstance(value, list) and value and all(isinstance(one, Mapping) for one in value):
                yield (*above, str(key)), value
            yield from _lists(value, (*above, str(key)))


def paging_in(body: Any, items: list[Any], answer: Answer, asked: Mapping[str, str]) -> dict[str, Any]:
    """Guess how the list is paged from what the answer and its address say."""
    if paging.link_next(answer.headers.get("Link", "")):
        return {"kind": "link"}
    said = {fold(keys[-1]): (path_of(keys), value) for keys, value in _scalars(body, ())}
    size = next((name for name in asked if fold(name) in _SIZES), None)
    sized: dict[str, Any] = (
        {"size": size, "per_page": int(asked[size])} if size and asked[size].isdigit() else {}
    )
    for name in _NEXT:
        if name in said and isinstance(said[name][1], str) and "/" in said[name][1]:
            return {"kind": "next", "next": said[name][0]}
    for name in _CURSOR:
        if name in said and said[name][1]:
            return {
                "kind": "cursor",
                "next": said[name][0],
                "param": Blank("cursor", "the parameter that takes it"),
                **sized,
            }
    total = next((said[name] for name in _TOTAL if name in said and isinstance(said[name][1], int)), None)
    more: dict[str, Any] = sized | ({"total": total[0]} if total else {})
    for name, value in asked.items():
        if fold(name) in ("page", "page_number", "page_no", "trang", "p"):
            return {
                "kind": "page",
                "page": name,
                "first": min(1, int(value)) if value.isdigit() else 1,
                **more,
            }
        if fold(name) in ("offset", "skip", "start", "from"):
            return {"kind": "offset", "offset": name, **more}
    if total and total[1] > len(items):
        size_ = sized or {"size": Blank("size", "the parameter of a page's size"), "per_page": len(items)}
        return {
            "kind": "page",
            "page": Blank("page", "the parameter of a page's number"),
            "total": total[0],
            **size_,
        }
    return {}


def _scalars(body: Any, above: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], Any]]:
    if isinstance(body, Mapping) and len(above) < MOST_DEEP:
        for key, value in body.items():
            if isinstance(value, Mapping):
                yield from _scalars(value, (*above, str(key)))
            elif not isinstance(value, list):
                yield (*above, str(key)), value
