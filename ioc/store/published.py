"""What is shown: marks of what became stale, the readings that boards show, and the boards as bytes."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from ioc.store import bulk
from ioc.store.columns import Text
from ioc.store.names import dialect_insert
from ioc.store.schema import board, mark, reading, reading_past
from ioc.store.store import Commit

_told = bulk.temporary("told_key", sa.Column("key", Text, primary_key=True))


@dataclass(frozen=True, slots=True)
class KeptReading:
    """A reading that a board shows; body is JSON, valid_until epoch s: the earliest instant it may change."""

    key: str
    indicator: str
    body: Any
    valid_until: int | None


@dataclass(frozen=True, slots=True)
class KeptBoard:
    """A board in one language as it is served; published is epoch ms."""

    id: str
    lang: str
    version: int
    etag: str
    published: int
    body: bytes
    gzip: bytes
    br: bytes


def mark_stale(commit: Commit, indicators: Iterable[str]) -> None:
    """Mark indicators whose stored readings the commit made stale."""
    rows = [{"indicator": name, "known_from": commit.known_from} for name in sorted(set(indicators))]
    if rows:
        insert = dialect_insert(commit.connection.dialect.name, mark)
        new = {"known_from": insert.excluded.known_from}
        commit.connection.execute(insert.on_conflict_do_update(index_elements=["indicator"], set_=new), rows)


def stale_marks(connection: sa.Connection) -> dict[str, int]:
    """Return indicator -> known_from (epoch ms) of the last commit that made it stale, oldest first."""
    rows = connection.execute(sa.select(mark).order_by(mark.c.known_from, mark.c.indicator))
    return {row.indicator: row.known_from for row in rows}


def clear_marks(commit: Commit, read: dict[str, int]) -> None:
    """Clear the marks that were read before recomputing; one that was set again since stays."""
    for indicator, known_from in read.items():
        commit.connection.execute(
            sa.delete(mark).where(mark.c.indicator == indicator, mark.c.known_from <= known_from)
        )


def keep_readings(commit: Commit, readings: Iterable[KeptReading]) -> int:
    """Keep readings by key; one that says the same as before makes no version. Returns how many changed."""
    told = {one.key: one for one in readings}
    if not told:
        return 0
    connection = commit.connection
    bulk.fill(connection, _told, [(key,) for key in told])
    r = reading.c
    rows = connection.execute(sa.select(reading).join_from(_told, reading, r.key == _told.c.key)).all()
    known = {row.key: (row.indicator, row.body, row.valid_until) for row in rows}
    fresh = [one for one in told.values() if known.get(one.key) != (one.indicator, one.body, one.valid_until)]
    if not fresh:
        return 0
    bulk.fill(connection, _told, [(one.key,) for one in fresh])
    past = [column.name for column in reading_past.columns]
    moved = sa.select(*reading.columns, sa.literal(commit.known_from)).where(
        r.key.in_(sa.select(_told.c.key))
    )
    connection.execute(sa.insert(reading_past).from_select(past, moved))
    connection.execute(sa.delete(reading).where(r.key.in_(sa.select(_told.c.key))))
    connection.execute(
        sa.insert(reading),
        [
            {
                "key": one.key,
                "indicator": one.indicator,
                "body": one.body,
                "valid_until": one.valid_until,
                "known_from": commit.known_from,
            }
            for one in fresh
        ],
    )
    return len(fresh)


def keep_board(
    commit: Commit, id: str, lang: str, etag: str, body: bytes, gzip: bytes, br: bytes
) -> int | None:
    """Publish a board's bytes; returns its new version, None where they are those already published."""
    b = board.c
    known = commit.connection.execute(
        sa.select(b.version, b.etag).where(b.id == id, b.lang == lang)
    ).one_or_none()
    if known is not None and known.etag == etag:
        return None
    version = 1 if known is None else known.version + 1
    row = {"version": version, "etag": etag, "published": commit.known_from}
    row |= {"body": body, "gzip": gzip, "br": br}
    insert = dialect_insert(commit.connection.dialect.name, board).values(id=id, lang=lang, **row)
    commit.connection.execute(insert.on_conflict_do_update(index_elements=["id", "lang"], set_=row))
    return version


def drop_boards(commit: Commit, keep: Iterable[str]) -> None:
    """Take down the boards that are not declared any more."""
    commit.connection.execute(sa.delete(board).where(board.c.id.not_in(sorted(set(keep)))))
