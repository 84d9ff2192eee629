"""One run of one source: ask, resolve, keep page by page; say what happened."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Generator, Iterable, Mapping
from contextlib import closing
from dataclasses import dataclass, field, replace
from typing import Any, Literal

from ioc.errors import ContractError, FencedError, RefusedError, SourceError, StoreError, UnreachableError
from ioc.logs import fit, where
from ioc.model import Fetch, Page, Source
from ioc.resolve import Resolver
from ioc.store import Kept, Measure, Store, Touched, finish_run, keep_page, read_cursor, start_run
from ioc.store.names import source_id
from ioc.store.runs import keep_cursor

log = logging.getLogger("collect")

DAY_S = 86_400
HISTORY_STEP_S = 14 * DAY_S
"""How much of the past one step of a backfill asks for, so that a live poll waits for seconds at most."""

Kind = Literal["poll", "backfill"]
ErrorKind = Literal["", "unreachable", "refused", "contract", "fault"]


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a run ended: changed, unchanged, failed or interrupted; error is the sentence that says why it failed.

    to_end: whether everything that was asked for came, even if too much of it was rejected.
    """

    source: str
    outcome: str
    error: str = ""
    error_kind: ErrorKind = ""
    retry_after_s: float | None = None
    records: int = 0
    to_end: bool = True


@dataclass(slots=True)
class _Counts:
    pages: int = 0
    new: int = 0
    changed: int = 0
    same: int = 0
    rejected: int = 0
    gone: int = 0
    received_bytes: int = 0
    status: int | None = None

    def add(self, page: Page, kept: Kept) -> None:
        self.pages += 1
        self.new += kept.new
        self.changed += kept.changed
        self.same += kept.same
        self.rejected += kept.rejected
        self.gone += kept.gone
        self.received_bytes += page.received_bytes
        self.status = page.status if page.status is not None else self.status


