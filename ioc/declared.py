"""One declared table, read key by key; every fault names file, table, key and what was expected."""

from __future__ import annotations

import difflib
import hashlib
import re
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, fields
from datetime import date, datetime
from math import isfinite
from pathlib import Path
from typing import Any

import orjson

from ioc.calendar import LOCAL
from ioc.errors import DeclarationError
from ioc.model import Due, Text

_LENGTHS = {"s": 1.0, "m": 60.0, "h": 3600.0, "d": 86400.0, "w": 604800.0}


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


class Reader:
    """Reads one table key by key; every fault names file, table, key and what was expected."""

    def __init__(self, table: Table, known: set[str], *, others: bool = False) -> None:
        self.table = table
        if not isinstance(table.body, Mapping):
            raise DeclarationError(table.file, table.id, "", f"a table was expected, not {table.body!r}")
        if not others:
            for key in table.body:
                if key not in known:
                    raise unknown(table, key, key, known)

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
        value = self.table.body.get(key, default)
        if value is ...:
            raise self.fault(key, "is missing")
        if isinstance(value, bool) or not isinstance(value, int if kind is int else int | float):
            raise self.fault(
                key, f"a {'whole number' if kind is int else 'number'} was expected, not {value!r}"
            )
        if not isfinite(value):
            raise self.fault(key, f"a finite number was expected, not {value!r}")
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
        return int(datetime(day.year, day.month, day.day, tzinfo=LOCAL).timestamp())

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


def read_due(body: Reader) -> Due:
    """Read a reporting date `due = { day, time, period, month }`, of a daily one no day; raises DeclarationError."""
    part = Reader(
        Table(f"{body.table.id}.due", body.table.file, body.get("due", dict)), {f.name for f in fields(Due)}
    )
    period = part.one_of("period", ("day", "week", "month", "quarter", "year"), "month")
    due = Due(
        part.number("day", int, 1) if period == "day" else part.number("day", int),
        part.get("time", str, "17:00"),
        period,
        part.number("month", int) if "month" in part.table.body else None,
    )
    if not re.fullmatch(r"([01]\d|2[0-3]):[0-5]\d", due.time):
        raise part.fault("time", f'a local time such as "17:00" was expected, not {due.time!r}')
    if not 1 <= due.day <= 31:
        raise part.fault("day", f"a day from 1 to 31 was expected, not {due.day}")
    return due


def unknown(table: Table, key: str, value: str, known: Iterable[str]) -> DeclarationError:
    """Return the fault of a word that is not known here, with the nearest that is."""
    known = list(known)
    near = difflib.get_close_matches(value, known, n=1)
    hint = f"; did you mean {near[0]!r}?" if near else f"; known are {', '.join(sorted(known)[:30])}"
    return DeclarationError(table.file, table.id, key, f"{value!r} is unknown{hint}")
