"""Messages of an MQTT broker (OASIS MQTT 5.0 and 3.1.1): each poll drains what the broker kept for us, QoS 1.

https://docs.oasis-open.org/mqtt/mqtt/v5.0/mqtt-v5.0.html
A message is acknowledged once its page is in the store; what was not acknowledged comes again.
"""

from __future__ import annotations

import hashlib
import math
import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from functools import partial
from typing import Any
from urllib.parse import urlsplit

import jmespath
import orjson
from paho.mqtt.client import MQTTMessage

from connectors import kept, mapping
from connectors.http import Http
from connectors.mapping import Translated
from connectors.mqtt_session import MqttSession
from connectors.options import TEXTS, Fault, Option, seconds
from ioc.model import Cursor, Page, Rejected, Source

OPTIONS: Mapping[str, Option] = {
    **mapping.OPTIONS,
    "topics": Option("list", 'what is listened to: "stations/{site}/{variable}" names parts, + and # are as in MQTT',
                     required=True, each=TEXTS.each),
    "share": Option("text", "the name of a shared subscription ($share) that several readers divide among them"),
    "client": Option("text", 'who we are to the broker, always the same; default "provincial-ioc-<source>"'),
    "version": Option("choice", 'the version of MQTT; default "5"', choices=("5", "3.1.1")),
    "session": Option("length", 'MQTT 5: how long the broker keeps messages while we are away; default "7d"'),
    "payload": Option("choice", 'what a message holds: "json" (default), which a plain number is too, or "text"',
                      choices=("json", "text")),
    "items": Option("path", "where the records of one message stand; default the whole message is one"),
    "listen": Option("length", 'the longest time of one poll; default "30s"'),
    "idle": Option("length", 'a poll ends once nothing came for so long; default "2s"'),
    "doubt": Option("length", 'time = "arrived": a message that may have waited longer is rejected; default "2m"'),
    "ca": Option("text", "mqtts: a file with the certificates that sign the broker's own"),
}  # fmt: skip
GATHER_S = 0.1
"""A broker sends some 20 messages before it waits for us: a batch is closed once none came for so long."""
_INSTANTS = ("time", "starts", "ends", "opened", "closed", "due")
_PART = re.compile(r"\{([A-Za-z_]\w*)\}", re.A)


def check(source: Source) -> Iterator[Fault]:
    """Yield what is wrong beyond the types of the keys."""
    options = source.options
    parts = urlsplit(source.url)
    if parts.scheme not in ("mqtt", "mqtts") or not parts.hostname:
        yield "url", f'an address such as "mqtts://broker.tinh.gov.vn:8883" was expected, not {source.url!r}'
    if source.auth.get("kind", "none") not in ("none", "basic"):
        yield "auth.kind", "none or basic (user, password) was expected"
    if source.keep == "raw":
        yield "keep", '"fields" was expected: messages are not kept as they came'
    yield from mapping.check(source)
    for position, topic in enumerate(options["topics"]):
        if re.search(r"[{}]", _PART.sub("", topic)) or re.search(r"[^/]\{|\}[^/]", topic):
            yield f"topics[{position}]", "a named part is a whole level between slashes: {site}"
        if "#" in topic[:-1] or re.search(r"[^/]#|[^/]\+|\+[^/]", topic):
            yield f"topics[{position}]", "+ is a whole level, and # the last one"


def fetch(source: Source, http: Http, cursor: Cursor) -> Iterator[Page]:
    """Yield what waited at the broker and what comes while we listen; raises SourceError."""
    options = source.options
    filters = [_filter(topic, options.get("share", "")) for topic in options["topics"]]
    mapped = mapping.compiled(_timed(source))
    idle, until = seconds(options.get("idle", "2s")), seconds(options.get("listen", "30s"))
    with MqttSession(source, filters, options.get("client", f"provincial-ioc-{source.id}")) as session:
        heard = cursor.get("heard", http.now() if not session.resumed else -math.inf)
        lost = "heard" in cursor and not session.resumed
        first = True
        while batch := session.gather(idle, GATHER_S, until):
            now = http.now()
            found = _translated(source, mapped, batch, now, now - heard)
            if first and lost:
                found.rejected.insert(0, _lost(source))
            for page in _pages(batch, found):
                yield replace(page, cursor={"heard": now})
            session.acknowledge(batch)
            first, heard = False, now
        if first:
            # that we listened is worth knowing: what comes next waited no longer than since now
            quiet = {"heard": http.now()}
            yield Page([], [_lost(source)], quiet) if lost else Page(cursor=quiet, unchanged=True)


