"""Until when sources asked not to be asked again: for whoever starts anew, and for who wants to know."""

from __future__ import annotations

import sqlalchemy as sa

from ioc.store.names import dialect_insert
from ioc.store.schema import postponed, run, source
from ioc.store.store import Commit


def postpone(commit: Commit, run_id: int, until_ms: int) -> None:
    """Note that a source asked in the answer to a run to be left alone until then."""
    insert = dialect_insert(commit.connection.dialect.name, postponed).from_select(
        ["source_id", "run_id", "until"],
        sa.select(run.c.source_id, run.c.id, sa.literal(until_ms, sa.BigInteger)).where(run.c.id == run_id),
    )
    new = {"run_id": insert.excluded.run_id, "until": insert.excluded.until}
    commit.connection.execute(insert.on_conflict_do_update(index_elements=["source_id"], set_=new))


def asked_to_wait(connection: sa.Connection, *, now_ms: int) -> dict[str, int]:
    """Return source -> epoch ms of those that are to be left alone, and answered no poll since."""
    since = run.alias()
    answered = sa.exists().where(
        since.c.source_id == postponed.c.source_id,
        since.c.id > postponed.c.run_id,
        since.c.kind == "poll",
        since.c.finished.is_not(None),
    )
    asked = (
        sa.select(source.c.name, postponed.c.until)
        .join_from(postponed, source, source.c.id == postponed.c.source_id)
        .where(postponed.c.until > now_ms, ~answered)
    )
    return dict(connection.execute(asked).all())
