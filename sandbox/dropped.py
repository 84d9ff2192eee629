"""What a department drops into a folder: one file, and all files of one source."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import NamedTuple

from sandbox.world import World


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
