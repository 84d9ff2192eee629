"""Drafts what a broker is heard to say for some seconds: its topics, and what a message holds."""

from __future__ import annotations

import secrets
import time
from collections import Counter
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import orjson

from connectors.drafts.draft import Blank, Draft
from connectors.drafts.guess import mapping
from connectors.http import Http
from connectors.mqtt_session import MqttSession
from ioc.errors import ContractError
from ioc.model import Source

HEARD_S = 5.0
MOST_TOPICS = 2_000
_SAMPLE = 100


def draft(source: Source, http: Http, options: Mapping[str, str], known: frozenset[str]) -> Draft:
    """Draft from the messages of --option topic=… (all topics) within --option seconds=… (5)."""
    heard: Counter[str] = Counter()
    messages: list[tuple[str, bytes]] = []
    until = time.monotonic() + float(options.get("seconds", HEARD_S))
    # the broker is to keep nothing for us
    alone = replace(source, options={**source.options, "session": "0s"})
    name = f"provincial-ioc-try-{secrets.token_hex(4)}"
    with MqttSession(alone, [options.get("topic", "#")], name) as session:
        while (left := until - time.monotonic()) > 0 and len(heard) < MOST_TOPICS:
            batch = session.gather(0.5, 0.1, left)
            for message in batch:
                heard[message.topic] += 1
                if len(messages) < _SAMPLE:
                    messages.append((message.topic, bytes(message.payload)))
            session.acknowledge(batch)
    if not heard:
        raise ContractError("Máy chủ MQTT không gửi bản tin nào trong thời gian nghe.")
    patterns = {topic: _pattern(topic, list(heard)) for topic in heard}
    items = [_item(topic, patterns[topic], payload) for topic, payload in messages]
    table = mapping(items, options.get("shape", ""), known)
    begin = {"observation": "time", "case": "opened"}.get(table["shape"].partition(":")[0], "starts")
    if isinstance(table["fields"][begin], Blank):
        table["fields"][begin] = Blank("arrived", "messages name no time: when they came")
    notes = [f"{count} × {topic}" for topic, count in heard.most_common(20)]
    return Draft({"url": source.url, "topics": sorted(set(patterns.values()))[:20], **table}, items, notes)


def _item(topic: str, pattern: str, payload: bytes) -> dict[str, Any]:
    try:
        said = orjson.loads(payload)
    except orjson.JSONDecodeError:
        said = payload.decode(errors="replace")
    levels = zip(pattern.split("/"), topic.split("/"), strict=True)
    return {"topic": {one[1:-1]: level for one, level in levels if one.startswith("{")}, "payload": said}


def _pattern(topic: str, heard: list[str]) -> str:
    """Name the levels in which topics of the same length differ: stations/7/pm25 -> stations/{level2}/pm25."""
    levels = topic.split("/")
    alike = [other.split("/") for other in heard if other.count("/") == topic.count("/") and other[0] != "$"]
    same = [one for one in alike if sum(a != b for a, b in zip(one, levels, strict=True)) <= 1]
    written = [
        level if len({one[at] for one in same}) == 1 else f"{{level{at + 1}}}"
        for at, level in enumerate(levels)
    ]
    return "/".join(written)
