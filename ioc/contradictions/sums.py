"""Parts that do not add up to their total."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from ioc import spoken
from ioc.contradictions.found import Both, Contradiction, Fact, Words, key_of, sentence, span_end, tally
from ioc.contradictions.rules import Rule
from ioc.store.contradictions import Outcome

_MOST = 60
"""So many figures stand as evidence: a province's total and those of its communes."""


@dataclass(frozen=True, slots=True)
class Whole:
    """A total and the parts that must give it; names: how the parts are called, in their order."""

    total: Fact
    name: Both
    parts: Sequence[Fact]
    names: Sequence[Both]
    unit: str = ""


def unequal(rule: Rule, wholes: Sequence[Whole], words: Words) -> Outcome:
    """Add up the parts of every total; one contradiction a figure and place, for the newest total that they do not give."""
    counts = dict[str, tuple[int, int]]()
    compared: dict[tuple[str, ...], list[Whole]] = defaultdict(list)
    for whole in sorted(wholes, key=lambda one: -one.total.time):
        total = whole.total
        subject = (total.source, total.variable, total.place, total.agency, total.category, total.channel)
        compared[subject].append(whole)
        tally(counts, [total.source, *(part.source for part in whole.parts)], not _adds_up(rule, whole))
    found = []
    for figure, of in compared.items():
        wrong = [whole for whole in of if not _adds_up(rule, whole)]
        if wrong:
            found.append(_said(rule, figure, wrong, len(of), words))
    return Outcome(found, counts)


def _adds_up(rule: Rule, whole: Whole) -> bool:
    together = math.fsum(part.value for part in whole.parts)
    return abs(together - whole.total.value) <= rule.tolerance * abs(whole.total.value) + 1e-6


def _said(
    rule: Rule, subject: tuple[str, ...], wrong: Sequence[Whole], compared: int, words: Words
) -> Contradiction:
    whole = wrong[0]
    total, unit, together = whole.total, whole.unit, math.fsum(part.value for part in whole.parts)
    place, when = words.place(total.place), words.when(total)
    texts = []
    for index, lang in enumerate(("vi", "en")):
        times = ""
        if compared > 1:
            times = (
                f"; {len(wrong)}/{compared} lần đối chiếu không khớp"
                if lang == "vi"
                else f"; {len(wrong)} of {compared} comparisons disagree"
            )
        shown = " + ".join(spoken.number(part.value, lang) for part in whole.parts[:8])
        more = " + …" if len(whole.parts) > 8 else ""
        gap = total.value - together
        values = (
            spoken.measured(total.value, unit, lang),
            spoken.number(together, lang),
            spoken.number(abs(gap), lang),
        )
        if lang == "vi":
            side = "thiếu" if gap > 0 else "thừa"
            texts.append(
                f"{whole.name[0]} {when[0]} tại {place[0]} là {values[0]}, nhưng các phần cộng lại "
                f"{shown}{more} = {values[1]} ({side} {values[2]}){times}"
            )
        else:
            side = "short by" if gap > 0 else "over by"
            texts.append(
                f"{whole.name[index]}, {when[index]}, {place[index]} is {values[0]}, but the parts give "
                f"{shown}{more} = {values[1]} ({side} {values[2]}){times}"
            )
    evidence = [{**words.evidence(total, whole.name), "unit": unit}]
    evidence += [
        {**words.evidence(part, name), "unit": unit}
        for part, name in zip(whole.parts, whole.names, strict=True)
    ]
    return Contradiction(
        key_of(rule.id, *subject),
        rule.id,
        rule.kind,
        total.source,
        words.owner(total.source),
        sentence(*texts),
        evidence[:_MOST],
        indicator=rule.indicator,
        variable=total.variable,
        place=total.place,
        starts=total.time,
        ends=span_end(total.time, total.span),
    )
