"""How a list is read page by page: what to ask for next, and when everything has been read."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, NoReturn
from urllib.parse import urljoin, urlsplit

import jmespath
import requests

from connectors.answer import Answer
from connectors.options import Fault, Option
from ioc.errors import ContractError
from ioc.model import Cursor

KINDS = ("none", "page", "offset", "cursor", "link", "next")
OPTIONS: Mapping[str, Option] = {
    "kind": Option("choice", "how pages are asked for", required=True, choices=KINDS),
    "page": Option("text", "the parameter of the page's number (default page)"),
    "offset": Option("text", "the parameter of the offset (default offset)"),
    "size": Option("text", "the parameter of the page's size"),
    "per_page": Option("count", "how many records to ask for (default 200)"),
    "first": Option("whole", "the number of the first page (default 1)"),
    "total": Option("path", "where the answer says how many records there are"),
    "param": Option("text", "the parameter that takes the cursor"),
    "next": Option("path", "where the answer names the next cursor or address"),
    "in": Option(
        "choice", "where the parameters go (default: the body of a POST)", choices=("query", "body")
    ),
}
_NEEDS = {"cursor": ("param", "next"), "next": ("next",)}

Position = int | str | None
"""A page's number, an offset, a cursor or an address; None at the start of a list that has no numbers."""


def check(declared: Mapping[str, Any]) -> Iterator[Fault]:
    """Yield what a declared paging still needs."""
    for key in _NEEDS.get(declared["kind"], ()):
        if key not in declared:
            yield f"paging.{key}", f'is missing: paging of the kind "{declared["kind"]}" needs it'


def first(paging: Mapping[str, Any]) -> Position:
    """Return where a list begins."""
    return {"page": paging.get("first", 1), "offset": 0}.get(paging["kind"])


def parameters(paging: Mapping[str, Any], at: Position) -> dict[str, Any]:
    """Write a position as the source's parameters; an address needs none."""
    kind, written = paging["kind"], {}
    if kind in ("page", "offset"):
        written[paging.get(kind, kind)] = at
    elif kind == "cursor" and at is not None:
        written[paging["param"]] = at
    if "size" in paging and kind != "none":
        written[paging["size"]] = paging.get("per_page", 200)
    return written


class Reading:
    """How far a list has been read, and whether everything came that is said to be there.

    A list that shrinks or is sorted anew while it is read shifts records over the border of pages: it is read once
    more where fewer different records came than the answer counts.
    """

    def __init__(self, paging: Mapping[str, Any], cursor: Cursor) -> None:
        self.paging = paging
        self.numbered = paging["kind"] in ("page", "offset")
        self.resumed = "at" in cursor
        self.again = self.resumed or bool(cursor.get("again"))
        self.at: Position = self._resumed(cursor["at"]) if self.resumed else first(paging)
        self.count: int = cursor.get("read", 0)
        self.before = self.count
        self.most = 0
        self.seen: set[str] = set()
        self.visited: set[Position] = {self.at}
        self.hash = ""
        self.done = self.short = False

    def _resumed(self, at: Position) -> Position:
        """Go on one page earlier where pages have numbers: they may have shifted meanwhile."""
        if self.paging["kind"] == "page":
            return max(self.paging.get("first", 1), int(at or 0) - 1)
        if self.paging["kind"] == "offset":
            return max(0, int(at or 0) - self.paging.get("per_page", 200))
        return at

    def turn(self, answer: Answer, body: Any, items: list[Any], keys: list[str]) -> list[Any]:
        """Note a page, move on to the next position, and return the page's records (none if it came before).

        Raises ContractError where a source leads back to a page that has been read.
        """
        total = total_of(self.paging, body)
        if answer.hash == self.hash and items:
            items = []
            if not self.numbered:
                self._circle(answer)
        following = self._after(answer, body, len(items))
        self.hash, self.before, self.most = answer.hash, self.count, max(self.most, total or 0)
        self.count += len(items)
        self.seen.update(keys)
        if self.numbered and total is not None and self.count >= max(total, 1):
            following = None
        self.short = self.numbered and (len(self.seen) or self.count) < self.most
        if following is None and self.short and not self.again:
            self.again, following = True, first(self.paging)
            self.count = self.before = 0
            self.visited, self.hash = set(), ""
        if following is not None and following in self.visited:
            self._circle(answer)
        self.visited.add(following)
        self.at, self.done = following, following is None
        return items

    def cursor(self) -> dict[str, Any]:
        """Return where to go on after a crash; read counts the records before the page that is asked for again."""
        return {"at": self.at, **({"read": self.before} if self.numbered and self.before else {})} | (
            {"again": True} if self.again and not self.resumed else {}
        )

    def _circle(self, answer: Answer) -> NoReturn:
        raise ContractError(
            "Nguồn dẫn trở lại một trang đã đọc; danh sách không có cuối.", status=answer.status
        )

    def _after(self, answer: Answer, body: Any, count: int) -> Position:
        kind = self.paging["kind"]
        if kind == "none" or count == 0:
            return None
        if kind == "page":
            return int(self.at or 0) + 1
        if kind == "offset":
            return int(self.at or 0) + count
        if kind == "link":
            return relative(answer.url, link_next(answer.headers.get("Link", "")))
        found = jmespath.search(self.paging["next"], body)
        if found in (None, "", False):
            return None
        return str(found) if kind == "cursor" else relative(answer.url, str(found))


def link_next(header: str) -> str:
    """Return the address with rel=next of a Link header (RFC 8288), "" where there is none."""
    for link in requests.utils.parse_header_links(header) if header else []:
        if "next" in str(link.get("rel", "")).split():
            return str(link["url"])
    return ""


def relative(base: str, url: str) -> str | None:
    """Return an address for a cursor: path and query alone on the same host, None where there is none."""
    if not url:
        return None
    try:
        ours, theirs = urlsplit(base), urlsplit(urljoin(base, url))
    except ValueError:
        raise ContractError("Nguồn dẫn tới một địa chỉ không phải là URL.") from None
    if (ours.scheme, ours.netloc) != (theirs.scheme, theirs.netloc):
        return theirs.geturl()
    return theirs._replace(scheme="", netloc="", fragment="").geturl()


def total_of(paging: Mapping[str, Any], body: Any) -> int | None:
    """Return how many records there are, None where the answer says it otherwise than by a whole number."""
    found = jmespath.search(paging["total"], body) if "total" in paging else None
    if isinstance(found, str) and found.isdecimal():
        return int(found)
    return found if isinstance(found, int) and not isinstance(found, bool) and found >= 0 else None
