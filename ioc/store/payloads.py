"""What was kept of the answers: stored once by the SHA-256 of its bytes, until its time is over."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass

import sqlalchemy as sa
import zstandard

from ioc.model import Page
from ioc.store.names import dialect_insert
from ioc.store.reads.scope import Scope
from ioc.store.schema import DAY, payload, run, run_payload, source
from ioc.store.store import Commit


@dataclass(frozen=True, slots=True)
class Payload:
    """What is known of a kept answer; body is None once it has expired. stored is epoch ms."""

    hash: str
    source: str
    stored: int
    size: int
    received_hash: str
    received_size: int
    body: bytes | None


def keep_payload(
    commit: Commit, source_id: int, run_id: int, number: int, page: Page, *, wrote: bool
) -> None:
    """Keep the answer of a page, unless these very bytes are there already.

    The run is linked to it where the page wrote something or the bytes are new: a source that says the same
    every minute leaves no row a minute.
    """
    if not page.kept:
        return
    digest = hashlib.sha256(page.kept).hexdigest()
    known = commit.connection.execute(
        sa.select(payload.c.body.is_not(None)).where(payload.c.hash == digest)
    ).scalar_one_or_none()
    if not known:
        body = zstandard.ZstdCompressor(level=3).compress(page.kept)
        insert = dialect_insert(commit.connection.dialect.name, payload).values(
            hash=digest,
            source_id=source_id,
            stored=commit.known_from,
            size=len(page.kept),
            received_hash=page.received_hash,
            received_size=page.received_bytes,
            body=body,
        )
        again = {"stored": insert.excluded.stored, "body": insert.excluded.body}
        commit.connection.execute(insert.on_conflict_do_update(index_elements=["hash"], set_=again))
    if wrote or known is None:
        commit.connection.execute(sa.insert(run_payload).values(run_id=run_id, page=number, hash=digest))


def read_payload(connection: sa.Connection, scope: Scope, hash: str) -> Payload | None:
    """Return what was kept under a hash ("sha256:…" or the bare digits), None where nothing ever was."""
    rows = (
        sa.select(payload, source.c.name)
        .join_from(payload, source, source.c.id == payload.c.source_id)
        .where(payload.c.hash == hash.removeprefix("sha256:"))
    )
    row = connection.execute(scope.narrow(rows)).one_or_none()
    if row is None:
        return None
    body = None if row.body is None else zstandard.ZstdDecompressor().decompress(row.body)
    return Payload(row.hash, row.name, row.stored, row.size, row.received_hash, row.received_size, body)


def first_kept(connection: sa.Connection, scope: Scope, hash: str) -> int:
    """Return since when (epoch ms) the store knows what is kept under a hash; bytes that came again count from the first."""
    digest = hash.removeprefix("sha256:")
    first_run = (
        sa.select(sa.func.min(run.c.finished))
        .join_from(run_payload, run, run.c.id == run_payload.c.run_id)
        .where(run_payload.c.hash == digest)
        .scalar_subquery()
    )
    rows = sa.select(payload.c.stored, first_run).where(payload.c.hash == digest)
    found = connection.execute(scope.narrow(rows)).one()
    return min(instant for instant in found if instant is not None)


def expire_payloads(
    commit: Commit, keep_days: Mapping[str, float], *, budget_bytes: int | None = None
) -> int:
    """Let go of the bodies that are older than their source's keep_days, then of the oldest above the budget.

    keep_days: source -> days; a source that is absent keeps everything. Hashes and sizes stay.
    Returns how many expired.
    """
    connection, alive = commit.connection, payload.c.body.is_not(None)
    expired = 0
    ids = {row.name: row.id for row in connection.execute(sa.select(source.c.name, source.c.id))}
    for name, days in keep_days.items():
        oldest = commit.known_from - int(days * DAY * 1000)
        expired += connection.execute(
            sa.update(payload)
            .where(payload.c.source_id == ids.get(name), payload.c.stored < oldest, alive)
            .values(body=None)
        ).rowcount
    if budget_bytes is None:
        return expired
    length = sa.func.length(payload.c.body)
    excess = (connection.execute(sa.select(sa.func.sum(length)).where(alive)).scalar() or 0) - budget_bytes
    rows = (
        connection.execute(
            sa.select(payload.c.hash, length).where(alive).order_by(payload.c.stored, payload.c.hash)
        ).all()
        if excess > 0
        else []
    )
    for hash, size in rows:
        if excess <= 0:
            break
        connection.execute(sa.update(payload).where(payload.c.hash == hash).values(body=None))
        excess, expired = excess - size, expired + 1
    return expired
