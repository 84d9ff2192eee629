"""The rows of the store that hold observations; those of a short span are read once for all that ask in a snapshot."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

import sqlalchemy as sa

from ioc.calendar import DAY_S
from ioc.store import schema

SHARED_S = 2 * DAY_S
"""Rows of spans up to this length are held until the snapshot ends: stations of one network ask for the same."""
Row = Sequence[Any]
Once = Callable[[Hashable, Callable[[], Any]], Any]


def _each_time(key: Hashable, read: Callable[[], Any]) -> Any:
    return read()


@dataclass(frozen=True, slots=True)
class Rows:
    """Rows by series, as known then (known: epoch ms, None for now).

    together: the series that one indicator looks at, which are read with each other. once: remembers what was read.
    """

    connection: sa.Connection
    known: int | None = None
    together: tuple[int, ...] = ()
    once: Once = _each_time

    def rolled(self, table: sa.Table, ids: Sequence[int], start: int, end: int) -> Iterable[Row]:
        """Return (series, place, bucket, n, n_valid, sum, min, max, last, changed_at), each series in order of time."""

        def read(wanted: Sequence[int]) -> Sequence[Row]:
            given = {"ids": wanted, "start": start, "end": end}
            return self.connection.execute(_rolled(table), given).all()

        return self._of(table.name, ids, start, end, read)

    def single(self, ids: Iterable[int], start: int, end: int) -> list[Row]:
        """Return (series, place, time, value, flag) of the single values as known then, in the order of time."""

        def read(wanted: Sequence[int]) -> Sequence[Row]:
            given = {"ids": wanted, "start": start, "end": end}
            if self.known is not None:
                given["known"] = self.known
            return self.connection.execute(_single(self.known is not None), given).all()

        return sorted(self._of("single", sorted(ids), start, end, read), key=lambda row: row[2])

    def latest(self, ids: Sequence[int]) -> Iterable[Row]:
        """Return (series, place, time, value, flag) of the newest value of each series and place."""

        def read(wanted: Sequence[int]) -> Sequence[Row]:
            return self.connection.execute(_latest(), {"ids": wanted}).all()

        return self._of("latest", ids, 0, 0, read)

    def _of(
        self,
        what: str,
        ids: Sequence[int],
        start: int,
        end: int,
        read: Callable[[Sequence[int]], Sequence[Row]],
    ) -> Iterable[Row]:
        if not ids:
            return ()
        if end - start > SHARED_S:
            return read(ids)
        wanted = self.together if set(ids) <= set(self.together) else tuple(ids)
        key = ("rows", what, wanted, start, end, self.known)
        held: Mapping[int, Sequence[Row]] = self.once(key, lambda: _by_series(read(wanted)))
        return [row for id in sorted(ids) for row in held.get(id, ())]


def _by_series(rows: Iterable[Row]) -> Mapping[int, Sequence[Row]]:
    found: dict[int, list[Row]] = defaultdict(list)
    for row in rows:
        found[row[0]].append(row)
    return found


_IDS = sa.bindparam("ids", expanding=True, type_=sa.BigInteger)
_START, _END = sa.bindparam("start", type_=sa.BigInteger), sa.bindparam("end", type_=sa.BigInteger)


@cache
def _rolled(table: sa.Table) -> sa.Select[Any]:
    t = table.c
    return (
        sa.select(
            t.series_id, t.place_id, t.bucket, t.n, t.n_valid, t.sum, t.min, t.max, t.last, t.changed_at
        )
        .where(t.series_id.in_(_IDS), t.bucket >= _START, t.bucket < _END)
        .order_by(t.series_id, t.bucket)
    )


@cache
def _single(then: bool) -> Any:
    now, past = schema.observation, schema.observation_past
    query = span(now, _IDS, _START, _END)
    if not then:
        return query
    known = sa.bindparam("known", type_=sa.BigInteger)
    return sa.union_all(
        query.where(now.c.known_from <= known),
        span(past, _IDS, _START, _END).where(past.c.known_from <= known, past.c.known_to > known),
    )


@cache
def _latest() -> sa.Select[Any]:
    t = schema.latest.c
    return sa.select(t.series_id, t.place_id, t.time, t.value, t.flag).where(t.series_id.in_(_IDS))


def span(table: sa.Table, ids: Any, start: Any, end: Any) -> sa.Select[Any]:
    """Return (series, place, time, value, flag) of a table of single values over [start, end)."""
    t = table.c
    return sa.select(t.series_id, t.place_id, t.time, t.value, t.flag).where(
        t.series_id.in_(ids), t.time >= start, t.time < end
    )
