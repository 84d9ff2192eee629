"""data/*.toml -> model: every table checked, every cross reference followed, every fault named and isolated."""

from __future__ import annotations

import difflib
import hashlib
import re
import tomllib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, fields
from datetime import date, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import orjson

from ioc.errors import DeclarationError
from ioc.model import Due, Limit, Sector, Site, Source, Text, Variable

_LENGTHS = {"s": 1.0, "m": 60.0, "h": 3600.0, "d": 86400.0, "w": 604800.0}
_LOCAL = timezone(timedelta(hours=7))
_SHAPE = re.compile(r"observation|(case|event):[a-z][a-z0-9_]*")
_SOURCE_KEYS = {
    "name", "short", "connector", "sector", "shape", "owner", "url", "vendor", "licence", "every", "cron", "due", "fresh_for",
    "deadline", "max_bytes", "rejected_share", "earliest", "ahead", "personal_data", "keep", "keep_days", "complete",
    "history", "ignore", "loose", "auth",
}  # fmt: skip
_AUTH_KEYS: Mapping[str, tuple[str, ...]] = {
    "none": (), "basic": ("user", "password"), "bearer": ("token",), "api_key": ("header", "key"),
    "headers": ("headers",), "oauth2": ("token_url", "id", "secret", "scope"), "password": ("user", "password", "host_key"),
    "key": ("user", "key_file", "host_key"),
}  # fmt: skip
_OPEN_AUTH = {"header", "token_url", "scope", "user", "host_key", "key_file"}
"""Keys of auth that are no secrets and may stand in a declaration as they are."""


@dataclass(frozen=True, slots=True)
class Table:
    """One declared table as it stands in its file, with the hash that versions it."""

    id: str
    file: str
    body: Mapping[str, Any]

    @property
    def hash(self) -> str:
        """SHA-256 of the canonical table, as "sha256:<hex>"."""
        return (
            "sha256:"
            + hashlib.sha256(orjson.dumps(self.body, option=orjson.OPT_SORT_KEYS, default=str)).hexdigest()
        )


@dataclass(frozen=True)
class Catalogue:
    """Everything declared, each by its id; faults holds what was left out and why.

    indicators and boards are tables as read; their own rooms turn them into definitions.
    """

    simulated: bool
    sectors: Mapping[str, Sector]
    variables: Mapping[str, Variable]
    sites: Mapping[str, Site]
    sources: Mapping[str, Source]
    indicators: Mapping[str, Table]
    boards: Mapping[str, Table]
    faults: list[DeclarationError] = field(default_factory=list)
    disabled: Mapping[str, DeclarationError] = field(default_factory=dict)
    """Sources that a fault disables, by id; they stay visible on /sources with the sentence."""
    _by_code: Mapping[str, Site] = field(init=False, repr=False, compare=False, default_factory=dict)

    def site(self, code: str) -> Site | None:
        """Return the site of this id or of one of its codes."""
        return self.sites.get(code) or self._by_code.get(code)

    def __post_init__(self) -> None:
        by_code = {code: site for site in self.sites.values() for code in site.codes}
        object.__setattr__(self, "_by_code", by_code)


def load(
    data: Path,
    *,
    overlay: Path | None = None,
    environ: Mapping[str, str] | None = None,
    sandbox: Mapping[str, str] | None = None,
    check_source: Callable[[Source], list[DeclarationError]] | None = None,
    known_agency: Callable[[str], bool] | None = None,
) -> Catalogue:
    """Read every declaration under data; overlay's sources/ and sites/ stand in where the province has no sources.

    environ fills ${NAME} and the *_env keys of auth; sandbox fills {sandbox}, {sandbox_ftp}, … of
    the overlay. check_source is the
    connectors' own check; known_agency says whether an owner exists. Nothing is raised for a faulty table:
    it is left out and told in faults.
    """
    faults: list[DeclarationError] = []
    env = environ or {}
    sectors = _each(tables(data, "sectors.toml", faults), read_sector, faults)
    variables = _each(tables(data, "variables.toml", faults), read_variable, faults)
    home = overlay or data
    sites = _each(tables(home, "sites/*.toml", faults), read_site, faults)
    sources: dict[str, Source] = {}
    disabled: dict[str, DeclarationError] = {}
    for table in tables(home, "sources/*.toml", faults):
        try:
            source = read_source(table, env, sandbox=(sandbox or {}) if overlay else None)
            if source.sector not in sectors:
                raise _unknown(table, "sector", source.sector, sectors)
            if known_agency is not None and not known_agency(source.owner):
                raise DeclarationError(
                    table.file, table.id, "owner", f"no agency {source.owner!r} is declared in agencies.toml"
                )
            found = check_source(source) if check_source else []
            if found:
                faults += found[1:]
                raise found[0]
            sources[source.id] = source
        except DeclarationError as fault:
            faults.append(fault)
            disabled[table.id] = fault
    indicators = {t.id: t for t in tables(data, "indicators/*.toml", faults)}
    boards = {t.id: t for t in tables(data, "boards/*.toml", faults)}
    return Catalogue(
        overlay is not None, sectors, variables, sites, sources, indicators, boards, faults, disabled
    )


