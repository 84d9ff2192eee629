"""A table of data/standards, whose faults are named by file, table, key and what was expected."""

import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from ioc.errors import DeclarationError


@dataclass(frozen=True)
class Table:
    """One TOML table with its address, whose values are asked for by type."""

    file: str
    name: str
    values: Mapping[str, Any]

    def wrong(self, key: str, expected: str) -> DeclarationError:
        """Return the error that says what `key` of this table should have been."""
        return DeclarationError(self.file, self.name, key, f"expected {expected}")

    def text(self, key: str, default: str | None = None) -> str:
        """Return a non-empty text."""
        value = self.values.get(key, default)
        if not isinstance(value, str) or (value == "" and default is None):
            raise self.wrong(key, f"a text, found {value!r}")
        return value

    def number(self, key: str) -> float:
        """Return a finite number."""
        value = self.maybe_number(key)
        if value is None:
            raise self.wrong(key, "a number, found nothing")
        return value

    def maybe_number(self, key: str) -> float | None:
        """Return a finite number, or None where the key is absent."""
        value = self.values.get(key)
        if value is None:
            return None
        if isinstance(value, bool) or not isinstance(value, int | float) or not abs(value) < float("inf"):
            raise self.wrong(key, f"a number, found {value!r}")
        return float(value)

    def whole(self, key: str, least: int = 0) -> int:
        """Return a whole number not below `least`."""
        value = self.values.get(key)
        if isinstance(value, bool) or not isinstance(value, int) or value < least:
            raise self.wrong(key, f"a whole number from {least}, found {value!r}")
        return value

    def truth(self, key: str) -> bool:
        """Return true or false."""
        value = self.values.get(key)
        if not isinstance(value, bool):
            raise self.wrong(key, f"true or false, found {value!r}")
        return value

    def texts(self, key: str) -> tuple[str, ...]:
        """Return a list of texts, empty where the key is absent."""
        value = self.values.get(key, [])
        if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
            raise self.wrong(key, f"a list of texts, found {value!r}")
        return tuple(value)

    def day(self, key: str) -> date:
        """Return a date."""
        value = self.maybe_day(key)
        if value is None:
            raise self.wrong(key, "a date such as 2026-01-01, found nothing")
        return value

    def maybe_day(self, key: str) -> date | None:
        """Return a date, or None where the key is absent."""
        value = self.values.get(key)
        # A TOML instant is a datetime, which Python counts as a date too; validity runs in whole days.
        if value is not None and type(value) is not date:
            raise self.wrong(key, f"a date such as 2026-01-01, found {value!r}")
        return value

    def validity(self) -> tuple[date, date | None]:
        """Return (valid_from, valid_to), the first and the last day; the last may be absent."""
        since, until = self.day("valid_from"), self.maybe_day("valid_to")
        if until is not None and until < since:
            raise self.wrong("valid_to", f"a date not before valid_from ({since}), found {until}")
        return since, until

    def child(self, key: str) -> "Table":
        """Return the table under `key`."""
        value = self.values.get(key)
        if not isinstance(value, dict):
            raise self.wrong(key, f"a table, found {value!r}")
        return Table(self.file, f"{self.name}.{key}".lstrip("."), value)

    def children(self, key: str) -> Iterator["Table"]:
        """Yield the tables of the array under `key`, numbered from 1 in their names; may be absent."""
        value = self.values.get(key, [])
        if not isinstance(value, list) or not all(isinstance(item, dict) for item in value):
            raise self.wrong(key, "an array of tables, written [[...]]")
        for number, item in enumerate(value, start=1):
            yield Table(self.file, f"{self.name}.{key}[{number}]".lstrip("."), item)

    def only(self, *keys: str) -> None:
        """Refuse a key that nobody reads: most often it is a misspelt one."""
        for key in self.values:
            if key not in keys:
                raise self.wrong(key, f"one of {', '.join(keys)}")


def read(path: Path) -> Table:
    """Read a TOML file; its top table is named ''. Raise DeclarationError where it is absent or no TOML."""
    try:
        return Table(path.name, "", tomllib.loads(path.read_text(encoding="utf-8")))
    except OSError as error:
        raise DeclarationError(
            path.name, "", "", f"expected a readable file at {path}: {error.strerror}"
        ) from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise DeclarationError(path.name, "", "", f"expected valid TOML in UTF-8: {error}") from error


def holds_on(day: date, valid_from: date, valid_to: date | None) -> bool:
    """Say whether `day` lies in a validity, whose last day belongs to it."""
    return valid_from <= day and (valid_to is None or day <= valid_to)
