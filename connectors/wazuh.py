"""Security alerts from the Wazuh 4 indexer (OpenSearch), one by one or counted by hour and band of level.

https://documentation.wazuh.com/4.14/user-manual/wazuh-indexer/  https://opensearch.org/docs/latest/api-reference/search/
Of an alert only what is listed in SOURCE is asked for: never the log line, its addresses or its users.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from operator import itemgetter
from typing import Any

from connectors import http as client
from connectors import kept, values, windows
from connectors.answer import Answer
from connectors.http import Http
from connectors.mapping import Translated, on_page
from connectors.options import Fault, Option
from connectors.values import UnreadableError
from connectors.windows import Window
from ioc.errors import ContractError, UnreachableError
from ioc.model import Cursor, Event, Observation, Page, Rejected, Source
from ioc.scrub import scrub

OPTIONS: Mapping[str, Option] = {
    **client.OPTIONS,
    "index": Option("text", 'the indices that are searched; default "wazuh-alerts-*"'),
    "level": Option("whole", "the lowest level that is asked for; default 7, of counts 0"),
    "bands": Option("table", "severity <- the lowest level in it; default low 0, medium 7, high 12, critical 15",
                    each=Option("whole", "a level")),
    "size": Option("count", "how many alerts to ask for at once, up to 10,000; default 1,000"),
    "tie": Option("text", 'the field that orders alerts of one instant; default "_id", else "id"'),
    "overlap": Option("length", 'how far each question reaches back into the one before; default "10m"'),
    "span": Option("length", 'the longest span of one question; default "1d"'),
    "start": Option("text", 'where the first question begins; default "1d"'),
    "place": Option("text", 'shape = "observation": the area or site whose alerts are counted'),
}  # fmt: skip
SOURCE = ["timestamp", "id", "rule.id", "rule.level", "rule.description", "rule.groups", "rule.mitre.id", "agent.id",
          "agent.name"]  # fmt: skip
BANDS = {"low": 0, "medium": 7, "high": 12, "critical": 15}
HOUR_S = 3600
MOST_PAGES = 10_000


def check(source: Source) -> Iterator[Fault]:
    """Yield what is wrong beyond the types of the keys."""
    options = source.options
    if source.shape == "observation":
        if "place" not in options:
            yield "place", "is missing: counts need the area or site that they are of"
        if "level" in options and options["level"] not in options.get("bands", BANDS).values():
            yield (
                "level",
                "the lowest level of a band was expected: a part of a band would be counted as all of it",
            )
    elif not source.shape.startswith("event:"):
        yield "shape", f'"event:<kind>" or "observation" was expected, not {source.shape!r}'
    if options.get("size", 1) > 10_000:
        yield "size", "at most 10,000 was expected"
    yield from ((f"{key}", told) for key, told in windows.check(_window(source)))


def reads_spans(source: Source) -> bool:
    """Say that a span of the past can be asked for."""
    return True


def fetch(source: Source, http: Http, cursor: Cursor) -> Iterator[Page]:
    """Yield the alerts, or their counts of full hours, from where the cursor stands until now."""
    counts = source.shape == "observation"
    for window in windows.windows(_window(source), http.now(), cursor):
        yield from (_counted if counts else _listed)(source, http, window, cursor)
        cursor = {}


def _window(source: Source) -> dict[str, str]:
    options = source.options
    return {"since": "gte", "until": "lt", "span": options.get("span", "1d"), "start": options.get("start", "1d"),
            "overlap": options.get("overlap", "10m")}  # fmt: skip


def _listed(source: Source, http: Http, window: Window, cursor: Cursor) -> Iterator[Page]:
    """Read one span to its end; each page goes on from the sort values of the one before, handed back as they came."""
    options = source.options
    size, after = options.get("size", 1_000), cursor.get("at")
    read, resumed = 0, after is not None
    for number in range(1, MOST_PAGES + 1):
        body = {
            "size": size,
            "sort": [{"timestamp": "asc"}, {options.get("tie", "_id"): "asc"}],
            "query": _query(source, window.since or 0, window.until or 0),
            "_source": SOURCE,
            **({"search_after": after} if after is not None else {}),
        }
        answer, found = _search(source, http, body)
        hits = found.get("hits")
        if not isinstance(hits, list):
            raise ContractError("Câu trả lời không có danh sách hits.hits.", status=answer.status)
        read += len(hits)
        done = len(hits) < size
        if not done:
            before, after = after, hits[-1].get("sort") if isinstance(hits[-1], Mapping) else None
            if not isinstance(after, list) or after == before:
                raise ContractError(
                    "Cảnh báo cuối trang không có giá trị sort mới để đọc tiếp.", status=answer.status
                )
        elif not resumed and read < _exactly(found):
            raise ContractError(
                f"Chỉ nhận được {read} trên {_exactly(found)} cảnh báo đã đếm.", status=answer.status
            )
        following = window.done() if done else {**window.cursor(), "at": after}
        part = _translated(source, hits, number)
        yield from kept.within(source, answer, kept.cut(part), cursor=following)
        if done:
            return
    raise ContractError(f"Danh sách cảnh báo dài hơn {MOST_PAGES} trang.")


def _search(source: Source, http: Http, body: dict[str, Any]) -> tuple[Answer, Mapping[str, Any]]:
    """Ask and return what was found; a search that only some shards answered is none."""
    index = source.options.get("index", "wazuh-alerts-*")
    answer = http.post(f"{source.url.rstrip('/')}/{index}/_search", json=body)
    said = answer.json()
    shards = said.get("_shards") if isinstance(said, Mapping) else None
    hits = said.get("hits") if isinstance(said, Mapping) else None
    if not isinstance(shards, Mapping) or not isinstance(hits, Mapping):
        raise ContractError(
            "Câu trả lời không phải của OpenSearch: thiếu _shards hoặc hits.", status=answer.status
        )
    if shards.get("total") == 0:
        raise ContractError(f"Không có chỉ mục nào khớp “{index}”.", status=answer.status)
    if said.get("timed_out") or shards.get("failed"):
        raise UnreachableError(
            f"Chỉ một phần kho cảnh báo trả lời ({shards.get('failed')} trên {shards.get('total')} mảnh lỗi); "
            "sẽ hỏi lại ở chu kỳ sau.", status=answer.status)  # fmt: skip
    return answer, {**said, **hits}


def _query(source: Source, since: int, until: int) -> dict[str, Any]:
    times = {"gte": since * 1000, "lt": until * 1000, "format": "epoch_millis"}
    level = {"gte": _lowest(source)}
    return {"bool": {"filter": [{"range": {"timestamp": times}}, {"range": {"rule.level": level}}]}}


def _lowest(source: Source) -> int:
    """Return the lowest level that is asked for: of counts all, of single alerts those that matter."""
    lowest: int = source.options.get("level", 0 if source.shape == "observation" else 7)
    return lowest


def _exactly(found: Mapping[str, Any]) -> int:
    """Return how many alerts there are, 0 where the indexer only counted up to a bound."""
    total = found.get("total")
    if (
        not isinstance(total, Mapping)
        or total.get("relation") != "eq"
        or not isinstance(total.get("value"), int)
    ):
        return 0
    return int(total["value"])


def _translated(source: Source, hits: list[Any], page: int) -> Translated:
    out, address = Translated(), on_page(page)
    for position, hit in enumerate(hits):
        told = _told(hit)
        out.kept.append(told)
        try:
            out.records.append(_event(source, told))
        except UnreadableError as error:
            out.rejected.append(Rejected(address(position, ""), f"Cảnh báo: {error}.", told))
    return out


def _told(hit: Any) -> dict[str, Any]:
    """Return the fields that may be kept of one hit, whatever else came with it."""
    told: dict[str, Any] = {}
    alert = hit.get("_source") if isinstance(hit, Mapping) else None
    if isinstance(alert, Mapping):
        told["_id"] = hit.get("_id")
        for path in SOURCE:
            value: Any = alert
            for name in path.split("."):
                value = value.get(name) if isinstance(value, Mapping) else None
            if value is not None:
                told[path] = value
    return {name: _plain(value) for name, value in told.items()}


def _plain(value: Any) -> str | int | list[str]:
    if isinstance(value, list):
        return [scrub(str(part))[:100] for part in value if isinstance(part, str)][:50]
    return value if isinstance(value, int) else scrub(str(value))[:500] if isinstance(value, str) else ""


def _event(source: Source, told: Mapping[str, Any]) -> Event:
    if not told.get("_id") or not isinstance(told["_id"], str):
        raise UnreadableError("không có _id hoặc _source")
    at = values.time_reader("iso")(told.get("timestamp", ""))
    level = int(values.number_reader()(told.get("rule.level", "")))
    if not 0 <= level <= 16:
        raise UnreadableError(f"rule.level là {level}, không phải từ 0 đến 16")
    groups, mitre = told.get("rule.groups", []), told.get("rule.mitre.id", [])
    facts: dict[str, Any] = {"level": level, "rule": told.get("rule.id", ""), "agent": told.get("agent.id", ""),
                             "agent_name": told.get("agent.name", ""), "mitre": ", ".join(mitre)
                             if isinstance(mitre, list) else mitre}  # fmt: skip
    return Event(
        told["_id"], source.shape.partition(":")[2], at, at, _band(source, level),
        values.text(told.get("rule.description", ""))[:300], (),
        next(iter(groups), "") if isinstance(groups, list) else str(groups), "",
        {name: value for name, value in facts.items() if value not in ("", [])},
    )  # fmt: skip


def _band(source: Source, level: int) -> str:
    bands = source.options.get("bands", BANDS)
    return max((name for name in bands if bands[name] <= level), key=bands.__getitem__, default="")


def _counted(source: Source, http: Http, window: Window, cursor: Cursor) -> Iterator[Page]:
    """Count the full hours of one span by band; an hour without alerts is a 0."""
    since = (window.since or 0) // HOUR_S * HOUR_S
    until = (window.until or 0) // HOUR_S * HOUR_S
    if since >= until:
        yield Page(cursor=window.done(), unchanged=True)
        return
    declared = source.options.get("bands", BANDS)
    bands = sorted(
        ((name, low) for name, low in declared.items() if low >= _lowest(source)), key=itemgetter(1)
    )
    above = [level for _, level in bands[1:]] + [None]
    ranges = [
        {"key": name, "from": level, **({"to": top} if top is not None else {})}
        for (name, level), top in zip(bands, above, strict=True)
    ]
    hours = {"field": "timestamp", "fixed_interval": "1h", "min_doc_count": 0,
             "extended_bounds": {"min": since * 1000, "max": (until - HOUR_S) * 1000}}  # fmt: skip
    body = {
        "size": 0,
        "query": _query(source, since, until),
        "aggs": {"hours": {"date_histogram": hours, "aggs": {"bands": {"range": {"field": "rule.level",
                                                                                 "ranges": ranges}}}}},
    }  # fmt: skip
    answer, found = _search(source, http, body)
    out = Translated()
    try:
        for bucket in found["aggregations"]["hours"]["buckets"]:
            at = int(bucket["key"]) // 1000
            for band in bucket["bands"]["buckets"]:
                if since <= at < until:
                    out.records.append(Observation(
                        "security_alerts", at, source.options["place"], float(band["doc_count"]),
                        category=str(band["key"]), span="hour", kind="count"))  # fmt: skip
                    out.kept.append({"hour": at, "band": str(band["key"]), "count": band["doc_count"]})
    except (KeyError, TypeError, ValueError):
        raise ContractError(
            "Câu trả lời không có số đếm theo giờ (aggregations.hours).", status=answer.status
        ) from None
    yield from kept.within(source, answer, kept.cut(out), cursor=window.done())
