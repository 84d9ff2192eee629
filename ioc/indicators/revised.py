"""Values that were known otherwise: which changed between two moments of knowledge, and which came late."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

import sqlalchemy as sa

from ioc.calendar import DAY_S
from ioc.indicators.cells import SeriesKey
from ioc.indicators.observations import Stored
from ioc.indicators.parts import Pick
from ioc.indicators.stored_rows import span
from ioc.store import schema


class Changed(NamedTuple):
    """A value that was known otherwise: before and after as (value, flag), None where there was none; known_from epoch ms."""

    series: SeriesKey
    place: str
    time: int
    before: tuple[float | None, str] | None
    after: tuple[float | None, str] | None
    known_from: int


def late(looker: Stored, pick: Pick, start: int, end: int) -> int:
    """Count the values of a span that became known, as they are, after its end."""
    t, found = schema.observation.c, 0
    for ids, first, last in _touched(looker, pick, start, end, end * 1000):
        rows = sa.select(t.series_id, t.place_id, sa.func.count()).where(
            t.series_id.in_(ids), t.time >= first, t.time < last, t.known_from > end * 1000
        )
        if looker.known is not None:
            rows = rows.where(t.known_from <= looker.known)
        for id, place, n in looker.connection.execute(rows.group_by(t.series_id, t.place_id)):
            if looker.asked(id, place) is not None:
                found += n
    return found


def changed(looker: Stored, pick: Pick, start: int, end: int, since: int, until: int) -> Iterator[Changed]:
    """Yield the values of a span, times as sent, that were known otherwise at until than at since (epoch ms)."""
    now, past = schema.observation, schema.observation_past
    n, p = now.c, past.c
    ended = (p.known_from <= since, p.known_to > since, p.known_to <= until)
    begun = (p.known_from > since, p.known_from <= until, p.known_to > until)
    for ids, first, last in _touched(looker, pick, start, end, since):
        sides: list[dict[Any, Any]] = [{}, {}]
        for side, query in (
            (0, span(past, ids, first, last).add_columns(p.known_to).where(*ended)),
            (1, span(past, ids, first, last).add_columns(p.known_from).where(*begun)),
            (
                1,
                span(now, ids, first, last)
                .add_columns(n.known_from)
                .where(n.known_from > since, n.known_from <= until),
            ),
        ):
            for id, place, time, value, flag, at in looker.connection.execute(query):
                sides[side][id, place, time] = ((value, flag), at)
        before, after = sides
        for key in {**before, **after}:
            who = looker.asked(key[0], key[1])
            was, known = before.get(key, (None, 0))
            said, at = after.get(key, (None, known))
            if was != said and who is not None:
                yield Changed(who.series, who.place, key[2], was, said, at)


def _touched(
    looker: Stored, pick: Pick, start: int, end: int, since: int
) -> Iterator[tuple[list[int], int, int]]:
    """Yield series and spans in which something became known after since: of instruments the days that say so."""
    ids, names = looker.series(pick), looker.names.series
    hourly = [id for id in ids if names[id].hourly]
    if coarse := [id for id in ids if not names[id].hourly]:
        yield coarse, start, end
    if not hourly:
        return
    t = schema.rollup_day.c
    days = sa.select(t.bucket, t.series_id).where(
        t.series_id.in_(hourly), t.bucket > start - DAY_S, t.bucket < end, t.changed_at > since
    )
    of_day: dict[int, set[int]] = {}
    for day, id in looker.connection.execute(days):
        of_day.setdefault(day, set()).add(id)
    runs: list[tuple[int, int, set[int]]] = []
    for day, some in sorted(of_day.items()):
        if runs and runs[-1][1:] == (day, some):
            runs[-1] = (runs[-1][0], day + DAY_S, some)
        else:
            runs.append((day, day + DAY_S, some))
    for first, last, some in runs:
        for late in (0, 1):
            ids = sorted(id for id in some if names[id].late == late)
            if ids:
                yield ids, max(start, first) + late, min(end, last) + late
