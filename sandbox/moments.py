"""When a system that only knows the present was looked at: at the end of each past day, and now."""

from __future__ import annotations

from collections.abc import Iterator

from ioc.calendar import DAY_S, day_start, local_day

STEP_S = 300


def moments(since: int, until: int, now: int) -> Iterator[int]:
    """Yield the instants in [since, until] at which a state is told: five minutes before midnight, and the present."""
    for day in range(local_day(since), local_day(until) + 1):
        at = day_start(day) + DAY_S - STEP_S
        if since <= at <= min(until, now):
            yield at
    if until >= now:
        yield now - now % STEP_S
