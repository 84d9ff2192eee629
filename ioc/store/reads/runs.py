"""How the sources do: summaries that freshness follows from, runs, and what was rejected."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import sqlalchemy as sa

from ioc.store.postponed import asked_to_wait
from ioc.store.reads.scope import Listed, Scope, read_position, write_cursor
from ioc.store.schema import known_day, payload, rejected, run, run_payload, source


@dataclass(frozen=True, slots=True)
class RunSummary:
    """What freshness needs to know of a source's polls (backfills do not count); instants are epoch ms.

    last_reported: epoch s, the latest time of measurement that the source reported. failures: in a row, up to
    the last finished run; failing_since: when the first of them started. rejected_share: of the last finished
    run's records (0 to 1). *_today: since local midnight, backfills included. running_since: of the run in hand.
    ask_after: until when it asked to be left alone, None where it did not or has been asked since.
    """

    source: str
    last_finished: int | None = None
    last_outcome: str = ""
    last_error: str = ""
    last_error_kind: str = ""
    last_status: int | None = None
    last_success: int | None = None
    last_changed: int | None = None
    last_reported: int | None = None
    failures: int = 0
    failing_since: int | None = None
    records_today: int = 0
    rejected_today: int = 0
    rejected_share: float = 0.0
    running_since: int | None = None
    ask_after: int | None = None


@dataclass(frozen=True, slots=True)
class Run:
    """One cycle of a source; started and finished are epoch ms; payloads are "sha256:…" in order of pages."""

    id: int
    source: str
    kind: str
    started: int
    finished: int | None
    outcome: str
    error: str
    error_kind: str
    http_status: int | None
    pages: int | None
    new: int | None
    changed: int | None
    same: int | None
    rejected: int | None
    gone: int | None
    received_bytes: int | None
    payloads: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class RejectedRecord:
    """A record that was not kept, and why; known_from is epoch ms."""

    id: int
    source: str
    run_id: int
    address: str
    reason: str
    fragment: Mapping[str, Any]
    known_from: int


def run_summaries(connection: sa.Connection, scope: Scope, *, now_ms: int) -> dict[str, RunSummary]:
    """Return source -> RunSummary for every source that ever ran."""
    today = known_day(now_ms) * 1000
    rows = connection.execute(scope.narrow(sa.select(source.c.id, source.c.name, source.c.last_reported)))
    waits = asked_to_wait(connection, now_ms=now_ms)
    summaries = (
        replace(_summary(connection, *row, today=today), ask_after=waits.get(row.name)) for row in rows.all()
    )
    return {one.source: one for one in summaries}


def _summary(
    connection: sa.Connection, id: int, name: str, reported: int | None, *, today: int
) -> RunSummary:
    found = connection.execute(_summary_query, {"source_id": id, "today": today}).one()._mapping
    last = connection.execute(sa.select(run).where(run.c.id == found["last_id"])).one_or_none()
    total = 0 if last is None else last.new + last.changed + last.same + last.rejected
    return RunSummary(
        source=name,
        last_finished=last.finished if last else None,
        last_outcome=last.outcome if last else "",
        last_error=last.error if last else "",
        last_error_kind=last.error_kind if last else "",
        last_status=last.http_status if last else None,
        last_success=found["last_success"],
        last_changed=found["last_changed"],
        last_reported=reported,
        failures=found["failures"],
        failing_since=found["failing_since"],
        records_today=int(found["records_today"] or 0),
        rejected_today=found["rejected_today"],
        rejected_share=last.rejected / total if last and total else 0.0,
        running_since=found["running_since"],
    )


def _summary_queries() -> sa.Select[Any]:
    """Every column is a look-up by (source, kind, outcome, started), so a year of runs costs no more than a day."""
    id, today = sa.bindparam("source_id", type_=sa.BigInteger), sa.bindparam("today", type_=sa.BigInteger)

    def last(wanted: Any, *outcomes: str) -> sa.ScalarSelect[Any]:
        # one index look-up per outcome, the latest of them
        parts = [
            sa.select(wanted.label("value"), run.c.started.label("started"))
            .where(run.c.source_id == id, run.c.kind == "poll", run.c.outcome == outcome)
            .order_by(run.c.started.desc())
            .limit(1)
            .subquery()
            for outcome in outcomes
        ]
        both = sa.union_all(*(sa.select(part) for part in parts)).subquery()
        return sa.select(both.c.value).order_by(both.c.started.desc()).limit(1).scalar_subquery()

    success = last(run.c.started, "changed", "unchanged")
    failed = [
        run.c.source_id == id,
        run.c.kind == "poll",
        run.c.outcome == "failed",
        run.c.started > sa.func.coalesce(success, -1),
    ]
    return sa.select(
        last(run.c.id, "changed", "unchanged", "failed").label("last_id"),
        last(run.c.finished, "changed", "unchanged").label("last_success"),
        last(run.c.finished, "changed").label("last_changed"),
        last(run.c.started, "").label("running_since"),
        sa.select(sa.func.count()).where(*failed).scalar_subquery().label("failures"),
        sa.select(sa.func.min(run.c.started)).where(*failed).scalar_subquery().label("failing_since"),
        sa.select(sa.func.sum(run.c.new + run.c.changed))
        .where(
            run.c.source_id == id,
            run.c.kind.in_(("poll", "backfill")),
            run.c.outcome.in_(("changed", "failed", "")),
            run.c.started >= today,
        )
        .scalar_subquery()
        .label("records_today"),
        sa.select(sa.func.count())
        .select_from(rejected)
        .where(rejected.c.source_id == id, rejected.c.known_from >= today)
        .scalar_subquery()
        .label("rejected_today"),
    )


_summary_query = _summary_queries()


_UNDER_WAY: Mapping[str, Any] = {
    "finished": None, "outcome": "", "error": "", "error_kind": "", "http_status": None,
    **dict.fromkeys(("pages", "new", "changed", "same", "rejected", "gone", "received_bytes")),
}  # fmt: skip
"""What was known of a run before it ended: how far it had come is not kept."""


def runs(
    connection: sa.Connection,
    scope: Scope,
    source_name: str,
    *,
    cursor: str | None = None,
    limit: int = 100,
    as_of: int | None = None,
) -> Listed[Run]:
    """Return the runs of a source, newest first; as_of (epoch ms) those begun by then, as known then.

    Runs that brought nothing are forgotten after their time, in the past too.
    """
    columns = [run.c.id, source.c.name, *(c for c in run.columns if c.name not in ("id", "source_id"))]
    asked = (
        sa.select(*columns)
        .join_from(run, source, source.c.id == run.c.source_id)
        .where(source.c.name == source_name)
        .order_by(run.c.id.desc())
        .limit(limit + 1)
    )
    if cursor is not None:
        asked = asked.where(run.c.id < read_position(cursor, 1)[0])
    if as_of is not None:
        asked = asked.where(run.c.started <= as_of)
    rows = connection.execute(scope.narrow(asked)).all()
    hashes: dict[int, list[str]] = {}
    kept = (
        sa.select(run_payload.c.run_id, run_payload.c.hash)
        .where(run_payload.c.run_id.in_([row.id for row in rows]))
        .order_by(run_payload.c.run_id, run_payload.c.page)
    )
    if as_of is not None:
        ended = sa.select(run.c.id).where(run.c.id == run_payload.c.run_id, run.c.finished <= as_of)
        kept = kept.where(ended.exists() | (_stored() <= as_of))
    for id, hash in connection.execute(kept):
        hashes.setdefault(id, []).append(f"sha256:{hash}")
    found = [replace(Run(*row), payloads=tuple(hashes.get(row.id, ()))) for row in rows[:limit]]
    items = [
        one if as_of is None or (one.finished or 0) <= as_of else replace(one, **_UNDER_WAY) for one in found
    ]
    return Listed(items, write_cursor([items[-1].id]) if len(rows) > limit else None)


def _stored() -> Any:
    return sa.select(payload.c.stored).where(payload.c.hash == run_payload.c.hash).scalar_subquery()


def payloads_of(connection: sa.Connection, scope: Scope, run_ids: Sequence[int]) -> list[str]:
    """Return the hashes ("sha256:…") of what was kept of the answers of runs, newest first."""
    asked = (
        sa.select(run_payload.c.hash, run_payload.c.run_id)
        .where(run_payload.c.run_id.in_(run_ids))
        .order_by(run_payload.c.run_id.desc(), run_payload.c.page)
    )
    return [f"sha256:{row.hash}" for row in connection.execute(scope.narrow(asked))]


def rejected_records(
    connection: sa.Connection,
    scope: Scope,
    source_name: str,
    *,
    run_id: int | None = None,
    cursor: str | None = None,
    limit: int = 100,
    as_of: int | None = None,
) -> Listed[RejectedRecord]:
    """Return what was rejected of a source by as_of (epoch ms), each record and reason once, the newest first."""
    t = rejected.c
    asked = (
        sa.select(t.id, source.c.name, t.run_id, t.address, t.reason, t.fragment, t.known_from)
        .join_from(rejected, source, source.c.id == t.source_id)
        .where(source.c.name == source_name)
        .order_by(t.id.desc())
        .limit(limit + 1)
    )
    if run_id is not None:
        asked = asked.where(t.run_id == run_id)
    if as_of is not None:
        asked = asked.where(t.known_from <= as_of)
    if cursor is not None:
        asked = asked.where(t.id < read_position(cursor, 1)[0])
    rows = connection.execute(scope.narrow(asked)).all()
    items = [RejectedRecord(*row) for row in rows[:limit]]
    return Listed(items, write_cursor([items[-1].id]) if len(rows) > limit else None)
