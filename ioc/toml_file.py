"""A declaration read key by key; every fault names file, table, key and what was expected."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Iterator, Mapping
from datetime import date, time
from pathlib import Path
from typing import Any

from ioc.errors import DeclarationError


class Table:
    """One table of a TOML file. Every reader raises DeclarationError for an absent or wrong value."""

    def __init__(self, values: Mapping[str, Any], file: str, name: str) -> None:
        self.values, self.file, self.name = values, file, name

    def fault(self, key: str, expected: str) -> DeclarationError:
        """Return the error that names this file and table."""
        return DeclarationError(self.file, self.name, key, expected)

    def text(self, key: str, default: str | None = None) -> str:
        """Return a text; without default it must stand there and not be empty."""
        value = self.values.get(key, default)
        if not isinstance(value, str) or (default is None and not value.strip()):
            raise self.fault(key, f"expected a text, found {value!r}")
        return value

    def number(self, key: str, least: int | None = None) -> int:
        """Return a whole number, not below least where that is given."""
        value = self.values.get(key)
        if not isinstance(value, int) or isinstance(value, bool) or (least is not None and value < least):
            wanted = "a whole number" if least is None else f"a whole number from {least}"
            raise self.fault(key, f"expected {wanted}, found {value!r}")
        return value

    def decimal(self, key: str) -> float:
        """Return a finite number."""
        value = self.optional_decimal(key)
        if value is None:
            raise self.fault(key, "expected a number, found nothing")
        return value

    def optional_decimal(self, key: str) -> float | None:
        """Return a finite number, or None where the key is absent."""
        value = self.values.get(key)
        if value is None:
            return None
        if isinstance(value, bool) or not isinstance(value, int | float) or not abs(value) < float("inf"):
            raise self.fault(key, f"expected a number, found {value!r}")
        return float(value)

    def flag(self, key: str) -> bool:
        """Return true or false."""
        value = self.values.get(key)
        if not isinstance(value, bool):
            raise self.fault(key, f"expected true or false, found {value!r}")
        return value

    def day(self, key: str) -> date:
        """Return a local day."""
        return self._as_day(key, self.values.get(key))

    def optional_day(self, key: str) -> date | None:
        """Return a local day, or None where the key is absent."""
        return None if key not in self.values else self.day(key)

    def validity(self) -> tuple[date, date | None]:
        """Return valid_from and valid_to, the first and the last day; the last may be absent."""
        since, until = self.day("valid_from"), self.optional_day("valid_to")
        if until is not None and until < since:
            raise self.fault("valid_to", f"expected a date not before valid_from ({since}), found {until}")
        return since, until

    def days(self, key: str) -> tuple[date, ...]:
        """Return a list of local days."""
        return tuple(self._as_day(key, value) for value in self._list(key))

    def _as_day(self, key: str, value: object) -> date:
        if type(value) is not date:
            raise self.fault(key, f"expected a day such as 2026-11-21 without quotes, found {value!r}")
        return value

    def times(self, key: str) -> tuple[tuple[time, time], ...]:
        """Return pairs of local times such as [["07:30", "11:30"], …], each start before its end."""
        pairs = []
        for value in self._list(key):
            try:
                start, end = (time.fromisoformat(text) for text in value)
            except (TypeError, ValueError):
                raise self.fault(key, f'expected pairs such as ["07:30", "11:30"], found {value!r}') from None
            if start >= end:
                raise self.fault(key, f"expected a start before its end, found {value!r}")
            pairs.append((start, end))
        return tuple(pairs)

    def texts(self, key: str, default: tuple[str, ...] | None = None) -> tuple[str, ...]:
        """Return a list of texts."""
        if default is not None and key not in self.values:
            return default
        values = self._list(key)
        if not all(isinstance(value, str) for value in values):
            raise self.fault(key, f"expected a list of texts, found {values!r}")
        return tuple(values)

    def numbers(self, key: str) -> tuple[int, ...]:
        """Return a list of whole numbers."""
        values = self._list(key)
        if not all(isinstance(value, int) and not isinstance(value, bool) for value in values):
            raise self.fault(key, f"expected a list of whole numbers, found {values!r}")
        return tuple(values)

    def _list(self, key: str) -> list[Any]:
        value = self.values.get(key)
        if not isinstance(value, list):
            raise self.fault(key, f"expected a list, found {value!r}")
        return value

    def table(self, key: str) -> Table:
        """Return a table inside this one."""
        value = self.values.get(key)
        if not isinstance(value, dict):
            raise self.fault(key, f"expected a table, found {value!r}")
        return Table(value, self.file, f"{self.name}.{key}" if self.name else key)

    def tables(self, key: str) -> tuple[Table, ...]:
        """Return an array of tables, [[…]] in the file; their names count from 1."""
        values = self.values.get(key, [])
        if not isinstance(values, list) or not all(isinstance(value, dict) for value in values):
            raise self.fault(key, "expected [[tables]]")
        name = f"{self.name}.{key}" if self.name else key
        return tuple(Table(value, self.file, f"{name}[{index}]") for index, value in enumerate(values, 1))

    def keys(self, known: Iterable[str]) -> None:
        """Refuse a key that nobody reads: most are typing errors."""
        names = sorted(known)
        for key in self.values:
            if key not in names:
                raise self.fault(key, f"unknown key; known are {', '.join(names)}")

    def __iter__(self) -> Iterator[str]:
        return iter(self.values)


def read(path: Path) -> Table:
    """Return the top table of a TOML file."""
    try:
        return Table(tomllib.loads(path.read_text(encoding="utf-8")), path.name, "")
    except FileNotFoundError:
        raise DeclarationError(str(path), "", "", "expected this file, and it is not there") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise DeclarationError(str(path), "", "", f"expected TOML in UTF-8: {error}") from None
