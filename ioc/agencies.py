"""Departments, bodies and communes' people's committees, with their validity and successors."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Literal, cast, get_args

from ioc.model import Text
from ioc.territory import Area, Territory, UnknownAreaError
from ioc.toml_file import Table, read
from ioc.vietnamese import match_key

Kind = Literal["department", "unit", "commune", "central"]

COMMUNE_PREFIX = "ubnd_"
"""The people's committee of commune 06652 is the agency ubnd_06652."""

_KEYS = frozenset({"name", "short", "kind", "valid_from", "valid_to", "becomes", "codes", "also"})
_COMMITTEE = tuple(match_key(words) + " " for words in ("UBND", "Ủy ban nhân dân", "Uỷ ban nhân dân"))


class UnknownAgencyError(LookupError):
    """No agency of that id, name or code on that day; the text is a sentence for whoever sent it."""


@dataclass(frozen=True, slots=True)
class Agency:
    """One body over one span of days.

    valid_from: date.min where the beginning is not recorded. valid_to: the last day, None while it exists.
    becomes: ids of its successors, the main one first. area: the commune's code, "" for other bodies.
    """

    id: str
    name: Text
    kind: Kind
    valid_from: date = date.min
    valid_to: date | None = None
    becomes: tuple[str, ...] = ()
    codes: tuple[str, ...] = ()
    also: tuple[str, ...] = ()
    area: str = ""

    def is_valid(self, at: date) -> bool:
        """Return whether the agency exists on that day."""
        return self.valid_from <= at and (self.valid_to is None or at <= self.valid_to)


class Agencies:
    """The agencies of one province: those declared, and its communes' people's committees by rule."""

    def __init__(self, declared: tuple[Agency, ...], territory: Territory, province: str) -> None:
        self._territory, self._province = territory, province
        self._declared = declared
        self._by_id = {agency.id: agency for agency in declared}
        self._committees: dict[Area, Agency] = {}
        self._seen: dict[tuple[str, date], Agency] = {}
        self._by_key: dict[str, list[Agency]] = defaultdict(list)
        for agency in declared:
            names = (
                agency.id,
                agency.name.vi,
                agency.name.en,
                agency.name.short_vi,
                *agency.also,
                *agency.codes,
            )
            for key in dict.fromkeys(match_key(name) for name in names if name):
                self._by_key[key].append(agency)

    @property
    def declared(self) -> tuple[Agency, ...]:
        """The agencies that are declared, of all times, in their order."""
        return self._declared

    def agency(self, id: str, at: date | None = None) -> Agency:
        """Return the agency of that id, of whatever time; a committee as of `at` (None: now).

        Raises UnknownAgencyError.
        """
        found = self._by_id.get(id)
        if found is not None:
            return found
        if id.startswith(COMMUNE_PREFIX):
            try:
                area = self._territory.area(id.removeprefix(COMMUNE_PREFIX), at)
            except UnknownAreaError:
                pass
            else:
                if area.parent == self._province:
                    return self._committee(area)
        raise UnknownAgencyError(f"Không có cơ quan “{id}”")

    def knows(self, id: str) -> bool:
        """Return whether an agency of that id is declared or follows from the territory."""
        try:
            self.agency(id)
        except UnknownAgencyError:
            return False
        return True

    def agencies(self, at: date | None = None) -> list[Agency]:
        """Return what exists on a day (None: now): as declared, then committees in Vietnamese order."""
        now = [a for a in self._declared if (a.valid_to is None if at is None else a.is_valid(at))]
        return now + [self._committee(area) for area in self._territory.communes(self._province, at)]

    def resolve(self, text: str, at: date) -> Agency:
        """Return the agency of that day that an id, name, short name or code means.

        A former agency leads to its successor, of several to the main one. "UBND xã Vân Đồn", "phường Cẩm
        Phả" and a commune's code mean its people's committee; of a divided commune, that of the main part.
        Raises UnknownAgencyError with a sentence.
        """
        found = self._seen.get((text, at))
        if found is None:
            found = self._resolve(text, at)
            if len(self._seen) > 50_000:
                self._seen.clear()
            self._seen[text, at] = found
        return found

    def _resolve(self, text: str, at: date) -> Agency:
        key = match_key(text)
        known = self._by_key.get(key, [])
        for agency in sorted(known, key=lambda agency: not agency.is_valid(at)):
            if agency.is_valid(at):
                return agency
            later = self.successor(agency, at)
            if later is not None:
                return later
        if known:  # known, but from a later day on: what precedes it is whoever becomes it
            for agency in self._declared:
                if known[0].id in agency.becomes and agency.is_valid(at):
                    return agency
        name = text.strip().removeprefix(COMMUNE_PREFIX)
        for words in _COMMITTEE:
            if key.startswith(words):
                name = " ".join(text.split()[len(words.split()) :])
        try:
            return self._committee(self._territory.resolve_one(name, at, self._province))
        except UnknownAreaError as error:
            raise UnknownAgencyError(
                f"Không tìm thấy cơ quan “{text}” ngày {at:%d/%m/%Y}; cần mã, tên đầy đủ hoặc tên gọi tắt ({error})"
            ) from None

    def successor(self, agency: Agency, at: date) -> Agency | None:
        """Return what an agency that ended has mainly become by that day, or None."""
        seen = {agency.id}
        while not agency.is_valid(at):
            if agency.valid_to is None or agency.valid_to >= at or not agency.becomes:
                return None
            agency = self._by_id[agency.becomes[0]]
            if agency.id in seen:
                return None
            seen.add(agency.id)
        return agency

    def _committee(self, area: Area) -> Agency:
        """Return the people's committee of a commune; the province's own name leads to its office."""
        if not area.parent:
            return self._by_id["van_phong_ubnd"] if "van_phong_ubnd" in self._by_id else _refuse(area)
        found = self._committees.get(area)
        if found is None:
            english = _ENGLISH.get(area.kind, area.kind)
            found = Agency(
                id=COMMUNE_PREFIX + area.code,
                name=Text(
                    f"UBND {area.short}", f"People's Committee of {area.name} {english}", area.short,
                    f"{area.name} {english}",
                ),
                kind="commune",
                valid_from=area.valid_from,
                valid_to=area.valid_to,
                codes=(area.code,),
                area=area.code,
            )  # fmt: skip
            self._committees[area] = found
        return found


