"""The columns of some records: where each value stands, and whether it reads as a time, a number or a key."""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from connectors.values import UnreadableError, number_reader, time_reader

FORMS = (
    "iso", "%Y%m%d%H%M%S", "%d/%m/%Y %H:%M:%S", "%d/%m/%Y %H:%M", "%d/%m/%Y", "%m/%d/%Y %I:%M:%S %p", "%m/%d/%Y",
    "%Y/%m/%d %H:%M:%S", "%Y/%m/%d", "%Y-%m-%d %I:%M %p", "%m/%Y", "%Y", "epoch", "epoch_ms",
)  # fmt: skip
_FIRST, _LAST = 631_152_000, 4_102_444_800
_TIMELY = re.compile(
    r"(^|_)(time|date|day|ngay|at|on|year|nam|month|thang|thoi|gio|updated|created|timestamp|when)"
)
_PERSON = re.compile(
    r"(^|_)(name|first|last|ho|ten|phone|tel|mobile|dien_thoai|sdt|email|mail|address|dia_chi|cccd|cmnd|passport|user|"
    r"login|nguoi|owner|contact|person|citizen|applicant|account|password|token|secret|street)(_|$)"
)
_numbers = number_reader()
MOST_DEEP, MOSTLY = 3, 0.9


@dataclass(slots=True)
class Column:
    """One column: its JMESPath, its folded name, and the values that are there, of so many records."""

    path: str
    name: str
    records: int = 0
    values: list[Any] = field(default_factory=list)

    @property
    def is_unique(self) -> bool:
        """Whether every record has a value of its own."""
        return len(self.values) == self.records and len({str(value) for value in self.values}) == self.records

    @property
    def distinct(self) -> list[str]:
        """The different values, the first twenty-one."""
        return list(dict.fromkeys(str(value).strip() for value in self.values))[:21]

    @property
    def is_personal(self) -> bool:
        """Whether its name speaks of a person."""
        return _PERSON.search(self.name) is not None

    @property
    def numbers(self) -> float:
        """The share of its values that are numbers, 0 to 1."""
        return sum(_reads(_numbers, one) for one in self.values) / max(1, len(self.values))

    @property
    def is_number(self) -> bool:
        """Whether its values are numbers; a few may be notes."""
        return self.numbers >= MOSTLY

    @property
    def time_format(self) -> str:
        """How its values are written where they are times of our age (a few may be notes), else ""."""
        written = self.values[:50]
        if not written or any(isinstance(value, bool) for value in written):
            return ""
        plain = all(str(value).strip().lstrip("-").isdigit() for value in written)
        if plain and not _TIMELY.search(self.name):
            return ""
        for form in FORMS:
            if form == "iso" and any(not isinstance(value, str) for value in written):
                continue
            read = time_reader(form, "+07:00")
            near = sum(_is_near(read, str(value) if form[0] == "%" else value) for value in written)
            if near >= MOSTLY * len(written):
                return form
        return ""

    def says(self, pattern: str) -> bool:
        """Say whether its name has one of these words."""
        return re.search(rf"(^|_)({pattern})(_|$)", self.name) is not None


def fold(name: str) -> str:
    """Return a name in plain words: "NgayTiepNhan" and "Ngày tiếp nhận" are ngay_tiep_nhan."""
    apart = unicodedata.normalize(
        "NFD", re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name).replace("đ", "d").replace("Đ", "D")
    )
    plain = "".join(mark for mark in apart if not unicodedata.combining(mark)).lower()
    return re.sub(r"[^a-z0-9]+", "_", plain).strip("_")


def path_of(keys: Iterable[str]) -> str:
    """Write keys as a JMESPath."""
    return ".".join(
        key if re.fullmatch(r"[A-Za-z_]\w*", key, re.A) else json.dumps(key, ensure_ascii=False)
        for key in keys
    )


def columns(records: Iterable[Any]) -> list[Column]:
    """Return the columns of records in the order in which they first stand there; lists are no columns."""
    found: dict[tuple[str, ...], Column] = {}
    listed = [record for record in records if isinstance(record, Mapping)]
    for record in listed:
        _walk(record, (), found)
    for column in found.values():
        column.records = len(listed)
    return list(found.values())


def _walk(record: Mapping[str, Any], above: tuple[str, ...], found: dict[tuple[str, ...], Column]) -> None:
    for key, value in record.items():
        keys = (*above, str(key))
        if isinstance(value, Mapping):
            if len(keys) < MOST_DEEP:
                _walk(value, keys, found)
        elif not isinstance(value, list):
            column = found.setdefault(keys, Column(path_of(keys), fold("_".join(keys[-2:]))))
            if value is not None and str(value).strip():
                column.values.append(value)


def _reads(read: Any, value: Any) -> bool:
    try:
        read(value)
    except UnreadableError:
        return False
    return True


def _is_near(read: Any, value: Any) -> bool:
    try:
        return _FIRST <= int(read(value)) <= _LAST
    except (UnreadableError, ValueError):
        return False
