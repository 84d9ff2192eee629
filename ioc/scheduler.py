"""What is due: every source on its own clock, back-off by kind of error, history in the gaps, requests at once."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

from apscheduler.events import EVENT_JOB_MAX_INSTANCES, EVENT_JOB_MISSED, JobEvent
from apscheduler.executors.pool import ThreadPoolExecutor
from apscheduler.schedulers.background import BackgroundScheduler
from apscheduler.triggers.base import BaseTrigger
from apscheduler.triggers.cron import CronTrigger
from apscheduler.triggers.interval import IntervalTrigger

from ioc.calendar import ZONE_NAME
from ioc.collect import Collector, Outcome, backoff
from ioc.errors import FencedError, StoreError
from ioc.model import Source
from ioc.store import serve_request, waiting_requests

log = logging.getLogger("scheduler")

REPORT_EVERY_S = 600.0
"""A report with a due date may be handed in at any time; its place is looked at this often."""
REQUESTS_EVERY_S = 1.0


class Scheduler:
    """Runs the sources of one lease; start() once, stop() once."""

    def __init__(self, sources: Iterable[Source], collector: Collector) -> None:
        self.sources = {source.id: source for source in sources}
        self.collector = collector
        self.skipped = 0
        self._failures: dict[str, int] = {}
        self._past = threading.Event()
        # A source that never answers holds one thread, never two; twice as many threads as sources leaves
        # room for requests and for the watch on them.
        threads = max(32, 2 * len(self.sources))
        self._jobs = BackgroundScheduler(
            executors={"default": ThreadPoolExecutor(threads)},
            job_defaults={"max_instances": 1, "coalesce": True, "misfire_grace_time": None},
            timezone=ZONE_NAME,
        )
        self._jobs.add_listener(self._count_skipped, EVENT_JOB_MISSED | EVENT_JOB_MAX_INSTANCES)

    def start(self) -> None:
        """Poll every source once at once, spread over a second, then each on its own clock."""
        first = datetime.now(UTC)
        for position, source in enumerate(self.sources.values()):
            self._jobs.add_job(
                self._poll,
                _trigger(source),
                id=source.id,
                args=[source.id],
                next_run_time=first + timedelta(seconds=position / max(len(self.sources), 1)),
            )
        self._jobs.add_job(self._requests, IntervalTrigger(seconds=REQUESTS_EVERY_S), id="(requests)")
        self._jobs.start()
        threading.Thread(target=self._history, name="history", daemon=True).start()

    def stop(self) -> None:
        """Start nothing more; a run in hand ends after its page."""
        self.collector.stopping.set()
        self._past.set()
        self._jobs.shutdown(wait=False)

    def next_poll(self, source_id: str) -> float | None:
        """Return when a source is asked next, epoch s."""
        job = self._jobs.get_job(source_id)
        return job.next_run_time.timestamp() if job and job.next_run_time else None

    def _poll(self, source_id: str) -> None:
        source = self.sources[source_id]
        outcome = self._guarded(source)
        if outcome is None:
            return
        failures = self._failures[source_id] = (
            self._failures.get(source_id, 0) + 1 if outcome.outcome == "failed" else 0
        )
        if failures:
            wait = backoff(source.every or REPORT_EVERY_S, failures, outcome)
            self._jobs.modify_job(source_id, next_run_time=datetime.now(UTC) + timedelta(seconds=wait))

    def _guarded(self, source: Source) -> Outcome | None:
        if self.collector.stopping.is_set():
            return None
        try:
            return self.collector.poll(source)
        except FencedError:
            log.warning("%s: another collector holds the lease; nothing of this run landed", source.id)
        except StoreError as fault:
            log.error("%s: %s", source.id, fault)
        return None

    def _requests(self) -> None:
        """Serve what people asked for: poll now."""
        store = self.collector.store
        try:
            with store.reading() as connection:
                asked = waiting_requests(connection)
            if not asked:
                return
            with store.writing(self.collector.fence) as commit:
                for request in asked:
                    serve_request(commit, request.id)
        except (FencedError, StoreError) as fault:
            log.warning("requests to poll: %s", fault)
            return
        for source_id in {request.source for request in asked} & self.sources.keys():
            self._jobs.modify_job(source_id, next_run_time=datetime.now(UTC))

    def _history(self) -> None:
        """Fetch the declared past of every source, a step of each in turn, once all were polled."""
        self._past.wait(5)
        waiting = [source for source in self.sources.values() if source.history]
        while waiting and not self._past.is_set():
            left = []
            for source in waiting:
                try:
                    if self.collector.history(source, time.time()):
                        left.append(source)
                except FencedError:
                    return
                except StoreError as fault:
                    log.error("%s: history: %s", source.id, fault)
                    left.append(source)
                self._past.wait(0.2)
            waiting = left

    def _count_skipped(self, event: JobEvent) -> None:
        self.skipped += 1


def _trigger(source: Source) -> BaseTrigger:
    if source.cron:
        return CronTrigger.from_crontab(source.cron, timezone=ZONE_NAME)
    every = source.every or REPORT_EVERY_S
    return IntervalTrigger(seconds=max(1, round(every)), jitter=min(every / 10, 30))
