"""Warnings in the Common Alerting Protocol 1.1 and 1.2, one by one or through an Atom or RSS feed.

https://docs.oasis-open.org/emergency/cap/v1.2/CAP-v1.2.html
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from typing import Any
from xml.etree.ElementTree import Element

from connectors import cap_message, kept, values
from connectors import http as client
from connectors.cap_message import Message
from connectors.entries import Entry, entries, is_feed
from connectors.http import Http
from connectors.options import TEXTS, Fault, Option
from connectors.pages import Draft
from connectors.values import UnreadableError
from connectors.xml_body import name_of, part, parts, read_xml, words
from ioc.errors import ContractError, RefusedError, UnreachableError
from ioc.model import Cursor, Event, Page, Rejected, Source
from ioc.scrub import scrub

OPTIONS: Mapping[str, Option] = {
    **client.OPTIONS,
    "status": Option("list", 'which statuses are kept; default ["Actual"]', each=Option(
        "choice", "a status", choices=cap_message.STATUSES)),
    "scope": Option("list", 'which scopes are kept; default ["Public"]', each=Option(
        "choice", "a scope", choices=cap_message.SCOPES)),
    "language": Option("text", 'the language of the parts that are read, where it is there; default "vi"'),
    "lasts": Option("length", 'how long a warning lasts that does not say when it expires; default "24h"'),
    "geocodes": Option("list", TEXTS.doc + ": the valueName of geocodes that are codes of areas", each=TEXTS.each),
    "places": Option("table", "theirs (a geocode or areaDesc) <- area", each=Option("text", "an area")),
    "risk": Option("list", "the valueName of parameters and event codes that carry the level of QĐ 18/2021/QĐ-TTg",
                   each=TEXTS.each),
    "zone": Option("text", "the zone of instants without an offset; the standard demands an offset"),
}  # fmt: skip
MOST_MISSING = 3
"""After how many addresses that cannot be reached the others are left for the next time."""
REMEMBERED_S = 30 * 86_400
"""How long a superseded warning is remembered after it left the feed."""


def check(source: Source) -> Iterator[Fault]:
    """Yield what is wrong beyond the types of the keys."""
    if not source.shape.startswith("event:"):
        yield "shape", f'"event:<kind>" was expected, such as "event:warning", not {source.shape!r}'
    try:
        values.zone_of(source.options.get("zone", "Z"))
    except ValueError as error:
        yield "zone", str(error)


def fetch(source: Source, http: Http, cursor: Cursor) -> Iterator[Page]:
    """Yield one page: every message that was not read yet, and the warnings that they cut short.

    What cannot be reached is raised once the rest has landed, and asked for again next time.
    """
    of = kept.version(source)
    known = cursor if cursor.get("of") == of else {}
    answer = http.get(conditional=known)
    if answer.unchanged:
        yield Page(status=answer.status, unchanged=True)
        return
    draft = Draft(source)
    root = read_xml(answer.body, status=answer.status)
    messages: list[Message] = []
    rejected: list[Rejected] = []
    missing: list[UnreachableError] = []
    draft.receive(answer.body)
    read: dict[str, None] = {}
    for address, mark, found in _alerts(root):
        if mark and mark in known.get("read", ()):
            read[mark] = None
            continue
        if len(missing) == MOST_MISSING:
            continue
        try:
            if found == "":
                raise UnreadableError("không có liên kết tới bản tin CAP nào")
            if isinstance(found, str):
                linked = http.get(found)
                draft.receive(linked.body)
                found = read_xml(linked.body, "Bản tin CAP", linked.status)
            messages.append(cap_message.read(found, source.shape.partition(":")[2], source.options))
        except UnreachableError as error:
            missing.append(error)
        except (ContractError, RefusedError) as error:
            rejected.append(Rejected(address, str(error), _fragment(found)))
        except UnreadableError as error:
            rejected.append(Rejected(address, f"Bản tin CAP: {error}.", _fragment(found)))
        else:
            read |= {mark: None} if mark else {}
    state = _State(cursor, http.now())
    events = state.events(messages)
    draft.add(events, rejected, kept.lines(message.kept for message in messages))
    validators = {} if missing else answer.validators
    yield draft.page({**state.cursor(), "read": list(read), "of": of, **validators})
    if missing:
        raise missing[0]


def _alerts(root: Element) -> Iterator[tuple[str, str, Element | str]]:
    """Yield each message: where it stands, what it is remembered by where it must be fetched, itself or its address."""
    if not is_feed(root):
        yield name_of(root)[:40], "", root
        return
    for position, entry in enumerate(entries(root), 1):
        address = f"mục {position}"
        inside = part(entry.element, "content", "alert")
        if inside is None:
            inside = next(iter(parts(entry.element, "alert")), None)
        if inside is not None:
            yield address, "", inside
        else:
            url = _link(entry)
            # a message never changes; a feed that reuses an address says so by the entry's date
            mark = hashlib.sha256(f"{url}\0{entry.id}\0{entry.updated}".encode()).hexdigest()[:16]
            yield address, mark, url


def _link(entry: Entry) -> str:
    """Return where an entry's message is: a link of CAP's type, else the content's, else one of no other type."""
    content = part(entry.element, "content")
    typed = [url for url, kind, _ in entry.links if kind.startswith("application/cap+xml")]
    plain = [
        url for url, kind, rel in entry.links if rel != "self" and kind in ("", "application/xml", "text/xml")
    ]
    return next(iter([*typed, *([content.get("src", "")] if content is not None else []), *plain]), "")


def _fragment(found: Element | str) -> dict[str, str]:
    names = ("identifier", "sent", "status", "msgType", "scope")
    return {} if isinstance(found, str) else {name: scrub(words(found, name))[:200] for name in names}


class _State:
    """Which warnings are still on, and which were superseded: what a later message needs to end them."""

    def __init__(self, cursor: Cursor, now: int) -> None:
        self.now = now
        self.active = {key: _restored(row) for key, row in cursor.get("active", {}).items()}
        self.superseded: dict[str, int] = dict(cursor.get("superseded", {}))
        self.seen: set[str] = set()

    def events(self, messages: list[Message]) -> list[Event]:
        """Return the events of these messages, in any order of arrival, and those that they cut short."""
        for message in messages:
            for key in message.references:
                self.superseded[key] = min(message.sent, self.superseded.get(key, message.sent))
        fresh = {message.key: message.event for message in messages if message.event is not None}
        self.seen = {message.key for message in messages}
        out = [self._ended(event) for event in fresh.values()]
        for key, event in self.active.items():
            if key in self.superseded and key not in fresh and (ended := self._ended(event)) != event:
                out.append(ended)
        self.active |= fresh
        return out

    def cursor(self) -> dict[str, Any]:
        """Return what is to be remembered: warnings that are on, and for some time those that were superseded."""
        active = {
            key: [*event[:6], list(event.areas), *event[7:9], dict(event.facts)]
            for key, event in self.active.items()
            if key not in self.superseded and (event.ends or 0) > self.now
        }
        late = self.now - REMEMBERED_S
        superseded = {key: at for key, at in self.superseded.items() if at > late or key in self.seen}
        return {name: kept for name, kept in (("active", active), ("superseded", superseded)) if kept}

    def _ended(self, event: Event) -> Event:
        at = self.superseded.get(event.key)
        if at is None:
            return event
        ends = max(event.starts, at) if event.ends is None else min(event.ends, max(event.starts, at))
        return event._replace(ends=ends, facts={**event.facts, "superseded": True})


def _restored(row: list[Any]) -> Event:
    return Event._make((*row[:6], tuple(row[6]), *row[7:]))
