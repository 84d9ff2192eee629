"""The first tables."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op

from ioc.store.columns import Bytes, Int, Json, Real, Text

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def must(name: str, kind: Any) -> sa.Column[Any]:
    return sa.Column(name, kind, nullable=False)


def may(name: str, kind: Any) -> sa.Column[Any]:
    return sa.Column(name, kind, nullable=True)


def numbered() -> sa.Column[Any]:
    return sa.Column("id", Int, primary_key=True)


def single() -> sa.Column[Any]:
    return sa.Column("id", Int, primary_key=True, autoincrement=False)


def key(*names: str, include: tuple[str, ...] = ()) -> sa.PrimaryKeyConstraint:
    return sa.PrimaryKeyConstraint(*names, postgresql_include=list(include))


def table(name: str, *parts: Any, rowid: bool = True) -> None:
    op.create_table(name, *parts, sqlite_strict=True, sqlite_with_rowid=rowid)


def upgrade() -> None:
    ownership()
    names()
    runs()
    observations()
    cases()
    events()
    published()
    clock = sa.table("clock", sa.column("id"), sa.column("fence"), sa.column("last_ms"))
    op.execute(sa.insert(clock).values(id=1, fence=0, last_ms=0))


def ownership() -> None:
    table("clock", single(), must("fence", Int), must("last_ms", Int))
    table(
        "lease",
        single(),
        must("owner", Text),
        must("fence", Int),
        must("heartbeat_ms", Int),
        must("until_ms", Int),
    )
    table("stamp", single(), must("simulated", Int), must("province", Text), must("made_ms", Int))
    table(
        "definition",
        must("kind", Text),
        must("name", Text),
        must("known_from", Int),
        may("known_to", Int),
        must("hash", Text),
        must("body", Json),
        key("kind", "name", "known_from"),
    )


def names() -> None:
    table("source", numbered(), must("name", Text), may("last_reported", Int), sa.UniqueConstraint("name"))
    table("place", numbered(), must("code", Text), sa.UniqueConstraint("code"))
    table(
        "series",
        numbered(),
        must("source_id", Int),
        must("variable", Text),
        must("agency", Text),
        must("category", Text),
        must("channel", Text),
        must("span", Text),
        must("kind", Text),
        must("method", Text),
        must("stamp", Text),
        sa.UniqueConstraint(
            "source_id", "variable", "agency", "category", "channel", "span", "kind", "method"
        ),
    )
    op.create_index("series_variable", "series", ["variable"])


def runs() -> None:
    table(
        "run",
        numbered(),
        must("source_id", Int),
        must("kind", Text),
        must("started", Int),
        may("finished", Int),
        must("outcome", Text),
        must("error", Text),
        must("error_kind", Text),
        may("http_status", Int),
        must("pages", Int),
        must("new", Int),
        must("changed", Int),
        must("same", Int),
        must("rejected", Int),
        must("gone", Int),
        must("received_bytes", Int),
    )
    op.create_index("run_source", "run", ["source_id", "id"])
    op.create_index("run_outcome", "run", ["source_id", "kind", "outcome", "started"])
    table(
        "payload",
        sa.Column("hash", Text, primary_key=True),
        must("source_id", Int),
        must("stored", Int),
        must("size", Int),
        must("received_hash", Text),
        must("received_size", Int),
        may("body", Bytes),
    )
    op.create_index("payload_age", "payload", ["source_id", "stored"])
    table(
        "run_payload",
        must("run_id", Int),
        must("page", Int),
        must("hash", Text),
        key("run_id", "page"),
        rowid=False,
    )
    op.create_index("run_payload_hash", "run_payload", ["hash"])
    table(
        "rejected",
        numbered(),
        must("source_id", Int),
        must("digest", Text),
        must("run_id", Int),
        must("address", Text),
        must("reason", Text),
        must("fragment", Json),
        must("known_from", Int),
        sa.UniqueConstraint("source_id", "digest"),
    )
    op.create_index("rejected_age", "rejected", ["source_id", "known_from"])
    table(
        "cursor",
        sa.Column("source_id", Int, primary_key=True, autoincrement=False),
        must("body", Json),
        must("saved", Int),
    )
    table(
        "request",
        numbered(),
        must("source_id", Int),
        must("asked", Int),
        may("since", Int),
        may("served", Int),
    )
    op.create_index("request_served", "request", ["served"])
    table(
        "missing",
        must("source_id", Int),
        must("key", Text),
        must("run_id", Int),
        key("source_id", "key"),
        rowid=False,
    )


def observations() -> None:
    def value() -> list[sa.Column[Any]]:
        return [may("value", Real), must("flag", Text), must("run_id", Int), must("known_from", Int)]

    at = ("series_id", "time", "place_id")
    table(
        "observation",
        *(must(name, Int) for name in at),
        *value(),
        key(*at, include=("value", "flag", "known_from")),
        rowid=False,
    )
    table(
        "observation_past",
        *(must(name, Int) for name in at),
        *value(),
        must("known_to", Int),
        key(*at, "known_from", include=("value", "flag", "known_to")),
        rowid=False,
    )
    table(
        "latest",
        must("series_id", Int),
        must("place_id", Int),
        must("time", Int),
        *value(),
        key("series_id", "place_id"),
        rowid=False,
    )
    for name in ("rollup_hour", "rollup_day"):
        table(
            name,
            must("series_id", Int),
            must("bucket", Int),
            must("place_id", Int),
            must("n", Int),
            must("n_valid", Int),
            may("sum", Real),
            may("min", Real),
            may("max", Real),
            may("first", Real),
            may("last", Real),
            must("changed_at", Int),
            key("series_id", "bucket", "place_id"),
            rowid=False,
        )


def case_columns() -> list[sa.Column[Any]]:
    return [
        must("source_id", Int),
        must("key", Text),
        must("kind", Text),
        must("state", Text),
        must("opened", Int),
        must("status", Text),
        may("due", Int),
        may("closed", Int),
        must("received_by", Text),
        must("responsible", Text),
        must("holder", Text),
        must("step", Text),
        must("channel", Text),
        must("category", Text),
        must("level", Text),
        must("area", Text),
        must("site", Text),
        must("waited_s", Int),
        may("lat", Real),
        may("lon", Real),
        must("facts", Json),
        must("run_id", Int),
        must("known_from", Int),
    ]


def cases() -> None:
    table("case_record", *case_columns(), key("source_id", "key"))
    op.create_index("case_opened", "case_record", ["kind", "opened"])
    op.create_index("case_due", "case_record", ["kind", "due"])
    op.create_index("case_closed", "case_record", ["kind", "closed"])
    op.create_index("case_state", "case_record", ["kind", "state", "due"])
    op.create_index("case_known", "case_record", ["kind", "known_from"])
    table("case_past", *case_columns(), must("known_to", Int), key("source_id", "key", "known_from"))
    op.create_index("case_past_known", "case_past", ["kind", "known_from"])
    op.create_index("case_past_until", "case_past", ["kind", "known_to"])
    table("measure", numbered(), must("name", Text), must("hash", Text), sa.UniqueConstraint("name"))
    table(
        "case_day",
        must("measure_id", Int),
        must("dim", Text),
        must("day", Int),
        must("key", Text),
        must("bin", Int),
        must("known_day", Int),
        must("n", Int),
        key("measure_id", "dim", "day", "key", "bin", "known_day"),
        rowid=False,
    )


def event_columns() -> list[sa.Column[Any]]:
    return [
        must("source_id", Int),
        must("key", Text),
        must("kind", Text),
        must("starts", Int),
        may("ends", Int),
        must("severity", Text),
        must("headline", Text),
        must("areas", Json),
        must("category", Text),
        must("site", Text),
        must("facts", Json),
        must("run_id", Int),
        must("known_from", Int),
    ]


def events() -> None:
    table("event_record", *event_columns(), key("source_id", "key"))
    op.create_index("event_starts", "event_record", ["kind", "starts"])
    table("event_past", *event_columns(), must("known_to", Int), key("source_id", "key", "known_from"))
    op.create_index("event_past_until", "event_past", ["kind", "known_to"])


def published() -> None:
    def reading() -> list[sa.Column[Any]]:
        return [
            must("key", Text),
            must("indicator", Text),
            must("body", Json),
            may("valid_until", Int),
            must("known_from", Int),
        ]

    table("mark", sa.Column("indicator", Text, primary_key=True), must("known_from", Int))
    table("reading", *reading(), key("key"))
    op.create_index("reading_valid_until", "reading", ["valid_until"])
    table("reading_past", *reading(), must("known_to", Int), key("key", "known_from"))
    table(
        "board",
        must("id", Text),
        must("lang", Text),
        must("version", Int),
        must("etag", Text),
        must("published", Int),
        must("body", Bytes),
        must("gzip", Bytes),
        must("br", Bytes),
        key("id", "lang"),
    )
