"""How the sandbox's systems write instants: local time, some with an offset and some without."""

from __future__ import annotations

import calendar
import time

from ioc.calendar import OFFSET_S


def compact(at: float | None) -> str:
    """Write yyyyMMddHHmmss in local time, "" for none: the one-stop systems' way."""
    return time.strftime("%Y%m%d%H%M%S", time.gmtime(at + OFFSET_S)) if at else ""


def iso(at: float | None) -> str | None:
    """Write ISO 8601 with the offset +07:00."""
    return time.strftime("%Y-%m-%dT%H:%M:%S+07:00", time.gmtime(at + OFFSET_S)) if at else None


def day(at: float | None) -> str | None:
    """Write a local day as yyyy-mm-dd."""
    return time.strftime("%Y-%m-%d", time.gmtime(at + OFFSET_S)) if at else None


def read_compact(text: str) -> int:
    """Read what `compact` writes, or its first eight digits alone; raises ValueError."""
    if len(text) not in (8, 14) or not text.isdigit():
        raise ValueError(f"yyyyMMddHHmmss was expected, not {text!r}")
    return calendar.timegm(time.strptime(text.ljust(14, "0"), "%Y%m%d%H%M%S")) - OFFSET_S
