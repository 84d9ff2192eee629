"""How the desk asks: the read API of this very server, in process, so that a page and the API never disagree."""

from __future__ import annotations

from collections.abc import Mapping

import orjson
from flask import Flask

from layouts.ports import Ask, AskError, Json


def asker(server: Flask) -> Ask:
    """Return what puts a question to the read API that a server serves."""

    def ask(path: str, parameters: Mapping[str, str]) -> Json:
        given = {name: value for name, value in parameters.items() if value}
        with server.test_client(use_cookies=False) as client:
            answer = client.get(path, query_string=given)
        try:
            body = orjson.loads(answer.data)
        except orjson.JSONDecodeError:
            raise AskError(f"{path}: {answer.status}") from None
        if answer.status_code != 200:
            raise AskError(str(body.get("detail") or answer.status))
        found: Json = body
        return found

    return ask
