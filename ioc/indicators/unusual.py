"""What is unusual among cases: a channel silent for longer than it ever was, a category with far more than usual."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import sqlalchemy as sa

from ioc.calendar import DAY_S, HOUR_S
from ioc.indicators.cases import Cases, placed
from ioc.indicators.parts import CaseFilter
from ioc.indicators.reading import Answer
from ioc.indicators.watch import DEVIATIONS, Watch


@dataclass(frozen=True, slots=True)
class Finding:
    """One key: what is seen (hours of silence, or cases in 24 hours), beyond what it is unusual, and until when it holds."""

    seen: float
    usual: float
    turns: int

    @property
    def is_unusual(self) -> bool:
        """Whether more is seen than usual."""
        return self.seen > self.usual


def findings(watch: Watch, openings: Mapping[str, Sequence[int]], at: int) -> dict[str, Finding]:
    """Judge each key with enough cases by when these were opened (epoch s, ascending) before an instant."""
    judge = _silence if watch.kind == "silence" else _surge
    judged = {key: judge(watch, found, at) for key, found in openings.items() if key}
    return {key: found for key, found in judged.items() if found is not None}


def _silence(watch: Watch, opened: Sequence[int], at: int) -> Finding | None:
    if len(opened) < watch.least:
        return None
    longest = max(after - before for before, after in pairwise(opened))
    return Finding(
        (at - opened[-1]) / HOUR_S,
        longest / HOUR_S,
        opened[-1] + longest + 1 if at - opened[-1] <= longest else 0,
    )


def _surge(watch: Watch, opened: Sequence[int], at: int) -> Finding | None:
    today = at - DAY_S
    seen = sum(one >= today for one in opened)
    days = [0] * watch.days
    for one in opened:
        if (back := (today - one - 1) // DAY_S) >= 0 and one < today and back < watch.days:
            days[back] += 1
    if seen < watch.least:
        return None
    mean = sum(days) / watch.days
    deviation = math.sqrt(sum((n - mean) ** 2 for n in days) / watch.days)
    return Finding(seen, mean + DEVIATIONS * deviation, at - at % HOUR_S + HOUR_S)


def answer(found: Mapping[str, Finding]) -> Answer:
    """Return how many keys are unusual, and which, the most unusual first."""
    keys = sorted(
        (key for key, one in found.items() if one.is_unusual),
        key=lambda key: (-found[key].seen / max(found[key].usual, 1e-9), key),
    )
    told = [
        {"key": key, "seen": round(found[key].seen, 1), "usual": round(found[key].usual, 1)} for key in keys
    ]
    turns = min((one.turns for one in found.values() if one.turns), default=None)
    return Answer(len(keys), value=len(keys), detail={"unusual": told}, where=", ".join(keys), used=len(found),
                  changes_at=turns)  # fmt: skip


def opened(cases: Cases, wanted: CaseFilter, watch: Watch, at: int) -> dict[str, list[int]]:
    """Return when the cases of each key were opened, over the days that tell what is usual and the last one."""
    rows = cases.rows(*placed(wanted, "opened", at - (watch.days + 1) * DAY_S, at))
    column: Any = rows.c[watch.by]
    found: dict[str, list[int]] = defaultdict(list)
    for key, instant in cases.connection.execute(sa.select(column, rows.c.opened).order_by(rows.c.opened)):
        found[key].append(instant)
    return found
