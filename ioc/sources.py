"""A declared source: how often it is asked, what is kept of it, and its secrets, read from the environment."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date
from typing import Any

from ioc.declared import Reader, Table, read_due
from ioc.model import Source

_SHAPE = re.compile(r"observation|(case|event):[a-z][a-z0-9_]*")
KEYS = {
    "name", "short", "connector", "sector", "shape", "owner", "url", "vendor", "licence", "every", "cron", "due", "fresh_for",
    "deadline", "max_bytes", "rejected_share", "earliest", "ahead", "personal_data", "keep", "keep_days", "complete", "compares",
    "history", "ignore", "loose", "auth", "agreed",
}  # fmt: skip
_AUTH_KEYS: Mapping[str, tuple[str, ...]] = {
    "none": (), "basic": ("user", "password"), "bearer": ("token",), "api_key": ("header", "param", "key"),
    "headers": ("headers",), "oauth2": ("token_url", "id", "secret", "scope"), "password": ("user", "password", "host_key"),
    "key": ("user", "key_file", "host_key"),
}  # fmt: skip
_OPEN_AUTH = {"header", "param", "token_url", "scope", "user", "host_key", "key_file"}
"""Keys of auth that are no secrets and may stand in a declaration as they are."""


def read_source(
    table: Table, environ: Mapping[str, str], *, sandbox: Mapping[str, str] | None = None
) -> Source:
    """Read one source; sandbox is None for a real province, which may hold no secret in its files.

    Raises DeclarationError with file, table, key and what was expected.
    """
    body = Reader(table, KEYS, others=True)
    shape = body.get("shape", str)
    if not _SHAPE.fullmatch(shape):
        raise body.fault(
            "shape", f'"observation", "case:<kind>" or "event:<kind>" was expected, not {shape!r}'
        )
    every = body.length("every", None)
    due = read_due(body) if "due" in table.body else None
    cron = body.get("cron", str, "")
    if sum((every is not None, bool(cron), due is not None)) != 1:
        raise body.fault("every", "exactly one of every, cron and due was expected")
    if every is not None and every < 1:
        raise body.fault("every", "at least one second was expected")
    if cron and len(cron.split()) != 5:
        raise body.fault("cron", f"five fields were expected (minute hour day month weekday), not {cron!r}")
    personal = body.get("personal_data", bool, True)
    keep = body.one_of("keep", ("fields", "raw"), "fields")
    if personal and keep == "raw":
        raise body.fault(
            "keep", '"fields" was expected: a source with personal data never keeps the bytes as they came'
        )
    fill = _Fill(body, environ, sandbox)
    default_fresh = 2 * every if every else 36 * 3600.0
    options = {key: fill.deep(key, value) for key, value in table.body.items() if key not in KEYS}
    return Source(
        id=table.id,
        name=body.text("name"),
        connector=body.get("connector", str),
        sector=body.get("sector", str),
        shape=shape,
        owner=body.get("owner", str),
        url=fill.text("url", body.get("url", str, "")),
        vendor=body.get("vendor", str, ""),
        licence=body.get("licence", str, ""),
        every=every,
        cron=cron,
        due=due,
        fresh_for=body.length("fresh_for", default_fresh) or default_fresh,
        deadline=body.length("deadline", 60.0) or 60.0,
        max_bytes=body.number("max_bytes", int, 64_000_000),
        rejected_share=body.number("rejected_share", float, 0.05),
        earliest=body.day("earliest", date(2000, 1, 1)),
        agreed=body.day("agreed", date(2000, 1, 1)) if "agreed" in table.body else None,
        ahead_s=body.length("ahead", 300.0) or 0.0,
        personal_data=personal,
        keep=keep,
        keep_days=body.number("keep_days", int, 90),
        complete=body.get("complete", bool, False),
        compares=body.get("compares", bool, False),
        history=body.length("history", 0.0) or 0.0,
        ignore=tuple(body.get("ignore", list, [])),
        loose=tuple(body.get("loose", list, [])),
        auth=fill.auth(body.get("auth", dict, {"kind": "none"})),
        options=options,
        file=table.file,
        hash=table.hash,
    )


class _Fill:
    """Fills {sandbox…} and ${NAME} into texts, and the secrets of auth from the environment."""

    def __init__(self, body: Reader, environ: Mapping[str, str], sandbox: Mapping[str, str] | None) -> None:
        self.body, self.environ, self.sandbox = body, environ, sandbox

    def text(self, key: str, text: str) -> str:
        if "{sandbox" in text:
            if self.sandbox is None:
                raise self.body.fault(
                    key, "{sandbox} stands for the sandbox server only; write the source's own address"
                )
            for name, value in self.sandbox.items():
                text = text.replace(f"{{{name}}}", value)

        def named(match: re.Match[str]) -> str:
            if match[1] not in self.environ:
                raise self.body.fault(key, f"the environment names no {match[1]}")
            return self.environ[match[1]]

        return re.sub(r"\$\{([A-Z][A-Z0-9_]*)\}", named, text)

    def deep(self, key: str, value: Any) -> Any:
        if isinstance(value, str):
            return self.text(key, value)
        if isinstance(value, list):
            return [self.deep(key, part) for part in value]
        if isinstance(value, dict):
            return {name: self.deep(f"{key}.{name}", part) for name, part in value.items()}
        return value

    def auth(self, declared: Mapping[str, Any]) -> Mapping[str, Any]:
        """Resolve the declared auth: name_env is read from the environment, a literal secret is a fault."""
        kind = declared.get("kind", "none")
        if not isinstance(kind, str) or kind not in _AUTH_KEYS:
            raise self.body.fault("auth.kind", f"one of {', '.join(_AUTH_KEYS)} was expected, not {kind!r}")
        wanted, resolved = _AUTH_KEYS[kind], dict[str, Any](kind=kind)
        for key, value in declared.items():
            name = key.removesuffix("_env")
            if key == "kind":
                continue
            if name not in wanted:
                raise self.body.fault(f"auth.{key}", f"{kind} knows {', '.join(wanted) or 'no further key'}")
            if name != "headers" and not isinstance(value, str):
                raise self.body.fault(f"auth.{key}", f"a text was expected, not {value!r}")
            if name == "headers":
                if not isinstance(value, dict):
                    raise self.body.fault(f"auth.{key}", "a table of header = variable was expected")
                resolved[name] = {
                    header: self._secret(f"auth.headers.{header}", env) for header, env in value.items()
                }
            elif key.endswith("_env"):
                resolved[name] = self._secret(f"auth.{key}", value)
            elif name in _OPEN_AUTH or self.sandbox is not None:
                resolved[name] = self.text(f"auth.{key}", value)
            else:
                raise self.body.fault(
                    f"auth.{key}", f"a secret never stands in a file; write {key}_env and the variable's name"
                )
        return resolved

    def _secret(self, key: str, variable: str) -> str:
        if not isinstance(variable, str) or variable not in self.environ:
            raise self.body.fault(
                key, f"the environment names no {variable}; set it where the product is started"
            )
        return self.environ[variable]
