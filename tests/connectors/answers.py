"""A real HTTP server on loopback that answers as a case's answers.toml says."""

from __future__ import annotations

import json
import ssl
import threading
import tomllib
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit


class Loopback:
    """Serves handle(request) on a free port of 127.0.0.1 until it is closed, over TLS where a context is given."""

    def __init__(
        self, handle: Callable[[BaseHTTPRequestHandler], None], tls: ssl.SSLContext | None = None
    ) -> None:
        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            disable_nagle_algorithm = (
                True  # head and body are two writes, which would wait 40 ms for each other
            )

            def do_GET(self) -> None:
                handle(self)

            do_POST = do_HEAD = do_GET

            def log_message(self, *_args: object) -> None:
                pass

        class Server(ThreadingHTTPServer):
            daemon_threads = True
            block_on_close = False

            def handle_error(self, *_args: object) -> None:
                pass  # a client that gives up is what many tests want

        self.server = Server(("127.0.0.1", 0), Handler)
        if tls is not None:
            self.server.socket = tls.wrap_socket(
                self.server.socket, server_side=True, do_handshake_on_connect=False
            )
        self.url = f"http{'' if tls is None else 's'}://127.0.0.1:{self.server.server_port}"
        self.thread = threading.Thread(target=self.server.serve_forever, args=(0.02,), daemon=True)
        self.thread.start()

    def close(self) -> None:
        self.server.shutdown()
        self.thread.join()
        self.server.server_close()


class Declared:
    """Answers requests by a list of declared answers.

    An answer matches by path, by method, and by whatever else it names: query parameters (query), whole
    "name=value" pairs (has), parameters that must be absent (without), headers (sent), fields of a JSON body (body).
    `times` limits how often it is given. The first that matches answers; what nobody answers is noted in
    `unanswered` and refused.
    """

    def __init__(self, folder: Path, declared: list[dict[str, Any]]) -> None:
        self.folder, self.declared = folder, [dict(answer) for answer in declared]
        self.unanswered: list[str] = []
        self.asked: list[str] = []
        self.lock = threading.Lock()

    def __call__(self, request: BaseHTTPRequestHandler) -> None:
        parts = urlsplit(request.path)
        query = dict(parse_qsl(parts.query, keep_blank_values=True))
        raw = request.rfile.read(int(request.headers.get("Content-Length") or 0))
        with self.lock:
            self.asked.append(f"{request.command} {request.path}")
            found = self._match(request, parts.path, query, raw)
        if found is None:
            self.unanswered.append(f"{request.command} {request.path} {raw.decode(errors='replace')}")
            respond(request, 404, b'{"message": "no answer of the case matches"}')
            return
        respond(request, found.get("status", 200), self._body(found, request), found.get("headers", {}))

    def _match(
        self, request: BaseHTTPRequestHandler, path: str, query: dict[str, str], raw: bytes
    ) -> dict[str, Any] | None:
        pairs = unquote(urlsplit(request.path).query).split("&")
        for answer in self.declared:
            if answer.get("times", 1) <= 0 or answer["path"] != path:
                continue
            if answer.get("method", request.command) != request.command:
                continue
            if any(query.get(key) != str(value) for key, value in answer.get("query", {}).items()):
                continue
            if any(part not in pairs for part in answer.get("has", [])):
                continue
            if any(key in query for key in answer.get("without", [])):
                continue
            if any(request.headers.get(key) != value for key, value in answer.get("sent", {}).items()):
                continue
            if "body" in answer and not _holds(answer["body"], raw):
                continue
            if "times" in answer:
                answer["times"] -= 1
            return answer
        return None

    def _body(self, answer: dict[str, Any], request: BaseHTTPRequestHandler) -> bytes:
        server = f"http://{request.headers['Host']}".encode()
        if "file" in answer:
            return (self.folder / answer["file"]).read_bytes().replace(b"{server}", server)
        return answer.get("text", "").encode().replace(b"{server}", server)


def respond(
    request: BaseHTTPRequestHandler, status: int, body: bytes, headers: dict[str, str] | None = None
) -> None:
    """Send one whole answer."""
    request.send_response(status)
    for name, value in {"Content-Type": "application/json", **(headers or {})}.items():
        request.send_header(name, value)
    if status != 304:
        request.send_header("Content-Length", str(len(body)))
    request.end_headers()
    if status != 304:
        request.wfile.write(body)


def declared_answers(folder: Path) -> tuple[list[dict[str, Any]], str]:
    """Read answers.toml: the answers, and the instant at which the case plays ("" where it names none)."""
    file = folder / "answers.toml"
    content = tomllib.loads(file.read_text(encoding="utf-8")) if file.is_file() else {}
    return content.get("answer", []), content.get("now", "")


def _holds(expected: dict[str, Any], raw: bytes) -> bool:
    try:
        body = json.loads(raw)
    except ValueError:
        return False
    return isinstance(body, dict) and all(body.get(key) == value for key, value in expected.items())
