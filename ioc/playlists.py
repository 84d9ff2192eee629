"""Which boards rotate on a wall: the lists of data/playlists.toml."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from pathlib import Path

from ioc.toml_file import read

Playlists = Mapping[str, tuple[str, ...]]


def load_playlists(data: Path, boards: Collection[str]) -> Playlists:
    """Return the boards of each list in their order, those that are not declared left out; {} without the file.

    Raises DeclarationError naming what cannot be read.
    """
    path = data / "playlists.toml"
    if not path.is_file():
        return {}
    top = read(path)
    found: dict[str, tuple[str, ...]] = {}
    for name in top.values:
        table = top.table(name)
        table.keys(frozenset(("scenes",)))
        found[name] = tuple(board for board in table.texts("scenes") if board in boards)
    return found
