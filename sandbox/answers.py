"""What was asked over HTTP and what is answered."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import orjson

JSON = "application/json"


class BadQuestionError(Exception):
    """A parameter that is not what it should be; the text says which."""


@dataclass(frozen=True, slots=True)
class Asked:
    """One request: base is scheme and host as the client knows them; query holds the last value of each name."""

    method: str
    base: str
    path: str
    query: Mapping[str, str]
    lists: Mapping[str, list[str]]
    headers: Mapping[str, str]
    body: bytes = b""

    def number(self, name: str, default: int, low: int, high: int) -> int:
        """Return a whole number of the query, between low and high. Raises BadQuestionError."""
        text = self.query.get(name, "")
        if not text:
            return default
        if not text.isdigit() or int(text) < low:
            raise BadQuestionError(f"{name}={text}: a whole number from {low} was expected")
        return min(int(text), high)

    @property
    def json(self) -> Any:
        """The body as JSON. Raises BadQuestionError."""
        try:
            return orjson.loads(self.body or b"{}")
        except orjson.JSONDecodeError as error:
            raise BadQuestionError(f"the body is no JSON: {error}") from None


@dataclass(frozen=True, slots=True)
class Answer:
    """One answer."""

    status: int
    body: bytes
    content_type: str = JSON
    headers: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def json(
        cls, status: int, content: Any, headers: Mapping[str, str] | None = None, kind: str = JSON
    ) -> Answer:
        """Return an answer with JSON."""
        return cls(status, orjson.dumps(content), kind, headers or {})
