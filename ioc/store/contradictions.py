"""Keeping figures that disagree: each by its key, with every version it had, and what people said of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Literal

import sqlalchemy as sa

from ioc.store.gone import confirm_gone
from ioc.store.names import dialect_insert
from ioc.store.schema import source
from ioc.store.store import Commit, Store
from ioc.store.trust import compared, contradiction, contradiction_past, verdict

State = Literal["open", "acknowledged", "explained", "gone"]
STATES: tuple[State, ...] = ("open", "acknowledged", "explained", "gone")
MOST_NOTE = 500
"""Characters of a note that are kept."""


@dataclass(frozen=True, slots=True)
class Contradiction:
    """Figures that disagree. starts and ends: the period they speak of, epoch s.

    key: the same for the same subject, whatever its figures. rule: which declared check found it. source, other:
    whose figures; indicator: the one it is declared for; indicators: all whose number rests on it. sentence:
    {"vi", "en"}. evidence: the numbers as {"name", "value", "unit", "source", "at", "known_from"}.
    first_seen, last_seen, known_from: epoch ms.
    """

    key: str
    rule: str
    kind: str
    source: str
    owner: str
    sentence: Mapping[str, str]
    evidence: Sequence[Mapping[str, Any]] = ()
    other: str = ""
    indicator: str = ""
    variable: str = ""
    place: str = ""
    starts: int | None = None
    ends: int | None = None
    indicators: Sequence[str] = ()
    state: str = "open"
    note: str = ""
    first_seen: int = 0
    last_seen: int = 0
    known_from: int = 0


@dataclass(frozen=True, slots=True)
class Outcome:
    """What one rule found; compared: source -> (facts compared, of which disagreed)."""

    found: Sequence[Contradiction] = ()
    compared: Mapping[str, tuple[int, int]] = field(default_factory=dict)


FIELDS = tuple(column.name for column in contradiction.columns)
_TOLD = tuple(
    name for name in FIELDS if name not in ("state", "note", "first_seen", "last_seen", "known_from")
)


def keep_outcomes(commit: Commit, outcomes: Mapping[str, Outcome]) -> set[str]:
    """Keep what rules found; what one of them finds no more is gone. Returns the indicators concerned by a change.

    One that comes back after it was gone is open again; any other keeps its state and its note.
    """
    c = contradiction.c
    rows = commit.connection.execute(sa.select(contradiction).where(c.rule.in_(sorted(outcomes))))
    known = {row.key: _of(row) for row in rows}
    written: list[Contradiction] = []
    seen: list[str] = []
    for outcome in outcomes.values():
        for one in outcome.found:
            before = known.pop(one.key, None)
            state, note, first = _standing(before, commit.known_from)
            now = replace(one, state=state, note=note, first_seen=first)
            if before is None or _says(now) != _says(before):
                written.append(now)
            else:
                seen.append(one.key)
    written += [replace(one, state="gone") for one in known.values() if one.state != "gone"]
    _write(commit, written)
    if seen:
        commit.connection.execute(
            sa.update(contradiction).where(c.key.in_(seen)).values(last_seen=commit.known_from)
        )
    for rule, outcome in outcomes.items():
        _count(commit, rule, outcome.compared)
    return {indicator for one in written for indicator in one.indicators}


def _standing(before: Contradiction | None, now_ms: int) -> tuple[str, str, int]:
    if before is None:
        return "open", "", now_ms
    if before.state == "gone":
        return "open", "", before.first_seen
    return before.state, before.note, before.first_seen


def drop_rules(commit: Commit, declared: Sequence[str]) -> set[str]:
    """Let what undeclared rules found be gone; returns the indicators concerned."""
    c = contradiction.c
    undeclared = c.rule.not_in(list(declared))
    rows = commit.connection.execute(sa.select(contradiction).where(undeclared, c.state != "gone"))
    ended = [replace(_of(row), state="gone") for row in rows]
    _write(commit, ended)
    commit.connection.execute(sa.delete(compared).where(compared.c.rule.not_in(list(declared))))
    return {indicator for one in ended for indicator in one.indicators}


def answer(store: Store, key: str, state: str, note: str, *, now_ms: int) -> int:
    """Note what a person says of a contradiction; the active collector takes it over. Any process may say it."""
    if state not in STATES[:3]:
        raise ValueError(f"a person may say open, acknowledged or explained, not {state!r}")
    row = {"key": key, "state": state, "note": note.strip()[:MOST_NOTE], "asked": now_ms}
    with store.unfenced() as connection:
        return connection.execute(sa.insert(verdict).values(row).returning(verdict.c.id)).scalar_one()


def waiting_answers(connection: sa.Connection) -> list[tuple[int, str, str, str]]:
    """Return id, key, state and note of what people said and nobody has taken over, oldest first."""
    v = verdict.c
    rows = connection.execute(
        sa.select(v.id, v.key, v.state, v.note).where(v.served.is_(None)).order_by(v.id)
    )
    return [(row.id, row.key, row.state, row.note) for row in rows]


def take_answers(commit: Commit, answers: Sequence[tuple[int, str, str, str]]) -> set[str]:
    """Take over what people said; returns the indicators concerned.

    That the keys which vanished from a source are explained confirms it: its next complete run withdraws them.
    """
    c, touched = contradiction.c, set[str]()
    for id, key, state, note in answers:
        row = commit.connection.execute(sa.select(contradiction).where(c.key == key)).one_or_none()
        if row is not None and row.state != "gone" and (row.state, row.note) != (state, note):
            _write(commit, [replace(_of(row), state=state, note=note)])
            touched |= set(row.indicators)
            if row.kind == "gone" and state == "explained":
                asked = sa.select(source.c.id).where(source.c.name == row.source)
                confirm_gone(commit, commit.connection.execute(asked).scalar_one())
        commit.connection.execute(
            sa.update(verdict).where(verdict.c.id == id).values(served=commit.known_from)
        )
    return touched


def _of(row: Any) -> Contradiction:
    return Contradiction(**{name: getattr(row, name) for name in FIELDS})


def _says(one: Contradiction) -> list[Any]:
    told = [getattr(one, name) for name in (*_TOLD, "state")]
    return [list(value) if isinstance(value, tuple) else value for value in told]


def _write(commit: Commit, rows: Sequence[Contradiction]) -> None:
    if not rows:
        return
    keys = [one.key for one in rows]
    c, past = contradiction.c, [column.name for column in contradiction_past.columns]
    moved = sa.select(*contradiction.columns, sa.literal(commit.known_from)).where(c.key.in_(keys))
    commit.connection.execute(sa.insert(contradiction_past).from_select(past, moved))
    commit.connection.execute(sa.delete(contradiction).where(c.key.in_(keys)))
    now = {"known_from": commit.known_from}
    commit.connection.execute(
        sa.insert(contradiction),
        [
            {name: _plain(getattr(one, name)) for name in FIELDS}
            | now
            | ({} if one.state == "gone" else {"last_seen": commit.known_from})
            for one in rows
        ],
    )


def _plain(value: Any) -> Any:
    if isinstance(value, Mapping):
        return dict(value)
    return list(value) if isinstance(value, list | tuple) else value


def _count(commit: Commit, rule: str, counts: Mapping[str, tuple[int, int]]) -> None:
    t = compared.c
    commit.connection.execute(sa.delete(compared).where(t.rule == rule, t.source.not_in(sorted(counts))))
    for source_name, (n, disputed) in counts.items():
        new = {"n": n, "disputed": disputed, "known_from": commit.known_from}
        insert = dialect_insert(commit.connection.dialect.name, compared)
        written = insert.values(rule=rule, source=source_name, **new)
        commit.connection.execute(written.on_conflict_do_update(index_elements=["rule", "source"], set_=new))
