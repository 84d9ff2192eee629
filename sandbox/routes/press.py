"""Feeds of papers: RSS 2.0, RSS 1.0 (RDF) and Atom (RFC 4287)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from email.utils import format_datetime
from xml.sax.saxutils import escape

from ioc.calendar import LOCAL
from sandbox.answers import Answer, Asked
from sandbox.press import PAPERS, Article, articles
from sandbox.world import World
from sandbox.written import iso

_RDF = 'xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns="http://purl.org/rss/1.0/"'
_DATES = 'xmlns:dc="http://purl.org/dc/elements/1.1/"'


def answer(world: World, asked: Asked) -> Answer:
    """Answer /press/<paper>/rss"""
    paper = asked.path.removeprefix("/press/").removesuffix("/rss")
    if paper not in PAPERS:
        return Answer.json(404, {"error": asked.path})
    found = articles(world.setting, paper, int(world.now()))
    make = (_rss, _rss, _atom, _rdf)[PAPERS.index(paper)]
    text = '<?xml version="1.0" encoding="UTF-8"?>\n' + "".join(make(paper, found))
    kind = "application/atom+xml" if make is _atom else "application/rss+xml"
    return Answer(200, text.encode(), f"{kind}; charset=utf-8")


def _link(paper: str, article: Article) -> str:
    return f"https://{paper}.example.invalid/bai-{article.number}.html"


def _rss(paper: str, found: list[Article]) -> Iterator[str]:
    yield f'<rss version="2.0"><channel><title>{paper}</title>'
    for one in found:
        published = format_datetime(datetime.fromtimestamp(one.at, LOCAL))
        yield (
            f"<item><title>{escape(one.headline)}</title><link>{_link(paper, one)}?utm_source=rss</link>"
            f"<author>PHÓNG VIÊN {one.number % 9}</author><pubDate>{published}</pubDate></item>"
        )
    yield "</channel></rss>"


def _atom(paper: str, found: list[Article]) -> Iterator[str]:
    yield f'<feed xmlns="http://www.w3.org/2005/Atom"><title>{paper}</title>'
    for one in found:
        yield (
            f"<entry><id>urn:{paper}:{one.number}</id><title>{escape(one.headline)}</title>"
            f'<link href="{_link(paper, one)}"/><author><name>PHÓNG VIÊN {one.number % 9}</name></author>'
            f"<published>{iso(one.at)}</published></entry>"
        )
    yield "</feed>"


def _rdf(paper: str, found: list[Article]) -> Iterator[str]:
    yield f"<rdf:RDF {_RDF} {_DATES}><channel><title>{paper}</title></channel>"
    for one in found:
        yield (
            f'<item rdf:about="{_link(paper, one)}"><title>{escape(one.headline)}</title>'
            f"<link>{_link(paper, one)}</link><dc:date>{iso(one.at)}</dc:date></item>"
        )
    yield "</rdf:RDF>"
