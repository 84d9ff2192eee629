"""A rate that improved because its denominator shrank."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from ioc import spoken
from ioc.contradictions.found import Contradiction, key_of, sentence, tally
from ioc.contradictions.rules import Rule
from ioc.indicators.definition import Definition
from ioc.store.contradictions import Outcome


class Rate(NamedTuple):
    """A share of a finished period: its parts, and the period's label and limits (epoch s)."""

    num: float
    den: float
    label: str
    starts: int
    ends: int


def shrank(before: Rate, after: Rate, better: str, least: float) -> bool:
    """Whether a rate is better only because the denominator fell by at least a share of itself.

    What is good did not grow: the numerator where higher is better, the rest where lower is.
    """
    if not before.den or not after.den or after.den > before.den * (1 - least):
        return False
    rates = after.num / after.den - before.num / before.den
    good = [one.num if better == "higher" else one.den - one.num for one in (before, after)]
    return (rates > 1e-12 if better == "higher" else rates < -1e-12) and good[1] <= good[0]


def improved(
    rule: Rule, rates: Sequence[tuple[Definition, str, Rate, Rate]], owners: dict[str, str]
) -> Outcome:
    """Judge shares by their last two finished periods: definition, main source, before, after."""
    counts = dict[str, tuple[int, int]]()
    found = []
    for definition, source, before, after in rates:
        wrong = shrank(before, after, definition.better, rule.shrinks)
        tally(counts, [source], wrong)
        if wrong:
            found.append(_said(rule, definition, source, before, after, owners))
    return Outcome(found, counts)


def _said(
    rule: Rule, definition: Definition, source: str, before: Rate, after: Rate, owners: dict[str, str]
) -> Contradiction:
    texts = []
    for lang in ("vi", "en"):
        shares = [spoken.number(100 * one.num / one.den, lang, 1) for one in (before, after)]
        nums = [spoken.number(one.num, lang) for one in (before, after)]
        dens = [spoken.number(one.den, lang) for one in (before, after)]
        name = definition.name.say(lang)
        if lang == "vi":
            texts.append(
                f"{name} từ {shares[0]}% ({before.label}) thành {shares[1]}% ({after.label}) là do mẫu số giảm từ "
                f"{dens[0]} còn {dens[1]}; tử số từ {nums[0]} thành {nums[1]}"
            )
        else:
            texts.append(
                f"{name} went from {shares[0]}% ({before.label}) to {shares[1]}% ({after.label}) because its denominator "
                f"fell from {dens[0]} to {dens[1]}; the numerator went from {nums[0]} to {nums[1]}"
            )
    evidence = []
    for one in (before, after):
        for vi, en, value in (("Tử số", "Numerator", one.num), ("Mẫu số", "Denominator", one.den)):
            evidence.append(
                {
                    "name": {"vi": f"{vi} ({one.label})", "en": f"{en} ({one.label})"},
                    "value": value,
                    "unit": "",
                    "source": source,
                    "place": "",
                    "at": one.starts,
                    "known_from": None,
                }
            )
    return Contradiction(
        key_of(rule.id, definition.id),
        rule.id,
        rule.kind,
        source,
        owners.get(source, definition.owner),
        sentence(*texts),
        evidence,
        indicator=definition.id,
        starts=before.starts,
        ends=after.ends,
    )
