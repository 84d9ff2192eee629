"""What a person may see: the first argument of every read, decided here and nowhere else."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

import orjson
import sqlalchemy as sa

from ioc.errors import QuestionError

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Scope:
    """A part of what the store holds. There is one so far: everything."""

    name: str

    def narrow(self, rows: sa.Select[Any]) -> sa.Select[Any]:
        """Leave out of a query what this scope does not hold."""
        return rows


EVERYTHING = Scope("everything")


@dataclass(frozen=True, slots=True)
class Listed(Generic[T]):
    """Part of a list, and the cursor that goes on after it; None at the end."""

    items: Sequence[T]
    next: str | None


def write_cursor(values: Sequence[Any]) -> str:
    """Write where a list goes on as an opaque text."""
    return base64.urlsafe_b64encode(orjson.dumps(list(values))).decode().rstrip("=")


def read_position(cursor: str, length: int) -> list[Any]:
    """Read what write_cursor wrote. Raises QuestionError for a text it did not write for this list."""
    try:
        values = orjson.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
    except (binascii.Error, orjson.JSONDecodeError, ValueError):
        values = None
    if not isinstance(values, list) or len(values) != length:
        raise QuestionError("cursor: not one that this list gave out; leave it out to begin at the start")
    return values
