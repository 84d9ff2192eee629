"""Why a number is what it is: formula, parts, records, sources and payloads, earlier versions of its definition."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

import sqlalchemy as sa

from ioc.calendar import DAY_S, HOUR_S, Period, iso, iso_ms
from ioc.indicators import revised, stocks, words
from ioc.indicators.cells import Value
from ioc.indicators.functions import HIDING
from ioc.indicators.observations import Stored
from ioc.indicators.parts import Pick
from ioc.indicators.query import Query
from ioc.indicators.reading import Answer, Reading, value_of
from ioc.indicators.snapshot import Snapshot
from ioc.indicators.used import event, events_of
from ioc.model import Text
from ioc.store import schema

FIRST = 20
CASE_FIELDS = (
    "source",
    "key",
    "state",
    "opened",
    "due",
    "closed",
    "responsible",
    "holder",
    "area",
    "category",
    "channel",
)


def explain(query: Query, reading: Reading, answer: Answer, snapshot: Snapshot) -> dict[str, Any]:
    """Return what stands behind a reading, as the read API states it."""
    definition = query.definition
    used, late, first = _records(query, answer, snapshot)
    return {
        "formula": words.formula(definition, query.catalogue.variables, _names(query)),
        "value": reading.value,
        "num": reading.num,
        "den": reading.den,
        "records": {
            "used": used,
            "rejected": _rejected(query),
            "late": late,
            "first": first,
            "href": _href(query),
            "rejected_href": [
                f"/api/v1/sources/{source.id}/rejected" for source in snapshot.inputs(definition)
            ],
        },
        "sources": [_source(query, snapshot, source) for source in snapshot.inputs(definition)],
        "basis": definition.basis,
        "limit_basis": definition.limit_basis,
        "owner": definition.owner,
        "definition": definition.hash,
        "definitions": _definitions(query),
        "detail": dict(answer.detail),
        "parts": [_part(query, query.part(id), part) for id, part in answer.parts.items()],
    }


def _names(query: Query) -> dict[str, Text]:
    composite = query.definition.composite
    return {} if composite is None else {id: query.part(id).definition.name for id in composite.ids}


def _part(whole: Query, query: Query, answer: Answer) -> dict[str, Any]:
    """Return an indicator that another is made of, with where it is explained itself."""
    definition = query.definition
    return {
        "indicator": definition.id,
        "name": {"vi": definition.name.vi, "en": definition.name.en},
        "value": value_of(definition, answer),
        "num": answer.num,
        "den": answer.den,
        "unit": definition.unit,
        "href": _address(query, "explain", whole.moment.period),
    }


def _records(
    query: Query, answer: Answer, snapshot: Snapshot
) -> tuple[int | None, int, list[dict[str, Any]]]:
    """Return how many records went in, how many of them came after the period was closed, and the first."""
    definition, period = query.definition, query.moment.period
    if definition.function in HIDING:
        return answer.used, 0, []
    if definition.shape == "observation":
        return _observed(query, answer)
    if definition.composite is not None:
        return answer.used, 0, []
    names = {id: name for name, id in snapshot.source_ids.items()}
    if definition.shape == "event":
        return answer.used, 0, [event(row, names) for row in events_of(query, FIRST)]
    wanted = definition.den_cases or definition.num_cases
    assert wanted is not None
    cases = query.cases()
    if definition.stock:
        rows = stocks.in_hand(cases, query.moment.at, query.moment.now)
        counted = stocks.clause(wanted, rows, query.moment.at, query.calendar)
        found = sa.select(rows).where(counted).order_by(rows.c.due, rows.c.key).limit(FIRST)
        return answer.used, 0, [_case(row, names) for row in query.connection.execute(found).mappings()]
    first = cases.sample(wanted, definition.by, period.start, period.until, FIRST)
    late = 0
    if period.complete:
        rows = cases.rows(
            lambda t: t.c[definition.by] >= period.start,
            lambda t: t.c[definition.by] < period.until,
            wanted.condition.where,
            lambda t: t.c.known_from > period.end * 1000,
        )
        late = query.connection.execute(sa.select(sa.func.count()).select_from(rows)).scalar_one()
    return answer.used, late, [_case(row, names) for row in first]


def _observed(query: Query, answer: Answer) -> tuple[int | None, int, list[dict[str, Any]]]:
    definition, period = query.definition, query.moment.period
    looker = query.lookup()
    picks = [pick for pick in definition.picks if pick != definition.standing]
    if not isinstance(looker, Stored):
        return answer.used, 0, []
    end = period.until + 1
    start = period.start
    if definition.over == "last" and answer.reported_at is not None:
        start = min(start, answer.reported_at)
    if answer.span is not None:
        start = min(start, answer.span[1])
    used = late = 0
    first: list[dict[str, Any]] = []
    for pick in picks:
        used += sum(cell.n for cell in looker.total(pick, start, end))
        late += revised.late(looker, pick, start, period.end) if period.complete else 0
        if len(first) < FIRST:
            recent = _newest(looker, pick, start, end)
            first += [
                {
                    "source": row.series.source,
                    "variable": row.series.variable,
                    "category": row.series.category,
                    "place": row.place,
                    "time": iso(row.time),
                    "value": row.value,
                    "flag": row.flag,
                }
                for row in recent[-FIRST:]
            ]
    return used, late, first[:FIRST]


def _newest(looker: Stored, pick: Pick, start: int, end: int) -> list[Value]:
    """Return the newest values of a span: of instruments two hours hold more than are shown, of reports a year."""
    for back in (2 * HOUR_S, DAY_S, 30 * DAY_S):
        found = looker.rows(pick, max(start, end - back), end)
        if found or end - back <= start:
            return found
    return looker.rows(pick, start, end)


def _case(row: Any, names: dict[int, str]) -> dict[str, Any]:
    told: dict[str, Any] = {
        name: None if row[name] == "" else row[name] for name in CASE_FIELDS if name != "source"
    }
    for name in ("opened", "due", "closed"):
        told[name] = None if row[name] is None else iso(row[name])
    return {"source": names.get(row["source_id"], ""), **told}


def _rejected(query: Query) -> int:
    """Return how many records of its sources were rejected in the period, or for a stock in the last 30 days."""
    r = schema.rejected.c
    start = query.moment.period.start if not query.definition.stock else query.moment.at - 30 * 86_400
    count = sa.select(sa.func.count()).where(
        r.source_id.in_(tuple(query.sources.values())),
        r.known_from >= start * 1000,
        r.known_from < (query.moment.period.until + 1) * 1000,
    )
    return query.connection.execute(count).scalar_one()


def _source(query: Query, snapshot: Snapshot, source: Any) -> dict[str, Any]:
    known = query.moment.known
    fresh, runs = snapshot.freshness(source, known, query.moment.now), snapshot.runs(source, known)
    p = schema.payload.c
    kept = (
        sa.select(p.hash)
        .where(p.source_id == query.sources.get(source.id))
        .order_by(p.stored.desc())
        .limit(5)
    )
    if known is not None:
        kept = kept.where(p.stored <= known)
    instants = {
        "last_poll": runs.last_run,
        "last_success": runs.last_success,
        "last_changed": runs.last_changed,
        "fresh_until": fresh.until,
    }
    return {
        "id": source.id,
        "name": {"vi": source.name.vi, "en": source.name.en},
        "state": fresh.state,
        "sentence": {"vi": fresh.vi, "en": fresh.en},
        **{name: None if instant is None else iso(instant) for name, instant in instants.items()},
        "definition": source.hash,
        "payloads": [
            hash if hash.startswith("sha256:") else f"sha256:{hash}"
            for (hash,) in query.connection.execute(kept)
        ],
        "more": f"/api/v1/sources/{source.id}/runs",
    }


def _definitions(query: Query) -> list[dict[str, Any]]:
    """Return the versions of the definition, the newest first."""
    d = schema.definition.c
    rows = query.connection.execute(
        sa.select(d.hash, d.known_from, d.known_to)
        .where(d.kind == "indicator", d.name == query.definition.id)
        .order_by(d.known_from.desc())
    )
    return [
        {
            "definition": row.hash,
            "from": iso_ms(row.known_from),
            "to": None if row.known_to is None else iso_ms(row.known_to),
        }
        for row in rows
    ]


def _href(query: Query) -> str:
    """Return where all the records are listed, page by page; of what is made of indicators, where the first is explained."""
    composite = query.definition.composite
    if composite is not None:
        return _address(query.part(composite.ids[0]), "explain", query.moment.period)
    return _address(query, "records")


def _address(query: Query, what: str, period: Period | None = None) -> str:
    """Return where the same is asked: the same part, period and moment of knowledge.

    period: of the indicator that asks, for one that it is made of.
    """
    definition, question, asked = query.definition, query.question, dict(query.narrowed)
    if definition.stock:
        if question.at is not None or (period is not None and period.until < query.moment.now):
            asked["at"] = iso(query.moment.at)
    elif question.period is not None:
        asked["period"] = question.period
    elif question.at is not None:
        asked["at"] = iso(question.at)
    elif period is not None and period.kind != definition.period:
        asked["period"] = period.label
    if question.as_of is not None:
        asked["as_of"] = iso_ms(question.as_of)
    return f"/api/v1/indicators/{definition.id}/{what}" + ("?" + urlencode(asked) if asked else "")


def in_words(told: Mapping[str, Any]) -> str:
    """Return what explain returns as lines for a terminal, in Vietnamese."""
    records = told["records"]
    lines = [
        f"{told['formula']['vi']}",
        f"  giá trị {_said(told['value'])}   tử số {_said(told['num'])}   mẫu số {_said(told['den'])}",
        f"  bản ghi: {_said(records['used'])} đã dùng, {records['rejected']} không tính, "
        f"{records['late']} cập nhật sau khi chốt số liệu",
        f"  căn cứ: {told['basis']}",
        f"  cơ quan chịu trách nhiệm: {told['owner']}",
    ]
    for source in told["sources"]:
        lines.append(f"  nguồn {source['id']}: {source['sentence']['vi']}")
        lines += [f"    dữ liệu gốc {payload}" for payload in source["payloads"]]
    lines.append(f"  định nghĩa {told['definition']}")
    lines += [f"    từ {version['from']}: {version['definition']}" for version in told["history"]]
    return "\n".join(lines)


def _said(number: object) -> str:
    return "–" if number is None else str(number)
