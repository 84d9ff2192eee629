"""Bounded pages of what was translated, with what is kept of the answer: canonical JSON lines of declared fields."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import orjson

from connectors.mapping import Address, Mapped, Translated, translate
from ioc.model import Cursor, Page, Record, Rejected, Source
from ioc.structure import UNSEEN

if TYPE_CHECKING:
    from connectors.answer import Answer

MOST_RECORDS = 5_000
MOST_BYTES = 8_000_000


def lines(kept: Iterable[Mapping[str, Any]]) -> bytes:
    """Return objects as JSON lines with sorted keys, so that the same content has the same bytes."""
    return b"".join(map(_line, kept))


def version(source: Source) -> str:
    """Name what the declaration takes from an answer: one that takes something else must read it again."""
    declared = orjson.dumps(source.options, option=orjson.OPT_SORT_KEYS, default=str)
    return hashlib.sha256(declared).hexdigest()[:16]


def _line(kept: Mapping[str, Any]) -> bytes:
    return orjson.dumps(kept, option=orjson.OPT_SORT_KEYS | orjson.OPT_APPEND_NEWLINE, default=str)


def pages(
    source: Source,
    answer: Answer,
    mapped: Mapped,
    items: Sequence[Any],
    address: Address,
    *,
    cursor: Cursor | None,
    complete: bool = False,
) -> Iterator[Page]:
    """Translate the items of one answer into pages within the bounds.

    Only the last page carries the cursor and completeness: an answer lands as a whole or is asked for again.
    """
    per_item = max(1, len(mapped.values))
    step = max(1, MOST_RECORDS // per_item)
    parts = (translate(mapped, items[at : at + step], address, at) for at in range(0, len(items), step))
    return within(source, answer, parts, cursor=cursor, complete=complete)


def cut(found: Translated) -> Iterator[Translated]:
    """Cut what was translated as a whole into parts of at most 5,000 records."""
    for at in range(0, max(1, len(found.records), len(found.rejected), len(found.kept)), MOST_RECORDS):
        part = slice(at, at + MOST_RECORDS)
        sample = found.sample if at == 0 else []
        yield Translated(found.records[part], found.rejected[part], found.kept[part], sample, found.paths)


def within(
    source: Source,
    answer: Answer,
    parts: Iterable[Translated],
    *,
    cursor: Cursor | None,
    complete: bool = False,
) -> Iterator[Page]:
    """Yield translated parts (each of at most 5,000 records) as pages of at most 8 MB of kept lines."""
    waiting: Page | None = None
    for part in parts:
        structure = part.structure
        for records, rejected, kept in _split(part):
            if waiting is not None:
                yield waiting
            first = waiting is None
            raw = answer.body if first else b""
            waiting = Page(
                records,
                rejected,
                kept=raw if source.keep == "raw" else kept,
                received_hash=answer.hash,
                received_bytes=answer.size if first else 0,
                status=answer.status,
                structure=structure,
            )
            structure = UNSEEN
    if waiting is None:
        waiting = Page(received_hash=answer.hash, received_bytes=answer.size, status=answer.status)
    yield _last(waiting, cursor, complete)


def _last(page: Page, cursor: Cursor | None, complete: bool) -> Page:
    return replace(page, cursor=cursor, complete=complete)


def _split(part: Translated) -> Iterator[tuple[Sequence[Record], Sequence[Rejected], bytes]]:
    """Cut the kept lines of one part into pieces of at most 8 MB; the records go with the first of them."""
    records, rejected = part.records, part.rejected
    piece: list[bytes] = []
    size = 0
    for line in map(_line, part.kept):
        if piece and size + len(line) > MOST_BYTES:
            yield records, rejected, b"".join(piece)
            records, rejected, piece, size = [], [], [], 0
        piece.append(line)
        size += len(line)
    yield records, rejected, b"".join(piece)
