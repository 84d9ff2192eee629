"""A small province behind a real server: the declarations of data/, a few sources, records kept as a collector would."""

from __future__ import annotations

import http.client
import shutil
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import orjson
from flask import Flask
from werkzeug.serving import WSGIRequestHandler, make_server

import api
from ioc import settings
from ioc.calendar import LOCAL
from ioc.indicators.flows import measures
from ioc.model import Case, Page, Record, Rejected
from ioc.product import Declared, Product, declare, open_product
from ioc.store import Measure, ensure_measures, finish_run, keep_page, start_run
from ioc.store.lease import take
from tests.conftest import ROOT

NOW = "2026-11-20T10:00:00+07:00"
DECLARED = Path(__file__).parent / "declared"


def epoch(text: str) -> int:
    """Read an instant of local time, as "2026-11-20T10:00", as epoch s."""
    when = datetime.fromisoformat(text)
    return int((when if when.tzinfo else when.replace(tzinfo=LOCAL)).timestamp())


@dataclass(frozen=True)
class Reply:
    """What came back over the wire, undecoded."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        """Read the body as JSON."""
        return orjson.loads(self.body)

    @property
    def items(self) -> list[dict[str, Any]]:
        """Read the items of a list."""
        return self.json["items"]


@dataclass
class Province:
    """A product, its clock, and the address of its server; fence is the lease under which records are kept."""

    product: Product
    clock: list[float]
    port: int
    fence: int
    measures: tuple[Measure, ...]
    _ms: int = field(default=0)

    def get(self, path: str, *, method: str = "GET", headers: Mapping[str, str] = {}, **asked: Any) -> Reply:
        """Ask the server; asked become the parameters of the URL."""
        query = f"?{urlencode(asked)}" if asked else ""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=20)
        try:
            connection.request(method, path + query, headers=dict(headers))
            answer = connection.getresponse()
            found = {name.lower(): value for name, value in answer.getheaders()}
            return Reply(answer.status, found, answer.read())
        finally:
            connection.close()

    def at(self, instant: str) -> None:
        """Turn the clock of the server to an instant of local time."""
        self.clock[0] = epoch(instant)

    def keep(
        self,
        source: str,
        records: Sequence[Record] = (),
        *,
        rejected: Sequence[Rejected] = (),
        error: str = "",
        error_kind: str = "",
        ask_after: float | None = None,
        kept: bytes = b"",
    ) -> int:
        """Run a source once at the instant of the clock: keep one page of records, or fail; return the run.

        ask_after: until when (epoch s) the source asked to be left alone.
        """
        declared = self.product.catalogue.sources[source]
        self._ms = max(int(self.clock[0] * 1000), self._ms)
        run = start_run(self.product.store, self.fence, source, now_ms=self._ms)
        if not error:
            page = Page(
                records, rejected, kept=kept, received_hash="00", received_bytes=len(kept), status=200
            )
            keep_page(
                self.product.store,
                self.fence,
                run,
                declared,
                page,
                measures=self.measures,
                marks=self.product.engine.stale_since,
                stamps={one.id: one.stamp for one in self.product.catalogue.variables.values()},
                now_ms=self._ms,
            )
        finish_run(
            self.product.store,
            self.fence,
            run,
            "failed" if error else "changed",
            error=error,
            error_kind=error_kind,
            http_status=None if error else 200,
            ask_after_ms=None if ask_after is None else int(ask_after * 1000),
            now_ms=self._ms,
        )
        return run


class _Quiet(WSGIRequestHandler):
    def log(self, *_: Any) -> None:
        """Say nothing: what a test asks is known."""


def copy_data(data: Path) -> None:
    """Copy the declarations of data/, with the tests' sources and sites in place of the province's."""
    shutil.copytree(ROOT / "data", data, ignore=shutil.ignore_patterns("store", "sources", "sites"))
    for part in ("sources", "sites"):
        shutil.copytree(DECLARED / part, data / part)


def declared_in(data: Path) -> Declared:
    """Read the declarations of a folder; which store they meet is said later."""
    environ = {"IOC_DATA": str(data)}
    return declare(settings.load(environ), environ=environ)


@contextmanager
def open_province(store_url: str, declared: Declared) -> Iterator[Province]:
    """Serve the API over an empty store."""
    product = open_product(replace(declared, settings=replace(declared.settings, store_url=store_url)))
    fence = take(product.store, "tests", ttl_s=3600)
    assert fence is not None
    counted = tuple(measures(product.definitions.values(), product.calendar))
    with product.store.writing(fence, epoch("2026-10-01T00:00") * 1000) as commit:
        ensure_measures(commit, counted)
    clock = [float(epoch(NOW))]
    app = Flask(__name__)
    app.register_blueprint(api.blueprint(product, now=lambda: clock[0]))
    server = make_server("127.0.0.1", 0, app, threaded=True, request_handler=_Quiet)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield Province(product, clock, server.server_port, fence, counted)
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
        product.store.close()


def reports(count: int, closed: int, opened: str, **more: Any) -> list[Case]:
    """Make citizen reports of which so many are closed in time, the others open and not yet due."""
    start = epoch(opened)
    return [
        Case(
            f"PA-{number:05}",
            "report",
            "closed" if number < closed else "open",
            start + number * 60,
            due=start + 30 * 86_400,
            closed=start + number * 60 + 1800 if number < closed else None,
            **more,
        )
        for number in range(count)
    ]


def dossiers(count: int, on_time: int) -> Iterator[list[Case]]:
    """Make dossiers closed in November 2026, so many of them on time, in pages of 5,000."""
    opened, due = epoch("2026-10-20T08:00"), epoch("2026-11-10T17:00")
    records = [
        Case(
            f"H49-{number:06}",
            "dossier",
            "closed",
            opened,
            due=due,
            closed=due - 3600 if number < on_time else due + 3600,
        )
        for number in range(count)
    ]
    for start in range(0, count, 5000):
        yield records[start : start + 5000]
