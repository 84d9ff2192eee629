"""Sources, places and series as integers: rows repeat them by the million."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from ioc.store import schema
from ioc.store.schema import SERIES_KEY

HOURLY = ("instant", "minute", "hour")
SeriesKey = tuple[str, str, str, str, str, str, str]
"""variable, agency, category, channel, span, kind, method: a series within its source."""


class Series(NamedTuple):
    """A series: its id, the seconds by which its times come after the start of their span, and its rollup.

    late: 1 where times mark the end of a span (half-open buckets: 13:00 belongs to 12:00–13:00), else 0.
    grain: "hour" (rolled into hours and days), "day" (into days) or "" (not rolled up).
    """

    id: int
    late: int
    grain: str


def series_of(id: int, span: str, stamp: str) -> Series:
    """Say how a series is rolled up; an instant marks neither start nor end."""
    grain = "hour" if span in HOURLY else "day" if span == "day" else ""
    return Series(id, int(stamp == "end" and span != "instant"), grain)


@dataclass(frozen=True, slots=True)
class Names:
    """The integers that this process knows."""

    sources: dict[str, int] = field(default_factory=dict)
    places: dict[str, int] = field(default_factory=dict)
    series: dict[int, dict[SeriesKey, Series]] = field(default_factory=dict)
    measures: dict[str, int] = field(default_factory=dict)
    bounded: set[int] = field(default_factory=set)

    def copy(self) -> Names:
        """Copy them for one commit, which adds to the copy; it is kept only if the commit succeeds."""
        series = {source: dict(of) for source, of in self.series.items()}
        return Names(dict(self.sources), dict(self.places), series, dict(self.measures), set(self.bounded))


def source_id(connection: sa.Connection, names: Names, name: str) -> int:
    """Return the integer of a source, giving it one where it has none."""
    if name not in names.sources:
        connection.execute(_new(connection, schema.source), {"name": name})
        table = schema.source
        names.sources[name] = connection.execute(
            sa.select(table.c.id).where(table.c.name == name)
        ).scalar_one()
    return names.sources[name]


def place_ids(connection: sa.Connection, names: Names, codes: Iterable[str]) -> dict[str, int]:
    """Return the integers of all places known so far, those of the given codes among them."""
    absent = sorted(set(codes) - names.places.keys())
    if absent:
        table = schema.place
        connection.execute(_new(connection, table), [{"code": code} for code in absent])
        for part in _chunks(absent):
            rows = connection.execute(sa.select(table.c.code, table.c.id).where(table.c.code.in_(part)))
            names.places.update((row.code, row.id) for row in rows)
    return names.places


def series_ids(
    connection: sa.Connection,
    names: Names,
    source: int,
    keys: Iterable[SeriesKey],
    stamps: Mapping[str, str],
) -> dict[SeriesKey, Series]:
    """Return the series of a source known so far, the given ones among them.

    stamps: variable -> "start" or "end"; a variable that is absent marks the start.
    """
    known = names.series.setdefault(source, {})
    absent = sorted(set(keys) - known.keys())
    if absent:
        table = schema.series
        rows = [
            dict(zip(SERIES_KEY, (source, *key), strict=True), stamp=stamps.get(key[0], "start"))
            for key in absent
        ]
        connection.execute(_new(connection, table), rows)
        for row in connection.execute(sa.select(table).where(table.c.source_id == source)):
            known[row[2:9]] = series_of(row.id, row.span, row.stamp)
    return known


def keep_bounded(connection: sa.Connection, names: Names, ids: set[int]) -> None:
    """Remember that series told a bound."""
    absent = sorted(ids - names.bounded)
    if absent:
        connection.execute(_new(connection, schema.bounded), [{"series_id": id} for id in absent])
        names.bounded.update(absent)


def _new(connection: sa.Connection, table: sa.Table) -> Any:
    return dialect_insert(connection.dialect.name, table).on_conflict_do_nothing()


def dialect_insert(dialect: str, table: sa.Table) -> Any:
    """Begin an INSERT that may say ON CONFLICT, in the named dialect."""
    return (sqlite if dialect == "sqlite" else postgresql).insert(table)


def _chunks(items: list[str], size: int = 500) -> Iterable[list[str]]:
    return (items[start : start + size] for start in range(0, len(items), size))
