"""Keeping a page: everything it brings, and everything that follows from it, in one transaction or not at all."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import orjson
import sqlalchemy as sa

from ioc.model import Event, Observation, Page, Rejected, Source
from ioc.scrub import scrub
from ioc.store import names
from ioc.store.gone import Gone, observation_key, withdraw_missing
from ioc.store.measures import Measure, count_versions, numbered
from ioc.store.names import dialect_insert
from ioc.store.observations import Counts, keep_observations
from ioc.store.payloads import keep_payload
from ioc.store.plausible import is_text
from ioc.store.published import mark_stale
from ioc.store.records import CASES, EVENTS, Row, case_row, event_row, keep_versions
from ioc.store.runs import keep_cursor
from ioc.store.schema import rejected as rejected_table
from ioc.store.schema import run
from ioc.store.schema import source as source_table
from ioc.store.sorting import Sorted, sort_page
from ioc.store.store import Commit, Store
from ioc.store.trust import repeated


@dataclass(frozen=True, slots=True)
class Touched:
    """What a page changed: of which source, which variables, which kinds of cases and of events.

    since: the earliest instant (epoch s) that an observation or an event of it tells of, None where that is unknown.
    cases: each (old, new) version written, None where they are not told. now: when it was kept, epoch s.
    """

    source: str
    variables: frozenset[str] = frozenset()
    case_kinds: frozenset[str] = frozenset()
    event_kinds: frozenset[str] = frozenset()
    since: int | None = None
    cases: Sequence[tuple[Row | None, Row | None]] | None = None
    now: int = 0


@dataclass(frozen=True, slots=True)
class Kept:
    """What became of a page's records. gone_refused: missing twice, but too many at once to be withdrawn."""

    new: int
    changed: int
    same: int
    rejected: int
    gone: int
    known_from: int
    gone_refused: int = 0


Marks = Callable[[Touched], Iterable[str] | Mapping[str, int | None]]
"""What a page made stale, with the earliest instant that it changed where that is known."""
_SPANS_S = {
    "instant": 0, "minute": 60, "hour": 3_600, "day": 86_400, "week": 7 * 86_400, "month": 31 * 86_400,
    "quarter": 92 * 86_400, "year": 366 * 86_400,
}  # fmt: skip
_STARTS = Event._fields.index("starts")


def _since(
    observations: Sequence[Observation], events: Iterable[tuple[Row | None, Row | None]]
) -> int | None:
    """Return the earliest instant that observations, whose times may mark ends, or versions of events tell of."""
    found = [one.time - _SPANS_S[one.span] for one in observations]
    found += [row[_STARTS] for pair in events for row in pair if row is not None]
    return min(found, default=None)


def no_marks(touched: Touched) -> Iterable[str]:
    """Mark nothing as stale."""
    return ()


def keep_page(
    store: Store,
    fence: int,
    run_id: int,
    source: Source,
    page: Page,
    *,
    now_ms: int,
    measures: Sequence[Measure] = (),
    marks: Marks = no_marks,
    stamps: Mapping[str, str] | None = None,
) -> Kept:
    """Keep a page in one transaction: answer, records, past versions, rollups, rejected, cursor, marks.

    measures: what cases are counted by. marks: the indicators that a change made stale. stamps: variable ->
    "start" or "end" of its span (absent: start); it decides a series' buckets when the series is first seen.
    Of several records with one key the last wins. Keeping the same page again writes nothing but the run's
    counts. Raises FencedError where another collector took over; then, as after any error, nothing is kept.
    """
    parts = sort_page(source, page, now_ms)
    with store.writing(fence, now_ms) as commit:
        source_id = names.source_id(commit.connection, commit.names, source.id)
        counted = numbered(commit, measures)
        counts, keys, variables = keep_observations(
            commit, source_id, run_id, parts.observations, stamps=stamps or {}
        )
        case_counts, cases = _keep(
            commit, CASES, source, source_id, run_id, map(case_row, parts.cases.values())
        )
        event_counts, events = _keep(
            commit, EVENTS, source, source_id, run_id, map(event_row, parts.events.values())
        )
        gone = Gone()
        if source.complete and not page.unchanged:
            seen = store.seen.get(run_id, set())
            seen = seen | parts.cases.keys() | parts.events.keys() | {observation_key(key) for key in keys}
            rejects = _rejects_of(commit, run_id) + len(parts.rejected)
            if page.complete and not rejects:
                gone = withdraw_missing(commit, source_id, run_id, source.shape, seen)
            commit.after.append(lambda: store.seen.update({run_id: seen}))
        count_versions(commit, counted, [*cases, *gone.cases])
        total = _total(counts, case_counts, event_counts)
        wrote = bool(total.new or total.changed or gone.withdrawn)
        settle_page(commit, source, source_id, run_id, page, parts, total, len(keys), gone.withdrawn)
        if wrote:
            touched = Touched(
                source.id,
                frozenset(variables | gone.variables),
                frozenset({row[1] for _, row in cases} | gone.case_kinds),
                frozenset({row[1] for _, row in events} | gone.event_kinds),
                None if gone.variables or gone.event_kinds else _since(parts.observations, events),
                [*cases, *gone.cases],
                now_ms // 1000,
            )
            mark_stale(commit, marks(touched))
    return Kept(
        total.new,
        total.changed,
        total.same,
        len(parts.rejected),
        gone.withdrawn,
        commit.known_from,
        gone.refused,
    )


