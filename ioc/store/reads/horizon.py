"""How far back the store can be asked."""

from __future__ import annotations

import sqlalchemy as sa

from ioc.store.reads.scope import Scope
from ioc.store.schema import definition, run, stamp


def first_known(connection: sa.Connection, scope: Scope) -> int:
    """Return the earliest instant (epoch ms) of which the store knows what was known: its making, or a run before it."""
    first_run = sa.select(run.c.started).order_by(run.c.id).limit(1).scalar_subquery()
    first_definition = sa.select(sa.func.min(definition.c.known_from)).scalar_subquery()
    rows = sa.select(stamp.c.made_ms, first_run, first_definition)
    found = connection.execute(scope.narrow(rows)).one()
    return min(instant for instant in found if instant is not None)
