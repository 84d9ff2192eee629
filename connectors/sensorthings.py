"""OGC SensorThings API 1.1: observations of declared datastreams. https://docs.ogc.org/is/18-088/18-088.html"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from connectors import http as client
from connectors import kept, windows
from connectors.answer import Answer
from connectors.http import Http
from connectors.json_body import keys_of
from connectors.options import SCALARS, Fault, Option
from connectors.paging import Reading
from connectors.sensorthings_results import stream_reader
from connectors.units import conversion, spelled
from connectors.values import shown
from connectors.windows import Window, write
from ioc.errors import ContractError, RefusedError
from ioc.model import Cursor, Page, Source

_FLAGS = ("", "01", "02", "reject")
_STREAM = {
    "variable": Option("text", "the variable that it is", required=True),
    "place": Option("text", "the site or area to which it belongs", required=True),
    "unit": Option("text", "the unit (symbol) that the datastream names; it is compared in every run"),
    "to": Option("text", "the catalogue's unit where it is another one"),
    "factor": Option("number", "what to multiply with where no conversion is known"),
    "category": Option("text", "the category of this series"),
    "channel": Option("text", "the channel of this series"),
    "span": Option("choice", "over which span", choices=("instant", "minute", "hour", "day", "week", "month", "quarter", "year")),
    "kind": Option("choice", "what kind of number", choices=("instant", "mean", "count", "cumulative", "rank", "share")),
    "method": Option("choice", "how it was found", choices=("measured", "estimated", "forecast", "official")),
}  # fmt: skip
OPTIONS: Mapping[str, Option] = {
    **client.OPTIONS,
    "streams": Option("table", "a datastream's id (a text id in 'quotes') -> what it is", required=True,
                      each=Option("table", "one datastream", keys=_STREAM)),
    "by": Option("choice", "which time says what is new (default phenomenonTime)", choices=("phenomenonTime", "resultTime")),
    "top": Option("count", "how many observations to ask for at once (default 1000)"),
    "params": SCALARS,
    "quality": Option("table", "what a quality means", keys={
        "field": Option("path", "where it stands in an observation (resultQuality.quality)", required=True),
        "flags": Option("table", 'their word -> "" valid, "01" calibration, "02" device error, "reject"', required=True,
                        each=Option("choice", "a flag", choices=_FLAGS))}),
    "window": Option("table", "asks only for what came since the last time", keys={
        key: windows.OPTIONS[key] for key in ("overlap", "span", "start")}),
}  # fmt: skip
_PAGING = {"kind": "next", "next": '"@iot.nextLink"'}
_WINDOW = {"overlap": "1h", "start": "7d"}
MOST_PAGES = 10_000


def check(source: Source) -> Iterator[Fault]:
    """Yield what is wrong beyond the types of the keys."""
    options = source.options
    if source.shape != "observation":
        yield "shape", f'"observation" was expected: datastreams give numbers, not {source.shape}'
    if not options["streams"]:
        yield "streams", "at least one datastream was expected"
    for id, stream in options["streams"].items():
        if "to" in stream and "factor" not in stream:
            try:
                conversion(stream.get("unit", stream["to"]), stream["to"])
            except ValueError as error:
                yield f"streams.{id}.to", str(error)
    for key in options.get("params", {}):
        if key in ("$filter", "$orderby", "$top", "$skip"):
            yield f"params.{key}", "is written by the connector; declare window, by and top"
    yield from windows.check({**_WINDOW, **options.get("window", {})})


def reads_spans(source: Source) -> bool:
    """Say whether a span of the past can be asked for."""
    return True


def fetch(source: Source, http: Http, cursor: Cursor) -> Iterator[Page]:
    """Yield each datastream's observations, window by window; one that fails is raised once the others have landed."""
    streams: dict[str, Any] = dict(cursor.get("streams", {}))
    failure: ContractError | RefusedError | None = None
    for id, declared in source.options["streams"].items():
        at = {**({"window": cursor["window"]} if "window" in cursor else {}), **streams.get(id, {})}
        try:
            _same_unit(http, source, id, declared)
            for page, after in _stream(source, http, id, at):
                if after is not None:
                    streams = {**streams, id: after}
                yield Page(page.records, page.rejected, None if after is None else {"streams": streams}, page.kept,
                           page.received_hash, page.received_bytes, page.status)  # fmt: skip
        except (ContractError, RefusedError) as error:
            failure = error
    if failure:
        raise failure


def _stream(source: Source, http: Http, id: str, cursor: Cursor) -> Iterator[tuple[Page, Cursor | None]]:
    for window in windows.windows({**_WINDOW, **source.options.get("window", {})}, http.now(), cursor):
        landed = False
        try:
            for page in _listed(source, http, id, window, cursor):
                yield page, page.cursor
                landed = True
        except (ContractError, RefusedError):
            if "at" not in cursor or landed:
                raise
            for page in _listed(
                source, http, id, window, {}
            ):  # the link that we stopped at leads nowhere now
                yield page, page.cursor
        cursor = {}


def _listed(source: Source, http: Http, id: str, window: Window, cursor: Cursor) -> Iterator[Page]:
    translate = stream_reader(source.options["streams"][id], source.options.get("quality"))
    reading = Reading(_PAGING, cursor)
    for number in range(1, MOST_PAGES + 1):
        answer = http.get(reading.at) if isinstance(reading.at, str) else _first(source, http, id, window)
        body = answer.json()
        items = reading.turn(answer, body, _values(body, answer), [])
        after = window.done() if reading.done else {**window.cursor(), **reading.cursor()}
        found = translate(items, f"luồng {id}, trang {number}")
        yield from kept.within(source, answer, kept.cut(found), cursor=after)
        if reading.done:
            return
    raise ContractError(f"Danh sách dài hơn {MOST_PAGES} trang.")


def _first(source: Source, http: Http, id: str, window: Window) -> Answer:
    options = source.options
    by = options.get("by", "phenomenonTime")
    since, until = (write(at or 0, "%Y-%m-%dT%H:%M:%SZ", "Z") for at in (window.since, window.until))
    params = {
        "$filter": f"{by} ge {since} and {by} lt {until}",
        "$orderby": f"{by} asc",
        "$top": options.get("top", 1000),
        **options.get("params", {}),
    }
    return http.get(f"{_address(source, id)}/Observations", params=params)


def _address(source: Source, id: str) -> str:
    return f"{source.url.rstrip('/')}/Datastreams({id})"


def _values(body: Any, answer: Answer) -> list[Any]:
    found = body.get("value") if isinstance(body, dict) else None
    if not isinstance(found, list):
        raise ContractError(
            f"Cần danh sách value của SensorThings, nhưng nhận được {keys_of(body)}.", status=answer.status
        )
    return found


def _same_unit(http: Http, source: Source, id: str, declared: Mapping[str, Any]) -> None:
    """Refuse a datastream that is no longer measured in the declared unit."""
    if "unit" not in declared:
        return
    said = http.get(_address(source, id), params={"$select": "unitOfMeasurement"}).json()
    unit = said.get("unitOfMeasurement") if isinstance(said, dict) else None
    symbol = unit.get("symbol") if isinstance(unit, dict) else None
    if not isinstance(symbol, str) or spelled(symbol) != spelled(declared["unit"]):
        raise ContractError(
            f"Luồng {id} đo bằng đơn vị {shown(symbol)}, không phải {declared['unit']} đã khai báo."
        )
