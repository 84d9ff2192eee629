"""DHIS2 analytics: aggregates by data item, period and unit. https://docs.dhis2.org/en/develop/using-the-api/analytics.html"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from connectors import http as client
from connectors import kept
from connectors.answer import Answer
from connectors.dhis2_rows import periods_within, span_asked, translate
from connectors.http import Http
from connectors.json_body import read_json
from connectors.options import SCALARS, TEXTS, Fault, Option
from ioc.errors import ContractError
from ioc.model import Cursor, Page, Source

_SPANS = ("day", "week", "month", "quarter", "year")
OPTIONS: Mapping[str, Option] = {
    **client.OPTIONS,
    "data": Option(
        "table",
        "data item (uid, or uid.uid) -> what it is",
        required=True,
        each=Option(
            "table",
            "one data item",
            keys={
                "variable": Option("text", "the variable that it is", required=True),
                "category": Option("text", "the category of this series"),
                "channel": Option("text", "the channel of this series"),
                "span": Option("choice", "asked for in such periods only", choices=_SPANS),
                "kind": Option("choice", "what kind of number", choices=("instant", "mean", "count", "cumulative", "share")),
                "method": Option("choice", "how it was found", choices=("measured", "estimated", "forecast", "official")),
            },
        ),
    ),
    "periods": Option("list", 'periods: "LAST_8_WEEKS", "THIS_MONTH", "202611"', required=True, each=TEXTS.each),
    "units": Option("any", 'org units: "LEVEL-3", a uid, or a list of them', required=True),
    "units_as": Option("choice", "filter: one sum of all units, whose place is `place`", choices=("dimension", "filter")),
    "places": Option("table", "org unit -> area or site", each=TEXTS.each),
    "place": Option("text", "the area or site of rows that name no unit"),
    "path": Option("text", "where analytics answers (default /api/analytics.json)"),
    "params": SCALARS,
}  # fmt: skip
TOO_MANY = "E7128"  # more than 50,000 records: the server wants smaller questions


def check(source: Source) -> Iterator[Fault]:
    """Yield what is wrong beyond the types of the keys."""
    options = source.options
    if source.shape != "observation":
        yield "shape", f'"observation" was expected: analytics are numbers, not {source.shape}'
    units = options["units"]
    if not units or not isinstance(units, str | list):
        yield "units", f'"LEVEL-3", a uid or a list of them was expected, not {units!r}'
    if options.get("units_as") == "filter" and "place" not in options:
        yield "place", "is missing: units that are a filter need the place to which their sum belongs"
    for position, asked in enumerate(options["periods"]):
        if not span_asked(asked):
            yield (
                f"periods[{position}]",
                f"days, weeks, months, quarters or years were expected, not {asked!r}",
            )
    asked_spans = {span_asked(asked) for asked in options["periods"]}
    for uid, item in options["data"].items():
        if item.get("span") and item["span"] not in asked_spans:
            yield f"data.{uid}.span", f"no period of the kind {item['span']} is asked for in periods"


def fetch(source: Source, http: Http, cursor: Cursor) -> Iterator[Page]:
    """Yield a page per question: the data items of one span over its periods; smaller where that is too much."""
    questions = _questions(source, cursor)
    for number, (items, periods) in enumerate(questions, 1):
        last = number == len(questions)
        yield from _asked(source, http, items, periods, complete=last and source.complete)


def reads_spans(source: Source) -> bool:
    """Say whether a span of the past can be asked for: always, by naming its periods."""
    return True


def _questions(source: Source, cursor: Cursor) -> list[tuple[list[str], list[str]]]:
    """Ask data items only for the periods of their span, so that weeks and months do not mix.

    For a span of the past the declared periods give way to those of the same lengths that begin in it.
    """
    data, periods = source.options["data"], source.options["periods"]
    if asked := cursor.get("window"):
        lengths = dict.fromkeys(span_asked(one) for one in periods)
        periods = [code for length in lengths for code in periods_within(length, *asked)]
    spans = dict.fromkeys(item.get("span", "") for item in data.values())
    questions = [
        (
            [uid for uid, item in data.items() if item.get("span", "") == span],
            [code for code in periods if not span or span_asked(code) == span],
        )
        for span in spans
    ]
    return [question for question in questions if question[1]]


def _asked(
    source: Source, http: Http, items: Sequence[str], periods: Sequence[str], *, complete: bool
) -> Iterator[Page]:
    answer = http.get(source.url.rstrip("/") + source.options.get("path", "/api/analytics.json"),
                      params=_parameters(source, items, periods), accept=(409,))  # fmt: skip
    if answer.status == 409:
        for part in _smaller(answer, items, periods):
            yield from _asked(source, http, *part, complete=False)
        return
    options = source.options
    found = translate(answer.json(), options["data"], options.get("places", {}), options.get("place", ""))
    yield from kept.within(source, answer, kept.cut(found), cursor={}, complete=complete)


def _parameters(source: Source, items: Sequence[str], periods: Sequence[str]) -> dict[str, object]:
    units = source.options["units"]
    written = "ou:" + (units if isinstance(units, str) else ";".join(units))
    asked = [f"dx:{';'.join(items)}", f"pe:{';'.join(periods)}"]
    constant = {"skipMeta": "false", **source.options.get("params", {})}
    if source.options.get("units_as") == "filter":
        return {"dimension": asked, "filter": written, **constant}
    return {"dimension": [*asked, written], **constant}


def _smaller(
    answer: Answer, items: Sequence[str], periods: Sequence[str]
) -> list[tuple[Sequence[str], Sequence[str]]]:
    """Halve a question that is too large, by periods and then by data items; raises ContractError for all else."""
    said = read_json(answer.body, answer.headers.get("Content-Type", ""), answer.status)
    code = said.get("errorCode", "") if isinstance(said, dict) else ""
    if code == TOO_MANY and len(periods) > 1:
        half = len(periods) // 2
        return [(items, periods[:half]), (items, periods[half:])]
    if code == TOO_MANY and len(items) > 1:
        half = len(items) // 2
        return [(items[:half], periods), (items[half:], periods)]
    raise ContractError(
        f"DHIS2 không trả lời được câu hỏi (HTTP 409 {code!s:.10}{answer.said()}).", status=409
    )
