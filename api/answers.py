"""What a question gets back: JSON in UTF-8, instants in RFC 3339, lists in pages, errors that say what to do."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from difflib import get_close_matches
from http import HTTPStatus
from typing import Any

import orjson

from api.asked import Asked
from ioc.calendar import iso, iso_ms
from ioc.errors import QuestionError
from ioc.logs import quiet
from ioc.model import Text

JSON = "application/json; charset=utf-8"
PROBLEM = "application/problem+json; charset=utf-8"


@dataclass(frozen=True, slots=True)
class Answer:
    """What is sent. body: bytes as they are, or a JSON value.

    valid_until: epoch s at which the answer changes though nothing new was received; None: never.
    """

    body: Any
    status: int = 200
    kind: str = JSON
    valid_until: float | None = None
    headers: Mapping[str, str] = field(default_factory=dict)

    def bytes(self) -> bytes:
        """Return the body as it goes over the wire."""
        return self.body if isinstance(self.body, bytes) else orjson.dumps(self.body)


class ProblemError(Exception):
    """A question that gets no data: an HTTP status and a sentence that says what to do."""

    def __init__(self, status: int, detail: str, *, allow: str = "") -> None:
        self.status, self.detail, self.allow = status, detail, allow
        super().__init__(detail)


def problem(status: int, detail: str, path: str, *, headers: Mapping[str, str] | None = None) -> Answer:
    """Return an error as RFC 9457 writes it; the sentence carries no secret and nobody's number."""
    body = {
        "type": "about:blank",
        "title": HTTPStatus(status).phrase,
        "status": status,
        "detail": quiet(detail),
        "instance": quiet(path),
    }
    return Answer(body, status, PROBLEM, headers=headers or {})


def unknown(kind: str, wanted: str, known: Sequence[str], where: str) -> ProblemError:
    """Return the 404 for an id that does not exist: the nearest known one, and where all are listed."""
    near = get_close_matches(wanted, known, n=1, cutoff=0.5)
    hint = f"did you mean {near[0]}? " if near else ""
    return ProblemError(404, f"there is no {kind} {wanted!r}; {hint}{where} lists all")


def instant(epoch: float | None) -> str | None:
    """Return epoch s as RFC 3339 with the local offset."""
    return None if epoch is None else iso(epoch)


def instant_ms(known: int | None) -> str | None:
    """Return epoch ms as RFC 3339 with the local offset, to the millisecond: what as_of= takes back."""
    return None if known is None else iso_ms(known)


def day(value: date | None) -> str | None:
    """Return a local day; a beginning that nobody recorded is absent."""
    return None if value is None or value == date.min else value.isoformat()


def text(value: Text) -> dict[str, str]:
    """Return a text in its two languages."""
    return {"vi": value.vi, "en": value.en}


def listed(items: Sequence[Any], asked: Asked, key: Callable[[Any], str]) -> dict[str, Any]:
    """Return the page of a whole list that was asked for; key tells one item from all others."""
    start = 0
    after = asked.cursor(1)
    if after is not None:
        places = [key(item) for item in items]
        if after[0] not in places:
            raise QuestionError(
                f"cursor={asked.text('cursor')}: the list changed; begin again without cursor"
            )
        start = places.index(after[0]) + 1
    page = items[start : start + asked.limit]
    more = start + asked.limit < len(items)
    return {"items": list(page), "next": asked.next(key(page[-1])) if more else None}
