"""One Flask for everything that a browser asks: the wall, the desk, the screens' bytes, the read API."""

from __future__ import annotations

import gzip
import hashlib
import time
from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any

import brotli
import orjson
from flask import Blueprint, Flask, Response, redirect, request, send_file
from werkzeug.http import parse_accept_header

from layouts import csp, exports
from layouts.asking import asker
from layouts.desk import create_desk
from layouts.pages.desk_page import Desk
from layouts.ports import Ports
from layouts.published import Published
from layouts.screen import SURFACES, dump
from layouts.wall import create_wall
from layouts.words import LANGUAGES, language

YEAR = "public, max-age=31536000, immutable"


def create_web(
    product: Any, *, blueprints: Sequence[Blueprint] = (), now: Callable[[], float] = time.time
) -> Flask:
    """Return the web application over a product, or over Ports that stand for one."""
    if isinstance(product, Ports):
        ports = product
    else:
        from layouts.of_product import ports_of

        ports = ports_of(product)
    server = Flask("ioc", static_folder=None)
    published = Published(ports.boards, now)
    published.start()
    geography = dump({"communes": ports.communes, "neighbours": ports.neighbours})
    address = f"/map/{hashlib.sha256(geography).hexdigest()[:16]}.json"
    for part in blueprints:
        server.register_blueprint(part)
    server.register_blueprint(screens(published, geography, address, ports.emblem, now))
    apps = [create_wall(server, ports, published, address)]
    desk = Desk(ports, published, address, ports.ask or asker(server))
    server.register_blueprint(exports.routes(desk, now))
    apps.append(create_desk(server, desk))
    csp.protect(server, apps)
    server.after_request(_remember)
    server.extensions["published"] = published
    return server


def screens(
    published: Published, geography: bytes, address: str, emblem: Path | None, now: Callable[[], float]
) -> Blueprint:
    """Return the routes that cost nothing to answer: boards as bytes, the heartbeat, the map's shapes."""
    routes = Blueprint("screens", __name__)
    shapes = {"identity": geography, **_compressed(geography)}

    @routes.get("/screen/<board>")
    def screen(board: str) -> Response:
        lang, surface = language(request.args.get("lang")), request.args.get("on", "wall")
        found = published.screen(board, lang, surface if surface in SURFACES else "wall")
        if found is None:
            return _json(
                {"title": "Not Found", "status": 404, "detail": f"no board {board} is published"}, 404
            )
        return _coded(found.bodies, found.tag, "no-cache", X_Server_Time=f"{now():.3f}")

    @routes.get("/heartbeat")
    def heartbeat() -> Response:
        return _json(published.pulse(language(request.args.get("lang"))))

    @routes.get(address)
    def shapes_of_communes() -> Response:
        return _coded(shapes, address.rpartition("/")[2], YEAR)

    @routes.get("/emblem")
    def emblem_picture() -> Response:
        if emblem is None:
            return _json({"title": "Not Found", "status": 404, "detail": "no emblem is declared"}, 404)
        return send_file(emblem, max_age=3600)

    @routes.get("/wall")
    def wall() -> Any:
        return redirect("/wall/" + (f"?{request.query_string.decode()}" if request.query_string else ""))

    return routes


def _compressed(body: bytes) -> dict[str, bytes]:
    return {"gzip": gzip.compress(body, 9, mtime=0), "br": brotli.compress(body, quality=6)}


def _coded(bodies: Mapping[str, bytes], tag: str, keep: str, **more: str) -> Response:
    """Answer with the best coding that the browser takes, or 304 where it holds this very one.

    keep: Cache-Control; more: further headers, "_" for "-". This is nearly all that a web worker does: what
    costs a few microseconds here costs a tenth of all screens.
    """
    coding = _coding(request.environ.get("HTTP_ACCEPT_ENCODING", ""))
    if coding not in bodies:
        coding = "identity"
    etag = f'"{tag}-{coding}"'
    headers = [("ETag", etag), ("Vary", "Accept-Encoding"), ("Cache-Control", keep)]
    headers += [(name.replace("_", "-"), value) for name, value in more.items()]
    held = request.environ.get("HTTP_IF_NONE_MATCH")
    if held == etag:
        return Response(None, 304, headers)
    if coding != "identity":
        headers.append(("Content-Encoding", coding))
    answer = Response(bodies[coding], 200, headers, content_type="application/json")
    if held is not None:  # several tags, or weak ones as some proxies write them
        answer.make_conditional(request)
    return answer


@lru_cache(maxsize=64)
def _coding(accepted: str) -> str:
    return parse_accept_header(accepted).best_match(("br", "gzip", "identity")) or "identity"


def _json(value: Any, status: int = 200) -> Response:
    kind = "application/json" if status < 400 else "application/problem+json"
    return Response(orjson.dumps(value), status, {"Cache-Control": "no-store"}, mimetype=kind)


def _remember(answer: Response) -> Response:
    """Keep the language that a page's URL asks for, and let browsers keep what never changes."""
    asked = request.args.get("lang")
    if asked in LANGUAGES and answer.mimetype == "text/html":
        answer.set_cookie("lang", asked, max_age=31536000, samesite="Lax")
    if "/_dash-component-suites/" in request.path or "/assets/" in request.path:
        if request.query_string or ".v" in request.path:
            answer.headers["Cache-Control"] = YEAR
        else:
            answer.headers["Cache-Control"] = "public, max-age=86400"
    return answer
