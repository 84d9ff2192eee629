"""Series that cannot be: a cumulative one that falls, a total that jumps where areas are counted otherwise."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from itertools import pairwise

from ioc import spoken
from ioc.contradictions.found import Contradiction, Fact, Words, key_of, sentence, span_end, tally
from ioc.contradictions.rules import Rule
from ioc.days import local_time
from ioc.store.contradictions import Outcome

_LEAST = 2
"""So many spans on each side of the change are needed to speak of a jump."""


def falls(rule: Rule, facts: Iterable[Fact], words: Words) -> Outcome:
    """Find cumulative series that fall within a year; a new year begins anew."""
    counts = dict[str, tuple[int, int]]()
    told: dict[tuple[str, ...], list[Fact]] = defaultdict(list)
    for fact in facts:
        told[fact.source, fact.variable, fact.place, fact.agency, fact.category, fact.channel].append(fact)
    found = []
    for subject, of in sorted(told.items()):
        of.sort(key=lambda fact: fact.time)
        last: tuple[Fact, Fact] | None = None
        for before, after in pairwise(of):
            if local_time(before.time).year != local_time(after.time).year:
                continue
            fell = after.value < before.value - 1e-9
            tally(counts, [after.source], fell)
            last = (before, after) if fell else last
        if last is not None:
            found.append(_fell(rule, subject, *last, words))
    return Outcome(found, counts)


def _fell(rule: Rule, subject: tuple[str, ...], before: Fact, after: Fact, words: Words) -> Contradiction:
    name, place, source = words.variable(after), words.place(after.place), words.source(after.source)
    then, now = words.when(before), words.when(after)
    vi = (
        f"{name[0]} lũy kế tại {place[0]} giảm từ {words.value(before)[0]} ({then[0]}) xuống {words.value(after)[0]} "
        f"({now[0]}) theo “{source[0]}”; số lũy kế trong năm không thể giảm"
    )
    en = (
        f"{name[1]}, cumulative, {place[1]}: fell from {words.value(before)[1]} ({then[1]}) to {words.value(after)[1]} "
        f"({now[1]}) in “{source[1]}”; within a year it cannot fall"
    )
    return Contradiction(
        key_of(rule.id, *subject),
        rule.id,
        rule.kind,
        after.source,
        words.owner(after.source),
        sentence(vi, en),
        [words.evidence(before), words.evidence(after)],
        variable=after.variable,
        place=after.place,
        starts=before.time,
        ends=span_end(after.time, after.span),
    )


def jumps(rule: Rule, facts: Iterable[Fact], words: Words) -> Outcome:
    """Compare the totals of the spans around the day from which areas are counted otherwise.

    The province is the same before and after: the median of up to three totals after the day may not be more
    than the rule's factor times that before it, nor less than its inverse. facts: totals over all places.
    """
    counts = dict[str, tuple[int, int]]()
    told: dict[tuple[str, ...], list[Fact]] = defaultdict(list)
    for fact in facts:
        told[fact.source, fact.variable, fact.span, fact.category, fact.channel].append(fact)
    found = []
    for subject, of in sorted(told.items()):
        of.sort(key=lambda fact: fact.time)
        before = [fact for fact in of if fact.time < rule.on][-3:]
        after = [fact for fact in of if fact.time >= rule.on][:3]
        if len(before) < _LEAST or len(after) < _LEAST:
            continue
        low, high = _median(before), _median(after)
        jumped = high > rule.factor * low or high * rule.factor < low
        tally(counts, [of[0].source], jumped)
        if jumped:
            found.append(_jumped(rule, subject, before, after, words))
    return Outcome(found, counts)


def _median(facts: list[Fact]) -> float:
    values = sorted(fact.value for fact in facts)
    middle = len(values) // 2
    return values[middle] if len(values) % 2 else (values[middle - 1] + values[middle]) / 2


def _jumped(
    rule: Rule, subject: tuple[str, ...], before: list[Fact], after: list[Fact], words: Words
) -> Contradiction:
    one, source = after[0], words.source(after[0].source)
    name, unit, day = words.variable(one), words.unit(one.variable), spoken.day(rule.on)
    said = [
        (spoken.measured(_median(before), unit, lang), spoken.measured(_median(after), unit, lang))
        for lang in ("vi", "en")
    ]
    vi = (
        f"{name[0]} toàn tỉnh theo “{source[0]}” nhảy từ {said[0][0]} lên {said[0][1]} quanh ngày {day}"
        if _median(after) > _median(before)
        else f"{name[0]} toàn tỉnh theo “{source[0]}” tụt từ {said[0][0]} xuống {said[0][1]} quanh ngày {day}"
    )
    en = f"{name[1]} of the whole province in “{source[1]}” went from {said[1][0]} to {said[1][1]} around {day}"
    return Contradiction(
        key_of(rule.id, *subject),
        rule.id,
        rule.kind,
        one.source,
        words.owner(one.source),
        sentence(f"{vi}, khi sắp xếp đơn vị hành chính", f"{en}, when areas were rearranged"),
        [words.evidence(fact) for fact in (*before, *after)],
        variable=one.variable,
        place=one.place,
        starts=before[0].time,
        ends=span_end(after[-1].time, one.span),
    )
