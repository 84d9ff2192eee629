"""What a connector's declaration may say: each key with its type, whether it must be there, and a sentence."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import jmespath
from jmespath.exceptions import JMESPathError

_LENGTH = re.compile(r"(\d+(?:\.\d+)?)([smhdw])")
_SECONDS = {"s": 1.0, "m": 60.0, "h": 3600.0, "d": 86_400.0, "w": 604_800.0}

Fault = tuple[str, str]
"""A key as it stands in the source's table ("paging.kind") and what was expected there, in a sentence."""


@dataclass(frozen=True, slots=True)
class Option:
    """One key of a declaration.

    type: text, scalar, path (JMESPath), length ("10m"), count (whole, from 1), whole, number, flag, choice, regex,
    list, table, any. choices: what a choice may be. keys: the keys of a table. each: what every item of a list, or
    every value of a table with free keys, must be.
    """

    type: str
    doc: str
    required: bool = False
    choices: tuple[str, ...] = ()
    keys: Mapping[str, Option] | None = None
    each: Option | None = None


def seconds(length: str) -> float:
    """Return a length such as "30s", "10m", "2h", "7d" in seconds; raises ValueError for anything else."""
    found = _LENGTH.fullmatch(length)
    if not found:
        raise ValueError(f"{length!r} is no length")
    return float(found[1]) * _SECONDS[found[2]]


def faults(options: Mapping[str, Option], declared: Mapping[str, Any], prefix: str = "") -> Iterator[Fault]:
    """Yield what is wrong with a declared table: unknown, missing and mistyped keys."""
    for key in declared:
        if key not in options:
            yield prefix + key, unknown("key", key, options)
    for key, option in options.items():
        if key in declared:
            yield from _of(option, declared[key], prefix + key)
        elif option.required:
            yield prefix + key, f"is missing: {option.doc}"


def unknown(what: str, value: object, known: Mapping[str, Any] | tuple[str, ...]) -> str:
    """Say that something is not known, and what was probably meant."""
    near = difflib.get_close_matches(str(value), list(known), 1, 0.6)
    meant = f"did you mean {near[0]}?" if near else f"known are {', '.join(sorted(known))}"
    return f"no {what} {value!r} is known here; {meant}"


def _of(option: Option, value: Any, key: str) -> Iterator[Fault]:
    words = _WORDS.get(option.type)
    if words is not None and not _fits(option.type, value):
        yield key, f"{words} was expected, not {value!r}"
    elif option.type == "choice" and value not in option.choices:
        yield key, f"one of {', '.join(option.choices)} was expected, not {value!r}"
    elif option.type == "path":
        try:
            jmespath.compile(value)
        except JMESPathError as error:
            yield (
                key,
                f"a JMESPath was expected, but {value!r} does not compile: {str(error).splitlines()[0]}",
            )
    elif option.type == "regex":
        try:
            re.compile(value)
        except re.error as error:
            yield key, f"a regular expression was expected, but {value!r} does not compile: {error}"
    elif option.type == "list" and option.each:
        for position, item in enumerate(value):
            yield from _of(option.each, item, f"{key}[{position}]")
    elif option.type == "table" and option.keys is not None:
        yield from faults(option.keys, value, f"{key}.")
    elif option.type == "table" and option.each:
        for name, item in value.items():
            yield from _of(option.each, item, f"{key}.{name}")


def _fits(kind: str, value: Any) -> bool:
    if kind in {"text", "path", "regex"}:
        return isinstance(value, str) and value != ""
    if kind == "length":
        return isinstance(value, str) and _LENGTH.fullmatch(value) is not None
    if kind == "flag":
        return isinstance(value, bool)
    if kind == "scalar":
        return isinstance(value, str | int | float | bool)
    if kind in {"count", "whole"}:
        return isinstance(value, int) and not isinstance(value, bool) and value >= (kind == "count")
    if kind == "number":
        return isinstance(value, int | float) and not isinstance(value, bool)
    return isinstance(value, list if kind == "list" else dict)


_WORDS = {
    "text": "a text",
    "path": "a JMESPath",
    "regex": "a regular expression",
    "length": 'a length such as "30s", "10m", "2h" or "7d"',
    "flag": "true or false",
    "scalar": "a text, a number, true or false",
    "count": "a whole number from 1",
    "whole": "a whole number from 0",
    "number": "a number",
    "list": "a list",
    "table": "a table",
}

SCALARS = Option("table", "constant values", each=Option("scalar", "a constant"))
TEXTS = Option("list", "texts", each=Option("text", "a text"))
