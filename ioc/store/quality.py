"""Keeping what was counted of each source by local day, in two clocks, and reading it back."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import sqlalchemy as sa

from ioc.store.reads.scope import Scope
from ioc.store.reads.versions import known
from ioc.store.store import Commit
from ioc.store.trust import compared, quality_day, quality_past

_KEY = ("source", "day")
COUNTED = tuple(c.name for c in quality_day.columns if c.name not in (*_KEY, "known_from"))


@dataclass(frozen=True, slots=True)
class DayCounts:
    """What was counted of a source on a local day (epoch s of its midnight); known_from: epoch ms."""

    source: str
    day: int
    counts: Mapping[str, float]
    known_from: int = 0


def keep_days(commit: Commit, days: Iterable[tuple[str, int, Any]]) -> int:
    """Keep (source, day, counts as a dataclass); what says the same makes no version. Returns how many changed."""
    written = 0
    q, past = quality_day.c, [column.name for column in quality_past.columns]
    for source, day, counts in days:
        here = (q.source == source) & (q.day == day)
        row = asdict(counts)
        before = commit.connection.execute(sa.select(quality_day).where(here)).one_or_none()
        if before is not None and all(before._mapping[name] == row[name] for name in COUNTED):
            continue
        if before is not None:
            moved = sa.select(*quality_day.columns, sa.literal(commit.known_from)).where(here)
            commit.connection.execute(sa.insert(quality_past).from_select(past, moved))
            commit.connection.execute(sa.delete(quality_day).where(here))
        commit.connection.execute(
            sa.insert(quality_day).values(source=source, day=day, known_from=commit.known_from, **row)
        )
        written += 1
    return written


def quality_days(
    connection: sa.Connection,
    scope: Scope,
    *,
    start: int,
    end: int,
    sources: Sequence[str] | None = None,
    as_of: int | None = None,
) -> list[DayCounts]:
    """Return what was counted on the days that begin in [start, end), by source and day. as_of: epoch ms."""
    table = known(quality_day, quality_past, as_of)
    c = table.c
    rows = sa.select(*(c[name] for name in (*_KEY, *COUNTED, "known_from"))).where(
        c.day >= start, c.day < end
    )
    if sources is not None:
        rows = rows.where(c.source.in_(sources))
    found = connection.execute(scope.narrow(rows.order_by(c.source, c.day)))
    return [
        DayCounts(row.source, row.day, {name: row._mapping[name] for name in COUNTED}, row.known_from)
        for row in found
    ]


def facts_compared(connection: sa.Connection, scope: Scope) -> dict[str, tuple[int, int]]:
    """Return source -> (facts that rules compared when they last ran, of which disagreed)."""
    c = compared.c
    rows = sa.select(c.source, sa.func.sum(c.n).label("n"), sa.func.sum(c.disputed).label("disputed"))
    found = connection.execute(scope.narrow(rows.group_by(c.source)))
    return {row.source: (int(row.n), int(row.disputed)) for row in found}
