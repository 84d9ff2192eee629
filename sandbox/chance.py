"""Chance without state: the same numbers always give the same draw (splitmix64)."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from random import Random
from typing import TypeVar

T = TypeVar("T")
Draw = Callable[[], float]
"""Gives the next number in [0, 1) of one stream."""

_MASK = (1 << 64) - 1


def mix(*parts: int) -> int:
    """Return 64 bits that depend on every part and their order."""
    state = 0x6A09E667F3BCC909
    for part in parts:
        state = ((state ^ (part & _MASK)) + 0x9E3779B97F4A7C15) & _MASK
        state = ((state ^ (state >> 30)) * 0xBF58476D1CE4E5B9) & _MASK
        state = ((state ^ (state >> 27)) * 0x94D049BB133111EB) & _MASK
        state ^= state >> 31
    return state


def share(*parts: int) -> float:
    """Return a number in [0, 1) that depends on the parts alone."""
    return (mix(*parts) >> 11) / (1 << 53)


def stream(*parts: int) -> Draw:
    """Return a stream of numbers in [0, 1) that depends on the parts alone."""
    return Random(mix(*parts)).random


def normal(*parts: int) -> float:
    """Return a draw of the normal distribution with mean 0 and deviation 1."""
    radius = math.sqrt(-2 * math.log(1 - share(*parts, 1)))
    return radius * math.cos(2 * math.pi * share(*parts, 2))


def wave(seed: int, kind: int, at: float, step: float) -> float:
    """Return a smooth random curve in [-1, 1], with a new value every `step`."""
    left = math.floor(at / step)
    part = at / step - left
    part = part * part * (3 - 2 * part)
    before, after = share(seed, kind, left), share(seed, kind, left + 1)
    return 2 * (before + (after - before) * part) - 1


def cumulated(weights: Sequence[float]) -> list[float]:
    """Return running sums that end in 1, for `choose`."""
    total, sums = 0.0, []
    for weight in weights:
        total += weight
        sums.append(total)
    return [part / total for part in sums]
