"""Drafts the watch on a portal: its address, its title as what the page must hold, the feed that it names."""

from __future__ import annotations

import html
import re
from collections.abc import Mapping
from typing import Any

from connectors.drafts.draft import Blank, Draft
from connectors.http import Http
from ioc.model import Source

_TITLE = re.compile(r"<title[^>]*>(.{1,200}?)</title", re.I | re.S)
_FEED = re.compile(
    r"<link\b(?=[^>]*type=[\"']application/(?:rss|atom)\+xml)[^>]*href=[\"']([^\"']{1,300})", re.I
)


def draft(source: Source, http: Http, options: Mapping[str, str], known: frozenset[str]) -> Draft:
    """Draft one portal."""
    page = http.get().text()[:200_000]
    title = _TITLE.search(page)
    said = " ".join(html.unescape(title[1]).split()) if title else ""
    portal: dict[str, Any] = {"url": source.url}
    if said:
        portal["says"] = Blank(
            re.escape(said[:60]).replace("\\ ", " "), "what the page must hold, or the portal is down"
        )
    if feed := _FEED.search(page):
        portal["feed"] = html.unescape(feed[1])
    table = {"shape": "observation", "personal_data": False, "portals": {"fill_in_site": portal}}
    return Draft(
        table, [{"title": said, "feed": portal.get("feed")}], ["the key of portals is the portal's site"]
    )
