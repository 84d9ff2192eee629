"""The collector's duty: one process of several holds the lease; while it does it schedules, keeps and publishes."""

from __future__ import annotations

import logging
import os
import secrets
import socket
import threading
import time
from collections.abc import Mapping

from ioc.collect import Collector
from ioc.declared_then import keep_declared
from ioc.errors import FencedError, StoreError
from ioc.indicators.flows import measures
from ioc.logs import Trouble
from ioc.model import Fetch
from ioc.product import Product
from ioc.publish import Publisher
from ioc.resolve import Resolver
from ioc.scheduler import Scheduler
from ioc.store import close_abandoned_runs, ensure_measures
from ioc.store.lease import release, renew, take
from ioc.store.observations import restamp
from ioc.trust import Trust
from ioc.upkeep import EVERY_S, let_go

log = logging.getLogger("collect")

TTL_S = 9.0
RENEW_S = 2.0
"""The heartbeat: the screens grey when it is older than the lease's time to live."""
FINISH_WITHIN_S = 4.5
UPKEEP_AFTER_S = 300.0
"""The first upkeep leaves the first polls alone."""
CLOCK_S = 5.0
"""A clock that was set by more than this moves the schedule with it."""


class Duty:
    """Waits for the lease, does the work while holding it, gives it back when told to stop."""

    def __init__(self, product: Product, fetches: Mapping[str, Fetch]) -> None:
        self.product, self.fetches = product, fetches
        # of this process alone: containers share host names and process numbers
        self.owner = f"{socket.gethostname()}:{os.getpid()}:{secrets.token_hex(4)}"
        self._trouble = Trouble(log, "the store answers again")
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
                fence = take(self.product.store, self.owner, ttl_s=TTL_S)
                self._trouble.over()
                if fence is not None:
                    self._hold(fence)
                    continue
            except StoreError as fault:
                self._trouble.say(str(fault))
            self._stopping.wait(RENEW_S)

    def _hold(self, fence: int) -> None:
        product = self.product
        log.info("holds the lease (%d sources)", len(product.catalogue.sources))
        try:
            stamps = {variable.id: variable.stamp for variable in product.catalogue.variables.values()}
            measured = tuple(measures(product.definitions.values(), product.calendar))
            close_abandoned_runs(product.store, fence, now_ms=time.time_ns() // 1_000_000)
            with product.store.writing(fence) as commit:
                keep_declared(commit, product)
                ensure_measures(commit, measured)
                restamp(commit, stamps)
        except FencedError:
            return
        publisher = Publisher(product, fence, self._trouble)
        resolver = Resolver(product.catalogue, product.territory, product.agencies, product.province.code)
        collector = Collector(
            product.store,
            fence,
            self.fetches,
            resolver,
            measured,
            product.engine.stale_since,
            stamps,
            publisher.wake,
        )
        scheduler = Scheduler(product.catalogue.sources.values(), collector, self._trouble)
        publishing = threading.Thread(target=publisher.run, name="publisher", daemon=True)
        trust = Trust(product, fence, publisher.wake, self._trouble)
        watching = threading.Thread(target=trust.run, name="trust", daemon=True)
        publishing.start()
        scheduler.start()
        watching.start()
        held, ahead, upkept = (
            True,
            time.time() - time.monotonic(),
            time.monotonic() - EVERY_S + UPKEEP_AFTER_S,
        )
        while held and not self._stopping.wait(RENEW_S):
            held = self._renewed(fence)
            moved = time.time() - time.monotonic() - ahead
            if abs(moved) > CLOCK_S:
                log.warning("the clock moved by %.0f s; every source is scheduled anew", moved)
                ahead += moved
                scheduler.clock_moved()
            if held and time.monotonic() - upkept > EVERY_S:
                upkept = time.monotonic()
                self._upkeep(fence)
        scheduler.stop()
        trust.stop()
        publisher.stop()
        if held:
            self._finish(collector, publishing)
            release(product.store, self.owner, fence)
        else:
            log.warning("lost the lease")

    def _upkeep(self, fence: int) -> None:
        try:
            let_go(self.product.store, fence, self.product.catalogue.sources.values(), self.product.retention)
        except (FencedError, StoreError) as fault:
            log.warning("upkeep waits for tomorrow: %s", fault)

    def _renewed(self, fence: int) -> bool:
        # A store that does not answer for a moment is asked again until the lease would have run out anyway.
        until = time.monotonic() + TTL_S
        while not self._stopping.is_set() and time.monotonic() < until:
            try:
                held = renew(self.product.store, self.owner, fence, ttl_s=TTL_S)
                self._trouble.over()
                return held
            except StoreError as fault:
                self._trouble.say(str(fault))
                self._stopping.wait(0.5)
        return self._stopping.is_set()

    def _finish(self, collector: Collector, publishing: threading.Thread) -> None:
        until = time.monotonic() + FINISH_WITHIN_S
        while collector.in_hand and time.monotonic() < until:
            time.sleep(0.02)
        publishing.join(max(0.1, until - time.monotonic()))
