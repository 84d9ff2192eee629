"""The screens that this process holds: a thread asks the store for new versions; bytes are built once per version."""

from __future__ import annotations

import hashlib
import logging
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import orjson

from layouts.ports import Boards
from layouts.screen import Screen, build, structure

log = logging.getLogger("screens")
Key = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Taken:
    """A board in one language as it was taken from the store."""

    version: str
    document: Mapping[str, Any]
    structure: str
    tag: str


def taken(version: str, document: Mapping[str, Any]) -> Taken:
    """Take a document; its tag comes from its content, for a new store begins its versions at one again."""
    look = structure(document)
    tag = hashlib.sha256(look.encode() + orjson.dumps(document)).hexdigest()[:16]
    return Taken(version, document, look, tag)


class Published:
    """Every board by (board, language), and its screens by surface, built when first asked for."""

    def __init__(self, boards: Boards, now: Callable[[], float] = time.time) -> None:
        self._boards, self._now = boards, now
        self._taken: dict[Key, Taken] = {}
        self._screens: dict[tuple[str, str, str], Screen] = {}
        self._building = threading.Lock()
        self._collector: tuple[str, float | None] = ("lost", None)
        self._lost_since: float | None = None
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._watch, name="boards", daemon=True)

    def start(self) -> None:
        """Ask once now, then once a second."""
        self.refresh()
        self._thread.start()

    def stop(self) -> None:
        """End the watching thread."""
        self._stop.set()

    def screen(self, board: str, lang: str, surface: str) -> Screen | None:
        """Return a board's screen, None where none is published."""
        key, one = (board, lang, surface), self._taken.get((board, lang))
        held = self._screens.get(key)
        if one is None or (held is not None and held.version == one.version):
            return held if one else None
        with self._building:
            held = self._screens.get(key)
            if held is None or held.version != one.version:
                self._build(key, one)
        return self._screens.get(key)

    def document(self, board: str, lang: str) -> Mapping[str, Any] | None:
        """Return a board's document as it was published."""
        one = self._taken.get((board, lang))
        return one.document if one else None

    def boards(self, lang: str, order: Sequence[str] = ()) -> list[str]:
        """Return the ids of the published boards, those of the order first."""
        found = [board for board, known in list(self._taken) if known == lang]
        return sorted(found, key=lambda board: (order.index(board) if board in order else len(order), board))

    def pulse(self, lang: str) -> dict[str, Any]:
        """Return the heartbeat's answer: server time, collector, tag and structure of every board."""
        state, at = self._collector
        if self._lost_since is not None:
            state, at = "lost", at or self._lost_since
        shown = {board: one for (board, known), one in list(self._taken.items()) if known == lang}
        return {
            "now": self._now(),
            "collector": {"state": state, "at": at},
            "boards": {board: one.tag for board, one in shown.items()},
            "structures": {board: one.structure for board, one in shown.items()},
        }

    def refresh(self) -> None:
        """Ask for versions and take the boards that changed; a store that fails is told once."""
        try:
            self._collector = self._boards.heartbeat()
            versions = dict(self._boards.versions())
            for key, version in versions.items():
                known = self._taken.get(key)
                if known is None or known.version != version:
                    document = self._boards.document(*key)
                    self._taken[key] = taken(version, document)
            for key in self._taken.keys() - versions.keys():
                del self._taken[key]
        except Exception as error:  # the store may be away for an hour; the screens stay and say so
            if self._lost_since is None:
                self._lost_since = self._now()
                log.warning("boards cannot be read: %s", error)
        else:
            if self._lost_since is not None:
                log.info("boards are read again")
            self._lost_since = None

    def _build(self, key: tuple[str, str, str], one: Taken) -> None:
        try:
            self._screens[key] = build(one.document, key[1], key[2], one.version)
        except Exception:  # one part that cannot be drawn must not take the last good screen away
            log.exception("board %s in %s cannot be drawn for the %s", *key)
            held = self._screens.get(key)
            if held is not None:
                self._screens[key] = Screen(held.tag, one.version, held.bodies)

    def _watch(self) -> None:
        while not self._stop.wait(1.0):
            self.refresh()
