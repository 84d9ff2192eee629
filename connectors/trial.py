"""Asks an unknown source once and prints what came, a drafted declaration, and what the connector makes of it."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from itertools import islice
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import connectors
from connectors.drafts import drafts
from connectors.drafts.columns import fold
from connectors.drafts.draft import MARK, Blank, Draft, filled, toml
from connectors.http import Sessions
from ioc.declared import Table
from ioc.errors import QuestionError, SourceError
from ioc.logs import quiet
from ioc.model import Page
from ioc.scrub import scrub
from ioc.sources import KEYS, read_source
from ioc.structure import Structure, observed

FILE = "data/sources/"
SHOWN, LONGEST, MOST_FIELDS = 3, 60, 30
_SECRET = re.compile(r"(?i)(^|_)(api_?key|key|token|secret|password|passwd|sig|signature|access_token)$")
_PERSON = re.compile(
    r"(^|_)(name|ten|ho|phone|tel|mobile|dien_thoai|sdt|email|mail|address|dia_chi|cccd|cmnd|nguoi|user|login|contact|"
    r"applicant|citizen|street|description|mo_ta|content|noi_dung|note|ghi_chu|passport)(_|$)"
)


def run(
    kind: str, url: str, id: str, access: Mapping[str, Any], options: Mapping[str, str], environ: Mapping[str, str],
    known: frozenset[str],
) -> int:  # fmt: skip
    """Print the first records and a draft; return the exit status: 0 drafted, 1 the source did not answer as expected.

    access: the declared auth, secrets by the names of their variables. Raises QuestionError.
    """
    try:
        drafting = drafts(kind)
    except connectors.BrokenConnectorError as fault:
        raise QuestionError(str(fault)) from None
    except KeyError:
        raise QuestionError(f"no connector {kind!r}; known are {', '.join(connectors.kinds())}") from None
    if drafting is None:
        raise QuestionError(
            f"the connector {kind!r} drafts no declarations; docs/connectors.md has its options"
        )
    _without_secrets(url)
    given = {
        "name": {"vi": id},
        "connector": kind,
        "sector": "x",
        "shape": "observation",
        "owner": "x",
        "every": "1h",
    }
    asking = read_source(
        Table(id, "the command line", {**given, "url": url, "auth": dict(access), "deadline": "30s"}), environ
    )
    sessions = Sessions()
    try:
        http = sessions.http(replace(asking, options={"redirects": True}))
        drafted = drafting(http.source, http, options, known)
        print(_told(drafted), flush=True)
        table = _declaration(id, kind, drafted, access)
        print(f"# {FILE}{id}.toml: every {MARK} is for a person to fill in or confirm")
        print(toml(id, table), flush=True)
        return _tried(id, table, sessions, environ)
    except SourceError as fault:
        print(f"{type(fault).__name__.removesuffix('Error').lower()}: {quiet(str(fault))}", file=sys.stderr)
        return 1
    finally:
        sessions.close()


def _declaration(id: str, kind: str, drafted: Draft, access: Mapping[str, Any]) -> dict[str, Any]:
    head = {
        "name": {"vi": Blank(id, "its name in Vietnamese"), "en": Blank(id, "its name in English")},
        "connector": kind,
        "sector": Blank("fill_in", "an id of sectors.toml"),
        "shape": Blank(drafted.table.get("shape", "observation"), 'or --option shape=…: observation, case:<kind>, event:<kind>'),
        "owner": Blank("fill_in", "an id of agencies.toml"),
        "every": Blank("1h", "how often it is asked, or cron, or due"),
    }  # fmt: skip
    if access.get("kind", "none") != "none":
        head["auth"] = dict(access)
    rest = {key: value for key, value in drafted.table.items() if key not in head}
    scalars = {key: value for key, value in rest.items() if key in KEYS}
    return {**head, **scalars, **{key: value for key, value in rest.items() if key not in scalars}}


def _tried(id: str, table: Mapping[str, Any], sessions: Sessions, environ: Mapping[str, str]) -> int:
    """Read the drafted source as it stands, and tell what of it is understood."""
    source = read_source(Table(id, f"{FILE}{id}.toml", filled(table)), environ)
    for fault in connectors.check(source):
        print(f"# {fault}")
        return 1
    pages: list[Page] = []
    try:
        for page in connectors.fetcher(sessions)(source, {}):
            pages.append(page)
            if sum(len(one.records) for one in pages) >= 1000:
                break
    except SourceError as fault:
        print(f"# read as drafted: {type(fault).__name__}: {quiet(str(fault))}")
    records = sum(len(page.records) for page in pages)
    rejected = [bad for page in pages for bad in page.rejected]
    print(f"# read as drafted: {records} records, {len(rejected)} rejected")
    for bad in rejected[:SHOWN]:
        print(f"#   {quiet(bad.address)}: {quiet(bad.reason)}")
    return 0


def _told(drafted: Draft) -> str:
    lines = [f"# {_plain(note)}" for note in drafted.notes[:40]]
    seen = observed(drafted.sample)
    lines += [
        f"# record {number}: {_shown(item)}" for number, item in enumerate(islice(drafted.sample, SHOWN), 1)
    ]
    return "\n".join([*lines, _fields(seen)] if seen.records else lines)


def _fields(seen: Structure) -> str:
    told = [f"{name} ({'/'.join(sorted(types))})" for name, types in islice(seen.fields.items(), MOST_FIELDS)]
    return f"# fields of {seen.records} records: {', '.join(told)}"


def _shown(item: Any, name: str = "") -> str:
    """Write a record short, without what may be a person's or a secret."""
    if isinstance(item, Mapping):
        parts = (
            f"{_plain(str(key))}={_shown(value, fold(str(key)))}"
            for key, value in islice(item.items(), MOST_FIELDS)
        )
        return f"{{{', '.join(parts)}}}"
    if isinstance(item, Sequence) and not isinstance(item, str | bytes):
        return f"[{len(item)}]"
    if item is not None and (_PERSON.search(name) or _SECRET.search(name)) and isinstance(item, str):
        return "•••"
    return _plain(str(item))


