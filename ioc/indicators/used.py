"""The records that a number was made of, page by page: what an explanation shows the first of."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import sqlalchemy as sa

from ioc.calendar import DAY_S, iso
from ioc.errors import QuestionError
from ioc.indicators import stocks
from ioc.indicators.cases import placed
from ioc.indicators.functions import FUNCTIONS, HIDING
from ioc.indicators.observations import LONG_S, Stored
from ioc.indicators.query import Query
from ioc.indicators.snapshot import Snapshot
from ioc.store import reader
from ioc.store.reader import EVERYTHING, Listed
from ioc.store.reads.scope import read_position, write_cursor

_CASE = (
    "state", "status", "opened", "due", "closed", "received_by", "responsible", "holder", "step", "channel", "category",
    "level", "area", "site", "waited_s",
)  # fmt: skip
_INSTANTS = ("opened", "due", "closed")


def records(
    query: Query, snapshot: Snapshot, *, cursor: str | None = None, limit: int = 100
) -> Listed[dict[str, Any]]:
    """Return the records of a question's period or instant, cases the newest first, values in the order of time.

    Of a share those of its denominator. Raises QuestionError for what is made of other indicators.
    """
    definition = query.definition
    if definition.composite is not None:
        raise QuestionError(
            f"{definition.id} is made of {', '.join(definition.composite.ids)}; ask for the records of each"
        )
    if definition.shape == "case":
        return _cases(query, snapshot, cursor, limit)
    if definition.shape == "event":
        return _events(query, snapshot, cursor, limit)
    if definition.function in HIDING:
        raise QuestionError(f"{definition.id} hides small counts; its records are not listed")
    return _values(query, cursor, limit)


def _cases(query: Query, snapshot: Snapshot, cursor: str | None, limit: int) -> Listed[dict[str, Any]]:
    definition, moment, cases = query.definition, query.moment, query.cases()
    wanted = definition.den_cases or definition.num_cases
    assert wanted is not None
    if definition.stock:
        rows = stocks.in_hand(cases, moment.at, moment.now)
        found = sa.select(rows).where(stocks.clause(wanted, rows, moment.at, query.calendar))
    else:
        rows = cases.rows(*placed(wanted, definition.by, moment.period.start, moment.period.until))
        found = sa.select(rows)
    by = (rows.c[definition.by or "opened"], rows.c.source_id, rows.c.key)
    found = found.order_by(*(column.desc() for column in by)).limit(limit + 1)
    if cursor is not None:
        before = sa.tuple_(*(sa.literal(value) for value in read_position(cursor, 3)))
        found = found.where(sa.tuple_(*by) < before)
    told = query.connection.execute(found).mappings().all()
    names = {id: name for name, id in snapshot.source_ids.items()}
    items = [_case(row, names.get(row["source_id"], "")) for row in told[:limit]]
    if len(told) <= limit:
        return Listed(items, None)
    last = told[limit - 1]
    return Listed(items, write_cursor([last[definition.by or "opened"], last["source_id"], last["key"]]))


def _case(row: Any, source: str) -> dict[str, Any]:
    told = {name: None if row[name] == "" else row[name] for name in _CASE}
    for name in _INSTANTS:
        told[name] = None if row[name] is None else iso(row[name])
    return {"id": f"{source}:{row['key']}", "source": source, "key": row["key"], **told, "run": row["run_id"]}


def _events(query: Query, snapshot: Snapshot, cursor: str | None, limit: int) -> Listed[dict[str, Any]]:
    before = None if cursor is None else read_position(cursor, 3)
    told = events_of(query, limit + 1, before)
    names = {id: name for name, id in snapshot.source_ids.items()}
    items = [event(row, names) for row in told[:limit]]
    if len(told) <= limit:
        return Listed(items, None)
    last = told[limit - 1]
    return Listed(items, write_cursor([last["starts"], last["source_id"], last["key"]]))


def events_of(query: Query, limit: int, before: Sequence[Any] | None = None) -> Sequence[Mapping[str, Any]]:
    """Return the events that were counted, the newest first; before: start, source and key of the last one shown."""
    wanted, moment = query.definition.num_cases, query.moment
    assert wanted is not None
    rows = query.events().rows(wanted.condition, moment.period, in_force=query.definition.stock)
    by = (rows.c.starts, rows.c.source_id, rows.c.key)
    found = sa.select(rows).order_by(*(column.desc() for column in by)).limit(limit)
    if before is not None:
        found = found.where(sa.tuple_(*by) < sa.tuple_(*(sa.literal(value) for value in before)))
    return [dict(row) for row in query.connection.execute(found).mappings()]


def event(row: Mapping[str, Any], names: Mapping[int, str]) -> dict[str, Any]:
    """Return an event as the read API lists it; names: the sources by their integers."""
    source = names.get(row["source_id"], "")
    told = {name: row[name] or None for name in ("severity", "headline", "category", "site")}
    ends = None if row["ends"] is None else iso(row["ends"])
    span = {"starts": iso(row["starts"]), "ends": ends, "areas": row["areas"]}
    return {"id": f"{source}:{row['key']}", "source": source, "key": row["key"], **span, **told}


def _values(query: Query, cursor: str | None, limit: int) -> Listed[dict[str, Any]]:
    definition, moment, looker = query.definition, query.moment, query.lookup()
    if not isinstance(looker, Stored):
        return Listed([], None)
    start, end = moment.period.start, moment.period.until + 1
    if definition.function:
        start -= FUNCTIONS[definition.function].reach or DAY_S
    elif definition.over == "last" and query.question.period is None:
        start = end - LONG_S
    series = {id for pick in definition.picks for id in looker.series(pick)}
    named = query.names
    places = [
        code
        for code in named.places.values()
        if any(looker.keep(named.series[id].key, code) for id in series)
    ]
    found = reader.observations(
        query.connection, EVERYTHING, sorted(series), start=start, end=end, places=places, cursor=cursor,
        limit=limit, as_of=moment.known,
    )  # fmt: skip
    items = []
    for one in found.items:
        key = named.series[one.series_id].key
        if looker.keep(key, one.place):
            told = {
                name: getattr(key, name) or None for name in ("source", "variable", "category", "channel")
            }
            items.append(
                {**told, "place": one.place, "time": iso(one.time), "value": one.value, "flag": one.flag or None,
                 "run": one.run_id}
            )  # fmt: skip
    return Listed(items, found.next)
