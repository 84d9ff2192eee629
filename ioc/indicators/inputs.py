"""The inputs of an indicator: which sources it rests on, and what their runs say."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from typing import Any, NamedTuple

import sqlalchemy as sa

from ioc.catalogue import Catalogue
from ioc.indicators.definition import Definition
from ioc.model import Source
from ioc.quality import Runs
from ioc.store import schema


def sources_of(
    definition: Definition, catalogue: Catalogue, delivering: Mapping[str, frozenset[str]]
) -> list[Source]:
    """Return the sources that an indicator rests on, in the order of preference.

    Those declared; else those of its shape, in its sector before others, and of observations those that declare
    or have delivered one of its variables. Behind them those of what it is divided or weighed by.
    delivering: source -> variables in the store.
    """
    found = _counting(definition, catalogue, delivering)
    if definition.standing is None:
        return found
    wanted = frozenset({definition.standing.variable})
    return found + [source for source in _speaking(catalogue, delivering, wanted) if source not in found]


def telling(definition: Definition, sources: Iterable[Source]) -> list[Source]:
    """Return those of the sources of an indicator that tell what it counts, not what that is divided by."""
    return [source for source in sources if source.shape == definition.of]


def _counting(
    definition: Definition, catalogue: Catalogue, delivering: Mapping[str, frozenset[str]]
) -> list[Source]:
    if definition.sources:
        return [catalogue.sources[id] for id in definition.sources if id in catalogue.sources]
    fitting = [source for source in catalogue.sources.values() if source.shape == definition.of]
    if definition.shape == "observation":
        standing = definition.standing
        wanted = definition.variables - ({standing.variable} if standing is not None else set())
        speaking = _speaking(catalogue, delivering, wanted or definition.variables)
        fitting = speaking or [source for source in fitting if source.sector == definition.sector]
    own = [source for source in fitting if source.sector == definition.sector]
    return own or fitting


def _speaking(
    catalogue: Catalogue, delivering: Mapping[str, frozenset[str]], wanted: frozenset[str]
) -> list[Source]:
    """Return the sources of observations that declare or have delivered one of some variables."""
    return [
        source
        for source in catalogue.sources.values()
        if source.shape == "observation"
        and (wanted & delivering.get(source.id, frozenset()) or wanted & catalogue.texts(source.id))
    ]


def named_in(options: Any, wanted: Iterable[str]) -> frozenset[str]:
    """Return which of the wanted variables the options of a connector name, as a key or as a value."""
    names = frozenset(wanted)
    if isinstance(options, Mapping):
        found = names & frozenset(options)
        return found.union(*(named_in(value, names) for value in options.values()))
    if isinstance(options, str):
        return names & {options}
    if isinstance(options, Sequence):
        return frozenset().union(*(named_in(value, names) for value in options))
    return frozenset()


class Polled(NamedTuple):
    """A source as the store knows it: its integer, None where it never delivered, and what its polls amount to."""

    id: int | None
    runs: Runs


def polled(connection: sa.Connection, sources: Iterable[str], known: int | None) -> dict[str, Polled]:
    """Return what the store knows of sources, in one look, as known then (epoch ms; None: now).

    The newest time of its records is given of each; whether it tells of its age is not judged here.
    """
    names = sorted(set(sources))
    given = {"names": names} if known is None else {"names": names, "known": known}
    found = {row.name: row for row in connection.execute(_heads(known is not None), given)} if names else {}
    never = Polled(None, Runs())
    return {name: _polled(connection, found[name], known) if name in found else never for name in names}


@cache
def _heads(then: bool) -> sa.Select[Any]:
    """Return the newest poll of each source, and the first and the newest of each outcome; then: as known then."""
    source = schema.source

    def poll(name: str, outcome: str, *, newest: bool = True) -> sa.FromClause:
        t = schema.run.c
        polls = sa.select(t.id).where(t.source_id == source.c.id, t.kind == "poll", t.finished.is_not(None))
        if then:
            polls = polls.where(t.finished <= sa.bindparam("known", type_=sa.BigInteger))
        order: Any = t.id
        if outcome:
            polls, order = polls.where(t.outcome == outcome), t.started
        polls = polls.order_by(order.desc() if newest else order).limit(1)
        return chosen.setdefault(name, (schema.run.alias(name), polls.correlate(source).scalar_subquery()))[0]

    chosen: dict[str, tuple[Any, Any]] = {}
    last = poll("last", "").c
    columns: list[Any] = [source.c.name, source.c.id, source.c.last_reported]
    columns += [last[name].label(name) for name in _OF_LAST]
    for outcome in ("changed", "unchanged"):
        one = poll(f"last_{outcome}", outcome).c
        columns += [one.started.label(f"started_{outcome}"), one.finished.label(f"last_{outcome}")]
    for outcome in ("changed", "unchanged", "failed"):
        one = poll(f"first_{outcome}", outcome, newest=False).c
        columns += [one.started.label(f"began_{outcome}"), one.finished.label(f"first_{outcome}")]
    tables: Any = source
    for alias, id in chosen.values():
        tables = tables.outerjoin(alias, alias.c.id == id)
    wanted = sa.bindparam("names", expanding=True, type_=sa.String)
    return sa.select(*columns).select_from(tables).where(source.c.name.in_(wanted))


_OF_LAST = ("finished", "outcome", "error", "error_kind", "new", "changed", "same", "rejected")


def _polled(connection: sa.Connection, row: Any, known: int | None) -> Polled:
    """Return what a row of _heads says."""
    if row.finished is None:
        return Polled(row.id, Runs())
    newest = _of(row, "started", "last", ("changed", "unchanged"), max)
    oldest = _of(row, "began", "first", ("changed", "unchanged", "failed"), min)
    failing = None
    if row.outcome == "failed":
        t = schema.run.c
        since = sa.select(t.finished).where(
            t.source_id == row.id, t.kind == "poll", t.finished.is_not(None), t.outcome == "failed",
            t.started > (newest[0] if newest else 0),
        )  # fmt: skip
        if known is not None:
            since = since.where(t.finished <= known)
        failing = connection.execute(since.order_by(t.started).limit(1)).scalar()
    records = row.new + row.changed + row.same + row.rejected
    return Polled(
        row.id,
        Runs(
            first_run=_seconds(oldest[1] if oldest else None),
            last_run=_seconds(row.finished),
            outcome=row.outcome,
            error=row.error,
            error_kind=row.error_kind,
            rejected_share=row.rejected / records if records else 0.0,
            last_success=_seconds(newest[1] if newest else None),
            last_changed=_seconds(row.last_changed),
            failing_since=_seconds(failing),
            last_reported=row.last_reported,
        ),
    )


def _of(row: Any, at: str, then: str, outcomes: Sequence[str], best: Any) -> tuple[int, int] | None:
    """Return when the chosen poll of several outcomes started and finished, None without one."""
    polls = [(getattr(row, f"{at}_{one}"), getattr(row, f"{then}_{one}")) for one in outcomes]
    return best((poll for poll in polls if poll[0] is not None), key=lambda poll: poll[0], default=None)


def began(
    connection: sa.Connection, shape: str, kind: str, source_ids: Sequence[int], known: int | None
) -> int | None:
    """Return from when on sources tell of their cases or events of a kind, epoch s; None where they told nothing so far.

    That is their oldest record, or the first run that brought none. known: as known then (epoch ms; None: now).
    """
    if shape not in ("case", "event") or not source_ids:
        return None
    given: dict[str, Any] = {"kind": kind, "sources": list(source_ids)}
    given |= {f"source_{place}": id for place, id in enumerate(source_ids)}
    if known is not None:
        given["known"] = known
    first = connection.execute(_oldest(shape, len(source_ids), known is not None), given).one()
    found = [_seconds(first[0]), *first[1:]]
    return min((instant for instant in found if instant is not None), default=None)


@cache
def _oldest(shape: str, count: int, then: bool) -> sa.Select[Any]:
    """Return the first run that brought something, and the oldest record of each of so many sources."""
    table, time = (schema.case_record, "opened") if shape == "case" else (schema.event_record, "starts")
    run, known = schema.run.c, sa.bindparam("known", type_=sa.BigInteger)
    wanted = sa.bindparam("sources", expanding=True, type_=sa.BigInteger)
    polls = sa.select(sa.func.min(run.finished)).where(
        run.source_id.in_(wanted), run.outcome.in_(("changed", "unchanged"))
    )
    columns = [polls.where(run.finished <= known) if then else polls]
    for place in range(count):
        # by kind records are in order, and a source tells of one kind: the first is found without the others
        id = sa.bindparam(f"source_{place}", type_=sa.BigInteger)
        kind = sa.bindparam("kind", type_=sa.String)
        oldest = sa.select(table.c[time]).where(table.c.kind == kind, table.c.source_id + 0 == id)
        if then:
            oldest = oldest.where(table.c.known_from + 0 <= known)
        columns.append(oldest.order_by(table.c[time]).limit(1))
    return sa.select(*(column.scalar_subquery() for column in columns))


def _seconds(instant: int | None) -> int | None:
    return None if instant is None else instant // 1000
