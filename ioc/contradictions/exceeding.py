"""A part that is larger than its whole, a step of a funnel that is larger than the one before it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

from ioc import spoken
from ioc.contradictions.found import Contradiction, Fact, Words, key_of, sentence, span_end, tally
from ioc.contradictions.rules import Rule
from ioc.store.contradictions import Outcome

_MOST = 6
"""So many exceeding pairs stand as evidence, the newest first."""


def exceed(rule: Rule, pairs: Sequence[tuple[Fact, Fact]], words: Words) -> Outcome:
    """Compare wholes with their parts; one contradiction a source, part and place, told by its newest figures."""
    counts = dict[str, tuple[int, int]]()
    compared: dict[tuple[str, ...], list[tuple[Fact, Fact]]] = defaultdict(list)
    for whole, part in pairs:
        subject = (
            part.source,
            whole.variable,
            part.variable,
            part.place,
            part.agency,
            part.category,
            part.channel,
        )
        compared[subject].append((whole, part))
        tally(counts, [part.source], not _holds(rule, whole, part))
    found = []
    for figure, of in sorted(compared.items()):
        wrong = sorted(
            ((whole, part) for whole, part in of if not _holds(rule, whole, part)),
            key=lambda pair: -pair[1].time,
        )
        if wrong:
            found.append(_said(rule, figure, wrong, len(of), words))
    return Outcome(found, counts)


def _holds(rule: Rule, whole: Fact, part: Fact) -> bool:
    return part.value <= whole.value + rule.tolerance * abs(whole.value) + 1e-9


def _said(
    rule: Rule, subject: tuple[str, ...], wrong: list[tuple[Fact, Fact]], compared: int, words: Words
) -> Contradiction:
    whole, part = wrong[0]
    names, place, when = (
        (words.variable(part), words.variable(whole)),
        words.place(part.place),
        words.when(part),
    )
    values, source = (words.value(part), words.value(whole)), words.source(part.source)
    over = [
        spoken.measured(part.value - whole.value, words.unit(part.variable), lang) for lang in ("vi", "en")
    ]
    vi = (
        f"{names[0][0]} {when[0]} tại {place[0]}: “{source[0]}” ghi {values[0][0]}, lớn hơn "
        f"{names[1][0]} {values[1][0]} (thừa {over[0]})"
    )
    en = (
        f"{names[0][1]}, {when[1]}, {place[1]}: “{source[1]}” says {values[0][1]}, more than "
        f"{names[1][1]}, {values[1][1]} (over by {over[1]})"
    )
    if compared > 1:
        vi += f"; {len(wrong)}/{compared} lần đối chiếu không khớp"
        en += f"; {len(wrong)} of {compared} comparisons disagree"
    return Contradiction(
        key_of(rule.id, *subject),
        rule.id,
        rule.kind,
        part.source,
        words.owner(part.source),
        sentence(vi, en),
        [words.evidence(fact) for pair in wrong[:_MOST] for fact in pair],
        variable=part.variable,
        place=part.place,
        starts=part.time,
        ends=span_end(part.time, part.span),
    )
