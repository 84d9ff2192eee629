"""What the connectors' tests share: servers on loopback and clients that are closed at the end."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler

import pytest

from connectors.http import Http, Sessions
from ioc.model import Source, Text
from tests.connectors.answers import Loopback

Handle = Callable[[BaseHTTPRequestHandler], None]


@pytest.fixture
def serve() -> Iterator[Callable[[Handle], str]]:
    """Give a function that serves a handler on loopback and returns its address."""
    servers: list[Loopback] = []

    def start(handle: Handle) -> str:
        servers.append(Loopback(handle))
        return servers[-1].url

    yield start
    for server in servers:
        server.close()


@pytest.fixture
def sessions() -> Iterator[Sessions]:
    """Give connections of this test alone; the clock stands at 2026-11-21 08:00 local time."""
    opened = Sessions(now=lambda: 1_795_222_800.0)
    yield opened
    opened.close()


@pytest.fixture
def client(sessions: Sessions) -> Callable[..., Http]:
    """Give a function that makes the client of a source at an address: client(url, deadline=5, auth={…}, …)."""

    def make(
        url: str,
        *,
        deadline: float = 5,
        max_bytes: int = 1_000_000,
        auth: dict | None = None,
        **options: object,
    ) -> Http:
        source = Source(
            "thu", Text("Thử", "A try"), "rest_json", "health", "observation", "so_y_te", url=url,
            deadline=deadline, max_bytes=max_bytes, auth=auth or {"kind": "none"}, options=options,
        )  # fmt: skip
        return sessions.http(source)

    return make
