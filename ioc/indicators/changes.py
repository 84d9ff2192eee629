"""Which records made a number another one between two moments of knowledge: new, changed and withdrawn ones.

Only a record whose contribution differs counts: one that a condition, the period or the place left out before
and after did nothing to the number.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import orjson
import sqlalchemy as sa

from ioc.calendar import DAY_S, iso, iso_ms
from ioc.conditions import fact_text
from ioc.indicators import events, stocks
from ioc.indicators.cases import COLUMN
from ioc.indicators.functions import FUNCTIONS
from ioc.indicators.measured import column_of
from ioc.indicators.observations import LONG_S, Stored
from ioc.indicators.parts import CaseFilter
from ioc.indicators.query import Query
from ioc.indicators.revised import changed
from ioc.model import PENDING
from ioc.store import schema
from ioc.store.columns import JsonText, Text

FIRST = 20
_CASE: tuple[str, ...] = (
    "state", "status", "opened", "due", "closed", "received_by", "responsible", "holder", "step", "channel", "category",
    "level", "area", "site", "waited_s", "facts",
)  # fmt: skip
_EVENT: tuple[str, ...] = ("starts", "ends", "severity", "headline", "areas", "category", "site", "facts")
_INSTANTS = ("opened", "due", "closed", "starts", "ends")


@dataclass(frozen=True, slots=True)
class Changes:
    """What happened to the records; first: the newest of them with before and after.

    num, den: by how much the records moved the two parts, None where that is not counted one by one.
    """

    new: int = 0
    changed: int = 0
    withdrawn: int = 0
    first: list[dict[str, Any]] = field(default_factory=list)
    num: int | None = None
    den: int | None = None

    @property
    def total(self) -> int:
        """How many records did it."""
        return self.new + self.changed + self.withdrawn


def changes(
    before: Query, after: Query, since: int, until: int, names: Mapping[int, str], first: int = FIRST
) -> Changes:
    """Return which records differ between what was known at since and at until (epoch ms).

    before, after: the same question as of both. names: the sources by their integers.
    """
    definition = after.definition
    if definition.composite is not None:
        parts = [
            changes(before.part(id), after.part(id), since, until, names, first)
            for id in definition.composite.ids
        ]
        told = sorted((one for part in parts for one in part.first), key=lambda one: one["known_from"])
        return Changes(
            sum(part.new for part in parts),
            sum(part.changed for part in parts),
            sum(part.withdrawn for part in parts),
            told[::-1][:first],
        )
    if definition.function or definition.shape == "observation":
        return _of_observations(before, after, since, until, first)
    is_case = definition.shape == "case"
    now = schema.case_record if is_case else schema.event_record
    past = schema.case_past if is_case else schema.event_past
    fields = _CASE if is_case else _EVENT
    p, n = past.c, now.c
    ended = _side(before, fields, [(past, (p.known_to > since, p.known_to <= until, p.known_from <= since))])
    begun = _side(
        after,
        fields,
        [
            (now, (n.known_from > since, n.known_from <= until)),
            (past, (p.known_from > since, p.known_from <= until, p.known_to > until)),
        ],
    )
    return _compared(after.connection, ended, begun, fields, names, first)


def _side(query: Query, fields: Sequence[str], tables: Sequence[tuple[sa.Table, Sequence[Any]]]) -> Any:
    """Return versions of one side, each with what it contributes: in_num, in_den (1 or 0) and measured."""
    parts = []
    for table, clauses in tables:
        mine = [table.c.kind == query.definition.kind, table.c.source_id.in_(tuple(query.sources.values()))]
        num, den, measured = (_of_case if query.definition.shape == "case" else _of_event)(query, table)
        parts.append(
            sa.select(
                table.c.source_id,
                table.c.key,
                table.c.known_from,
                *(_plain(table.c[name]) for name in fields),
                sa.case((num, 1), else_=0).label("in_num"),
                sa.case((den, 1), else_=0).label("in_den"),
                measured.label("measured"),
            ).where(*mine, *clauses)
        )
    return sa.union_all(*parts).subquery() if len(parts) > 1 else parts[0].subquery()


def _plain(column: Any) -> Any:
    return sa.cast(column, Text).label(column.name) if isinstance(column.type, JsonText) else column


def _of_case(query: Query, table: sa.Table) -> tuple[Any, Any, Any]:
    """Return whether a version counts in the numerator and in the denominator, and what is measured of it."""
    definition, at = query.definition, query.moment.at
    asked = [table.c[COLUMN[name]] == value for name, value in query.narrowed.items()]
    if definition.stock:
        asked += [table.c.state.in_(PENDING), table.c.opened <= at]
    else:
        by = table.c[definition.by]
        asked += [by >= query.moment.period.start, by < query.moment.period.until]

    def counts(wanted: CaseFilter | None) -> Any:
        if wanted is None:
            return sa.false()
        if definition.stock:
            return sa.and_(*asked, stocks.clause(wanted, table, at, query.calendar))
        return sa.and_(*asked, wanted.condition.where(table))

    measured: Any = sa.literal("")
    if (length := definition.length) is not None:
        if definition.stock:
            measured = sa.cast(column_of(length)(table), sa.String)
        elif length.fact:
            measured = fact_text(table.c.facts, sa.literal(length.fact, sa.String))
        else:
            measured = sa.cast(table.c[length.end] - table.c[length.start], sa.String)
    return counts(definition.num_cases), counts(definition.den_cases), measured


def _of_event(query: Query, table: sa.Table) -> tuple[Any, Any, Any]:
    t, period = table.c, query.moment.period
    asked = events.narrowing(table, query.narrowed, query.province)
    if query.definition.num_cases is not None:
        asked.append(query.definition.num_cases.condition.where(table))
    if query.definition.stock:
        asked += [t.starts <= period.until, sa.or_(t.ends.is_(None), t.ends > period.until)]
    else:
        asked += [t.starts >= period.start, t.starts < period.until]
    return sa.and_(sa.true(), *asked), sa.false(), sa.literal("")


def _compared(
    connection: sa.Connection,
    ended: Any,
    begun: Any,
    fields: Sequence[str],
    names: Mapping[int, str],
    first: int,
) -> Changes:
    e, b = ended.c, begun.c
    same = sa.and_(b.source_id == e.source_id, b.key == e.key)
    was_num, was_den = sa.func.coalesce(e.in_num, 0), sa.func.coalesce(e.in_den, 0)
    did = sa.or_(
        b.in_num != was_num,
        b.in_den != was_den,
        sa.and_(b.measured.is_distinct_from(e.measured), b.in_num + was_num > 0),
    )
    joined, alone = begun.outerjoin(ended, same), ended.outerjoin(begun, same)
    left = sa.and_(b.key.is_(None), e.in_num + e.in_den > 0)

    def summed(moved_num: Any, moved_den: Any, source: Any, where: Any) -> Any:
        counted = (sa.func.count(), sa.func.count(e.key), sa.func.sum(moved_num), sa.func.sum(moved_den))
        return connection.execute(sa.select(*counted).select_from(source).where(where)).one()

    all_of, changed, num, den = summed(b.in_num - was_num, b.in_den - was_den, joined, did)
    withdrawn, _, lost_num, lost_den = summed(-e.in_num, -e.in_den, alone, left)
    columns = [
        *(b[name].label(f"after_{name}") for name in fields),
        *(e[name].label(f"before_{name}") for name in fields),
    ]
    told: list[dict[str, Any]] = []
    for source, where, by in ((joined, did, b), (alone, left, e)):
        key = [by.source_id.label("source_id"), by.key.label("key"), b.key.label("b"), e.key.label("e")]
        rows = sa.select(*key, by.known_from.label("at"), *columns).select_from(source).where(where)
        rows = rows.order_by(by.known_from.desc(), by.key).limit(first - len(told))
        told += [_told(row, fields, names) for row in connection.execute(rows).mappings()]
    return Changes(
        all_of - changed,
        changed,
        withdrawn,
        told,
        int(num or 0) + int(lost_num or 0),
        int(den or 0) + int(lost_den or 0),
    )


def _told(row: Any, fields: Sequence[str], names: Mapping[int, str]) -> dict[str, Any]:
    what = "withdrawn" if row["b"] is None else "new" if row["e"] is None else "changed"
    sides = {
        side: None if row[key] is None else {name: _value(name, row[f"{side}_{name}"]) for name in fields}
        for side, key in (("before", "e"), ("after", "b"))
    }
    before, after = sides["before"], sides["after"]
    differ = [name for name in fields if before is None or after is None or before[name] != after[name]]
    return {
        "what": what,
        "id": f"{names.get(row['source_id'], '')}:{row['key']}",
        "source": names.get(row["source_id"], ""),
        "known_from": iso_ms(row["at"]),
        **{
            side: told if told is None else {name: told[name] for name in differ}
            for side, told in sides.items()
        },
    }


def _value(name: str, value: Any) -> Any:
    if value is None or value == "":
        return None
    if name in ("facts", "areas"):
        return orjson.loads(value)
    return iso(value) if name in _INSTANTS else value


def _of_observations(before: Query, after: Query, since: int, until: int, first: int) -> Changes:
    """Compare single values in the spans that the two answers looked at."""
    looker = after.lookup()
    if not isinstance(looker, Stored):
        return Changes()
    start, end = _looked_at(before, after)
    counted: Counter[str] = Counter()
    told: list[tuple[int, dict[str, Any]]] = []
    for pick in dict.fromkeys(after.definition.picks):
        for one in changed(looker, pick, start, end, since, until):
            what = "new" if one.before is None else "withdrawn" if one.after is None else "changed"
            counted[what] += 1
            told.append((one.known_from, {
                "what": what,
                "id": f"{one.series.source}:{one.series.variable}:{one.place}:{one.time}",
                "source": one.series.source,
                "variable": one.series.variable,
                "category": one.series.category,
                "place": one.place,
                "time": iso(one.time),
                "known_from": iso_ms(one.known_from),
                **{
                    side: None if pair is None else {"value": pair[0], "flag": pair[1] or None}
                    for side, pair in (("before", one.before), ("after", one.after))
                },
            }))  # fmt: skip
    told.sort(key=lambda pair: (-pair[0], pair[1]["time"], pair[1]["place"]))
    return Changes(counted["new"], counted["changed"], counted["withdrawn"], [one for _, one in told[:first]])


def _looked_at(before: Query, after: Query) -> tuple[int, int]:
    """Return the span, epoch s, in which a value can have moved the one answer or the other."""
    definition = after.definition
    start = min(before.moment.period.start, after.moment.period.start)
    end = max(before.moment.period.until, after.moment.period.until)
    if definition.function:
        start -= FUNCTIONS[definition.function].reach or DAY_S
    elif definition.over == "last" and after.question.period is None:
        start = end - LONG_S
    return start, end + 1
