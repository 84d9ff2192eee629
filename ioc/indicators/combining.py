"""What the values of indicators amount to together. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from ioc.indicators.composite import Composite, Part
from ioc.indicators.judge import Number, rounded
from ioc.indicators.reading import Answer
from ioc.indicators.statutory import index_766
from ioc.model import Text

Values = Mapping[str, Number | None]
"""indicator -> its value as shown, None or absent where it has none."""


def combine(composite: Composite, values: Values, earlier: Values, names: Mapping[str, Text]) -> Answer:
    """Return what an indicator makes of the values of others; earlier: those that a change is measured against."""
    if composite.kind == "change":
        return _change(composite, values, earlier)
    return (_funnel if composite.kind == "funnel" else _index)(composite, values, names)


def _change(composite: Composite, values: Values, earlier: Values) -> Answer:
    """Return the change of a value; in per cent of nought there is none."""
    (id,) = composite.ids
    now, before = values.get(id), earlier.get(id)
    detail = {"indicator": id, "now": now, "before": before, "against": composite.against}
    if now is None or before is None or (composite.as_ == "percent" and not before):
        return Answer(detail=detail)
    change = _exact(now) - _exact(before)
    if composite.as_ == "percent":
        change = 100 * change / abs(_exact(before))
    return Answer(value=_number(change), detail=detail)


def _funnel(composite: Composite, values: Values, names: Mapping[str, Text]) -> Answer:
    """Return the share of the weakest step, the first of those that are alike; of one share alone none is the weakest.

    A step without a value has no share, and neither has the step behind it.
    """
    steps: list[dict[str, Any]] = []
    before: Number | None = None
    for id in composite.ids:
        value = values.get(id)
        share = None if value is None or not before else rounded(100 * _exact(value) / _exact(before), 2)
        steps.append({"indicator": id, "name": _named(id, names), "value": value, "share": share})
        before = value
    known = [step for step in steps if step["share"] is not None]
    if not known:
        return Answer(detail={"steps": steps, "weakest": None})
    weakest = min(known, key=lambda step: step["share"])
    told = {"indicator": weakest["indicator"], "name": weakest["name"]}
    return Answer(
        value=weakest["share"], detail={"steps": steps, "weakest": told if len(known) > 1 else None}
    )


def _index(composite: Composite, values: Values, names: Mapping[str, Text]) -> Answer:
    """Return the mean of the parts by their weights, those with low and high on a scale from 0 to 100."""
    rows: list[dict[str, Any]] = []
    total = weights = Decimal(0)
    for part in composite.parts:
        value = values.get(part.indicator)
        scaled = None if value is None else _scaled(part, value)
        rows.append(
            {
                "indicator": part.indicator,
                "name": _named(part.indicator, names),
                "value": value,
                "scaled": None if scaled is None else rounded(scaled, 1),
                "weight": part.weight,
            }
        )
        if scaled is not None:
            total += _exact(part.weight) * scaled
        if scaled is not None or composite.missing == "zero":
            weights += _exact(part.weight)
    used = sum(1 for row in rows if row["scaled"] is not None)
    detail = {"parts": rows, "used": used, "expected": len(rows)}
    if not used or (composite.missing == "refuse" and used < len(rows)):
        return Answer(detail=detail)
    return Answer(value=_number(total / weights), detail=detail)


def score_766(composite: Composite, values: Values, groups: tuple[index_766.Group, ...]) -> Answer:
    """Return the points of Decision 766 that the parts with a value give, group by group.

    A part without a value is not nought but unknown: the points of its group, and of all, are then at least those
    that are known, and a group of which nothing is known has none. Raises ValueError for a code that no group has.
    """
    shares = {part.code: values.get(part.indicator) for part in composite.parts if part.code}
    codes = {part.code for group in groups for part in group.parts}
    if unknown := sorted(set(shares) - codes):
        raise ValueError(
            f"index_766.parts: {', '.join(unknown)} is no part; known are {', '.join(sorted(codes))}"
        )
    ratios = {code: None if share is None else (float(share), 100.0) for code, share in shares.items()}
    rows: list[dict[str, Any]] = []
    total, known_max = Decimal(0), Decimal(0)
    for group, score in zip(groups, index_766.score_index(groups, ratios), strict=True):
        known = [part for part in score.parts.values() if part is not None]
        points = min(group.max, sum(known, Decimal(0))) if known else None
        reach = min(group.max, sum((p.max for p in group.parts if p.code not in score.missing), Decimal(0)))
        rows.append(
            {
                "code": group.code,
                "name": {"vi": group.vi, "en": group.en},
                "value": None if points is None else float(points),
                "max": float(group.max),
                "bound": ">=" if known and score.missing else None,
                "known_max": float(reach),
                "missing": list(score.missing),
            }
        )
        total, known_max = total + (points or 0), known_max + reach
    if not known_max:
        return Answer(detail={"groups": rows})
    partial = any(row["missing"] for row in rows)
    of_all = f"{known_max:g}/100"
    text = {"vi": f"tính được {of_all} điểm", "en": f"{of_all} points can be computed"}
    detail = {"groups": rows, "known_max": float(known_max), **({"text": text} if partial else {})}
    return Answer(value=_number(total), bound=">=" if partial else None, detail=detail)


def _scaled(part: Part, value: Number) -> Decimal:
    if part.low is None or part.high is None:
        return _exact(value)
    low, high = _exact(part.low), _exact(part.high)
    return min(Decimal(100), max(Decimal(0), 100 * (_exact(value) - low) / (high - low)))


def _named(id: str, names: Mapping[str, Text]) -> dict[str, str]:
    name = names.get(id, Text(id, id))
    return {"vi": name.say("vi", short=True), "en": name.say("en", short=True)}


def _exact(number: Number) -> Decimal:
    return Decimal(repr(number))


def _number(exact: Decimal) -> Number:
    return int(exact) if exact == exact.to_integral_value() else float(exact)


def beside_official(detail: Mapping[str, Any], official: Answer) -> dict[str, Any]:
    """Return the groups of a computed index, each with the points that the official score gives it."""
    told = {group["code"]: group["value"] for group in official.detail.get("groups", ())}
    groups = [{**group, "official": told.get(group["code"])} for group in detail["groups"]]
    return {**detail, "groups": groups, "official": official.num}
