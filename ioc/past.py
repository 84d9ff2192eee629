"""How far the past of a source has been fetched: a span that is read backwards, a step at a time."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from ioc.model import Cursor, Source

DAY_S = 86_400
STEP_S = 14 * DAY_S
"""How much of the past one step asks for, so that a live poll waits for seconds at most."""
SHORTEST_S = DAY_S // 4


@dataclass(frozen=True, slots=True)
class Past:
    """A span of the past, epoch s: from floor to top, of which everything from until to top has been fetched.

    key: under which name a source's cursor keeps it: the declared history, or a span that somebody asked for.
    since, at: the step in hand and where in it the connector goes on; absent between two steps.
    """

    key: Literal["history", "asked"]
    floor: int
    top: int
    until: int
    since: int | None = None
    at: Mapping[str, Any] = field(default_factory=dict)

    @property
    def is_done(self) -> bool:
        """Whether the whole span has been fetched."""
        return self.until <= self.floor

    def step(self, length_s: int = STEP_S) -> tuple[int, int]:
        """Return the next step: the one in hand, else the latest part that has not been fetched."""
        return max(self.floor, self.until - length_s if self.since is None else self.since), self.until

    def within(self, since: int, at: Any) -> dict[str, Any]:
        """Return what a cursor keeps in the middle of the step that begins at since."""
        return {**self.after(self.until), "since": since, "at": at}

    def after(self, until: int) -> dict[str, Any]:
        """Return what a cursor keeps once everything from until on has been fetched."""
        return {"floor": self.floor, "top": self.top, "until": until}


def declared(source: Source, cursor: Cursor, now: float) -> Past | None:
    """Return the rest of a source's declared history, None where there is none.

    A history that was declared longer since goes on further back.
    """
    if not source.history:
        return None
    kept = dict(cursor.get("history", {}))
    until = int(kept.get("until") or now)
    floor = min(int(kept.get("floor") or until), int(now - source.history))
    past = _past("history", kept, floor, int(kept.get("top") or until), until)
    return None if past.is_done else past


def asked(cursor: Cursor, since: int, until: int | None, now: float) -> Past:
    """Return the span that somebody asks for: where the same one was begun, its rest."""
    kept = dict(cursor.get("asked", {}))
    same = kept.get("floor") == since and until in (None, kept.get("top"))
    if same and kept["until"] > since:
        return _past("asked", kept, since, kept["top"], kept["until"])
    top = int(now) if until is None else until
    return Past("asked", since, top, top)


def begun(cursor: Cursor) -> Past | None:
    """Return the span that was asked for last, as far as it came."""
    kept = cursor.get("asked")
    return _past("asked", kept, kept["floor"], kept["top"], kept["until"]) if kept else None


def fitting(length_s: int, took_s: float, every_s: float) -> int:
    """Return how long the next step is to be, after one that took so long beside polls at this interval."""
    if took_s > every_s / 2:
        return max(SHORTEST_S, length_s // 2)
    return min(STEP_S, length_s * 2) if took_s < every_s / 8 else length_s


def _past(
    key: Literal["history", "asked"], kept: Mapping[str, Any], floor: int, top: int, until: int
) -> Past:
    return Past(key, floor, top, until, kept.get("since"), dict(kept.get("at") or {}))
