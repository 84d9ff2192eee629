"""Which fields a source's answers have; how far a backfill that was asked for goes."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from ioc.store.columns import Int, Json, Text

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "field_seen",
        sa.Column("source_id", Int, nullable=False),
        sa.Column("name", Text, nullable=False),
        sa.Column("types", Json, nullable=False),
        *(
            sa.Column(name, Int, nullable=False)
            for name in ("records", "present", "absent", "mapped", "later")
        ),
        sa.Column("odd", Json, nullable=False),
        sa.Column("odd_records", Int, nullable=False),
        sa.Column("first_seen", Int, nullable=False),
        sa.Column("last_seen", Int, nullable=False),
        sa.Column("changed", Int, nullable=True),
        sa.PrimaryKeyConstraint("source_id", "name"),
        sqlite_strict=True,
        sqlite_with_rowid=False,
    )
    # requests live for a second: made anew, since SQLite writes an added column otherwise than the others
    op.drop_table("request")
    op.create_table(
        "request",
        sa.Column("id", Int, primary_key=True),
        sa.Column("source_id", Int, nullable=False),
        sa.Column("asked", Int, nullable=False),
        sa.Column("since", Int, nullable=True),
        sa.Column("until", Int, nullable=True),
        sa.Column("served", Int, nullable=True),
        sqlite_strict=True,
    )
    op.create_index("request_served", "request", ["served"])
