"""Drafts a feed of articles: which words are its topics is for a person to say."""

from __future__ import annotations

from collections.abc import Mapping

from connectors.drafts.draft import Blank, Draft
from connectors.entries import entries
from connectors.http import Http
from connectors.xml_body import read_xml
from ioc.model import Source


def draft(source: Source, http: Http, options: Mapping[str, str], known: frozenset[str]) -> Draft:
    """Draft from the entries of the feed."""
    found = entries(read_xml(http.get().body))
    undated = sum(one.at is None for one in found)
    table = {
        "url": source.url,
        "shape": "event:press",
        "personal_data": False,
        "others": Blank("khac", "the category of what is about no topic; leave it out to drop those"),
        "topics": {"thien_tai": Blank(["mưa lũ", "sạt lở", "bão"], "topic <- words that speak of it")},
        **({"zone": Blank("+07:00", "dates without an offset")} if undated else {}),
    }
    return Draft(
        table,
        [{"title": one.title} for one in found],
        [f"{len(found)} articles, {undated} without a readable date"],
    )
