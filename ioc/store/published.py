"""What is shown: marks of what became stale, the readings that boards show, and the boards as bytes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

import sqlalchemy as sa
import zstandard

from ioc.store import bulk
from ioc.store.columns import Text
from ioc.store.names import dialect_insert
from ioc.store.schema import board, board_past, known_day, mark, reading, reading_past
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


class Mark(NamedTuple):
    """known_from (epoch ms) of the last commit that made something stale; since: the earliest instant (epoch s)
    whose numbers may have changed, None: any.
    """

    known_from: int
    since: int | None


def mark_stale(commit: Commit, indicators: Iterable[str] | Mapping[str, int | None]) -> None:
    """Mark indicators whose stored readings the commit made stale; a mapping says from when on (epoch s)."""
    since = indicators if isinstance(indicators, Mapping) else dict.fromkeys(indicators)
    rows = [
        {"indicator": name, "known_from": commit.known_from, "since": since[name]} for name in sorted(since)
    ]
    if rows:
        insert = dialect_insert(commit.connection.dialect.name, mark)
        known, told = mark.c.since, insert.excluded.since
        earlier = sa.case((sa.or_(known.is_(None), told.is_(None)), None), (known < told, known), else_=told)
        new = {"known_from": insert.excluded.known_from, "since": earlier}
        commit.connection.execute(insert.on_conflict_do_update(index_elements=["indicator"], set_=new), rows)


def stale_marks(connection: sa.Connection) -> dict[str, Mark]:
    """Return what is marked by indicator, the oldest first."""
    rows = connection.execute(sa.select(mark).order_by(mark.c.known_from, mark.c.indicator))
    return {row.indicator: Mark(row.known_from, row.since) for row in rows}


def clear_marks(commit: Commit, read: Mapping[str, Mark]) -> None:
    """Clear the marks that were read before recomputing; one that was set again since stays."""
    if not read:
        return
    read_then = sa.delete(mark).where(
        mark.c.indicator == sa.bindparam("of"), mark.c.known_from <= sa.bindparam("until")
    )
    rows = [{"of": indicator, "until": known_from} for indicator, (known_from, _) in read.items()]
    commit.connection.execute(read_then, rows)


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
    """Publish a board's bytes; returns its new version, None where they are those already published.

    The version before is put away: it can be shown again as it was.
    """
    known = commit.connection.execute(
        sa.select(board).where(board.c.id == id, board.c.lang == lang)
    ).one_or_none()
    if known is not None and known.etag == etag:
        return None
    if known is not None:
        _put_away(commit, known)
    version = 1 if known is None else known.version + 1
    row = {"version": version, "etag": etag, "published": commit.known_from}
    row |= {"body": body, "gzip": gzip, "br": br}
    insert = dialect_insert(commit.connection.dialect.name, board).values(id=id, lang=lang, **row)
    commit.connection.execute(insert.on_conflict_do_update(index_elements=["id", "lang"], set_=row))
    return version


def drop_boards(commit: Commit, keep: Iterable[str]) -> None:
    """Take down the boards that are not declared any more; their last versions are put away."""
    gone = board.c.id.not_in(sorted(set(keep)))
    for known in commit.connection.execute(sa.select(board).where(gone)).all():
        _put_away(commit, known)
    commit.connection.execute(sa.delete(board).where(gone))


def _put_away(commit: Commit, known: Any) -> None:
    """Keep a version that ends: the first of a local day whole, the others as what differs from that one."""
    p = board_past.c
    day = known_day(known.published) * 1000
    whole = commit.connection.execute(
        sa.select(p.published, p.body).where(
            p.id == known.id, p.lang == known.lang, p.published >= day, p.base == p.published
        )
    ).first()
    base = known.published if whole is None else whole.published
    before = None if whole is None else unpack(whole.body, None)
    row = {name: getattr(known, name) for name in ("id", "lang", "version", "etag", "published")}
    row |= {"until": commit.known_from, "base": base, "body": _pack(known.body, before)}
    commit.connection.execute(sa.insert(board_past).values(row))


def _pack(body: bytes, base: bytes | None) -> bytes:
    given = None if base is None else zstandard.ZstdCompressionDict(base, zstandard.DICT_TYPE_RAWCONTENT)
    return zstandard.ZstdCompressor(level=3, dict_data=given).compress(body)


def unpack(body: bytes, base: bytes | None) -> bytes:
    """Return a version's bytes; base: those of the version that it is a difference to, None for a whole one."""
    given = None if base is None else zstandard.ZstdCompressionDict(base, zstandard.DICT_TYPE_RAWCONTENT)
    return zstandard.ZstdDecompressor(dict_data=given).decompress(body)


def let_go_shown(commit: Commit, *, boards_before_ms: int, readings_before_ms: int) -> int:
    """Forget what was shown until before these instants; returns how many versions.

    A whole version stays as long as one that is a difference to it.
    """
    p, later = board_past.c, board_past.alias("later").c
    needed = sa.exists().where(
        later.id == p.id, later.lang == p.lang, later.base == p.published, later.until >= boards_before_ms
    )
    boards = sa.delete(board_past).where(p.until < boards_before_ms, ~needed)
    readings = sa.delete(reading_past).where(reading_past.c.known_to < readings_before_ms)
    return sum(commit.connection.execute(one).rowcount for one in (boards, readings))
