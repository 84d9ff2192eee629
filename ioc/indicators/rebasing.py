"""Values of units that are no more, stated for the units of today: added up part by part, never averaged or ranked.

A value of a commune or province of before 1 July 2025 is kept under the unit that it was counted in,
"06724@2025-06-30". Here its successors take it over: whole, or by the declared share of a divided unit, and
where none is declared all of it goes to the main part. Counts add up, so that a share follows from its
numerator and denominator; means, ranks and medians of other bounds are left out.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

from ioc.calendar import day_of, day_start
from ioc.catalogue import Catalogue
from ioc.indicators.cells import Cell, SeriesKey
from ioc.territory import Territory

MERGED = date(2025, 7, 1)
"""Units have their present bounds since this day (Nghị quyết 202/2025/QH15)."""
MERGED_S = day_start(day_of(MERGED))


@dataclass(frozen=True, slots=True)
class Former:
    """The former units of a store. parts: place as kept -> (code of today, share); shares: by what they are divided.

    adds_up: whether the values of a series may be added. left_out: place as kept -> codes of today that took over a
    part of it and are given nothing, because no share is declared. names: place as kept -> what the unit was called.
    """

    parts: Mapping[str, tuple[tuple[str, float], ...]]
    shares: Mapping[str, str]
    adds_up: Callable[[SeriesKey], bool]
    left_out: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    names: Mapping[str, str] = field(default_factory=dict)

    def followed_by(self, place: str) -> tuple[str, ...]:
        """Return the codes of today that a place as kept went into; () for a place that stands."""
        return tuple(code for code, _ in self.parts.get(place, ()))

    def missing_from(self, code: str) -> list[str]:
        """Return the places as kept of which a unit of today took over a part that it is not given."""
        return sorted(place for place, codes in self.left_out.items() if code in codes)


def former_units(
    places: Iterable[str], territory: Territory, catalogue: Catalogue, today: date
) -> Former | None:
    """Return what became of the former units among places; None where there is none."""
    parts: dict[str, tuple[tuple[str, float], ...]] = {}
    shares: dict[str, str] = {}
    left_out: dict[str, tuple[str, ...]] = {}
    names: dict[str, str] = {}
    for place in places:
        code, at, day = place.partition("@")
        if not at:
            continue
        found = territory.successors(code, today)
        if len(found) == 1:
            parts[place] = ((found[0][0].code, 1.0),)
            continue
        by, declared = territory.divided(code)
        shares[place] = by or "main"
        if declared:
            parts[place] = tuple(declared.items())
        else:
            parts[place] = tuple((area.code, 1.0) for area, share in found if share != "part")[:1]
            given = {one for one, _ in parts[place]}
            left_out[place] = tuple(area.code for area, _ in found if area.code not in given)
            names[place] = territory.area(code, date.fromisoformat(day)).full_name
    if not parts:
        return None
    combined = {
        id for id, one in catalogue.variables.items() if one.combine in ("sum", "last") and one.unit != "%"
    }

    def adds_up(series: SeriesKey) -> bool:
        if series.kind in ("count", "cumulative"):
            return True
        return series.kind == "instant" and series.variable in combined

    return Former(parts, shares, adds_up, left_out, names)


def restated(cells: Iterable[Cell], former: Former | None) -> Iterable[Cell]:
    """Return cells with those of former units added up for the units of today.

    A unit of today has a value where every former unit that ever told of it in these cells does; what a source
    itself states for the unit of today stands.
    """
    if former is None:
        return cells
    standing: list[Cell] = []
    groups: dict[tuple[SeriesKey, str, int], list[tuple[Cell, float]]] = defaultdict(list)
    told: dict[tuple[SeriesKey, str], set[str]] = defaultdict(set)
    for cell in cells:
        parts = former.parts.get(cell.place)
        if parts is None:
            if "@" not in cell.place:
                standing.append(cell)
            continue
        if not cell.valid or not former.adds_up(cell.series):
            continue
        for code, share in parts:
            groups[cell.series, code, cell.start].append((cell, share))
            told[cell.series, code].add(cell.place)
    own = {(cell.series, cell.place, cell.start) for cell in standing if cell.valid}
    for (series, code, start), of in groups.items():
        if (series, code, start) not in own and {cell.place for cell, _ in of} == told[series, code]:
            standing.append(_together(series, code, start, of))
    return standing


def _together(series: SeriesKey, code: str, start: int, of: list[tuple[Cell, float]]) -> Cell:
    newest = max((cell for cell, _ in of), key=lambda cell: cell.last_time)
    last = sum(share * (cell.last or 0.0) for cell, share in of)
    total = sum(share * cell.sum for cell, share in of)
    return replace(
        newest,
        series=series,
        place=code,
        start=start,
        n=sum(cell.n for cell, _ in of),
        valid=max(cell.valid for cell, _ in of),
        sum=total,
        low=None,
        high=None,
        last=last,
    )


def statement(
    former: Former, series: Iterable[tuple[SeriesKey, str]], missing: Sequence[str] = ()
) -> dict[str, Any] | None:
    """Say how values of former units were stated for today's; series: each with its place, as kept and asked for.

    missing: places as kept of which the unit that is asked for took over a part that it is not given.
    """
    asked = [(key, place) for key, place in series if place in former.parts]
    if not asked and not missing:
        return None
    added = {place for key, place in asked if former.adds_up(key)}
    if asked and not added:
        return _said(
            "none",
            "Thứ hạng, trung vị và trung bình trước 01/07/2025 không quy đổi theo đơn vị mới",
            "Ranks, medians and means of before 1 July 2025 are not re-based to the new units",
        )
    by = sorted({former.shares[place] for place in added if place in former.shares})
    vi = "Trước 01/07/2025 quy đổi theo đơn vị mới: cộng tử số và mẫu số"
    en = "Before 1 July 2025 re-based to the new units: numerators and denominators added up"
    if not added:
        vi = "Số liệu trước 01/07/2025 không quy đổi được theo đơn vị mới"
        en = "Figures of before 1 July 2025 cannot be re-based to the new units"
    if shared := [one for one in by if one in _SHARED]:
        vi += f"; đơn vị bị chia ước tính theo {', '.join(_SHARED[one][0] for one in shared)}"
        en += f"; divided units estimated by {', '.join(_SHARED[one][1] for one in shared)}"
    if "main" in by:
        vi += "; đơn vị bị chia tính cả cho phần chính vì chưa khai báo tỷ lệ chia"
        en += "; divided units are counted whole for their main part, no share being declared"
    if missing:
        called = ", ".join(former.names[place] for place in missing)
        vi += f"; không gồm phần nhận từ {called} vì chưa khai báo tỷ lệ chia"
        en += f"; without the parts taken over from {called}, no share being declared"
    told = _said("sum" if added else "none", vi, en)
    return {
        **told,
        "share_by": by[0] if len(by) == 1 else by or None,
        "estimated": bool(by or (missing and added)),
        "units": len(added),
        "left_out": [place.partition("@")[0] for place in missing],
    }


_SHARED = {"population": ("dân số", "population"), "area": ("diện tích", "area")}


def _said(method: str, vi: str, en: str) -> dict[str, Any]:
    return {
        "from": MERGED.isoformat(),
        "method": method,
        "share_by": None,
        "estimated": False,
        "note": {"vi": vi, "en": en},
    }