def _pages(batch: list[MQTTMessage], found: Translated) -> Iterator[Page]:
    digest = hashlib.sha256(b"\0".join(bytes(message.payload) for message in batch)).hexdigest()
    size = sum(len(message.payload) for message in batch)
    for part in kept.cut(found):
        yield Page(
            part.records,
            part.rejected,
            None,
            kept.lines(part.kept),
            digest,
            size,
            structure=part.structure,
        )
        size = 0


def _translated(
    source: Source, mapped: mapping.Mapped, batch: list[MQTTMessage], now: int, waited: float
) -> Translated:
    """Turn messages into records; waited: for how many seconds a message may have lain at the broker."""
    out = Translated(paths=mapped.paths)
    arrival = [name for name in _INSTANTS if source.options["fields"].get(name) == "arrived"]
    doubt = seconds(source.options.get("doubt", "2m"))
    for message in batch:
        if arrival and message.retain:
            # when it was sent is unknown, and it comes again with every subscription
            out.kept.append({"topic": message.topic[:200], "retained": True})
            continue
        if arrival and waited > doubt:
            why = "Bản tin không ghi thời điểm, và có thể đã nằm chờ ở máy chủ quá lâu; không rõ là của lúc nào."
            out.rejected.append(Rejected(message.topic[:200], why))
            continue
        named = _named(message.topic, source.options["topics"])
        try:
            items = _items(source, bytes(message.payload), named, now)
        except ValueError as error:
            out.rejected.append(Rejected(message.topic[:200], str(error)))
            continue
        came = mapping.translate(mapped, items, partial(_address, message.topic[:200]))
        out.records += came.records
        out.rejected += came.rejected
        out.kept += came.kept
        if len(out.sample) < mapping.SAMPLED:
            out.sample += came.sample
    return out


def _items(source: Source, payload: bytes, named: Mapping[str, str], now: int) -> list[Any]:
    """Return what one message says, each part with its topic; raises ValueError with a sentence."""
    if len(payload) > source.max_bytes:
        raise ValueError(f"Bản tin lớn hơn giới hạn {source.max_bytes / 1e6:g} MB đã khai báo.")
    said: Any
    if source.options.get("payload") == "text":
        try:
            said = payload.decode()
        except UnicodeDecodeError:
            raise ValueError("Bản tin không phải là chữ UTF-8.") from None
    else:
        try:
            said = orjson.loads(payload)
        except orjson.JSONDecodeError:
            raise ValueError("Bản tin không phải là JSON đúng." if payload else "Bản tin rỗng.") from None
    parts = [said]
    if path := source.options.get("items"):
        parts = jmespath.search(path, said)
        if not isinstance(parts, list):
            raise ValueError(f"Bản tin không có danh sách ở “{path}”.")
    return [{"topic": named, "payload": part, "arrived": now} for part in parts]


def _named(topic: str, templates: list[str]) -> dict[str, str]:
    """Return the named parts of a topic, and the topic itself as `name`."""
    for template in templates:
        levels = zip(template.split("/"), topic.split("/"), strict=False)
        named = {}
        for pattern, level in levels:
            if part := _PART.fullmatch(pattern):
                named[part[1]] = level
            elif pattern == "#":
                return {"name": topic, **named}
            elif pattern not in ("+", level):
                break
        else:
            if template.count("/") == topic.count("/"):
                return {"name": topic, **named}
    return {"name": topic}


def _filter(topic: str, share: str) -> str:
    return (f"$share/{share}/" if share else "") + _PART.sub("+", topic)


def _timed(source: Source) -> Source:
    """Say that an instant of arrival is in epoch seconds, whatever the messages' own instants are written in."""
    fields = source.options["fields"]
    arrived = {name: "epoch" for name in _INSTANTS if fields.get(name) == "arrived"}
    times = dict(source.options.get("times", {}))
    times["fields"] = {**times.get("fields", {}), **arrived}
    return replace(source, options={**source.options, "times": times})


def _address(topic: str, position: int, _path: str) -> str:
    return topic if position == 0 else f"{topic}, mục {position + 1}"


def _lost(source: Source) -> Rejected:
    why = "Máy chủ không giữ phiên của chúng ta: những bản tin gửi từ lần nghe trước tới nay đã mất."
    return Rejected(urlsplit(source.url).hostname or "", why)
