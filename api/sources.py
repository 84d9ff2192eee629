"""The sources: how each does, what its runs brought, and what of it was rejected."""

from __future__ import annotations

from typing import Any, cast

from api.answers import Answer, instant, instant_ms, listed, text
from api.asked import PAGED, Asked
from api.caching import next_minute
from api.knowledge import as_of, check_source, declared_at, page_of, paged
from api.routes import Room, Route
from ioc.errors import DeclarationError
from ioc.indicators.snapshot import Snapshot
from ioc.logs import quiet
from ioc.model import Source
from ioc.next_poll import next_poll
from ioc.outcome import ErrorKind
from ioc.quality import Freshness, Runs
from ioc.store import reader
from ioc.store.reader import EVERYTHING, RunSummary
from ioc.store.reads.fields import structure_changes
from ioc.structure import Change


def sources(room: Room, asked: Asked) -> Answer:
    """List the declared sources with their state; a disabled one says which declaration to correct.

    A report whose date has not come yet is "never" with its date in due. schema says what changed in the
    structure of a source's answers. As of an earlier moment the counts of a day, the next poll and schema are
    absent.
    """
    known = as_of(room, asked)
    product = declared_at(room, known)
    now = int(asked.now if known is None else known / 1000)
    items, untils = [], [next_minute(asked.now)]
    with product.store.reading() as connection:
        snapshot = Snapshot(connection, product.catalogue, product.calendar, now)
        today = (
            reader.run_summaries(connection, EVERYTHING, now_ms=int(asked.now * 1000))
            if known is None
            else {}
        )
        changed = structure_changes(connection, EVERYTHING) if known is None else {}
        for source in product.catalogue.sources.values():
            state = snapshot.freshness(source, known, now)
            if state.until is not None:
                untils.append(float(state.until))
            due = None if source.due is None else product.calendar.next_due(source.due, now)
            items.append(
                _source(source, state, snapshot.runs(source, known), due)
                | _today(source, today.get(source.id), known)
                | {"schema": _schema(changed.get(source.id))}
            )
    items += [_disabled(id, fault) for id, fault in product.catalogue.disabled.items()]
    items.sort(key=lambda item: item["id"])
    until = min(one for one in untils if one > asked.now) if known is None else None
    return Answer(listed(items, asked, lambda item: item["id"]), valid_until=until)


def runs(room: Room, asked: Asked, id: str) -> Answer:
    """List the runs of a source, the newest first; outcome is null while a run is under way.

    As of an earlier moment a run that ended since is under way, and what it had brought by then is absent.
    """
    check_source(room, id)
    known = as_of(room, asked)
    with room.product.store.reading() as connection:
        page = page_of(connection, asked, known)
        found = reader.runs(connection, EVERYTHING, id, cursor=page.cursor, limit=asked.limit, as_of=known)
    items = [
        {
            "id": run.id,
            "kind": run.kind,
            "started": instant_ms(run.started),
            "finished": instant_ms(run.finished),
            "outcome": run.outcome or None,
            "error": quiet(run.error) or None,
            "error_kind": run.error_kind or None,
            "http_status": run.http_status,
            **{name: getattr(run, name) for name in ("pages", "new", "changed", "same", "rejected", "gone")},
            "payloads": list(run.payloads),
            "received_bytes": run.received_bytes,
        }
        for run in found.items
    ]
    return Answer(paged(items, found.next, asked, page))


def rejected(room: Room, asked: Asked, id: str) -> Answer:
    """List what was rejected of a source, each record and reason once, the newest first."""
    check_source(room, id)
    known = as_of(room, asked)
    with room.product.store.reading() as connection:
        page = page_of(connection, asked, known)
        found = reader.rejected_records(
            connection,
            EVERYTHING,
            id,
            run_id=asked.whole("run"),
            as_of=known,
            cursor=page.cursor,
            limit=asked.limit,
        )
    items = [
        {
            "id": one.id,
            "run": one.run_id,
            "address": one.address,
            "reason": quiet(one.reason),
            "fragment": dict(one.fragment),
            "known_from": instant_ms(one.known_from),
        }
        for one in found.items
    ]
    return Answer(paged(items, found.next, asked, page))


def _source(source: Source, state: Freshness, runs: Runs, due: int | None) -> dict[str, Any]:
    failed = runs.outcome == "failed" or state.state == "rejected"
    return {
        "id": source.id,
        "name": text(source.name),
        "sector": source.sector,
        "connector": source.connector,
        "shape": source.shape,
        "owner": source.owner,
        "vendor": source.vendor or None,
        "state": "never" if state.state == "not_due" else state.state,
        "since": instant(state.since),
        "sentence": {"vi": quiet(state.vi), "en": quiet(state.en)},
        "last_success": instant(runs.last_success),
        "last_reported": instant(runs.last_reported),
        "last_changed": instant(runs.last_changed),
        "due": instant(due),
        "every_s": source.every,
        "error": (quiet(runs.error) or quiet(state.en)) if failed else None,
        "disabled": False,
    }


def _today(source: Source, summary: RunSummary | None, known: int | None) -> dict[str, Any]:
    if known is not None:
        return {"next_poll": None, "records_today": None, "rejected_today": None, "failures": None}
    if summary is None:
        return {"next_poll": None, "records_today": 0, "rejected_today": 0, "failures": 0}
    ended, kind = summary.last_finished, cast(ErrorKind, summary.last_error_kind)
    after = None if summary.ask_after is None else summary.ask_after / 1000
    poll = None if ended is None else next_poll(source, ended / 1000, summary.failures, kind, after)
    return {
        "next_poll": instant(poll),
        "records_today": summary.records_today,
        "rejected_today": summary.rejected_today,
        "failures": summary.failures,
    }


def _schema(change: Change | None) -> dict[str, Any] | None:
    """Tell what changed in the structure of a source's answers; None where nothing did."""
    if change is None:
        return None
    return {
        "changed_at": instant_ms(change.changed_at),
        "new": [quiet(name) for name in change.new],
        "missing": list(change.missing),
        "retyped": [{"field": name, "from": was, "to": now} for name, was, now in change.retyped],
        "sentence": {"vi": change.say("vi"), "en": change.say("en")},
    }


def _disabled(id: str, fault: DeclarationError) -> dict[str, Any]:
    absent = (
        "name", "sector", "connector", "shape", "owner", "vendor", "since", "last_success", "last_reported",
        "last_changed", "next_poll", "due", "every_s",
    )  # fmt: skip
    said = quiet(str(fault))
    return {
        "id": id,
        **dict.fromkeys(absent),
        "state": "never",
        "sentence": {
            "vi": f"Khai báo sai, nguồn bị tắt: {said}",
            "en": f"Faulty declaration, disabled: {said}",
        },
        "records_today": 0,
        "rejected_today": 0,
        "failures": 0,
        "error": said,
        "schema": None,
        "disabled": True,
    }


ROUTES: tuple[Route, ...] = (
    Route("/api/v1/sources", sources, ("as_of", *PAGED)),
    Route("/api/v1/sources/<id>/runs", runs, ("as_of", *PAGED)),
    Route("/api/v1/sources/<id>/rejected", rejected, ("run", "as_of", *PAGED)),
)
