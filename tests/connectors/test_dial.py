"""Connections by name: a resolver that hangs costs the deadline and no more, in every protocol."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

import connectors
from connectors.dial import dial, resolved
from connectors.http import Sessions
from ioc.errors import UnreachableError
from tests.connectors.test_cases import source_of

SLOW = "cham.example.vn"
KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJSkm0WSWi7zqYfB1xNcGzGmDdQAYyPLlTfCL8w4uyS9"
FIELDS = 'fields = { place = "a", time = "b", variable = "c", value = "d" }\n'
LOGIN = 'auth.kind = "password"\nauth.user = "u"\nauth.password = "p"\n'
SOURCES = {
    "http": f'connector = "rest_json"\nurl = "http://{SLOW}/"\n{FIELDS}',
    "https": f'connector = "rest_json"\nurl = "https://{SLOW}/"\n{FIELDS}',
    "ftp": f'connector = "spreadsheet"\nurl = "ftp://{SLOW}/"\ncolumns = {{ x = "a" }}\n{FIELDS}{LOGIN}',
    "sftp": f'connector = "spreadsheet"\nurl = "sftp://{SLOW}/"\ncolumns = {{ x = "a" }}\n{FIELDS}{LOGIN}'
    f'auth.host_key = "{KEY}"\n',
    "mqtt": f'connector = "mqtt"\nurl = "mqtt://{SLOW}"\ntopics = ["a"]\n{FIELDS}',
    "postgresql": f'connector = "sql"\nurl = "postgresql+psycopg://{SLOW}/so"\nquery = "SELECT 1"\n{FIELDS}',
    "uptime": f'connector = "uptime"\nportals.a.url = "https://{SLOW}/"\nportals.b.url = "http://{SLOW}/"\n',
}


@pytest.fixture
def hanging(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Let the system's resolver hang on one name, until the test is over."""
    over, real = threading.Event(), socket.getaddrinfo

    def getaddrinfo(host: str, *args: object, **named: object) -> object:
        if host == SLOW:
            over.wait(30)
            raise socket.gaierror(-3, "Temporary failure in name resolution")
        return real(host, *args, **named)  # type: ignore[arg-type]

    monkeypatch.setattr(socket, "getaddrinfo", getaddrinfo)
    yield
    over.set()


@pytest.mark.usefixtures("hanging")
def test_a_resolver_that_hangs_costs_the_deadline_and_no_more(sessions: Sessions) -> None:
    def poll(protocol: str) -> tuple[str, float, str]:
        source, began = source_of(f'[x]\ndeadline = "1s"\n{SOURCES[protocol]}'), time.monotonic()
        with pytest.raises(UnreachableError) as told:
            list(connectors.fetcher(sessions)(source, {}))
        return protocol, time.monotonic() - began, str(told.value)

    with ThreadPoolExecutor(len(SOURCES)) as pool:
        found = list(pool.map(poll, SOURCES))
    for protocol, took, says in found:
        # a connection to a database is given two seconds at least
        assert took < (2.9 if protocol == "postgresql" else 1.9), (protocol, took)
        assert says


def test_a_host_with_several_addresses_is_reached_by_the_one_that_answers(
    monkeypatch: pytest.MonkeyPatch, free_port: int
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
        found = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.0.0.1", at)) for at in (free_port, port)]
        monkeypatch.setattr(socket, "getaddrinfo", lambda *_args, **_named: found)
        with dial("hai.example.vn", port, 1) as made:
            assert made.getpeername() == ("127.0.0.1", port)
    with pytest.raises(OSError, match="refused"):
        dial("hai.example.vn", port, 1)


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost"])
def test_an_address_and_a_known_name_resolve(host: str) -> None:
    assert resolved(host, 80, 5)[0][4][1] == 80


def test_an_unknown_name_is_told_as_the_system_tells_it() -> None:
    with pytest.raises(socket.gaierror):
        resolved("khong-co.invalid", 80, 10)
