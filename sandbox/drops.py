"""Files that departments drop into folders: which there are at an instant, and what stands in them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from typing import NamedTuple

from ioc.calendar import HOUR_S, day_start, local_day
from sandbox.workbook import health_workbook
from sandbox.world import World
from sandbox.written import compact

WORKBOOKS = 10
WORKBOOK_AT_S = 7 * HOUR_S


class Dropped(NamedTuple):
    """One file: when it arrived (epoch s), what stands in it under a fault, and whether a fault concerns it."""

    name: str
    arrives: int
    content: Callable[[str], bytes]
    newest: bool


class Drop(NamedTuple):
    """Where a source's files lie (below the sandbox's folder), which of the folder's names are its, and its files."""

    source: str
    folder: str
    pattern: str
    files: Callable[[World, int], Iterator[Dropped]]


def _health(world: World, now: int) -> Iterator[Dropped]:
    """Yield the health department's workbook of each of the last days, dropped at seven the next morning."""
    last = local_day(now - WORKBOOK_AT_S) - 1
    for day in range(last - WORKBOOKS + 1, last + 1):
        name = f"so_y_te_{compact(day_start(day))[:8]}.xlsx"
        arrives = day_start(day + 1) + WORKBOOK_AT_S
        yield Dropped(name, arrives, partial(health_workbook, world.setting, day), day == last)


DROPS = (Drop("health_workbook", "drop", "so_y_te_*.xlsx", _health),)
"""One line for each source whose files a department drops."""
