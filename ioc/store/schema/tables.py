"""How a table and a column of the store are declared."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from sqlalchemy import Column, Table

metadata = sa.MetaData()


def table(name: str, *parts: Any, rowid: bool = True) -> Table:
    """Declare a table of the store."""
    return Table(name, metadata, *parts, sqlite_strict=True, sqlite_with_rowid=rowid)


def must(name: str, kind: Any, **more: Any) -> Column[Any]:
    """Declare a column that always has a value."""
    return Column(name, kind, nullable=False, **more)


def may(name: str, kind: Any) -> Column[Any]:
    """Declare a column whose value may be absent."""
    return Column(name, kind, nullable=True)
