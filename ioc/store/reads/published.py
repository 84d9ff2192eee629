"""Questions about what is shown: boards, the readings behind them, and the definitions of the time."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from ioc.store.published import KeptBoard, KeptReading, unpack
from ioc.store.reads.scope import Scope
from ioc.store.reads.versions import known
from ioc.store.schema import board, board_past, clock, definition, reading, reading_past


@dataclass(frozen=True, slots=True)
class Definition:
    """A declaration as it stood from known_from until known_to (epoch ms; None: still); body is JSON."""

    kind: str
    name: str
    known_from: int
    known_to: int | None
    hash: str
    body: Any


def last_commit(connection: sa.Connection, scope: Scope) -> int:
    """Return known_from (epoch ms) of the last commit: while it stands, every answer stands."""
    return connection.execute(scope.narrow(sa.select(clock.c.last_ms))).scalar_one()


def board_versions(connection: sa.Connection, scope: Scope) -> dict[tuple[str, str], int]:
    """Return (board, language) -> version of what is published."""
    rows = connection.execute(scope.narrow(sa.select(board.c.id, board.c.lang, board.c.version)))
    return {(row.id, row.lang): row.version for row in rows}


def read_board(connection: sa.Connection, scope: Scope, id: str, lang: str) -> KeptBoard | None:
    """Return a published board in a language, None where there is none."""
    rows = sa.select(board).where(board.c.id == id, board.c.lang == lang)
    row = connection.execute(scope.narrow(rows)).one_or_none()
    return None if row is None else KeptBoard(*row)


def board_shown(
    connection: sa.Connection, scope: Scope, id: str, lang: str, as_of: int
) -> tuple[int, int, bytes] | None:
    """Return (version, published in epoch ms, body) of a board as it was shown at as_of; None where none was."""
    now = read_board(connection, scope, id, lang)
    if now is not None and now.published <= as_of:
        return now.version, now.published, now.body
    p = board_past.c
    rows = sa.select(board_past).where(p.id == id, p.lang == lang, p.published <= as_of, p.until > as_of)
    row = connection.execute(scope.narrow(rows)).one_or_none()
    if row is None:
        return None
    if row.base == row.published:
        return row.version, row.published, unpack(row.body, None)
    whole = connection.execute(
        sa.select(p.body).where(p.id == id, p.lang == lang, p.published == row.base)
    ).scalar_one()
    return row.version, row.published, unpack(row.body, unpack(whole, None))


def boards_shown(connection: sa.Connection, scope: Scope, as_of: int) -> dict[tuple[str, str], int]:
    """Return (board, language) -> version of what was shown at as_of (epoch ms)."""
    b, p = board.c, board_past.c
    rows = sa.union_all(
        sa.select(b.id, b.lang, b.version).where(b.published <= as_of),
        sa.select(p.id, p.lang, p.version).where(p.published <= as_of, p.until > as_of),
    ).subquery("shown")
    return {(row.id, row.lang): row.version for row in connection.execute(scope.narrow(sa.select(rows)))}


def readings(
    connection: sa.Connection,
    scope: Scope,
    *,
    keys: Sequence[str] | None = None,
    indicators: Sequence[str] | None = None,
    as_of: int | None = None,
) -> dict[str, KeptReading]:
    """Return key -> reading that boards showed; as_of (epoch ms) tells what they showed then."""
    table = known(reading, reading_past, as_of)
    c = table.c
    rows = sa.select(c.key, c.indicator, c.body, c.valid_until)
    if keys is not None:
        rows = rows.where(c.key.in_(keys))
    if indicators is not None:
        rows = rows.where(c.indicator.in_(indicators))
    return {row.key: KeptReading(*row) for row in connection.execute(scope.narrow(rows))}


def next_expiry(connection: sa.Connection, scope: Scope) -> list[tuple[int, str]]:
    """Return (valid_until in epoch s, indicator) of all readings that will change by themselves, soonest first."""
    r = reading.c
    rows = sa.select(r.valid_until, r.indicator).where(r.valid_until.is_not(None)).distinct()
    found = connection.execute(scope.narrow(rows.order_by(r.valid_until, r.indicator)))
    return [(row.valid_until, row.indicator) for row in found]


def definitions(
    connection: sa.Connection, scope: Scope, kind: str, *, as_of: int | None = None
) -> Mapping[str, Definition]:
    """Return name -> definition of a kind as it stood at as_of (epoch ms), now by default."""
    d = definition.c
    rows = sa.select(definition).where(d.kind == kind)
    if as_of is None:
        rows = rows.where(d.known_to.is_(None))
    else:
        rows = rows.where(d.known_from <= as_of, d.known_to.is_(None) | (d.known_to > as_of))
    return {row.name: _definition(row) for row in connection.execute(scope.narrow(rows))}


def definition_history(connection: sa.Connection, scope: Scope, kind: str, name: str) -> list[Definition]:
    """Return how one declaration stood over time, oldest first."""
    d = definition.c
    rows = sa.select(definition).where(d.kind == kind, d.name == name).order_by(d.known_from)
    return [_definition(row) for row in connection.execute(scope.narrow(rows))]


def _definition(row: Any) -> Definition:
    return Definition(row.kind, row.name, row.known_from, row.known_to, row.hash, row.body)
