"""How a run went: what its pages brought, how it ended, and when a source that failed is asked again."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from ioc.errors import ContractError, RefusedError, SourceError
from ioc.model import Page
from ioc.store import Kept

DAY_S = 86_400

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
class Counts:
    """What the pages of a run brought so far."""

    pages: int = 0
    new: int = 0
    changed: int = 0
    same: int = 0
    rejected: int = 0
    gone: int = 0
    received_bytes: int = 0
    status: int | None = None

    def add(self, page: Page, kept: Kept) -> None:
        """Count a page that was kept."""
        self.pages += 1
        self.new += kept.new
        self.changed += kept.changed
        self.same += kept.same
        self.rejected += kept.rejected
        self.gone += kept.gone
        self.received_bytes += page.received_bytes
        self.status = page.status if page.status is not None else self.status


def backoff(every: float, failures: int, outcome: Outcome) -> float:
    """Return the seconds to wait after a failed run before asking again.

    Unreachable: half an interval the first time, so that one lost answer greys nothing, then the interval,
    which doubles up to five minutes; contract: it doubles up to ten minutes; refused: up to thirty, since only a
    person can help. Retry-After is honoured as a minimum, up to a day.
    """
    cap = {"unreachable": 300.0, "contract": 600.0, "refused": 1800.0}.get(outcome.error_kind, 300.0)
    power = failures - 2 if outcome.error_kind == "unreachable" else failures - 1
    wait = min(every * 2.0 ** min(power, 10), max(cap, every))
    return max(wait, bounded(outcome.retry_after_s))


def bounded(retry_after_s: float | None) -> float:
    """Return how long a source is left alone because it asked for that: a day at most; nought where it did not."""
    return min(retry_after_s or 0.0, float(DAY_S))


def kind_of(error: SourceError | None) -> ErrorKind:
    """Name what to do about a fault: refused, contract or unreachable; "" for none."""
    if error is None:
        return ""
    if isinstance(error, RefusedError):
        return "refused"
    return "contract" if isinstance(error, ContractError) else "unreachable"
