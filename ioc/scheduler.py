"""What is due: every source on its own clock, back-off by kind of error, history in the gaps, requests at once."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta

from apscheduler.events import EVENT_JOB_MAX_INSTANCES, EVENT_JOB_MISSED, JobEvent
from apscheduler.executors.pool import ThreadPoolExecutor
from apscheduler.schedulers.background import BackgroundScheduler
from apscheduler.triggers.base import BaseTrigger
from apscheduler.triggers.cron import CronTrigger
from apscheduler.triggers.interval import IntervalTrigger

from ioc.calendar import ZONE_NAME
from ioc.collect import Collector
from ioc.errors import FencedError, StoreError
from ioc.logs import Trouble, where
from ioc.model import Source
from ioc.outcome import Outcome, backoff, bounded
from ioc.store import Request, serve_request, waiting_requests
from ioc.store.postponed import asked_to_wait

log = logging.getLogger("scheduler")

REPORT_EVERY_S = 600.0
"""A report with a due date may be handed in at any time; its place is looked at this often."""
REQUESTS_EVERY_S = 1.0
HISTORY_AFTER_S = 60.0
"""The past waits for every source's first poll, but no longer than this for one that does not answer."""
REQUESTS = "(requests)"
HISTORY_PAUSE_S = 0.2
LOOK_AGAIN_S = 5.0


