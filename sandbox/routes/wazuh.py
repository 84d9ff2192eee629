"""A Wazuh indexer: searches over alerts and counts of them by hour, as OpenSearch answers."""

from __future__ import annotations

import base64
from datetime import UTC, datetime
from itertools import islice
from typing import Any

from ioc.calendar import HOUR_S
from sandbox.answers import Answer, Asked, BadQuestionError
from sandbox.security import BANDS, RULES, Alert, alerts, count
from sandbox.world import World

USER = "Basic " + base64.b64encode(b"ioc:sandbox").decode()
INDEX = "wazuh-alerts-4.x-"
MOST = 10_000


def answer(world: World, asked: Asked) -> Answer:
    """Answer /wazuh/{index}/_search"""
    if asked.headers.get("authorization") != USER:
        return Answer.json(401, {"error": "Unauthorized"}, {"WWW-Authenticate": 'Basic realm="OpenSearch"'})
    index, _, verb = asked.path.removeprefix("/wazuh/").partition("/")
    if verb != "_search" or not INDEX.startswith(index.rstrip("*")):
        return Answer.json(
            404, {"error": {"type": "index_not_found_exception", "index": index}, "status": 404}
        )
    try:
        since, until, lowest = _asked(asked.json)
    except (KeyError, TypeError, ValueError, BadQuestionError) as error:
        return Answer.json(400, {"error": {"type": "parsing_exception", "reason": str(error)}, "status": 400})
    until = min(until, int(world.now()))
    if asked.json.get("aggs"):
        return _found(0, [], {"hours": {"buckets": list(_hours(world, since, until, lowest, asked.json))}})
    size = min(int(asked.json.get("size", 10)), MOST)
    after = asked.json.get("search_after")
    found = list(alerts(world.setting, since, until, lowest))
    left = (one for one in found if after is None or [one.at, one.id] > after)
    return _found(len(found), [_hit(one) for one in islice(left, size)])


def source(asked: Asked) -> str:
    """Return which declared source asks: the counts, or the list of single alerts."""
    return "security_alert_counts" if b'"aggs"' in asked.body else "security_alerts"


def _asked(body: dict[str, Any]) -> tuple[int, int, int]:
    """Return the span (epoch s) and the lowest level that a search asks for."""
    ranges = {name: part for one in body["query"]["bool"]["filter"] for name, part in one["range"].items()}
    times = ranges["timestamp"]
    return int(times["gte"]) // 1000, int(times["lt"]) // 1000, int(ranges["rule.level"]["gte"])


def _hours(world: World, since: int, until: int, lowest: int, body: dict[str, Any]) -> Any:
    """Yield a bucket for each hour; the bands asked for are those in which alerts come."""
    bands = body["aggs"]["hours"]["aggs"]["bands"]["range"]["ranges"]
    place = {low: number for number, (low, _) in enumerate(BANDS)}
    for hour in range(since - since % HOUR_S, until, HOUR_S):
        counted = [(band["key"], count(world.setting, hour, place[int(band["from"])])) for band in bands]
        yield {
            "key": hour * 1000,
            "doc_count": sum(n for _, n in counted),
            "bands": {"buckets": [{"key": key, "doc_count": n} for key, n in counted]},
        }


def _hit(alert: Alert) -> dict[str, Any]:
    rule, description, groups, mitre = RULES[alert.rule]
    when = datetime.fromtimestamp(alert.at / 1000, UTC)
    host = f"may-{alert.agent:03d}"
    told = {
        "timestamp": f"{when:%Y-%m-%dT%H:%M:%S}.{alert.at % 1000:03d}+0000",
        "id": f"{alert.at / 1000:.3f}.{alert.agent}",
        "rule": {"id": rule, "level": alert.level, "description": description, "groups": list(groups),
                 "mitre": {"id": [mitre]}},
        "agent": {"id": f"{alert.agent:03d}", "name": host, "ip": f"10.22.8.{alert.agent % 250}"},
        "data": {"srcip": "198.51.100.7", "srcuser": f"can.bo.{alert.agent}"},
        "full_log": f"{host} login of can.bo.{alert.agent} from 198.51.100.7",
    }  # fmt: skip
    return {
        "_index": f"{INDEX}{when:%Y.%m.%d}",
        "_id": alert.id,
        "_source": told,
        "sort": [alert.at, alert.id],
    }


def _found(total: int, hits: list[dict[str, Any]], counted: dict[str, Any] | None = None) -> Answer:
    body: dict[str, Any] = {
        "took": 2,
        "timed_out": False,
        "_shards": {"total": 3, "successful": 3, "skipped": 0, "failed": 0},
        "hits": {"total": {"value": total, "relation": "eq"}, "max_score": None, "hits": hits},
    }
    return Answer.json(200, body if counted is None else {**body, "aggregations": counted})
