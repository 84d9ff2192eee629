"""What newspapers and public pages write, heard through their RSS 2.0, RSS 1.0 and Atom (RFC 4287) feeds.

Kept are the headline, where it stands and what it is about; never the text of an article.
"""

from __future__ import annotations

import hashlib
import html
import re
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import parse_qsl, urlencode, urljoin, urlsplit
from xml.etree.ElementTree import Element

from connectors import http as client
from connectors import kept, values
from connectors.entries import Entry, entries
from connectors.http import Http
from connectors.options import TEXTS, Fault, Option, seconds
from connectors.pages import Draft
from connectors.xml_body import read_xml, words
from ioc.errors import ContractError, SourceError
from ioc.model import Cursor, Event, Page, Rejected, Source
from ioc.scrub import scrub
from ioc.vietnamese import match_key

OPTIONS: Mapping[str, Option] = {
    **client.OPTIONS,
    "feeds": Option("table", "name <- address, where several papers are heard as one", each=TEXTS.each),
    "topics": Option("table", "topic <- words; the first topic with a word in it is the category", required=True,
                     each=TEXTS),
    "areas": Option("table", "area <- words that speak of it", each=TEXTS),
    "about": Option("list", "words of which one must occur", each=TEXTS.each),
    "without": Option("list", "words that leave an article out", each=TEXTS.each),
    "others": Option("text", "the category of articles about no topic; absent: they are left out"),
    "same_within": Option("length", 'articles of one headline within this time are one; default "48h"'),
    "query": Option("list", "parameters of a link that name its article", each=TEXTS.each),
    "dates": Option("list", "further forms of dates, as strptime reads them", each=TEXTS.each),
    "zone": Option("text", "the zone of dates without an offset"),
}  # fmt: skip

_ENTITY = re.compile(rb"&(?!(?:amp|lt|gt|quot|apos|#\d{1,7}|#x[0-9a-fA-F]{1,6});)(\w{1,31};)?")
_CONTROL = re.compile(rb"[\x00-\x08\x0b\x0c\x0e-\x1f]")
_MARKUP = re.compile(r"<[^<>]{0,2000}>")


def check(source: Source) -> Iterator[Fault]:
    """Yield what is wrong beyond the types of the keys."""
    options = source.options
    if not source.shape.startswith("event:"):
        yield "shape", f'"event:<kind>" was expected, such as "event:press", not {source.shape!r}'
    for table in ("topics", "areas"):
        for name, said in options.get(table, {}).items():
            if not said or not all(map(match_key, said)):
                yield f"{table}.{name}", "words with letters or digits were expected"
    try:
        values.zone_of(options.get("zone", "Z"))
    except ValueError as error:
        yield "zone", str(error)


def fetch(source: Source, http: Http, cursor: Cursor) -> Iterator[Page]:
    """Yield a page per feed that changed; one that does not answer is raised once the others have landed."""
    of = kept.version(source)
    known: dict[str, Any] = dict(cursor.get("feeds", {})) if cursor.get("of") == of else {}
    heard = _Heard(cursor, source, http.now())
    failure: SourceError | None = None
    changed = False
    for name, url in source.options.get("feeds", {source.name.vi: source.url}).items():
        try:
            answer = http.get(url, conditional=known.get(name))
            if answer.unchanged:
                continue
            found = entries(
                _root(answer.body, answer.status),
                source.options.get("zone", ""),
                source.options.get("dates", ()),
            )
        except SourceError as error:
            failure = failure or error
            continue
        known[name], changed = answer.validators, True
        draft = Draft(source)
        draft.receive(answer.body)
        events, rejected = heard.events(name, urljoin(source.url, url), found)
        lines = [{"headline": event.headline, "starts": event.starts, **event.facts} for event in events]
        draft.add(events, rejected, kept.lines(lines))
        yield draft.page({"feeds": dict(known), "titles": heard.titles(), "of": of})
    if failure:
        raise failure
    if not changed:
        yield Page(status=304, unchanged=True)


