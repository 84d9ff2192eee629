"""Questions about cases one by one: lists, histories, and counts straight from the versions."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from ioc.errors import QuestionError
from ioc.model import PENDING, SUSPENDED, Case
from ioc.store.reads.scope import Listed, Scope, read_position, write_cursor
from ioc.store.reads.versions import all_versions, known_cases
from ioc.store.records import CASES, case_of, row_columns
from ioc.store.schema import case_past, case_record, source

Where = Callable[[sa.FromClause], sa.ColumnElement[bool]]
"""A condition over a table with the columns of case_record, such as Condition.where."""

SORTS = ("opened", "due", "closed", "known_from")


@dataclass(frozen=True, slots=True)
class CaseVersion:
    """A case as it was known from known_from until known_to (epoch ms; None: still), and the run that said so."""

    source: str
    case: Case
    run_id: int
    known_from: int
    known_to: int | None = None


@dataclass(frozen=True, slots=True)
class CaseFilter:
    """Which cases to list; "" and None ask nothing. overdue_at: pending, not waiting, due and what it waited before (epoch s)."""

    kind: str = ""
    source: str = ""
    state: str = ""
    status: str = ""
    received_by: str = ""
    responsible: str = ""
    holder: str = ""
    area: str = ""
    site: str = ""
    category: str = ""
    channel: str = ""
    level: str = ""
    overdue_at: int | None = None
    opened_from: int | None = None
    opened_to: int | None = None

    def where(self, table: sa.FromClause) -> sa.ColumnElement[bool]:
        """Write the filter over a table of cases joined with source."""
        c = table.c
        texts = (
            "kind",
            "state",
            "status",
            "received_by",
            "responsible",
            "holder",
            "area",
            "site",
            "category",
        )
        parts = [
            c[name] == value for name in (*texts, "channel", "level") if (value := getattr(self, name)) != ""
        ]
        if self.source:
            parts.append(source.c.name == self.source)
        if self.overdue_at is not None:
            waiting = [state for state in PENDING if state not in SUSPENDED]
            parts += [c.state.in_(waiting), c.due + c.waited_s < self.overdue_at]
        if self.opened_from is not None:
            parts.append(c.opened >= self.opened_from)
        if self.opened_to is not None:
            parts.append(c.opened < self.opened_to)
        return sa.and_(sa.true(), *parts)


def cases(
    connection: sa.Connection,
    scope: Scope,
    asked: CaseFilter,
    *,
    where: Where | None = None,
    sort: str = "-opened",
    cursor: str | None = None,
    limit: int = 100,
    as_of: int | None = None,
) -> Listed[CaseVersion]:
    """Return cases in an order: opened, due, closed or known_from, "-" before it for the latest first.

    Sorted by due or closed, only the cases that have one are listed. where narrows further; as_of is epoch ms.
    Raises QuestionError for another order, or for a cursor of another list.
    """
    name, falling = sort.removeprefix("-"), sort.startswith("-")
    if name not in SORTS:
        raise QuestionError(
            f"sort={sort}: one of {', '.join(SORTS)} was expected, with - for the latest first"
        )
    table = known_cases(as_of)
    by = (table.c[name], table.c.source_id, table.c.key)
    rows = _select(table).where(asked.where(table))
    if where is not None:
        rows = rows.where(where(table))
    if name in ("due", "closed"):
        rows = rows.where(table.c[name].is_not(None))
    if cursor is not None:
        after = sa.tuple_(*(sa.literal(value) for value in read_position(cursor, 3)))
        rows = rows.where(sa.tuple_(*by) < after if falling else sa.tuple_(*by) > after)
    rows = rows.order_by(*(column.desc() if falling else column for column in by)).limit(limit + 1)
    found = connection.execute(scope.narrow(rows)).all()
    items = [_version(row) for row in found[:limit]]
    if len(found) <= limit:
        return Listed(items, None)
    last = found[limit - 1]
    return Listed(items, write_cursor([getattr(last, name), last.source_id, last.key]))


def case_versions(connection: sa.Connection, scope: Scope, source_name: str, key: str) -> list[CaseVersion]:
    """Return every version of one case, oldest first; the last one's known_to tells whether it was withdrawn."""
    table = all_versions(case_record, case_past)
    rows = (
        _select(table, table.c.known_to)
        .where(source.c.name == source_name, table.c.key == key)
        .order_by(table.c.known_from)
    )
    return [_version(row, row.known_to) for row in connection.execute(scope.narrow(rows))]


def count_cases(
    connection: sa.Connection,
    scope: Scope,
    kind: str,
    where: Where | None = None,
    *,
    by: Sequence[str] = (),
    period: tuple[str, int, int] | None = None,
    as_of: int | None = None,
) -> dict[tuple[str, ...], int]:
    """Count the cases of a kind straight from their versions: key -> count, keys without a case absent.

    where: such as Condition.where. by: the fields that make a key, () for one total under the key ().
    period: (opened, closed or due, from, to), half-open, epoch s: for periods that are not whole local days.
    """
    table = known_cases(as_of)
    keys = [table.c[name] for name in by]
    rows = sa.select(*keys, sa.func.count().label("n")).select_from(table).where(table.c.kind == kind)
    if where is not None:
        rows = rows.where(where(table))
    if period is not None:
        name, start, end = period
        rows = rows.where(table.c[name] >= start, table.c[name] < end)
    found = connection.execute(scope.narrow(rows.group_by(*keys) if keys else rows))
    return {tuple(key): n for *key, n in found if n}


def every_case(
    connection: sa.Connection,
    scope: Scope,
    kind: str,
    where: Where | None = None,
    *,
    as_of: int | None = None,
) -> list[CaseVersion]:
    """Return all cases of a kind that meet a condition, by source and key: for what only Python can judge."""
    table = known_cases(as_of)
    rows = _select(table).where(table.c.kind == kind).order_by(table.c.source_id, table.c.key)
    if where is not None:
        rows = rows.where(where(table))
    return [_version(row) for row in connection.execute(scope.narrow(rows))]


def _select(table: sa.FromClause, *more: Any) -> sa.Select[Any]:
    return sa.select(
        *row_columns(table, CASES),
        source.c.name,
        table.c.source_id,
        table.c.run_id,
        table.c.known_from,
        *more,
    ).join_from(table, source, source.c.id == table.c.source_id)


def _version(row: Any, known_to: int | None = None) -> CaseVersion:
    return CaseVersion(row.name, case_of(row[: len(CASES.fields)]), row.run_id, row.known_from, known_to)
