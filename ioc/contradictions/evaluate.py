"""One rule evaluated: what it looks at, handed to its detector, and which indicators rest on what it found."""

from __future__ import annotations

from dataclasses import replace

from ioc.contradictions import denominators, percent, refused, series, sums, two_sources
from ioc.contradictions.found import Fact, Words
from ioc.contradictions.look import Look
from ioc.contradictions.rules import Rule
from ioc.indicators.engine import Engine
from ioc.indicators.parts import Pick
from ioc.indicators.snapshot import Snapshot
from ioc.store.contradictions import Contradiction, Outcome

MOST = 200
"""A rule keeps at most so many contradictions: beyond, its sources disagree altogether."""


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
    found = [replace(one, indicators=rests_on(one, engine, snapshot)) for one in outcome.found[:MOST]]
    return Outcome(found, outcome.compared)


def _outcome(rule: Rule, look: Look) -> Outcome:
    words = look.words
    match rule.kind:
        case "two_sources":
            return two_sources.differ(rule, look.twice_told(rule), words)
        case "sum":
            return sums.unequal(rule, look.wholes(rule), words)
        case "percent":
            return _percent(rule, look)
        case "denominator":
            owners = {id: one.owner for id, one in words.sources.items()}
            return denominators.improved(rule, look.rates(rule), owners)
        case "impossible":
            return refused.impossible(rule, look.refused(rule), words.variables, words)
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
    """Return the indicators whose number rests on what disagrees; a refused value is in none."""
    if one.kind == "impossible":
        return []
    found = {one.indicator} - {""}
    sources = {one.source, one.other} - {""}
    for definition in engine.definitions.values():
        if one.kind != "gone" and one.variable not in definition.variables:
            continue
        if one.kind == "gone" and definition.shape == "observation":
            delivered = snapshot.delivering.get(one.source, frozenset())
            if not definition.variables & delivered:
                continue
        if sources & {source.id for source in snapshot.inputs(definition)}:
            found.add(definition.id)
    return sorted(found)


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
