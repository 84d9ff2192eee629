"""A reading: the value of an indicator for one question, with its parts, its age and its judgement."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from ioc.calendar import Kind, Period, iso
from ioc.indicators import judge
from ioc.indicators.definition import Definition
from ioc.indicators.judge import Number, Status
from ioc.indicators.path import TargetState
from ioc.quality import State


@dataclass(frozen=True, slots=True)
class Answer:
    """What was computed, before it is judged; instants are epoch s.

    value: None leaves it to num and den. where: the site or area that decides it. detail: what else belongs to
    it (governing pollutant, weakest group, stations used). bound: ">=" or "<=". changes_at: the earliest instant
    at which it changes with no new data. span: the hour, day, week or month that it is of, where that is not the
    one asked for. used: how many records went in. status: a judgement of its own, in place of limits. parts: the
    answers of the indicators that it is made of.
    """

    num: Number | None = None
    den: Number | None = None
    value: Number | None = None
    bound: str | None = None
    where: str = ""
    detail: Mapping[str, Any] = field(default_factory=dict)
    oldest: int | None = None
    reported_at: int | None = None
    changes_at: int | None = None
    span: tuple[Kind, int] | None = None
    used: int | None = None
    status: Status | None = None
    parts: Mapping[str, Answer] = field(default_factory=dict)


def value_of(definition: Definition, answer: Answer) -> Number | None:
    """Return the value of an answer as shown."""
    if answer.value is not None:
        return judge.rounded(answer.value, definition.decimals)
    return judge.value_of(definition, answer.num, answer.den)


def bound_of(definition: Definition, answer: Answer) -> str | None:
    """Return ">=" or "<=" where the value is only known to be at least or at most so much."""
    if answer.bound is not None:
        return answer.bound
    return ">=" if definition.at_least and value_of(definition, answer) is not None else None


@dataclass(frozen=True, slots=True)
class Outcome:
    """An answer, and the answer of each place by its code."""

    answer: Answer
    places: Mapping[str, Answer]


@dataclass(frozen=True, slots=True)
class Reading:
    """An answer, judged. where: {"site" or "area": id, "name": …}; oldest: working days of the oldest overdue case.

    inputs_used of inputs_expected sources were live. recomputed: computed now about the past, not shown then.
    """

    indicator: str
    area: str
    period: Period
    value: Number | None
    num: Number | None
    den: Number | None
    unit: str
    bound: str | None
    status: Status
    freshness: State
    reported_at: int | None
    fresh_until: int | None
    valid_until: int | None
    inputs_used: int
    inputs_expected: int
    previous: Number | None
    same_period_last_year: Number | None
    target: TargetState | None
    definition: str
    recomputed: bool
    at: int
    as_of: int | None
    where: Mapping[str, Any] | None = None
    detail: Mapping[str, Any] = field(default_factory=dict)
    oldest: int | None = None
    sentence: Mapping[str, str] = field(default_factory=dict)

    def document(self) -> dict[str, Any]:
        """Return the reading as the read API states it, without age and instant of computing."""
        return {
            "indicator": self.indicator,
            "area": self.area,
            "period": {
                "kind": self.period.kind,
                "label": self.period.label,
                "start": iso(self.period.start),
                "end": iso(self.period.end),
                "complete": self.period.complete,
            },
            "value": self.value,
            "num": self.num,
            "den": self.den,
            "unit": self.unit,
            "bound": self.bound,
            "status": self.status,
            "freshness": self.freshness,
            "reported_at": _iso(self.reported_at),
            "fresh_until": _iso(self.fresh_until),
            "valid_until": _iso(self.valid_until),
            "inputs": {"used": self.inputs_used, "expected": self.inputs_expected},
            "previous": self.previous,
            "same_period_last_year": self.same_period_last_year,
            "target": None
            if self.target is None
            else {
                "value": self.target.value,
                "by": self.target.by,
                "basis": self.target.basis,
                "gap": self.target.gap,
                "on_track": self.target.on_track,
                "required": self.target.required,
                "required_slope": self.target.required_slope,
            },
            "definition": self.definition,
            "recomputed": self.recomputed,
            "as_of": None if self.as_of is None else iso(self.as_of / 1000),
            "at": iso(self.at),
            "where": None if self.where is None else dict(self.where),
            "detail": dict(self.detail),
            "oldest": self.oldest,
            "sentence": dict(self.sentence),
            **({"steps": self.detail["steps"]} if "steps" in self.detail else {}),
        }


@dataclass(frozen=True, slots=True)
class Point:
    """One point of a series; bound is ">=" or "<=" where the value is one."""

    start: int
    value: Number | None
    num: Number | None
    den: Number | None
    freshness: State
    bound: str | None = None


@dataclass(frozen=True, slots=True)
class Row:
    """One row of a breakdown; name is {"vi": …, "en": …}, bound as a point's."""

    key: str
    name: Mapping[str, str]
    value: Number | None
    num: Number | None
    den: Number | None
    status: Status
    bound: str | None = None


def _iso(instant: int | None) -> str | None:
    return None if instant is None else iso(instant)
