"""Runs, what was kept of the answers, and how sources are gone on with."""

from __future__ import annotations

from sqlalchemy import Column, Index, PrimaryKeyConstraint, UniqueConstraint

from ioc.store.columns import Bytes, Int, Json, Text
from ioc.store.schema.tables import may, must, table

run = table(
    "run",
    Column("id", Int, primary_key=True),
    must("source_id", Int),
    must("kind", Text),  # poll, backfill
    must("started", Int),
    may("finished", Int),
    must("outcome", Text),  # changed, unchanged, failed; "" while it runs
    must("error", Text),
    must("error_kind", Text),  # unreachable, refused, contract, fault
    may("http_status", Int),
    must("pages", Int),
    must("new", Int),
    must("changed", Int),
    must("same", Int),
    must("rejected", Int),
    must("gone", Int),
    must("received_bytes", Int),
    Index("run_source", "source_id", "id"),
    Index("run_outcome", "source_id", "kind", "outcome", "started"),
)
payload = table(
    "payload",
    Column("hash", Text, primary_key=True),
    must("source_id", Int),
    must("stored", Int),
    must("size", Int),
    must("received_hash", Text),
    must("received_size", Int),
    may("body", Bytes),  # zstd; absent once expired
    Index("payload_age", "source_id", "stored"),
)
run_payload = table(
    "run_payload",
    must("run_id", Int),
    must("page", Int),
    must("hash", Text),
    PrimaryKeyConstraint("run_id", "page"),
    Index("run_payload_hash", "hash"),
    rowid=False,
)
rejected = table(
    "rejected",
    Column("id", Int, primary_key=True),
    must("source_id", Int),
    must("digest", Text),  # the same record rejected for the same reason stands here once
    must("run_id", Int),
    must("address", Text),
    must("reason", Text),
    must("fragment", Json),
    must("known_from", Int),
    UniqueConstraint("source_id", "digest"),
    Index("rejected_age", "source_id", "known_from"),
)
cursor = table(
    "cursor",
    Column("source_id", Int, primary_key=True, autoincrement=False),
    must("body", Json),
    must("saved", Int),
)
request = table(
    "request",
    Column("id", Int, primary_key=True),
    must("source_id", Int),
    must("asked", Int),
    may("since", Int),  # epoch s: a backfill from there; absent: an ordinary poll now
    may("until", Int),  # epoch s: how far a backfill goes; absent: until it was asked for
    may("served", Int),
    Index("request_served", "served"),
)
postponed = table(
    "postponed",
    Column("source_id", Int, primary_key=True, autoincrement=False),
    must("run_id", Int),  # in whose answer it asked for that
    must("until", Int),  # epoch ms
)
missing = table(
    "missing",  # keys that the last complete run of a source did not deliver
    must("source_id", Int),
    must("key", Text),
    must("run_id", Int),
    PrimaryKeyConstraint("source_id", "key"),
    rowid=False,
)
field_seen = table(
    "field_seen",  # which fields the answers of a source have: names and types, never values
    must("source_id", Int),
    must("name", Text),
    must("types", Json),
    *(must(name, Int) for name in ("records", "present", "absent", "mapped", "later")),
    must("odd", Json),  # the types that came last in place of the former
    must("odd_records", Int),
    must("first_seen", Int),
    must("last_seen", Int),
    may("changed", Int),
    PrimaryKeyConstraint("source_id", "name"),
    rowid=False,
)
