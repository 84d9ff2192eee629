"""A running web application over the sample, whose clock and boards a test moves."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest
from werkzeug.serving import BaseWSGIServer, make_server

from layouts.web import create_web
from tests.layouts import sample

NEXT_QUESTION_MS = 4900
"""A screen asks for the heartbeat every four seconds, give or take a fifth."""


@dataclass
class Site:
    """A served sample: its address, its boards, its clock; it can be stopped and started again."""

    port: int
    boards: sample.SampleBoards = field(default_factory=sample.boards)
    shift: float = 0.0
    began: float = field(default_factory=time.time)
    playlists: dict[str, tuple[str, ...]] = field(default_factory=dict)
    app: Any = None
    _server: BaseWSGIServer | None = None

    def now(self) -> float:
        return sample.NOW + self.shift + time.time() - self.began

    def url(self, path: str) -> str:
        return f"http://127.0.0.1:{self.port}{path}"

    def start(self) -> None:
        self.app = self.app or create_web(sample.ports(self.boards, playlists=self.playlists), now=self.now)
        self._server = make_server("127.0.0.1", self.port, self.app, threaded=True)
        threading.Thread(
            target=self._server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True
        ).start()

    def stop(self) -> None:
        if self._server is not None:
            self._server.shutdown()
            self._server.server_close()
            self._server = None

    def publish(self, document: dict[str, Any]) -> None:
        """Publish a document and let the screens see it at once."""
        self.boards.publish(document)
        self.app.extensions["published"].refresh()


@pytest.fixture
def site(free_port: int) -> Iterator[Site]:
    """Serve the sample on a free port."""
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    running = Site(free_port)
    running.start()
    yield running
    running.stop()
    running.app.extensions["published"].stop()


@pytest.fixture
def until() -> Callable[..., None]:
    """Give a function that waits in a page until an expression is true.

    hastened: the page's clock, which page.clock.install() made movable, jumps to its next question every two
    seconds, instead of waiting four seconds or more for it.
    """

    def wait(page: Any, expression: str, timeout_s: float = 12, *, hastened: bool = False) -> None:
        # the page's policy forbids eval, which playwright's own waiting needs
        begun = jumped = time.monotonic()
        if hastened:
            page.clock.fast_forward(NEXT_QUESTION_MS)
        while not page.evaluate(f"Boolean({expression})"):
            now = time.monotonic()
            assert now < begun + timeout_s, f"never true in {timeout_s} s: {expression}"
            if hastened and now > jumped + 2:
                page.clock.fast_forward(NEXT_QUESTION_MS)
                jumped = now
            page.wait_for_timeout(60)

    return wait
