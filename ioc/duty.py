"""The collector's duty: one process of several holds the lease; while it does it schedules, keeps and publishes."""

from __future__ import annotations

import logging
import os
import socket
import threading
import time
from collections.abc import Mapping

from ioc.boards import Publisher
from ioc.collect import Collector
from ioc.errors import FencedError, StoreError
from ioc.model import Fetch
from ioc.product import Product
from ioc.resolve import Resolver
from ioc.scheduler import Scheduler
from ioc.store import Lease, acquire, ensure_measures, keep_definitions, release, renew

log = logging.getLogger("collect")

TTL_S = 9.0
RENEW_S = 2.0
"""The heartbeat: the screens grey when it is older than the lease's time to live."""
FINISH_WITHIN_S = 4.5


class Duty:
    """Waits for the lease, does the work while holding it, gives it back when told to stop."""

    def __init__(self, product: Product, fetches: Mapping[str, Fetch]) -> None:
        self.product, self.fetches = product, fetches
        self.owner = f"{socket.gethostname()}:{os.getpid()}"
        self._stopping = threading.Event()

    def stop(self) -> None:
        """Finish the page in hand and return from run()."""
        self._stopping.set()

    def run(self) -> None:
        """Take turns at the lease until told to stop."""
        for fault in self.product.catalogue.faults:
            log.error("%s", fault)
        while not self._stopping.is_set():
            try:
                lease = acquire(self.product.store, self.owner, TTL_S)
                if lease is not None:
                    self._hold(lease)
                    continue
            except StoreError as fault:
                log.error("%s", fault)
            self._stopping.wait(RENEW_S)

    def _hold(self, lease: Lease) -> None:
        product = self.product
        log.info("holds the lease (%d sources)", len(product.catalogue.sources))
        try:
            measures = tuple(product.engine.measures())
            with product.store.writing(lease.fence) as commit:
                _keep_all_definitions(product, commit)
                ensure_measures(commit, measures)
        except FencedError:
            return
        publisher = Publisher(product, lease.fence)
        resolver = Resolver(product.catalogue, product.territory, product.agencies, product.province.code)
        collector = Collector(
            product.store,
            lease.fence,
            self.fetches,
            resolver,
            measures,
            product.engine.affects,
            publisher.wake,
        )
        scheduler = Scheduler(product.catalogue.sources.values(), collector)
        publishing = threading.Thread(target=publisher.run, name="publisher", daemon=True)
        publishing.start()
        scheduler.start()
        held = True
        while held and not self._stopping.wait(RENEW_S):
            held = self._renewed(lease)
        scheduler.stop()
        publisher.stop()
        if held:
            self._finish(collector, publishing)
            release(product.store, lease)
        else:
            log.warning("lost the lease")

    def _renewed(self, lease: Lease) -> bool:
        # A store that does not answer for a moment is asked again until the lease would have run out anyway.
        until = time.monotonic() + TTL_S
        while not self._stopping.is_set() and time.monotonic() < until:
            try:
                return renew(self.product.store, lease, TTL_S)
            except StoreError as fault:
                log.error("%s", fault)
                self._stopping.wait(0.5)
        return self._stopping.is_set()

    def _finish(self, collector: Collector, publishing: threading.Thread) -> None:
        until = time.monotonic() + FINISH_WITHIN_S
        while collector.in_hand and time.monotonic() < until:
            time.sleep(0.02)
        publishing.join(max(0.1, until - time.monotonic()))


def _keep_all_definitions(product: Product, commit: object) -> None:
    catalogue = product.catalogue
    for kind, tables in (("indicator", catalogue.indicators), ("board", catalogue.boards)):
        keep_definitions(commit, kind, {table.id: (table.hash, table.body) for table in tables.values()})
    bodies = {source.id: (source.hash, {"file": source.file, "connector": source.connector}) for source in catalogue.sources.values()}
    keep_definitions(commit, "source", bodies)
