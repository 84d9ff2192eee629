"""Parts that do not add up to their total."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ioc import spoken
from ioc.contradictions.found import Both, Contradiction, Fact, Words, key_of, sentence, span_end, tally
from ioc.contradictions.rules import Rule
from ioc.store.contradictions import Outcome


@dataclass(frozen=True, slots=True)
class Whole:
    """A total and the parts that must give it; names: how the parts are called, in their order."""

    total: Fact
    name: Both
    parts: Sequence[Fact]
    names: Sequence[Both]
    unit: str = ""


def unequal(rule: Rule, wholes: Sequence[Whole], words: Words) -> Outcome:
    """Add up the parts of every total; one contradiction a place, for the newest total that they do not give."""
    counts = dict[str, tuple[int, int]]()
    found: dict[tuple[str, str], Contradiction] = {}
    for whole in sorted(wholes, key=lambda one: -one.total.time):
        total, together = whole.total, sum(part.value for part in whole.parts)
        right = abs(together - total.value) <= rule.tolerance * abs(total.value) + 1e-9
        tally(counts, [total.source, *(part.source for part in whole.parts)], not right)
        subject = (total.source, total.place)
        if not right and subject not in found:
            found[subject] = _said(rule, whole, together, words)
    return Outcome(list(found.values()), counts)


def _said(rule: Rule, whole: Whole, together: float, words: Words) -> Contradiction:
    total, unit = whole.total, whole.unit
    place, when = words.place(total.place), words.when(total)
    texts = []
    for index, lang in enumerate(("vi", "en")):
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
                f"{shown}{more} = {values[1]} ({side} {values[2]})"
            )
        else:
            side = "short by" if gap > 0 else "over by"
            texts.append(
                f"{whole.name[index]}, {when[index]}, {place[index]} is {values[0]}, but the parts give "
                f"{shown}{more} = {values[1]} ({side} {values[2]})"
            )
    evidence = [{**words.evidence(total, whole.name), "unit": unit}]
    evidence += [
        {**words.evidence(part, name), "unit": unit}
        for part, name in zip(whole.parts, whole.names, strict=True)
    ]
    return Contradiction(
        key_of(rule.id, total.source, total.place),
        rule.id,
        rule.kind,
        total.source,
        words.owner(total.source),
        sentence(*texts),
        evidence[:40],
        indicator=rule.indicator,
        variable=total.variable,
        place=total.place,
        starts=total.time,
        ends=span_end(total.time, total.span),
    )
