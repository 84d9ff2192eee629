"""A drafted declaration: what was guessed of a source, what a person must fill in, and how it is written as TOML."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple, Protocol

from connectors.http import Http
from ioc.model import Source

MARK = "FILL IN"
_BARE = re.compile(r"[A-Za-z0-9_-]+")


class Blank(NamedTuple):
    """A value that a person must fill in or confirm; value stands there meanwhile."""

    value: Any
    says: str


@dataclass(slots=True)
class Draft:
    """What was found: the declaration's table, some records as they came, and sentences about the rest."""

    table: dict[str, Any]
    sample: Sequence[Any] = ()
    notes: list[str] = field(default_factory=list)


class Drafts(Protocol):
    """How a connector drafts a declaration; options: what the person said on the command line (shape, table, …).

    source holds the address and the credentials to ask with. known: the catalogue's variables.
    """

    def __call__(
        self, source: Source, http: Http, options: Mapping[str, str], known: frozenset[str]
    ) -> Draft: ...


def toml(id: str, table: Mapping[str, Any]) -> str:
    """Write a declaration; what is to be filled in has a comment with FILL IN behind it."""
    return "\n".join(_section((id,), table)) + "\n"


def filled(table: Any, fill: Callable[[Blank], Any] = lambda blank: blank.value) -> Any:
    """Return a table with every blank replaced."""
    if isinstance(table, Blank):
        return fill(table)
    if isinstance(table, Mapping):
        return {key: filled(value, fill) for key, value in table.items()}
    return [filled(part, fill) for part in table] if isinstance(table, list) else table


def _section(path: tuple[str, ...], table: Mapping[str, Any]) -> Iterator[str]:
    yield f"[{'.'.join(map(_key, path))}]"
    tables = {key: value for key, value in table.items() if isinstance(value, Mapping) and not _fits(value)}
    for key, value in table.items():
        if key not in tables:
            says = f"  # {MARK}: {value.says}" if isinstance(value, Blank) else ""
            yield f"{_key(key)} = {_value(filled(value))}{says}"
    for key, value in tables.items():
        yield ""
        yield from _section((*path, key), value)


def _fits(table: Mapping[str, Any]) -> bool:
    """Say whether a table may stand on one line: it is short, and nothing in it is to be filled in."""
    whole = all(not isinstance(value, Blank | Mapping) for value in table.values())
    return whole and len(_value(table)) < 90


def _key(key: str) -> str:
    return key if _BARE.fullmatch(key) else _value(key)


def _value(value: Any) -> str:
    if isinstance(value, Mapping):
        return "{ " + ", ".join(f"{_key(key)} = {_value(part)}" for key, part in value.items()) + " }"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(map(_value, value)) + "]"
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
