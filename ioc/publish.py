"""Publishing: parts that became stale are computed again, boards whose content changed get a new version."""

from __future__ import annotations

import gzip
import hashlib
import logging
import threading
import time
from collections.abc import Mapping
from typing import Any, NamedTuple

import brotli
import orjson
from sqlalchemy.exc import SQLAlchemyError

from ioc.boards import LANGUAGES, BoardPlan, PartPlan, document, read_boards
from ioc.calendar import iso, local_time
from ioc.errors import FencedError, QuestionError, StoreError
from ioc.indicators.question import Question
from ioc.indicators.snapshot import Snapshot
from ioc.logs import Trouble, where
from ioc.product import Product
from ioc.quality import Freshness
from ioc.store.published import KeptReading, clear_marks, drop_boards, keep_board, keep_readings, stale_marks

log = logging.getLogger("publish")

LEAST_BETWEEN_S = 0.5
BROKEN_S = 60.0
"""A part that could not be computed is tried again after this long, or when something of it changes."""
WATCH_S = 1.0
"""Freshness may change with no new data; it is looked at this often."""


class _Board(NamedTuple):
    id: str
    lang: str
    etag: str
    body: bytes
    gzip: bytes
    br: bytes


class Publisher:
    """Keeps the boards of one lease right; run() is its thread, wake() says that something was kept."""

    def __init__(self, product: Product, fence: int, store_trouble: Trouble | None = None) -> None:
        self.product, self.fence = product, fence
        self._trouble = store_trouble or Trouble(log, "the store answers again")
        self._broken: dict[str, str] = {}
        self._unkept: dict[str, KeptReading] = {}
        self.plans, _ = read_boards(product)
        self.parts: dict[str, dict[str, Any]] = {}
        self._plan_of: dict[str, PartPlan] = {
            part.key: part for plan in self.plans.values() for part in plan.parts
        }
        self._valid_until: dict[str, float] = {}
        self._seen: dict[str, tuple[Any, ...]] = {}
        self._hashes: dict[tuple[str, str], str] = {}
        self._woken, self._stopping = threading.Event(), threading.Event()

    def wake(self) -> None:
        """Say that a page was kept or a run ended."""
        self._woken.set()

    def stop(self) -> None:
        """Publish nothing more after what is in hand."""
        self._stopping.set()
        self._woken.set()

    def run(self) -> None:
        """Publish until stopped; a store that does not answer is asked again."""
        while not self._stopping.is_set():
            self._woken.clear()
            began = time.thread_time()
            try:
                self.publish(time.time())
            except FencedError:
                return
            except StoreError as fault:
                self._trouble.say(str(fault))
            except Exception as bug:  # the boards stand, and age, until the next attempt
                self._said_once("boards", f"a fault of ours: {where(bug)}")
            else:
                self._trouble.over()
                self._broken.pop("boards", None)
            # While a history is fetched every page makes something stale: a third of a core is enough for boards.
            if not self._stopping.wait(max(LEAST_BETWEEN_S, 2 * (time.thread_time() - began))):
                self._woken.wait(WATCH_S)

    def publish(self, now: float) -> list[str]:
        """Bring every board up to date as of now (epoch s); return "id/lang" of those that got a new version."""
        catalogue = self.product.catalogue
        with self.product.engine.snapshot(int(now)) as snapshot:
            fresh = {id: snapshot.freshness(one, None, int(now)) for id, one in catalogue.sources.items()}
            marks = stale_marks(snapshot.connection)
            stale = self._stale(marks, fresh, now, snapshot)
            for key in stale:
                self._compute(self._plan_of[key], now, snapshot)
        sources = [self._source(id, freshness) for id, freshness in fresh.items()] + self._disabled()
        boards = []
        for plan in self.plans.values():
            boards += self._versions(plan, sources, now)
        if boards or marks or self._unkept:
            with self.product.store.writing(self.fence) as commit:
                keep_readings(commit, self._unkept.values())
                for board in boards:
                    keep_board(commit, board.id, board.lang, board.etag, board.body, board.gzip, board.br)
                drop_boards(commit, self.plans)
                clear_marks(commit, marks)
            self._unkept.clear()
        for board in boards:
            self._hashes[board.id, board.lang] = board.etag
        self._seen = {id: self._look(id, found) for id, found in fresh.items()}
        return [f"{board.id}/{board.lang}" for board in boards]

    def _stale(
        self, marks: Mapping[str, int], fresh: Mapping[str, Freshness], now: float, snapshot: Snapshot
    ) -> list[str]:
        """Name the parts that must be computed again: marked, out of time, or resting on a source that changed."""
        changed = {id for id, found in fresh.items() if self._seen.get(id) != self._look(id, found)}
        needs = {
            definition.id
            for definition in self.product.definitions.values()
            if changed.intersection(source.id for source in snapshot.inputs(definition))
        }
        return [
            key
            for key, plan in self._plan_of.items()
            if (key not in self.parts and key not in self._broken)
            or plan.indicator in marks
            or plan.indicator in needs
            or (plan.stations and (plan.stations in marks or plan.stations in needs))
            or self._valid_until.get(key, float("inf")) <= now
        ]

    def _look(self, id: str, found: Freshness) -> tuple[Any, ...]:
        # A poll that brings nothing still moves fresh_until; half its length early is soon enough to say so.
        half = max(self.product.catalogue.sources[id].fresh_for / 2, 1.0)
        return (found.state, None if found.until is None else int(found.until // half))

    def _compute(self, plan: PartPlan, now: float, snapshot: Snapshot) -> None:
        """Compute a part anew; one that cannot be is left out of its board, and the others stand."""
        try:
            part = self._part(plan, int(now), snapshot)
        except StoreError:
            raise
        except SQLAlchemyError:
            raise
        except Exception as fault:
            told = str(fault) if isinstance(fault, QuestionError) else where(fault)
            self._said_once(plan.key, f"board part {plan.key}: {told}")
            self.parts.pop(plan.key, None)
            self._valid_until[plan.key] = now + BROKEN_S
            return
        self._broken.pop(plan.key, None)
        self._valid_until[plan.key] = part.pop("_valid_until", None) or float("inf")
        before = self.parts.get(plan.key)
        self.parts[plan.key] = part
        if plan.kind != "tile" or before == part:
            return
        body = {key: value for key, value in part.items() if key != "spark"}
        until = self._valid_until[plan.key]
        self._unkept[plan.key] = KeptReading(
            plan.key, plan.indicator, body, int(until) if until < float("inf") else None
        )

    def _said_once(self, about: str, text: str) -> None:
        if self._broken.get(about) != text:
            self._broken[about] = text
            log.error("%s", text)

    def _part(self, plan: PartPlan, now: int, snapshot: Snapshot) -> dict[str, Any]:
        engine = self.product.engine
        asked: dict[str, Any] = dict(plan.asked)
        question = Question(**asked)
        reading = engine.read(plan.indicator, question, now, snapshot=snapshot)
        part: dict[str, Any] = reading.document()
        part["_valid_until"] = reading.valid_until
        if plan.kind == "tile":
            part["spark"] = (
                []
                if plan.grain == "none"
                else self._points(plan, question, now, now - plan.span_s, now, snapshot)
            )
        elif plan.kind == "trend":
            year_ago = _year_before(now)
            part["grain"] = plan.grain
            part["points"] = self._points(plan, question, now, now - plan.span_s, now, snapshot)
            part["last_year"] = self._points(plan, question, year_ago, year_ago - plan.span_s, now, snapshot)
        elif plan.kind == "ranking":
            part["groups"] = self._groups(plan, question, now, snapshot)
        elif plan.kind == "map":
            part["rows"] = [
                {
                    "area": row.key,
                    "name": row.name,
                    "value": row.value,
                    "num": row.num,
                    "den": row.den,
                    "status": row.status,
                }
                for row in engine.breakdown(plan.indicator, question, plan.by, now, snapshot=snapshot)
            ]
            part["stations"] = self._stations(plan.stations, now, snapshot) if plan.stations else []
            part["warnings"] = []
        elif plan.kind == "stations":
            part["rows"] = self._stations(plan.indicator, now, snapshot)
        else:
            rows = engine.breakdown(plan.indicator, question, plan.by, now, snapshot=snapshot)
            part["rows"] = [
                {
                    "key": row.key,
                    "name": row.name,
                    "value": row.value,
                    "num": row.num,
                    "den": row.den,
                    "status": row.status,
                }
                for row in rows
            ]
        return part

    def _points(
        self, plan: PartPlan, question: Question, until: int, since: float, now: int, snapshot: Snapshot
    ) -> list[dict[str, Any]]:
        points = self.product.engine.series(
            plan.indicator, question, plan.grain, int(since), until, now, snapshot=snapshot
        )
        return [{"start": point.start, "value": point.value} for point in points]

    def _groups(
        self, plan: PartPlan, question: Question, now: int, snapshot: Snapshot
    ) -> list[dict[str, Any]]:
        """Rank departments and communes apart, by value; the share is of what is in hand."""
        agencies = self.product.agencies
        departments: list[dict[str, Any]] = []
        communes: list[dict[str, Any]] = []
        for row in self.product.engine.breakdown(plan.indicator, question, plan.by, now, snapshot=snapshot):
            share = None if not row.den or row.num is None else round(100 * row.num / row.den, 1)
            entry: dict[str, Any] = {
                "key": row.key,
                "name": row.name,
                "value": row.value,
                "num": row.num,
                "den": row.den,
            }
            entry |= {"share": share, "status": row.status}
            if agencies.knows(row.key):
                agency = agencies.agency(row.key)
                entry["short"] = {
                    "vi": agency.name.say("vi", short=True),
                    "en": agency.name.say("en", short=True),
                }
                (communes if agency.kind == "commune" else departments).append(entry)
            else:
                departments.append(entry)
        if plan.by not in ("responsible", "agency", "holder"):
            return [{"name": {"vi": "", "en": ""}, "rows": _ranked([*departments, *communes])}]
        return [
            {"name": {"vi": "Sở, ngành", "en": "Departments"}, "rows": _ranked(departments)},
            {"name": {"vi": "UBND cấp xã", "en": "Communes"}, "rows": _ranked(communes)},
        ]

    def _stations(self, indicator: str, now: int, snapshot: Snapshot) -> list[dict[str, Any]]:
        engine = self.product.engine
        rows = []
        for site in self.product.catalogue.sites.values():
            if site.kind != "air_station":
                continue
            reading = engine.read(indicator, Question(site=site.id), now, snapshot=snapshot, compare=False)
            band = reading.detail.get("band") or {}
            rows.append(
                {
                    "site": site.id,
                    "name": {"vi": site.name.say("vi", short=True), "en": site.name.say("en", short=True)},
                    "lat": site.lat,
                    "lon": site.lon,
                    "value": reading.value,
                    "band": {"vi": band.get("vi", ""), "en": band.get("en", "")},
                    "colour": band.get("colour", ""),
                    "governing": reading.detail.get("dominant", ""),
                    "freshness": reading.freshness,
                    "period": reading.document()["period"],
                    "status": reading.status,
                }
            )
        return rows

    def _source(self, id: str, freshness: Freshness) -> dict[str, Any]:
        source = self.product.catalogue.sources[id]
        return {
            "id": id,
            "name": {"vi": source.name.vi, "en": source.name.en},
            "sector": source.sector,
            "owner": source.owner,
            "state": freshness.state,
            "since": None if freshness.since is None else iso(freshness.since),
            # A run every half minute must not make a new version of every board: the minute is enough here.
            "fresh_until": None if freshness.until is None else iso(freshness.until // 60 * 60 + 60),
            "sentence": {"vi": freshness.vi, "en": freshness.en},
        }

    def _disabled(self) -> list[dict[str, Any]]:
        return [
            {
                "id": id,
                "name": {"vi": id, "en": id},
                "sector": "",
                "owner": "",
                "state": "never",
                "since": None,
                "fresh_until": None,
                "sentence": {"vi": f"Khai báo có lỗi: {fault}", "en": f"Faulty declaration: {fault}"},
            }
            for id, fault in self.product.catalogue.disabled.items()
        ]

    def _versions(self, plan: BoardPlan, sources: list[Any], now: float) -> list[_Board]:
        """Return a board for each language whose content differs from the version that is published."""
        found = []
        for lang in LANGUAGES:
            content = document(plan, self.parts, sources, self.product, lang)
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


def _ranked(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return sorted(rows, key=lambda row: (-(row["value"] or 0), row["key"]))


def _year_before(now: int) -> int:
    """Return the same local date and time a year ago; 28 February for the 29th."""
    when = local_time(now)
    try:
        return int(when.replace(year=when.year - 1).timestamp())
    except ValueError:
        return int(when.replace(year=when.year - 1, day=28).timestamp())
