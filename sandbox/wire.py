"""The HTTP server of the sandbox: finds the route, makes the answer, and lets a fault have its way with it."""

from __future__ import annotations

import gzip
import hashlib
import logging
import time
from collections.abc import Callable
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

from sandbox.answers import Answer, Asked, BadQuestionError
from sandbox.faults import spoil
from sandbox.routes import admin
from sandbox.routes.known import ROUTES
from sandbox.world import World

log = logging.getLogger(__name__)

LARGE = 1_400
MOST_BODY = 1_000_000
LONGEST_S = 3_600.0


class HttpServer(ThreadingHTTPServer):
    """Serves one world; a thread per connection, none of which keeps the process alive."""

    daemon_threads = True
    allow_reuse_address = True
    request_queue_size = 128

    def __init__(self, port: int, world: World) -> None:
        self.world = world
        super().__init__(("127.0.0.1", port), Handler)

    def handle_error(self, request: object, client_address: object) -> None:
        """Leave a client that went away alone; tell anything else once."""
        log.debug("a connection ended early", exc_info=True)


class Handler(BaseHTTPRequestHandler):
    """One connection."""

    server: HttpServer
    protocol_version = "HTTP/1.1"
    server_version, sys_version = "sandbox", ""
    timeout = 75
    disable_nagle_algorithm = True

    def do_GET(self) -> None:
        """Answer a GET."""
        self._answer()

    def do_POST(self) -> None:
        """Answer a POST."""
        self._answer()

    def do_DELETE(self) -> None:
        """Answer a DELETE."""
        self._answer()

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing: the product's own log says what it asked."""

    def date_time_string(self, timestamp: float | None = None) -> str:
        """Write the Date header by the world's clock."""
        return super().date_time_string(self.server.world.now() if timestamp is None else timestamp)

    def _answer(self) -> None:
        asked = self._asked()
        world, route = self.server.world, next((r for r in ROUTES if asked.path.startswith(r.prefix)), None)
        if route is None:
            known = asked.path.startswith("/_admin/")
            found = _made(world, asked, admin.answer) if known else Answer.json(404, {"error": asked.path})
            self._send(found)
            return
        source = route.source(asked)
        fault = world.faults.of(source)
        if fault in ("hang", "refused"):
            if fault == "hang":
                world.faults.wait_while(source, fault, LONGEST_S)
            self.close_connection = True
            return
        answer = _made(world, asked, route.answer)
        is_token = asked.path == "/lgsp/token"  # the gateway still gives tokens where it refuses them
        if fault and not (fault == "expired_token" and is_token):
            first = asked.query.get("page", "1") == "1" and asked.query.get("offset", "0") == "0"
            answer = spoil(fault, answer, first_page=first)
        self._send(answer, fault, source)

    def _asked(self) -> Asked:
        parts = urlsplit(self.path)
        lists = parse_qs(parts.query, keep_blank_values=True)
        length = int(self.headers.get("Content-Length") or 0)
        return Asked(
            method=self.command,
            base=f"http://{self.headers.get('Host') or 'localhost'}",
            path=parts.path,
            query={name: values[-1] for name, values in lists.items()},
            lists=lists,
            headers={name.lower(): value for name, value in self.headers.items()},
            body=self.rfile.read(min(length, MOST_BODY)),
        )

    def _send(self, answer: Answer, fault: str = "", source: str = "") -> None:
        """Send an answer in one write; truncated stops in its middle, drip gives a byte a second."""
        headers = dict(answer.headers)
        status, body = answer.status, answer.body
        if status == 200 and self.command == "GET":
            etag = f'"{hashlib.sha256(body).hexdigest()[:32]}"'
            headers["ETag"] = etag
            if self.headers.get("If-None-Match") == etag:
                status, body = 304, b""
        if "gzip" in (self.headers.get("Accept-Encoding") or "") and len(body) > LARGE:
            body = gzip.compress(body, 1)
            headers["Content-Encoding"], headers["Vary"] = "gzip", "Accept-Encoding"
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Type", answer.content_type)
        self.send_header("Content-Length", str(len(body)))
        if fault in ("truncated", "drip"):
            self.send_header("Connection", "close")
            self.close_connection = True
        with suppress(ConnectionError):
            self.end_headers()
            if fault == "truncated":
                self.wfile.write(body[: len(body) // 2])
            elif fault == "drip":
                self._drip(body, source)
            else:
                self.wfile.write(body)

    def _drip(self, body: bytes, source: str) -> None:
        world = self.server.world
        for place in range(len(body)):
            if world.faults.of(source) != "drip":
                return
            self.wfile.write(body[place : place + 1])
            self.wfile.flush()
            time.sleep(1)


def _made(world: World, asked: Asked, make: Callable[[World, Asked], Answer]) -> Answer:
    try:
        return make(world, asked)
    except BadQuestionError as error:
        return Answer.json(400, {"error": str(error)})