def tables(data: Path, pattern: str, faults: list[DeclarationError]) -> Iterator[Table]:
    """Yield the tables of every file that matches, in the order of file and table; a broken file is a fault."""
    seen: dict[str, str] = {}
    for path in sorted(data.glob(pattern)):
        name = str(path.relative_to(data.parent))
        try:
            content = tomllib.loads(path.read_text(encoding="utf-8"))
        except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
            faults.append(DeclarationError(name, "", "", f"is not TOML: {error}"))
            continue
        for key, body in content.items():
            if not isinstance(body, dict):
                faults.append(DeclarationError(name, "", key, "a table was expected at the top level"))
            elif key in seen:
                faults.append(DeclarationError(name, key, "", f"is declared already in {seen[key]}"))
            else:
                seen[key] = name
                yield Table(key, name, body)


def _each(
    found: Iterator[Table], read: Callable[[Table], Any], faults: list[DeclarationError]
) -> dict[str, Any]:
    good = {}
    for table in found:
        try:
            good[table.id] = read(table)
        except DeclarationError as fault:
            faults.append(fault)
    return good


def read_sector(table: Table) -> Sector:
    """Read one sector; raises DeclarationError."""
    body = Reader(table, {"name", "short", "order", "icon"})
    return Sector(table.id, body.text("name"), body.number("order", int), body.get("icon", str, ""))


def read_variable(table: Table) -> Variable:
    """Read one variable; raises DeclarationError."""
    body = Reader(table, {"name", "short", "unit", "combine", "stamp", "low", "high"})
    return Variable(
        table.id,
        body.text("name"),
        body.get("unit", str),
        body.one_of("combine", ("mean", "sum", "last", "max", "min"), "mean"),
        body.one_of("stamp", ("start", "end"), "start"),
        body.optional_number("low"),
        body.optional_number("high"),
    )


def read_site(table: Table) -> Site:
    """Read one site with the limits of its permit; raises DeclarationError."""
    body = Reader(table, {"name", "short", "kind", "area", "lat", "lon", "agency", "facility", "codes", "limit"})
    limits = []
    for position, raw in enumerate(body.get("limit", list, [])):
        part = Reader(
            Table(f"{table.id}.limit {position + 1}", table.file, raw),
            {"variable", "low", "high", "valid_from", "valid_to", "basis"},
        )
        limits.append(
            Limit(
                part.get("variable", str),
                part.optional_number("low"),
                part.optional_number("high"),
                str(part.get("valid_from", object)),
                str(raw["valid_to"]) if "valid_to" in raw else None,
                part.get("basis", str),
            )
        )
    return Site(
        table.id,
        body.text("name"),
        body.get("kind", str),
        body.get("area", str),
        body.optional_number("lat"),
        body.optional_number("lon"),
        body.get("agency", str, ""),
        body.get("facility", str, ""),
        tuple(str(code) for code in body.get("codes", list, [])),
        tuple(limits),
    )


def read_source(
    table: Table, environ: Mapping[str, str], *, sandbox: Mapping[str, str] | None = None
) -> Source:
    """Read one source; sandbox is None for a real province, which may hold no secret in its files.

    Raises DeclarationError with file, table, key and what was expected.
    """
    body = Reader(table, _SOURCE_KEYS, others=True)
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
    options = {key: fill.deep(key, value) for key, value in table.body.items() if key not in _SOURCE_KEYS}
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
        ahead_s=body.length("ahead", 300.0) or 0.0,
        personal_data=personal,
        keep=keep,
        keep_days=body.number("keep_days", int, 90),
        complete=body.get("complete", bool, False),
        history=body.length("history", 0.0) or 0.0,
        ignore=tuple(body.get("ignore", list, [])),
        loose=tuple(body.get("loose", list, [])),
        auth=fill.auth(body.get("auth", dict, {"kind": "none"})),
        options=options,
        file=table.file,
        hash=table.hash,
    )


def read_due(body: Reader) -> Due:
    """Read a reporting date `due = { day, time, period, month }`; raises DeclarationError."""
    part = Reader(
        Table(f"{body.table.id}.due", body.table.file, body.get("due", dict)), {f.name for f in fields(Due)}
    )
    due = Due(
        part.number("day", int),
        part.get("time", str, "17:00"),
        part.one_of("period", ("week", "month", "quarter", "year"), "month"),
        part.number("month", int) if "month" in part.table.body else None,
    )
    if not re.fullmatch(r"([01]\d|2[0-3]):[0-5]\d", due.time):
        raise part.fault("time", f'a local time such as "17:00" was expected, not {due.time!r}')
    if not 1 <= due.day <= 31:
        raise part.fault("day", f"a day from 1 to 31 was expected, not {due.day}")
    return due


