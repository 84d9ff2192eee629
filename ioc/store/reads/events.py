"""Questions about events: which there are, which are active, and every version of one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import orjson
import sqlalchemy as sa

from ioc.model import Event
from ioc.store.reads.scope import Listed, Scope, read_position, write_cursor
from ioc.store.reads.versions import all_versions, known_events
from ioc.store.records import EVENTS, row_columns
from ioc.store.schema import event_past, event_record, source


@dataclass(frozen=True, slots=True)
class EventVersion:
    """An event as it was known from known_from until known_to (epoch ms; None: still)."""

    source: str
    event: Event
    run_id: int
    known_from: int
    known_to: int | None = None


def events(
    connection: sa.Connection,
    scope: Scope,
    *,
    kinds: Sequence[str] | None = None,
    sources: Sequence[str] | None = None,
    severities: Sequence[str] | None = None,
    categories: Sequence[str] | None = None,
    active_at: int | None = None,
    starts_from: int | None = None,
    starts_to: int | None = None,
    cursor: str | None = None,
    limit: int = 100,
    as_of: int | None = None,
) -> Listed[EventVersion]:
    """Return events, the latest start first; None asks nothing.

    active_at: begun and not ended at this instant (epoch s). starts_from, starts_to: half-open, epoch s.
    as_of: epoch ms.
    """
    table = known_events(as_of)
    c = table.c
    rows = _select(table)
    for column, wanted in (
        (c.kind, kinds),
        (source.c.name, sources),
        (c.severity, severities),
        (c.category, categories),
    ):
        if wanted is not None:
            rows = rows.where(column.in_(wanted))
    if active_at is not None:
        rows = rows.where(c.starts <= active_at, c.ends.is_(None) | (c.ends > active_at))
    if starts_from is not None:
        rows = rows.where(c.starts >= starts_from)
    if starts_to is not None:
        rows = rows.where(c.starts < starts_to)
    by = (c.starts, c.source_id, c.key)
    if cursor is not None:
        after = sa.tuple_(*(sa.literal(value) for value in read_position(cursor, 3)))
        rows = rows.where(sa.tuple_(*by) < after)
    rows = rows.order_by(*(column.desc() for column in by)).limit(limit + 1)
    found = connection.execute(scope.narrow(rows)).all()
    items = [_version(row) for row in found[:limit]]
    if len(found) <= limit:
        return Listed(items, None)
    last = found[limit - 1]
    return Listed(items, write_cursor([last.starts, last.source_id, last.key]))


def event_versions(connection: sa.Connection, scope: Scope, source_name: str, key: str) -> list[EventVersion]:
    """Return every version of one event, oldest first."""
    table = all_versions(event_record, event_past)
    rows = (
        _select(table, table.c.known_to)
        .where(source.c.name == source_name, table.c.key == key)
        .order_by(table.c.known_from)
    )
    return [_version(row, row.known_to) for row in connection.execute(scope.narrow(rows))]


def _select(table: sa.FromClause, *more: Any) -> sa.Select[Any]:
    return sa.select(
        *row_columns(table, EVENTS),
        source.c.name,
        table.c.source_id,
        table.c.run_id,
        table.c.known_from,
        *more,
    ).join_from(table, source, source.c.id == table.c.source_id)


def _version(row: Any, known_to: int | None = None) -> EventVersion:
    areas = tuple(orjson.loads(row.areas))
    event = Event._make((*row[:6], areas, *row[7:9], orjson.loads(row.facts)))
    return EventVersion(row.name, event, row.run_id, row.known_from, known_to)
