"""A sandbox province on loopback whose clock the tests set."""

from __future__ import annotations

import base64
import http.client
import json
import socket
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from sandbox.server import Sandbox, serve
from sandbox.world import World, create

DATA = Path(__file__).resolve().parents[2] / "data"
TUESDAY = datetime.fromisoformat("2026-11-17T10:03:00+07:00").timestamp()


@dataclass
class Clock:
    """The world's present instant."""

    at: float = TUESDAY

    def __call__(self) -> float:
        return self.at


@dataclass
class Told:
    """One answer."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)


@dataclass
class Client:
    """Asks a sandbox over HTTP."""

    port: int
    token: str = ""

    def ask(
        self,
        path: str,
        headers: Mapping[str, str] | None = None,
        body: Any = None,
        method: str = "",
        timeout: float = 20,
    ) -> Told:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=timeout)
        try:
            sent = body if body is None or isinstance(body, str) else json.dumps(body)
            connection.request(method or ("GET" if body is None else "POST"), path, sent, dict(headers or {}))
            answer = connection.getresponse()
            return Told(answer.status, {k.lower(): v for k, v in answer.getheaders()}, answer.read())
        finally:
            connection.close()

    def bearer(self) -> dict[str, str]:
        """The token of the start of the test, so that a fault of the gateway does not hide that of the source."""
        return {"Authorization": f"Bearer {self.token}"}

    def new_token(self) -> str:
        basic = base64.b64encode(b"sandbox:sandbox").decode()
        told = self.ask("/lgsp/token", {"Authorization": f"Basic {basic}"}, "grant_type=client_credentials")
        return str(told.json["access_token"])

    def fault(self, source: str, kind: str, for_s: float | None = None) -> Told:
        return self.ask("/_admin/faults", body={"source": source, "fault": kind, "for_s": for_s})


def three_free_ports() -> int:
    """Find a port whose two neighbours above are free too."""
    for _ in range(50):
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        try:
            for place in range(3):
                with socket.socket() as probe:
                    probe.bind(("127.0.0.1", port + place))
        except (OSError, OverflowError):
            continue
        return port
    raise RuntimeError("no three free ports in a row")


@pytest.fixture(scope="session")
def world() -> World:
    return create(DATA, "22", now=Clock())


@pytest.fixture(scope="session")
def clock() -> Clock:
    return Clock()


@pytest.fixture(scope="session")
def sandbox(clock: Clock, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sandbox]:
    files = tmp_path_factory.mktemp("sandbox")
    running = serve(three_free_ports(), files, "22", data=DATA, now=clock, history_days=5, past_after_s=0)
    yield running
    running.stop()


@pytest.fixture
def client(sandbox: Sandbox, clock: Clock) -> Iterator[Client]:
    clock.at = TUESDAY
    sandbox.world.faults.clear()
    asks = Client(sandbox.port)
    asks.token = asks.new_token()
    yield asks
    sandbox.world.faults.clear()


@pytest.fixture(scope="session", params=["22", "92"])
def province(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """Serve a province whose sources are polled by their own connectors, on a Tuesday morning; Quảng Ninh and another."""
    from tests.sandbox.polling import polled

    with polled(request.param, TUESDAY, tmp_path_factory.mktemp("province")) as found:
        yield found
