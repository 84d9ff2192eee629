"""Publishing: parts that became stale are computed again, boards whose content changed get a new version."""

from __future__ import annotations

import gzip
import hashlib
import logging
import threading
import time
from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Any, Literal, NamedTuple

import brotli
import orjson
from sqlalchemy.exc import SQLAlchemyError

from ioc.board_document import document, said, say
from ioc.board_parts import Part, Parts
from ioc.board_sources import sources_shown
from ioc.boards import LANGUAGES, BoardPlan, PartPlan, read_boards
from ioc.calendar import iso
from ioc.contradictions.standing import of_those, those
from ioc.errors import FencedError, QuestionError, StoreError
from ioc.indicators.memory import Memory
from ioc.indicators.snapshot import Snapshot
from ioc.logs import Trouble, where
from ioc.product import Product
from ioc.quality import Freshness
from ioc.quality_report import of_data
from ioc.store.published import (
    KeptReading,
    Mark,
    clear_marks,
    drop_boards,
    keep_board,
    keep_readings,
    stale_marks,
)
from ioc.targets import of_board

log = logging.getLogger("publish")

LEAST_BETWEEN_S = 0.5
BROKEN_S = 60.0
"""A part that could not be computed is tried again after this long, or when something of it changes."""
FIRST_S = 6.0
"""CPU that parts which never were may take at a time: while all sources are asked for the first time they wait."""
WATCH_S = 1.0
"""Freshness may change with no new data; it is looked at this often."""

Why = Literal["new", "data", "state", "time", "age"]
"""Why a part is computed again: never was, marked by a page, a source changed state, its time ran out; or only the
instants of its sources moved, as after every poll that brought nothing."""
URGENT: frozenset[Why] = frozenset({"state", "time"})


class _Board(NamedTuple):
    id: str
    lang: str
    etag: str
    body: bytes
    gzip: bytes
    br: bytes


class _Sources:
    """The sources as boards show them, written once for all boards of a publication."""

    def __init__(self, rows: list[dict[str, Any]]) -> None:
        self._rows = rows
        self._written = {lang: [orjson.dumps(say(row, lang)) for row in rows] for lang in LANGUAGES}

    def of(self, wanted: Collection[str] | None, lang: str) -> bytes:
        """Return those that a board rests on (None: all), and those that a fault disables, as JSON."""
        rows = zip(self._rows, self._written[lang], strict=True)
        kept = [told for row, told in rows if wanted is None or row["id"] in wanted or not row["sector"]]
        return b"[" + b",".join(kept) + b"]"


