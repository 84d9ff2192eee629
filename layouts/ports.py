"""What the screens need from the rest of the product: narrow protocols, so that a test may feed documents."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

Json = Mapping[str, Any]


class AskError(Exception):
    """A question that got no answer; the text is a sentence for whoever asked."""


Ask = Callable[[str, Mapping[str, str]], Json]
"""Put a question to the read API: path and parameters. Raises AskError."""


class Boards(Protocol):
    """The published boards and the state of the collector that publishes them."""

    def versions(self) -> Mapping[tuple[str, str], str]:
        """Return the version of every published board by (board, language); asked once a second."""

    def document(self, board: str, lang: str) -> Json:
        """Return a published board. Raises LookupError where there is none."""

    def heartbeat(self) -> tuple[str, float | None]:
        """Return the collector's state ("live" or "lost") and its last heartbeat in epoch s."""


@dataclass(frozen=True)
class Ports:
    """Everything the screens are given.

    communes, neighbours: GeoJSON. sectors: ids and names {"vi", "en"} in their order. province: name.vi,
    name.en, title.vi, title.en. order: ids of boards in the order of scenes. playlists: ids of the
    boards that rotate together, the usual list first; none: all. faults: declarations that were left
    out: file, table, key, text. kinds: the kind of cases that a sector works on, by its id. poll_now: ask the
    collector to poll a source at once. answer: note what a person says of a contradiction: key, state, note.
    """

    boards: Boards
    communes: Json
    neighbours: Json
    sectors: Sequence[tuple[str, Mapping[str, str]]]
    province: Mapping[str, str]
    simulated: bool
    emblem: Path | None = None
    order: Sequence[str] = ()
    playlists: Mapping[str, Sequence[str]] = field(default_factory=dict)
    faults: Sequence[Mapping[str, str]] = field(default_factory=tuple)
    kinds: Mapping[str, str] = field(default_factory=dict)
    poll_now: Callable[[str], None] | None = None
    answer: Callable[[str, str, str], None] | None = None
    ask: Ask | None = None
    """None: the web application asks the read API that it serves itself."""
