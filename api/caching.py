"""Whether an answer that somebody holds is still right: told by tags, before the query runs.

A weak tag names what the store knows (the instant of its last commit), the declarations, the question, and the
instant at which time alone will change the answer. Ages and the instant of computing are outside it.
"""

from __future__ import annotations

import hashlib
import re
import threading
from collections import OrderedDict

import orjson

from api.asked import Asked

KEPT = 10_000
"""How many questions a process remembers; a forgotten one is asked of the store again."""

_TAG = re.compile(r'(?:W/)?"[^"]*"')


class Tags:
    """The tags of one process's answers. Safe to share between threads.

    rules: whatever else decides an answer and is fixed for the life of the process (version, declarations).
    """

    def __init__(self, rules: str) -> None:
        self._rules = rules
        self._until: OrderedDict[tuple[str, ...], tuple[int, float | None]] = OrderedDict()
        self._turn = threading.Lock()

    def before(self, asked: Asked, known: int) -> str | None:
        """Return the tag of the answer that a question has now; None where it must be computed to know.

        known: epoch ms of the store's last commit.
        """
        with self._turn:
            found = self._until.get(_key(asked))
        if found is None or found[0] != known or (found[1] is not None and asked.now >= found[1]):
            return None
        return self._tag(asked, known, found[1])

    def after(self, asked: Asked, known: int, valid_until: float | None) -> str:
        """Remember until when an answer stands, and return its tag."""
        with self._turn:
            self._until[_key(asked)] = (known, valid_until)
            self._until.move_to_end(_key(asked))
            while len(self._until) > KEPT:
                self._until.popitem(last=False)
        return self._tag(asked, known, valid_until)

    def _tag(self, asked: Asked, known: int, valid_until: float | None) -> str:
        body = orjson.dumps([self._rules, *_key(asked), known, valid_until])
        return f'W/"{hashlib.sha256(body).hexdigest()[:20]}"'


def _key(asked: Asked) -> tuple[str, ...]:
    return (asked.path, *(f"{name}={value}" for name, value in sorted(asked.arguments.items())))


def holds(header: str | None, tag: str) -> bool:
    """Return whether an If-None-Match header names a tag; weak comparison, as RFC 9110 asks for GET."""
    if not header:
        return False
    if header.strip() == "*":
        return True
    return tag.removeprefix("W/") in (found.removeprefix("W/") for found in _TAG.findall(header))


def next_minute(now: float) -> float:
    """Return when an answer that depends on the time of asking, and on nothing slower, is asked anew."""
    return (int(now) // 60 + 1) * 60.0
