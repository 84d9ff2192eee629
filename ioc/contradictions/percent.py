"""A published percentage that its parts do not give, or whose denominator nobody published."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from ioc import spoken
from ioc.contradictions.found import Contradiction, Fact, Words, key_of, sentence, span_end, tally
from ioc.contradictions.rules import Rule
from ioc.store.contradictions import Outcome


def gives(part: float, whole: float, printed: float, decimals: int) -> bool:
    """Whether part of whole, rounded by half a unit of the last printed decimal, is the printed percentage."""
    if not whole:
        return False
    exact = Decimal(repr(part)) * 100 / Decimal(repr(whole))
    return abs(exact - Decimal(repr(printed))) <= Decimal(5).scaleb(-decimals - 1)


def shown_decimals(printed: float) -> int:
    """Return how many decimals a printed number shows: 75 none, 99.1 one."""
    text = f"{Decimal(repr(printed)).normalize():f}"
    return len(text.partition(".")[2])


def needed(part: float, printed: float) -> float | None:
    """Return the denominator of which part would be the printed percentage; None where there is none."""
    return 100 * part / printed if printed else None


def disagree(
    rule: Rule, printed: Fact | None, part: Fact | None, wholes: Sequence[Fact], words: Words
) -> Outcome:
    """Compare the newest published percentage with what its part is of each known total.

    It must be of one of them. Where it is of none, the denominator that it would need is named. Where the rule
    names no total, the denominator was not published, and that is said.
    """
    if printed is None:
        return Outcome()
    counts = dict[str, tuple[int, int]]()
    decimals = shown_decimals(printed.value) if rule.decimals is None else rule.decimals
    agrees = part is not None and any(
        gives(part.value, whole.value, printed.value, decimals) for whole in wholes
    )
    if rule.wholes and (part is None or not wholes):
        return Outcome()  # nothing to compare with yet
    tally(counts, [printed.source], not agrees)
    if agrees:
        return Outcome((), counts)
    vi, en = _unpublished(printed, words) if not rule.wholes else _of_none(printed, part, wholes, words)
    evidence = [words.evidence(fact) for fact in (printed, part, *wholes) if fact is not None]
    if rule.wholes and part is not None and (whole := needed(part.value, printed.value)) is not None:
        evidence.append(
            {
                **words.evidence(part, ("Mẫu số cần có", "Denominator that it would need")),
                "value": round(whole, 1),
                "computed": True,
            }
        )
    found = Contradiction(
        key_of(rule.id, printed.source, printed.place, printed.time),
        rule.id,
        "percent" if rule.wholes else "no_denominator",
        printed.source,
        words.owner(printed.source),
        sentence(vi, en),
        evidence,
        indicator=rule.indicator,
        variable=printed.variable,
        place=printed.place,
        starts=printed.time,
        ends=span_end(printed.time, printed.span),
    )
    return Outcome([found], counts)


def _unpublished(printed: Fact, words: Words) -> tuple[str, str]:
    name, value, when = words.variable(printed), words.value(printed), words.when(printed)
    source = words.source(printed.source)
    return (
        f"{name[0]} {when[0]}: “{source[0]}” công bố {value[0]}, mẫu số không công bố",
        f"{name[1]}, {when[1]}: “{source[1]}” published {value[1]}, its denominator is not published",
    )


def _of_none(printed: Fact, part: Fact | None, wholes: Sequence[Fact], words: Words) -> tuple[str, str]:
    assert part is not None
    name, value, when = words.variable(printed), words.value(printed), words.when(printed)
    whole = needed(part.value, printed.value)
    texts = []
    for index, lang in enumerate(("vi", "en")):
        said = [
            f"{spoken.number(part.value, lang)}/{spoken.number(one.value, lang)} = "
            f"{spoken.number(100 * part.value / one.value, lang, 1)}%"
            for one in wholes
            if one.value
        ]
        wanted = "" if whole is None else spoken.number(round(whole), lang, 0)
        if lang == "vi":
            need = f"; để được {value[0]} cần mẫu số ≈ {wanted}, mẫu số không công bố" if wanted else ""
            texts.append(f"{name[0]} {when[0]} công bố {value[0]}, nhưng {' và '.join(said)}{need}")
        else:
            need = (
                f"; {value[1]} would need a denominator of ≈ {wanted}, which is not published"
                if wanted
                else ""
            )
            texts.append(
                f"{name[index]}, {when[index]}: published {value[1]}, but {' and '.join(said)}{need}"
            )
    return texts[0], texts[1]
