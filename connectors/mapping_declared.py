"""How a declaration says that items become records: its keys, and what may be wrong in them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from connectors import values
from connectors.options import TEXTS, Fault, Option, unknown
from connectors.units import conversion
from ioc.model import STATES, Case, Event, Observation, Source

_SPANS = ("instant", "minute", "hour", "day", "week", "month", "quarter", "year")
_KINDS = ("instant", "mean", "count", "cumulative", "rank", "share")
_METHODS = ("measured", "estimated", "forecast", "official")
_PATH = Option("path", "where it stands in one item (JMESPath)")

OPTIONS: Mapping[str, Option] = {
    "fields": Option("table", "a field of the record <- JMESPath into one item", required=True, each=_PATH),
    "enums": Option("table", "closed enumerations by field", each=Option("table", "theirs <- ours")),
    "times": Option(
        "table",
        "how instants are written",
        keys={
            "format": Option("any", "iso, epoch, epoch_ms or strptime; a list is tried in order"),
            "zone": Option("text", 'the zone of times without an offset: "+07:00"'),
            "fields": Option(
                "table", "another format for single fields", each=Option("any", "a format or several")
            ),
        },
    ),
    "types": Option(
        "table",
        "what a further field is; the default is what came",
        each=Option("choice", "a type", choices=("text", "code", "number", "flag", "time")),
    ),
    "variables": Option(
        "table",
        "variable <- where its value stands in one item",
        each=Option(
            "table",
            "one variable",
            keys={
                "field": Option("path", "where the value stands (JMESPath)", required=True),
                "unit": Option("text", "the unit in which the source writes"),
                "to": Option("text", "the catalogue's unit where it is another one"),
                "factor": Option("number", "what to multiply with where no conversion is known"),
                "category": Option("text", "the category of this series"),
                "channel": Option("text", "the channel of this series"),
                "span": Option("choice", "over which span", choices=_SPANS),
                "kind": Option("choice", "what kind of number", choices=_KINDS),
                "method": Option("choice", "how it was found", choices=_METHODS),
            },
        ),
    ),
    "decimal": Option("choice", "the decimal mark of numbers in texts", choices=(".", ",")),
    "thousands": Option("choice", "the mark between thousands", choices=(".", ",", " ")),
    "blank": Option("list", "texts that mean that there is nothing", each=Option("text", "such a text")),
    "loose": Option("list", TEXTS.doc + ": fields that may stay unresolved", each=Option("text", "a field")),
}

REQUIRED = {Case: ("key", "state", "opened"), Event: ("key", "starts"), Observation: ("place", "time")}
_FIXED = {Case: {"kind", "facts"}, Event: {"kind", "facts"}, Observation: set()}


def check(source: Source, given: Iterable[str] = ()) -> Iterator[Fault]:
    """Yield what is wrong in the mapping of a declaration; given: fields that the connector itself supplies."""
    shape, options = shape_of(source), source.options
    fields, enums, given = options.get("fields", {}), options.get("enums", {}), set(given)
    known = tuple(name for name in shape._fields if name not in _FIXED[shape])
    for target in fields:
        if target not in known and not (target.startswith("facts.") and shape is not Observation):
            yield f"fields.{target}", unknown(f"field of {source.shape}", target, known)
    for name in REQUIRED[shape]:
        if name not in fields and name not in given:
            yield f"fields.{name}", f"is missing: every record of {source.shape} needs its {name}"
    if shape is Observation:
        if not options.get("variables") and not {"variable", "value"} <= {*fields, *given}:
            yield "variables", "is missing: name the variables, or map the fields variable and value"
        yield from _faulty_units(options.get("variables", {}))
    elif "variables" in options:
        yield "variables", 'only a source with shape = "observation" has variables'
    for target, table in enums.items():
        if target not in fields and target not in given:
            yield f"enums.{target}", f"the field {target} is not mapped in fields"
        for word, meant in table.items():
            if target == "state" and meant not in STATES and word != "*":
                yield f"enums.state.{word}", unknown("state", meant, STATES)
            elif not isinstance(meant, str | int | float | bool):
                yield f"enums.{target}.{word}", f"a text, a number, true or false was expected, not {meant!r}"
    for target in options.get("types", {}):
        if target not in fields or not target.startswith("facts."):
            yield (
                f"types.{target}",
                "only a further field (facts.…) that is mapped in fields has a declared type",
            )
    yield from _faulty_times(options.get("times", {}), {*fields, *given})


def shape_of(source: Source) -> Any:
    """Return Case, Event or Observation as the source's shape says."""
    return {"case": Case, "event": Event}.get(source.shape.partition(":")[0], Observation)


def _faulty_units(declared: Mapping[str, Any]) -> Iterator[Fault]:
    for name, variable in declared.items():
        if "to" in variable and "factor" not in variable:
            try:
                conversion(variable.get("unit", variable["to"]), variable["to"])
            except ValueError as error:
                yield f"variables.{name}.to", str(error)


def _faulty_times(times: Mapping[str, Any], mapped: set[str]) -> Iterator[Fault]:
    for target in times.get("fields", {}):
        if target not in mapped:
            yield f"times.fields.{target}", f"the field {target} is not mapped in fields"
    for key, form in {"format": times.get("format", "iso"), **times.get("fields", {})}.items():
        forms = form if isinstance(form, list) else [form]
        if not forms or not all(
            isinstance(f, str) and (f in ("iso", "epoch", "epoch_ms") or "%" in f) for f in forms
        ):
            yield (
                f"times.{key}",
                f'"iso", "epoch", "epoch_ms" or a format such as "%d/%m/%Y" was expected, not {form!r}',
            )
    try:
        values.zone_of(times.get("zone", "Z"))
    except ValueError as error:
        yield "times.zone", str(error)
