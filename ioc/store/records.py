"""Keeping cases and events: the current version of each key, and every version it had before."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import orjson
import sqlalchemy as sa

from ioc.model import Case, Event
from ioc.store import bulk
from ioc.store.columns import Int, JsonText, Text
from ioc.store.observations import Counts
from ioc.store.schema import case_past, case_record, event_past, event_record
from ioc.store.store import Commit

Row = tuple[Any, ...]
"""The mapped fields of a record in the order of its columns, JSON as canonical text."""


@dataclass(frozen=True, slots=True)
class Shape:
    """Cases or events: where their current and their past versions stand, and their mapped fields."""

    current: sa.Table
    past: sa.Table
    fields: tuple[str, ...]


CASES = Shape(case_record, case_past, Case._fields)
EVENTS = Shape(event_record, event_past, Event._fields)

wanted = bulk.temporary("wanted_key", sa.Column("key", Text, primary_key=True))


def case_row(case: Case) -> Row:
    """Write a case as a row."""
    return (*case[:-1], _canonical(case.facts))


def case_of(row: Sequence[Any]) -> Case:
    """Read a case from its row."""
    return Case._make((*row[:-1], orjson.loads(row[-1])))


def event_row(event: Event) -> Row:
    """Write an event as a row."""
    return (*event[:6], _canonical(list(event.areas)), *event[7:9], _canonical(event.facts))


def keep_versions(
    commit: Commit, shape: Shape, source_id: int, run_id: int, rows: Mapping[str, Row], ignore: Iterable[str]
) -> tuple[Counts, list[tuple[Row | None, Row]]]:
    """Keep the rows by key; a version is written only where a field outside ignore changed.

    ignore: names of fields, "facts.x" for one fact. Returns the counts and each (old or None, new) written.
    """
    known = current_rows(commit.connection, shape, source_id, rows)
    differ = differing(shape, ignore)
    written = [
        (old, row)
        for key, row in rows.items()
        for old in (known.get(key),)
        if old is None or differ(old, row)
    ]
    changed = [row[0] for old, row in written if old is not None]
    if changed:
        put_away(commit, shape, source_id, changed)
    bulk.insert(
        commit.connection,
        shape.current,
        [(source_id, *row, run_id, commit.known_from) for _, row in written],
    )
    return Counts(len(written) - len(changed), len(changed), len(rows) - len(written)), written


def current_rows(
    connection: sa.Connection, shape: Shape, source_id: int, keys: Iterable[str]
) -> dict[str, Row]:
    """Return the rows now current among the given keys."""
    bulk.fill(connection, wanted, [(key,) for key in keys])
    found = connection.execute(_select(shape.current), {"source_id": source_id})
    return {row[0]: tuple(row) for row in found}


def put_away(commit: Commit, shape: Shape, source_id: int, keys: Sequence[str]) -> None:
    """Move the current versions of keys to the past; without a successor they are withdrawn."""
    bulk.fill(commit.connection, wanted, [(key,) for key in keys])
    at = {"source_id": source_id, "known_to": commit.known_from}
    commit.connection.execute(_move(shape.current, shape.past), at)
    commit.connection.execute(_remove(shape.current), {"source_id": source_id})


def _canonical(value: Any) -> str:
    return orjson.dumps(
        dict(value) if isinstance(value, Mapping) else value, option=orjson.OPT_SORT_KEYS
    ).decode()


def differing(shape: Shape, ignore: Iterable[str]) -> Callable[[Row, Row], bool]:
    """Return what tells whether two versions differ in a field outside ignore."""
    mask = _mask(shape, ignore)
    if mask is None:
        return lambda old, row: old != row
    return lambda old, row: old != row and mask(old) != mask(row)


def _mask(shape: Shape, ignore: Iterable[str]) -> Any:
    names = set(ignore)
    if not names:
        return None
    kept = [i for i, field in enumerate(shape.fields) if field not in names and field != "facts"]
    facts = {name[6:] for name in names if name.startswith("facts.")}

    def masked(row: Row) -> tuple[list[Any], dict[str, Any]]:
        told = {} if "facts" in names else orjson.loads(row[-1])
        return [row[i] for i in kept], {name: value for name, value in told.items() if name not in facts}

    return masked


def row_columns(table: sa.FromClause, shape: Shape) -> list[sa.ColumnElement[Any]]:
    """Select the mapped fields as a Row: JSON as its text."""
    columns = (table.c[name] for name in shape.fields)
    return [sa.cast(c, Text).label(c.name) if isinstance(c.type, JsonText) else c for c in columns]


def shape_of(table: sa.Table) -> Shape:
    """Return the shape whose current versions a table holds."""
    return CASES if table is case_record else EVENTS


def _mine(table: sa.Table) -> sa.ColumnElement[bool]:
    return table.c.source_id == sa.bindparam("source_id", type_=Int)


@lru_cache
def _select(table: sa.Table) -> Any:
    return (
        sa.select(*row_columns(table, shape_of(table)))
        .join_from(wanted, table, table.c.key == wanted.c.key)
        .where(_mine(table))
    )


@lru_cache
def _move(current: sa.Table, past: sa.Table) -> Any:
    rows = (
        sa.select(*current.columns, sa.bindparam("known_to", type_=Int))
        .join_from(wanted, current, current.c.key == wanted.c.key)
        .where(_mine(current))
    )
    return sa.insert(past).from_select([column.name for column in past.columns], rows)


@lru_cache
def _remove(current: sa.Table) -> Any:
    return sa.delete(current).where(_mine(current), current.c.key.in_(sa.select(wanted.c.key)))
