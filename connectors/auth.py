"""How a source knows us: basic, bearer, key, header pairs, OAuth 2.0 client credentials (RFC 6749, as LGSP uses it)."""

from __future__ import annotations

import threading
import time
from base64 import b64encode
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from ioc.errors import ContractError

if TYPE_CHECKING:
    from connectors.answer import Answer

DEFAULT_LIFE_S = 300.0


@dataclass(slots=True)
class Token:
    """The access token of one source, kept in memory; renewed when 80 % of its life are over."""

    lock: threading.Lock = field(default_factory=threading.Lock)
    value: str = field(default="", repr=False)
    renew_at: float = 0.0


def headers(auth: Mapping[str, Any]) -> dict[str, str]:
    """Return the headers that let us in, for every kind that needs no token."""
    kind = auth.get("kind", "none")
    if kind == "basic":
        return {"Authorization": _basic(auth["user"], auth["password"])}
    if kind == "bearer":
        return {"Authorization": f"Bearer {auth['token']}"}
    if kind == "api_key":
        return {auth["header"]: auth["key"]} if "header" in auth else {}
    if kind == "headers":
        return dict(auth["headers"])
    return {}


def secrets(auth: Mapping[str, Any]) -> tuple[str, ...]:
    """Return every value of a declared access that may be shown nowhere, the longest first."""
    found = [str(auth[key]) for key in ("secret", "password", "token", "key") if auth.get(key)]
    found += [str(value) for value in auth.get("headers", {}).values() if value]
    if auth.get("kind") in ("basic", "oauth2"):
        found.append(
            _basic(auth.get("user", auth.get("id", "")), auth.get("password", auth.get("secret", "")))[6:]
        )
    return tuple(sorted(found, key=len, reverse=True))


def bearer(auth: Mapping[str, Any], token: Token, post: Callable[..., Answer], refused: str = "") -> str:
    """Return an access token, asking for a new one when there is none, it grows old, or it was the refused one."""
    with token.lock:
        if token.value and token.value != refused and time.monotonic() < token.renew_at:
            return token.value
        token.value = ""
        form = {"grant_type": "client_credentials"} | ({"scope": auth["scope"]} if auth.get("scope") else {})
        answer = post(auth["token_url"], form, {"Authorization": _basic(auth["id"], auth["secret"])})
        said = answer.json()
        if (
            not isinstance(said, dict)
            or not isinstance(said.get("access_token"), str)
            or not said["access_token"]
        ):
            raise ContractError("Cổng cấp mã truy cập trả lời không có access_token.", status=answer.status)
        token.value = said["access_token"]
        token.renew_at = time.monotonic() + 0.8 * _life(said.get("expires_in"))
        return token.value


def _life(said: Any) -> float:
    try:
        return max(0.0, float(said))
    except (TypeError, ValueError):
        return DEFAULT_LIFE_S


def _basic(user: str, password: str) -> str:
    return "Basic " + b64encode(f"{user}:{password}".encode()).decode()
