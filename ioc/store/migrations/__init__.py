"""The store's history of tables: hand-written Alembic revisions in versions/, run in one transaction."""

from __future__ import annotations

from pathlib import Path

import sqlalchemy as sa

from ioc.errors import StoreError

VERSIONS = Path(__file__).parent / "versions"
REVISIONS = sorted(path.stem.split("_")[0] for path in VERSIONS.glob("[0-9]*.py"))
HEAD = REVISIONS[-1]

_table = sa.table("alembic_version", sa.column("version_num"))


def version(connection: sa.Connection) -> str | None:
    """Return the revision of the store's tables, None for an empty store.

    Raises StoreError for a revision that this version of the product does not know.
    """
    if not sa.inspect(connection).has_table("alembic_version"):
        return None
    found = connection.execute(sa.select(_table.c.version_num)).scalar_one_or_none()
    if found is not None and found not in REVISIONS:
        raise StoreError(
            f"the store's tables are of revision {found}, this version knows none after {HEAD}: "
            "it was opened by a newer version of the product; start that one"
        )
    return found


def upgrade(connection: sa.Connection) -> None:
    """Bring the tables to HEAD within the connection's transaction; two processes may ask at once."""
    # alembic takes a quarter of a second to import, and is needed only on the day the tables change
    from alembic.migration import MigrationContext
    from alembic.operations import Operations
    from alembic.script import ScriptDirectory

    at = version(connection)
    if at == HEAD:
        return
    script = ScriptDirectory(str(Path(__file__).parent), version_locations=[str(VERSIONS)])
    context = MigrationContext.configure(
        connection,
        opts={"fn": lambda revision, _: script._upgrade_revs(HEAD, revision), "render_as_batch": True},
    )
    with Operations.context(context):
        context.run_migrations()
