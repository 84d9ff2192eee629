"""Random pages for the property tests: few keys, so that they meet; few values, so that sums are exact."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import count
from typing import Any

from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st

from ioc.conditions import parse
from ioc.model import Case, Event, Observation, Page, Record, Source
from ioc.store import Measure, Store, finish_run, keep_page, reader, start_run
from tests.store.given import ALL, DAY, HOUR, MIDNIGHT, NOW_MS, source


def examples(store: Store) -> settings:
    """Try many examples on SQLite, fewer on PostgreSQL, where each costs five times as long."""
    return settings(
        max_examples=25 if store.is_sqlite else 8,
        derandomize=True,
        deadline=None,
        phases=[Phase.generate],  # to shrink an example takes longer than a test may
        suppress_health_check=[HealthCheck.function_scoped_fixture],
    )


STAMPS = {"rain": "end"}
START, END = MIDNIGHT - 2 * DAY, MIDNIGHT + DAY
NUMBERS = st.one_of(st.none(), st.integers(-8, 8).map(lambda n: n / 2))
names = (f"p{n}" for n in count())
"""Every example has a source and a kind of its own, so that one store serves them all."""

_SPANS = {"pm25": "instant", "rain": "hour", "beds": "day", "visits": "month"}


def observations(source_id: str) -> st.SearchStrategy[Observation]:
    """Observations of four spans at two places, at full, half and odd hours; some invalid, some bounds."""
    times = st.builds(
        lambda hours, seconds: START + hours * HOUR + seconds,
        st.integers(0, 71),
        st.sampled_from((0, 0, 1, 1800, 3599)),
    )
    return st.builds(
        lambda variable, time, place, value, flag: Observation(
            variable, time, f"{source_id}-{place}", value, flag, span=_SPANS[variable]
        ),
        st.sampled_from(sorted(_SPANS)),
        times,
        st.sampled_from("ab"),
        NUMBERS,
        st.sampled_from(("", "", "", "01", "02", ">=")),
    )


def cases(kind: str) -> st.SearchStrategy[Case]:
    """Cases of one kind under eight keys, in every state that counts differently."""
    instants = st.integers(0, 12).map(lambda n: START + n * 6 * HOUR)
    return st.builds(
        lambda key, state, opened, due, closed, responsible, channel, level: Case(
            key,
            kind,
            state,
            opened,
            due=due,
            closed=closed if state == "closed" else None,
            responsible=responsible,
            channel=channel,
            facts={"level": level},
        ),
        st.sampled_from("ABCDEFGH"),
        st.sampled_from(("open", "closed", "closed", "refused", "waiting_supplement")),
        instants,
        st.one_of(st.none(), instants),
        instants,
        st.sampled_from(("so_xd", "so_tnmt")),
        st.sampled_from(("", "online")),
        st.sampled_from((None, True, 3, "4")),
    )


def events(kind: str) -> st.SearchStrategy[Event]:
    """Events of one kind under three keys."""
    return st.builds(
        lambda key, starts, severity: Event(key, kind, starts, severity=severity, areas=(severity,)),
        st.sampled_from("XYZ"),
        st.integers(0, 5).map(lambda n: START + n * HOUR),
        st.sampled_from(("low", "high")),
    )


def pages(name: str, most: int = 6) -> st.SearchStrategy[list[list[Record]]]:
    """Some pages of records of all shapes."""
    records = st.one_of(observations(name), observations(name), cases(name), events(name))
    return st.lists(st.lists(records, max_size=14), min_size=1, max_size=most)


def measures(kind: str) -> tuple[Measure, ...]:
    """Count the cases of a kind in every way that a measure can."""
    return (
        Measure(f"{kind}.opened", kind, "opened", parse({}), pairs=(("responsible", "channel"),)),
        Measure(f"{kind}.late", kind, "due", parse({"late": True, "not": {"channel": "online"}})),
        Measure(
            f"{kind}.hours",
            kind,
            "closed",
            parse({"closed": True, "facts.level": ["4", 3]}),
            bin=lambda case: None if case.closed is None else (case.closed - case.opened) // HOUR,
        ),
    )


def keep_all(store: Store, name: str, kept: Sequence[Sequence[Record]], gaps_ms: Sequence[int]) -> list[int]:
    """Keep pages one after another, each some time after the one before; return when each was known."""
    of: Source = source(name)
    known, now_ms = [], NOW_MS
    for page, gap_ms in zip(kept, gaps_ms, strict=False):
        now_ms += gap_ms
        run = start_run(store, 0, of.id, now_ms=now_ms)
        told = keep_page(store, 0, run, of, Page(page), now_ms=now_ms, measures=measures(name), stamps=STAMPS)
        finish_run(store, 0, run, "changed", now_ms=now_ms)
        known.append(told.known_from)
        now_ms = told.known_from
    return known


def answers(store: Store, name: str, as_of: int | None) -> Iterator[tuple[str, Any]]:
    """Yield everything the store says of a source, without the runs that said so."""
    with store.reading() as connection:
        found = reader.find_series(connection, ALL, sources=[name])
        ids = {one.id: one for one in found}

        def said(one: Any) -> tuple[Any, ...]:
            return ids[one.series_id].variable, one.place

        plain = reader.each_observation(connection, ALL, list(ids), start=START, end=END, as_of=as_of)
        yield "observations", sorted((*said(v), v.time, v.value, v.flag) for v in plain)
        last = reader.latest_values(connection, ALL, list(ids), as_of=as_of)
        yield "latest", sorted((*said(v), v.time, v.value, v.flag) for v in last)
        for grain in ("hour", "day"):
            rolled = [one for one in found if one.grain == "hour" or one.grain == grain]
            yield (
                grain,
                _told(
                    reader.buckets(connection, ALL, rolled, grain=grain, start=START, end=END, as_of=as_of),
                    said,
                ),
            )
        for start, end in (
            (START, END),
            (START + 1700, END - 90),
            (MIDNIGHT, MIDNIGHT + HOUR),
            (START + HOUR, START + 2 * DAY),
        ):
            yield (
                f"total {start}",
                _told(reader.totals(connection, ALL, found, start=start, end=end, as_of=as_of), said),
            )
        yield (
            "increases",
            {
                (ids[id].variable, place): n
                for (id, place), n in reader.increases(
                    connection, ALL, list(ids), start=MIDNIGHT, end=END, as_of=as_of
                ).items()
            },
        )
        wanted = reader.CaseFilter(kind=name)
        yield (
            "cases",
            sorted(
                str(one.case) for one in reader.cases(connection, ALL, wanted, limit=99, as_of=as_of).items
            ),
        )
        yield (
            "events",
            sorted(str(one.event) for one in reader.events(connection, ALL, kinds=[name], as_of=as_of).items),
        )
        for one in measures(name):
            for dim in one.dims:
                span = {"start": START - DAY, "end": END + DAY, "dim": dim, "as_of": as_of}
                yield f"{one.id} {dim}", reader.cases_counted(connection, ALL, one, **span)
                yield f"{one.id} {dim} days", reader.cases_by_day(connection, ALL, one, **span)
            span = {"start": START, "end": END, "as_of": as_of}
            yield f"{one.id} hours", reader.case_durations(connection, ALL, one, **span)
            by = ("responsible",)
            yield (
                f"{one.id} counted",
                reader.count_cases(connection, ALL, name, one.condition.where, by=by, as_of=as_of),
            )


def _told(buckets: Sequence[Any], said: Any) -> list[Any]:
    return [
        (*said(b), b.start, b.n, b.n_valid, b.sum, b.min, b.max, b.first, b.last)
        for b in sorted(buckets, key=lambda b: (*said(b), b.start))
    ]
