"""The tables: what is known now, what was known before, and what is counted ahead of a question.

Columns named time, opened, due, closed, starts, ends, bucket, day, known_day and valid_until are epoch s UTC
(day, known_day and the buckets of rollup_day: the instant of a local midnight). known_from, known_to and
names ending in _ms, started, finished, asked, served, saved, stored, first_seen, last_seen and changed are epoch ms.
An absent text is "".
"""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from sqlalchemy import Column, Index, PrimaryKeyConstraint, Table, UniqueConstraint

from ioc.store.columns import Bytes, Int, Json, Real, Text

metadata = sa.MetaData()

HOUR = 3600
DAY = 86_400
OFFSET = 7 * HOUR
"""Local time is UTC+07:00, a whole number of hours, so a local day is 24 UTC hours."""


def local_midnight(instant_s: int) -> int:
    """Return the local midnight at or before an instant, both epoch s."""
    return instant_s - (instant_s + OFFSET) % DAY


def known_day(known_ms: int) -> int:
    """Return the local day, as the epoch s of its midnight, in which a version became known."""
    return local_midnight(known_ms // 1000)


def _table(name: str, *parts: Any, rowid: bool = True) -> Table:
    return Table(name, metadata, *parts, sqlite_strict=True, sqlite_with_rowid=rowid)


def _must(name: str, kind: Any, **more: Any) -> Column[Any]:
    return Column(name, kind, nullable=False, **more)


def _may(name: str, kind: Any) -> Column[Any]:
    return Column(name, kind, nullable=True)


# Who writes, and whose store this is

clock = _table(
    "clock",
    Column("id", Int, primary_key=True, autoincrement=False),
    _must("fence", Int),
    _must("last_ms", Int),
)
lease = _table(
    "lease",
    Column("id", Int, primary_key=True, autoincrement=False),
    _must("owner", Text),
    _must("fence", Int),
    _must("heartbeat_ms", Int),
    _must("until_ms", Int),
)
stamp = _table(
    "stamp",
    Column("id", Int, primary_key=True, autoincrement=False),
    _must("simulated", Int),
    _must("province", Text),
    _must("made_ms", Int),
)
definition = _table(
    "definition",
    _must("kind", Text),
    _must("name", Text),
    _must("known_from", Int),
    _may("known_to", Int),
    _must("hash", Text),
    _must("body", Json),
    PrimaryKeyConstraint("kind", "name", "known_from"),
)

# Names that many rows repeat

source = _table(
    "source",
    Column("id", Int, primary_key=True),
    _must("name", Text, unique=True),
    _may("last_reported", Int),
)
place = _table("place", Column("id", Int, primary_key=True), _must("code", Text, unique=True))
SERIES_KEY = ("source_id", "variable", "agency", "category", "channel", "span", "kind", "method")
series = _table(
    "series",
    Column("id", Int, primary_key=True),
    _must("source_id", Int),
    *(_must(name, Text) for name in SERIES_KEY[1:]),
    _must("stamp", Text),  # whether a time marks the "start" or the "end" of its span
    UniqueConstraint(*SERIES_KEY),
    Index("series_variable", "variable"),
)
bounded = _table("bounded", Column("series_id", Int, primary_key=True))
"""Instruments that ever told a bound (">=", "<="): rollups keep none, so that these are read value by value."""

# Runs, and what was kept of the answers

run = _table(
    "run",
    Column("id", Int, primary_key=True),
    _must("source_id", Int),
    _must("kind", Text),  # poll, backfill
    _must("started", Int),
    _may("finished", Int),
    _must("outcome", Text),  # changed, unchanged, failed; "" while it runs
    _must("error", Text),
    _must("error_kind", Text),  # unreachable, refused, contract, fault
    _may("http_status", Int),
    _must("pages", Int),
    _must("new", Int),
    _must("changed", Int),
    _must("same", Int),
    _must("rejected", Int),
    _must("gone", Int),
    _must("received_bytes", Int),
    Index("run_source", "source_id", "id"),
    Index("run_outcome", "source_id", "kind", "outcome", "started"),
)
payload = _table(
    "payload",
    Column("hash", Text, primary_key=True),
    _must("source_id", Int),
    _must("stored", Int),
    _must("size", Int),
    _must("received_hash", Text),
    _must("received_size", Int),
    _may("body", Bytes),  # zstd; absent once expired
    Index("payload_age", "source_id", "stored"),
)
run_payload = _table(
    "run_payload",
    _must("run_id", Int),
    _must("page", Int),
    _must("hash", Text),
    PrimaryKeyConstraint("run_id", "page"),
    Index("run_payload_hash", "hash"),
    rowid=False,
)
rejected = _table(
    "rejected",
    Column("id", Int, primary_key=True),
    _must("source_id", Int),
    _must("digest", Text),  # the same record rejected for the same reason stands here once
    _must("run_id", Int),
    _must("address", Text),
    _must("reason", Text),
    _must("fragment", Json),
    _must("known_from", Int),
    UniqueConstraint("source_id", "digest"),
    Index("rejected_age", "source_id", "known_from"),
)
cursor = _table(
    "cursor",
    Column("source_id", Int, primary_key=True, autoincrement=False),
    _must("body", Json),
    _must("saved", Int),
)
request = _table(
    "request",
    Column("id", Int, primary_key=True),
    _must("source_id", Int),
    _must("asked", Int),
    _may("since", Int),  # epoch s: a backfill from there; absent: an ordinary poll now
    _may("until", Int),  # epoch s: how far a backfill goes; absent: until it was asked for
    _may("served", Int),
    Index("request_served", "served"),
)
postponed = _table(
    "postponed",
    Column("source_id", Int, primary_key=True, autoincrement=False),
    _must("run_id", Int),  # in whose answer it asked for that
    _must("until", Int),  # epoch ms
)
missing = _table(
    "missing",  # keys that the last complete run of a source did not deliver
    _must("source_id", Int),
    _must("key", Text),
    _must("run_id", Int),
    PrimaryKeyConstraint("source_id", "key"),
    rowid=False,
)
field_seen = _table(
    "field_seen",  # which fields the answers of a source have: names and types, never values
    _must("source_id", Int),
    _must("name", Text),
    _must("types", Json),
    *(_must(name, Int) for name in ("records", "present", "absent", "mapped", "later")),
    _must("odd", Json),  # the types that came last in place of the former
    _must("odd_records", Int),
    _must("first_seen", Int),
    _must("last_seen", Int),
    _may("changed", Int),
    PrimaryKeyConstraint("source_id", "name"),
    rowid=False,
)

# Observations

_KEY = ("series_id", "time", "place_id")
_VALUE = ("value", "flag", "run_id", "known_from")


def _observation(name: str, *more: Column[Any], key: tuple[str, ...], include: tuple[str, ...]) -> Table:
    return _table(
        name,
        *(_must(part, Int) for part in _KEY),
        _may("value", Real),
        _must("flag", Text),
        _must("run_id", Int),
        _must("known_from", Int),
        *more,
        PrimaryKeyConstraint(*key, postgresql_include=list(include)),
        rowid=False,
    )


observation = _observation("observation", key=_KEY, include=("value", "flag", "known_from"))
observation_past = _observation(
    "observation_past",
    _must("known_to", Int),
    key=(*_KEY, "known_from"),
    include=("value", "flag", "known_to"),
)
latest = _table(
    "latest",
    _must("series_id", Int),
    _must("place_id", Int),
    _must("time", Int),
    _may("value", Real),
    _must("flag", Text),
    _must("run_id", Int),
    _must("known_from", Int),
    PrimaryKeyConstraint("series_id", "place_id"),
    rowid=False,
)


def _rollup(name: str) -> Table:
    return _table(
        name,
        _must("series_id", Int),
        _must("bucket", Int),
        _must("place_id", Int),
        _must("n", Int),
        _must("n_valid", Int),
        *(_may(part, Real) for part in ("sum", "min", "max", "first", "last")),
        _must("changed_at", Int),  # known_from of the page that last touched the bucket
        PrimaryKeyConstraint("series_id", "bucket", "place_id"),
        rowid=False,
    )


rollup_hour = _rollup("rollup_hour")
rollup_day = _rollup("rollup_day")

# Cases and events


def _case_columns() -> list[Column[Any]]:
    return [
        _must("source_id", Int),
        *(_must(name, Text) for name in ("key", "kind", "state")),
        _must("opened", Int),
        _must("status", Text),
        _may("due", Int),
        _may("closed", Int),
        *(_must(name, Text) for name in ("received_by", "responsible", "holder", "step")),
        *(_must(name, Text) for name in ("channel", "category", "level", "area", "site")),
        _must("waited_s", Int),
        _may("lat", Real),
        _may("lon", Real),
        _must("facts", Json),
        _must("run_id", Int),
        _must("known_from", Int),
    ]


case_record = _table(
    "case_record",
    *_case_columns(),
    PrimaryKeyConstraint("source_id", "key"),
    Index("case_opened", "kind", "opened"),
    Index("case_due", "kind", "due"),
    Index("case_closed", "kind", "closed"),
    Index("case_state", "kind", "state", "due"),
    Index("case_known", "kind", "known_from"),
)
case_past = _table(
    "case_past",
    *_case_columns(),
    _must("known_to", Int),
    PrimaryKeyConstraint("source_id", "key", "known_from"),
    Index("case_past_known", "kind", "known_from"),
    Index("case_past_until", "kind", "known_to"),
)
measure = _table(
    "measure", Column("id", Int, primary_key=True), _must("name", Text, unique=True), _must("hash", Text)
)
case_day = _table(
    "case_day",
    _must("measure_id", Int),
    _must("dim", Text),  # "" total, a field of Case, or two of them joined by ","
    _must("day", Int),
    _must("key", Text),
    _must("bin", Int),
    _must("known_day", Int),
    _must("n", Int),  # a difference: sum over known_day to learn a count
    PrimaryKeyConstraint("measure_id", "dim", "day", "key", "bin", "known_day"),
    rowid=False,
)


def _event_columns() -> list[Column[Any]]:
    return [
        _must("source_id", Int),
        _must("key", Text),
        _must("kind", Text),
        _must("starts", Int),
        _may("ends", Int),
        _must("severity", Text),
        _must("headline", Text),
        _must("areas", Json),
        _must("category", Text),
        _must("site", Text),
        _must("facts", Json),
        _must("run_id", Int),
        _must("known_from", Int),
    ]


event_record = _table(
    "event_record",
    *_event_columns(),
    PrimaryKeyConstraint("source_id", "key"),
    Index("event_starts", "kind", "starts"),
)
event_past = _table(
    "event_past",
    *_event_columns(),
    _must("known_to", Int),
    PrimaryKeyConstraint("source_id", "key", "known_from"),
    Index("event_past_until", "kind", "known_to"),
)

# What is published

mark = _table(
    "mark", Column("indicator", Text, primary_key=True), _must("known_from", Int), _may("since", Int)
)


def _reading_columns() -> list[Column[Any]]:
    return [
        _must("key", Text),
        _must("indicator", Text),
        _must("body", Json),
        _may("valid_until", Int),
        _must("known_from", Int),
    ]


reading = _table(
    "reading", *_reading_columns(), PrimaryKeyConstraint("key"), Index("reading_valid_until", "valid_until")
)
reading_past = _table(
    "reading_past",
    *_reading_columns(),
    _must("known_to", Int),
    PrimaryKeyConstraint("key", "known_from"),
    Index("reading_past_until", "known_to"),
)
board = _table(
    "board",
    _must("id", Text),
    _must("lang", Text),
    _must("version", Int),
    _must("etag", Text),
    _must("published", Int),
    _must("body", Bytes),
    _must("gzip", Bytes),
    _must("br", Bytes),
    PrimaryKeyConstraint("id", "lang"),
)
board_past = _table(
    "board_past",
    _must("id", Text),
    _must("lang", Text),
    _must("version", Int),
    _must("etag", Text),
    _must("published", Int),
    _must("until", Int),  # epoch ms: when another version replaced it, or it was taken down
    _must(
        "base", Int
    ),  # published of the version of the same board and language that its body is a difference to
    _must("body", Bytes),  # zstd; with base = published of the whole body
    PrimaryKeyConstraint("id", "lang", "published"),
    Index("board_past_until", "until"),
)
