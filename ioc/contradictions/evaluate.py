"""One rule evaluated: what it looks at, handed to its detector, and which indicators rest on what it found."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from ioc.contradictions import denominators, exceeding, percent, refused, series, sums, two_sources
from ioc.contradictions.found import Fact, Words
from ioc.contradictions.look import Look
from ioc.contradictions.rules import Rule
from ioc.contradictions.wholes import chains, wholes
from ioc.indicators.definition import Definition
from ioc.indicators.engine import Engine
from ioc.indicators.parts import Pick
from ioc.indicators.snapshot import Snapshot
from ioc.store.contradictions import Contradiction, Outcome

MOST = 200
"""A rule keeps at most so many contradictions: beyond, its sources disagree altogether."""
_NAMED = ("agency", "category", "channel", "span")


def words_of(engine: Engine) -> Words:
    """Return how an engine's sources, variables and places are called."""

    def place(code: str) -> tuple[str, str]:
        site = engine.catalogue.site(code)  # what was refused still has the place as its source writes it
        name = engine.name("site", site.id) if site else engine.name("area", code)
        return name["vi"], name["en"]

    return Words(engine.catalogue.sources, engine.catalogue.variables, place)


def evaluate(rule: Rule, engine: Engine, snapshot: Snapshot, now: int) -> Outcome:
    """Return what a rule finds at an instant (epoch s)."""
    look = Look(engine, snapshot, words_of(engine), now)
    outcome = _outcome(rule, look)
    named = {one for one in (rule.total, *rule.parts) if isinstance(one, str)}
    found = [
        replace(one, indicators=sorted({*rests_on(one, engine, snapshot), *named, *_made_of(named, engine)}))
        for one in outcome.found[:MOST]
    ]
    return Outcome(found, outcome.compared)


def _outcome(rule: Rule, look: Look) -> Outcome:
    words = look.words
    match rule.kind:
        case "two_sources":
            return two_sources.differ(rule, look.twice_told(rule), words)
        case "sum":
            return sums.unequal(rule, wholes(look, rule), words)
        case "exceeds":
            return exceeding.exceed(rule, chains(look, rule), words)
        case "percent":
            return _percent(rule, look)
        case "denominator":
            owners = {id: one.owner for id, one in words.sources.items()}
            return denominators.improved(rule, look.rates(rule), owners)
        case "impossible":
            return refused.impossible(rule, look.refused(rule), words.variables, words, look.mended)
        case "falls":
            return series.falls(rule, look.cumulative(rule), words)
        case "jump":
            return series.jumps(rule, look.around(rule), words)
        case _:
            return refused.vanished(rule, look.withheld(), words)


def _percent(rule: Rule, look: Look) -> Outcome:
    assert rule.printed is not None
    found: list[Contradiction] = []
    counts: dict[str, tuple[int, int]] = {}
    for printed in look.newest(rule.printed):
        part = _beside(look, rule.part, printed)
        wholes = [fact for pick in rule.wholes if (fact := _beside(look, pick, printed)) is not None]
        outcome = percent.disagree(rule, printed, part, wholes, look.words)
        found += outcome.found
        for source, (n, disputed) in outcome.compared.items():
            before = counts.get(source, (0, 0))
            counts[source] = (before[0] + n, before[1] + disputed)
    return Outcome(found, counts)


def _beside(look: Look, pick: Pick | None, printed: Fact) -> Fact | None:
    """Return the figure of a pick at the place and time of a published one, of its own source before others."""
    if pick is None:
        return None
    facts = look.facts(look.series([pick]), printed.time, printed.time + 1)
    here = [fact for fact in facts if fact.place == printed.place]
    return min(here, key=lambda fact: (fact.source != printed.source, fact.source), default=None)


def rests_on(one: Contradiction, engine: Engine, snapshot: Snapshot) -> list[str]:
    """Return the indicators whose number rests on what disagrees; a refused value is in none.

    Of figures those that count one of them: its variable from its source, in its category, channel, agency and span.
    Of a published percentage the percentage alone is in doubt. What is made of indicators follows from them.
    """
    if one.kind == "impossible":
        return []
    found = {one.indicator} - {""}
    told = [part for part in one.evidence if part.get("variable")]
    if one.kind in ("percent", "no_denominator"):
        told = told[:1]
    for definition in engine.definitions.values():
        if definition.composite is not None:
            continue
        sources = {source.id for source in snapshot.inputs(definition)}
        if one.kind == "gone":
            delivered = snapshot.delivering.get(one.source, frozenset())
            rests = definition.shape != "observation" or bool(definition.variables & delivered)
            if rests and one.source in sources:
                found.add(definition.id)
        elif any(part["source"] in sources and _counts(definition, part) for part in told):
            found.add(definition.id)
    return sorted(found | _made_of(found, engine))


def _counts(definition: Definition, part: Mapping[str, Any]) -> bool:
    """Whether an indicator counts the series of a piece of evidence."""
    return any(
        pick.variable == part["variable"] and all(pick.fits(name, str(part.get(name, ""))) for name in _NAMED)
        for pick in definition.picks
    )


def _made_of(found: set[str], engine: Engine) -> set[str]:
    """Return the indicators made of these, of indicators made of them too."""
    made = set[str]()
    while True:
        more = {
            one.id
            for one in engine.definitions.values()
            if one.composite is not None and set(one.composite.ids) & (found | made)
        }
        if more <= made:
            return made
        made |= more


def concerned(rule: Rule, engine: Engine, snapshot: Snapshot) -> frozenset[str]:
    """Return the sources whose news may change what a rule finds."""
    every = frozenset(engine.catalogue.sources)
    if rule.kind in ("two_sources", "falls", "jump"):
        wanted = set(rule.variables)
        if not wanted:
            return every
        return frozenset(id for id in every if wanted & snapshot.delivering.get(id, frozenset()))
    if rule.kind in ("impossible", "gone"):
        return every
    wanted = {pick.variable for pick in rule.picks}
    found = {id for id in every if wanted & snapshot.delivering.get(id, frozenset())}
    for indicator in rule.asked:
        found |= {source.id for source in snapshot.inputs(engine.definitions[indicator])}
    return frozenset(found)
