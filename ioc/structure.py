"""Which fields a source's records have, by name and type alone, and what of it changed since it was learned."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from itertools import islice
from typing import Any

from ioc.scrub import scrub

MOST_FIELDS, MOST_DEEP, LONGEST, WIDEST = 300, 4, 80, 60
"""Names kept of a source, levels of objects, characters of a name, and keys beyond which an object is a table."""
LEARNED = 20
"""A field is judged once so many records were seen."""
SHARE = 0.95
"""A field that fewer records have is optional: it comes and goes."""
SOME, MANY = 3, 20
"""Records in a row without a field until it is missing: of one that every record had, and of any other."""
WINDOW = 2_000
"""Beyond so many records what lies further back counts half."""
NEW_FOR_MS = 30 * 86_400_000
"""For how long a field is called new."""

_WORDS = {
    "text": "chữ", "number": "số", "flag": "đúng/sai", "object": "đối tượng", "list": "danh sách", "time": "thời điểm",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Structure:
    """Which fields the records of an answer had: fields is name -> type -> in how many records.

    mapped: the names that the declaration reads. Types are text, number, flag, object, list, time and null.
    """

    records: int = 0
    fields: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
    mapped: frozenset[str] = frozenset()


UNSEEN = Structure()
"""Of an answer whose format is fixed by its protocol, or that held no records."""


@dataclass(slots=True)
class Known:
    """What is known of one field; instants are epoch ms.

    records, present: how many records were seen, and how many had it. absent: records in a row without it.
    odd: the types that came in place of `types` in the last odd_records records. later: not there at first.
    changed: when it went missing, changed its type or, of a later one, appeared.
    """

    types: frozenset[str]
    records: int
    present: int
    first_seen: int
    last_seen: int
    mapped: bool = False
    later: bool = False
    absent: int = 0
    odd: frozenset[str] = frozenset()
    odd_records: int = 0
    changed: int | None = None

    @property
    def is_missing(self) -> bool:
        """Whether it always stood there and no longer does; what came lately and is not read may go again."""
        if (self.later and not self.mapped) or self.records < LEARNED or self.present < SHARE * self.records:
            return False
        return self.absent >= (SOME if self.present == self.records else MANY)

    @property
    def is_retyped(self) -> bool:
        """Whether its values are all of a type that it never had."""
        return self.records >= LEARNED and self.odd_records >= SOME

    @property
    def is_new(self) -> bool:
        """Whether it came after the others were learned, and is still there."""
        return self.later and self.absent < SOME


@dataclass(frozen=True, slots=True)
class Change:
    """What changed in a source's structure; retyped holds (name, type before, type now)."""

    changed_at: int | None = None
    new: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()
    retyped: tuple[tuple[str, str, str], ...] = ()

    def __bool__(self) -> bool:
        return bool(self.new or self.missing or self.retyped)

    def say(self, lang: str = "vi") -> str:
        """Return the change in words: a few names of each kind."""
        words = (
            ("trường mới", "thiếu", "đổi kiểu")
            if lang == "vi"
            else ("new fields", "missing fields", "retyped fields")
        )
        types = _WORDS if lang == "vi" else {}
        retyped = [
            f"{name} ({types.get(was, was)} → {types.get(now, now)})" for name, was, now in self.retyped
        ]
        parts = zip(words, (self.new, self.missing, retyped), strict=True)
        return ", ".join(f"{word} {_few(names, lang)}" for word, names in parts if names)


def observed(items: Iterable[Any], mapped: frozenset[str] = frozenset()) -> Structure:
    """Return which fields some records have. A key that begins with a digit is data, not a name."""
    fields: dict[str, dict[str, int]] = {}
    records = 0
    for item in items:
        if isinstance(item, Mapping):
            records += 1
            _note(item, "", 1, fields)
    return Structure(records, fields, mapped)


def joined(parts: Iterable[Structure]) -> Structure:
    """Return several parts of one answer as one."""
    records, mapped = 0, frozenset[str]()
    fields: dict[str, dict[str, int]] = {}
    for part in parts:
        records += part.records
        mapped |= part.mapped
        for name, types in part.fields.items():
            if name in fields or len(fields) < MOST_FIELDS:
                count = fields.setdefault(name, {})
                for kind, n in types.items():
                    count[kind] = count.get(kind, 0) + n
    return Structure(records, fields, mapped)


