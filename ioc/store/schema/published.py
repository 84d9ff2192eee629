"""What is published: marks, readings and boards, with their past."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Column, Index, PrimaryKeyConstraint

from ioc.store.columns import Bytes, Int, Json, Text
from ioc.store.schema.tables import may, must, table

mark = table("mark", Column("indicator", Text, primary_key=True), must("known_from", Int), may("since", Int))


def _reading_columns() -> list[Column[Any]]:
    return [
        must("key", Text),
        must("indicator", Text),
        must("body", Json),
        may("valid_until", Int),
        must("known_from", Int),
    ]


reading = table(
    "reading", *_reading_columns(), PrimaryKeyConstraint("key"), Index("reading_valid_until", "valid_until")
)
reading_past = table(
    "reading_past",
    *_reading_columns(),
    must("known_to", Int),
    PrimaryKeyConstraint("key", "known_from"),
    Index("reading_past_until", "known_to"),
)
board = table(
    "board",
    must("id", Text),
    must("lang", Text),
    must("version", Int),
    must("etag", Text),
    must("published", Int),
    must("body", Bytes),
    must("gzip", Bytes),
    must("br", Bytes),
    PrimaryKeyConstraint("id", "lang"),
)
board_past = table(
    "board_past",
    must("id", Text),
    must("lang", Text),
    must("version", Int),
    must("etag", Text),
    must("published", Int),
    must("until", Int),  # epoch ms: when another version replaced it, or it was taken down
    must(
        "base", Int
    ),  # published of the version of the same board and language that its body is a difference to
    must("body", Bytes),  # zstd; with base = published of the whole body
    PrimaryKeyConstraint("id", "lang", "published"),
    Index("board_past_until", "until"),
)