@dataclass
class Collector:
    """Runs sources into the store under one lease; what a page made stale is told to `changed`."""

    store: Store
    fence: int
    fetches: Mapping[str, Fetch]
    resolver: Resolver
    measures: tuple[Measure, ...]
    affects: Callable[[Touched], Iterable[str]]
    stamps: Mapping[str, str]
    changed: Callable[[], None]
    stopping: threading.Event = field(default_factory=threading.Event)
    _locks: dict[str, threading.Lock] = field(default_factory=dict)
    _said: dict[str, str] = field(default_factory=dict)
    _failures: dict[str, int] = field(default_factory=dict)
    _keeping: set[int] = field(default_factory=set)
    _lost: dict[str, list[int]] = field(default_factory=dict)

    @property
    def in_hand(self) -> bool:
        """Whether a run is being kept at this moment: its page, or its end."""
        return bool(self._keeping)

    def poll(self, source: Source) -> Outcome:
        """Ask the source once and keep what came. Raises FencedError and StoreError; a source's fault is told."""
        with self._lock(source):
            cursor = self._cursor(source)
            live = dict(cursor.get("live", {}))
            outcome = self._run(source, "poll", live, lambda page: {**cursor, "live": page})
        self._say(source, outcome)
        return outcome

    def history(self, source: Source, now: float) -> tuple[bool, Outcome | None]:
        """Fetch the next step of a source's declared history; return whether more is left, and how the step ended.

        The steps go backwards from now; each is resumed where it stopped, and one that did not come to its end
        is asked again.
        """
        if not source.history or self.stopping.is_set():
            return False, None
        with self._lock(source):
            cursor = self._cursor(source)
            past = dict(cursor.get("history", {}))
            until = int(past.get("until") or now)
            # a history that was declared longer since goes on further back
            floor = min(int(past.get("floor") or until), int(now - source.history))
            if until <= floor:
                return False, None
            since = max(floor, until - HISTORY_STEP_S)
            step = {"window": [since, until], **dict(past.get("at", {}))}
            kept = {"floor": floor, "until": until}
            outcome = self._run(
                source, "backfill", step, lambda page: {**cursor, "history": {**kept, "at": page}}
            )
            if not outcome.to_end:
                return True, outcome
            with self.store.writing(self.fence, _ms()) as commit:
                id = source_id(commit.connection, commit.names, source.id)
                keep_cursor(commit, id, {**cursor, "history": {"floor": floor, "until": since}})
            return since > floor, outcome

    def _cursor(self, source: Source) -> dict[str, Any]:
        with self.store.reading() as connection:
            return dict(read_cursor(connection, source.id))

    def _run(
        self, source: Source, kind: Kind, cursor: dict[str, Any], keep_cursor: Callable[[Any], dict[str, Any]]
    ) -> Outcome:
        run = start_run(self.store, self.fence, source.id, kind, now_ms=_ms())
        try:
            return self._walk(source, run, cursor, keep_cursor)
        except FencedError:
            raise
        except StoreError:
            # nobody can end this run now; the next one of its source does
            self._lost.setdefault(source.id, []).append(run)
            raise
        finally:
            self._keeping.discard(run)

    def _walk(
        self, source: Source, run: int, cursor: dict[str, Any], keep_cursor: Callable[[Any], dict[str, Any]]
    ) -> Outcome:
        for lost in self._lost.get(source.id, ()):
            sentence = "Kho dữ liệu không trả lời giữa lượt thu thập."
            finish_run(
                self.store, self.fence, lost, "failed", error=sentence, error_kind="fault", now_ms=_ms()
            )
        self._lost.pop(source.id, None)
        counts = _Counts()
        error: SourceError | None = None
        fault = ""
        interrupted = to_end = False
        try:
            with closing(self._fetch(source, cursor)) as pages:
                for page in pages:
                    resolved = self.resolver.page(source, page)
                    if page.cursor is not None:
                        resolved = replace(resolved, cursor=keep_cursor(page.cursor))
                    self._keeping.add(run)
                    kept = self._keep(source, run, resolved)
                    counts.add(page, kept)
                    if kept.new or kept.changed or kept.gone:
                        self.changed()
                    if self.stopping.is_set():
                        interrupted = True
                        break
                    self._keeping.discard(run)
                to_end = not interrupted
        except SourceError as found:
            error = found
            counts.status = found.status or counts.status
        except StoreError:
            raise
        except Exception as bug:
            # Ours to correct. The page did not land; the source says so, and every other source goes on.
            fault = f"Lỗi của phần mềm khi lưu trang này ({where(bug)}); trang chưa được lưu."
        asked = counts.new + counts.changed + counts.same + counts.rejected
        if not error and not fault and asked and counts.rejected / asked > source.rejected_share:
            error = ContractError(
                f"{counts.rejected} trên {asked} bản ghi bị từ chối, quá mức cho phép "
                f"{source.rejected_share:.0%}; xem các bản ghi bị từ chối của nguồn",
                status=counts.status,
            )
        failed = bool(error or fault)
        outcome: Literal["changed", "unchanged", "failed"] = (
            "failed" if failed else "changed" if counts.new + counts.changed + counts.gone else "unchanged"
        )
        sentence = fit(str(error)) if error else fault
        error_kind: ErrorKind = "fault" if fault else _kind(error)
        finish_run(
            self.store,
            self.fence,
            run,
            outcome,
            error=sentence,
            error_kind=error_kind,
            http_status=counts.status,
            now_ms=_ms(),
        )
        self.changed()
        return Outcome(
            source.id,
            "interrupted" if interrupted and not failed else outcome,
            sentence,
            error_kind,
            error.retry_after_s if error else None,
            counts.new + counts.changed,
            to_end,
        )

    def _fetch(self, source: Source, cursor: dict[str, Any]) -> Generator[Page]:
        try:
            yield from self.fetches[source.id](source, cursor)
        except (SourceError, FencedError, StoreError, GeneratorExit):
            raise
        except OSError as fault:
            raise UnreachableError(
                f"Không đọc được nguồn: {fault.strerror or type(fault).__name__}"
            ) from fault
        except Exception as surprise:
            # A surprise in the body is the source's answer being other than agreed. Its text may quote a record.
            raise ContractError(
                f"Câu trả lời không đúng như đã thỏa thuận ({where(surprise)})."
            ) from surprise

    def _keep(self, source: Source, run: int, page: Page) -> Kept:
        return keep_page(
            self.store,
            self.fence,
            run,
            source,
            page,
            measures=self.measures,
            marks=self.affects,
            stamps=self.stamps,
            now_ms=_ms(),
        )

    def _lock(self, source: Source) -> threading.Lock:
        return self._locks.setdefault(source.id, threading.Lock())

    def _say(self, source: Source, outcome: Outcome) -> None:
        """Log a change once: down with the sentence, back after how many failures."""
        before, failures = self._said.get(source.id, ""), self._failures.get(source.id, 0)
        if outcome.outcome == "failed":
            self._failures[source.id] = failures + 1
            if before != outcome.error_kind:
                log.warning(
                    "%s: %s",
                    source.id,
                    outcome.error,
                    extra={"source": source.id, "kind": outcome.error_kind},
                )
            self._said[source.id] = outcome.error_kind
        elif before:
            log.info("%s: back after %d", source.id, failures, extra={"source": source.id})
            self._said[source.id], self._failures[source.id] = "", 0


def backoff(every: float, failures: int, outcome: Outcome) -> float:
    """Return the seconds to wait after a failed run before asking again.

    Unreachable: half an interval the first time, so that one lost answer greys nothing, then the interval,
    which doubles up to five minutes; contract: it doubles up to ten minutes; refused: up to thirty, since only a
    person can help. Retry-After is honoured as a minimum, up to a day.
    """
    cap = {"unreachable": 300.0, "contract": 600.0, "refused": 1800.0}.get(outcome.error_kind, 300.0)
    power = failures - 2 if outcome.error_kind == "unreachable" else failures - 1
    wait = min(every * 2.0 ** min(power, 10), max(cap, every))
    return max(wait, min(outcome.retry_after_s or 0.0, float(DAY_S)))


def _kind(error: SourceError | None) -> ErrorKind:
    if error is None:
        return ""
    if isinstance(error, RefusedError):
        return "refused"
    return "contract" if isinstance(error, ContractError) else "unreachable"


def _ms() -> int:
    return time.time_ns() // 1_000_000
