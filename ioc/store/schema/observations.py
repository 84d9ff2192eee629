"""Observations: what is known now and was known before, and what of them is rolled up."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Column, PrimaryKeyConstraint, Table

from ioc.store.columns import Int, Real, Text
from ioc.store.schema.tables import may, must, table

_KEY = ("series_id", "time", "place_id")
_VALUE = ("value", "flag", "run_id", "known_from")


def _observation(name: str, *more: Column[Any], key: tuple[str, ...], include: tuple[str, ...]) -> Table:
    return table(
        name,
        *(must(part, Int) for part in _KEY),
        may("value", Real),
        must("flag", Text),
        must("run_id", Int),
        must("known_from", Int),
        *more,
        PrimaryKeyConstraint(*key, postgresql_include=list(include)),
        rowid=False,
    )


observation = _observation("observation", key=_KEY, include=("value", "flag", "known_from"))
observation_past = _observation(
    "observation_past",
    must("known_to", Int),
    key=(*_KEY, "known_from"),
    include=("value", "flag", "known_to"),
)
latest = table(
    "latest",
    must("series_id", Int),
    must("place_id", Int),
    must("time", Int),
    may("value", Real),
    must("flag", Text),
    must("run_id", Int),
    must("known_from", Int),
    PrimaryKeyConstraint("series_id", "place_id"),
    rowid=False,
)


def _rollup(name: str) -> Table:
    return table(
        name,
        must("series_id", Int),
        must("bucket", Int),
        must("place_id", Int),
        must("n", Int),
        must("n_valid", Int),
        *(may(part, Real) for part in ("sum", "min", "max", "first", "last")),
        must("changed_at", Int),  # known_from of the page that last touched the bucket
        PrimaryKeyConstraint("series_id", "bucket", "place_id"),
        rowid=False,
    )


rollup_hour = _rollup("rollup_hour")
rollup_day = _rollup("rollup_day")