def settle_page(
    commit: Commit,
    source: Source,
    source_id: int,
    run_id: int,
    page: Page,
    parts: Sorted,
    total: Counts,
    observed: int,
    withdrawn: int = 0,
) -> None:
    """Keep what else belongs to a page: rejected records, counts of its run, its answer, and where to go on.

    observed: how many keys of observations it had.
    """
    fresh_rejects = _keep_rejected(commit, source, source_id, run_id, parts.rejected)
    delivered = len(parts.observations) + parts.n_cases_and_events
    _note_repeated(commit, run_id, delivered - observed - len(parts.cases) - len(parts.events))
    number = _count(commit, run_id, page, total, len(parts.rejected), withdrawn)
    wrote = bool(total.new or total.changed or withdrawn)
    keep_payload(commit, source_id, run_id, number, page, wrote=wrote or fresh_rejects)
    if page.cursor is not None:
        keep_cursor(commit, source_id, page.cursor)
    _report(commit, source_id, parts.last_reported)


def _keep(
    commit: Commit, shape: Any, source: Source, source_id: int, run_id: int, rows: Iterable[tuple[Any, ...]]
) -> tuple[Counts, list[Any]]:
    by_key = {row[0]: row for row in rows}
    if not by_key:
        return Counts(), []
    return keep_versions(commit, shape, source_id, run_id, by_key, source.ignore)


def _total(*parts: Counts) -> Counts:
    return Counts(*(sum(getattr(part, name) for part in parts) for name in ("new", "changed", "same")))


def _keep_rejected(
    commit: Commit, source: Source, source_id: int, run_id: int, rejected: Sequence[Rejected]
) -> bool:
    """Keep what was rejected, each record and reason once; returns whether any was not known yet."""
    rows = []
    for one in rejected:
        fragment, reason = _clean(dict(one.fragment), source), _clean(one.reason, source)
        what = [reason, fragment] if fragment else [reason, one.address]
        digest = hashlib.sha256(orjson.dumps(what, option=orjson.OPT_SORT_KEYS)).hexdigest()
        rows.append(
            {
                "source_id": source_id,
                "digest": digest,
                "run_id": run_id,
                "address": _clean(one.address, source),
                "reason": reason,
                "fragment": fragment,
                "known_from": commit.known_from,
            }
        )
    if not rows:
        return False
    t, connection = rejected_table.c, commit.connection
    count = sa.select(sa.func.count()).where(t.source_id == source_id, t.known_from == commit.known_from)
    insert = dialect_insert(connection.dialect.name, rejected_table)
    connection.execute(insert.on_conflict_do_nothing(), rows)
    return connection.execute(count).scalar_one() > 0


def _clean(value: Any, source: Source) -> Any:
    """Make a fragment fit to keep: scrubbed where there is personal data, and readable by both databases."""
    if isinstance(value, str):
        text = value if is_text(value) else value.encode("utf-8", "replace").decode().replace("\0", "�")
        return scrub(text) if source.personal_data else text
    if isinstance(value, Mapping):
        return {_clean(str(key), source): _clean(part, source) for key, part in value.items()}
    if isinstance(value, list | tuple):
        return [_clean(part, source) for part in value]
    if value is None or isinstance(value, bool | float) or (isinstance(value, int) and abs(value) < 2**63):
        return value
    return str(value)


def _rejects_of(commit: Commit, run_id: int) -> int:
    return commit.connection.execute(sa.select(run.c.rejected).where(run.c.id == run_id)).scalar() or 0


def _count(commit: Commit, run_id: int, page: Page, total: Counts, rejected: int, gone: int) -> int:
    """Add a page to its run's counts; returns the page's number within the run, from 1."""
    c = run.c
    counted = (
        sa.update(run)
        .where(c.id == run_id)
        .values(
            pages=c.pages + 1,
            new=c.new + total.new,
            changed=c.changed + total.changed,
            same=c.same + total.same,
            rejected=c.rejected + rejected,
            gone=c.gone + gone,
            received_bytes=c.received_bytes + page.received_bytes,
            http_status=sa.func.coalesce(page.status, c.http_status),
        )
        .returning(c.pages)
    )
    return commit.connection.execute(counted).scalar() or 0


def _note_repeated(commit: Commit, run_id: int, n: int) -> None:
    """Add how many records of a page said what another one of it said by the same key."""
    if n:
        insert = dialect_insert(commit.connection.dialect.name, repeated).values(run_id=run_id, n=n)
        new = {"n": repeated.c.n + insert.excluded.n}
        commit.connection.execute(insert.on_conflict_do_update(index_elements=["run_id"], set_=new))


def _report(commit: Commit, source_id: int, last_reported: int | None) -> None:
    if last_reported is not None:
        s = source_table.c
        later = s.last_reported.is_(None) | (s.last_reported < last_reported)
        commit.connection.execute(
            sa.update(source_table).where(s.id == source_id, later).values(last_reported=last_reported)
        )
