"""From when on a page changed what an indicator says: what lies before it still holds."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from ioc.conditions import Condition
from ioc.indicators.composite import rests_on
from ioc.indicators.definition import Definition
from ioc.model import PENDING, Case
from ioc.store.writer import Touched

_AT = {name: position for position, name in enumerate(Case._fields)}
_LEAVING = frozenset(_AT[name] for name in ("state", "status", "closed", "step", "holder", "facts"))
"""What ordinarily changes when a case is closed."""
Row = tuple[Any, ...]


def stale_since(definitions: Mapping[str, Definition], touched: Touched) -> dict[str, int | None]:
    """Return the indicators whose readings a page made stale, each with the earliest instant (epoch s) whose
    numbers it may have changed; None: any.
    """
    found = {
        definition.id: _since(definition, touched)
        for definition in definitions.values()
        if _is_touched(definition, touched)
    }
    for definition in definitions.values():
        if definition.composite is None:
            continue
        parts = [found[id] for id in rests_on(definition.id, definitions) if id in found]
        if parts:
            found[definition.id] = None if None in parts else min(part for part in parts if part is not None)
    return found


def _is_touched(definition: Definition, touched: Touched) -> bool:
    if definition.composite is not None:
        return False  # as the indicators are that it is made of
    if definition.standing is not None and definition.standing.variable in touched.variables:
        return True
    if definition.sources and touched.source not in definition.sources:
        return False
    if definition.shape == "observation":
        return bool(definition.variables & touched.variables)
    kinds = touched.case_kinds if definition.shape == "case" else touched.event_kinds
    return definition.kind in kinds


def _since(definition: Definition, touched: Touched) -> int | None:
    if definition.shape != "case" or touched.cases is None:
        return touched.since
    if definition.standing is not None and definition.standing.variable in touched.variables:
        return touched.since
    of_kind = [(old, new) for old, new in touched.cases if (new or old or ())[_AT["kind"]] == definition.kind]
    each = _stocks(definition, of_kind) if definition.stock else _flows(definition.by, of_kind)
    return min(each, default=touched.now)


def _flows(by: str, pairs: Sequence[tuple[Row | None, Row | None]]) -> list[int]:
    """Return the dates that place the versions of cases in a period; a new case may be the oldest that is known."""
    at, opened = _AT[by], _AT["opened"]
    found = [row[at] for pair in pairs for row in pair if row is not None and row[at] is not None]
    return found + [new[opened] for old, new in pairs if old is None and new is not None]


def _stocks(definition: Definition, pairs: Iterable[tuple[Row | None, Row | None]]) -> list[int]:
    """Return from when on cases count otherwise: from their opening, or from their closing where that is all."""
    matter = frozenset(
        _AT[name.partition(".")[0]]
        for wanted in (definition.num_cases, definition.den_cases)
        if wanted is not None
        for name in fields_of(wanted.condition)
        if name.partition(".")[0] in _AT
    )
    if definition.length is not None and definition.length.fact:
        matter |= {_AT["facts"]}
    same = [place for place in range(len(_AT)) if place not in _LEAVING or place in matter - {_AT["state"]}]
    found = []
    for old, new in pairs:
        if (
            old is not None
            and new is not None
            and old[_AT["state"]] == "open"
            and new[_AT["state"]] not in PENDING
            and new[_AT["closed"]] is not None
            and all(old[place] == new[place] for place in same if place != _AT["state"])
        ):
            found.append(int(new[_AT["closed"]]))
        else:
            found += [int(row[_AT["opened"]]) for row in (old, new) if row is not None]
    return found


def fields_of(condition: Condition) -> Iterable[str]:
    """Yield the fields that a condition looks at, "facts.x" for one fact."""
    yield from (name for name, _ in condition.equal)
    for excluded in condition.excluded:
        yield from fields_of(excluded)
