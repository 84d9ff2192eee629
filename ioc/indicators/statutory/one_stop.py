"""One-stop dossiers: the portal's status codes, early, on time, late or overdue, and the 766 rule of its own.

Status codes 1 to 10 of the national public service portal. On time is: finished not after the due instant, the time
spent waiting for supplements or payment taken off; model.Case.on_time says the same and is what counts are made of.
"""

from collections.abc import Callable, Mapping
from enum import StrEnum

from ioc.calendar import local_day
from ioc.model import NOT_RECEIVED, PENDING, SUSPENDED, Case, State

WorkingDays = Callable[[float, float], int]
"""Calendar.working_days_between: two instants in epoch s; the first day does not count, the last does."""

STATE_OF_STATUS: Mapping[str, State] = {
    "1": "new",  # Mới đăng ký
    "2": "open",  # Được tiếp nhận
    "3": "refused",  # Không được tiếp nhận
    "4": "open",  # Đang xử lý
    "5": "waiting_supplement",  # Yêu cầu bổ sung giấy tờ
    "6": "waiting_payment",  # Yêu cầu thực hiện nghĩa vụ tài chính
    "7": "stopped",  # Công dân yêu cầu rút hồ sơ
    "8": "stopped",  # Dừng xử lý
    "9": "closed",  # Đã xử lý xong
    "10": "closed",  # Đã trả kết quả
}

# Where a dossier carries several ending statuses, the first of these is the one that counts.
ENDING_PRIORITY = ("9", "10", "8")


class Bucket(StrEnum):
    """Where a dossier stands. Suspended ones are in progress too, in a column of their own."""

    REGISTERED = "registered"
    IN_PROGRESS = "in_progress"
    SUSPENDED = "suspended"
    FINISHED = "finished"
    CLOSED_WITHOUT_RESULT = "closed_without_result"


class Timing(StrEnum):
    """How a dossier stands to its due instant."""

    EARLY = "early"
    ON_TIME = "on_time"
    LATE = "late"
    IN_TERM = "in_term"
    DUE_SOON = "due_soon"
    OVERDUE = "overdue"
    SUSPENDED = "suspended"
    NONE = "none"


def is_received(state: State) -> bool:
    """Say whether a dossier counts as received: every status but 1 and 3."""
    return state not in NOT_RECEIVED


def bucket(state: State) -> Bucket:
    """Return the bucket of a state; 3, 7 and 8 are closed without a result."""
    if state == "new":
        return Bucket.REGISTERED
    if state in SUSPENDED:
        return Bucket.SUSPENDED
    if state == "closed":
        return Bucket.FINISHED
    return Bucket.IN_PROGRESS if state in PENDING else Bucket.CLOSED_WITHOUT_RESULT


def ending_status(statuses: set[str]) -> str | None:
    """Return the ending status that counts where a dossier carries several (9 before 10 before 8), or None."""
    return next((status for status in ENDING_PRIORITY if status in statuses), None)


def effective_due(case: Case) -> int | None:
    """Return the due instant moved by the time spent waiting, in epoch s, or None where none is set.

    For portals that move the due instant themselves on a supplement, waited_s must be 0: else it counts twice.
    """
    return None if case.due is None else case.due + case.waited_s


def timing(case: Case, now: int, soon: int, working_days_between: WorkingDays) -> Timing:
    """Return how a dossier stands to its due instant at `now` (epoch s).

    Early is finished on a local day before the due one. Due soon is due today or within `soon` working days.
    Suspended does not count down. None: without a due instant, not received, or closed without a result.
    """
    due = effective_due(case)
    if bucket(case.state) is Bucket.SUSPENDED:
        return Timing.SUSPENDED
    if due is None:
        return Timing.NONE
    if case.state == "closed" and case.closed is not None:
        if case.closed > due:
            return Timing.LATE
        return Timing.EARLY if local_day(case.closed) < local_day(due) else Timing.ON_TIME
    if case.state != "open":
        return Timing.NONE
    if now > due:
        return Timing.OVERDUE
    return Timing.DUE_SOON if working_days_between(now, due) <= soon else Timing.IN_TERM


def overdue_working_days(case: Case, now: int, working_days_between: WorkingDays) -> int | None:
    """Return by how many working days an open dossier is overdue, None where it is not.

    Overdue since this morning is 0 working days: it shows as "quá hạn hôm nay".
    """
    due = effective_due(case)
    if case.state != "open" or due is None or now <= due:
        return None
    return working_days_between(due, now)


def on_time_766(case: Case, period_end: int, supplement_requests: int) -> bool | None:
    """Say whether a dossier counts as on time in the progress group of Decision 766/QĐ-TTg; None without a due instant.

    This rule is the index's alone and must not be mixed with the other on-time figures: more than one request for
    supplements counts late, and a dossier still unfinished is measured at the end of the period (epoch s).
    """
    due = effective_due(case)
    if due is None or not is_received(case.state):
        return None
    if supplement_requests > 1:
        return False
    return (case.closed if case.closed is not None else period_end) <= due
