"""One run of one source: ask, resolve, keep page by page; say what happened."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Generator, Iterable, Mapping
from contextlib import closing
from dataclasses import dataclass, field, replace
from typing import Any, Literal

from ioc.errors import ContractError, FencedError, SourceError, StoreError, UnreachableError
from ioc.learned import Learned
from ioc.logs import fit, where
from ioc.model import Fetch, Page, Source
from ioc.outcome import Counts, ErrorKind, Kind, Outcome, bounded, kind_of
from ioc.past import DAY_S, STEP_S, asked, declared, fitting
from ioc.resolve import Resolver
from ioc.store import (
    Kept,
    Measure,
    Request,
    Store,
    Touched,
    finish_run,
    keep_page,
    read_cursor,
    serve_request,
    start_run,
)
from ioc.store.names import source_id
from ioc.store.runs import is_waiting, keep_cursor
from ioc.structure import UNSEEN, Structure, joined

log = logging.getLogger("collect")


@dataclass
class Collector:
    """Runs sources into the store under one lease; what a page made stale is told to `changed`."""

    store: Store
    fence: int
    fetches: Mapping[str, Fetch]
    resolver: Resolver
    measures: tuple[Measure, ...]
    affects: Callable[[Touched], Iterable[str] | Mapping[str, int | None]]
    stamps: Mapping[str, str]
    changed: Callable[[], None]
    stopping: threading.Event = field(default_factory=threading.Event)
    _locks: dict[str, threading.Lock] = field(default_factory=dict)
    _said: dict[str, str] = field(default_factory=dict)
    _failures: dict[str, int] = field(default_factory=dict)
    _keeping: set[int] = field(default_factory=set)
    _lost: dict[str, list[int]] = field(default_factory=dict)
    _waiting: set[str] = field(default_factory=set)
    _steps: dict[str, int] = field(default_factory=dict)
    _learned: Learned = field(init=False)

    def __post_init__(self) -> None:
        self._learned = Learned(self.store)

    @property
    def in_hand(self) -> bool:
        """Whether a run is being kept at this moment: its page, or its end."""
        return bool(self._keeping)

    def poll(self, source: Source) -> Outcome:
        """Ask the source once and keep what came. Raises FencedError and StoreError; a source's fault is told."""
        self._waiting.add(source.id)
        with self._lock(source):
            self._waiting.discard(source.id)
            cursor = self._cursor(source)
            live = dict(cursor.get("live", {}))
            outcome = self._run(source, "poll", live, lambda page: {**cursor, "live": page})
        self._say(source, outcome)
        return outcome

    def history(
        self, source: Source, now: float, request: Request | None = None
    ) -> tuple[bool, Outcome | None]:
        """Fetch the next step of a source's declared history, or of the span that a request asks for.

        Returns whether more is left, and how the step ended. A step is resumed where it stopped, and one that
        did not come to its end is asked again. A live poll that waits goes first. Raises FencedError, StoreError.
        """
        if self.stopping.is_set():
            return False, None
        with self._lock(source):
            with self.store.reading() as connection:
                cursor = dict(read_cursor(connection, source.id))
                if request is not None and not is_waiting(connection, request.id):
                    return False, None
            if request is None or request.since is None:
                past = declared(source, cursor, now)
            else:
                past = asked(cursor, request.since, request.until, request.asked / 1000)
            if past is None:
                return False, None
            length = self._steps.get(source.id, STEP_S)
            since, until = past.step(length)
            started = time.monotonic()
            outcome = self._run(
                source,
                "backfill",
                {"window": [since, until], **past.at},
                lambda page: {**cursor, past.key: past.within(since, page)},
            )
            took = time.monotonic() - started
            if not outcome.to_end:
                return True, outcome
            self._steps[source.id] = fitting(length, took, source.every or DAY_S)
            with self.store.writing(self.fence, _ms()) as commit:
                id = source_id(commit.connection, commit.names, source.id)
                keep_cursor(commit, id, {**cursor, past.key: past.after(since)})
                if request is not None and since <= past.floor:
                    serve_request(commit, request.id)
            return since > past.floor, outcome

    def _cursor(self, source: Source) -> dict[str, Any]:
        with self.store.reading() as connection:
            return dict(read_cursor(connection, source.id))

    def _run(
        self, source: Source, kind: Kind, cursor: dict[str, Any], keep_cursor: Callable[[Any], dict[str, Any]]
    ) -> Outcome:
        run = start_run(self.store, self.fence, source.id, kind, now_ms=_ms())
        try:
            return self._walk(source, run, kind, cursor, keep_cursor)
        except FencedError:
            raise
        except StoreError:
            # nobody can end this run now; the next one of its source does
            self._lost.setdefault(source.id, []).append(run)
            raise
        finally:
            self._keeping.discard(run)

    def _walk(
        self,
        source: Source,
        run: int,
        kind: Kind,
        cursor: dict[str, Any],
        keep_cursor: Callable[[Any], dict[str, Any]],
    ) -> Outcome:
        for lost in self._lost.get(source.id, ()):
            sentence = "Kho dữ liệu không trả lời giữa lượt thu thập."
            finish_run(
                self.store, self.fence, lost, "failed", error=sentence, error_kind="fault", now_ms=_ms()
            )
        self._lost.pop(source.id, None)
        counts, seen = Counts(), UNSEEN
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
                    seen = joined((seen, page.structure))
                    if kept.new or kept.changed or kept.gone:
                        self.changed()
                    if self.stopping.is_set() or self._gives_way(source, kind, page, counts.pages):
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
        came = counts.new + counts.changed + counts.same + counts.rejected
        if not error and not fault and came and counts.rejected / came > source.rejected_share:
            error = ContractError(
                f"{counts.rejected} trên {came} bản ghi bị từ chối, quá mức cho phép "
                f"{source.rejected_share:.0%}; xem các bản ghi bị từ chối của nguồn",
                status=counts.status,
            )
        if kind == "poll" and not fault:
            error = self._with_structure(source, seen, error)
        failed = bool(error or fault)
        outcome: Literal["changed", "unchanged", "failed"] = (
            "failed" if failed else "changed" if counts.new + counts.changed + counts.gone else "unchanged"
        )
        sentence = fit(str(error)) if error else fault
        error_kind: ErrorKind = "fault" if fault else kind_of(error)
        wait = bounded(error.retry_after_s) if error else 0.0
        ended = _ms()
        finish_run(
            self.store,
            self.fence,
            run,
            outcome,
            error=sentence,
            error_kind=error_kind,
            http_status=counts.status,
            ask_after_ms=ended + int(wait * 1000) if wait else None,
            now_ms=ended,
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

    def _gives_way(self, source: Source, kind: Kind, page: Page, pages: int) -> bool:
        """Say whether a backfill ends after this page, since a live poll waits and the page can be gone on from.

        The first page of a resumed list may be one that had been read before: only with the second it moves on.
        """
        return kind == "backfill" and source.id in self._waiting and page.cursor is not None and pages > 1

    def _with_structure(
        self, source: Source, seen: Structure, error: SourceError | None
    ) -> SourceError | None:
        """Return the fault of a run once the structure of its answer is judged too."""
        told = self._learned.take_in(source, seen, self.fence, _ms())
        if not told or not (error is None or isinstance(error, ContractError)):
            return error
        if error is None:
            return ContractError(f"{told}.")
        return ContractError(
            f"{str(error).rstrip('.')}. {told}.", retry_after_s=error.retry_after_s, status=error.status
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


def _ms() -> int:
    return time.time_ns() // 1_000_000
