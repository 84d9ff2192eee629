"""The lease: of several collectors one writes, and one that was stopped can never write again by mistake."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from ioc.store import schema
from ioc.store.names import dialect_insert
from ioc.store.store import Store

TTL_S = 15.0


@dataclass(frozen=True, slots=True)
class Holder:
    """Who holds the lease; heartbeat_ms is when it was last renewed and until_ms when it lapses, epoch ms.

    Both are told by the database server's clock on PostgreSQL, by this machine's on SQLite.
    """

    owner: str
    fence: int
    heartbeat_ms: int
    until_ms: int


def take(store: Store, owner: str, *, ttl_s: float = TTL_S) -> int | None:
    """Take the lease, or renew it where owner holds it already; None while another's has not lapsed.

    Returns the fence to write with. A lease that changes hands gets a new fence in the same transaction, so
    nothing that the former holder still has in hand can land.
    """
    table = schema.lease
    with store.unfenced() as connection:
        # the clock first, as every commit does: a page in hand ends before the lease moves on, or finds it moved
        fence = connection.execute(sa.select(schema.clock.c.fence).with_for_update()).scalar_one()
        now = _now(connection)
        until = now + int(ttl_s * 1000)
        insert = dialect_insert(connection.dialect.name, table).values(
            id=1, owner=owner, fence=fence + 1, heartbeat_ms=now, until_ms=until
        )
        new = insert.excluded
        mine = table.c.owner == new.owner
        row = connection.execute(
            insert.on_conflict_do_update(
                index_elements=["id"],
                set_={
                    "owner": new.owner,
                    "fence": sa.case((mine & (table.c.until_ms > now), table.c.fence), else_=new.fence),
                    "heartbeat_ms": new.heartbeat_ms,
                    "until_ms": new.until_ms,
                },
                where=mine | (table.c.until_ms <= now),
            ).returning(table.c.fence)
        ).one_or_none()
        if row is None:
            return None
        if row.fence != fence:
            connection.execute(sa.update(schema.clock).values(fence=row.fence))
        return row.fence


def renew(store: Store, owner: str, fence: int, *, ttl_s: float = TTL_S) -> bool:
    """Write a heartbeat and hold the lease for ttl_s more; False where it is no longer ours."""
    with store.unfenced() as connection:
        now = _now(connection)
        held = sa.update(schema.lease).where(schema.lease.c.owner == owner, schema.lease.c.fence == fence)
        done = connection.execute(held.values(heartbeat_ms=now, until_ms=now + int(ttl_s * 1000)))
        return done.rowcount == 1


def release(store: Store, owner: str, fence: int) -> None:
    """Let the lease lapse now, so that another collector need not wait; the heartbeat stays as it was."""
    with store.unfenced() as connection:
        connection.execute(
            sa.update(schema.lease)
            .where(schema.lease.c.owner == owner, schema.lease.c.fence == fence)
            .values(until_ms=0)
        )


def holder(store: Store) -> Holder | None:
    """Return who holds the lease or held it last, None before the first collector."""
    columns = schema.lease.c
    with store.reading() as connection:
        row = connection.execute(
            sa.select(columns.owner, columns.fence, columns.heartbeat_ms, columns.until_ms)
        ).one_or_none()
    return None if row is None else Holder(*row)


def _now(connection: sa.Connection) -> int:
    if connection.dialect.name == "sqlite":
        return time.time_ns() // 1_000_000
    clock: Any = sa.extract("epoch", sa.func.clock_timestamp()) * 1000
    return int(connection.execute(sa.select(clock)).scalar_one())
