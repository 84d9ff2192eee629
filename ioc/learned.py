"""What a collector has learned of its sources' structure, and what it says of an answer that has another one."""

from __future__ import annotations

from ioc.model import Source
from ioc.store import Store
from ioc.store.fields import keep_fields
from ioc.store.reads.fields import known_fields
from ioc.structure import Known, Structure, agree, changes, learn

SAVE_EVERY_MS = 600_000
DAY_S = 86_400


class Learned:
    """Remembers the fields of each source's answers and keeps them in the store, at once where something changed."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._known: dict[str, dict[str, Known]] = {}
        self._saved: dict[str, int] = {}

    def take_in(self, source: Source, seen: Structure, fence: int, now_ms: int) -> str:
        """Learn from a whole answer; return what is wrong with it, as a Vietnamese sentence, or "".

        Wrong is a field that the declaration reads and that no record has any more, or whose values are of
        another type. Raises FencedError and StoreError.
        """
        if not seen.records:
            return ""
        known = self._known.get(source.id)
        if known is None:
            with self._store.reading() as connection:
                known = self._known[source.id] = known_fields(connection, source.id)
        agreed = source.agreed is not None and agree(known, (source.agreed + DAY_S) * 1000)
        told = learn(known, seen, now_ms)
        if told or agreed or now_ms - self._saved.get(source.id, 0) >= SAVE_EVERY_MS:
            with self._store.writing(fence, now_ms) as commit:
                keep_fields(commit, source.id, known)
            self._saved[source.id] = now_ms
        change = changes(known, mapped_only=True)
        if not change:
            return ""
        new = changes(known).new
        more = f"; trường mới {', '.join(new[:6])}" if new else ""
        return f"Cấu trúc dữ liệu của nguồn đã thay đổi: {change.say()}{more}"
