"""The runs of a source: their beginning and end, where it goes on, and who asked for one now."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

import sqlalchemy as sa

from ioc.model import Cursor
from ioc.store import names
from ioc.store.names import dialect_insert
from ioc.store.postponed import postpone
from ioc.store.schema import cursor, request, run, source
from ioc.store.store import Commit, Store

RunKind = Literal["poll", "backfill"]
Outcome = Literal["changed", "unchanged", "failed"]
ErrorKind = Literal["", "unreachable", "refused", "contract", "fault"]

_ZERO = dict.fromkeys(("pages", "new", "changed", "same", "rejected", "gone", "received_bytes"), 0)


@dataclass(frozen=True, slots=True)
class Request:
    """Somebody asks for a poll now, or with since (epoch s) for a backfill from there; asked is epoch ms.

    until: epoch s, how far the backfill goes; None: until it was asked for.
    """

    id: int
    source: str
    asked: int
    since: int | None
    until: int | None
    served: int | None


def start_run(store: Store, fence: int, source_name: str, kind: RunKind = "poll", *, now_ms: int) -> int:
    """Begin a run of a source and return its id."""
    with store.writing(fence, now_ms) as commit:
        row = {
            "source_id": names.source_id(commit.connection, commit.names, source_name),
            "kind": kind,
            "started": now_ms,
            "outcome": "",
            "error": "",
            "error_kind": "",
            **_ZERO,
        }
        return commit.connection.execute(sa.insert(run).values(row).returning(run.c.id)).scalar_one()


def finish_run(
    store: Store,
    fence: int,
    run_id: int,
    outcome: Outcome,
    *,
    now_ms: int,
    error: str = "",
    error_kind: ErrorKind = "",
    http_status: int | None = None,
    received_bytes: int = 0,
    ask_after_ms: int | None = None,
) -> None:
    """End a run. error is a sentence; received_bytes is what came outside the pages that were kept.

    ask_after_ms: until when the source asked to be left alone.
    """
    with store.writing(fence, now_ms) as commit:
        commit.connection.execute(
            sa.update(run)
            .where(run.c.id == run_id)
            .values(
                finished=now_ms,
                outcome=outcome,
                error=error,
                error_kind=error_kind,
                http_status=sa.func.coalesce(http_status, run.c.http_status),
                received_bytes=run.c.received_bytes + received_bytes,
            )
        )
        if ask_after_ms is not None:
            postpone(commit, run_id, ask_after_ms)
        commit.after.append(lambda: store.seen.pop(run_id, None))


def close_abandoned_runs(store: Store, fence: int, *, now_ms: int) -> int:
    """End the runs that a collector left behind when it died, as failed; returns how many.

    A new holder of the lease calls it before its first run.
    """
    with store.writing(fence, now_ms) as commit:
        ended = (
            sa.update(run)
            .where(run.c.finished.is_(None))
            .values(
                finished=now_ms,
                outcome="failed",
                error="Bộ thu thập dừng giữa lượt này.",
                error_kind="fault",
            )
        )
        return commit.connection.execute(ended).rowcount


def thin_runs(commit: Commit, *, before_ms: int) -> int:
    """Forget the runs before an instant that brought nothing new and failed at nothing; returns how many."""
    old = (run.c.outcome == "unchanged") & (run.c.started < before_ms)
    return commit.connection.execute(sa.delete(run).where(old, run.c.rejected == 0)).rowcount


def read_cursor(connection: sa.Connection, source_name: str) -> Cursor:
    """Return where a source goes on, an empty mapping before its first page."""
    found = connection.execute(
        sa.select(cursor.c.body)
        .join_from(cursor, source, source.c.id == cursor.c.source_id)
        .where(source.c.name == source_name)
    ).scalar_one_or_none()
    return found or {}


def keep_cursor(commit: Commit, source_id: int, body: Mapping[str, Any]) -> None:
    """Remember where a source goes on, in the transaction of the page that leads there."""
    if commit.connection.execute(
        sa.select(cursor.c.body).where(cursor.c.source_id == source_id)
    ).scalar_one_or_none() == dict(body):
        return
    insert = dialect_insert(commit.connection.dialect.name, cursor).values(
        source_id=source_id, body=dict(body), saved=commit.known_from
    )
    new = {"body": insert.excluded.body, "saved": insert.excluded.saved}
    commit.connection.execute(insert.on_conflict_do_update(index_elements=["source_id"], set_=new))


def ask_poll(
    store: Store, source_name: str, *, now_ms: int, since: int | None = None, until: int | None = None
) -> int:
    """Ask the active collector for a poll now, or for a backfill of a span (epoch s); any process may ask."""
    with store.unfenced() as connection:
        id = names.source_id(connection, store.names.copy(), source_name)
        row = {"source_id": id, "asked": now_ms, "since": since, "until": until}
        return connection.execute(sa.insert(request).values(row).returning(request.c.id)).scalar_one()


def withdraw_request(store: Store, request_id: int, *, now_ms: int) -> None:
    """Take back a request that has not been served yet; any process may."""
    with store.unfenced() as connection:
        waiting = sa.update(request).where(request.c.id == request_id, request.c.served.is_(None))
        connection.execute(waiting.values(served=now_ms))


def waiting_requests(connection: sa.Connection) -> list[Request]:
    """Return the requests that nobody has served yet, oldest first."""
    return [
        Request(*row)
        for row in connection.execute(
            sa.select(
                request.c.id,
                source.c.name,
                request.c.asked,
                request.c.since,
                request.c.until,
                request.c.served,
            )
            .join_from(request, source, source.c.id == request.c.source_id)
            .where(request.c.served.is_(None))
            .order_by(request.c.id)
        )
    ]


def is_waiting(connection: sa.Connection, request_id: int) -> bool:
    """Say whether a request has been neither served nor withdrawn."""
    asked = sa.select(request.c.id).where(request.c.id == request_id, request.c.served.is_(None))
    return connection.execute(asked).scalar_one_or_none() is not None


def serve_request(commit: Commit, request_id: int) -> None:
    """Note that a request has been served."""
    served = sa.update(request).where(request.c.id == request_id).values(served=commit.known_from)
    commit.connection.execute(served)
