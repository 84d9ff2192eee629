"""Open311 GeoReport v2: requests of citizens, JSON or XML. https://wiki.open311.org/GeoReport_v2/"""

from __future__ import annotations

import re
from collections.abc import Generator, Iterator, Mapping
from dataclasses import replace
from typing import Any

from connectors import http as client
from connectors import kept, mapping, windows
from connectors.answer import Answer
from connectors.http import Http
from connectors.open311_items import refuse, requests_of
from connectors.options import SCALARS, Fault, Option, seconds
from connectors.paging import Reading
from connectors.windows import Window, write
from ioc.errors import ContractError
from ioc.model import Cursor, Page, Source

FIELDS = {
    "key": "service_request_id",
    "state": "status",
    "opened": "requested_datetime",
    "due": "expected_datetime",
    "closed": "(status == 'closed' || status == 'Closed' || status == 'CLOSED') && updated_datetime || `null`",
    "responsible": "agency_responsible",
    "category": "service_name",
    "lat": "lat",
    "lon": "long",
}
STATES = {
    "open": "open",
    "Open": "open",
    "OPEN": "open",
    "closed": "closed",
    "Closed": "closed",
    "CLOSED": "closed",
}
PERSONAL = ("email", "phone", "first_name", "last_name", "device_id", "account_id")
OPTIONS: Mapping[str, Option] = {
    **client.OPTIONS,
    **mapping.OPTIONS,
    "fields": replace(mapping.OPTIONS["fields"], required=False),
    "format": Option("choice", "json (default) or xml", choices=("json", "xml")),
    "by": Option("choice", "requested: windows of start_date and end_date (default); updated: what changed since, "
                           "where the server knows updated_after", choices=("requested", "updated")),
    "page_size": Option("count", "asks page by page (page, page_size), where the server knows that"),
    "most": Option("count", "how many requests the server gives at most for a window (default 1000)"),
    "params": SCALARS,
    "window": Option("table", "which requests are asked for", keys={
        key: windows.OPTIONS[key] for key in ("overlap", "span", "start")}),
}  # fmt: skip
_LONGEST = 90 * 86_400
MOST_PAGES = 10_000


def check(source: Source) -> Iterator[Fault]:
    """Yield what is wrong beyond the types of the keys."""
    if not source.shape.startswith("case:"):
        yield "shape", f'"case:<kind>" was expected: requests are cases, not {source.shape}'
        return
    yield from mapping.check(_whole(source))
    for target, path in source.options.get("fields", {}).items():
        if re.search(rf"\b({'|'.join(PERSONAL)})\b", path):
            yield f"fields.{target}", f"{path!r} is about a person, which is never read"
    declared = _window(source)
    for key in ("span", "overlap"):
        if seconds(declared[key]) > _LONGEST:
            yield (
                f"window.{key}",
                f"90 days at most were expected, as the protocol has it, not {declared[key]!r}",
            )
    yield from windows.check(declared)


def reads_spans(source: Source) -> bool:
    """Say whether a span of the past can be asked for."""
    return source.options.get("by") != "updated"


def fetch(source: Source, http: Http, cursor: Cursor) -> Iterator[Page]:
    """Yield requests window by window; a window that the server cuts off is asked for in halves."""
    mapped = mapping.compiled(_whole(source))
    for window in windows.windows(_window(source), http.now(), cursor):
        waiting = [window]
        while waiting:
            part = waiting.pop(0)
            halves = yield from _listed(source, http, mapped, part, cursor)
            waiting[:0] = halves
            cursor = {}


def _listed(
    source: Source, http: Http, mapped: mapping.Mapped, window: Window, cursor: Cursor
) -> Generator[Page, None, list[Window]]:
    """Yield one window; returns its halves in place of pages where the answer is cut off."""
    size = source.options.get("page_size")
    paging = {"kind": "page", "size": "page_size", "per_page": size} if size else {"kind": "none"}
    reading = Reading(paging, cursor)
    for number in range(1, MOST_PAGES + 1):
        answer = _ask(source, http, window, reading.at if size else None)
        items = requests_of(answer, source.options.get("format", "json"))
        if size is None and len(items) >= source.options.get("most", 1000):
            return _halves(window, len(items))
        ids = [str(item.get("service_request_id")) for item in items if isinstance(item, dict)]
        items = reading.turn(answer, None, items, ids)
        after = window.done() if reading.done else {**window.cursor(), **reading.cursor()}
        yield from kept.pages(source, answer, mapped, items, mapping.on_page(number), cursor=after)
        if reading.done:
            return []
    raise ContractError(f"Danh sách dài hơn {MOST_PAGES} trang.")


def _halves(window: Window, count: int) -> list[Window]:
    if window.since is None or window.until is None or window.until - window.since < 2:
        raise ContractError(f"Nguồn trả lời {count} phản ánh cho một giây; không biết có thiếu hay không.")
    middle = (window.since + window.until) // 2
    return [Window(window.since, middle), Window(middle, window.until)]


def _ask(source: Source, http: Http, window: Window, page: Any) -> Answer:
    options = source.options
    since, until = (write(at or 0, "%Y-%m-%dT%H:%M:%SZ", "Z") for at in (window.since, window.until))
    asked: dict[str, Any] = dict(options.get("params", {}))
    if options.get("by") == "updated":
        asked["updated_after"] = since
        if "page_size" not in options:
            asked["updated_before"] = until
    else:
        asked |= {"start_date": since, "end_date": until}
    if page is not None:
        asked |= {"page": page, "page_size": options["page_size"]}
    form = options.get("format", "json")
    answer = http.get(f"{source.url.rstrip('/')}/requests.{form}", params=asked, accept=(400, 401, 403, 404))
    if answer.status >= 400:
        refuse(answer, form)
    return answer


def _window(source: Source) -> dict[str, Any]:
    """Fill in: by request time the last month is read again, since an answer changes the request it belongs to."""
    overlap = "1h" if source.options.get("by") == "updated" else "30d"
    return {"span": "90d", "overlap": overlap, "start": "90d", **source.options.get("window", {})}


def _whole(source: Source) -> Source:
    options = source.options
    fields = {**FIELDS, **options.get("fields", {})}
    enums = {"state": STATES, **options.get("enums", {})}
    return replace(source, options={**options, "fields": fields, "enums": enums})