class Scheduler:
    """Runs the sources of one lease; start() once, stop() once."""

    def __init__(
        self, sources: Iterable[Source], collector: Collector, store_trouble: Trouble | None = None
    ) -> None:
        self.sources = {source.id: source for source in sources}
        self.collector = collector
        self.skipped = 0
        self._trouble = store_trouble or Trouble(log, "the store answers again")
        self._failures: dict[str, int] = {}
        self._polled: set[str] = set()
        self._running: set[str] = set()
        self._again: set[str] = set()
        self._asked: dict[str, Request] = {}
        self._turn = threading.Lock()
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
        """Poll every source once at once, spread over a second, then each on its own clock.

        One that asked a collector before us to be left alone is asked when that time is over.
        """
        first = datetime.now(UTC)
        waits = self._asked_to_wait(first)
        for position, source in enumerate(self.sources.values()):
            turn = first + timedelta(seconds=position / max(len(self.sources), 1))
            self._jobs.add_job(
                self._poll,
                _trigger(source),
                id=source.id,
                args=[source.id],
                next_run_time=turn + timedelta(seconds=waits.get(source.id, 0.0)),
            )
        self._jobs.add_job(self._requests, IntervalTrigger(seconds=REQUESTS_EVERY_S), id=REQUESTS)
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

    def clock_moved(self) -> None:
        """Set every source's next poll anew: what was due at an hour that moved away would wait for it."""
        for source in self.sources.values():
            self._jobs.reschedule_job(source.id, trigger=_trigger(source))
        self._jobs.reschedule_job(REQUESTS, trigger=IntervalTrigger(seconds=REQUESTS_EVERY_S))

    def _poll(self, source_id: str) -> None:
        source = self.sources[source_id]
        with self._turn:
            self._running.add(source_id)
        outcome = self._guarded(source)
        with self._turn:
            self._running.discard(source_id)
            self._polled.add(source_id)
            again = source_id in self._again
            self._again.discard(source_id)
        if outcome is not None:
            failed = outcome.outcome == "failed"
            failures = self._failures[source_id] = self._failures.get(source_id, 0) + 1 if failed else 0
            if failures:
                self._wait(source_id, backoff(source.every or REPORT_EVERY_S, failures, outcome))
        if again:
            self._wait(source_id, 0)

    def _asked_to_wait(self, now: datetime) -> dict[str, float]:
        now_ms = int(now.timestamp() * 1000)
        try:
            with self.collector.store.reading() as connection:
                found = asked_to_wait(connection, now_ms=now_ms)
        except StoreError as fault:
            self._trouble.say(str(fault))
            return {}
        return {id: bounded((until - now_ms) / 1000) for id, until in found.items()}

    def _wait(self, source_id: str, seconds: float) -> None:
        if not self.collector.stopping.is_set():
            self._jobs.modify_job(source_id, next_run_time=datetime.now(UTC) + timedelta(seconds=seconds))

    def _guarded(self, source: Source) -> Outcome | None:
        if self.collector.stopping.is_set():
            return None
        try:
            outcome = self.collector.poll(source)
        except FencedError:
            log.warning("%s: another collector holds the lease; nothing of this run landed", source.id)
        except StoreError as fault:
            self._trouble.say(str(fault))
        except Exception as bug:  # one source's bad luck is not the others'
            log.error("%s: a fault of ours: %s", source.id, where(bug))
        else:
            self._trouble.over()
            return outcome
        return None

    def _requests(self) -> None:
        """Serve what people asked for: poll now; where a run is in hand, once more after it.

        A request for the past is served step by step, and counts as served when everything has been fetched.
        """
        store = self.collector.store
        try:
            with store.reading() as connection:
                asked = waiting_requests(connection)
            past = [one for one in asked if one.since is not None and one.source in self.sources]
            self._asked = {one.source: one for one in reversed(past)}
            now = [one for one in asked if one not in past]
            if not now:
                return
            with store.writing(self.collector.fence) as commit:
                for request in now:
                    serve_request(commit, request.id)
        except FencedError:
            return
        except StoreError as fault:
            self._trouble.say(str(fault))
            return
        for source_id in {request.source for request in now} & self.sources.keys():
            with self._turn:
                running = source_id in self._running
                if running:
                    self._again.add(source_id)
            if not running:
                self._wait(source_id, 0)

    def _history(self) -> None:
        """Fetch the past: a step of each source in turn, once all were polled.

        What somebody asked for has every other turn. A source that fails, live or in
        its past, is left alone for as long as a poll would leave it.
        """
        until = time.monotonic() + HISTORY_AFTER_S
        while len(self._polled) < len(self.sources) and time.monotonic() < until:
            if self._past.wait(0.2):
                return
        left = {source.id for source in self.sources.values() if source.history}
        due, failures = dict[str, float](), dict[str, int]()
        while not self._past.is_set():
            for source_id in self._turns(left):
                if self._past.is_set():
                    return
                if due.get(source_id, 0.0) > time.monotonic():
                    continue
                source, request = self.sources[source_id], self._asked.get(source_id)
                every = max(source.every or REPORT_EVERY_S, 10.0)
                if self._failures.get(source_id):
                    due[source_id] = time.monotonic() + min(every, LOOK_AGAIN_S)
                    continue
                try:
                    more, outcome = self.collector.history(source, time.time(), request)
                except FencedError:
                    return
                except StoreError as fault:
                    self._trouble.say(str(fault))
                    due[source_id] = time.monotonic() + every
                    continue
                if not more and request is None:
                    left.discard(source_id)
                elif not more:
                    self._asked = {id: one for id, one in self._asked.items() if one != request}
                failed = outcome is not None and outcome.outcome == "failed" and not outcome.to_end
                failures[source_id] = failures.get(source_id, 0) + 1 if failed else 0
                if failed and outcome is not None:
                    due[source_id] = time.monotonic() + backoff(every, failures[source_id], outcome)
                    self._leave_alone(source_id, bounded(outcome.retry_after_s))
            self._past.wait(HISTORY_PAUSE_S)

    def _leave_alone(self, source_id: str, seconds: float) -> None:
        """Put a poll off that would come before a source wants to be asked again."""
        due = self.next_poll(source_id)
        if seconds and due is not None and due < time.time() + seconds:
            self._wait(source_id, seconds)

    def _turns(self, left: set[str]) -> Iterator[str]:
        """Yield whose past is fetched next: what somebody asked for has every other turn."""
        for source_id in [*left, ""]:
            yield from list(self._asked)
            if source_id and source_id not in self._asked:
                yield source_id

    def _count_skipped(self, event: JobEvent) -> None:
        self.skipped += 1


def _trigger(source: Source) -> BaseTrigger:
    if source.cron:
        return CronTrigger.from_crontab(source.cron, timezone=ZONE_NAME)
    every = source.every or REPORT_EVERY_S
    return IntervalTrigger(seconds=max(1, round(every)), jitter=min(every / 10, 30))
