"""What was known at an instant: the current versions, or current and past ones as of then."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from ioc.store.schema import case_past, case_record, event_past, event_record, observation, observation_past


def known(current: sa.Table, past: sa.Table, as_of: int | None) -> sa.FromClause:
    """Return the versions known at as_of (epoch ms), with the columns of current; None means now."""
    if as_of is None:
        return current
    columns = [column.name for column in current.columns]
    return sa.union_all(
        sa.select(current).where(current.c.known_from <= as_of),
        sa.select(*(past.c[name] for name in columns)).where(
            past.c.known_from <= as_of, past.c.known_to > as_of
        ),
    ).subquery("known")


def known_observations(as_of: int | None) -> sa.FromClause:
    """Return the observations known at as_of."""
    return known(observation, observation_past, as_of)


def known_cases(as_of: int | None) -> sa.FromClause:
    """Return the cases known at as_of."""
    return known(case_record, case_past, as_of)


def known_events(as_of: int | None) -> sa.FromClause:
    """Return the events known at as_of."""
    return known(event_record, event_past, as_of)


def all_versions(current: sa.Table, past: sa.Table) -> sa.FromClause:
    """Return every version there ever was, with known_to (NULL: still current)."""
    columns: list[Any] = [*current.columns, sa.cast(sa.null(), sa.BigInteger).label("known_to")]
    return sa.union_all(sa.select(*columns), sa.select(past)).subquery("versions")
