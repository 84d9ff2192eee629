"""How a process holds memory: few arenas, and what was large goes back to the system once it is free."""

from __future__ import annotations

import ctypes
import gc

GC_THRESHOLDS = (20_000, 20, 50)
"""Python looks for cycles after so many new objects. A page makes 100,000 that form none: looking after every 700,
the default, took a fifth to a third of keeping it (docs/performance.md)."""
_TRIM_THRESHOLD, _MMAP_THRESHOLD, _ARENA_MAX = -1, -3, -8
"""The parameters of glibc's mallopt (malloc.h)."""


def spare() -> None:
    """Ask the C library to hold little; to be called before threads start. Elsewhere than on glibc nothing happens.

    By default glibc gives every few threads an arena of their own and raises its thresholds with what it sees, so
    that thirty threads which each read a large page once keep a hundred megabytes that nobody uses.
    """
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
    if mallopt is None:
        return
    mallopt(_ARENA_MAX, 2)
    mallopt(_MMAP_THRESHOLD, 128 * 1024)
    mallopt(_TRIM_THRESHOLD, 1024 * 1024)


def settle() -> None:
    """Have Python look for cycles rarely, and never in what stands by now; to be called once a process is set up."""
    gc.set_threshold(*GC_THRESHOLDS)
    gc.freeze()
