"""One item of a source -> Case, Event or Observations, by declaration alone: JMESPath, enumerations, times, units."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from connectors import values
from connectors.field_names import names_in
from connectors.field_readers import ABSENT, TYPED, picker, reading
from connectors.mapping_declared import OPTIONS as OPTIONS
from connectors.mapping_declared import REQUIRED
from connectors.mapping_declared import check as check
from connectors.mapping_declared import shape_of as shape_of
from connectors.units import conversion
from connectors.values import Read, UnreadableError
from ioc.calendar import local_date
from ioc.model import Case, Observation, Record, Rejected, Source
from ioc.scrub import scrub
from ioc.structure import Structure, observed

Address = Callable[[int, str], str]
"""Where a fault stands: (position of the item from 0, path of the field or "" for the whole item) -> words."""

SAMPLED = 100
"""So many items of a page, and every so many-th after them, tell which fields its items have."""


@dataclass(frozen=True, slots=True)
class Reader:
    """How one field is found and read.

    index: its place in the record, -1 for a further one (facts). personal: people type it, so what is kept of it
    is scrubbed. blanks: an absent text means something here.
    """

    target: str
    path: str
    index: int
    pick: Callable[[Mapping[str, Any]], Any]
    read: Read
    personal: bool
    blanks: bool


@dataclass(frozen=True, slots=True)
class Value:
    """How one variable is found, read and converted."""

    variable: str
    path: str
    pick: Callable[[Mapping[str, Any]], Any]
    factor: float
    offset: float
    fixed: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Mapped:
    """A source's declaration, compiled: how its items become records."""

    shape: Any  # Case, Event or Observation
    kind: str
    readers: tuple[Reader, ...]
    values: tuple[Value, ...]
    number: Read
    blank: frozenset[str]
    earliest: int
    required: tuple[str, ...]
    defaults: tuple[Any, ...]
    paths: frozenset[str]


@dataclass(slots=True)
class Translated:
    """What came of some items: records, what was refused, per item its declared raw fields; and some of the items.

    paths: the names that the declaration reads in an item.
    """

    records: list[Record] = field(default_factory=list)
    rejected: list[Rejected] = field(default_factory=list)
    kept: list[dict[str, Any]] = field(default_factory=list)
    sample: list[Any] = field(default_factory=list)
    paths: frozenset[str] = frozenset()

    @property
    def structure(self) -> Structure:
        """Which fields the items had."""
        return observed(self.sample, self.paths)


def compiled(source: Source) -> Mapped:
    """Compile a checked declaration once; translate() uses the result for every item."""
    shape, options = shape_of(source), source.options
    number = values.number_reader(options.get("decimal", "."), options.get("thousands", ""))
    readers = tuple(
        Reader(
            target,
            path,
            shape._fields.index(target) if target in shape._fields else -1,
            picker(path),
            reading(target, options, number),
            target in TYPED
            or (target.startswith("facts.") and options.get("types", {}).get(target) != "code"),
            "" in options.get("enums", {}).get(target, {}),
        )
        for target, path in options["fields"].items()
    )
    defaults = tuple(shape._field_defaults.get(name) for name in shape._fields)
    measured = tuple(_value(name, declared) for name, declared in options.get("variables", {}).items())
    return Mapped(
        shape=shape,
        kind=source.shape.partition(":")[2],
        readers=readers,
        values=measured,
        number=number,
        blank=frozenset(("", *options.get("blank", ()))),
        earliest=source.earliest,
        required=tuple(n for n in (*REQUIRED[shape], *(() if options.get("variables") else ("variable",)))
                       if n in shape._fields),
        defaults=defaults,
        paths=frozenset().union(*(names_in(path) for path in [r.path for r in readers] + [v.path for v in measured])),
    )  # fmt: skip


def translate(mapped: Mapped, items: Iterable[Any], address: Address, start: int = 0) -> Translated:
    """Translate items, numbered from start; one that cannot be understood is rejected and the rest land."""
    out = Translated(paths=mapped.paths)
    one = _observations if mapped.shape is Observation else _record
    for position, item in enumerate(items, start):
        if position - start < SAMPLED or position % SAMPLED == 0:
            out.sample.append(item)
        if not isinstance(item, Mapping):
            reason = f"Bản ghi phải là một đối tượng, nhưng nhận được {values.kind_of(item)}."
            out.rejected.append(Rejected(address(position, ""), reason))
            continue
        one(mapped, item, partial(address, position), out)
    return out


def _record(mapped: Mapped, item: Mapping[str, Any], address: Callable[[str], str], out: Translated) -> None:
    row, facts, raw, faults = _fields(mapped, item)
    out.kept.append(raw)
    if faults:
        out.rejected.append(_rejected(row, raw, faults, address))
        return
    row[1] = mapped.kind
    row[-1] = facts
    out.records.append(mapped.shape._make(row))


