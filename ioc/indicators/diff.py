"""Why a number is not what it was: its value at two moments of knowledge, and the records, time or rules between them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from ioc.calendar import iso_ms
from ioc.indicators import shown
from ioc.indicators.changes import FIRST, Changes, changes
from ioc.indicators.question import Question
from ioc.indicators.shown import Shown
from ioc.indicators.snapshot import Snapshot
from ioc.store import schema

if TYPE_CHECKING:
    from ioc.indicators.engine import Engine

_TOLD = ("value", "num", "den", "status", "freshness", "definition")


@dataclass(frozen=True, slots=True)
class Moment:
    """A number as it was at a moment of knowledge (epoch ms); body as the API states a reading."""

    at: int
    body: Mapping[str, Any]
    recomputed: bool


def diff(
    engine: Engine,
    indicator: str,
    question: Question,
    since: int,
    until: int,
    now: int,
    snapshot: Snapshot,
) -> dict[str, Any]:
    """Return how an indicator differs between two moments of knowledge (epoch ms), and why.

    A value that a board showed stands as it was shown; another is computed from what was known then. Without a
    period each moment has its own: a number may differ because its period became another one. Raises
    QuestionError for a question that cannot be asked.
    """
    connection = snapshot.connection
    keys = shown.keys(connection, indicator, question, engine.store.province)
    one, other = (_moment(engine, indicator, question, keys, at, now, snapshot) for at in (since, until))
    found = between(engine, indicator, question, since, until, now, snapshot, FIRST)
    definition = _definition(connection, indicator, one.body["definition"], other.body["definition"])
    return {
        "indicator": indicator,
        "from": iso_ms(since),
        "to": iso_ms(until),
        "before": _said(one),
        "after": _said(other),
        "records": {
            "new": found.new,
            "changed": found.changed,
            "withdrawn": found.withdrawn,
            "first": found.first,
        },
        "definition": definition,
        "reason": reason(one.body, other.body, found),
    }


def between(
    engine: Engine,
    indicator: str,
    question: Question,
    since: int,
    until: int,
    now: int,
    snapshot: Snapshot,
    first: int,
) -> Changes:
    """Return the records that differ between two moments of knowledge (epoch ms)."""
    before = engine.query(indicator, replace(question, as_of=since), now, snapshot)
    after = engine.query(indicator, replace(question, as_of=until), now, snapshot)
    names = {id: name for name, id in snapshot.source_ids.items()}
    return changes(before, after, since, until, names, first)


def history(
    engine: Engine,
    indicator: str,
    question: Question,
    now: int,
    snapshot: Snapshot,
    *,
    most: int = 20,
    explained: int = 5,
) -> list[dict[str, Any]]:
    """Return the values that boards showed before, the newest first; the newest of them with why they changed."""
    keys = shown.keys(snapshot.connection, indicator, question, engine.store.province)
    values = shown.values(snapshot.connection, keys, question.as_of, most + 1)
    told = []
    for position, one in enumerate(values[:most]):
        before = values[position + 1] if position + 1 < len(values) else None
        why = None
        if before is not None and position < explained:
            found = between(engine, indicator, question, before.since, one.since, now, snapshot, 0)
            why = reason(before.body, one.body, found)
        told.append(
            {
                "from": iso_ms(one.since),
                "to": None if one.until is None else iso_ms(one.until),
                **{name: one.body.get(name) for name in _TOLD},
                "period": (one.body.get("period") or {}).get("label"),
                "reason": why,
            }
        )
    return told


def reason(before: Mapping[str, Any], after: Mapping[str, Any], found: Changes) -> dict[str, str]:
    """Say in words why a reading is another one."""
    vi, en = [], []
    if before.get("definition") != after.get("definition"):
        vi.append("định nghĩa chỉ số thay đổi")
        en.append("the definition changed")
    one, other = ((body.get("period") or {}).get("label") for body in (before, after))
    if one != other:
        vi.append("sang kỳ khác")
        en.append("another period")
    for count, words in (
        (found.new, ("bản ghi mới", "new records")),
        (found.changed, ("bản ghi thay đổi", "changed records")),
        (found.withdrawn, ("bản ghi bị rút", "withdrawn records")),
    ):
        if count:
            vi.append(f"{count:,} {words[0]}".replace(",", "."))
            en.append(f"{count:,} {words[1]}")
    moved = [
        (after.get(name), before.get(name), by)
        for name, by in (("num", found.num), ("den", found.den))
        if by is not None
    ]
    if one == other and any(a is not None and b is not None and a - b != by for a, b, by in moved):
        vi.append("đến hạn, quá hạn theo thời gian")
        en.append("time passed: cases fell due or overdue")
    if not vi:
        same = all(before.get(name) == after.get(name) for name in ("value", "num", "den"))
        return (
            {"vi": "Không thay đổi", "en": "Nothing changed"}
            if same
            else {"vi": "Theo thời gian", "en": "Time passed"}
        )
    return {"vi": _sentence(vi), "en": _sentence(en)}


def _sentence(parts: list[str]) -> str:
    text = "; ".join(parts)
    return text[:1].upper() + text[1:]


def _moment(
    engine: Engine,
    indicator: str,
    question: Question,
    keys: list[str],
    at: int,
    now: int,
    snapshot: Snapshot,
) -> Moment:
    found: Shown | None = shown.shown_at(snapshot.connection, keys, at)
    if found is not None:
        return Moment(at, found.body, False)
    reading = engine.read(indicator, replace(question, as_of=at), now, snapshot=snapshot, compare=False)
    return Moment(at, reading.document(), True)


def _said(one: Moment) -> dict[str, Any]:
    period = one.body.get("period") or {}
    return {
        **{name: one.body.get(name) for name in _TOLD},
        "period": period.get("label"),
        "as_of": iso_ms(one.at),
        "recomputed": one.recomputed,
    }


def _definition(connection: sa.Connection, indicator: str, before: str, after: str) -> dict[str, Any] | None:
    """Return what differs between two versions of a definition, key by key; None where they are one."""
    if before == after:
        return None
    d = schema.definition.c
    rows = connection.execute(
        sa.select(d.hash, d.body).where(
            d.kind == "indicator", d.name == indicator, d.hash.in_((before, after))
        )
    )
    bodies = {row.hash: row.body for row in rows}
    one, other = bodies.get(before, {}), bodies.get(after, {})
    keys = sorted(key for key in {*one, *other} if one.get(key) != other.get(key))
    return {
        "before": before,
        "after": after,
        "changed": {key: {"before": one.get(key), "after": other.get(key)} for key in keys},
    }