class _Heard:
    """Which headlines were heard, and what an article is about."""

    def __init__(self, cursor: Cursor, source: Source, now: int) -> None:
        options = source.options
        self.source, self.options, self.now = source, options, now
        self.within = int(seconds(options.get("same_within", "48h")))
        self.links: dict[str, dict[str, int]] = {
            title: dict(of) for title, of in cursor.get("titles", {}).items()
        }
        self.topics = {name: _keys(said) for name, said in options["topics"].items()}
        self.areas = {name: _keys(said) for name, said in options.get("areas", {}).items()}
        self.about, self.without = _keys(options.get("about", [])), _keys(options.get("without", []))

    def events(self, paper: str, base: str, found: list[Entry]) -> tuple[list[Event], list[Rejected]]:
        """Return the articles that are about something declared, and the entries that say too little."""
        out: dict[str, Event] = {}
        rejected = []
        for position, entry in enumerate(found, 1):
            link = _link(base, entry.link, self.options.get("query", ()))
            why = self._fault(entry, link)
            if why:
                where = f"{paper}, mục {position}"
                rejected.append(Rejected(where, why, {"headline": scrub(entry.title)[:300], "link": link}))
            elif (event := self._event(paper, entry, link)) is not None and self._is_first(entry, link):
                out[event.key] = event
        return list(out.values()), rejected

    def titles(self) -> dict[str, dict[str, int]]:
        """Return the headlines that a later article may repeat, with when each link had them."""
        late = self.now - 2 * self.within
        recent = {
            title: {link: at for link, at in of.items() if at > late} for title, of in self.links.items()
        }
        return {title: of for title, of in recent.items() if of}

    def _fault(self, entry: Entry, link: str) -> str:
        if not link:
            return "Mục không có liên kết tới bài viết."
        if not match_key(entry.title):
            return "Mục không có tiêu đề."
        if entry.at is None:
            return "Mục không có ngày đăng đọc được, hoặc ngày đăng không có múi giờ."
        if entry.at > self.now + self.source.ahead_s:
            return f"Ngày đăng {values.shown(entry.updated)} muộn hơn bây giờ."
        return ""

    def _event(self, paper: str, entry: Entry, link: str) -> Event | None:
        said = [words(entry.element, name) for name in ("description", "summary", "content")]
        text = f" {match_key(_MARKUP.sub(' ', html.unescape(' '.join((entry.title, *said)))))} "
        if (self.about and not _holds(text, self.about)) or _holds(text, self.without):
            return None
        topics = [name for name, keys in self.topics.items() if _holds(text, keys)]
        category = topics[0] if topics else self.options.get("others", "")
        if not category or entry.at is None:
            return None
        facts = {"link": link, "source": paper} | ({"topics": "; ".join(topics)} if len(topics) > 1 else {})
        areas = tuple(name for name, keys in self.areas.items() if _holds(text, keys))
        kind = self.source.shape.partition(":")[2]
        return Event(link, kind, entry.at, entry.at, "", scrub(entry.title)[:300], areas, category, "", facts)

    def _is_first(self, entry: Entry, link: str) -> bool:
        """Say whether an article is the one that first had its headline, within the declared time."""
        title, at = hashlib.sha256(match_key(entry.title).encode()).hexdigest()[:16], entry.at or 0
        of = self.links.setdefault(title, {})
        if link not in of and any(abs(at - before) <= self.within for before in of.values()):
            return False
        of[link] = at
        return True


def _root(body: bytes, status: int | None) -> Element:
    """Read a feed's XML; small faults that many have (entities of HTML, lone &, control characters) are mended."""
    try:
        return read_xml(body, "Bản tin", status)
    except ContractError:
        mended = _ENTITY.sub(_character, _CONTROL.sub(b"", body.strip()))
        if mended == body:
            raise
        return read_xml(mended, "Bản tin", status)


def _character(found: re.Match[bytes]) -> bytes:
    name = (found[1] or b"").decode("ascii", "replace")
    letter = html.unescape(f"&{name}") if name else ""
    return f"&#{ord(letter)};".encode() if len(letter) == 1 else b"&amp;" + (found[1] or b"")


def _link(base: str, url: str, query: tuple[str, ...] | list[str]) -> str:
    """Return an article's host and path with the declared parameters alone, "" where it is no web address."""
    try:
        parts = urlsplit(urljoin(base, url))
        host = parts.hostname if url else ""
    except ValueError:
        return ""
    if parts.scheme not in ("http", "https") or not host:
        return ""
    named = urlencode([(name, value) for name, value in parse_qsl(parts.query) if name in query])
    return f"{host.removeprefix('www.')}{parts.path.rstrip('/')}{'?' if named else ''}{named}"[:500]


def _keys(said: list[str]) -> tuple[str, ...]:
    return tuple(f" {match_key(word)} " for word in said)


def _holds(text: str, keys: tuple[str, ...]) -> bool:
    return any(key in text for key in keys)
