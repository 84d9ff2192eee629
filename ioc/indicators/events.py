"""Events counted straight from their table: those that began in a span, or were in force at an instant."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import orjson
import sqlalchemy as sa

from ioc.calendar import Period
from ioc.conditions import Condition
from ioc.errors import QuestionError
from ioc.indicators.definition import Definition
from ioc.indicators.reading import Answer
from ioc.model import Event
from ioc.store import schema

GROUPS = ("category", "site", "area")
"""What events can be broken down by; one that speaks of several areas counts in each of them."""


@dataclass(frozen=True)
class Events:
    """The events of one kind that a question speaks of.

    sources: integers of the sources that count. narrowed: area, category or site -> wanted value; an event that
    speaks of the whole province (its code) concerns each area. known: epoch ms of knowledge, None for now.
    """

    connection: sa.Connection
    kind: str
    sources: Sequence[int]
    narrowed: Mapping[str, str]
    province: str
    known: int | None = None

    def began(self, wanted: Condition, start: int, end: int) -> int:
        """Count the events that began in [start, end), epoch s."""
        return sum(self.groups(wanted, "", start, end).values())

    def groups(self, wanted: Condition, by: str, start: int, end: int) -> dict[str, int]:
        """Count the events that began in [start, end) by one of GROUPS, "" for all together."""
        t = self._rows()
        return self._counted(t, by, [t.c.starts >= start, t.c.starts < end, *self.clauses(t, wanted)])

    def in_force(self, wanted: Condition, at: int) -> tuple[int, int | None]:
        """Return how many events have begun and not ended at an instant, and when that changes next."""
        t = self._rows()
        c, force = t.c, _in_force(t, at)
        n, ends, starts = self.connection.execute(
            sa.select(
                sa.func.count(sa.case((force, 1))),
                sa.func.min(sa.case((c.ends > at, c.ends))),
                sa.func.min(sa.case((c.starts > at, c.starts))),
            ).where(*self.clauses(t, wanted))
        ).one()
        return n, min((one for one in (ends, starts) if one is not None), default=None)

    def groups_in_force(self, wanted: Condition, by: str, at: int) -> dict[str, int]:
        """Count the events that have begun and not ended at an instant by one of GROUPS."""
        t = self._rows()
        return self._counted(t, by, [_in_force(t, at), *self.clauses(t, wanted)])

    def rows(self, wanted: Condition, period: Period, *, in_force: bool) -> Any:
        """Return a FROM clause of the events that began in a period, or were in force at its end."""
        t = self._rows()
        counted = (
            [_in_force(t, period.until)]
            if in_force
            else [t.c.starts >= period.start, t.c.starts < period.until]
        )
        return sa.select(t).where(*counted, *self.clauses(t, wanted)).subquery("counted")

    def clauses(self, table: sa.FromClause, wanted: Condition) -> list[Any]:
        """Return what makes a row of a table one that the question speaks of and that meets the condition."""
        clauses = [
            table.c.kind == self.kind,
            table.c.source_id.in_(self.sources),
            *narrowing(table, self.narrowed, self.province),
        ]
        return [*clauses, wanted.where(table)]

    def _counted(self, table: sa.FromClause, by: str, clauses: Iterable[Any]) -> dict[str, int]:
        if not by:
            count = sa.select(sa.func.count()).select_from(table).where(*clauses)
            return {"": self.connection.execute(count).scalar_one()}
        column: Any = sa.cast(table.c.areas, sa.Text) if by == "area" else table.c[by]
        query = sa.select(column, sa.func.count()).where(*clauses).group_by(column)
        found: Counter[str] = Counter()
        for key, n in self.connection.execute(query):
            for one in orjson.loads(key) if by == "area" else [key]:
                found[one] += n
        return dict(found)

    def _rows(self) -> sa.FromClause:
        """Return the versions of events known."""
        now, past = schema.event_record, schema.event_past
        if self.known is None:
            return now
        names = [column.name for column in now.columns]
        known: list[Any] = [now.c[name] for name in names]
        then: list[Any] = [past.c[name] for name in names]
        return sa.union_all(
            sa.select(*known).where(now.c.known_from <= self.known),
            sa.select(*then).where(past.c.known_from <= self.known, past.c.known_to > self.known),
        ).subquery("e")


def narrowing(table: sa.FromClause, narrowed: Mapping[str, str], province: str) -> list[Any]:
    """Return the clauses of the dimensions that events have: category, site and area."""
    clauses: list[Any] = [
        table.c[name] == value for name, value in narrowed.items() if name in ("category", "site")
    ]
    if "area" in narrowed:
        areas = sa.cast(table.c.areas, sa.Text)
        clauses.append(sa.or_(*(areas.contains(f'"{code}"') for code in (narrowed["area"], province))))
    return clauses


def holds(wanted: Condition, event: Event) -> bool:
    """Whether an event meets a condition; the same as `Condition.where` asks of a table."""
    for name, values in wanted.equal:
        value = event.facts.get(name[6:]) if name.startswith("facts.") else getattr(event, name)
        if value not in values:
            return False
    return not any(holds(excluded, event) for excluded in wanted.excluded)


def _in_force(table: sa.FromClause, at: int) -> Any:
    return sa.and_(table.c.starts <= at, sa.or_(table.c.ends.is_(None), table.c.ends > at))


def answer(found: Events, definition: Definition, period: Period) -> Answer:
    """Count events: those that began in the period, or for a stock those in force at its end."""
    assert definition.num_cases is not None
    wanted = definition.num_cases.condition
    if not definition.stock:
        n = found.began(wanted, period.start, period.until)
        return Answer(n, used=n)
    n, changes_at = found.in_force(wanted, period.until)
    return Answer(n, used=n, changes_at=changes_at)


def groups(found: Events, definition: Definition, by: str, period: Period, at: int) -> dict[str, Answer]:
    """Return the counts of events by one of GROUPS, of a stock at an instant; raises QuestionError for another."""
    if by not in GROUPS:
        raise QuestionError(
            f"{definition.id} counts events, which are not broken down by {by}; use {', '.join(GROUPS)}"
        )
    assert definition.num_cases is not None
    wanted = definition.num_cases.condition
    counted = (
        found.groups_in_force(wanted, by, at)
        if definition.stock
        else found.groups(wanted, by, period.start, period.until)
    )
    return {key: Answer(n, used=n) for key, n in counted.items()}
