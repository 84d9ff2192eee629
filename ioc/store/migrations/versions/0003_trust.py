"""Figures that disagree, what people said of them, and the counts behind the four scores."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op

from ioc.store.columns import Int, Json, Real, Text

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def must(name: str, kind: Any) -> sa.Column[Any]:
    return sa.Column(name, kind, nullable=False)


def may(name: str, kind: Any) -> sa.Column[Any]:
    return sa.Column(name, kind, nullable=True)


def texts(*names: str) -> list[sa.Column[Any]]:
    return [must(name, Text) for name in names]


def numbers(*names: str) -> list[sa.Column[Any]]:
    return [must(name, Int) for name in names]


def table(name: str, *parts: Any, rowid: bool = True) -> None:
    op.create_table(name, *parts, sqlite_strict=True, sqlite_with_rowid=rowid)


def by_hand(name: str) -> sa.Column[Any]:
    return sa.Column(name, Int, primary_key=True, autoincrement=False)


def upgrade() -> None:
    contradictions()
    counts()


def contradictions() -> None:
    def columns() -> list[sa.Column[Any]]:
        return [
            *texts(
                "key", "rule", "kind", "state", "source", "other", "indicator", "variable", "place", "owner"
            ),
            may("starts", Int),
            may("ends", Int),
            must("indicators", Json),
            must("sentence", Json),
            must("evidence", Json),
            must("note", Text),
            *numbers("first_seen", "last_seen", "known_from"),
        ]

    table("contradiction", *columns(), sa.PrimaryKeyConstraint("key"))
    op.create_index("contradiction_state", "contradiction", ["state", "source"])
    table(
        "contradiction_past",
        *columns(),
        must("known_to", Int),
        sa.PrimaryKeyConstraint("key", "known_from"),
    )
    op.create_index("contradiction_past_until", "contradiction_past", ["known_to"])
    table(
        "verdict",
        sa.Column("id", Int, primary_key=True),
        *texts("key", "state", "note"),
        must("asked", Int),
        may("served", Int),
    )
    op.create_index("verdict_served", "verdict", ["served"])
    table(
        "withheld",
        by_hand("source_id"),
        *numbers("run_id", "n", "total", "confirmed", "known_from"),
    )


def counts() -> None:
    def columns() -> list[sa.Column[Any]]:
        return [
            must("source", Text),
            must("day", Int),
            must("due", Real),
            must("received", Real),
            *numbers("records", "rejected", "repeated", "compared", "disputed"),
            *numbers("watched_s", "live_s", "known_from"),
        ]

    table("repeated", by_hand("run_id"), must("n", Int))
    table(
        "compared",
        *texts("rule", "source"),
        *numbers("n", "disputed", "known_from"),
        sa.PrimaryKeyConstraint("rule", "source"),
        rowid=False,
    )
    table("quality_day", *columns(), sa.PrimaryKeyConstraint("source", "day"), rowid=False)
    table(
        "quality_past",
        *columns(),
        must("known_to", Int),
        sa.PrimaryKeyConstraint("source", "day", "known_from"),
        rowid=False,
    )
    op.create_index("quality_past_until", "quality_past", ["known_to"])
