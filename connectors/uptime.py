"""Whether web portals answer, how fast, for how long their certificates hold, and how old their newest article is.

A portal that is down is a value, 0; HTTP is RFC 9110, certificates are RFC 5280.
"""

from __future__ import annotations

import hashlib
import re
import ssl
import time
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import partial
from typing import Any
from urllib.parse import urljoin, urlsplit

from cryptography import x509

from connectors import http as client
from connectors import kept, values
from connectors.answer import Answer
from connectors.dial import dial
from connectors.entries import entries
from connectors.http import Http
from connectors.options import Fault, Option
from connectors.values import UnreadableError
from connectors.xml_body import read_xml
from ioc.errors import SourceError, UnreachableError
from ioc.model import Cursor, Observation, Page, Rejected, Source

OPTIONS: Mapping[str, Option] = {
    **client.OPTIONS,
    "portals": Option("table", "site <- what is asked there", required=True, each=Option("table", "one portal", keys={
        "url": Option("text", "its address", required=True),
        "says": Option("regex", "what its page must hold; a portal that answers otherwise is down"),
        "feed": Option("text", "the address of its RSS or Atom feed, for the date of the newest article"),
        "page": Option("text", "or the address of a page that lists articles"),
        "date": Option("regex", "what a date on that page looks like; its first group is the date"),
        "format": Option("text", 'how the date is written; default "%d/%m/%Y"'),
        "zone": Option("text", 'the zone of dates without an offset; default "+07:00"')})),
    "nobody": Option("choice", 'what it means when no portal answers: our own network is cut ("failure", default), or not',
                     choices=("failure", "value")),
}  # fmt: skip
AT_ONCE = 8
DAY_S = 86_400


def check(source: Source) -> Iterator[Fault]:
    """Yield what is wrong beyond the types of the keys."""
    if source.shape != "observation":
        yield "shape", f'"observation" was expected, not {source.shape!r}'
    if source.auth.get("kind", "none") != "none":
        yield "auth", "portals are asked as anybody asks them, without credentials"
    for site, portal in source.options["portals"].items():
        if urlsplit(portal["url"]).scheme not in ("http", "https"):
            yield f"portals.{site}.url", f"an http or https address was expected, not {portal['url']!r}"
        if "feed" in portal and "page" in portal:
            yield f"portals.{site}.page", "either feed or page was expected, not both"
        if ("page" in portal) != ("date" in portal):
            yield f"portals.{site}.date", "page and date go together"
        elif "date" in portal and not re.compile(portal["date"]).groups:
            yield f"portals.{site}.date", "a group around the date was expected"
        try:
            values.zone_of(portal.get("zone", "Z"))
        except ValueError as error:
            yield f"portals.{site}.zone", str(error)


@dataclass(slots=True)
class _Seen:
    """What was found at one portal. answered: whether anything came back, even an error."""

    site: str
    answered: bool = False
    values: dict[str, float] = field(default_factory=dict)
    why: str = ""
    fault: str = ""


def fetch(source: Source, http: Http, cursor: Cursor) -> Iterator[Page]:
    """Yield one page with what every portal said now; raises UnreachableError where nobody answered at all."""
    now, portals = http.now(), source.options["portals"]
    with ThreadPoolExecutor(AT_ONCE, "uptime") as pool:
        found = list(pool.map(partial(_look, http, now), portals, portals.values()))
    cut = source.options.get("nobody", "failure") == "failure" and len(found) > 1
    if cut and not any(seen.answered for seen in found):
        raise UnreachableError(
            f"Không cổng nào trong {len(found)} cổng trả lời: có lẽ mạng của chúng ta bị đứt."
        )
    records = [
        Observation(variable, now, seen.site, value)
        for seen in found
        for variable, value in seen.values.items()
    ]
    rejected = [Rejected(seen.site, seen.fault) for seen in found if seen.fault]
    body = kept.lines({"site": seen.site, "why": seen.why, **seen.values} for seen in found)
    yield Page(records, rejected, {}, body, hashlib.sha256(body).hexdigest(), len(body))


def _look(http: Http, now: int, site: str, portal: Mapping[str, Any]) -> _Seen:
    """Ask one portal; what goes wrong there is what was found."""
    seen = _Seen(site)
    asked = http.but(url=portal["url"])
    started = time.monotonic()
    try:
        answer = asked.get()
        took = time.monotonic() - started
        seen.answered = True
        if "says" in portal and not re.search(portal["says"], _text(answer)):
            seen.why = "trang không có nội dung phải có"
    except SourceError as error:
        took = time.monotonic() - started
        seen.answered = error.status is not None or not isinstance(error, UnreachableError)
        # a redirect that we do not follow leads a citizen on
        seen.why = "" if 300 <= (error.status or 0) < 400 else str(error)
    seen.values["portal_up"] = 0.0 if seen.why else 1.0
    if seen.answered:
        seen.values["portal_latency"] = round(took * 1000, 1)
    days = _certificate_days(http.source, portal["url"], now)
    if days is not None:
        seen.values["certificate_days"] = days
    if not seen.why and ("feed" in portal or "page" in portal):
        try:
            newest = _newest(asked, portal, now)
            seen.values["newest_article_age"] = round(max(0.0, (now - newest) / DAY_S), 2)
        except (SourceError, UnreadableError) as error:
            seen.fault = f"Không rõ ngày của bài mới nhất: {str(error).removesuffix('.')}."
    return seen


def _certificate_days(source: Source, url: str, now: int) -> float | None:
    """Return for how many days a portal's certificate still holds, below 0 where it is over; None without any.

    A connection of its own, without a proxy, on which nothing is sent: a certificate that is not trusted is read too.
    """
    parts = urlsplit(url)
    if parts.scheme != "https":
        return None
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    try:
        with (
            dial(parts.hostname or "", parts.port or 443, min(10.0, source.deadline)) as plain,
            context.wrap_socket(plain, server_hostname=parts.hostname) as secured,
        ):
            shown = x509.load_der_x509_certificate(secured.getpeercert(binary_form=True) or b"")
        return round((shown.not_valid_after_utc.timestamp() - now) / DAY_S, 2)
    except (OSError, ValueError):
        return None


def _newest(asked: Http, portal: Mapping[str, Any], now: int) -> int:
    """Return when the newest article was published; one of the future says nothing."""
    zone = portal.get("zone", "+07:00")
    answer = asked.get(urljoin(portal["url"], portal.get("feed") or portal["page"]))
    if "feed" in portal:
        found = [entry.at for entry in entries(read_xml(answer.body, "Bản tin", answer.status), zone)]
    else:
        read = values.time_reader(portal.get("format", "%d/%m/%Y"), zone)
        found = [_or_none(read, match[1]) for match in re.finditer(portal["date"], _text(answer))]
    past = [at for at in found if at is not None and at <= now + DAY_S]
    if not past:
        raise UnreadableError("trang không có ngày nào đọc được")
    return max(past)


def _or_none(read: values.Read, said: str | None) -> int | None:
    try:
        return int(read(said or ""))
    except UnreadableError:
        return None


def _text(answer: Answer) -> str:
    try:
        return answer.text()
    except SourceError:
        return answer.body.decode("utf-8", "replace")
