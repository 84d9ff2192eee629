"""The entries of an Atom (RFC 4287), RSS 2.0 or RSS 1.0 feed, read alike."""

from __future__ import annotations

import html
import re
from collections.abc import Sequence
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from xml.etree.ElementTree import Element

from connectors import values
from connectors.xml_body import each, name_of, part, parts, words
from ioc.errors import ContractError

MOST_ENTRIES = 2_000


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry: id as the feed gives it or its link; at: when it was published, epoch s, None where it says nothing.

    links: (address, media type or "", rel) in the feed's order. element: the entry itself.
    """

    id: str
    title: str
    at: int | None
    updated: str
    links: tuple[tuple[str, str, str], ...]
    element: Element

    @property
    def link(self) -> str:
        """The address of the article, "" where there is none."""
        pages = [url for url, kind, rel in self.links if rel == "alternate" and kind in ("", "text/html")]
        return (pages or [url for url, _, rel in self.links if rel == "alternate"] or [""])[0]


def is_feed(root: Element) -> bool:
    """Say whether a document is a feed."""
    return name_of(root) in ("feed", "rss", "RDF")


def entries(root: Element, zone: str = "", forms: Sequence[str] = ()) -> list[Entry]:
    """Return a feed's entries; raises ContractError for another document and for one without an end."""
    if name_of(root) == "feed":
        found = [_atom(item, zone, forms) for item in parts(root, "entry")]
    elif name_of(root) == "rss":
        found = [_rss(item, zone, forms) for item in parts(part(root, "channel"), "item")]
    elif name_of(root) == "RDF":
        found = [_rss(item, zone, forms) for item in parts(root, "item")]
    else:
        raise ContractError(f"Cần một bản tin Atom hoặc RSS, nhưng nhận được XML “{name_of(root)[:40]}”.")
    if len(found) > MOST_ENTRIES:
        raise ContractError(f"Bản tin có {len(found)} mục, quá {MOST_ENTRIES}.")
    return found


def _atom(item: Element, zone: str, forms: Sequence[str]) -> Entry:
    links = tuple(
        (link.get("href", "").strip(), link.get("type", "").lower(), link.get("rel", "alternate"))
        for link in parts(item, "link")
        if link.get("href", "").strip()
    )
    published, updated = words(item, "published"), words(item, "updated")
    return Entry(
        words(item, "id"),
        _plain(words(item, "title")),
        instant(published or updated, zone, forms),
        updated,
        links,
        item,
    )


def _rss(item: Element, zone: str, forms: Sequence[str]) -> Entry:
    links = [(url, "", "alternate") for url in each(item, "link")]
    links += [
        (part_.get("url", "").strip(), part_.get("type", "").lower(), "enclosure")
        for part_ in parts(item, "enclosure")
        if part_.get("url", "").strip()
    ]
    said = words(item, "pubDate") or words(item, "date")
    return Entry(
        words(item, "guid"),
        _plain(words(item, "title")),
        instant(said, zone, forms),
        said,
        tuple(links),
        item,
    )


def instant(said: str, zone: str = "", forms: Sequence[str] = ()) -> int | None:
    """Read an instant as feeds write it, RFC 3339, RFC 822 or a form of strptime; None where it says none without doubt."""
    if not said:
        return None
    try:
        return int(values.time_reader(["iso", *forms], zone)(said))
    except values.UnreadableError:
        pass
    try:
        read = parsedate_to_datetime(said)
        if read.tzinfo is None:
            if not zone and not said.endswith("-0000"):
                return None
            read = read.replace(tzinfo=values.zone_of(zone or "Z"))
        return int(read.timestamp())
    except (ValueError, TypeError, OverflowError):
        return None


def _plain(title: str) -> str:
    """Return a title without the markup that some feeds escape into it."""
    return values.text(re.sub(r"<[^<>]{0,300}>", " ", html.unescape(title)))