def learn(known: dict[str, Known], seen: Structure, now_ms: int) -> bool:
    """Take an answer into what is known of a source; return whether there is something new to be told.

    Of a field that went missing or changed its type the former state stays known until the field is as before,
    or until the change is agreed upon.
    """
    if not seen.records:
        return False
    before = changes(known)
    learning = max((one.records for one in known.values()), default=0) < LEARNED
    for name, types in seen.fields.items():
        if name not in known and len(known) < MOST_FIELDS:
            known[name] = Known(
                frozenset(types) - {"null"}, 0, 0, now_ms, now_ms, later=bool(known) and not learning
            )
            known[name].changed = now_ms if known[name].later else None
    for name, one in known.items():
        one.mapped = _reads(seen.mapped, name)
        if one.later and one.first_seen <= now_ms - NEW_FOR_MS:
            one.later, one.changed = False, None
        was = one.is_missing, one.is_retyped
        _count(one, seen.fields.get(name, {}), seen.records, now_ms)
        if (one.is_missing, one.is_retyped) != was:
            one.changed = now_ms if one.is_missing or one.is_retyped else None
    after = changes(known)
    return (before.new, before.missing, before.retyped) != (after.new, after.missing, after.retyped)


def agree(known: dict[str, Known], until_ms: int) -> bool:
    """Take every change that was noticed before an instant as agreed upon; return whether there was one."""
    agreed = [name for name, one in known.items() if one.changed is not None and one.changed < until_ms]
    for name in agreed:
        one = known[name]
        if one.is_missing:
            del known[name]
            continue
        if one.is_retyped:
            one.types, one.odd, one.odd_records = one.odd, frozenset(), 0
        one.later, one.changed = False, None
    return bool(agreed)


def changes(known: Mapping[str, Known], *, mapped_only: bool = False) -> Change:
    """Return what of the known fields is new, missing or of another type; mapped_only: what the declaration reads."""
    found: dict[str, list[Any]] = {"new": [], "missing": [], "retyped": []}
    ats: list[int] = []
    for name in sorted(known):
        one = known[name]
        if mapped_only and not one.mapped:
            continue
        if one.is_missing:
            found["missing"].append(name)
        elif one.is_retyped:
            found["retyped"].append((name, "/".join(sorted(one.types)), "/".join(sorted(one.odd))))
        elif one.is_new and not mapped_only:
            found["new"].append(name)
        else:
            continue
        if one.changed is not None:
            ats.append(one.changed)
    return Change(max(ats, default=None), *(tuple(found[key]) for key in ("new", "missing", "retyped")))


def _note(item: Mapping[Any, Any], prefix: str, deep: int, fields: dict[str, dict[str, int]]) -> None:
    for key, value in item.items():
        name = prefix + str(key)
        types = fields.get(name)
        if types is None:
            if len(fields) >= MOST_FIELDS or not _is_name(str(key)) or len(name) > LONGEST:
                continue
            types = fields[name] = {}
        kind = type_of(value)
        types[kind] = types.get(kind, 0) + 1
        if kind == "object" and deep < MOST_DEEP and len(value) <= WIDEST:
            _note(value, f"{name}.", deep + 1, fields)


def type_of(value: Any) -> str:
    """Name the type of a raw value."""
    if value is None:
        return "null"
    if isinstance(value, str):
        return "text"
    if isinstance(value, bool):
        return "flag"
    if isinstance(value, Mapping):
        return "object"
    if isinstance(value, list | tuple):
        return "list"
    if hasattr(value, "isoformat"):
        return "time"
    return "number" if hasattr(value, "__float__") else "text"


def _is_name(key: str) -> bool:
    return bool(key) and not key[0].isdigit() and key.isprintable() and scrub(key) == key


def _reads(mapped: frozenset[str], name: str) -> bool:
    return name in mapped or any(path.startswith(f"{name}.") for path in mapped)


def _count(one: Known, types: Mapping[str, int], records: int, now_ms: int) -> None:
    present = sum(types.values())
    if not present:
        one.absent += records
        return
    missed, one.last_seen = one.absent, now_ms
    # what was missed counts against it once it is back, so that a field that comes and goes is told at most once
    lacked = min(missed, max(one.records // 10, SOME)) if one.is_missing else missed
    one.absent = 0
    one.records += lacked + records
    one.present += present
    if one.records > WINDOW:
        one.records, one.present = one.records // 2, one.present // 2
    kinds = frozenset(types) - {"null"}
    if not kinds:
        return
    if not one.types:
        one.types = kinds
    elif one.types & kinds:
        one.types, one.odd, one.odd_records = one.types | kinds, frozenset(), 0
    elif one.records < LEARNED:
        one.types |= kinds
    else:
        one.odd, one.odd_records = one.odd | kinds, one.odd_records + records


def _few(names: Iterable[str], lang: str) -> str:
    listed = list(names)
    rest = len(listed) - 6
    more = f" và {rest} trường khác" if lang == "vi" else f" and {rest} more"
    return ", ".join(islice(listed, 6)) + (more if rest > 0 else "")
