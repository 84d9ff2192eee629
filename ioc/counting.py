"""What is counted of a source on a local day: due and received, refused and repeated, watched and live."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from ioc.calendar import DAY_S, HOUR_S
from ioc.indicators.snapshot import Snapshot
from ioc.model import Source
from ioc.scores import Counts
from ioc.store.reader import EVERYTHING
from ioc.store.reads.deliveries import Polled, delivered, first_finished, hours_filled, polls


def reach(source: Source) -> int:
    """Return for how long an answer of a source holds, in seconds; quality.py judges freshness by the same."""
    return int(min(source.fresh_for, 2 * (source.every or source.fresh_for)))


def holds_h(source: Source) -> int:
    """Return for how many whole hours a single value of an instrument holds, at least one."""
    return max(int(source.fresh_for) // HOUR_S, 1)


def live_seconds(found: Iterable[Polled], reach_s: int, share: float, start: int, end: int) -> int:
    """Return for how many seconds of [start, end) an answer held; found in the order of their ends, epoch s.

    An answer holds for reach_s, or until one that is not as agreed, or of which more than share was rejected.
    """
    total, since, until = 0, start, start
    for one in found:
        good = one.outcome != "failed" and one.rejected_share <= share
        if good:
            if one.finished > until:
                total += _overlap(since, until, start, end)
                since = one.finished
            until = one.finished + reach_s
        elif one.outcome != "failed" or one.error_kind == "contract":
            until = min(until, max(since, one.finished))
    return total + _overlap(since, until, start, end)


def count(
    source: Source, snapshot: Snapshot, day: int, now: int, compared: Mapping[str, tuple[int, int]]
) -> Counts | None:
    """Return what is counted of a source on a local day (epoch s of its midnight); None where no run ended yet.

    compared: source -> facts compared, disputed; it speaks of now.
    """
    id = snapshot.source_ids.get(source.id)
    began = None if id is None else first_finished(snapshot.connection, EVERYTHING, id)
    end = min(day + DAY_S, now)
    if id is None or began is None or began >= end:
        return None
    connection, start = snapshot.connection, max(day, began)
    asked = polls(connection, EVERYTHING, id, start - reach(source), end)
    today = [one for one in asked if one.finished >= start]
    answered = sum(1 for one in today if one.outcome != "failed")
    watched = end - start
    if source.due is not None:
        found = snapshot.freshness(source, None if end == now else end * 1000, end)
        if found.state == "not_due":
            return Counts()  # nothing was due and nothing came: there is nothing to be measured
        live, due, received = (watched if found.is_usable else 0), 1.0, float(found.is_usable)
    else:
        live = live_seconds(asked, reach(source), source.rejected_share, start, end)
        due = max(watched / source.every, 1.0) if source.every else float(len(today))
        received = min(float(answered), due)
        if source.every and due - received < 1.5:
            received = due  # the next poll is on its way
    # what an instrument tells late, or was never asked for, is not missing
    first, patience = -(-start // HOUR_S) * HOUR_S, max(HOUR_S, int(source.fresh_for))
    last = min(end, (now - patience) // HOUR_S * HOUR_S)
    hours, filled = hours_filled(connection, EVERYTHING, id, first, last, holds_h(source))
    if hours:
        due, received = float(hours), float(filled)
    records, rejected, repeated = delivered(connection, EVERYTHING, id, start, end)
    n, disputed = compared.get(source.id, (0, 0))
    return Counts(due, received, records, rejected, repeated, n, disputed, watched, live)


def _overlap(since: int, until: int, start: int, end: int) -> int:
    return max(0, min(until, end) - max(since, start))
