"""Open-Meteo: weather, air quality and river discharge of models, never of a station. https://open-meteo.com/en/docs"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from connectors import http as client
from connectors import kept
from connectors.answer import Answer
from connectors.http import Http
from connectors.open_meteo_hours import BLOCKS, translate
from connectors.options import SCALARS, Fault, Option
from ioc.calendar import local_date
from ioc.errors import ContractError
from ioc.model import Cursor, Page, Source

_KINDS = ("instant", "mean", "count", "cumulative", "share")
_SERIES = Option("table", "their name -> what it is", each=Option("table", "one series", keys={
    "variable": Option("text", "the variable that it is", required=True),
    "unit": Option("text", "the catalogue's unit, into which the unit that the answer names is turned", required=True),
    "category": Option("text", "the category of this series (such as the model's name)"),
    "channel": Option("text", "the channel of this series"),
    "kind": Option("choice", "what kind of number", choices=_KINDS),
    "preceding": Option("flag", "true: the value is of the span before its time (precipitation, radiation)"),
}))  # fmt: skip
OPTIONS: Mapping[str, Option] = {
    **client.OPTIONS,
    "places": Option("table", "area or site -> its point", required=True, each=Option("table", "a point", keys={
        "lat": Option("number", "degrees north", required=True),
        "lon": Option("number", "degrees east", required=True)})),
    "points": Option("count", "how many points are asked for at once (default 50)"),
    "current": _SERIES,
    "hourly": _SERIES,
    "daily": _SERIES,
    "params": SCALARS,
}  # fmt: skip
_DAYS = ("past_days", "forecast_days", "past_hours", "forecast_hours")


def check(source: Source) -> Iterator[Fault]:
    """Yield what is wrong beyond the types of the keys."""
    options = source.options
    if source.shape != "observation":
        yield "shape", f'"observation" was expected: a model gives numbers, not {source.shape}'
    if not any(options.get(block) for block in BLOCKS):
        yield "hourly", "is missing: one of current, hourly and daily names what is asked for"
    for place, point in options["places"].items():
        if abs(point["lat"]) > 90 or abs(point["lon"]) > 180:
            yield f"places.{place}", f"a point on earth was expected, not {point['lat']}, {point['lon']}"
    if not options["places"]:
        yield "places", "at least one place was expected"
    for key in ("latitude", "longitude", *BLOCKS, "start_date", "end_date"):
        if key in options.get("params", {}):
            yield f"params.{key}", "is written by the connector; declare places, current, hourly and daily"


def reads_spans(source: Source) -> bool:
    """Say whether a span of the past can be asked for: by whole days."""
    return any(source.options.get(block) for block in ("hourly", "daily"))


def fetch(source: Source, http: Http, cursor: Cursor) -> Iterator[Page]:
    """Yield a page per group of points: hours and days as observations; what is yet to come is a forecast."""
    places = list(source.options["places"].items())
    most = source.options.get("points", 50)
    window = cursor.get("window")
    for start in range(0, len(places), most):
        part = places[start : start + most]
        answer = http.get(params=_parameters(source, part, window), accept=(400,))
        found = translate(
            _locations(answer, len(part)), [place for place, _ in part], source.options, http.now(), answer
        )
        last = start + most >= len(places)
        after = {"until": window[1]} if window else {}
        yield from kept.within(source, answer, kept.cut(found), cursor=after if last else None)  # fmt: skip


def _parameters(
    source: Source, part: Sequence[tuple[str, Mapping[str, float]]], window: Sequence[int] | None
) -> dict[str, Any]:
    options = source.options
    asked: dict[str, Any] = {
        "latitude": ",".join(f"{point['lat']:g}" for _, point in part),
        "longitude": ",".join(f"{point['lon']:g}" for _, point in part),
        "timeformat": "unixtime",  # the default is local time without an offset
        "timezone": "Asia/Bangkok",  # days are local days
        **options.get("params", {}),
    }
    blocks = BLOCKS if window is None else ("hourly", "daily")
    asked |= {block: ",".join(options[block]) for block in blocks if options.get(block)}
    if window is not None:
        asked = {key: value for key, value in asked.items() if key not in _DAYS}
        asked["start_date"], asked["end_date"] = (local_date(at).isoformat() for at in window)
    return asked


def _locations(answer: Answer, count: int) -> list[Any]:
    """Return one object per point; raises ContractError for an error's body and for another number of points."""
    body = answer.json()
    if isinstance(body, dict) and (body.get("error") or answer.status == 400):
        said = body.get("reason") if isinstance(body.get("reason"), str) else ""
        raise ContractError(
            f"Open-Meteo không trả lời được: {answer.clean(str(said))[:200].rstrip('.')}.",
            status=answer.status,
        )
    found = body if isinstance(body, list) else [body]
    if len(found) != count:
        raise ContractError(f"Đã hỏi {count} điểm, nhưng nhận được {len(found)}.", status=answer.status)
    return found  # fmt: skip
