"""What is kept of the structure of a source's answers: names and types of fields."""

from __future__ import annotations

from collections.abc import Mapping

import sqlalchemy as sa

from ioc.store import names
from ioc.store.schema import field_seen
from ioc.store.store import Commit
from ioc.structure import Known


def keep_fields(commit: Commit, source_name: str, known: Mapping[str, Known]) -> None:
    """Write what is known of a source's fields in place of what was known before."""
    id = names.source_id(commit.connection, commit.names, source_name)
    commit.connection.execute(sa.delete(field_seen).where(field_seen.c.source_id == id))
    rows = [
        {
            "source_id": id,
            "name": name,
            "types": sorted(one.types),
            "records": one.records,
            "present": one.present,
            "absent": one.absent,
            "mapped": int(one.mapped),
            "later": int(one.later),
            "odd": sorted(one.odd),
            "odd_records": one.odd_records,
            "first_seen": one.first_seen,
            "last_seen": one.last_seen,
            "changed": one.changed,
        }
        for name, one in known.items()
    ]
    if rows:
        commit.connection.execute(sa.insert(field_seen), rows)
