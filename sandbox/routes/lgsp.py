"""A provincial integration platform: OAuth 2.0 client credentials (RFC 6749) before the one-stop system."""

from __future__ import annotations

import base64
import binascii
from urllib.parse import parse_qs

from sandbox.answers import Answer, Asked, BadQuestionError
from sandbox.chance import mix
from sandbox.one_stop import told
from sandbox.world import World
from sandbox.written import read_compact

CLIENT = ("sandbox", "sandbox")
LIFE_S = 3600
MOST = 500

DESCRIPTIONS = {
    900901: ("Invalid Credentials", "Access failure for API: /lgsp. Provide the correct security credentials"),
    900902: ("Missing Credentials", "Make sure your API invocation call has a header: 'Authorization: Bearer ACCESS_TOKEN'"),
    900903: ("Access Token Expired", "Renew the access token"),
}  # fmt: skip


def answer(world: World, asked: Asked) -> Answer:
    """Answer /lgsp/…"""
    if asked.path == "/lgsp/token":
        return _token(world, asked)
    refused = _refused(world, asked.headers.get("authorization", ""))
    if refused:
        return refused
    if asked.path == "/lgsp/dossiers":
        return _dossiers(world, asked)
    return _fault(404, 404, "No matching resource found", "No matching resource found in the API")


def _token(world: World, asked: Asked) -> Answer:
    if asked.method != "POST":
        return Answer.json(405, {"error": "invalid_request", "error_description": "POST was expected"})
    kind, _, code = asked.headers.get("authorization", "").partition(" ")
    try:
        user, _, secret = base64.b64decode(code, validate=True).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError):
        user, secret = "", ""
    if kind.lower() != "basic" or (user, secret) != CLIENT:
        refused = {"error": "invalid_client", "error_description": "Client Authentication failed."}
        return Answer.json(401, refused, {"WWW-Authenticate": "Basic"})
    form = parse_qs(asked.body.decode("utf-8", "replace"))
    if form.get("grant_type") != ["client_credentials"]:
        return Answer.json(
            400, {"error": "unsupported_grant_type", "error_description": "Unsupported grant_type"}
        )
    expires = int(world.now()) + LIFE_S
    token = f"{expires:x}-{mix(world.setting.seed, expires):016x}"
    given = {"access_token": token, "scope": "default", "token_type": "Bearer", "expires_in": LIFE_S}
    return Answer.json(200, given, {"Cache-Control": "no-store"})


def _refused(world: World, authorization: str) -> Answer | None:
    kind, _, token = authorization.partition(" ")
    if kind.lower() != "bearer" or not token:
        return _gateway(900902)
    expires, _, signature = token.partition("-")
    try:
        until = int(expires, 16)
    except ValueError:
        return _gateway(900901)
    if signature != f"{mix(world.setting.seed, until):016x}":
        return _gateway(900901)
    return _gateway(900903) if until < world.now() else None


def _gateway(code: int) -> Answer:
    message, description = DESCRIPTIONS[code]
    return _fault(401, code, message, description)


def _fault(status: int, code: int, message: str, description: str) -> Answer:
    return Answer.json(status, {"fault": {"code": code, "message": message, "description": description}})


def _dossiers(world: World, asked: Asked) -> Answer:
    """List what changed in a window: everything with a change in it, as it is now, in the order of beginning."""
    now = int(world.now())
    try:
        since = read_compact(asked.query.get("updatedFrom", ""))
        until = min(now, read_compact(asked.query["updatedTo"]) if "updatedTo" in asked.query else now)
        size = asked.number("size", 50, 1, MOST)
        page = asked.number("page", 1, 1, 1_000_000)
    except (ValueError, BadQuestionError) as error:
        # the business system behind the gateway answers 200 and says in its envelope that it went wrong
        return Answer.json(200, {"error_code": 3, "message": f"Tham số không hợp lệ: {error}", "data": None})
    found = world.dossiers.changed(since, until)
    part = found[(page - 1) * size : page * size]
    items = [told(world.dossiers.at(reference), now) for reference in part]
    data = {"items": items, "total": len(found), "page": page, "size": size}
    return Answer.json(200, {"error_code": 0, "message": "", "data": data})
