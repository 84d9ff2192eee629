"""Two sources of one fact that say different things."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from itertools import combinations

from ioc import spoken
from ioc.contradictions.found import Contradiction, Fact, Words, key_of, sentence, span_end, tally
from ioc.contradictions.rules import Rule
from ioc.store.contradictions import Outcome

_MOST = 6
"""So many differing pairs stand as evidence, the newest first."""


def differ(rule: Rule, facts: Iterable[Fact], words: Words) -> Outcome:
    """Compare what every two sources say of the same variable, place, part and time.

    A pair agrees where it lies within the rule's tolerance (a share of the larger one). One contradiction a pair of
    sources, variable, part and place: its newest difference, and how many of all compared differ.
    """
    told: dict[tuple[str, ...], dict[int, dict[str, Fact]]] = defaultdict(lambda: defaultdict(dict))
    for fact in facts:
        parts = (fact.variable, fact.place, fact.span, fact.agency, fact.category, fact.channel)
        told[parts][fact.time][fact.source] = fact
    found, counts = [], dict[str, tuple[int, int]]()
    for part, times in sorted(told.items()):
        sources = sorted({source for by_source in times.values() for source in by_source})
        for one, other in combinations(sources, 2):
            pairs = [
                (by_source[one], by_source[other])
                for _, by_source in sorted(times.items(), reverse=True)
                if one in by_source and other in by_source
            ]
            wrong = [pair for pair in pairs if not within(*pair, rule.tolerance)]
            for pair in pairs:
                tally(counts, (one, other), pair in wrong)
            if wrong:
                found.append(_said(rule, part, wrong, len(pairs), words))
    return Outcome(found, counts)


def within(one: Fact, other: Fact, tolerance: float) -> bool:
    """Whether two figures lie within a share of the larger one."""
    return abs(one.value - other.value) <= tolerance * max(abs(one.value), abs(other.value)) + 1e-9


def _said(
    rule: Rule, part: tuple[str, ...], wrong: list[tuple[Fact, Fact]], compared: int, words: Words
) -> Contradiction:
    one, other = wrong[0]
    name, place, when = words.variable(one), words.place(one.place), words.when(one)
    first, second = words.source(one.source), words.source(other.source)
    gap = abs(one.value - other.value)
    unit, larger = words.unit(one.variable), max(abs(one.value), abs(other.value))
    texts = []
    for index, lang in enumerate(("vi", "en")):
        apart = spoken.measured(gap, unit, lang)
        share = f"{spoken.number(100 * gap / larger, lang, 1)}%"
        if lang == "vi":
            texts.append(
                f"{name[0]} {when[0]} tại {place[0]}: “{first[0]}” ghi {words.value(one)[0]}, "
                f"“{second[0]}” ghi {words.value(other)[0]}, chênh {apart} ({share}); "
                f"{len(wrong)}/{compared} lần đối chiếu không khớp"
            )
        else:
            texts.append(
                f"{name[index]}, {when[index]}, {place[index]}: “{first[1]}” says {words.value(one)[1]}, "
                f"“{second[1]}” says {words.value(other)[1]}, {apart} apart ({share}); "
                f"{len(wrong)} of {compared} comparisons disagree"
            )
    evidence = [words.evidence(fact) for pair in wrong[:_MOST] for fact in pair]
    return Contradiction(
        key_of(rule.id, one.source, other.source, *part),
        rule.id,
        rule.kind,
        one.source,
        words.owner(one.source),
        sentence(*texts),
        evidence,
        other=other.source,
        variable=one.variable,
        place=one.place,
        starts=one.time,
        ends=span_end(one.time, one.span),
    )
