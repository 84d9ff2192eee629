"""What the tests of the core processes share: servers that are closed and stores that are let go."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.core.given import Collecting, Server, collecting, open_given


@pytest.fixture
def serve() -> Iterator[Callable[[Callable[..., Any]], Server]]:
    """Give a function that lets an answer stand behind an address on loopback."""
    servers: list[Server] = []

    def start(answer: Callable[..., Any]) -> Server:
        servers.append(Server(answer))
        return servers[-1]

    yield start
    for server in servers:
        server.close()


@pytest.fixture
def given(tmp_path: Path, store_url: str) -> Iterator[Callable[..., Collecting]]:
    """Give a function that opens a province of these sources, with a collector that holds its lease."""
    opened: list[Collecting] = []

    def start(*sources: str) -> Collecting:
        opened.append(collecting(open_given(tmp_path, store_url, *sources)))
        return opened[-1]

    yield start
    for one in opened:
        one.collector.stopping.set()
        one.product.store.close()
