"""What the tests of the store share: a declared source, pages, and a store that is open for a while."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import sqlalchemy as sa

from ioc.conditions import parse
from ioc.model import Case, Observation, Page, Record, Source, Text
from ioc.store import Kept, Measure, Store, finish_run, keep_page, open_store, schema, start_run
from ioc.store.reader import EVERYTHING

NOW_MS = 1_760_000_000_000
"""9 October 2025, 15:53 local time."""
NOW = NOW_MS // 1000
HOUR, DAY = 3600, 86_400
MIDNIGHT = schema.local_midnight(NOW)
ALL = EVERYTHING

OPENED = Measure("opened", "dossier", "opened", parse({}), pairs=(("responsible", "channel"),))
CLOSED = Measure(
    "closed_hours",
    "dossier",
    "closed",
    parse({"closed": True}),
    bin=lambda case: None if case.closed is None else (case.closed - case.opened) // HOUR,
)
LATE = Measure("late", "dossier", "due", parse({"late": True, "not": {"channel": "post"}}))
MEASURES = (OPENED, CLOSED, LATE)


def source(id: str = "one_stop", shape: str = "observation", **more: Any) -> Source:
    """Declare a source."""
    return Source(id, Text(id, id), "rest_json", "environment", shape, "so_tnmt", **more)


@contextmanager
def opened(url: str) -> Iterator[Store]:
    """Open a store and close it again."""
    store = open_store(url, simulated=True, province="22")
    try:
        yield store
    finally:
        store.close()


def keep(
    store: Store, of: Source, page: Page | Sequence[Record], *, now_ms: int = NOW_MS, **more: Any
) -> Kept:
    """Keep one page as a run of its own, counted by MEASURES."""
    if not isinstance(page, Page):
        page = Page(page)
    run = start_run(store, 0, of.id, now_ms=now_ms)
    kept = keep_page(store, 0, run, of, page, now_ms=now_ms, **{"measures": MEASURES, **more})
    finish_run(store, 0, run, "changed" if kept.new or kept.changed else "unchanged", now_ms=now_ms)
    return kept


def value(
    time: int, number: float | None, place: str = "st1", variable: str = "pm25", **more: Any
) -> Observation:
    """Make an observation."""
    return Observation(variable, time, place, number, **more)


def dossier(key: str, opened: int = NOW - DAY, **more: Any) -> Case:
    """Make a case."""
    return Case(key, "dossier", more.pop("state", "open"), opened, **more)


def rows(store: Store, table: sa.Table, *leave_out: str) -> list[tuple[Any, ...]]:
    """Return the rows of a table in a fixed order, without some columns."""
    columns = [column for column in table.columns if column.name not in leave_out]
    with store.reading() as connection:
        found = [tuple(map(str, row)) for row in connection.execute(sa.select(*columns))]
    return sorted(found)


def count(store: Store, table: sa.Table) -> int:
    """Count the rows of a table."""
    with store.reading() as connection:
        return connection.execute(sa.select(sa.func.count()).select_from(table)).scalar_one()
