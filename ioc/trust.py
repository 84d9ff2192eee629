"""Watching over what may be believed: rules whose sources brought news run again, scores are counted by day."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import asdict

from ioc.calendar import DAY_S, day_of, day_start, local_date
from ioc.contradictions.evaluate import concerned, evaluate
from ioc.counting import count
from ioc.errors import FencedError, StoreError
from ioc.indicators.snapshot import Snapshot
from ioc.logs import Trouble, where
from ioc.product import Product
from ioc.scores import MEASURES, Counts, scores
from ioc.store.contradictions import Outcome, drop_rules, keep_outcomes, take_answers, waiting_answers
from ioc.store.published import mark_stale
from ioc.store.quality import COUNTED, DayCounts, facts_compared, keep_days, quality_days
from ioc.store.reader import EVERYTHING

log = logging.getLogger("trust")

ANSWERS_EVERY_S = 1.0
FIRST_AFTER_S = 15.0
"""The first polls bring what is to be compared."""
RULES_EVERY_S = 30.0
ANYWAY_EVERY_S = 3600.0
"""A rule runs this often without news too: its window moves with the clock."""
SHARE_OF_A_CORE = 0.05
"""A rule that takes long runs more rarely."""
SCORES_EVERY_S = 120.0
BACK_DAYS = 14
MOVED = 0.5
"""Today's counts are kept again when a score moved by so much, or after QUIET_S."""
QUIET_S = 900.0
BOARD_PARTS = ("contradictions", "quality")
"""Marks of the parts of boards that show what is found here."""


class Trust:
    """Watches for one lease; run() is its thread. Polls and publishing never wait for it."""

    def __init__(
        self,
        product: Product,
        fence: int,
        changed: Callable[[], None],
        store_trouble: Trouble | None = None,
    ) -> None:
        self.product, self.fence, self.changed = product, fence, changed
        self._trouble = store_trouble or Trouble(log, "the store answers again")
        self._seen: dict[str, tuple[object, ...]] = {}
        self._rests: dict[str, float] = {}
        self._broken: dict[str, str] = {}
        self._stopping = threading.Event()

    def stop(self) -> None:
        """Start nothing more."""
        self._stopping.set()

    def run(self) -> None:
        """Watch until stopped; a store that does not answer is asked again."""
        rules_at = time.monotonic() + FIRST_AFTER_S
        scores_at = rules_at + 5.0
        while not self._stopping.wait(ANSWERS_EVERY_S):
            try:
                self.answers(time.time())
                if time.monotonic() >= rules_at:
                    rules_at = time.monotonic() + RULES_EVERY_S
                    self.check(time.time())
                if time.monotonic() >= scores_at:
                    scores_at = time.monotonic() + SCORES_EVERY_S
                    self.count(time.time())
            except FencedError:
                return
            except StoreError as fault:
                self._trouble.say(str(fault))
            except Exception as bug:  # what is known of trust stands until the next attempt
                self._said_once("trust", f"a fault of ours: {where(bug)}")

    def answers(self, now: float) -> int:
        """Take over what people said of contradictions; returns how many answers there were."""
        with self.product.store.reading() as connection:
            waiting = waiting_answers(connection)
        if waiting:
            with self.product.store.writing(self.fence, int(now * 1000)) as commit:
                mark_stale(commit, take_answers(commit, waiting) | set(BOARD_PARTS[:1]))
            self.changed()
        return len(waiting)

    def check(self, now: float) -> dict[str, Outcome]:
        """Run the rules whose sources brought news, at an instant (epoch s); returns what they found."""
        product, outcomes = self.product, dict[str, Outcome]()
        with product.engine.snapshot(int(now)) as snapshot:
            for rule in product.rules.values():
                news = self._news(rule.id, snapshot, now)
                if self._seen.get(rule.id) == news or now < self._rests.get(rule.id, 0.0):
                    continue
                began = time.thread_time()
                try:
                    outcomes[rule.id] = evaluate(rule, product.engine, snapshot, int(now))
                except StoreError:
                    raise
                except Exception as bug:  # one rule that breaks is not the others' fault
                    self._said_once(rule.id, f"check {rule.id}: {where(bug)}")
                took = time.thread_time() - began
                self._rests[rule.id] = now + took / SHARE_OF_A_CORE
                self._seen[rule.id] = news
        with product.store.writing(self.fence, int(now * 1000)) as commit:
            touched = drop_rules(commit, list(product.rules)) | keep_outcomes(commit, outcomes)
            if touched or any(outcome.found for outcome in outcomes.values()):
                mark_stale(commit, touched | set(BOARD_PARTS[:1]))
        if outcomes:
            self.changed()
        return outcomes

    def _news(self, rule: str, snapshot: Snapshot, now: float) -> tuple[object, ...]:
        sources = concerned(self.product.rules[rule], self.product.engine, snapshot)
        runs = [snapshot.runs(self.product.catalogue.sources[id], None) for id in sorted(sources)]
        # a run that only rejected changed nothing, and is news all the same
        told = [(one.last_changed, one.last_run if one.rejected_share else None) for one in runs]
        return (*told, int(now // ANYWAY_EVERY_S))

    def count(self, now: float) -> int:
        """Count what sources delivered today and on days not counted yet; returns how many counts were kept."""
        product, today = self.product, day_start(day_of(local_date(now)))
        kept: list[tuple[str, int, Counts]] = []
        with product.engine.snapshot(int(now)) as snapshot:
            first = today - BACK_DAYS * DAY_S
            rows = quality_days(snapshot.connection, EVERYTHING, start=first, end=today + DAY_S)
            known = {(row.source, row.day): row for row in rows}
            facts = facts_compared(snapshot.connection, EVERYTHING)
            for source in product.catalogue.sources.values():
                for day in range(first, today + DAY_S, DAY_S):
                    before = known.get((source.id, day))
                    finished = before is not None and before.known_from >= (day + DAY_S) * 1000
                    if finished:
                        continue
                    told = facts if day == today else _told_then(source.id, before)
                    found = count(source, snapshot, day, int(now), told)
                    least = product.quality.least_watched_s
                    if found is not None and (day < today or _moved(before, found, now, least)):
                        kept.append((source.id, day, found))
        if not kept:
            return 0
        with product.store.writing(self.fence, int(now * 1000)) as commit:
            written = keep_days(commit, kept)
            if written:
                mark_stale(commit, BOARD_PARTS[1:])
        self.changed()
        return written

    def _said_once(self, about: str, text: str) -> None:
        if self._broken.get(about) != text:
            self._broken[about] = text
            log.error("%s", text)


def _told_then(source: str, before: DayCounts | None) -> Mapping[str, tuple[int, int]]:
    """Return what rules compared on a day that is over: it is counted while the day lasts, never afterwards."""
    if before is None:
        return {}
    return {source: (int(before.counts["compared"]), int(before.counts["disputed"]))}


def _moved(before: DayCounts | None, found: Counts, now: float, least_watched_s: int) -> bool:
    if before is None:
        return True
    if now * 1000 - before.known_from >= QUIET_S * 1000:
        return any(before.counts[name] != value for name, value in asdict(found).items())
    counted = {name: before.counts[name] for name in COUNTED}
    old = scores(Counts(**counted), least_watched_s)  # type: ignore[arg-type]
    new = scores(found, least_watched_s)
    for name in MEASURES:
        was, is_ = getattr(old, name), getattr(new, name)
        if (was is None) != (is_ is None) or (was is not None and abs(was - is_) >= MOVED):
            return True
    return False
