"""Boards as they were shown: the versions that were replaced or taken down."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from ioc.store.columns import Bytes, Int, Text

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "board_past",
        sa.Column("id", Text, nullable=False),
        sa.Column("lang", Text, nullable=False),
        sa.Column("version", Int, nullable=False),
        sa.Column("etag", Text, nullable=False),
        sa.Column("published", Int, nullable=False),
        sa.Column("until", Int, nullable=False),
        sa.Column("base", Int, nullable=False),
        sa.Column("body", Bytes, nullable=False),
        sa.PrimaryKeyConstraint("id", "lang", "published"),
        sqlite_strict=True,
    )
    op.create_index("board_past_until", "board_past", ["until"])
    op.create_index("reading_past_until", "reading_past", ["known_to"])