class Publisher:
    """Keeps the boards of one lease right; run() is its thread, wake() says that something was kept."""

    def __init__(self, product: Product, fence: int, store_trouble: Trouble | None = None) -> None:
        self.product, self.fence = product, fence
        self._trouble = store_trouble or Trouble(log, "the store answers again")
        self._broken: dict[str, str] = {}
        self._unkept: dict[str, KeptReading] = {}
        self.plans = _in_order(read_boards(product)[0], next(iter(product.playlists.values()), ()))
        self.parts: dict[str, Part] = {}
        self._computed = Parts(product)
        self._memory = Memory()
        self._plan_of: dict[str, PartPlan] = {
            part.key: part for plan in self.plans.values() for part in plan.parts
        }
        self._valid_until: dict[str, float] = {}
        self._seen: dict[str, tuple[Any, ...]] = {}
        self._hashes: dict[tuple[str, str], str] = {}
        self._changes: dict[str, int] = {}
        self._shown: dict[str, tuple[Any, ...]] = {}
        self._said: dict[tuple[str, str, str], tuple[int, orjson.Fragment]] = {}
        self._woken, self._stopping = threading.Event(), threading.Event()

    def wake(self) -> None:
        """Say that a page was kept or a run ended."""
        self._woken.set()

    def stop(self) -> None:
        """Publish nothing more after what is in hand."""
        self._stopping.set()
        self._woken.set()

    def run(self) -> None:
        """Publish until stopped; a store that does not answer is asked again.

        While a history is fetched every page makes something stale: a third of a core is enough for boards.
        What cannot wait, a source that changed state or a time that ran out, is published in between.
        """
        rests_until = 0.0
        while not self._stopping.is_set():
            self._woken.clear()
            began, whole = time.thread_time(), time.monotonic() >= rests_until
            try:
                self.publish(time.time(), urgent=not whole, first_s=FIRST_S)
            except FencedError:
                return
            except StoreError as fault:
                self._trouble.say(str(fault))
            except Exception as bug:  # the boards stand, and age, until the next attempt
                self._said_once("boards", f"a fault of ours: {where(bug)}")
            else:
                self._trouble.over()
                self._broken.pop("boards", None)
            spent = time.thread_time() - began
            if whole:
                rests_until = time.monotonic() + 2 * spent
            if not self._stopping.wait(max(LEAST_BETWEEN_S, spent)):
                self._woken.wait(WATCH_S)

    def publish(self, now: float, *, urgent: bool = False, first_s: float = float("inf")) -> list[str]:
        """Bring every board up to date as of now (epoch s); return "id/lang" of those that got a new version.

        urgent: only what a change of state or the passing of time made stale; the rest stays marked.
        first_s: CPU seconds after which parts that never were wait for the next time, with their whole boards.
        """
        catalogue = self.product.catalogue
        spent = 0.0
        with self.product.engine.snapshot(int(now), self._memory) as snapshot:
            snapshot.look_up(catalogue.sources.values(), None)
            fresh = {id: snapshot.freshness(one, None, int(now)) for id, one in catalogue.sources.items()}
            marks = stale_marks(snapshot.connection)
            self._memory.settle(len(snapshot.names.series))
            for indicator, mark in marks.items():
                self._memory.forget(indicator, mark.since)
            stale = self._stale(marks, fresh, now, snapshot)
            for key, why in stale.items():
                if (urgent and why not in URGENT) or (why == "new" and spent > first_s):
                    continue
                began = time.thread_time()
                self._compute(self._plan_of[key], why, now, snapshot)
                spent += time.thread_time() - began if why == "new" else 0.0
            rests_on = {plan.id: self._sources_of(plan, snapshot) for plan in self.plans.values()}
        sources = _Sources(sources_shown(self.product, fresh))
        boards, shown = [], {}
        for plan in self.plans.values():
            if not all(part.key in self.parts or part.key in self._broken for part in plan.parts):
                continue
            told = {lang: sources.of(rests_on[plan.id], lang) for lang in LANGUAGES}
            shown[plan.id] = (told["vi"], *(self._changes.get(part.key, 0) for part in plan.parts))
            if self._shown.get(plan.id) != shown[plan.id]:
                boards += self._versions(plan, told, now)
        cleared = {} if urgent else marks
        if boards or cleared or self._unkept:
            with self.product.store.writing(self.fence, int(now * 1000)) as commit:
                keep_readings(commit, self._unkept.values())
                for board in boards:
                    keep_board(commit, board.id, board.lang, board.etag, board.body, board.gzip, board.br)
                drop_boards(commit, self.plans)
                clear_marks(commit, cleared)
            self._unkept.clear()
        self._shown = shown
        for board in boards:
            self._hashes[board.id, board.lang] = board.etag
        for id, found in fresh.items():
            if not urgent or self._state(id) != found.state:
                self._seen[id] = self._look(id, found)
        return [f"{board.id}/{board.lang}" for board in boards]

    def _stale(
        self, marks: Mapping[str, Mark], fresh: Mapping[str, Freshness], now: float, snapshot: Snapshot
    ) -> dict[str, Why]:
        """Say which parts must be computed again, and why."""
        turned = {id for id, found in fresh.items() if self._state(id) != found.state}
        moved = {id for id, found in fresh.items() if self._seen.get(id) != self._look(id, found)}
        rests_on = {
            definition.id: {source.id for source in snapshot.inputs(definition)}
            for definition in self.product.definitions.values()
        }
        found: dict[str, Why] = {}
        for key, plan in self._plan_of.items():
            shown = {plan.indicator, plan.stations, plan.warnings} - {""}
            rests = [rests_on[indicator] for indicator in shown]
            if plan.kind == "targets":
                shown = {id for id, one in self.product.definitions.items() if one.targets}
                rests = [rests_on[indicator] for indicator in shown]
            elif not plan.indicator:
                shown = {plan.kind}
            inputs = set[str]().union(*rests)
            if self._valid_until.get(key, float("inf")) <= now:
                found[key] = "time"
            elif key not in self.parts:
                if key not in self._broken:
                    found[key] = "new"
            elif inputs & turned:
                found[key] = "state"
            elif shown & marks.keys():
                found[key] = "data"
            elif inputs & moved:
                found[key] = "age"
        return found

    def _state(self, id: str) -> str:
        """Return the state of a source as its readings were last computed, "" before that."""
        return str(self._seen[id][0]) if id in self._seen else ""

    def _look(self, id: str, found: Freshness) -> tuple[Any, ...]:
        # A poll that brings nothing still moves fresh_until; half its length early is soon enough to say so.
        half = max(self.product.catalogue.sources[id].fresh_for / 2, 1.0)
        return (found.state, None if found.until is None else int(found.until // half))

    def _compute(self, plan: PartPlan, why: Why, now: float, snapshot: Snapshot) -> None:
        """Compute a part anew; one that cannot be is left out of its board, and the others stand."""
        before = self.parts.get(plan.key)
        try:
            if plan.kind == "targets":
                part, until = of_board(self.product, int(now), snapshot)
            elif not plan.indicator:
                part, until = of_data(plan, self.product, now, snapshot)
            elif why == "age" and before is not None:
                part, until = self._computed.aged(plan, before, int(now), snapshot)
            else:
                part, until = self._computed.whole(plan, int(now), snapshot)
                standing = snapshot.once("contradictions", lambda: those(snapshot.connection))
                part["disputed"] = of_those(standing, self.product, plan.indicator, plan.asked, now)
        except (StoreError, SQLAlchemyError):
            raise
        except Exception as fault:
            told = str(fault) if isinstance(fault, QuestionError) else where(fault)
            self._said_once(plan.key, f"board part {plan.key}: {told}")
            if self.parts.pop(plan.key, None) is not None:
                self._changes[plan.key] = self._changes.get(plan.key, 0) + 1
            self._valid_until[plan.key] = now + BROKEN_S
            return
        self._broken.pop(plan.key, None)
        self._valid_until[plan.key] = until or float("inf")
        if before == part:
            return
        self.parts[plan.key] = part
        self._changes[plan.key] = self._changes.get(plan.key, 0) + 1
        if plan.kind != "tile":
            return
        body = {key: value for key, value in part.items() if key != "spark"}
        self._unkept[plan.key] = KeptReading(
            plan.key, plan.indicator, body, None if until is None else int(until)
        )

    def _said_once(self, about: str, text: str) -> None:
        if self._broken.get(about) != text:
            self._broken[about] = text
            log.error("%s", text)

    def _sources_of(self, plan: BoardPlan, snapshot: Snapshot) -> frozenset[str] | None:
        """Return the sources that a sector's board rests on, with its sector's own; None: a board of all sectors."""
        catalogue = self.product.catalogue
        if plan.id not in catalogue.sectors:
            return None
        own = {id for id, source in catalogue.sources.items() if source.sector == plan.id}
        for part in plan.parts:
            for indicator in {part.indicator, part.stations} - {""}:
                own |= {source.id for source in snapshot.inputs(self.product.definitions[indicator])}
        return frozenset(own)

    def _written(self, board: str) -> Callable[[PartPlan, Mapping[str, Any], str], orjson.Fragment]:
        """Return what gives a part of a board in words, written once for each of its changes."""

        def written(plan: PartPlan, found: Mapping[str, Any], lang: str) -> orjson.Fragment:
            key, change = (f"{board}/{plan.id}", plan.key, lang), self._changes[plan.key]
            known = self._said.get(key)
            if known is None or known[0] != change:
                told = orjson.dumps(said(plan, found, self.product, lang), option=orjson.OPT_SORT_KEYS)
                known = self._said[key] = (change, orjson.Fragment(told))
            return known[1]

        return written

    def _versions(self, plan: BoardPlan, sources: Mapping[str, bytes], now: float) -> list[_Board]:
        """Return a board for each language whose content differs from the version that is published."""
        found = []
        for lang in LANGUAGES:
            content = document(plan, self.parts, [], self.product, lang, self._written(plan.id))
            content["sources"] = orjson.Fragment(sources[lang])
            etag = hashlib.sha256(orjson.dumps(content, option=orjson.OPT_SORT_KEYS)).hexdigest()[:24]
            if self._hashes.get((plan.id, lang)) == etag:
                continue
            body = orjson.dumps({**content, "published_at": iso(now)})
            found.append(
                _Board(
                    plan.id,
                    lang,
                    etag,
                    body,
                    gzip.compress(body, 6, mtime=0),
                    brotli.compress(body, quality=5),
                )
            )
        return found


def _in_order(plans: Mapping[str, BoardPlan], first: Sequence[str]) -> dict[str, BoardPlan]:
    """Return the boards with those that a wall usually plays first, in its order."""
    return {id: plans[id] for id in (*first, *plans) if id in plans}
