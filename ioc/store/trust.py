"""The tables of trust: figures that disagree, what people said of them, and the counts behind the four scores.

Columns follow ioc/store/schema: starts, ends and day are epoch s UTC; known_from, known_to, first_seen, last_seen,
asked and served are epoch ms; an absent text is "".
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import Column, Index, PrimaryKeyConstraint, Table

from ioc.store.columns import Int, Json, Real, Text
from ioc.store.schema import metadata


def _table(name: str, *parts: Any, rowid: bool = True) -> Table:
    return Table(name, metadata, *parts, sqlite_strict=True, sqlite_with_rowid=rowid)


def _must(name: str, kind: Any) -> Column[Any]:
    return Column(name, kind, nullable=False)


def _contradiction_columns() -> list[Column[Any]]:
    return [
        _must("key", Text),
        *(_must(name, Text) for name in ("rule", "kind", "state")),
        *(_must(name, Text) for name in ("source", "other", "indicator", "variable", "place", "owner")),
        Column("starts", Int, nullable=True),
        Column("ends", Int, nullable=True),
        _must("indicators", Json),  # those whose number rests on it
        _must("sentence", Json),
        _must("evidence", Json),
        _must("note", Text),
        _must("first_seen", Int),
        _must("last_seen", Int),  # moved in place: to be seen again is no news
        _must("known_from", Int),
    ]


contradiction = _table(
    "contradiction",
    *_contradiction_columns(),
    PrimaryKeyConstraint("key"),
    Index("contradiction_state", "state", "source"),
)
contradiction_past = _table(
    "contradiction_past",
    *_contradiction_columns(),
    _must("known_to", Int),
    PrimaryKeyConstraint("key", "known_from"),
    Index("contradiction_past_until", "known_to"),
)
verdict = _table(
    "verdict",  # what a person said of a contradiction; the collector takes it over
    Column("id", Int, primary_key=True),
    _must("key", Text),
    _must("state", Text),
    _must("note", Text),
    _must("asked", Int),
    Column("served", Int, nullable=True),
    Index("verdict_served", "served"),
)
withheld = _table(
    "withheld",  # keys missing from two complete runs, too many at once to be withdrawn unasked
    Column("source_id", Int, primary_key=True, autoincrement=False),
    _must("run_id", Int),
    _must("n", Int),
    _must("total", Int),
    _must("confirmed", Int),  # how many a person confirmed to be gone
    _must("known_from", Int),
)
repeated = _table(
    "repeated",  # records that a run delivered more than once, where there were any
    Column("run_id", Int, primary_key=True, autoincrement=False),
    _must("n", Int),
)
compared = _table(
    "compared",  # how many facts of a source a rule compared last, and how many of them disagreed
    _must("rule", Text),
    _must("source", Text),
    _must("n", Int),
    _must("disputed", Int),
    _must("known_from", Int),
    PrimaryKeyConstraint("rule", "source"),
    rowid=False,
)


def _quality_columns() -> list[Column[Any]]:
    return [
        _must("source", Text),
        _must("day", Int),
        *(_must(name, Real) for name in ("due", "received")),
        *(_must(name, Int) for name in ("records", "rejected", "repeated", "compared", "disputed")),
        *(_must(name, Int) for name in ("watched_s", "live_s")),
        _must("known_from", Int),
    ]


quality_day = _table("quality_day", *_quality_columns(), PrimaryKeyConstraint("source", "day"), rowid=False)
quality_past = _table(
    "quality_past",
    *_quality_columns(),
    _must("known_to", Int),
    PrimaryKeyConstraint("source", "day", "known_from"),
    Index("quality_past_until", "known_to"),
    rowid=False,
)
