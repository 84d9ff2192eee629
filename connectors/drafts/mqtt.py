"""Drafts what a broker is heard to say for some seconds: its topics, and what a message holds."""

from __future__ import annotations

import re
import secrets
import time
from collections import Counter
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import orjson

from connectors.drafts.draft import Draft
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
    asked = [options.get("topic", "#")]
    heard: Counter[str] = Counter()
    items: list[Any] = []
    until = time.monotonic() + float(options.get("seconds", HEARD_S))
    alone = replace(source, options={**source.options, "session": "0s"})  # the broker keeps nothing for us
    with MqttSession(alone, asked, f"provincial-ioc-try-{secrets.token_hex(4)}") as session:
        while time.monotonic() < until and len(heard) < MOST_TOPICS:
            batch = session.gather(0.5, 0.1, until - time.monotonic())
            for message in batch:
                heard[message.topic] += 1
                if len(items) < _SAMPLE:
                    items.append(_item(message.topic, bytes(message.payload)))
            session.acknowledge(batch)
    if not heard:
        raise ContractError("Máy chủ MQTT không gửi bản tin nào trong thời gian nghe.")
    patterns = sorted({_pattern(topic, list(heard)) for topic in heard})[:20]
    table = mapping([item for item in items if isinstance(item, Mapping)], options.get("shape", ""), known)
    notes = [f"{count} × {topic}" for topic, count in heard.most_common(20)]
    return Draft({"url": source.url, "topics": patterns, **table}, items, notes)


def _item(topic: str, payload: bytes) -> Any:
    try:
        said = orjson.loads(payload)
    except orjson.JSONDecodeError:
        said = payload.decode(errors="replace")
    return {"topic": topic, **(said if isinstance(said, Mapping) else {"value": said})}


def _pattern(topic: str, heard: list[str]) -> str:
    """Name the levels in which topics of the same length differ: stations/7/pm25 -> stations/{level2}/pm25."""
    levels = topic.split("/")
    alike = [other.split("/") for other in heard if other.count("/") == topic.count("/") and other[0] != "$"]
    same = [one for one in alike if sum(a != b for a, b in zip(one, levels, strict=True)) <= 1]
    written = [
        level if len({one[at] for one in same}) == 1 else f"{{level{at + 1}}}"
        for at, level in enumerate(levels)
    ]
    return "/".join(
        re.sub(r"[{}](?!.*\})", "", level) if not level.startswith("{") else level for level in written
    )
