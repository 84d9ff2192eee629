"""The six groups of the Decision 766/QĐ-TTg index, recomputed from their parts to explain and cross-check a score.

The scoring was recovered from the national portal's values of one province and is not legal text: the portal's own
score stays the official one and is never overwritten. Weights and thresholds are data/standards/index_766.toml.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path

from ioc.toml_file import Table, read

HUNDREDTH = Decimal("0.01")

Ratio = tuple[float, float]
"""(numerator, denominator) of a part; a part known only as a percentage is (percentage, 100)."""


@dataclass(frozen=True)
class Part:
    """One part: max · min(1, ratio / full_at). `empty` is its score at denominator 0, None where it has none."""

    code: str
    max: Decimal
    full_at: Decimal
    empty: Decimal | None


@dataclass(frozen=True)
class Group:
    """A group of parts, capped at its own maximum (the payment group's parts add up to more)."""

    code: str
    vi: str
    en: str
    max: Decimal
    parts: tuple[Part, ...]


@dataclass(frozen=True)
class GroupScore:
    """A group's score to two decimals; None where a part is missing, which `missing` names."""

    code: str
    score: Decimal | None
    max: Decimal
    parts: Mapping[str, Decimal | None]
    missing: tuple[str, ...]


def score_part(part: Part, ratio: Ratio | None) -> Decimal | None:
    """Return the unrounded score of a part; None where it was not reported or its denominator 0 gives no score."""
    if ratio is None:
        return None
    numerator, denominator = (Decimal(str(number)) for number in ratio)
    if denominator == 0:
        return part.empty
    return max(Decimal(0), part.max * min(Decimal(1), numerator / denominator / part.full_at))


def score_group(group: Group, ratios: Mapping[str, Ratio | None]) -> GroupScore:
    """Return the score of a group from the ratios of its parts by code."""
    exact = {part.code: score_part(part, ratios.get(part.code)) for part in group.parts}
    present = [score for score in exact.values() if score is not None]
    missing = tuple(code for code, score in exact.items() if score is None)
    total = None if missing else _rounded(min(group.max, sum(present, Decimal(0))))
    parts = {code: None if score is None else _rounded(score) for code, score in exact.items()}
    return GroupScore(group.code, total, group.max, parts, missing)


def score_index(groups: tuple[Group, ...], ratios: Mapping[str, Ratio | None]) -> tuple[GroupScore, ...]:
    """Return the scores of all groups in their declared order; codes of parts are unique over the groups."""
    return tuple(score_group(group, ratios) for group in groups)


def total(scores: tuple[GroupScore, ...]) -> Decimal | None:
    """Return the sum of the rounded groups, so that what is shown adds up; None where a group has no score."""
    known = [score.score for score in scores if score.score is not None]
    return sum(known, Decimal(0)) if len(known) == len(scores) else None


def weakest(groups: tuple[Group, ...], scores: Mapping[str, float | Decimal | None]) -> Group | None:
    """Return the group with the lowest share of its maximum, None where no group has a score.

    `scores` are by group code, computed here or the portal's own. Of equal groups the first declared is named.
    """
    known = [(group, scores.get(group.code)) for group in groups]
    shares = [(Decimal(str(score)) / group.max, group) for group, score in known if score is not None]
    return min(shares, key=lambda share: share[0])[1] if shares else None


def load_groups(path: Path) -> tuple[Group, ...]:
    """Read data/standards/index_766.toml. Raise DeclarationError where a code recurs or the maxima are not 100."""
    top = read(path)
    top.keys(("basis", "verified", "valid_from", "valid_to", "group"))
    groups = tuple(_group(table) for table in top.tables("group"))
    codes = [part.code for group in groups for part in group.parts]
    for code in codes:
        if codes.count(code) > 1:
            raise top.fault("group", f"expected each part once, found {code} more often")
    points = sum((group.max for group in groups), Decimal(0))
    if points != 100:
        raise top.fault("group", f"expected groups of 100 points together, found {points}")
    return groups


def _group(table: Table) -> Group:
    table.keys(("code", "name", "max", "part"))
    name = table.table("name")
    group = Group(
        code=table.text("code"),
        vi=name.text("vi"),
        en=name.text("en"),
        max=_decimal(table.decimal("max")),
        parts=tuple(_part(part) for part in table.tables("part")),
    )
    reachable = sum((part.max for part in group.parts), Decimal(0))
    if reachable < group.max:
        raise table.fault("part", f"expected parts that reach {group.max}, found {reachable}")
    return group


def _part(table: Table) -> Part:
    table.keys(("code", "max", "full_at", "empty", "of"))
    full_at = table.optional_decimal("full_at")
    if full_at is not None and not 0 < full_at <= 1:
        raise table.fault("full_at", f"expected a share above 0 up to 1, found {full_at}")
    empty = table.optional_decimal("empty")
    return Part(
        code=table.text("code"),
        max=_decimal(table.decimal("max")),
        full_at=_decimal(full_at if full_at is not None else 1),
        empty=None if empty is None else _decimal(empty),
    )


def _decimal(number: float) -> Decimal:
    return Decimal(f"{number:g}")


def _rounded(score: Decimal) -> Decimal:
    return score.quantize(HUNDREDTH, rounding=ROUND_HALF_UP)
