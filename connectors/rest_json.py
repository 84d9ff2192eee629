"""Any JSON REST source by declaration alone. RFC 8259, RFC 9110; paths: https://jmespath.org/specification.html"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from copy import deepcopy
from typing import Any

import jmespath

from connectors import http as client
from connectors import kept, mapping, paging, values, windows
from connectors.answer import Answer
from connectors.http import Http
from connectors.json_body import keys_of, words_at
from connectors.options import SCALARS, Fault, Option
from connectors.paging import Position, Reading
from connectors.windows import Window
from ioc.errors import ContractError, RefusedError
from ioc.model import Cursor, Page, Source

OPTIONS: Mapping[str, Option] = {
    **client.OPTIONS,
    **mapping.OPTIONS,
    "items": Option("path", 'where the list of records stands ("@" for a bare array)', required=True),
    "method": Option("choice", "GET, or POST with a body", choices=("GET", "POST")),
    "params": SCALARS,
    "body": Option("table", "the JSON body of a POST"),
    "envelope": Option(
        "table",
        "the answer's own word whether it went well",
        keys={
            "path": Option("path", "where its code stands", required=True),
            "ok": Option("list", "the codes that mean well", required=True),
            "message": Option("path", "where its message stands"),
        },
    ),
    "paging": Option("table", "how the list is paged", keys=paging.OPTIONS),
    "window": Option("table", "asks only for what changed since the last time", keys=windows.OPTIONS),
}
MOST_PAGES = 10_000


def check(source: Source) -> Iterator[Fault]:
    """Yield what is wrong beyond the types of the keys."""
    yield from mapping.check(source)
    yield from paging.check(_paging(source))
    yield from windows.check(source.options.get("window", {}))
    if "body" in source.options and source.options.get("method", "GET") != "POST":
        yield "body", 'only method = "POST" has a body'


def reads_spans(source: Source) -> bool:
    """Say whether a span of the past can be asked for."""
    return "until" in source.options.get("window", {})


def fetch(source: Source, http: Http, cursor: Cursor) -> Iterator[Page]:
    """Yield the pages of every window from the cursor until now, each with the cursor after it."""
    mapped = mapping.compiled(source)
    for window in windows.windows(source.options.get("window"), http.now(), cursor):
        landed = False
        try:
            for page in _listed(source, http, mapped, window, cursor):
                yield page
                landed = True
        except (ContractError, RefusedError):
            if "at" not in cursor or landed:
                raise
            yield from _listed(
                source, http, mapped, window, {}
            )  # the source no longer knows where we stopped
        cursor = {}


def _listed(
    source: Source, http: Http, mapped: mapping.Mapped, window: Window, cursor: Cursor
) -> Iterator[Page]:
    """Read one list from the cursor to its end."""
    reading = Reading(_paging(source), cursor)
    whole = source.complete and not reading.resumed and window.since is None
    for number in range(1, MOST_PAGES + 1):
        at = reading.at
        answer = _ask(source, http, window, at, cursor)
        if answer.unchanged:
            yield Page(status=answer.status, unchanged=True)
            return
        body = answer.json()
        items = items_of(source, body, answer)
        items = reading.turn(answer, body, items, _keys(mapped, items))
        after = {**window.cursor(), **reading.cursor()}
        if reading.done:
            after = window.done()
            if _is_single(source) and answer.validators:
                after = {**after, **answer.validators, "of": kept.version(source)}
        place = at if reading.paging["kind"] == "page" and isinstance(at, int) else number
        complete = whole and reading.done and not reading.short
        yield from kept.pages(
            source, answer, mapped, items, mapping.on_page(place), cursor=after, complete=complete
        )
        if reading.done:
            return
    raise ContractError(f"Danh sách dài hơn {MOST_PAGES} trang; nguồn không phân trang như đã khai báo.")


def answers(source: Source, http: Http) -> Iterator[tuple[Answer, list[Any]]]:
    """Yield every answer of one list with its records, from the first page to the last."""
    reading = Reading(_paging(source), {})
    for _ in range(MOST_PAGES):
        answer = _ask(source, http, Window(), reading.at, {})
        body = answer.json()
        yield answer, reading.turn(answer, body, items_of(source, body, answer), [])
        if reading.done:
            return
    raise ContractError(f"Danh sách dài hơn {MOST_PAGES} trang; nguồn không phân trang như đã khai báo.")


def _ask(source: Source, http: Http, window: Window, at: Position, cursor: Cursor) -> Answer:
    """Ask for one page as the declaration says."""
    options, pages = source.options, _paging(source)
    if pages["kind"] in ("link", "next") and isinstance(at, str):
        return http.get(at)
    moving = {**windows.parameters(options.get("window"), window), **paging.parameters(pages, at)}
    constant = options.get("params", {})
    if options.get("method", "GET") == "GET":
        conditional = cursor if _is_single(source) and cursor.get("of") == kept.version(source) else None
        return http.get(params={**constant, **moving}, conditional=conditional)
    if pages.get("in") == "query":
        return http.post(params={**constant, **moving}, json=options.get("body", {}))
    body = deepcopy(dict(options.get("body", {})))
    for name, value in moving.items():
        *folders, last = name.split(".")
        inner = body
        for folder in folders:
            inner = inner.setdefault(folder, {})
        inner[last] = value
    return http.post(params=constant or None, json=body)


def items_of(source: Source, body: Any, answer: Answer) -> list[Any]:
    """Return the list of records; raises ContractError for a bad envelope or where no list stands."""
    if envelope := source.options.get("envelope"):
        code = jmespath.search(envelope["path"], body)
        if isinstance(code, dict | list | None) or values.text(code) not in map(values.text, envelope["ok"]):
            said = words_at(body, envelope.get("message", ""), answer.clean)
            raise ContractError(
                f"Nguồn trả lời {envelope['path']} = {values.shown(code)}{said}.", status=answer.status
            )
    path = source.options.get("items", "@")
    items = jmespath.search(path, body)
    if items is None and paging.total_of(_paging(source), body) == 0:
        return []
    if not isinstance(items, list):
        came = f"chỉ có {keys_of(body)}" if isinstance(body, dict) else "câu trả lời không phải đối tượng"
        what = "không có gì" if items is None else "không phải danh sách"
        raise ContractError(
            f"Cần một danh sách ở “{path}”, nhưng ở đó {what} ({came}).", status=answer.status
        )
    return items


def _paging(source: Source) -> Mapping[str, Any]:
    paged: Mapping[str, Any] = source.options.get("paging", {"kind": "none"})
    return paged


def _is_single(source: Source) -> bool:
    """Say whether one answer is everything, so that the source may say that it did not change."""
    return _paging(source)["kind"] == "none" and "window" not in source.options


def _keys(mapped: mapping.Mapped, items: list[Any]) -> list[str]:
    """Return the keys of items, by which a record that came twice is known; nothing for observations."""
    pick = next((reader.pick for reader in mapped.readers if reader.target == "key"), None)
    if pick is None:
        return []
    return [str(pick(item)) for item in items if isinstance(item, Mapping)]