def _plain(text: str) -> str:
    said = quiet(scrub(" ".join(text.split())))
    return said if len(said) <= LONGEST * 2 else f"{said[: LONGEST * 2]}…"


def _without_secrets(url: str) -> None:
    """Refuse credentials in an address: they would stand in shell histories and files."""
    parts = urlsplit(url)
    if parts.password is not None:
        raise QuestionError("no password belongs into the address: give --user-env and --password-env")
    secret = [
        name for name, _ in parse_qsl(parts.query, keep_blank_values=True) if _SECRET.search(fold(name))
    ]
    if secret:
        raise QuestionError(
            f"{secret[0]} in the address looks like a secret: leave it out and give --param {secret[0]}=VARIABLE, "
            "the variable of the environment that holds it"
        )


def access_of(
    headers: Iterable[str], param: str, user_env: str, password_env: str, token_env: str
) -> dict[str, Any]:
    """Return the auth that the options of the command line mean; raises QuestionError for two at once."""
    kinds: list[dict[str, Any]] = []
    pairs = [_pair(one, "--header") for one in headers]
    if pairs:
        kinds.append({"kind": "headers", "headers": dict(pairs)})
    if param:
        name, variable = _pair(param, "--param")
        kinds.append({"kind": "api_key", "param": name, "key_env": variable})
    if user_env or password_env:
        if not (user_env and password_env):
            raise QuestionError("--user-env and --password-env go together")
        kinds.append({"kind": "basic", "user_env": user_env, "password_env": password_env})
    if token_env:
        kinds.append({"kind": "bearer", "token_env": token_env})
    if len(kinds) > 1:
        raise QuestionError("one way in was expected: --header, --param, --user-env or --token-env")
    return kinds[0] if kinds else {"kind": "none"}


def options_of(given: Iterable[str]) -> dict[str, str]:
    """Read name=value pairs; raises QuestionError."""
    return dict(_pair(one, "--option") for one in given)


def _pair(text: str, option: str) -> tuple[str, str]:
    name, sign, value = text.partition("=")
    if not (name and sign and value):
        raise QuestionError(f"{option} {name}: NAME=VALUE was expected")
    return name, value
