"""A page being gathered from several files: at most 5,000 records or 8 MB commit together."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence

from connectors.kept import MOST_BYTES, MOST_RECORDS
from ioc.model import Cursor, Page, Record, Rejected, Source
from ioc.structure import UNSEEN, Structure, joined


class Draft:
    """What has been translated and not yet been yielded."""

    def __init__(self, source: Source) -> None:
        self._keeps_raw = source.keep == "raw"
        self._hash = hashlib.sha256()
        self._clear()

    def _clear(self) -> None:
        self._records: list[Record] = []
        self._rejected: list[Rejected] = []
        self._kept, self._raw = bytearray(), bytearray()
        self._size, self._files = 0, 0
        self._structure = UNSEEN

    def __bool__(self) -> bool:
        return bool(self._records or self._rejected or self._files)

    def receive(self, content: bytes) -> None:
        """Note a file as it came; what add() is given next stood in it."""
        self.receive_blocks((content,))

    def receive_blocks(self, blocks: Iterable[bytes]) -> None:
        """Note a file that is not held in memory."""
        if not self._files:
            self._hash = hashlib.sha256()
        self._files += 1
        for block in blocks:
            self._hash.update(block)
            self._size += len(block)
            if self._keeps_raw and len(self._raw) <= MOST_BYTES:
                self._raw += block

    def has_room(self, more: int) -> bool:
        """Say whether so many more records, rejected ones included, may stand on this page."""
        here = len(self._records) + len(self._rejected)
        return here + more <= MOST_RECORDS and max(len(self._kept), len(self._raw)) < MOST_BYTES

    def add(
        self,
        records: Sequence[Record],
        rejected: Sequence[Rejected],
        kept: bytes,
        structure: Structure = UNSEEN,
    ) -> None:
        """Take in records, what was rejected beside them, the JSON lines they were read from, and their fields."""
        if structure.records:
            self._structure = joined((self._structure, structure))
        self._records += records
        self._rejected += rejected
        self._kept += kept

    def page(self, cursor: Cursor | None, *, complete: bool = False) -> Page:
        """Return the page and begin the next one; a file too large to keep as it came is kept as lines."""
        raw = self._keeps_raw and len(self._raw) <= MOST_BYTES
        page = Page(
            records=self._records,
            rejected=self._rejected,
            cursor=cursor,
            kept=bytes(self._raw if raw else self._kept),
            received_hash=self._hash.hexdigest(),
            received_bytes=self._size,
            complete=complete,
            structure=self._structure,
        )
        self._clear()
        return page
