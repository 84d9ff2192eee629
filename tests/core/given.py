"""A province of a few declared sources that real servers on loopback answer, and its collector in this process."""

from __future__ import annotations

import json
import os
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import sqlalchemy as sa

import connectors
from connectors.http import Sessions
from ioc import settings
from ioc.collect import Collector
from ioc.indicators.flows import measures
from ioc.product import Product, declare, open_product
from ioc.quality import Freshness
from ioc.resolve import Resolver
from ioc.scheduler import Scheduler
from ioc.store import schema
from ioc.store.lease import take
from tests.conftest import ROOT
from tests.connectors.answers import Loopback, respond

OPENED = 1_790_000_000
"""2026-09-21 local time."""

SOURCE = """
[{id}]
name      = {{ vi = "Nguồn {id}", en = "Source {id}" }}
connector = "rest_json"
sector    = "citizen_reports"
shape     = "case:report"
owner     = "so_khcn"
url       = "{url}"
every     = "{every}"
items     = "items"
times     = {{ format = "epoch" }}
earliest  = "2019-01-01"
{more}

[{id}.fields]
key    = "id"
state  = "state"
opened = "opened"
closed = "closed"
due    = "due"
area   = "area"
category = "category"
"facts.note" = "note"

[{id}.enums.state]
open   = "open"
closed = "closed"
"""

PAGED = 'paging = { kind = "page", page = "page", size = "size", per_page = 10, first = 1, total = "total" }'


def source(id: str, url: str, *, every: str = "1s", more: str = "") -> str:
    """Write the table of a source of citizen reports at an address."""
    return SOURCE.format(id=id, url=url, every=every, more=more)


def report(id: str, **more: Any) -> dict[str, Any]:
    """Make a report as the sources of these tests write it."""
    return {"id": id, "state": "open", "opened": OPENED, **more}


def eventually(true: Callable[[], Any], within_s: float = 30.0, what: str = "") -> Any:
    """Ask again and again until something is true, and return it; fails after a deadline."""
    until = time.monotonic() + within_s
    while not (found := true()):
        assert time.monotonic() < until, f"not within {within_s:g} s: {what or true}"
        time.sleep(0.05)
    return found


def lay_out(folder: Path, *sources: str, boards: str = "") -> Path:
    """Make a data folder: the province's own declarations, these sources, and these boards where they are given.

    A collector in a process of its own publishes every board when it starts; few start sooner.
    """
    own = {"sources": "\n".join(sources), **({"boards": boards} if boards else {})}
    data = folder / "data"
    for name, text in own.items():
        (data / name).mkdir(parents=True)
        (data / name / "given.toml").write_text(text, encoding="utf-8")
    for path in (ROOT / "data").iterdir():
        if path.name not in ("store", *own):
            (data / path.name).symlink_to(path)
    return data


@dataclass
class Server:
    """A source on loopback; answer decides what a request gets, asked are the instants and queries of requests."""

    answer: Callable[[dict[str, str], BaseHTTPRequestHandler], Any]
    asked: list[tuple[float, dict[str, str]]] = field(default_factory=list)
    url: str = ""
    _server: Loopback | None = None

    def __post_init__(self) -> None:
        self._server = Loopback(self._handle)
        self.url = self._server.url

    def _handle(self, request: BaseHTTPRequestHandler) -> None:
        query = {name: values[-1] for name, values in parse_qs(urlsplit(request.path).query).items()}
        self.asked.append((time.monotonic(), query))
        body = self.answer(query, request)
        if isinstance(body, bytes):
            respond(request, 200, body)
        elif body is not None:
            respond(request, 200, json.dumps(body).encode())

    def close(self) -> None:
        """Stop answering."""
        if self._server:
            self._server.close()


def listing(records: list[dict[str, Any]], per_page: int = 10) -> Callable[..., dict[str, Any]]:
    """Answer with records page by page."""

    def answer(query: dict[str, str], _: BaseHTTPRequestHandler) -> dict[str, Any]:
        at = (int(query.get("page", 1)) - 1) * per_page
        return {"items": records[at : at + per_page], "total": len(records)}

    return answer


@dataclass
class Collecting:
    """A product with a collector that holds the lease."""

    product: Product
    fence: int
    collector: Collector

    def poll(self, id: str = "one") -> Any:
        """Run a source once."""
        return self.collector.poll(self.product.catalogue.sources[id])

    def again(self) -> Collecting:
        """Return what another process that takes over would have: nothing remembered."""
        return collecting(self.product, take_over(self.product))

    def freshness(self, id: str = "one", now: float | None = None) -> Freshness:
        """Judge a source."""
        at = int(time.time() if now is None else now)
        with self.product.engine.snapshot(at) as snapshot:
            return snapshot.freshness(self.product.catalogue.sources[id], None, at)

    def keys(self) -> list[str]:
        """List the keys of the cases in the store."""
        with self.product.store.reading() as connection:
            return sorted(connection.execute(sa.select(schema.case_record.c.key)).scalars())

    def runs(self) -> list[Any]:
        """List the runs in the store, the oldest first."""
        with self.product.store.reading() as connection:
            return list(connection.execute(sa.select(schema.run).order_by(schema.run.c.id)))

    def rejected(self) -> list[str]:
        """List why records were rejected."""
        with self.product.store.reading() as connection:
            return list(connection.execute(sa.select(schema.rejected.c.reason)).scalars())

    @contextmanager
    def scheduled(self) -> Iterator[Scheduler]:
        """Run the sources on their own clocks."""
        scheduler = Scheduler(self.product.catalogue.sources.values(), self.collector)
        scheduler.start()
        try:
            yield scheduler
        finally:
            scheduler.stop()
            for thread in threading.enumerate():
                if thread.name == "history":
                    thread.join(10)


def open_given(
    folder: Path, store_url: str, *sources: str, environ: Mapping[str, str] | None = None
) -> Product:
    """Declare these sources in a province of their own and open its store."""
    env = {"IOC_DATA": str(lay_out(folder, *sources)), "IOC_STORE_URL": store_url, **(environ or {})}
    product = open_product(declare(settings.load(env), environ=env, check_source=connectors.check))
    assert not product.catalogue.faults, [str(fault) for fault in product.catalogue.faults]
    return product


def take_over(product: Product) -> int:
    """Take the lease from whoever holds it, as if its time were over."""
    with product.store.unfenced() as connection:
        connection.execute(sa.update(schema.lease).values(until_ms=0))
    fence = take(product.store, os.urandom(4).hex(), ttl_s=3600)
    assert fence is not None
    return fence


def collecting(product: Product, fence: int | None = None) -> Collecting:
    """Return a collector over a product, with the lease."""
    held = take_over(product) if fence is None else fence
    catalogue = product.catalogue
    fetch = connectors.fetcher(Sessions())
    collector = Collector(
        product.store,
        held,
        dict.fromkeys(catalogue.sources, fetch),
        Resolver(catalogue, product.territory, product.agencies, product.province.code),
        tuple(measures(product.definitions.values(), product.calendar)),
        product.engine.stale_since,
        {one.id: one.stamp for one in catalogue.variables.values()},
        lambda: None,
    )
    return Collecting(product, held, collector)
