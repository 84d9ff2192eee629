"""A 1022 system: reports page by page, newest changes on request, behind an API key."""

from __future__ import annotations

from datetime import datetime

from sandbox.answers import Answer, Asked, BadQuestionError
from sandbox.reports import told
from sandbox.world import World

KEY = "sandbox-1022"
MOST = 200


def answer(world: World, asked: Asked) -> Answer:
    """Answer /1022/api/v1/…"""
    if asked.headers.get("x-api-key") != KEY:
        return Answer.json(401, {"error": {"code": "UNAUTHORIZED", "message": "API key is missing or wrong"}})
    if asked.path != "/1022/api/v1/reports":
        return Answer.json(404, {"error": {"code": "NOT_FOUND", "message": asked.path}})
    now = int(world.now())
    try:
        since = _instant(asked, "updated_since", 0)
        until = min(now, _instant(asked, "updated_until", now))
        size = asked.number("page_size", 20, 1, MOST)
        page = asked.number("page", 1, 1, 1_000_000)
    except BadQuestionError as error:
        return Answer.json(422, {"error": {"code": "VALIDATION", "message": str(error)}})
    if since < until - 500 * 86_400:
        message = "updated_since: at most 500 days back can be asked for"
        return Answer.json(422, {"error": {"code": "VALIDATION", "message": message}})
    found = world.reports.changed(since, until)
    part = found[(page - 1) * size : page * size]
    content = {
        "items": [told(world.reports.at(reference), now) for reference in part],
        "page": page,
        "page_size": size,
        "total": len(found),
    }
    return Answer.json(200, content)


def _instant(asked: Asked, name: str, default: int) -> int:
    text = asked.query.get(name, "")
    if not text:
        return default
    try:
        read = datetime.fromisoformat(text)
        if read.tzinfo is None:
            raise ValueError(text)
    except ValueError:
        raise BadQuestionError(f"{name}: ISO 8601 with an offset was expected, not {text!r}") from None
    return int(read.timestamp())
