"""The declarations as they were: the past is answered with the rules of the past."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import orjson
import sqlalchemy as sa

from ioc.store.schema import definition
from ioc.store.store import Commit


def keep_definitions(commit: Commit, kind: str, declared: Mapping[str, tuple[str, Any]]) -> set[str]:
    """Keep what is declared of a kind (indicator, source, board, sector, area, agency) as name -> (hash, body).

    A body is JSON. One that is no longer declared ends; one with the same hash and body stays as it is.
    Returns the names that are new, changed or ended.
    """
    d = definition.c
    known = {
        row.name: (row.hash, _canonical(row.body))
        for row in commit.connection.execute(
            sa.select(d.name, d.hash, d.body).where(d.kind == kind, d.known_to.is_(None))
        )
    }
    told = {name: (hash, _canonical(body)) for name, (hash, body) in declared.items()}
    ended = {name for name, version in known.items() if told.get(name) != version}
    begun = {name for name, version in told.items() if known.get(name) != version}
    for name in ended:
        now = sa.update(definition).where(d.kind == kind, d.name == name, d.known_to.is_(None))
        commit.connection.execute(now.values(known_to=commit.known_from))
    if begun:
        rows = [
            {"kind": kind, "name": name, "known_from": commit.known_from, "hash": hash, "body": body}
            for name, (hash, body) in declared.items()
            if name in begun
        ]
        commit.connection.execute(sa.insert(definition), rows)
    return ended | begun


def _canonical(body: Any) -> bytes:
    return orjson.dumps(body, option=orjson.OPT_SORT_KEYS)