def _observations(
    mapped: Mapped, item: Mapping[str, Any], address: Callable[[str], str], out: Translated
) -> None:
    row, _, raw, faults = _fields(mapped, item)
    out.kept.append(raw)
    if not mapped.values:
        if not faults and row[3] is not None:
            value, bound = row[3]
            out.records.append(Observation._make((*row[:3], value, bound or row[4], *row[5:])))
        elif not faults and any(reader.target == "value" and reader.path in raw for reader in mapped.readers):
            out.records.append(Observation._make(row))
    elif not faults:
        base = Observation._make(row)
        for value in mapped.values:
            found = value.pick(item)
            if found is ABSENT:
                continue
            raw[value.path] = kept(found, False)
            try:
                out.records.append(_observed(mapped, base, value, found))
            except UnreadableError as error:
                raw[value.path] = kept(found, True)
                out.rejected.append(_rejected(row, raw, [(value.variable, value.path, str(error))], address))
    if faults:
        out.rejected.append(_rejected(row, raw, faults, address))


def _observed(mapped: Mapped, base: Observation, value: Value, found: Any) -> Observation:
    if found is None or (isinstance(found, str) and found.strip() in mapped.blank):
        return base._replace(variable=value.variable, value=None, **value.fixed)
    number, bound = values.bounded(found, mapped.number)
    if value.factor != 1.0 or value.offset:
        number = number * value.factor + value.offset
    return base._replace(variable=value.variable, value=number, flag=bound or base.flag, **value.fixed)


def _fields(
    mapped: Mapped, item: Mapping[str, Any]
) -> tuple[list[Any], dict[str, Any], dict[str, Any], list[tuple[str, str, str]]]:
    """Read the declared fields: the record's row, the further fields, the raw values, the faults."""
    row, facts, raw = list(mapped.defaults), {}, {}
    faults: list[tuple[str, str, str]] = []
    blank = mapped.blank
    for reader in mapped.readers:
        found = reader.pick(item)
        if found is ABSENT:
            continue
        raw[reader.path] = kept(found, reader.personal)
        if found is None or (isinstance(found, str) and (found in blank or found.strip() in blank)):
            if not reader.blanks:
                continue
            found = ""
        try:
            value = reader.read(found)
        except UnreadableError as error:
            raw[reader.path] = kept(found, True)
            faults.append((reader.target, reader.path, str(error)))
            continue
        if reader.index >= 0:
            row[reader.index] = value
        else:
            facts[reader.target[6:]] = value
    _judge(mapped, row, faults)
    return row, facts, raw, faults


def _judge(mapped: Mapped, row: list[Any], faults: list[tuple[str, str, str]]) -> None:
    """Add what the record lacks, and times before anything could have been reported."""
    names = mapped.shape._fields
    for name in mapped.required:
        value = row[names.index(name)]
        if (value is None or value == "") and all(fault[0] != name for fault in faults):
            faults.append((name, _path(mapped, name), "không có giá trị"))
    for name in ("opened", "closed", "starts", "time"):
        if name in names and isinstance(at := row[names.index(name)], int) and at < mapped.earliest:
            faults.append(
                (name, _path(mapped, name), f"thời điểm {_day(at)} sớm hơn giới hạn {_day(mapped.earliest)}")
            )
    if mapped.shape is Case:
        lat, lon = row[names.index("lat")], row[names.index("lon")]
        if (lat is not None and abs(lat) > 90) or (lon is not None and abs(lon) > 180):
            faults.append(("lat", _path(mapped, "lat"), f"tọa độ {lat}, {lon} không có trên trái đất"))


def _rejected(
    row: Sequence[Any],
    raw: Mapping[str, Any],
    faults: Sequence[tuple[str, str, str]],
    address: Callable[[str], str],
) -> Rejected:
    where = address(faults[0][1])
    if isinstance(row[0], str) and row[0]:
        where += f" (key {scrub(row[0])})"
    told = [f"Trường {target}" + (f" ({path})" if path else "") + f": {why}" for target, path, why in faults]
    return Rejected(where, "; ".join(told) + ".", dict(raw))


def on_page(page: int) -> Address:
    """Return the addresses of the items of one page of an answer: "trang 2, mục 17"."""
    return lambda position, _path: f"trang {page}, mục {position + 1}"


def kept(value: Any, personal: bool) -> Any:
    """Return what may be kept of one raw value: scalars and lists of them, scrubbed where people type it."""
    if isinstance(value, str):
        return scrub(value) if personal else value
    if value is None or isinstance(value, int | float):
        return value
    if isinstance(value, list) and not any(isinstance(part, list | dict) for part in value):
        return [kept(part, personal) for part in value]
    return "(đối tượng)" if isinstance(value, Mapping | list) else str(value)


def _value(variable: str, declared: Mapping[str, Any]) -> Value:
    factor, offset = float(declared.get("factor", 1.0)), 0.0
    if "to" in declared and "factor" not in declared:
        factor, offset = conversion(declared.get("unit", declared["to"]), declared["to"])
    fixed = {
        name: declared[name] for name in ("category", "channel", "span", "kind", "method") if name in declared
    }
    return Value(variable, declared["field"], picker(declared["field"]), factor, offset, fixed)


def _path(mapped: Mapped, name: str) -> str:
    return next((reader.path for reader in mapped.readers if reader.target == name), "")


def _day(at: int) -> str:
    try:
        return local_date(at).strftime("%d/%m/%Y")
    except (ValueError, OverflowError, OSError):
        return str(at)
