"""From a changed page to its published boards: CPU and time, beside what publishing everything costs."""

from __future__ import annotations

import random
import time
from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from statistics import quantiles

from benchmarks.measured import figure, ratio, say
from ioc import settings
from ioc.calendar import DAY_S, HOUR_S, hour_start
from ioc.indicators.flows import measures
from ioc.model import Case, Observation, Page, Record
from ioc.product import Product, declare, open_product
from ioc.publish import Publisher
from ioc.store import Measure, ensure_measures, finish_run, keep_page, start_run
from ioc.store.lease import take
from ioc.store.reads.cases import CaseFilter
from ioc.store.reads.cases import cases as list_cases
from ioc.store.reads.scope import EVERYTHING

CASES, REPORTS, ROUNDS = 150_000, 15_000, 15
AIM_MS = 300.0
SPAN_S = 395 * DAY_S
AIR = {"pm25": 20.0, "pm10": 40.0, "no2": 30.0, "so2": 12.0, "co": 900.0, "o3": 60.0}


def run(home: Path, cases: int = CASES) -> None:
    """Fill a store of 13 months, publish all boards, then change a page at a time."""
    say(f"Publishing: {cases:,} dossiers, every declared board; from a kept page to its published boards")
    now = int(time.time())
    product, fence, counted = _opened(f"sqlite:///{home}/publishing.sqlite")
    _fill(product, fence, counted, cases, now)
    _change(product, fence, counted, now)
    product.store.close()


def over(url: str, now: int) -> None:
    """Publish all boards of a store that was filled until now (epoch s), then change a page at a time."""
    product, fence, counted = _opened(url)
    _change(product, fence, counted, now)
    product.store.close()


def _change(product: Product, fence: int, counted: Sequence[Measure], now: int) -> None:
    publisher = Publisher(product, fence)
    whole = _spent(partial(publisher.publish, float(now)))
    figure(f"all {len(publisher.plans)} boards from nothing", f"{whole[0]:,.0f} ms CPU, {whole[1]:,.0f} ms")
    chance = random.Random(7)
    with product.store.reading() as connection:
        wanted = CaseFilter(kind="dossier", source="one_stop", state="open")
        listed = list_cases(connection, EVERYTHING, wanted, limit=10 * ROUNDS).items
    in_hand = [one.case for one in listed]
    for name, source, page in (
        ("20 dossiers", "one_stop", partial(_changed_dossiers, product, in_hand)),
        ("5 citizens' reports", "reports_1022", partial(_new_reports, chance, product)),
        ("5 minutes of the air stations", "air_stations", partial(_air, chance)),
    ):
        spent: list[tuple[float, float]] = []
        for turn in range(ROUNDS):
            now += 30
            _keep(product, fence, counted, source, page(now, turn), now)
            spent.append(_spent(partial(publisher.publish, float(now))))
        (p50, p95), (p50_clock, p95_clock) = (
            quantiles([one[which] for one in spent[2:]], n=20, method="inclusive")[9::9] for which in (0, 1)
        )
        figure(f"{name}: CPU p50, p95; time p50", f"{p50:,.0f}, {p95:,.0f}; {p50_clock:,.0f} ms")
        ratio(f"{name}: time p95 in ms", p95_clock, f"<= {AIM_MS:g}", p95_clock <= AIM_MS)
    now += 30
    figure("nothing changed", f"{_spent(partial(publisher.publish, float(now)))[0]:,.0f} ms CPU")


def _opened(url: str) -> tuple[Product, int, tuple[Measure, ...]]:
    found = settings.load({"IOC_STORE_URL": url})
    overlay = settings.ROOT / "sandbox" / "data"
    product = open_product(declare(found, environ={}, simulated=lambda *_: overlay))
    fence = take(product.store, "benchmark", ttl_s=3600)
    assert fence is not None
    counted = tuple(measures(product.definitions.values(), product.calendar))
    with product.store.writing(fence) as commit:
        ensure_measures(commit, counted)
    return product, fence, counted


def _fill(product: Product, fence: int, counted: Sequence[Measure], cases: int, now: int) -> None:
    chance = random.Random(1)
    for source, records in (
        ("one_stop", _dossiers(product, cases, now)),
        ("reports_1022", _reports(chance, product, REPORTS, now)),
        ("air_stations", _past_air(chance, now)),
    ):
        page: list[Record] = []
        for record in records:
            page.append(record)
            if len(page) == 5_000:
                _keep(product, fence, counted, source, page, now - 60)
                page = []
        _keep(product, fence, counted, source, page, now - 60)


