"""What boards showed of an indicator: the readings that were kept, by the question that they answered."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from ioc.indicators.question import DIMENSIONS, Question
from ioc.store.schema import mark, reading, reading_past

LATE_MS = 5_000
"""A reading that ran out is replaced within a few seconds; one that is older was not looked after."""
MOST = 300
"""How many kept readings of one question are looked through for values that differ."""


@dataclass(frozen=True, slots=True)
class Shown:
    """A reading as it stood on a board from since until until (epoch ms; None: still); body as the API states it."""

    since: int
    until: int | None
    body: Mapping[str, Any]
    valid_until: int | None


def keys(connection: sa.Connection, indicator: str, question: Question, province: str) -> list[str]:
    """Return the keys under which boards kept the answers to a question; () for one that no board asks."""
    if question.at is not None:
        return []
    asked = {name: value for name in (*DIMENSIONS, "period") if (value := getattr(question, name))}
    if asked.get("area") == province:
        del asked["area"]
    # as ioc/boards.py writes the key of a tile
    told = ",".join(f"{name}={value}" for name, value in sorted(asked.items()))
    rows = connection.execute(sa.select(reading.c.key).where(reading.c.indicator == indicator))
    return sorted(key for (key,) in rows if key.startswith(f"tile|{indicator}|{told}|"))


def standing(connection: sa.Connection, indicators: Sequence[str], now: int) -> dict[str, Mapping[str, Any]]:
    """Return the readings of whole indicators that boards show at now (epoch s) and that hold: none is marked stale
    and none has run out.
    """
    r, stale = reading.c, sa.select(mark.c.indicator)
    rows = connection.execute(
        sa.select(r.indicator, r.key, r.body).where(
            r.indicator.in_(indicators),
            r.indicator.not_in(stale),
            r.valid_until.is_(None) | (r.valid_until > now),
        )
    )
    return {row.indicator: row.body for row in rows if row.key.startswith(f"tile|{row.indicator}||")}


def shown_at(connection: sa.Connection, found: Sequence[str], as_of: int) -> Shown | None:
    """Return what stood on a board at as_of (epoch ms); None where nothing did, or nobody looked after it."""
    for key in found:
        one = next(iter(_versions(connection, key, as_of, 1)), None)
        if one is None or (one.until is not None and one.until <= as_of):
            continue
        if one.valid_until is None or one.valid_until * 1000 + LATE_MS > as_of:
            return one
    return None


def values(connection: sa.Connection, found: Sequence[str], as_of: int | None, limit: int) -> list[Shown]:
    """Return the values that were shown, the newest first, each from its first showing to its last."""
    told: list[Shown] = []
    for key in found:
        for one in _versions(connection, key, as_of, MOST):
            if told and _said(told[-1]) == _said(one):
                told[-1] = Shown(one.since, told[-1].until, one.body, one.valid_until)
            elif len(told) == limit:
                return told
            else:
                told.append(one)
        if told:
            break
    return told


def _said(one: Shown) -> tuple[Any, ...]:
    period = one.body.get("period") or {}
    return one.body.get("value"), one.body.get("num"), one.body.get("den"), period.get("label")


def _versions(connection: sa.Connection, key: str, as_of: int | None, limit: int) -> list[Shown]:
    """Return the versions of a key that began by as_of, the newest first."""
    now, past = reading.c, reading_past.c
    found = connection.execute(
        sa.select(now.known_from, now.body, now.valid_until).where(now.key == key)
    ).all()
    told = [Shown(row.known_from, None, row.body, row.valid_until) for row in found]
    rows = (
        sa.select(past.known_from, past.known_to, past.body, past.valid_until)
        .where(past.key == key)
        .order_by(past.known_from.desc())
        .limit(limit)
    )
    if as_of is not None:
        told = [one for one in told if one.since <= as_of]
        rows = rows.where(past.known_from <= as_of)
    if len(told) < limit:
        told += [Shown(*row) for row in connection.execute(rows)]
    return told[:limit]
