"""Provinces and communes with their validity and successors, and which province this is.

Codes are the five digits (communes) and two digits (provinces) of QĐ 124/2004/QĐ-TTg and, since
1 July 2025, QĐ 19/2025/QĐ-TTg: texts with leading zeros. A code alone does not name a unit: 80 was
Long An and is Tây Ninh, so everything is keyed on (code, valid_from) and asked with a day.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import date
from functools import cached_property
from pathlib import Path

from ioc.area import Area, Level, Share, Succession, by_name_key, read_areas, split_kind
from ioc.former_units import FormerUnits
from ioc.vietnamese import match_key

__all__ = ["AmbiguousAreaError", "Area", "Level", "Share", "Succession", "Territory", "UnknownAreaError"]


class UnknownAreaError(LookupError):
    """No unit of that code or name on that day; the text is a sentence for whoever sent it."""


class AmbiguousAreaError(UnknownAreaError):
    """Several units fit; the text lists them."""


class Territory:
    """All units of the country, read from a folder data/territory.

    Units since July 2025 are read at once; older communes and successions when first asked for.
    Lists are in Vietnamese order: provinces by name, communes by province's code and name.
    """

    def __init__(self, folder: Path) -> None:
        self._former = FormerUnits(folder)
        self._areas = list(read_areas(folder / "areas.csv"))
        self._versions: dict[str, list[Area]] = defaultdict(list)
        self._communes: dict[str, list[Area]] = defaultdict(list)
        for area in self._areas:
            self._versions[area.code].append(area)
            if area.parent:
                self._communes[area.parent].append(area)
        self._seen: dict[tuple[str, date, str, date | None], tuple[Area, ...]] = {}

    def areas(self, level: Level | None = None, at: date | None = None) -> list[Area]:
        """Return the units of a level on a day; at None means those that exist now."""
        if at is not None and level != "province" and at < self._complete_since:
            rows: Iterable[Area] = [*self._areas, *self._former.areas]
        else:
            rows = self._areas
        return [
            area
            for area in rows
            if (level is None or area.level == level)
            and (area.valid_to is None if at is None else area.is_valid(at))
        ]

    def listed(self) -> list[Area]:
        """Return every unit of the present list, those that ended since it was made included."""
        return list(self._areas)

    def communes(self, province: str, at: date | None = None) -> list[Area]:
        """Return a province's communes on a day (None: now) in Vietnamese order."""
        rows = self._communes.get(province, [])
        if at is not None and at < self._complete_since:
            rows = [*rows, *(area for area in self._former.areas if area.parent == province)]
        return [area for area in rows if (area.valid_to is None if at is None else area.is_valid(at))]

    def area(self, code: str, at: date | None = None) -> Area:
        """Return the unit that has this code on that day (None: now). Raises UnknownAreaError."""
        found = self._valid(code, at)
        if found is None:
            when = f"ngày {at:%d/%m/%Y}" if at else "hiện nay"
            raise UnknownAreaError(f"Không có đơn vị hành chính mã {code} {when}")
        return found

    def province(self, code: str, at: date | None = None) -> Area:
        """Return a province by code. Raises UnknownAreaError, also where the code is a commune's."""
        found = self.area(code, at)
        if found.level != "province":
            raise UnknownAreaError(f"Mã {code} là {found.short}, không phải tỉnh, thành phố")
        return found

    def successors(self, code: str, at: date) -> list[tuple[Area, Share]]:
        """Return what the unit that had this code before has become by that day, with its share.

        A unit that still exists, or does not exist yet, has none. "main" comes before "part".
        """
        ended = [area for area in self._history(code) if area.valid_to is not None and area.valid_to < at]
        if not ended:
            return []
        return self._follow(max(ended, key=lambda area: area.valid_from), at)

    def divided(self, code: str) -> tuple[str, dict[str, float]]:
        """Return by what a unit that was divided is shared out (population or area), and each successor's share.

        Where no shares are declared (data/territory/shares.csv): "" and no shares.
        """
        found = self._former.shares.get(code, {})
        return next((by for by, _ in found.values()), ""), {new: share for new, (_, share) in found.items()}

    def resolve(self, text: str, on: date, within: str = "", *, coded: date | None = None) -> list[Area]:
        """Return the units of that day that a code or a name means; several where it is ambiguous or divided.

        text: "22", "06652", "Hà Tu", "P. Hà Tu", "Phường Minh Khai, quận Hai Bà Trưng, Hà Nội"; an old code
        or name leads to its successors. within: code of the province of that day that must contain it.
        coded: the day of the list of codes that the sender uses where that is not `on`: the unit that had
        the code then is followed to `on`; where none had it, the unit
        that had it nearest in time. Raises UnknownAreaError with a sentence.
        """
        asked = (text, on, within, coded)
        found = self._seen.get(asked)
        if found is None:
            found = tuple(self._resolve(text.strip(), on, within, coded))
            if len(self._seen) > 50_000:
                self._seen.clear()
            self._seen[asked] = found
        return list(found)

    def resolve_one(self, text: str, on: date, within: str = "", *, coded: date | None = None) -> Area:
        """Return the one unit meant, for a divided commune its main part.

        Raises AmbiguousAreaError naming the candidates, UnknownAreaError where there is none.
        """
        found = self.resolve(text, on, within, coded=coded)
        if len(found) > 1:
            mains = self._main_parts(text.strip(), on, within, found)
            if len(mains) == 1:
                return mains[0]
            names = "; ".join(f"{area.full_name} ({area.code})" for area in found[:6])
            raise AmbiguousAreaError(f"“{text}” có thể là: {names}. Hãy ghi mã, hoặc thêm tên tỉnh")
        return found[0]

    def _resolve(self, text: str, on: date, within: str, coded: date | None) -> Sequence[Area]:
        if text.isdigit():
            found = self._by_code(text, on, coded)
        else:
            found = self._by_name(text, on, within)
        if within:
            found = [area for area in found if within in (area.parent, area.code)]
        if found:
            return found
        where = f" trong {self.province(within, on).short}" if within else ""
        what = f"mã {text}" if text.isdigit() else f"tên “{text}”"
        raise UnknownAreaError(f"Không tìm thấy đơn vị hành chính {what}{where} ngày {on:%d/%m/%Y}")

    def _by_code(self, code: str, on: date, coded: date | None) -> list[Area]:
        """Find by code: the unit of that day, else what an ended one became, else what a later one was."""
        if coded is not None:
            then = self._valid(code, coded)
            if then is not None:
                return self._across(then, on)
        now = self._valid(code, on)
        if now is not None:
            return [now]
        history = self._history(code)
        if not history:
            return []
        return self._across(min(history, key=lambda area: _days_apart(area, on)), on)

    def _across(self, unit: Area, on: date) -> list[Area]:
        """Return what a unit is on another day: itself, its successors or, if it came later, what it was."""
        if unit.is_valid(on):
            return [unit]
        if unit.valid_from <= on:
            return [area for area, _ in self._follow(unit, on)]
        return [
            area
            for link in self._former.predecessors.get(unit.code, [])
            if link.day == unit.valid_from and (area := self._valid(link.old_code, on)) is not None
        ]

    def _follow(self, unit: Area, at: date) -> list[tuple[Area, Share]]:
        """Follow a unit that ended through every later change to the day at."""
        reached: dict[str, tuple[Area, Share]] = {}
        for link in self._former.successions.get(unit.code, []):
            if unit.valid_to is None or (link.day - unit.valid_to).days != 1 or link.day > at:
                continue
            after = self._valid(link.new_code, link.day)
            if after is None:
                continue
            further = [(after, link.share)] if after.is_valid(at) else self._follow(after, at)
            for area, share in further:
                reached.setdefault(area.code, (area, link.share if link.share != "whole" else share))
        return list(reached.values())

    def _by_name(self, text: str, on: date, within: str) -> list[Area]:
        """Find by name, kind before it and what contains it after it, all but the name optional."""
        head, *around = (match_key(part) for part in text.replace("(", ",").replace(")", ",").split(","))
        wanted = [part for part in around if part]
        kind, bare = split_kind(head)
        for rows in (self._names, self._former.names):
            hits = [
                area
                for area in (*rows.get(bare, ()), *(rows.get(head, ()) if head != bare else ()))
                if (not kind or area.kind == kind or match_key(area.name) == head)
                and all(self._lies_in(area, part) for part in wanted)
            ]
            now = [area for area in hits if area.is_valid(on)]
            across = (later for area in hits for later in self._across(area, on))
            for found in (now, across):
                inside = _unique(area for area in found if not within or within in (area.parent, area.code))
                if inside:
                    return inside
        return []

    def _lies_in(self, area: Area, name: str) -> bool:
        """Return whether a unit lies in the district or province of that name, former names included."""
        bare = split_kind(name)[1]
        if area.district and bare == split_kind(match_key(area.district))[1]:
            return True
        if area.code and any(bare == key for key in self._province_keys(area.parent or area.code)):
            return True
        return name in ("việt nam", "vn") or (area.valid_to is None and self._came_from(area, bare))

    def _came_from(self, area: Area, name: str) -> bool:
        """Return whether a unit of today was made of communes of a former province or district of that name."""
        for link in self._former.predecessors.get(area.code, []):
            for before in self._former.versions.get(link.old_code, ()):
                if name == split_kind(match_key(before.district))[1] or name in self._province_keys(
                    before.parent
                ):
                    return True
        return False

    def _province_keys(self, code: str) -> set[str]:
        return {match_key(area.name) for area in self._versions.get(code, ()) if not area.parent}

    def _main_parts(self, text: str, on: date, within: str, found: Sequence[Area]) -> list[Area]:
        """Return the main parts among found, where they are what one divided commune became."""
        old = self._former.versions.get(text, ()) if text.isdigit() else self._past_named(text)
        mains = _unique(
            area
            for unit in old
            for area, share in self._follow(unit, on)
            if share != "part" and area in found
        )
        return [area for area in mains if not within or within in (area.parent, area.code)]

    def _past_named(self, text: str) -> list[Area]:
        head = match_key(text.replace("(", ",").split(",")[0])
        kind, bare = split_kind(head)
        return [area for area in self._former.names.get(bare, ()) if not kind or area.kind == kind]

    def _valid(self, code: str, at: date | None) -> Area | None:
        for area in self._versions.get(code, ()):
            if area.valid_to is None if at is None else area.is_valid(at):
                return area
        if at is not None and at < self._complete_since:
            return next((area for area in self._former.versions.get(code, ()) if area.is_valid(at)), None)
        return None

    def _history(self, code: str) -> list[Area]:
        return [*self._versions.get(code, ()), *self._former.versions.get(code, ())]

    @property
    def present_since(self) -> date:
        """Return the day since which units have their present bounds."""
        return self._complete_since

    @cached_property
    def _complete_since(self) -> date:
        """From this day on areas.csv holds every commune."""
        return min(area.valid_from for area in self._areas if area.parent)

    @cached_property
    def _names(self) -> dict[str, list[Area]]:
        return by_name_key(self._areas)


def _days_apart(area: Area, on: date) -> int:
    """Return how many days lie between a unit's span and a day that is outside it."""
    if area.valid_to is not None and area.valid_to < on:
        return (on - area.valid_to).days
    return (area.valid_from - on).days


def _unique(areas: Iterable[Area]) -> list[Area]:
    """Return areas once each, in order."""
    return list(dict.fromkeys(areas))
