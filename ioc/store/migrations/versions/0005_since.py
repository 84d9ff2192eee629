"""From when on a page changed what an indicator says."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from ioc.store.columns import Int, Text

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # marks live until the next publication, and a collector that starts publishes everything: made anew
    op.drop_table("mark")
    op.create_table(
        "mark",
        sa.Column("indicator", Text, primary_key=True),
        sa.Column("known_from", Int, nullable=False),
        sa.Column("since", Int, nullable=True),
        sqlite_strict=True,
    )