_ENGLISH = {
    "phường": "Ward",
    "xã": "Commune",
    "đặc khu": "Special Zone",
    "thị trấn": "Township",
    "huyện": "District",
}


def _refuse(area: Area) -> Agency:
    raise UnknownAgencyError(f"{area.full_name} là đơn vị hành chính cấp tỉnh; cần tên một cơ quan")


def load_agencies(data: Path, territory: Territory, province: str) -> Agencies:
    """Read data/agencies.toml for a province. Raises DeclarationError; every successor must be declared."""
    top = read(data / "agencies.toml")
    agencies = tuple(_read_agency(id, top.table(id)) for id in top)
    known = {agency.id: agency for agency in agencies}
    for agency in agencies:
        for id in agency.becomes:
            if id not in known:
                raise top.table(agency.id).fault("becomes", f"expected ids of this file, found {id!r}")
    return Agencies(agencies, territory, province)


def _read_agency(id: str, table: Table) -> Agency:
    table.keys(_KEYS)
    if id.startswith(COMMUNE_PREFIX):
        raise table.fault(
            "", f"ids beginning with {COMMUNE_PREFIX} follow from the territory by rule; leave it out"
        )
    kind = table.text("kind")
    if kind not in get_args(Kind):
        raise table.fault("kind", f"expected one of {', '.join(get_args(Kind))}, found {kind!r}")
    since, until = table.optional_day("valid_from") or date.min, table.optional_day("valid_to")
    if until is not None and until < since:
        raise table.fault("valid_to", f"expected a day not before valid_from {since}, found {until}")
    if until is None and "becomes" in table:
        raise table.fault("becomes", "expected valid_to beside it: only what ended has successors")
    name = table.table("name")
    return Agency(
        id=id,
        name=Text(name.text("vi"), name.text("en"), table.text("short", "")),
        kind=cast(Kind, kind),
        valid_from=since,
        valid_to=until,
        becomes=table.texts("becomes", ()),
        codes=table.texts("codes", ()),
        also=table.texts("also", ()),
    )
