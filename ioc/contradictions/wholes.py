"""Which totals a rule compares with which parts, and which figures may not exceed which."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from itertools import pairwise
from typing import Any

from ioc.contradictions.found import Fact, when
from ioc.contradictions.look import Look
from ioc.contradictions.rules import Rule
from ioc.contradictions.sums import Whole
from ioc.days import DAY_S, local_time
from ioc.indicators.parts import Pick

_SPLITS = ("agency", "category", "channel")
_WINDOW_S = 60 * DAY_S
_MONTHS = {"month": 1, "quarter": 3}


def wholes(look: Look, rule: Rule) -> list[Whole]:
    """Return the totals of a rule with their parts, of those places and times where none is missing."""
    if isinstance(rule.total, str):
        return _of_indicators(look, rule)
    assert rule.total is not None
    since = look.now - int(rule.window or _WINDOW_S)
    totals = look.told(rule.total, since)
    picks = [part for part in rule.parts if isinstance(part, Pick)]
    if rule.by:
        return _by_dimension(look, rule, totals, look.told(picks[0], since) if picks else totals)
    if rule.over:
        return _over_the_year(look, totals, look.told(picks[0], since - 366 * DAY_S))
    fixed = {name for pick in (rule.total, *picks) for name, _ in pick.accepts} & {*_SPLITS}
    told = [_by_key(look.told(pick, since), pick, fixed) for pick in picks]
    found = []
    for key, facts in _by_key(totals, rule.total, fixed).items():
        for total in facts:
            own = [_beside(total, of.get(key, ())) for of in told]
            parts = [part for part in own if part is not None]
            if len(parts) == len(told):
                found.append(_whole(look, total, parts))
    return found


def chains(look: Look, rule: Rule) -> list[tuple[Fact, Fact]]:
    """Return pairs of figures of one source, place, part and time of which the second may not exceed the first."""
    since = look.now - int(rule.window or _WINDOW_S)
    told = {pick.variable: look.told(pick, since) for pick in rule.picks}
    by_key = {
        variable: {(fact.source, *_key(fact, ())): fact for fact in facts} for variable, facts in told.items()
    }
    return [
        (first, by_key[second][key])
        for chain in rule.chains
        for one, second in pairwise(chain)
        for key, first in by_key[one].items()
        if key in by_key[second]
    ]


def _key(fact: Fact, fixed: Iterable[str]) -> tuple[Any, ...]:
    return (
        fact.place,
        fact.time,
        fact.span,
        *(getattr(fact, name) for name in _SPLITS if name not in fixed),
    )


def _by_key(facts: Iterable[Fact], pick: Pick, fixed: set[str]) -> dict[tuple[Any, ...], list[Fact]]:
    """Sort figures by what total and parts have in common; a split that another pick names counts undivided here."""
    undivided = fixed - {name for name, _ in pick.accepts}
    found: dict[tuple[Any, ...], list[Fact]] = defaultdict(list)
    for fact in facts:
        if not any(getattr(fact, name) for name in undivided):
            found[_key(fact, fixed)].append(fact)
    return found


def _beside(total: Fact, parts: Sequence[Fact]) -> Fact | None:
    """Return the part that the total's own source tells, else another source's."""
    return min(parts, key=lambda fact: (fact.source != total.source, fact.source), default=None)


def _over_the_year(look: Look, totals: Sequence[Fact], parts: Sequence[Fact]) -> list[Whole]:
    """Return cumulative totals with what each span of their year brought, where none of these is missing."""
    told: dict[tuple[Any, ...], dict[int, Fact]] = defaultdict(dict)
    for fact in parts:
        told[_series(fact)][fact.time] = fact
    found = []
    for total in totals:
        begun = local_time(total.time)
        own = [
            fact
            for time, fact in sorted(told[_series(total)].items())
            if time <= total.time and local_time(time).year == begun.year
        ]
        size = _MONTHS.get(total.span)
        if size and len(own) == (begun.month - 1) // size + 1:
            names = [when(fact.time, fact.span) for fact in own]
            unit = look.words.unit(total.variable)
            found.append(Whole(total, look.words.variable(total), own, names, unit))
    return found


def _series(fact: Fact) -> tuple[str, ...]:
    return (fact.source, fact.place, fact.span, *(getattr(fact, name) for name in _SPLITS))


def _by_dimension(look: Look, rule: Rule, totals: Sequence[Fact], parts: Sequence[Fact]) -> list[Whole]:
    """Return undivided figures with those that are divided by the rule's dimension, where there are several."""
    dim, province = rule.by, look.engine.store.province
    others = [name for name in ("place", *_SPLITS) if name != ("place" if dim == "area" else dim)]

    def undivided(fact: Fact) -> bool:
        return fact.place == province if dim == "area" else not getattr(fact, dim)

    def key(fact: Fact) -> tuple[Any, ...]:
        return (fact.source, fact.time, fact.span, *(getattr(fact, name) for name in others))

    split: dict[tuple[Any, ...], list[Fact]] = defaultdict(list)
    for fact in parts:
        if not undivided(fact):
            split[key(fact)].append(fact)
    for of in split.values():
        of.sort(key=lambda fact: -fact.value)
    return [
        _whole(look, total, split[key(total)])
        for total in totals
        if undivided(total) and len(split[key(total)]) > 1
    ]


def _whole(look: Look, total: Fact, parts: Sequence[Fact]) -> Whole:
    words = look.words
    names = [words.variable(part) for part in parts]
    if len({part.place for part in parts}) > 1:
        names = [words.place(part.place) for part in parts]
    return Whole(total, words.variable(total), parts, names, words.unit(total.variable))


def _of_indicators(look: Look, rule: Rule) -> list[Whole]:
    assert isinstance(rule.total, str)
    total = look.reading(rule.total)
    parts = [look.reading(part) for part in rule.parts if isinstance(part, str)]
    if total is None or any(part is None for part in parts):
        return []
    known = [part for part in parts if part is not None]
    unit = look.engine.definitions[rule.total].unit
    return [Whole(total[0], total[1], [one[0] for one in known], [one[1] for one in known], unit)]
