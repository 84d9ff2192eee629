"""The period that a statistical table's label names: "2024", "Sơ bộ 2025", "2026M04", "Quý I/2026", "Tháng 3 năm 2026"."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date

from connectors.values import UnreadableError, shown
from ioc.calendar import day_of, day_start

_YEAR, _GAP = r"(?P<year>(?:19|20)\d\d)", r"[\s/.,-]*(?:năm\s*)?"
_ROMAN = {"I": 1, "II": 2, "III": 3, "IV": 4}
_FORMS: tuple[tuple[str, str, Callable[[re.Match[str]], int]], ...] = (
    (rf"{_YEAR}[MT](?P<month>\d\d?)", "month", lambda found: int(found["month"])),
    (rf"(?:tháng|thg)\s*(?P<month>\d\d?){_GAP}{_YEAR}", "month", lambda found: int(found["month"])),
    (rf"{_YEAR}[QK](?P<part>[1-4])", "quarter", lambda found: int(found["part"]) * 3 - 2),
    (rf"quý\s*(?P<part>IV|I{{1,3}}|[1-4]){_GAP}{_YEAR}", "quarter",
     lambda found: (_ROMAN.get(found["part"].upper()) or int(found["part"])) * 3 - 2),
    (_YEAR, "year", lambda _found: 1),
)  # fmt: skip
_PRELIMINARY = re.compile(
    r"\b(sơ bộ|ước(?: tính)?|dự ước|prel(?:iminary)?|est(?:imated?)?|sb)\b\.?|\*|\((?:p|e)\)", re.I
)


def period(label: str) -> tuple[int, str, bool]:
    """Return (start in epoch s, span, whether it is preliminary); raises UnreadableError for anything else."""
    bare = _PRELIMINARY.sub(" ", label)
    preliminary = bare != label
    bare = re.sub(r"^năm\b", " ", bare.strip(" ()[]:.,"), flags=re.I).strip(" ()[]:.,")
    for form, span, month in _FORMS:
        if found := re.fullmatch(form, bare, re.I):
            try:
                start = date(int(found["year"]), month(found), 1)
            except ValueError:
                break
            return day_start(day_of(start)), span, preliminary
    raise UnreadableError(f"Nhãn {shown(label)} không nói rõ một năm, quý hay tháng")
