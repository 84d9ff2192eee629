"""PxWeb, statistics offices' tables, API v1 and v2 with JSON-stat 2.0. https://github.com/PxTools/PxApiSpecs"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from math import prod
from typing import Any
from urllib.parse import quote

from connectors import http as client
from connectors import json_stat, kept
from connectors.answer import Answer
from connectors.http import Http
from connectors.json_stat import Dataset
from connectors.mapping import Translated
from connectors.options import SCALARS, TEXTS, Fault, Option
from connectors.pxweb_cells import of_category, translate
from connectors.units import conversion
from ioc.errors import ContractError, RefusedError
from ioc.model import Cursor, Page, Source

_KINDS = ("instant", "mean", "count", "cumulative", "share", "rank")
_METHODS = ("measured", "estimated", "forecast", "official")
_SPANS = ("instant", "day", "week", "month", "quarter", "year")
_TEXTS = Option("table", "code or label -> ours", each=Option("text", "ours"))
OPTIONS: Mapping[str, Option] = {
    **client.OPTIONS,
    "version": Option("choice", "the interface's version", required=True, choices=("v1", "v2")),
    "table": Option("text", "v1: the path of the table below url; v2: its id", required=True),
    "select": Option("table", 'dimension -> codes, "*", { top = 5 }, { filter, values } or { codelist, values }',
                     each=Option("any", "what to ask for")),
    "params": SCALARS,
    "dimensions": Option("table", "what the table's dimensions are (label or code)", keys={
        "time": Option("text", "the periods; default: the dimension with that role"),
        "place": Option("text", "areas or sites"),
        "variable": Option("text", "what is counted: its categories are the keys of data"),
        "category": Option("any", "one dimension, or a list of them"),
        "channel": Option("text", "a further dimension")}),
    "data": Option("table", 'category of the variable\'s dimension (code or label), or "*" -> what it is', required=True,
                   each=Option("table", "one of them", keys={
        "variable": Option("text", "the variable that it is", required=True),
        "unit": Option("text", "the unit in which the table writes"),
        "to": Option("text", "the catalogue's unit where it is another one"),
        "factor": Option("number", "what to multiply with"),
        "category": Option("text", "the category of this series"),
        "channel": Option("text", "the channel of this series"),
        "span": Option("choice", "over which span; default as the label says", choices=_SPANS),
        "kind": Option("choice", "what kind of number", choices=_KINDS),
        "method": Option("choice", "how it was found (default official)", choices=_METHODS),
    })),
    "place": Option("text", "the area or site of a table without places"),
    "places": _TEXTS,
    "categories": _TEXTS,
    "skip": TEXTS,
    "preliminary": TEXTS,
    "gaps": TEXTS,
}  # fmt: skip

Selection = dict[str, Any]
"""Dimension -> what is asked of it, as in `select`."""


def check(source: Source) -> Iterator[Fault]:
    """Yield what is wrong beyond the types of the keys."""
    options = source.options
    roles = options.get("dimensions", {})
    if source.shape != "observation":
        yield "shape", f'"observation" was expected: a table holds numbers, not {source.shape}'
    if ("place" in roles) == ("place" in options):
        yield "place", "either dimensions.place or place was expected, the area or site of the whole table"
    if "variable" not in roles and set(options["data"]) != {"*"}:
        yield "data", 'only data."*" was expected: there is no dimensions.variable'
    for name in of_category(roles.get("category")):
        if not isinstance(name, str):
            yield "dimensions.category", f"a dimension or a list of them was expected, not {name!r}"
    for name, asked in options.get("select", {}).items():
        if why := _faulty(asked, options["version"]):
            yield f"select.{name}", why
    for name, item in options["data"].items():
        if "to" in item and "factor" not in item:
            try:
                conversion(item.get("unit", item["to"]), item["to"])
            except ValueError as error:
                yield f"data.{name}.to", str(error)


def fetch(source: Source, http: Http, cursor: Cursor) -> Iterator[Page]:
    """Yield the selected part of the table; in smaller parts where the server says that it is too much."""
    waiting = [dict(source.options.get("select", {}))]
    while waiting:
        asked = waiting.pop(0)
        answer = _ask(source, http, asked)
        if answer.status in (403, 413):
            waiting[:0] = _halves(source, http, asked, answer)
            continue
        found = [translate(table, source.options) for table in json_stat.datasets(answer.json())]
        whole = Translated()
        for part in found:
            whole.records += part.records
            whole.rejected += part.rejected
            whole.kept += part.kept
        last = not waiting
        yield from kept.within(
            source, answer, kept.cut(whole), cursor={} if last else None, complete=last and source.complete
        )


def _ask(source: Source, http: Http, asked: Selection) -> Answer:
    params = dict(source.options.get("params", {}))
    if source.options["version"] == "v1":
        query = [{"code": name, "selection": _v1(what)} for name, what in asked.items()]
        body: dict[str, Any] = {"query": query, "response": {"format": "json-stat2"}}
        return http.post(_address(source), params=params or None, json=body, accept=(403, 413))
    body = {"selection": [{"variableCode": name, **_v2(what)} for name, what in asked.items()]}
    params = {"outputFormat": "json-stat2", **params}
    return http.post(_address(source, "data"), params=params, json=body, accept=(403, 413))


def _address(source: Source, part: str = "") -> str:
    base, table = source.url.rstrip("/"), source.options["table"]
    if source.options["version"] == "v1":
        return f"{base}/{quote(table.strip('/'))}"
    return f"{base}/tables/{quote(table, safe='')}/{part}"


def _v1(what: Any) -> dict[str, Any]:
    if what == "*":
        return {"filter": "all", "values": ["*"]}
    if isinstance(what, list):
        return {"filter": "item", "values": what}
    return {"filter": "top", "values": [str(what["top"])]} if "top" in what else dict(what)


def _v2(what: Any) -> dict[str, Any]:
    if what == "*" or isinstance(what, list):
        return {"valueCodes": ["*"] if what == "*" else what}
    if "top" in what:
        return {"valueCodes": [f"TOP({what['top']})"]}
    return {"codelist": what["codelist"], "valueCodes": what["values"]}


def _faulty(asked: Any, version: str) -> str:
    keys = set(asked) if isinstance(asked, dict) else set()
    further = {"filter", "values"} if version == "v1" else {"codelist", "values"}
    if asked == "*" or (isinstance(asked, list) and asked and all(isinstance(code, str) for code in asked)):
        return ""
    if keys == {"top"} and isinstance(asked["top"], int) and asked["top"] > 0:
        return ""
    if keys == further and isinstance(asked["values"], list):
        return ""
    return f'codes, "*", {{ top = 5 }} or {{ {", ".join(sorted(further))} }} was expected, not {asked!r}'


def _halves(source: Source, http: Http, asked: Selection, answer: Answer) -> list[Selection]:
    """Cut a selection that is too large in two along its longest dimension; raises RefusedError for one cell."""
    known = _codes(source, http)
    lists = {name: known[name] if what == "*" else what for name, what in asked.items()
             if isinstance(what, list) or (what == "*" and name in known)}  # fmt: skip
    longest = max(lists, key=lambda name: len(lists[name]), default="")
    if prod(map(len, lists.values())) <= 1:
        raise RefusedError(
            f"Nguồn từ chối chúng ta (HTTP {answer.status}{answer.said()}), kể cả khi chỉ hỏi một phần nhỏ.",
            status=answer.status,
        )
    codes = lists[longest]
    half = len(codes) // 2
    return [{**asked, longest: codes[:half]}, {**asked, longest: codes[half:]}]


def _codes(source: Source, http: Http) -> dict[str, list[str]]:
    """Ask which codes the table's dimensions have."""
    if source.options["version"] == "v2":
        body = http.get(_address(source, "metadata")).json()
        found: Dataset = json_stat.dataset({**body, "value": {}} if isinstance(body, dict) else body)
        return {dimension.id: list(dimension.codes) for dimension in found.dimensions}
    body = http.get(_address(source)).json()
    variables = body.get("variables") if isinstance(body, dict) else None
    if not isinstance(variables, list):
        raise ContractError("PxWeb không trả lời bảng có những chiều nào (variables).")
    return {
        str(variable.get("code")): [str(code) for code in variable.get("values", ())]
        for variable in variables
        if isinstance(variable, dict)
    }
