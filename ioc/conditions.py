"""Which cases a definition speaks of: one condition, tested on a Case and asked of a table alike."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from sqlalchemy import ColumnElement, FromClause, String, Table, and_, func, literal, not_, true
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement

from ioc.model import NOT_RECEIVED, PENDING, STATES, SUSPENDED, Case

FIELDS = (
    "state", "status", "channel", "category", "level", "step", "responsible", "received_by", "holder", "area", "site",
)  # fmt: skip
OF_EVENTS = ("category", "severity", "site")
"""What a condition on events may name, beside facts.<name>."""
FLAGS = ("received", "closed", "pending", "suspended", "has_due", "has_area", "has_point", "on_time", "late")
AT_AN_INSTANT = ("overdue", "due_within", "older_than")
"""Conditions that time alone changes; only a stock may use them (ioc/indicators/stocks.py judges them)."""

MOST_WRITTEN = 2_000
_WRITTEN: dict[tuple[str, Table], ColumnElement[bool]] = {}
"""Conditions over the tables of the store: writing one costs as much as asking it."""

Scalar = str | int | float | bool | None


@dataclass(frozen=True, slots=True)
class Condition:
    """A conjunction of declared conditions on a case that time alone does not change.

    equal: field -> accepted values ("facts.x" reaches into the declared facts); flags: name -> wanted truth;
    excluded: conditions none of which may hold.
    """

    equal: tuple[tuple[str, tuple[Scalar, ...]], ...] = ()
    flags: tuple[tuple[str, bool], ...] = ()
    excluded: tuple[Condition, ...] = ()
    _tests: tuple[Callable[[Case], bool], ...] = field(default=(), compare=False, repr=False)

    def __post_init__(self) -> None:
        tests = [_equal_test(name, values) for name, values in self.equal]
        tests += [_flag_test(name, wanted) for name, wanted in self.flags]
        tests += [_excluded_test(condition) for condition in self.excluded]
        object.__setattr__(self, "_tests", tuple(tests))

    def holds(self, case: Case) -> bool:
        """Whether the case meets every part."""
        for test in self._tests:  # noqa: SIM110  a page asks this a hundred thousand times, and all(…) takes twice as long
            if not test(case):
                return False
        return True

    def where(self, table: FromClause) -> ColumnElement[bool]:
        """The same condition over a table that has the columns of a case (facts as JSON text)."""
        if not isinstance(table, Table):
            return self._where(table)
        key = (repr(self), table)  # not the condition: true and 1 are equal, and are asked for differently
        found = _WRITTEN.get(key)
        if found is None:
            if len(_WRITTEN) > MOST_WRITTEN:
                _WRITTEN.clear()
            found = _WRITTEN[key] = self._where(table)
        return found

    def _where(self, table: FromClause) -> ColumnElement[bool]:
        parts = [_equal_clause(table, name, values) for name, values in self.equal]
        parts += [
            flag if wanted else not_(flag)
            for name, wanted in self.flags
            for flag in (_flag_clause(table, name),)
        ]
        parts += [not_(c.where(table)) for c in self.excluded]
        return and_(true(), *parts)


def parse(declared: Mapping[str, Any], fields: Sequence[str] = FIELDS) -> Condition:
    """Read a condition as an indicator declares it; of events with fields = OF_EVENTS.

    Raises ValueError with a sentence that names the key and what was expected.
    """
    equal: list[tuple[str, tuple[Scalar, ...]]] = []
    flags: list[tuple[str, bool]] = []
    excluded: list[Condition] = []
    for key, wanted in declared.items():
        if key == "not":
            if not isinstance(wanted, Mapping):
                raise ValueError("not: a table of conditions was expected")
            excluded.append(parse(wanted, fields))
        elif key in FLAGS and fields is FIELDS:
            if not isinstance(wanted, bool):
                raise ValueError(f"{key}: true or false was expected, not {wanted!r}")
            flags.append((key, wanted))
        elif key == "facts" and isinstance(wanted, Mapping):
            equal += [(f"facts.{name}", _listed(value)) for name, value in wanted.items()]
        elif key in fields or key.startswith("facts."):
            equal.append((key, _listed(wanted)))
            unknown = set(equal[-1][1]) - set(STATES) if key == "state" else set()
            if unknown:
                raise ValueError(f"state: {', '.join(STATES)} are known, not {', '.join(map(repr, unknown))}")
        elif fields is not FIELDS:
            raise ValueError(f"{key}: unknown condition; known are {', '.join(fields)}, facts.<name>, not")
        elif key in AT_AN_INSTANT:
            raise ValueError(f"{key}: only a stock can be judged at an instant; declare stock = true")
        else:
            raise ValueError(
                f"{key}: unknown condition; known are {', '.join(FIELDS + FLAGS + AT_AN_INSTANT)}, facts.<name>, not"
            )
    return Condition(tuple(sorted(equal)), tuple(sorted(flags)), tuple(excluded))


def _listed(value: Any) -> tuple[Scalar, ...]:
    values = value if isinstance(value, Sequence) and not isinstance(value, str) else [value]
    for one in values:
        if one is not None and not isinstance(one, str | int | float | bool):
            raise ValueError(f"a text, number or truth value was expected, not {one!r}")
    return tuple(values)


def _equal_test(name: str, values: tuple[Scalar, ...]) -> Callable[[Case], bool]:
    if name.startswith("facts."):
        fact, texts = name[6:], frozenset(t for v in values if v is not None for t in _fact_texts(v))
        absent = None in values

        def test(case: Case) -> bool:
            value = case.facts.get(fact)
            return absent if value is None else _fact_texts(value)[0] in texts

        return test
    accepted = frozenset(values)
    if name not in Case._fields:
        return lambda record: getattr(record, name) in accepted
    place = Case._fields.index(name)
    return lambda case: case[place] in accepted


def _excluded_test(condition: Condition) -> Callable[[Case], bool]:
    return lambda case: not condition.holds(case)


_FLAGS: Mapping[str, Callable[[Case], bool]] = {
    "received": lambda case: case.state not in NOT_RECEIVED,
    "closed": lambda case: case.state == "closed" and case.closed is not None,
    "pending": lambda case: case.state in PENDING,
    "suspended": lambda case: case.state in SUSPENDED,
    "has_due": lambda case: case.due is not None,
    "has_area": lambda case: case.area != "",
    "has_point": lambda case: case.lat is not None and case.lon is not None,
    "on_time": lambda case: case.on_time is True,
    "late": lambda case: case.on_time is False,
}


def _flag_test(name: str, wanted: bool) -> Callable[[Case], bool]:
    flag = _FLAGS[name]
    return flag if wanted else lambda case: not flag(case)


def _equal_clause(table: FromClause, name: str, values: tuple[Scalar, ...]) -> ColumnElement[bool]:
    if name.startswith("facts."):
        # A fact is compared as the canonical JSON text of its value, which both stores extract alike.
        column = fact_text(table.c.facts, literal(name[6:], String))
        texts = sorted({text for value in values if value is not None for text in _fact_texts(value)})
        clause = column.in_(texts)
        return (clause | column.is_(None)) if None in values else func.coalesce(clause, False)
    return table.c[name].in_([str(value) for value in values])


class fact_number(FunctionElement[str]):
    """The text of one declared fact of a JSON text column that is a number; NULL where it is anything else."""

    type = String()
    inherit_cache = True
    name = "fact_number"


@compiles(fact_number)
def _number_sqlite(element: fact_number, compiler: SQLCompiler, **kw: Any) -> str:
    facts, name = (compiler.process(clause, **kw) for clause in element.clauses)
    kind = f"json_type({facts}, '$.' || {name})"
    return f"CASE WHEN {kind} IN ('integer', 'real') THEN CAST(json_extract({facts}, '$.' || {name}) AS TEXT) END"


@compiles(fact_number, "postgresql")
def _number_postgresql(element: fact_number, compiler: SQLCompiler, **kw: Any) -> str:
    facts, name = (compiler.process(clause, **kw) for clause in element.clauses)
    facts = f"CAST({facts} AS jsonb)"
    return f"CASE WHEN jsonb_typeof({facts} -> {name}) = 'number' THEN {facts} ->> {name} END"


class fact_text(FunctionElement[str]):
    """The text of one declared fact of a JSON text column; NULL where it is absent or null."""

    type = String()
    inherit_cache = True
    name = "fact_text"


@compiles(fact_text)
def _fact_sqlite(element: fact_text, compiler: SQLCompiler, **kw: Any) -> str:
    facts, name = element.clauses
    return (
        f"CAST(json_extract({compiler.process(facts, **kw)}, '$.' || {compiler.process(name, **kw)}) AS TEXT)"
    )


@compiles(fact_text, "postgresql")
def _fact_postgresql(element: fact_text, compiler: SQLCompiler, **kw: Any) -> str:
    facts, name = element.clauses
    return f"(CAST({compiler.process(facts, **kw)} AS jsonb) ->> {compiler.process(name, **kw)})"


@lru_cache(maxsize=4096, typed=True)
def _fact_texts(value: Scalar) -> tuple[str, ...]:
    """Return the texts that one fact may be kept as: level 4 is "4" and 4.0 too, whatever type a source sends."""
    text = str(value).lower() if isinstance(value, bool) else str(value)
    if re.fullmatch(r"-?\d+\.0", text):
        text = text[:-2]
    # SQLite extracts a JSON truth value as 1 or 0, PostgreSQL as true or false
    for same in (("true", "1"), ("false", "0")):
        if text in same:
            return (*same, f"{same[1]}.0")
    return (text, f"{text}.0") if re.fullmatch(r"-?\d+", text) else (text,)


def _flag_clause(table: FromClause, name: str) -> ColumnElement[bool]:
    c = table.c
    done = and_(c.state == "closed", c.closed.is_not(None))
    judged = and_(done, c.due.is_not(None))
    clauses: dict[str, ColumnElement[bool]] = {
        "received": c.state.not_in(NOT_RECEIVED),
        "closed": done,
        "pending": c.state.in_(PENDING),
        "suspended": c.state.in_(SUSPENDED),
        "has_due": c.due.is_not(None),
        "has_area": c.area != "",
        "has_point": and_(c.lat.is_not(None), c.lon.is_not(None)),
        "on_time": func.coalesce(and_(judged, c.closed - c.waited_s <= c.due), False),
        "late": func.coalesce(and_(judged, c.closed - c.waited_s > c.due), False),
    }
    return clauses[name]
