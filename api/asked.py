"""What a URL asks: every parameter known, readable and given once, or a sentence that says how to ask."""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Iterable, Mapping
from difflib import get_close_matches
from typing import Any

import orjson

from ioc.errors import QuestionError
from ioc.indicators.question import instant

DEFAULT_LIMIT, MOST = 100, 1000
PAGED = ("limit", "cursor")
"""The parameters of every list."""

_FURTHEST_S = 253_402_300_799  # the end of the year 9999


class Asked:
    """The question of one request. Every method raises QuestionError for what cannot be read.

    path and arguments as asked; now: epoch s. An absent argument and an empty one are the same.
    """

    def __init__(self, path: str, arguments: Mapping[str, str], now: float) -> None:
        self.path, self.arguments, self.now = path, arguments, now

    @classmethod
    def read(
        cls, path: str, given: Iterable[tuple[str, list[str]]], known: Iterable[str], now: float
    ) -> Asked:
        """Read the parameters of a request. An unknown one is refused: a typo must not give an unfiltered number."""
        accepted = sorted(known)
        arguments: dict[str, str] = {}
        for name, values in given:
            if name not in accepted:
                near = get_close_matches(name, accepted, n=1)
                hint = f"did you mean {near[0]}? " if near else ""
                told = f"known are {', '.join(accepted)}" if accepted else "none is taken here"
                raise QuestionError(f"{name} is no parameter of this route; {hint}{told}")
            if len(values) > 1:
                raise QuestionError(f"{name} is given {len(values)} times; give it once")
            if any(ord(letter) < 32 for letter in values[0]):
                raise QuestionError(f"{name} holds a control character; leave it out")
            if values[0]:
                arguments[name] = values[0]
        return cls(path, arguments, now)

    def text(self, name: str, default: str = "") -> str:
        """Return a text."""
        return self.arguments.get(name, default)

    def one_of(self, name: str, accepted: Iterable[str], default: str = "") -> str:
        """Return one of the accepted words."""
        value = self.text(name, default)
        if value and value not in accepted:
            raise QuestionError(f"{name}={value} is unknown; use one of {', '.join(accepted)}")
        return value

    def only_true(self, name: str) -> bool:
        """Return whether a condition is asked for; its opposite cannot be."""
        value = self.text(name)
        if value not in ("", "true", "1"):
            raise QuestionError(f"{name}={value} is refused; use true, or leave it out for all")
        return bool(value)

    def whole(self, name: str) -> int | None:
        """Return a whole number from 0 on."""
        value = self.arguments.get(name)
        if value is not None and not re.fullmatch(r"[0-9]{1,18}", value):
            raise QuestionError(f"{name}={value} is refused; use a whole number")
        return None if value is None else int(value)

    def instant(self, name: str) -> int | None:
        """Return an instant or a local day as epoch s."""
        found = self._seconds(name)
        return None if found is None else int(found)

    def instant_ms(self, name: str) -> int | None:
        """Return an instant as epoch ms."""
        found = self._seconds(name)
        return None if found is None else round(found * 1000)

    def _seconds(self, name: str) -> float | None:
        value = self.arguments.get(name)
        if value is None:
            return None
        try:
            seconds = instant(name, value).timestamp()
        except (OverflowError, ValueError):
            seconds = -1.0
        if not 0 <= seconds <= _FURTHEST_S:
            raise QuestionError(f"{name}={value} lies outside 1970 to 9999; ask for an instant of our time")
        return seconds

    @property
    def limit(self) -> int:
        """How many items a page holds at most."""
        value = self.text("limit", str(DEFAULT_LIMIT))
        if not re.fullmatch(r"[0-9]{1,9}", value) or not 1 <= int(value) <= MOST:
            raise QuestionError(f"limit={value} is refused; use a whole number from 1 to {MOST}")
        return int(value)

    def cursor(self, parts: int) -> list[Any] | None:
        """Return the so many parts that `next` put into the cursor; None on the first page."""
        value = self.arguments.get("cursor")
        if value is None:
            return None
        try:
            found = orjson.loads(base64.b64decode(value + "=" * (-len(value) % 4), b"-_", validate=True))
        except ValueError:
            found = None
        if not isinstance(found, list) or len(found) != parts + 1:
            raise QuestionError(
                "the cursor is not understood; take it as it stands in `next`, or begin without it"
            )
        if found[0] != self._digest():
            raise QuestionError(
                "the cursor belongs to another question; keep the parameters, or begin without it"
            )
        return found[1:]

    def next(self, *parts: str | int | float | None) -> str:
        """Return the cursor behind the last item of a page: its key, bound to this question."""
        return base64.urlsafe_b64encode(orjson.dumps([self._digest(), *parts])).rstrip(b"=").decode()

    def _digest(self) -> str:
        asked = sorted((name, value) for name, value in self.arguments.items() if name not in PAGED)
        return hashlib.sha256(orjson.dumps([self.path, asked])).hexdigest()[:8]
