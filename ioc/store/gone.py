"""What a source no longer delivers: withdrawn after two complete runs without it, never many at once."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import sqlalchemy as sa

from ioc.store import bulk
from ioc.store.names import dialect_insert
from ioc.store.observations import Key, withdraw_observations
from ioc.store.records import CASES, EVENTS, Row, current_rows, put_away
from ioc.store.schema import case_record, event_record, missing, observation, series
from ioc.store.store import Commit
from ioc.store.trust import withheld

MOST_SHARE = 0.05
"""More than this share gone at once is a contradiction to confirm, not something to follow."""


def observation_key(key: Key) -> str:
    """Write the key of an observation (series, time, place) as text."""
    return ":".join(map(str, key))


class Gone:
    """What a complete run found missing: withdrawn counts, or refused where it was too much at once.

    cases: each withdrawn case as (old row, None), to be counted out.
    """

    def __init__(self) -> None:
        self.withdrawn = 0
        self.refused = 0
        self.cases: list[tuple[Row | None, Row | None]] = []
        self.case_kinds: set[str] = set()
        self.event_kinds: set[str] = set()
        self.variables: set[str] = set()


def withdraw_missing(commit: Commit, source_id: int, run_id: int, shape: str, seen: set[str]) -> Gone:
    """Withdraw what two complete runs in a row did not deliver.

    shape: of the source, as declared; seen: every key that this complete run delivered.
    """
    gone, connection = Gone(), commit.connection
    current = _current(connection, source_id, shape)
    absent = current - seen
    m = missing.c
    before = set(connection.execute(sa.select(m.key).where(m.source_id == source_id)).scalars())
    again = sorted(absent & before)
    limit = max(MOST_SHARE * len(current), _confirmed(connection, source_id))
    if len(again) > limit:
        gone.refused = len(again)
        _withhold(commit, source_id, run_id, len(again), len(current))
    else:
        connection.execute(sa.delete(withheld).where(withheld.c.source_id == source_id))
    if again and not gone.refused:
        _withdraw(commit, source_id, run_id, shape, again, gone)
        gone.withdrawn = len(again)
        absent -= set(again)
    _note(connection, source_id, run_id, before - absent, absent - before)
    return gone


def confirm_gone(commit: Commit, source_id: int) -> None:
    """Note that a person confirmed what a source lost: its next complete run withdraws up to so many keys."""
    commit.connection.execute(
        sa.update(withheld).where(withheld.c.source_id == source_id).values(confirmed=withheld.c.n)
    )


def _confirmed(connection: sa.Connection, source_id: int) -> int:
    asked = sa.select(withheld.c.confirmed).where(withheld.c.source_id == source_id)
    return connection.execute(asked).scalar_one_or_none() or 0


def _withhold(commit: Commit, source_id: int, run_id: int, n: int, total: int) -> None:
    new = {"run_id": run_id, "n": n, "total": total}
    insert = dialect_insert(commit.connection.dialect.name, withheld).values(
        source_id=source_id, confirmed=0, known_from=commit.known_from, **new
    )
    commit.connection.execute(insert.on_conflict_do_update(index_elements=["source_id"], set_=new))


def _current(connection: sa.Connection, source_id: int, shape: str) -> set[str]:
    if shape == "observation":
        o = observation.c
        rows = connection.execute(
            sa.select(o.series_id, o.time, o.place_id)
            .join_from(observation, series, series.c.id == o.series_id)
            .where(series.c.source_id == source_id)
        )
        return {observation_key(row) for row in rows}
    table = case_record if shape.startswith("case:") else event_record
    return set(connection.execute(sa.select(table.c.key).where(table.c.source_id == source_id)).scalars())


def _withdraw(commit: Commit, source_id: int, run_id: int, shape: str, keys: list[str], gone: Gone) -> None:
    if shape == "observation":
        parted: Any = ((int(part) for part in key.split(":")) for key in keys)
        gone.variables |= withdraw_observations(commit, run_id, [tuple(key) for key in parted])
        return
    records = CASES if shape.startswith("case:") else EVENTS
    rows = current_rows(commit.connection, records, source_id, keys)
    put_away(commit, records, source_id, keys)
    kinds = {row[1] for row in rows.values()}
    if records is CASES:
        gone.cases, gone.case_kinds = [(row, None) for row in rows.values()], kinds
    else:
        gone.event_kinds = kinds


def _note(
    connection: sa.Connection, source_id: int, run_id: int, found: Iterable[str], lost: Iterable[str]
) -> None:
    m = missing.c
    for key in found:
        connection.execute(sa.delete(missing).where(m.source_id == source_id, m.key == key))
    bulk.insert(connection, missing, [(source_id, key, run_id) for key in lost])
