"""One CAP message (OASIS CAP 1.2, also 1.1) -> what it says of a warning; a message that is wrong is named."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from xml.etree.ElementTree import Element

from connectors import values
from connectors.options import seconds
from connectors.values import UnreadableError
from connectors.xml_body import each, name_of, parts, space_of, words
from ioc.model import Event
from ioc.scrub import scrub

SPACES = ("urn:oasis:names:tc:emergency:cap:1.2", "urn:oasis:names:tc:emergency:cap:1.1")
STATUSES = ("Actual", "Exercise", "System", "Test", "Draft")
SCOPES = ("Public", "Restricted", "Private")
SEVERITIES = ("Extreme", "Severe", "Moderate", "Minor", "Unknown")
MOST_SHAPE = 4_000
"""How many characters of polygons and circles are kept."""
_TYPES = ("Alert", "Update", "Cancel", "Ack", "Error")
_WORDS = {
    "urgency": ("Immediate", "Expected", "Future", "Past", "Unknown"),
    "severity": SEVERITIES,
    "certainty": ("Observed", "Likely", "Very Likely", "Possible", "Unlikely", "Unknown"),
}
_NAME = re.compile(r"[^\s,<&]+")


@dataclass(frozen=True, slots=True)
class Message:
    """A message: its key, what it is, the keys that it supersedes, and the warning, None where it shows none."""

    key: str
    sent: int
    type: str
    references: tuple[str, ...]
    event: Event | None
    kept: Mapping[str, Any]


def read(alert: Element, kind: str, options: Mapping[str, Any]) -> Message:
    """Read an alert; raises UnreadableError with a sentence that names every fault."""
    if name_of(alert) != "alert" or space_of(alert) not in SPACES:
        raise UnreadableError(f"cần một bản tin CAP 1.1 hoặc 1.2, nhưng nhận được “{name_of(alert)[:40]}”")
    faults = [
        f"{name} là {values.shown(said)}" if (said := words(alert, name)) else f"thiếu {name}"
        for name, known in (("status", STATUSES), ("msgType", _TYPES), ("scope", SCOPES))
        if words(alert, name) not in known
    ]
    zone = options.get("zone", "")
    identity = [words(alert, name) for name in ("sender", "identifier", "sent")]
    for name, said in zip(("sender", "identifier"), identity, strict=False):
        if not _NAME.fullmatch(said):
            faults.append(f"{name} là {values.shown(said)}" if said else f"thiếu {name}")
    sent, key = 0, ""
    try:
        sent, key = _key(identity[0], identity[1], identity[2], zone)
    except UnreadableError as error:
        faults.append(f"sent: {error}" if identity[2] else "thiếu sent")
    type_, references = words(alert, "msgType"), []
    for said in words(alert, "references").split():
        try:
            references.append(_key(*_triple(said), zone)[1])
        except UnreadableError as error:
            faults.append(f"references: {error}")
    if type_ not in ("Update", "Cancel"):
        references = []  # an Ack or Error speaks of messages, but does not supersede them
    elif not words(alert, "references"):
        faults.append(f"msgType là {type_} nhưng references không nêu bản tin nào")
    faults += [fault for info in parts(alert, "info") for fault in _faults(info)]
    if faults:
        raise UnreadableError("; ".join(dict.fromkeys(faults)))
    status, scope = words(alert, "status"), words(alert, "scope")
    told: dict[str, Any] = {
        "key": key,
        "status": status,
        "msgType": type_,
        "scope": scope,
        "references": " ".join(references),
    }
    wanted = status in options.get("status", ["Actual"]) and scope in options.get("scope", ["Public"])
    if not wanted or type_ not in ("Alert", "Update"):
        return Message(key, sent, type_ if wanted else "", tuple(references) if wanted else (), None, told)
    event = _event(alert, key, sent, kind, options)
    told |= {
        "headline": event.headline,
        "severity": event.severity,
        "areas": list(event.areas),
        **event.facts,
    }
    return Message(key, sent, type_, tuple(references), event, told)


def _event(alert: Element, key: str, sent: int, kind: str, options: Mapping[str, Any]) -> Event:
    """Return the warning in the declared language; of several parts the worst severity and the whole span count."""
    infos = _in_language(parts(alert, "info"), options.get("language", "vi"))
    first = infos[0] if infos else None
    moment = values.time_reader("iso", options.get("zone", ""))
    starts = [moment(words(i, "onset") or words(i, "effective")) for i in infos
              if words(i, "onset") or words(i, "effective")]  # fmt: skip
    start = min(starts, default=sent)
    lasts = int(seconds(options.get("lasts", "24h")))
    # a warning that does not say when it ends is over some declared time after it was sent
    ends = [moment(words(i, "expires")) if words(i, "expires") else max(sent, start) + lasts for i in infos]
    worst = min((words(i, "severity") for i in infos), key=SEVERITIES.index, default="")
    facts: dict[str, Any] = {"status": words(alert, "status"), "type": words(alert, "msgType")}
    for name, path in (("event", "event"), ("urgency", "urgency"), ("certainty", "certainty"),
                       ("issued_by", "senderName")):  # fmt: skip
        if said := words(first, path):
            facts[name] = "Likely" if said == "Very Likely" else scrub(said)
    areas = [area for info in infos for area in parts(info, "area")]
    facts["area_text"] = scrub("; ".join(dict.fromkeys(words(area, "areaDesc") for area in areas)))[:1000]
    for name in ("polygon", "circle"):
        shapes = "; ".join(dict.fromkeys(shape for area in areas for shape in each(area, name)))
        if shapes and len(shapes) <= MOST_SHAPE:
            facts[name] = shapes
    if (level := _risk(infos, options.get("risk", []))) is not None:
        facts["risk_level"] = level
    headline = words(first, "headline") or words(first, "event") or words(alert, "identifier")
    return Event(
        key, kind, start, max(start, max(ends, default=sent + lasts)), worst, scrub(headline)[:300],
        tuple(dict.fromkeys(place for area in areas for place in _places(area, options))),
        words(first, "category"), "", {name: value for name, value in facts.items() if value != ""},
    )  # fmt: skip


def _in_language(infos: list[Element], language: str) -> list[Element]:
    """Return the parts in a language, else those in the language of the first one."""
    spoken = [(words(info, "language") or "en-US").lower() for info in infos]
    wanted = next((said for said in spoken if said.split("-")[0] == language), spoken[0] if spoken else "")
    return [info for info, said in zip(infos, spoken, strict=True) if said == wanted]


def _faults(info: Element) -> Iterator[str]:
    for name in ("category", "event"):
        if not words(info, name):
            yield f"thiếu {name}"
    for name, known in _WORDS.items():
        if (said := words(info, name)) not in known:
            yield f"{name} là {values.shown(said)}" if said else f"thiếu {name}"
    for area in parts(info, "area"):
        if not words(area, "areaDesc"):
            yield "thiếu areaDesc"
        for name in ("polygon", "circle"):
            yield from (f"{name} {values.shown(shape)} không phải là vĩ độ,kinh độ" for shape in each(area, name)
                        if not _is_shape(shape, name))  # fmt: skip


def _is_shape(shape: str, name: str) -> bool:
    pairs = shape.split()
    if name == "circle":
        return len(pairs) == 2 and _is_pair(pairs[0]) and _number(pairs[1]) >= 0
    return len(pairs) >= 3 and all(map(_is_pair, pairs))


def _is_pair(pair: str) -> bool:
    lat, comma, lon = pair.partition(",")
    return comma == "," and abs(_number(lat)) <= 90 and abs(_number(lon)) <= 180


def _number(said: str) -> float:
    try:
        return float(said)
    except ValueError:
        return math.nan


def _places(area: Element, options: Mapping[str, Any]) -> Iterator[str]:
    """Yield where an area is: its codes of the declared lists, else its declared name, else its description."""
    coded = [
        code
        for geocode in parts(area, "geocode")
        if words(geocode, "valueName") in options.get("geocodes", ())
        for code in words(geocode, "value").split()
    ]
    named = options.get("places", {})
    yield from (named.get(place, place) for place in coded or [words(area, "areaDesc")])


def _risk(infos: list[Element], names: list[str]) -> int | None:
    """Return the level of QĐ 18/2021/QĐ-TTg, 1 to 5, that a declared parameter or eventCode carries."""
    found = []
    for said in (
        words(pair, "value")
        for info in infos
        for tag in ("parameter", "eventCode")
        for pair in parts(info, tag)
        if words(pair, "valueName") in names
    ):
        if said not in ("1", "2", "3", "4", "5"):
            raise UnreadableError(f"cấp độ rủi ro thiên tai là {values.shown(said)}, không phải từ 1 đến 5")
        found.append(int(said))
    return max(found, default=None)


def _triple(said: str) -> tuple[str, str, str]:
    triple = said.split(",")
    if len(triple) != 3:
        raise UnreadableError(f"{values.shown(said)} không phải là sender,identifier,sent")
    return triple[0], triple[1], triple[2]


def _key(sender: str, identifier: str, sent: str, zone: str) -> tuple[int, str]:
    """Return when a message was sent and its key, the same however the instant is written."""
    at = int(values.time_reader("iso", zone)(sent))
    try:
        return at, f"{sender},{identifier},{datetime.fromtimestamp(at, UTC):%Y-%m-%dT%H:%M:%SZ}"
    except (ValueError, OverflowError):
        raise UnreadableError(f"{values.shown(sent)} không phải là một thời điểm có thể") from None