def _spent(publish: partial[list[str]]) -> tuple[float, float]:
    """Return the CPU and the time of a publication, in ms."""
    cpu, began = time.process_time(), time.perf_counter()
    publish()
    return 1000 * (time.process_time() - cpu), 1000 * (time.perf_counter() - began)


def _keep(
    product: Product, fence: int, counted: Sequence[Measure], source: str, records: Sequence[Record], at: int
) -> None:
    declared = replace(product.catalogue.sources[source], complete=False, earliest=0)
    run = start_run(product.store, fence, source, now_ms=at * 1000)
    stamps = {id: variable.stamp for id, variable in product.catalogue.variables.items()}
    keep_page(
        product.store, fence, run, declared, Page(records), now_ms=at * 1000, measures=counted,
        marks=product.engine.stale_since, stamps=stamps,
    )  # fmt: skip
    finish_run(product.store, fence, run, "changed" if records else "unchanged", now_ms=at * 1000)


def _dossiers(product: Product, count: int, now: int) -> Iterator[Case]:
    return (
        _dossier(product, f"d{number}", now - SPAN_S * (count - number) // count, now)
        for number in range(count)
    )


def _dossier(product: Product, key: str, opened: int, now: int) -> Case:
    chance = random.Random(key)
    closed, body = opened + chance.randrange(HOUR_S, 12 * DAY_S), chance.choice(_agencies(product))
    return Case(
        key, "dossier", "closed" if closed < now else "open", opened, due=opened + 10 * DAY_S,
        closed=closed if closed < now else None, responsible=body, received_by=body, holder=body,
        channel=chance.choice(("online", "direct", "post")), category=f"linh_vuc_{chance.randrange(12)}",
        area=chance.choice(_communes(product)), facts={"paid_online": chance.random() < 0.6},
    )  # fmt: skip


def _reports(chance: random.Random, product: Product, count: int, now: int) -> Iterator[Case]:
    for number in range(count):
        yield _report(chance, product, f"r{number}", now - int(SPAN_S * (1 - number / count)), now)


def _report(chance: random.Random, product: Product, key: str, opened: int, now: int) -> Case:
    closed = opened + chance.randrange(HOUR_S, 6 * DAY_S)
    return Case(
        key, "report", "closed" if closed < now else "open", opened, due=opened + 5 * DAY_S,
        closed=closed if closed < now else None, responsible=chance.choice(_agencies(product)),
        category=f"linh_vuc_{chance.randrange(6)}", area=chance.choice(_communes(product)),
    )  # fmt: skip


def _changed_dossiers(product: Product, in_hand: Sequence[Case], now: int, turn: int) -> list[Record]:
    """Return ten dossiers that arrived and ten in hand that were closed, as one poll brings them."""
    arrived = [_dossier(product, f"n{turn}-{i}", now - 3 * i, now) for i in range(10)]
    closed = [
        one._replace(state="closed", closed=now - i)
        for i, one in enumerate(in_hand[10 * turn : 10 * turn + 10])
    ]
    return [*arrived, *closed]


def _new_reports(chance: random.Random, product: Product, now: int, turn: int) -> list[Record]:
    return [_report(chance, product, f"p{turn}-{i}", now - chance.randrange(30), now) for i in range(5)]


def _past_air(chance: random.Random, now: int) -> Iterator[Observation]:
    for hour in range(hour_start(now) - 60 * DAY_S, hour_start(now), HOUR_S):
        yield from _air_at(chance, hour, "hour")


def _air(chance: random.Random, now: int, turn: int) -> list[Record]:
    return list(_air_at(chance, now - now % 300, "minute"))


def _air_at(chance: random.Random, at: int, span: str) -> Iterator[Observation]:
    for site in range(1, 9):
        for variable, usual in AIR.items():
            value = round(usual * chance.uniform(0.5, 1.6), 1)
            yield Observation(variable, at, f"air_{site}", value, span=span, kind="mean")


def _agencies(product: Product) -> list[str]:
    return [one.id for one in product.agencies.agencies()]


def _communes(product: Product) -> list[str]:
    return [area.code for area in product.territory.communes(product.province.code)]
