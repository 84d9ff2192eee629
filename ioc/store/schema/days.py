"""The local days by which the store counts."""

from __future__ import annotations

HOUR = 3600
DAY = 86_400
OFFSET = 7 * HOUR
"""Local time is UTC+07:00, a whole number of hours, so a local day is 24 UTC hours."""


def local_midnight(instant_s: int) -> int:
    """Return the local midnight at or before an instant, both epoch s."""
    return instant_s - (instant_s + OFFSET) % DAY


def known_day(known_ms: int) -> int:
    """Return the local day, as the epoch s of its midnight, in which a version became known."""
    return local_midnight(known_ms // 1000)
