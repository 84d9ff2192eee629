"""Freshness: what the runs of a source say about it at an instant. Pure, stored nowhere.

live: delivers as declared. late: answers, but nothing recent came, or nobody asked. down: does not answer.
rejected: the last answer was not what was agreed. never: nothing was ever collected. not_due: a report whose
date has not come yet.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from ioc.calendar import Calendar, local_day, local_time
from ioc.model import Source

State = Literal["live", "not_due", "late", "rejected", "down", "never"]
STATES: tuple[State, ...] = ("live", "not_due", "late", "rejected", "down", "never")
"""From best to worst."""


@dataclass(frozen=True, slots=True)
class Runs:
    """What the runs of one source amount to; instants are epoch s, None where there was none.

    outcome, error, error_kind: of the last finished run ("" where there was none). rejected_share: rejected of
    all records of that run. last_success: end of the last run that did not fail; last_changed: of the last
    that brought something; failing_since: end of the first failed run after the last success.
    last_reported: newest time of what an instrument delivered, None for cases, events and reports.
    """

    first_run: int | None = None
    last_run: int | None = None
    outcome: str = ""
    error: str = ""
    error_kind: str = ""
    rejected_share: float = 0.0
    last_success: int | None = None
    last_changed: int | None = None
    failing_since: int | None = None
    last_reported: int | None = None


@dataclass(frozen=True, slots=True)
class Freshness:
    """The state of a source at an instant.

    since: when it began. until: when it ends by itself if nothing comes, None where only a run can end it.
    """

    state: State
    since: int | None
    until: int | None
    vi: str
    en: str

    @property
    def is_usable(self) -> bool:
        """Whether numbers that rest on it may be judged."""
        return self.state in ("live", "not_due")

    def say(self, lang: str) -> str:
        """Return the sentence in lang ("vi" or "en")."""
        return self.en if lang == "en" else self.vi


def freshness(source: Source, runs: Runs, now: int, calendar: Calendar) -> Freshness:
    """Judge a source at an instant (epoch s) from its runs and its declaration."""
    if runs.last_run is None:
        if source.due is not None:
            return _not_due(calendar.next_due(source.due, now))
        return Freshness(
            "never", None, None, "Chưa có dữ liệu: nguồn chưa được thu thập", "Nothing was collected yet"
        )
    if runs.outcome == "failed" and runs.error_kind == "contract":
        return _broken(runs.failing_since or runs.last_run, runs.error, now)
    if runs.outcome != "failed" and runs.rejected_share > source.rejected_share:
        share = f"{runs.rejected_share:.1%}".replace(".", ",")
        limit = f"{source.rejected_share:.1%}".replace(".", ",")
        why = f"{share} bản ghi không hợp lệ, vượt mức {limit}"
        english = f"{runs.rejected_share:.1%} of the records were refused, above {source.rejected_share:.1%}"
        return _broken(runs.last_run, why, now, english)
    if runs.last_success is None:
        return _down(runs.failing_since or runs.last_run, runs.error, now)
    if source.due is not None:
        return _of_report(source, runs, now, calendar)
    return _of_interval(source, runs, runs.last_success, now)


def _of_interval(source: Source, runs: Runs, last_success: int, now: int) -> Freshness:
    # A sensor's values may hold for longer than a source that stopped answering may pass for connected.
    patience = min(source.fresh_for, 2 * (source.every or source.fresh_for))
    failing = runs.outcome == "failed"
    poll_until = last_success + int(patience if failing else source.fresh_for)
    if now > poll_until:
        if failing:
            return _down(runs.failing_since or poll_until, runs.error, now)
        vi, en = "không có lượt thu thập nào", "nothing was asked"
        return _late(poll_until, vi, en, now)
    if runs.last_reported is not None:
        record_until = runs.last_reported + int(source.fresh_for)
        if now > record_until:
            newest = _clock(runs.last_reported, now)
            return _late(
                record_until, f"số liệu mới nhất lúc {newest}", f"the newest value is of {newest}", now
            )
        return _live(last_success, min(poll_until, record_until) + 1, now)
    return _live(last_success, poll_until + 1, now)


def _of_report(source: Source, runs: Runs, now: int, calendar: Calendar) -> Freshness:
    """Judge a report: what was due by the last date must have come since the date before it."""
    assert source.due is not None
    last_due, next_due = calendar.last_due(source.due, now), calendar.next_due(source.due, now)
    before = calendar.last_due(source.due, last_due - 1)
    came = runs.last_changed
    if came is None:
        first = runs.first_run
        if first is not None and first <= last_due:
            return _late(last_due, "chưa nhận được báo cáo", "no report has come", now)
        return _not_due(next_due)
    if came > before:
        # what came after the last date already answers the next one
        until = calendar.next_due(source.due, next_due) if came > last_due else next_due
        return _live(came, until + 1, now)
    if runs.outcome == "failed":
        return _down(runs.failing_since or last_due, runs.error, now)
    return _late(last_due, "chưa nhận được báo cáo đến hạn", "the report that was due has not come", now)


def worst(states: Iterable[State]) -> State:
    """Return the worst of the states; "never" where there is none."""
    return max(states, key=STATES.index, default="never")


def _live(at: int, until: int, now: int) -> Freshness:
    clock = _clock(at, now)
    return Freshness("live", at, until, f"Bình thường, cập nhật lúc {clock}", f"Live, updated at {clock}")


def _late(since: int, vi: str, en: str, now: int) -> Freshness:
    clock = _clock(since, now)
    return Freshness("late", since, None, f"Chậm cập nhật từ {clock}: {vi}", f"Late since {clock}: {en}")


def _down(since: int, error: str, now: int) -> Freshness:
    clock = _clock(since, now)
    why = f": {error}" if error else ""
    return Freshness("down", since, None, f"Mất kết nối từ {clock}{why}", f"Down since {clock}{why}")


def _broken(since: int, error: str, now: int, english: str = "") -> Freshness:
    clock = _clock(since, now)
    vi, en = f"Bị từ chối từ {clock}: {error}", f"Rejected since {clock}: {english or error}"
    return Freshness("rejected", since, None, vi, en)


def _not_due(due: int) -> Freshness:
    day = f"{local_time(due):%d/%m/%Y}"
    return Freshness(
        "not_due", None, due + 1, f"Chưa đến hạn báo cáo: hạn ngày {day}", f"Not due before {day}"
    )


def _clock(epoch: int, now: int) -> str:
    """Return local hours and minutes, with the day where it is not today."""
    when = local_time(epoch)
    return f"{when:%H:%M}" if local_day(epoch) == local_day(now) else f"{when:%H:%M %d/%m/%Y}"
