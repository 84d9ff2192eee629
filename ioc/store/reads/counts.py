"""Questions that the daily counts of cases answer."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa

from ioc.errors import QuestionError
from ioc.store.measures import Measure, cell, key_of
from ioc.store.reads.scope import Scope
from ioc.store.records import CASES, case_of, row_columns
from ioc.store.schema import case_day, case_past, case_record, known_day, measure

_Cell = tuple[int, str, int]


def cases_counted(
    connection: sa.Connection,
    scope: Scope,
    asked: Measure,
    *,
    start: int,
    end: int,
    dim: str = "",
    keys: Sequence[str] | None = None,
    as_of: int | None = None,
) -> dict[str, int]:
    """Return key -> number of cases of the days from start up to end (epoch s of local midnights).

    dim: one of asked.dims; the total stands under the key "". keys: only these. as_of: epoch ms.
    A key without a case is absent. Raises QuestionError for a dim that is not counted.
    """
    totals: Counter[str] = Counter()
    for (_, key, _), n in _cells(connection, scope, asked, start, end, dim, keys, as_of).items():
        totals[key] += n
    return {key: n for key, n in totals.items() if n}


def cases_by_day(
    connection: sa.Connection,
    scope: Scope,
    asked: Measure,
    *,
    start: int,
    end: int,
    dim: str = "",
    keys: Sequence[str] | None = None,
    as_of: int | None = None,
) -> dict[int, dict[str, int]]:
    """Return day (epoch s of its local midnight) -> key -> number of cases, in the order of days."""
    days: dict[int, Counter[str]] = {}
    for (day, key, _), n in sorted(_cells(connection, scope, asked, start, end, dim, keys, as_of).items()):
        days.setdefault(day, Counter())[key] += n
    return {day: found for day, of in days.items() if (found := {key: n for key, n in of.items() if n})}


def case_durations(
    connection: sa.Connection,
    scope: Scope,
    asked: Measure,
    *,
    start: int,
    end: int,
    dim: str = "",
    keys: Sequence[str] | None = None,
    as_of: int | None = None,
) -> dict[str, dict[int, int]]:
    """Return key -> duration (in the measure's unit, ascending) -> number of cases: exact medians follow."""
    found: dict[str, Counter[int]] = {}
    for (_, key, bin), n in _cells(connection, scope, asked, start, end, dim, keys, as_of).items():
        found.setdefault(key, Counter())[bin] += n
    bins = {key: {bin: n for bin, n in sorted(of.items()) if n} for key, of in found.items()}
    return {key: of for key, of in bins.items() if of}


def _cells(
    connection: sa.Connection,
    scope: Scope,
    asked: Measure,
    start: int,
    end: int,
    dim: str,
    keys: Sequence[str] | None,
    as_of: int | None,
) -> Counter[_Cell]:
    if dim not in asked.dims:
        raise QuestionError(f"{asked.id} is counted by {', '.join(filter(None, asked.dims))}, not by {dim}")
    c = case_day.c
    rows = (
        sa.select(c.day, c.key, c.bin, sa.func.sum(c.n))
        .join_from(case_day, measure, measure.c.id == c.measure_id)
        .where(measure.c.name == asked.id, c.dim == dim, c.day >= start, c.day < end)
        .group_by(c.day, c.key, c.bin)
    )
    if keys is not None:
        rows = rows.where(c.key.in_(keys))
    if as_of is not None:
        rows = rows.where(c.known_day < known_day(as_of))
    cells: Counter[_Cell] = Counter()
    for day, key, bin, n in connection.execute(scope.narrow(rows)):
        cells[day, key, bin] = int(n)
    if as_of is not None:
        for (day, key, bin), n in _since_midnight(connection, scope, asked, dim, as_of).items():
            if start <= day < end and (keys is None or key in keys):
                cells[day, key, bin] += n
    return cells


def _since_midnight(
    connection: sa.Connection, scope: Scope, asked: Measure, dim: str, as_of: int
) -> Counter[_Cell]:
    """What became known on the local day of as_of, up to as_of: the daily counts do not tell hours apart."""
    midnight = known_day(as_of) * 1000
    cells: Counter[_Cell] = Counter()
    parts: list[tuple[sa.Table, Any, int]] = [
        (case_record, case_record.c.known_from, 1),
        (case_past, case_past.c.known_from, 1),
        (case_past, case_past.c.known_to, -1),
    ]
    for table, instant, sign in parts:
        rows = sa.select(*row_columns(table, CASES)).where(
            table.c.kind == asked.kind, instant >= midnight, instant <= as_of
        )
        for row in connection.execute(scope.narrow(rows)):
            case = case_of(row)
            found = cell(asked, case)
            if found is not None:
                cells[found[0], key_of(case, dim), found[1]] += sign
    return cells