class Reader:
    """Reads one table key by key; every fault names file, table, key and what was expected."""

    def __init__(self, table: Table, known: set[str], *, others: bool = False) -> None:
        self.table = table
        if not others:
            for key in table.body:
                if key not in known:
                    raise _unknown(table, key, key, known)

    def fault(self, key: str, expected: str) -> DeclarationError:
        """The fault to raise for one key of this table."""
        return DeclarationError(self.table.file, self.table.id, key, expected)

    def get(self, key: str, kind: type, default: Any = ...) -> Any:
        """Return the value of a key, which must be of this kind; without a default it must be there."""
        value = self.table.body.get(key, default)
        if value is ...:
            raise self.fault(key, "is missing")
        if key in self.table.body and (
            not isinstance(value, kind) or (kind is not bool and isinstance(value, bool))
        ):
            raise self.fault(key, f"a {_KIND_WORDS.get(kind, kind.__name__)} was expected, not {value!r}")
        return value

    def number(self, key: str, kind: type, default: Any = ...) -> Any:
        """Return a number; whole numbers pass as decimals."""
        value = self.get(key, object, default)
        if isinstance(value, bool) or not isinstance(value, int if kind is int else int | float):
            raise self.fault(
                key, f"a {'whole number' if kind is int else 'number'} was expected, not {value!r}"
            )
        return kind(value)

    def optional_number(self, key: str) -> float | None:
        """Return a number or None where the key is absent."""
        return self.number(key, float) if key in self.table.body else None

    def one_of(self, key: str, accepted: tuple[str, ...], default: Any = ...) -> str:
        """Return one of the accepted words."""
        value = self.get(key, str, default)
        if value not in accepted:
            raise self.fault(key, f"one of {', '.join(accepted)} was expected, not {value!r}")
        return str(value)

    def length(self, key: str, default: float | None) -> float | None:
        """Return a length such as "90s", "5m", "2h", "1d" in seconds."""
        text = self.table.body.get(key)
        if text is None:
            return default
        found = re.fullmatch(r"(\d+(?:\.\d+)?)([smhdw])", text) if isinstance(text, str) else None
        if not found:
            raise self.fault(key, f'a length such as "30s", "5m", "2h" or "1d" was expected, not {text!r}')
        return float(found[1]) * _LENGTHS[found[2]]

    def day(self, key: str, default: date) -> int:
        """Return the start of a local day as epoch seconds."""
        value = self.table.body.get(key, default)
        try:
            day = value if isinstance(value, date) else date.fromisoformat(value)
        except (TypeError, ValueError):
            raise self.fault(key, f'a day such as "2024-01-31" was expected, not {value!r}') from None
        return int(datetime(day.year, day.month, day.day, tzinfo=_LOCAL).timestamp())

    def text(self, key: str) -> Text:
        """Return `key.vi`, `key.en` and `short.vi`, `short.en` as one text; vi is required."""
        value = self.get(key, dict)
        short = self.table.body.get("short", {}) if key == "name" else {}
        vi, en = value.get("vi"), value.get("en", "")
        if not isinstance(vi, str) or not vi.strip():
            raise self.fault(f"{key}.vi", "a Vietnamese text was expected")
        if not isinstance(en, str) or not isinstance(short, dict):
            raise self.fault(f"{key}.en", "a text was expected")
        return Text(vi, en or vi, str(short.get("vi", "")), str(short.get("en", "")))


_KIND_WORDS = {
    str: "text",
    int: "whole number",
    float: "number",
    bool: "truth value",
    list: "list",
    dict: "table",
}


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
        if kind not in _AUTH_KEYS:
            raise self.body.fault("auth.kind", f"one of {', '.join(_AUTH_KEYS)} was expected, not {kind!r}")
        wanted, resolved = _AUTH_KEYS[kind], {"kind": kind}
        for key, value in declared.items():
            name = key.removesuffix("_env")
            if key == "kind":
                continue
            if name not in wanted:
                raise self.body.fault(f"auth.{key}", f"{kind} knows {', '.join(wanted) or 'no further key'}")
            if name == "headers":
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
        if variable not in self.environ:
            raise self.body.fault(
                key, f"the environment names no {variable}; set it where the product is started"
            )
        return self.environ[variable]


def _unknown(table: Table, key: str, value: str, known: Any) -> DeclarationError:
    near = difflib.get_close_matches(value, list(known), n=1)
    hint = f"; did you mean {near[0]!r}?" if near else f"; known are {', '.join(sorted(known)[:30])}"
    return DeclarationError(table.file, table.id, key, f"{value!r} is unknown{hint}")
