"""Who writes, whose store this is, and the names that many rows repeat."""

from __future__ import annotations

from sqlalchemy import Column, Index, PrimaryKeyConstraint, UniqueConstraint

from ioc.store.columns import Int, Json, Text
from ioc.store.schema.tables import may, must, table

clock = table(
    "clock",
    Column("id", Int, primary_key=True, autoincrement=False),
    must("fence", Int),
    must("last_ms", Int),
)
lease = table(
    "lease",
    Column("id", Int, primary_key=True, autoincrement=False),
    must("owner", Text),
    must("fence", Int),
    must("heartbeat_ms", Int),
    must("until_ms", Int),
)
stamp = table(
    "stamp",
    Column("id", Int, primary_key=True, autoincrement=False),
    must("simulated", Int),
    must("province", Text),
    must("made_ms", Int),
)
definition = table(
    "definition",
    must("kind", Text),
    must("name", Text),
    must("known_from", Int),
    may("known_to", Int),
    must("hash", Text),
    must("body", Json),
    PrimaryKeyConstraint("kind", "name", "known_from"),
)
source = table(
    "source",
    Column("id", Int, primary_key=True),
    must("name", Text, unique=True),
    may("last_reported", Int),
)
place = table("place", Column("id", Int, primary_key=True), must("code", Text, unique=True))
SERIES_KEY = ("source_id", "variable", "agency", "category", "channel", "span", "kind", "method")
series = table(
    "series",
    Column("id", Int, primary_key=True),
    must("source_id", Int),
    *(must(name, Text) for name in SERIES_KEY[1:]),
    must("stamp", Text),  # whether a time marks the "start" or the "end" of its span
    UniqueConstraint(*SERIES_KEY),
    Index("series_variable", "variable"),
)
bounded = table("bounded", Column("series_id", Int, primary_key=True))
"""Instruments that ever told a bound (">=", "<="): rollups keep none, so that these are read value by value."""
