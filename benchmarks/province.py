"""A province of any size for the benchmarks: values of every declared variable, cases of every declared kind.

Everything follows from the declarations and a seed, window by window, so that a load that was cut
off goes on where it stopped. Two values of a hundred are corrected a day later; three cases of ten are known
as open before they are known as they are.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from ioc import catalogue as declarations
from ioc.agencies import load_agencies
from ioc.calendar import DAY_S, day_start, load_calendar, local_date, local_day
from ioc.catalogue import Catalogue
from ioc.conditions import Scalar
from ioc.indicators import declaring as indicators
from ioc.indicators.definition import Definition
from ioc.indicators.engine import Engine
from ioc.indicators.flows import measures
from ioc.indicators.functions import FUNCTIONS
from ioc.indicators.inputs import named_in, sources_of
from ioc.indicators.parts import Pick
from ioc.model import Case, Observation, Page, Record, Source
from ioc.store import Measure, Store, ensure_measures, finish_run, load, read_cursor, start_run
from ioc.store.lease import take
from ioc.territory import Territory

ROOT = Path(__file__).resolve().parent.parent
NOW = int(datetime.fromisoformat("2026-11-20T10:00:00+07:00").timestamp())
WEEK_S = 7 * DAY_S
LEAST_SPAN_S = 56 * WEEK_S
LARGE = 20_000_000
"""From so many values on a window is a week, below it four: all of a window's are in memory."""
"""Thirteen months and what they are compared with begin here; a larger province has more years."""
LEAST_STEP_S = 300
PAGE, AT_ONCE = 5_000, 200_000
CORRECTED, VERSIONED = 0.02, 0.3
REPORTING = 6
"""How many communes report what no instrument tells."""
CHANNELS = ("online", "direct", "post")


@dataclass(frozen=True, slots=True)
class Series:
    """One series of one source at its places; span as the store names it."""

    source: str
    variable: str
    places: tuple[str, ...]
    category: str
    channel: str
    span: str
    kind: str
    method: str

    @property
    def reports(self) -> bool:
        """Whether it comes by reports rather than by instruments."""
        return self.span in ("day", "week", "month")


@dataclass(frozen=True)
class Province:
    """What is declared, which series follow from it, and how densely N values lie."""

    engine: Engine
    catalogue: Catalogue
    definitions: Mapping[str, Definition]
    series: tuple[Series, ...]
    kinds: Mapping[str, tuple[Source, Mapping[str, Sequence[Scalar]]]]
    communes: tuple[str, ...]
    agencies: tuple[str, ...]
    step_s: int
    begin: int
    window_s: int
    cases: int


