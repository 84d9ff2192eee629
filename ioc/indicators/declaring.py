"""An indicator read from one table of data/indicators/*.toml.

Every fault is a DeclarationError with file, table, key and what was expected.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from typing import Any

from ioc.catalogue import Catalogue
from ioc.declared import Reader, Table, read_due
from ioc.errors import DeclarationError
from ioc.indicators.above import read_above
from ioc.indicators.composite import KINDS as COMPOSITES
from ioc.indicators.composite import faults_between, read_composite
from ioc.indicators.definition import Definition
from ioc.indicators.parts import (
    CaseFilter,
    read_events,
    read_examples,
    read_filter,
    read_length,
    read_per,
    read_pick,
    read_start,
    read_targets,
    refuse,
    stated,
)
from ioc.indicators.watch import read_watch
from ioc.model import Text

PERIODS = (
    "hour", "day", "week", "month", "quarter", "year", "last_24h", "last_7d", "last_30d", "to_date", "report",
)  # fmt: skip
OVER = ("last", "sum", "mean", "max", "min")
COUNT_ABOVE = "count_above"
ACROSS = ("sum", "mean", "max", "min", "count", "worst")
OF_RECORDS = (
    "by", "stock", "numerator", "denominator", "duration", "value", "take", "over", "across", "inputs", "settings", "per",
    "weight", "above", "grain", "within",
)  # fmt: skip
KEYS = {
    "name", "short", "sector", "unit", "decimals", "of", "by", "stock", "numerator", "denominator", "duration", "value",
    "take", "over", "across", "function", "inputs", "settings", "period", "better", "warning", "critical", "limit_basis",
    "fresh_for", "due", "sources", "owner", "basis", "target", "start", "historical", "at_least", "example",
    "change", "funnel", "index", "index_766", "per", "weight", "above", "grain", "within", "unusual", "ages",
}  # fmt: skip


def load(
    catalogue: Catalogue,
    *,
    known_agency: Callable[[str], bool] | None = None,
    functions: Iterable[str] | None = None,
) -> tuple[dict[str, Definition], list[DeclarationError]]:
    """Return the definitions of a catalogue by id and the faults of those left out."""
    known = frozenset(functions) if functions is not None else None
    definitions: dict[str, Definition] = {}
    faults: list[DeclarationError] = []
    for table in catalogue.indicators.values():
        try:
            found = read_definition(table)
            _cross_check(found, catalogue, known_agency, known)
        except DeclarationError as fault:
            faults.append(fault)
        else:
            definitions[found.id] = found
    for id, (key, expected) in faults_between(definitions).items():
        faulty = definitions.pop(id)
        faults.append(DeclarationError(faulty.file, id, key, expected))
    return definitions, faults


def read_definition(table: Table) -> Definition:
    """Read one indicator. Raises DeclarationError."""
    body = Reader(table, KEYS)
    of = body.get("of", str)
    if not re.fullmatch(r"observation|indicators|(case|event):[a-z][a-z0-9_]*", of):
        raise body.fault(
            "of", f'"observation", "indicators", "case:<kind>" or "event:<kind>" was expected, not {of!r}'
        )
    fresh_for = body.length("fresh_for", None)
    if fresh_for == 0:
        raise body.fault("fresh_for", "a length above nought was expected")
    due = read_due(body) if "due" in table.body else None
    if of == "indicators":
        refuse(body, ("fresh_for", "due", "sources"), "follows from the indicators that it is made of")
    elif (fresh_for is None) == (due is None):
        raise body.fault("fresh_for", 'exactly one of fresh_for = "1h" and due = { day = 15 } was expected')
    decimals = body.number("decimals", int, 0)
    if not 0 <= decimals <= 6:
        raise body.fault("decimals", f"0 to 6 was expected, not {decimals}")
    parts: dict[str, Any] = {}
    function = body.get("function", str, "")
    if of == "indicators":
        refuse(body, (*OF_RECORDS, "function"), "is not used beside what is made of indicators")
        parts = {"composite": read_composite(body)}
    elif function:
        parts = _read_function(body, function)
    elif of == "observation":
        parts = _read_observed(body)
    else:
        parts = _read_cases(body)
    if of != "indicators":
        refuse(body, COMPOSITES, 'belongs to of = "indicators"')
    return Definition(
        id=table.id,
        name=_full_name(body),
        sector=body.get("sector", str),
        unit=body.get("unit", str),
        decimals=decimals,
        of=of,
        period=body.one_of("period", PERIODS, "month"),
        better=body.one_of("better", ("higher", "lower", "neutral")),
        owner=stated(
            body,
            "owner",
            "the id of the agency that answers for it was expected: a number nobody owns is not shown",
        ),
        basis=stated(body, "basis", "the rule or document that defines it was expected"),
        fresh_for=fresh_for,
        due=due,
        sources=_read_sources(body),
        targets=(targets := read_targets(body)),
        start=read_start(body, targets),
        historical=body.get("historical", bool, False),
        at_least=body.get("at_least", bool, False),
        examples=read_examples(body),
        per=read_per(body),
        file=table.file,
        hash=table.hash,
        **_read_limits(body),
        **parts,
    )


def _read_sources(body: Reader) -> tuple[str, ...]:
    sources = body.get("sources", list, [])
    if not all(isinstance(source, str) for source in sources):
        raise body.fault("sources", f"ids of sources were expected, not {sources!r}")
    return tuple(sources)


def _full_name(body: Reader) -> Text:
    name = body.text("name")
    if "en" not in body.get("name", dict):
        raise body.fault("name.en", "an English text was expected")
    if len(name.say("vi", short=True)) > 22:
        raise body.fault(
            "short.vi",
            f"a short name of at most 22 characters was expected, not {name.say('vi', short=True)!r}",
        )
    return name


def _read_limits(body: Reader) -> dict[str, Any]:
    better = body.get("better", str)
    warning, critical = body.optional_number("warning"), body.optional_number("critical")
    limit_basis = body.get("limit_basis", str, "")
    if warning is None and critical is None:
        return {}
    if better == "neutral":
        raise body.fault("better", "higher or lower was expected: a neutral number has no limits")
    if not limit_basis.strip():
        raise body.fault("limit_basis", "the basis of warning and critical was expected")
    if warning is not None and critical is not None and (critical > warning) == (better == "higher"):
        raise body.fault(
            "critical",
            f"a limit {'below' if better == 'higher' else 'above'} warning = {warning:g} was expected",
        )
    return {"warning": warning, "critical": critical, "limit_basis": limit_basis}


def _read_cases(body: Reader) -> dict[str, Any]:
    refuse(
        body,
        ("over", "above", "across", "weight", "inputs", "settings"),
        "belongs to indicators of observations",
    )
    by = body.get("by", str, "")
    stock = body.get("stock", bool, False)
    dates = ("opened", "closed", "due") if body.get("of", str).startswith("case:") else ("starts",)
    if bool(by) == stock:
        raise body.fault(
            "by", f"either by = {' | '.join(dates)} (what places it in a period) or stock = true was expected"
        )
    if by and by not in dates:
        raise body.fault("by", f"one of {', '.join(dates)} was expected, not {by!r}")
    if body.get("of", str).startswith("event:"):
        refuse(body, ("denominator", "duration", "value", "take"), "belongs to indicators of cases")
        wanted = read_events(body, "numerator") if "numerator" in body.table.body else CaseFilter()
        return {"by": by, "stock": stock, "num_cases": wanted}
    numerator = read_filter(body, "numerator", stock) if "numerator" in body.table.body else CaseFilter()
    divided = body.get("denominator", dict, {}) if "denominator" in body.table.body else None
    people = read_pick(body, "denominator", divided) if divided and "variable" in divided else None
    denominator = read_filter(body, "denominator", stock) if divided is not None and people is None else None
    if "unusual" in body.table.body:
        refuse(body, ("denominator", "duration", "value", "take"), "is not used beside what is unusual")
        if not stock:
            raise body.fault("unusual", "stock = true was expected: it is judged at an instant")
        return {"stock": True, "num_cases": numerator, "unusual": read_watch(body)}
    length = read_length(body)
    if length is not None and divided is not None:
        raise body.fault(
            "denominator", "none was expected beside duration or value: lengths are taken of the numerator"
        )
    cases = {"num_cases": numerator, "den_cases": denominator, "den": people, "ages": _read_ages(body)}
    return {"by": by, "stock": stock, **cases, "length": length}


def _read_ages(body: Reader) -> tuple[int, ...]:
    ages = body.get("ages", list, [])
    if ages and not body.get("stock", bool, False):
        raise body.fault("ages", "stock = true was expected beside it: what is in hand grows old")
    whole = all(isinstance(one, int) and one > 0 for one in ages)
    if not whole or sorted(set(ages)) != ages:
        raise body.fault("ages", f"days in ascending order, such as [1, 3, 7], were expected, not {ages!r}")
    return tuple(ages)


def _read_observed(body: Reader) -> dict[str, Any]:
    refuse(
        body,
        ("by", "stock", "duration", "value", "take", "inputs", "settings"),
        "belongs to indicators of cases",
    )
    own = OVER if "per" in body.table.body else ()
    denominator = (
        read_pick(body, "denominator", body.get("denominator", dict), over=own)
        if "denominator" in body.table.body
        else None
    )
    if body.get("over", str, "") == COUNT_ABOVE:
        refuse(body, ("denominator", "per", "weight", "across"), "is not used beside what is exceeded")
        return {
            "num": read_pick(body, "numerator", body.get("numerator", dict)),
            "over": COUNT_ABOVE,
            "above": read_above(body),
        }
    refuse(body, ("above", "grain", "within"), f'belongs to over = "{COUNT_ABOVE}"')
    across = body.one_of("across", ACROSS, "sum")
    weight = read_pick(body, "weight", body.get("weight", dict)) if "weight" in body.table.body else None
    if weight is not None and (across != "mean" or denominator is not None):
        raise body.fault("weight", 'across = "mean" without a denominator was expected beside it')
    return {
        "num": read_pick(body, "numerator", body.get("numerator", dict)),
        "den": denominator,
        "weight": weight,
        "over": body.one_of("over", (*OVER, COUNT_ABOVE), "last"),
        "across": across,
    }


def _read_function(body: Reader, function: str) -> dict[str, Any]:
    refuse(
        body,
        ("by", "stock", "numerator", "denominator", "duration", "value", "take", "over", "above", "weight"),
        "is not used beside a function",
    )
    inputs = body.get("inputs", list)
    picks = tuple(
        read_pick(body, f"inputs[{position}]", raw if isinstance(raw, dict) else {"variable": raw})
        for position, raw in enumerate(inputs, 1)
    )
    return {
        "function": function,
        "inputs": picks,
        "across": body.one_of("across", ACROSS, "worst"),
        "settings": body.get("settings", dict, {}),
    }


def _cross_check(
    found: Definition,
    catalogue: Catalogue,
    known_agency: Callable[[str], bool] | None,
    functions: frozenset[str] | None,
) -> None:
    def fault(key: str, expected: str) -> DeclarationError:
        return DeclarationError(found.file, found.id, key, expected)

    if found.sector not in catalogue.sectors:
        raise fault(
            "sector", f"{found.sector!r} is unknown; known are {', '.join(sorted(catalogue.sectors))}"
        )
    if known_agency is not None and not known_agency(found.owner):
        raise fault("owner", f"no agency {found.owner!r} is declared in agencies.toml")
    if functions is not None and found.function and found.function not in functions:
        raise fault("function", f"{found.function!r} is unknown; known are {', '.join(sorted(functions))}")
    for variable in sorted(found.variables):
        if variable not in catalogue.variables:
            raise fault("variable", f"{variable!r} is not declared in variables.toml")
    for source in (catalogue.sources[id] for id in found.sources if id in catalogue.sources):
        if source.shape not in (found.of, "observation"):
            raise fault("sources", f"{source.id} tells of {source.shape}, not of {found.of}")
    if found.num is not None and found.den is None and found.above is None and found.across != "count":
        measured = catalogue.variables[found.num.variable].unit
        if measured != found.unit and not {measured[:1], found.unit[:1]} <= {"{", "1"}:
            raise fault("unit", f"{measured!r} was expected, in which {found.num.variable} is kept")
