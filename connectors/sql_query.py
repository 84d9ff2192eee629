"""One reading statement of a declaration: that it is one, what it asks for, and the values that come back."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import text

from connectors.options import Fault

MARKS = ("since", "until")
_QUIET = re.compile(r"--[^\n]*|/\*.*?\*/|'(?:[^']|'')*'|\"(?:[^\"]|\"\")*\"|`[^`]*`|\$(\w*)\$.*?\$\1\$", re.S)
_WRITES = re.compile(
    r"\b(insert|update|delete|merge|upsert|drop|alter|create|truncate|grant|revoke|copy|call|exec|execute|do|into"
    r"|attach|detach|pragma|vacuum|lock|set|begin|commit|rollback|load|handler|rename|reindex|analyze)\b",
    re.I,
)
_STRICT = re.compile(r"(?<![<>=!])>\s*:since\b|:since\s*<(?![=>])", re.I)


def names(query: str) -> set[str]:
    """Return the bound values that a query asks for."""
    return set(text(query).compile().params)


def faults(query: str, marked: bool, overlapping: bool) -> Iterator[Fault]:
    """Yield why a query may not be run; marked: a watermark is declared, overlapping: it reaches back."""
    bare = _QUIET.sub(" ", query).strip().removesuffix(";").strip()
    first = bare.partition(" ")[0].split("(")[0].split("\n")[0].lower()
    if first not in ("select", "with"):
        yield "query", f"one SELECT (or WITH … SELECT) was expected, not {first[:20].upper() or 'nothing'}"
        return
    if ";" in bare:
        yield "query", "one statement was expected; there is another one after the semicolon"
        return
    if found := _WRITES.search(bare):
        yield (
            "query",
            f"a query that only reads was expected; it says {found[1].upper()} (a column of that name is quoted)",
        )
    asked = names(query)
    for name in sorted(asked - set(MARKS)):
        yield "query", f"no value {name!r} can be bound; known are :since and :until"
    if marked and "since" not in asked and asked <= set(MARKS):
        yield "query", "`>= :since` on the watermark's column was expected: a watermark is declared"
    if not marked and asked:
        yield "watermark", "is missing: the query asks for :since or :until"
    if marked and not overlapping and _STRICT.search(bare):
        yield "query", "`>= :since` was expected: with `>` rows that share the last moment are missed"


def plain(value: Any) -> Any:
    """Return what a driver gives as JSON has it; bytes are no value."""
    if value is None or isinstance(value, str | int | float | bool):
        return value
    if isinstance(value, Decimal):
        whole = value.is_finite() and value == value.to_integral_value() and abs(value) < 2**53
        return int(value) if whole else float(value)
    if isinstance(value, datetime | date | time):
        return value.isoformat()
    if isinstance(value, timedelta):
        return value.total_seconds()
    if isinstance(value, UUID):
        return str(value)
    if isinstance(value, list | tuple):
        return [plain(part) for part in value]
    if isinstance(value, dict):
        return {str(key): plain(part) for key, part in value.items()}
    return [] if isinstance(value, bytes | bytearray | memoryview) else str(value)
