"""The inputs of an indicator: which sources it rests on, and what their runs say."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

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


def runs_of(connection: sa.Connection, source_id: int | None, known: int | None, *, reported: bool) -> Runs:
    """Return what the polls of a source amount to, as known then (epoch ms; None: now).

    reported: whether the newest time of its records belongs to it: instruments, now.
    """
    if source_id is None:
        return Runs()
    t = schema.run.c
    polls = sa.select().where(t.source_id == source_id, t.kind == "poll", t.finished.is_not(None))
    if known is not None:
        polls = polls.where(t.finished <= known)
    newest = polls.order_by(t.id.desc()).limit(1)
    names = ("finished", "outcome", "error", "error_kind", "new", "changed", "same", "rejected")
    last = connection.execute(newest.add_columns(*(t[name] for name in names))).one_or_none()
    if last is None:
        return Runs()

    def first(outcomes: Sequence[str], column: Any, ascending: bool = False) -> int | None:
        order = t.started if ascending else t.started.desc()
        found = [
            connection.execute(
                polls.add_columns(t.started, column).where(t.outcome == outcome).order_by(order).limit(1)
            ).one_or_none()
            for outcome in outcomes
        ]
        rows = [row for row in found if row is not None]
        if not rows:
            return None
        best = min(rows, key=lambda row: row[0]) if ascending else max(rows, key=lambda row: row[0])
        return int(best[1])

    success = first(("changed", "unchanged"), t.finished)
    failing = None
    if last.outcome == "failed":
        since = polls.where(
            t.outcome == "failed", t.started > (first(("changed", "unchanged"), t.started) or 0)
        )
        failing = connection.execute(since.add_columns(t.finished).order_by(t.started).limit(1)).scalar()
    records = last.new + last.changed + last.same + last.rejected
    newest_time = None
    if reported and known is None:
        newest_time = connection.execute(
            sa.select(schema.source.c.last_reported).where(schema.source.c.id == source_id)
        ).scalar()
    return Runs(
        first_run=_seconds(first(("changed", "unchanged", "failed"), t.finished, ascending=True)),
        last_run=_seconds(last.finished),
        outcome=last.outcome,
        error=last.error,
        error_kind=last.error_kind,
        rejected_share=last.rejected / records if records else 0.0,
        last_success=_seconds(success),
        last_changed=_seconds(first(("changed",), t.finished)),
        failing_since=_seconds(failing),
        last_reported=newest_time,
    )


def began(connection: sa.Connection, shape: str, source_ids: Sequence[int], known: int | None) -> int | None:
    """Return from when on sources tell of their cases or events, epoch s; None where they told nothing so far.

    That is their oldest record, or the first run that brought none. known: as known then (epoch ms; None: now).
    """
    if shape not in ("case", "event") or not source_ids:
        return None
    table, time = (schema.case_record, "opened") if shape == "case" else (schema.event_record, "starts")
    polls = sa.select(sa.func.min(schema.run.c.finished)).where(
        schema.run.c.source_id.in_(source_ids), schema.run.c.outcome.in_(("changed", "unchanged"))
    )
    if known is not None:
        polls = polls.where(schema.run.c.finished <= known)
    found = [_seconds(connection.execute(polls).scalar())]
    for id in source_ids:
        # a source tells of one kind, and by kind its records are in order: the first is found without the others
        kind = connection.execute(sa.select(table.c.kind).where(table.c.source_id == id).limit(1)).scalar()
        oldest = sa.select(table.c[time]).where(table.c.kind == kind, table.c.source_id + 0 == id)
        if known is not None:
            oldest = oldest.where(table.c.known_from + 0 <= known)
        found.append(connection.execute(oldest.order_by(table.c[time]).limit(1)).scalar())
    return min((instant for instant in found if instant is not None), default=None)


def _seconds(instant: int | None) -> int | None:
    return None if instant is None else instant // 1000
