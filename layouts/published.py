"""The screens that this process holds: a thread asks the store for new versions and swaps the bytes in."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from layouts.ports import Boards
from layouts.screen import SURFACES, Screen, build

log = logging.getLogger("screens")
Key = tuple[str, str]


class Published:
    """Every board's screen by (board, language) and surface; reading never waits for the store."""

    def __init__(self, boards: Boards, now: Callable[[], float] = time.time) -> None:
        self._boards, self._now = boards, now
        self._screens: dict[tuple[str, str, str], Screen] = {}
        self._documents: dict[Key, Mapping[str, Any]] = {}
        self._versions: dict[Key, str] = {}
        self._collector: tuple[str, float | None] = ("lost", None)
        self._store_lost_since: float | None = None
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
        return self._screens.get((board, lang, surface))

    def document(self, board: str, lang: str) -> Mapping[str, Any] | None:
        """Return a board's document as it was published."""
        return self._documents.get((board, lang))

    def boards(self, lang: str, order: Sequence[str] = ()) -> list[str]:
        """Return the ids of the published boards, those of the order first."""
        found = [board for board, known in self._documents if known == lang]
        return sorted(found, key=lambda board: (order.index(board) if board in order else len(order), board))

    def pulse(self, lang: str, surface: str) -> dict[str, Any]:
        """Return the heartbeat's answer: server time, collector, tag and structure of every board."""
        state, at = self._collector
        if self._store_lost_since is not None:
            state, at = "lost", self._store_lost_since if at is None else at
        screens = {
            board: screen
            for (board, known, on), screen in list(self._screens.items())
            if known == lang and on == surface
        }
        return {
            "now": self._now(),
            "collector": {"state": state, "at": at},
            "boards": {board: screen.tag for board, screen in screens.items()},
            "structures": {board: screen.structure for board, screen in screens.items()},
        }

    def refresh(self) -> None:
        """Ask for versions and build the screens of those that changed; a store that fails is told once."""
        try:
            self._collector = self._boards.heartbeat()
            versions = dict(self._boards.versions())
            for key, version in versions.items():
                if self._versions.get(key) != version:
                    self._take(key, version)
            for key in self._versions.keys() - versions.keys():
                self._drop(key)
        except Exception as error:  # the store may be away for an hour; the screens stay and say so
            if self._store_lost_since is None:
                self._store_lost_since = self._now()
                log.warning("boards cannot be read: %s", error)
        else:
            if self._store_lost_since is not None:
                log.info("boards are read again")
            self._store_lost_since = None

    def _take(self, key: Key, version: str) -> None:
        board, lang = key
        document = self._boards.document(board, lang)
        for surface in SURFACES:
            try:
                self._screens[board, lang, surface] = build(document, lang, surface, version)
            except Exception:  # one part that cannot be drawn must not darken the other boards
                log.exception("board %s in %s cannot be drawn; its last screen stays", board, lang)
        self._documents[key] = document
        self._versions[key] = version

    def _drop(self, key: Key) -> None:
        del self._versions[key]
        self._documents.pop(key, None)
        for surface in SURFACES:
            self._screens.pop((*key, surface), None)

    def _watch(self) -> None:
        while not self._stop.wait(1.0):
            self.refresh()
