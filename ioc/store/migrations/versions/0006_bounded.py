"""Which instruments ever told a bound: their hours and days say nothing of it."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from ioc.store.columns import Int

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table("bounded", sa.Column("series_id", Int, primary_key=True), sqlite_strict=True)
    # what is rolled up and has a bound already; one look at the values, once
    op.execute(
        sa.text(
            "INSERT INTO bounded (series_id) SELECT id FROM series WHERE span IN ('instant', 'minute', 'hour') AND EXISTS "
            "(SELECT 1 FROM observation o WHERE o.series_id = series.id AND o.flag IN ('>=', '<='))"
        )
    )