def declare(store: Store, observations: int, cases: int) -> Province:
    """Read the declarations and say how many values lie where."""
    territory, calendar = Territory(ROOT / "data" / "territory"), load_calendar(ROOT / "data")
    sandbox = dict.fromkeys(("sandbox", "sandbox_ftp", "sandbox_sftp", "sandbox_files"), "http://127.0.0.1:1")
    catalogue = declarations.load(
        ROOT / "data", overlay=ROOT / "sandbox" / "data", environ={}, sandbox=sandbox
    )
    # what a source may plausibly report is not measured here, and neither is what it withdraws
    open_sources = {
        id: replace(one, earliest=0, ahead_s=10.0**9, complete=False) for id, one in catalogue.sources.items()
    }
    catalogue = replace(catalogue, sources=open_sources)
    definitions, _ = indicators.load(catalogue, functions=FUNCTIONS)
    agencies = load_agencies(ROOT / "data", territory, "22")
    communes = tuple(area.code for area in territory.communes("22"))
    series = tuple(dict.fromkeys(_series(catalogue, definitions, communes)))
    instruments = sum(len(one.places) for one in series if not one.reports)
    instants = max(1, observations // max(1, instruments))
    step_s = max(LEAST_STEP_S, LEAST_SPAN_S // instants // 60 * 60)
    span_s = max(LEAST_SPAN_S, instants * step_s)
    return Province(
        Engine(store, catalogue, definitions, calendar, territory, agencies),
        catalogue,
        definitions,
        series,
        dict(_kinds(catalogue, definitions)),
        communes,
        tuple(agency.id for agency in agencies.agencies()),
        step_s,
        NOW - span_s // (4 * WEEK_S) * 4 * WEEK_S,
        WEEK_S if observations > LARGE else 4 * WEEK_S,
        cases,
    )


def fill(store: Store, province: Province) -> None:
    """Load what the store does not hold yet, window by window."""
    fence = take(store, "benchmark", ttl_s=10**9)
    assert fence is not None
    counted = measures(province.definitions.values(), province.engine.calendar)
    with store.writing(fence, province.begin * 1000) as commit:
        ensure_measures(commit, counted)
    stamps = {id: variable.stamp for id, variable in province.catalogue.variables.items()}
    of_source: dict[str, list[Series]] = {}
    for one in province.series:
        of_source.setdefault(one.source, []).append(one)
    kinds = {source.id: (kind, source) for kind, (source, _) in province.kinds.items()}
    with store.reading() as connection:
        done = {id: read_cursor(connection, id).get("window", -1) for id in (*of_source, *kinds)}
    windows = range((NOW - province.begin) // province.window_s)
    for window in windows:
        for id in (*of_source, *kinds):
            if window <= done[id]:
                continue
            if id in of_source:
                records = _values(province, of_source[id], window)
            else:
                records = _cases(province, kinds[id][0], window, len(windows))
            end = province.begin + (window + 1) * province.window_s
            _load(store, fence, province.catalogue.sources[id], window, end, list(records), stamps, counted)


def _load(
    store: Store,
    fence: int,
    source: Source,
    window: int,
    end: int,
    timed: list[tuple[int, Record]],
    stamps: Mapping[str, str],
    counted: Sequence[Measure],
) -> None:
    """Load the records of a window, each with the instant at which it became known, epoch s."""
    timed.sort(key=lambda pair: pair[0])
    for start in range(0, max(len(timed), 1), AT_ONCE):
        part = timed[start : start + AT_ONCE]
        pages = [(one[-1][0] * 1000, Page([record for _, record in one])) for one in _pages(part)]
        if start + AT_ONCE >= len(timed):
            pages.append((end * 1000, Page(cursor={"window": window})))
        run = start_run(store, fence, source.id, "poll", now_ms=pages[0][0])
        load(store, fence, run, source, pages, measures=counted, stamps=stamps)
        finish_run(store, fence, run, "changed", now_ms=pages[-1][0])


def _pages(timed: list[tuple[int, Record]]) -> Iterator[list[tuple[int, Record]]]:
    """Part records into pages such that two versions of one record stand on two."""
    page: list[tuple[int, Record]] = []
    keys: set[object] = set()
    for pair in timed:
        record = pair[1]
        key = (*record[:3], *record[5:]) if isinstance(record, Observation) else record.key
        if len(page) == PAGE or key in keys:
            yield page
            page, keys = [], set()
        page.append(pair)
        keys.add(key)
    if page:
        yield page


def _values(province: Province, series: Sequence[Series], window: int) -> Iterator[tuple[int, Record]]:
    length = province.window_s
    begin = province.begin + window * length
    for one in series:
        chance = random.Random(f"{one.source} {one.variable} {one.category} {window}")
        if one.reports:
            times = list(_reported(one.span, begin, begin + length))
        else:
            times = list(range(begin - begin % province.step_s, begin + length, province.step_s))
        told = one.variable, "", "", one.category, one.channel, one.span, one.kind, one.method
        draw = chance.random
        for at in times:
            known = min(max(at, begin), begin + length - 60) + 60
            later = min(max(at, begin) + DAY_S, begin + length - 60) + 60
            for place in one.places:
                share, rest = divmod(draw() * 400, 1)
                value = (share + 1) / 4
                yield known, Observation(told[0], at, place, value, *told[1:])
                if rest < CORRECTED:
                    yield later, Observation(told[0], at, place, value + 0.25, *told[1:])


def _reported(span: str, begin: int, end: int) -> Iterator[int]:
    """Yield the local days, Mondays or firsts of a month that begin in [begin, end)."""
    for at in range(day_start(local_day(begin + DAY_S - 1)), end, DAY_S):
        local = local_date(at)
        if span == "day" or (local.weekday() == 0 if span == "week" else local.day == 1):
            yield at


def _cases(province: Province, kind: str, window: int, windows: int) -> Iterator[tuple[int, Record]]:
    _, facts = province.kinds[kind]
    chance = random.Random(f"{kind} {window}")
    share = 0.5 if kind == "dossier" else 0.5 / max(1, len(province.kinds) - 1)
    count = int(province.cases * share / windows)
    length = province.window_s
    begin = province.begin + window * length
    for number in range(count):
        opened = begin + chance.randrange(length - 120)
        due = opened + chance.randrange(3, 20) * DAY_S
        closed = opened + int(chance.expovariate(1 / (6 * DAY_S))) + 600
        one = Case(
            f"{kind}-{window}-{number}", kind, "open", opened, due=due,
            responsible=chance.choice(province.agencies), channel=chance.choice(CHANNELS),
            category=f"c{chance.randrange(40)}", area=chance.choice(province.communes),
            facts={name: chance.choice(values) for name, values in facts.items()},
        )  # fmt: skip
        still = closed > NOW or chance.random() < 0.01
        if still or chance.random() < VERSIONED:
            yield opened + 60, one
        if not still:
            yield min(closed, begin + length - 60) + 60, one._replace(state="closed", closed=closed)


def _series(
    catalogue: Catalogue, definitions: Mapping[str, Definition], communes: tuple[str, ...]
) -> Iterator[Series]:
    for definition in definitions.values():
        if definition.shape != "observation":
            continue
        for source in sources_of(definition, catalogue, {})[:1]:
            sites = tuple(sorted(named_in(source.options, catalogue.sites)))
            wanted = definition.settings.get("kinds", ())
            sites = sites or tuple(id for id, site in catalogue.sites.items() if site.kind in wanted)
            fast = source.every is not None and source.every <= 3600 and bool(sites)
            span = {"day": "day", "week": "week"}.get(definition.period, "month")
            for pick in definition.picks:
                yield from _of_pick(
                    pick, source.id, sites or communes[:REPORTING], "minute" if fast else span
                )


def _of_pick(pick: Pick, source: str, places: tuple[str, ...], span: str) -> Iterator[Series]:
    told = dict(pick.accepts)
    for category in told.get("category", ("",)):
        yield Series(
            source, pick.variable, places, category, told.get("channel", ("",))[0],
            told.get("span", (span,))[0], told.get("kind", ("mean" if span == "minute" else "count",))[0],
            told.get("method", ("measured",))[0],
        )  # fmt: skip


def _kinds(
    catalogue: Catalogue, definitions: Mapping[str, Definition]
) -> Iterator[tuple[str, tuple[Source, Mapping[str, Sequence[Scalar]]]]]:
    """Yield each kind of case with its source and the facts that definitions ask of it."""
    for source in catalogue.sources.values():
        shape, _, kind = source.shape.partition(":")
        if shape != "case":
            continue
        facts: dict[str, list[Scalar]] = {}
        for one in definitions.values():
            if one.kind != kind:
                continue
            for wanted in (one.num_cases, one.den_cases):
                for name, values in () if wanted is None else wanted.condition.equal:
                    if name.startswith("facts."):
                        facts.setdefault(name[6:], [None]).extend(values)
            if one.length is not None and one.length.fact:
                facts.setdefault(one.length.fact, [None]).extend((1, 2.5, 7))
        yield kind, (source, facts)
