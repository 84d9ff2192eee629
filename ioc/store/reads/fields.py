"""What is known of the structure of the sources' answers, and what of it changed."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from ioc.store.reads.scope import Scope
from ioc.store.schema import field_seen, source
from ioc.structure import Change, Known, changes

_COLUMNS = [column for column in field_seen.columns if column.name != "source_id"]


def known_fields(connection: sa.Connection, source_name: str) -> dict[str, Known]:
    """Return name -> what is known of the field, for one source."""
    asked = (
        sa.select(*_COLUMNS)
        .join_from(field_seen, source, source.c.id == field_seen.c.source_id)
        .where(source.c.name == source_name)
    )
    return {row.name: _known(row) for row in connection.execute(asked)}


def structure_changes(connection: sa.Connection, scope: Scope) -> dict[str, Change]:
    """Return source -> what changed in its structure, for the sources where something did."""
    asked = sa.select(source.c.name.label("source"), *_COLUMNS).join_from(
        field_seen, source, source.c.id == field_seen.c.source_id
    )
    by_source: dict[str, dict[str, Known]] = {}
    for row in connection.execute(scope.narrow(asked.where(field_seen.c.changed.is_not(None)))):
        by_source.setdefault(row.source, {})[row.name] = _known(row)
    found = {name: changes(known) for name, known in by_source.items()}
    return {name: change for name, change in found.items() if change}


def _known(row: sa.Row[Any]) -> Known:
    return Known(
        types=frozenset(row.types),
        records=row.records,
        present=row.present,
        first_seen=row.first_seen,
        last_seen=row.last_seen,
        mapped=bool(row.mapped),
        later=bool(row.later),
        absent=row.absent,
        odd=frozenset(row.odd),
        odd_records=row.odd_records,
        changed=row.changed,
    )
