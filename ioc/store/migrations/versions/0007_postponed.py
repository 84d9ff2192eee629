"""Until when a source asked not to be asked again."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from ioc.store.columns import Int

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "postponed",
        sa.Column("source_id", Int, primary_key=True, autoincrement=False),
        sa.Column("run_id", Int, nullable=False),
        sa.Column("until", Int, nullable=False),
        sqlite_strict=True,
    )
