"""Many rows at once: into a table, and through temporary tables into set-based statements."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Dialect
from sqlalchemy.schema import CreateTable

_temporary = sa.MetaData()


def temporary(name: str, *columns: sa.Column[Any]) -> sa.Table:
    """Describe a table of one transaction; fill() makes it."""
    return sa.Table(
        name,
        _temporary,
        *columns,
        prefixes=["TEMPORARY"],
        postgresql_on_commit="DELETE ROWS",
        sqlite_with_rowid=not any(column.primary_key for column in columns),
    )


def fill(connection: sa.Connection, table: sa.Table, rows: Iterable[Sequence[Any]]) -> None:
    """Make a temporary table hold exactly these rows, each in the order of its columns."""
    connection.exec_driver_sql(_create(connection.dialect, table))
    connection.execute(sa.delete(table))
    insert(connection, table, rows)


def fill_from(connection: sa.Connection, table: sa.Table, rows: sa.Select[Any]) -> None:
    """Make a temporary table hold exactly the rows of a query."""
    connection.exec_driver_sql(_create(connection.dialect, table))
    connection.execute(sa.delete(table))
    connection.execute(sa.insert(table).from_select([column.name for column in table.columns], rows))


def insert(connection: sa.Connection, table: sa.Table, rows: Iterable[Sequence[Any]]) -> None:
    """Insert rows that conflict with none, each in the order of the table's columns, JSON as its text."""
    if connection.dialect.name == "sqlite":
        listed = rows if isinstance(rows, list) else list(rows)
        if listed:
            connection.exec_driver_sql(_insert(connection.dialect, table), listed)
        return
    raw: Any = connection.connection.driver_connection
    with raw.cursor() as cursor, cursor.copy(_copy(connection.dialect, table)) as copy:
        for row in rows:
            copy.write_row(row)


@lru_cache
def _create(dialect: Dialect, table: sa.Table) -> str:
    return str(CreateTable(table, if_not_exists=True).compile(dialect=dialect))


@lru_cache
def _insert(dialect: Dialect, table: sa.Table) -> str:
    # the driver is given the rows as they are: SQLAlchemy's own executemany costs twice the time
    return str(sa.insert(table).compile(dialect=dialect))


@lru_cache
def _copy(dialect: Dialect, table: sa.Table) -> str:
    quote = dialect.identifier_preparer.quote
    return f"COPY {quote(table.name)} ({', '.join(quote(c.name) for c in table.columns)}) FROM STDIN"
