"""Worked examples: the records that a declaration writes in short form, and whether they give what it expects.

A row of `given` is n cases (flags such as closed = true, on_time = true and fields of a case; instants as
"-3d", "+5h" from the example's instant), n events (starts, ends), one observation (variable, value, place, its
dimensions, and time: the start of its span, whatever a source's times mark), a site (site, kind, facility, limits)
or, where an indicator is made of others, the value of one of them (indicator, value; earlier = true: of the period
it is measured against).
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from decimal import Decimal
from typing import Any

from ioc.calendar import DAY_S, HOUR_S, LOCAL, Calendar
from ioc.errors import DeclarationError
from ioc.indicators import events, functions, judge, unusual
from ioc.indicators import standing as stand
from ioc.indicators.cases import holds
from ioc.indicators.cells import Given, SeriesKey, Value
from ioc.indicators.combining import combine, score_766
from ioc.indicators.definition import Definition
from ioc.indicators.exceeding import exceeding
from ioc.indicators.flows import bin_of, length_of
from ioc.indicators.judge import Number
from ioc.indicators.look import Look
from ioc.indicators.measured import length_at, together
from ioc.indicators.observed import exact, observe
from ioc.indicators.parts import CaseFilter, Example, Length
from ioc.indicators.question import Question, moment
from ioc.indicators.reading import Answer, bound_of, value_of
from ioc.indicators.standards import Standards, load_standards
from ioc.model import Case, Event, Limit, Observation, Site, Text

_OFFSET = re.compile(r"([+-])(\d+)([mhd])")
HOME = "22"
"""The province of which the worked examples of a ranking speak."""
_UNITS = {"m": 60, "h": HOUR_S, "d": DAY_S}


@dataclass(frozen=True)
class Records:
    """What an example gives, as records, with the sites it declares."""

    at: int
    cases: list[tuple[int, Case]] = field(default_factory=list)
    events: list[tuple[int, Event]] = field(default_factory=list)
    observations: list[Observation] = field(default_factory=list)
    sites: dict[str, Site] = field(default_factory=dict)
    values: dict[str, Number] = field(default_factory=dict)
    earlier: dict[str, Number] = field(default_factory=dict)


def run_examples(definitions: Mapping[str, Definition], calendar: Calendar) -> list[DeclarationError]:
    """Return a fault for each worked example of the definitions that does not give what it expects."""
    standards = load_standards()
    return [fault for definition in definitions.values() for fault in run(definition, calendar, standards)]


def run(definition: Definition, calendar: Calendar, standards: Standards) -> list[DeclarationError]:
    """Return a fault for each worked example that does not give what it expects."""
    faults = []
    for position, example in enumerate(definition.examples, 1):
        key = f"example {position}"
        try:
            wrong = differences(definition, example, calendar, standards)
        except Exception as error:  # whatever a hand may have written there is a fault of the example
            told = f"cannot be computed: {type(error).__name__}: {error}"
            faults.append(DeclarationError(definition.file, definition.id, key, told))
            continue
        if wrong:
            faults.append(DeclarationError(definition.file, definition.id, key, "; ".join(wrong)))
    return faults


def differences(
    definition: Definition, example: Example, calendar: Calendar, standards: Standards
) -> list[str]:
    """Return in words what an example gives otherwise than expected."""
    given = records(definition, example)
    answer = answer_of(definition, given, calendar, standards)
    return compare(definition, example.expect, answer)


def compare(definition: Definition, expect: Mapping[str, Any], answer: Answer) -> list[str]:
    """Return in words where an answer is not what was expected."""
    value = value_of(definition, answer)
    status = answer.status or judge.status(definition, value, "live", bound_of(definition, answer))
    found: dict[str, Any] = {
        "value": value,
        "num": answer.num,
        "den": answer.den,
        "oldest": answer.oldest,
        "where": answer.where,
        "status": status,
        "detail": answer.detail,
    }
    wrong = []
    for key, wanted in expect.items():
        if key not in found:
            raise KeyError(f"expect.{key}: known are {', '.join(found)}")
        if not _agrees(found[key], wanted):
            wrong.append(f"{key} = {wanted!r} was expected, the records give {found[key]!r}")
    return wrong


def _agrees(found: Any, wanted: Any) -> bool:
    if isinstance(wanted, Mapping):
        return isinstance(found, Mapping) and all(_agrees(found.get(key), one) for key, one in wanted.items())
    return bool(found == wanted)


def answer_of(definition: Definition, given: Records, calendar: Calendar, standards: Standards) -> Answer:
    """Return what an indicator makes of the records of an example, without a store."""
    if definition.composite is not None:
        if definition.composite.kind == "index_766":
            return score_766(definition.composite, given.values, standards.groups_766)
        return combine(definition.composite, given.values, given.earlier, {})
    asked = moment(definition, Question(), given.at, calendar)
    looker = Given([_value(one) for one in given.observations])
    if definition.shape == "event":
        return Answer(_of_events(definition, given, asked.period.start, asked.period.until))
    if definition.unusual is not None:
        return unusual.answer(unusual.findings(definition.unusual, _opened(definition, given), given.at))
    if definition.shape == "case":
        found = _of_cases(definition, given, asked.period.start, asked.period.until, calendar)
        if definition.standing is None:
            return found
        held = stand.at(looker, definition.standing, [asked.period.until])[0]
        return replace(found, den=exact(stand.whole(held)), value=None)
    if definition.function:
        look = Look(definition, looker, asked.period, given.at, False, given.sites, standards, calendar, HOME)
        return functions.compute(look).answer
    if definition.above is not None and definition.num is not None:
        span = [(asked.period.start, asked.period.until)]
        return exceeding(definition.above, definition.num, looker, span, standards, given.sites)[0].answer
    return observe(definition, looker, asked.period, newest=True).answer


def records(definition: Definition, example: Example) -> Records:
    """Return the records that an example gives. Raises ValueError, KeyError or TypeError for an unreadable row."""
    at = int(datetime.fromisoformat(example.at).timestamp())
    found = Records(at)
    for position, row in enumerate(example.given):
        if definition.composite is not None:
            part = row["indicator"]
            if part not in definition.composite.ids:
                raise KeyError(f"{part} is no part of it")
            (found.earlier if row.get("earlier") else found.values)[part] = row["value"]
        elif "variable" in row:
            found.observations.append(_observation(row))
        elif "site" in row and "kind" in row:
            site = _site(row)
            found.sites[site.id] = site
        elif definition.shape == "event":
            found.events.append((int(row.get("n", 1)), _event(definition, row, at, position)))
        else:
            found.cases.append((int(row.get("n", 1)), _case(definition, row, at, position)))
    for one in found.observations:
        found.sites.setdefault(one.place, Site(one.place, Text(one.place, one.place), "", ""))
    kinds = definition.settings.get("kinds", ())
    for id, site in found.sites.items():
        if not site.kind and kinds:
            found.sites[id] = Site(id, site.name, kinds[0], "", facility=site.facility, limits=site.limits)
    return found


def _of_events(definition: Definition, given: Records, start: int, end: int) -> int:
    """Count events that began in a span, or for a stock those in force at its end."""
    assert definition.num_cases is not None
    wanted = definition.num_cases.condition
    return sum(
        n
        for n, event in given.events
        if events.holds(wanted, event) and (event.starts <= end and (event.ends is None or event.ends > end)
            if definition.stock else start <= event.starts < end)
    )  # fmt: skip


def _opened(definition: Definition, given: Records) -> dict[str, list[int]]:
    """Return when the cases of each watched key were opened."""
    assert definition.unusual is not None
    assert definition.num_cases is not None
    found: dict[str, list[int]] = {}
    for n, case in given.cases:
        if definition.num_cases.condition.holds(case) and case.opened < given.at:
            found.setdefault(getattr(case, definition.unusual.by), []).extend([case.opened] * n)
    return {key: sorted(instants) for key, instants in found.items()}


def _of_cases(definition: Definition, given: Records, start: int, end: int, calendar: Calendar) -> Answer:
    counted: dict[str, int] = {"num": 0, "den": 0}
    lengths: Counter[Decimal] = Counter()
    oldest: int | None = None
    for n, case in given.cases:
        if not definition.stock:
            instant = getattr(case, definition.by)
            if instant is None or not start <= instant < end:
                continue
        for part, wanted in (("num", definition.num_cases), ("den", definition.den_cases)):
            if wanted is None or not holds(wanted, case, given.at, calendar, stock=definition.stock):
                continue
            counted[part] += n
            if part == "num" and definition.length is not None:
                one = _length_of(definition, definition.length, case, given.at, calendar)
                if one is not None:
                    lengths[one] += n
            if part == "num" and _is_overdue(wanted) and case.due is not None:
                due = case.due + case.waited_s
                oldest = due if oldest is None else min(oldest, due)
    if definition.length is not None:
        in_hand = counted["num"] if definition.stock else 1
        value = together(lengths, in_hand, definition.length.take)
        return Answer(value=None if value is None else judge.rounded(value, definition.decimals))
    days = None if oldest is None else calendar.working_days_between(oldest, given.at)
    return Answer(counted["num"], counted["den"] if definition.is_share else None, oldest=days)


def _length_of(
    definition: Definition, length: Length, case: Case, at: int, calendar: Calendar
) -> Decimal | None:
    if definition.stock:
        told = case.facts.get(length.fact) if length.fact else case.opened
        return length_at(length, None if told is None else str(told) if length.fact else told, at, calendar)
    bin = bin_of(length, case, calendar)
    return None if bin is None else length_of(length, bin)


def _is_overdue(wanted: CaseFilter) -> bool:
    return bool(wanted.overdue)


def _value(one: Observation) -> Value:
    key = SeriesKey(
        "given", one.variable, one.agency, one.category, one.channel, one.span, one.kind, one.method
    )
    return Value(key, one.place, one.time, one.value, one.flag)


def _observation(row: Mapping[str, Any]) -> Observation:
    told = dict(row)
    told["time"] = _instant(told["time"])
    return Observation(**told)


def _instant(text: str) -> int:
    when = datetime.fromisoformat(text)
    return int((when if when.tzinfo else when.replace(tzinfo=LOCAL)).timestamp())


def _site(row: Mapping[str, Any]) -> Site:
    limits = [
        Limit(variable, None, float(high), "2020-01-01", None, "ví dụ")
        for variable, high in row.get("limits", {}).items()
    ]
    name = Text(row["site"], row["site"])
    return Site(
        row["site"],
        name,
        row["kind"],
        row.get("area", ""),
        facility=row.get("facility", ""),
        limits=tuple(limits),
    )


def _case(definition: Definition, row: Mapping[str, Any], at: int, position: int) -> Case:
    """Return a case that is what the row says, and otherwise an ordinary one."""
    told = {key: value for key, value in row.items() if key != "n"}
    flags = {name: told.pop(name) for name in list(told) if isinstance(told[name], bool)}
    instants = {name: _shift(at, told.pop(name)) for name in ("opened", "due", "closed") if name in told}
    state = told.pop(
        "state",
        "waiting_supplement" if flags.get("suspended") else "closed" if flags.get("closed") else "open",
    )
    closed = instants.get("closed", at - HOUR_S if state == "closed" else None)
    opened = instants.get(
        "opened", at - 2 * HOUR_S if definition.period == "day" and not definition.stock else at - 5 * DAY_S
    )
    due: int | None = instants.get("due", at + 14 * DAY_S)
    if flags.get("overdue"):
        due = instants.get("due", at - 3 * DAY_S)
        opened = instants.get("opened", at - 9 * DAY_S)
    if flags.get("late") or flags.get("on_time") is False:
        due = instants.get("due", (closed or at) - HOUR_S)
    if flags.get("has_due") is False:
        due = None
    if closed is not None and opened > closed:
        opened = closed - HOUR_S
    return Case(f"example-{position}", definition.kind, state, opened, due=due, closed=closed, **told)


def _event(definition: Definition, row: Mapping[str, Any], at: int, position: int) -> Event:
    """Return an event that began an hour ago and still lasts, unless the row says otherwise."""
    told = {key: value for key, value in row.items() if key not in ("n", "starts", "ends")}
    ends = _shift(at, row["ends"]) if "ends" in row else None
    return Event(f"example-{position}", definition.kind, _shift(at, row.get("starts", "-1h")), ends, **told)


def _shift(at: int, text: str) -> int:
    found = _OFFSET.fullmatch(text)
    if found is None:
        return _instant(text)
    return at + (1 if found[1] == "+" else -1) * int(found[2]) * _UNITS[found[3]]
