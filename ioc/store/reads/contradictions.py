"""Questions about figures that disagree: which there are, and every version of one."""

from __future__ import annotations

from collections.abc import Sequence

import sqlalchemy as sa

from ioc.store.contradictions import FIELDS, Contradiction
from ioc.store.reads.scope import Listed, Scope, read_position, write_cursor
from ioc.store.reads.versions import all_versions, known
from ioc.store.trust import contradiction, contradiction_past


def contradictions(
    connection: sa.Connection,
    scope: Scope,
    *,
    states: Sequence[str] | None = None,
    sources: Sequence[str] | None = None,
    owners: Sequence[str] | None = None,
    key: str | None = None,
    cursor: str | None = None,
    limit: int = 100,
    as_of: int | None = None,
) -> Listed[Contradiction]:
    """Return contradictions, the latest found first; None asks nothing. as_of: epoch ms.

    sources: one of the two whose figures they are.
    """
    table = known(contradiction, contradiction_past, as_of)
    c = table.c
    rows = sa.select(*(c[name] for name in FIELDS))
    if states is not None:
        rows = rows.where(c.state.in_(states))
    if sources is not None:
        rows = rows.where(c.source.in_(sources) | c.other.in_(sources))
    if owners is not None:
        rows = rows.where(c.owner.in_(owners))
    if key is not None:
        rows = rows.where(c.key == key)
    if cursor is not None:
        after = sa.tuple_(*(sa.literal(value) for value in read_position(cursor, 2)))
        rows = rows.where(sa.tuple_(c.first_seen, c.key) < after)
    rows = rows.order_by(c.first_seen.desc(), c.key.desc()).limit(limit + 1)
    found = connection.execute(scope.narrow(rows)).all()
    items = [_of(row, as_of) for row in found[:limit]]
    more = len(found) > limit
    return Listed(items, write_cursor([items[-1].first_seen, items[-1].key]) if more else None)


def contradiction_versions(connection: sa.Connection, scope: Scope, key: str) -> list[Contradiction]:
    """Return every version of one contradiction, oldest first."""
    table = all_versions(contradiction, contradiction_past)
    rows = sa.select(*(table.c[name] for name in FIELDS)).where(table.c.key == key)
    found = connection.execute(scope.narrow(rows.order_by(table.c.known_from)))
    return [_of(row, None) for row in found]


def _of(row: sa.Row[tuple[object, ...]], as_of: int | None) -> Contradiction:
    told = dict(row._mapping)
    if as_of is not None:
        told["last_seen"] = min(told["last_seen"], as_of)  # it is moved in place
    return Contradiction(**told)
