"""Whom and where a record speaks of: codes and names as a source writes them become areas, agencies and sites."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from typing import Any

from ioc.agencies import Agencies
from ioc.area import former_place
from ioc.calendar import day_of, day_start, local_date
from ioc.catalogue import Catalogue
from ioc.model import Case, Event, Observation, Page, Record, Rejected, Source
from ioc.territory import Territory
from ioc.vietnamese import match_key

Answer = tuple[str, str]
"""What a text stands for: (id, "") or ("", sentence that says why it stands for nothing)."""


MOST_KNOWN, LONGEST = 100_000, 300
"""How many answers are remembered, and how many characters a text or a sentence about it may have."""
EARLIEST, LATEST = -2_208_988_800, 4_102_444_800
"""From 1900 to 2100: beyond, a date says nothing of what a name meant."""


class Resolver:
    """Resolves the names of a province's records as of each record's own date; remembers what it resolved."""

    def __init__(self, catalogue: Catalogue, territory: Territory, agencies: Agencies, province: str) -> None:
        self.catalogue, self.territory, self.agencies, self.province = (
            catalogue,
            territory,
            agencies,
            province,
        )
        self._present_since = day_start(day_of(territory.present_since))
        self._known: dict[tuple[str, str, int], Answer] = {}

    def page(self, source: Source, page: Page) -> Page:
        """Return the page with every reference resolved; what stands for nothing moves to rejected with a sentence.

        A field that the source lists as loose is left empty in place of rejecting its record.
        """
        loose = frozenset(source.loose)
        records: list[Record] = []
        rejected: list[Rejected] = list(page.rejected)
        for record in page.records:
            resolved: Record | Rejected
            if isinstance(record, Observation):
                resolved = self._observation(record, compares=source.compares)
            elif isinstance(record, Case):
                resolved = self._case(record, loose)
            else:
                resolved = self._event(record, loose)
            if isinstance(resolved, Rejected):
                rejected.append(resolved)
            else:
                records.append(resolved)
        return replace(page, records=records, rejected=rejected)

    def _observation(self, record: Observation, *, compares: bool = False) -> Observation | Rejected:
        variable = self.catalogue.variables.get(record.variable)
        if variable is None:
            return _no(
                record.variable,
                f"Biến {record.variable[:60]!r} không có trong danh mục variables.toml.",
                record,
            )
        value = record.value
        if value is not None and not record.flag:
            if variable.low is not None and value < variable.low:
                return _no(
                    record.place,
                    f"{variable.name.vi} {value:g} nhỏ hơn mức có thể ({variable.low:g} {variable.unit}).",
                    record,
                )
            if variable.high is not None and value > variable.high:
                return _no(
                    record.place,
                    f"{variable.name.vi} {value:g} lớn hơn mức có thể ({variable.high:g} {variable.unit}).",
                    record,
                )
        ask = ("province", self._compared) if compares else ("place", self._place)
        place, why = self._look(ask[0], record.place, record.time, ask[1])
        if why:
            return _no(record.place, why, record)
        agency = record.agency
        if agency:
            agency, why = self._look("agency", agency, record.time, self._agency)
            if why:
                return _no(record.agency, why, record)
        if place == record.place and agency == record.agency:
            return record
        return record._replace(place=place, agency=agency)

    def _case(self, case: Case, loose: frozenset[str]) -> Case | Rejected:
        changed: dict[str, Any] = {}
        for name, kind, ask in (
            ("area", "area", self._area),
            ("responsible", "agency", self._agency),
            ("received_by", "agency", self._agency),
            ("holder", "agency", self._agency),
            ("site", "site", self._site),
        ):
            text = getattr(case, name)
            if not text:
                continue
            found, why = self._look(kind, text, case.opened, ask)
            if why and name not in loose:
                return _no(case.key, why, {"key": case.key, name: text})
            if found != text:
                changed[name] = found
        return case._replace(**changed) if changed else case

    def _event(self, event: Event, loose: frozenset[str]) -> Event | Rejected:
        areas = []
        for text in event.areas:
            found, why = self._look("area", text, event.starts, self._area)
            if found:
                areas.append(found)
            elif "areas" not in loose:
                return _no(event.key, why, {"key": event.key, "areas": text})
        return event._replace(areas=tuple(areas))

    def _look(self, kind: str, text: str, at: int, ask: Callable[[str, date], Answer]) -> Answer:
        # Names change meaning on a few days of a year at most; a month's answer is remembered.
        key = (kind, text, at // 2_592_000 if at >= self._present_since else -1 - at // 2_592_000)
        answer = self._known.get(key)
        if answer is None:
            # a date that is none names nothing; the store refuses its record with the sentence for it
            on = local_date(min(max(at, EARLIEST), LATEST))
            answer = ask(text, on)
            if len(text) <= LONGEST:
                if len(self._known) > MOST_KNOWN:
                    self._known.clear()
                self._known[key] = answer
        return answer

    def _place(self, text: str, on: date) -> Answer:
        site = self.catalogue.site(text)
        if site:
            return site.id, ""
        found = self._area(text, on)
        return found if on >= self.territory.present_since or not found[0] else self._former(text, on, found)

    def _former(self, text: str, on: date, today: Answer) -> Answer:
        """Return the unit that a value was counted in where it has ended since: values of several become one unit's."""
        try:
            then = self.territory.resolve(text, on, coded=on)
        except LookupError:
            return today
        now = local_date(time.time())
        ended = [
            unit
            for unit in then
            if unit.valid_to is not None
            and today[0] in (area.code for area, _ in self.territory.successors(unit.code, now))
        ]
        return (former_place(ended[0]), "") if len(ended) == 1 else today

    def _compared(self, text: str, on: date) -> Answer:
        """Return a province of that day by its code or name, whichever it is, else a place of ours."""
        key = match_key(text)
        for area in self.territory.areas("province", on):
            if text == area.code or key in (match_key(area.name), match_key(area.full_name)):
                return area.code, ""
        return self._place(text, on)

    def _site(self, text: str, on: date) -> Answer:
        site = self.catalogue.site(text)
        return (site.id, "") if site else ("", f"Không có điểm {text[:60]!r} trong danh mục sites.")

    def _area(self, text: str, on: date) -> Answer:
        try:
            # Old codes and names become today's units, the only ones that a screen shows.
            area = self.territory.resolve_one(text, local_date(time.time()), self.province, coded=on)
        except LookupError as error:
            return "", _short(f"Không xác định được địa bàn {text[:60]!r}: {_sentence(error)}")
        return area.code, ""

    def _agency(self, text: str, on: date) -> Answer:
        try:
            return self.agencies.resolve(text, on).id, ""
        except LookupError as error:
            return "", _short(f"Không xác định được cơ quan {text[:60]!r}: {_sentence(error)}")


def _sentence(error: LookupError) -> str:
    return str(error.args[0]) if error.args else "không có trong danh mục."


def _short(text: str) -> str:
    return text if len(text) <= LONGEST else f"{text[:LONGEST]}…"


def _no(address: str, reason: str, fragment: Observation | dict[str, str]) -> Rejected:
    return Rejected(address, reason, fragment._asdict() if isinstance(fragment, Observation) else fragment)
