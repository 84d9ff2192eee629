"""What the connectors' tests share: servers on loopback and clients that are closed at the end."""

from __future__ import annotations

import ssl
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler
from ipaddress import ip_address
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

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


@pytest.fixture(scope="session")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Write a certificate of 127.0.0.1 that nobody but itself has signed, with its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
    signed = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(datetime(2020, 1, 1, tzinfo=UTC))
        .not_valid_after(datetime(2120, 1, 1, tzinfo=UTC))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    file = tmp_path_factory.mktemp("tls") / "own.pem"
    plain = serialization.NoEncryption()
    pem = serialization.Encoding.PEM
    file.write_bytes(
        key.private_bytes(pem, serialization.PrivateFormat.PKCS8, plain) + signed.public_bytes(pem)
    )
    return file


@pytest.fixture
def secure(certificate: Path) -> Iterator[Callable[[Callable[[BaseHTTPRequestHandler], None]], str]]:
    """Give a function that serves a handler over TLS with that certificate."""
    servers: list[Loopback] = []

    def start(handle: Callable[[BaseHTTPRequestHandler], None]) -> str:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate)
        servers.append(Loopback(handle, context))
        return servers[-1].url

    yield start
    for server in servers:
        server.close()
