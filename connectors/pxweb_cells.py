"""The cells of a statistical table -> observations: time, place, category and variable by declared dimensions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from connectors import values
from connectors.json_stat import Cell, Dataset, Dimension, cells
from connectors.mapping import Translated
from connectors.statistics_period import period
from connectors.units import conversion
from connectors.values import UnreadableError
from ioc.errors import ContractError
from ioc.model import Observation, Rejected
from ioc.scrub import scrub

_GAPS = ("..", "...", ".", ":", "m", "x")
_number = values.number_reader()


def of_category(declared: Any) -> list[str]:
    """Return the dimensions whose labels together make the category."""
    return [declared] if isinstance(declared, str) else list(declared or ())


def translate(found: Dataset, options: Mapping[str, Any]) -> Translated:
    """Translate a dataset's cells by the declared dimensions; raises ContractError where the table is another one."""
    table = _Table(found, options)
    out = Translated()
    for cell in cells(found):
        codes = {d.id: d.codes[at] for d, at in zip(found.dimensions, cell.at, strict=True)}
        if any(_said(d, codes[d.id], table.skip, None) for d in found.dimensions):
            continue
        raw = {
            **{name: scrub(code) for name, code in codes.items()},
            "value": cell.value
            if isinstance(cell.value, int | float | None)
            else values.shown(cell.value)[1:-1],
        }
        out.kept.append(raw)
        try:
            out.records.append(table.observation(cell, codes))
        except UnreadableError as error:
            where = ", ".join(
                f"{d.label} = {d.labels[codes[d.id]]}" for d in found.dimensions if len(d.codes) > 1
            )
            out.rejected.append(Rejected(scrub(f"ô {where}")[:200], f"{error}.", raw))
    return out  # fmt: skip


class _Table:
    """The declared roles, looked up once in one dataset."""

    def __init__(self, found: Dataset, options: Mapping[str, Any]) -> None:
        roles = options.get("dimensions", {})
        self.options = options
        self.skip: Mapping[str, Any] = dict.fromkeys(options.get("skip", ()), True)
        by_name = {name: d for d in found.dimensions for name in (d.label, d.id)}
        time = roles.get("time") or (found.times[0] if len(found.times) == 1 else "")
        self.time = _dimension(by_name, time or "(time)")
        self.place = _dimension(by_name, roles["place"]) if "place" in roles else None
        self.variable = _dimension(by_name, roles["variable"]) if "variable" in roles else None
        self.channel = _dimension(by_name, roles["channel"]) if "channel" in roles else None
        self.category = [_dimension(by_name, name) for name in of_category(roles.get("category"))]
        used = {
            d.id
            for d in (self.time, self.place, self.variable, self.channel, *self.category)
            if d is not None
        }
        for dimension in found.dimensions:
            left = [code for code in dimension.codes if not _said(dimension, code, self.skip, None)]
            if dimension.id not in used and len(left) > 1:
                raise ContractError(
                    f"Bảng có thêm chiều {values.shown(dimension.label)} với {len(left)} mục chưa khai báo."
                )
        self.periods = {code: _period(self.time.labels[code]) for code in self.time.codes}
        self.factors = {key: _factor(item) for key, item in options["data"].items()}

    def observation(self, cell: Cell, codes: Mapping[str, str]) -> Observation:
        data, options = self.options["data"], self.options
        key = "*"
        if self.variable is not None:
            code = codes[self.variable.id]
            key = next((name for name in (code, self.variable.labels[code], "*") if name in data), "")
        if key not in data:
            told = self.variable.labels[codes[self.variable.id]] if self.variable else ""
            raise UnreadableError(f"Mục {values.shown(told)} chưa được khai báo trong data")
        when = self.periods[codes[self.time.id]]
        if isinstance(when, UnreadableError):
            raise when
        start, span, preliminary = when
        place = (
            _said(self.place, codes[self.place.id], options.get("places", {}), "label")
            if self.place
            else options["place"]
        )
        if not place:
            raise UnreadableError("Ô không nói về nơi nào (nhãn trống)")
        item, (factor, offset) = data[key], self.factors[key]
        status = cell.status.strip()
        gap = cell.value is None or status in options.get("gaps", _GAPS)
        early = preliminary or status in options.get("preliminary", ("p", "e"))
        return Observation(
            item["variable"],
            start,
            place,
            None if gap else _number(cell.value) * factor + offset,
            category=item.get("category") or " / ".join(
                _said(d, codes[d.id], options.get("categories", {}), "label") for d in self.category),
            channel=_said(self.channel, codes[self.channel.id], options.get("categories", {}), "label")
            if self.channel else item.get("channel", ""),
            span=item.get("span", span),
            kind=item.get("kind", "instant"),
            method="estimated" if early else item.get("method", "official"),
        )  # fmt: skip


def _said(dimension: Dimension, code: str, declared: Mapping[str, Any], default: str | None) -> Any:
    """Return what is declared for a category by "dimension/code", code or label; else its label, or None."""
    label = dimension.labels[code]
    for name in (f"{dimension.id}/{code}", f"{dimension.label}/{code}", code, label):
        if name in declared:
            return declared[name]
    return label if default == "label" else None


def _dimension(by_name: Mapping[str, Dimension], name: str) -> Dimension:
    if name not in by_name:
        there: Sequence[str] = sorted({d.label for d in by_name.values()})
        raise ContractError(
            f"Bảng không có chiều {values.shown(name)} đã khai báo; có {scrub(', '.join(there))[:200]}."
        )
    return by_name[name]


def _period(label: str) -> tuple[int, str, bool] | UnreadableError:
    try:
        return period(label)
    except UnreadableError as error:
        return error


def _factor(item: Mapping[str, Any]) -> tuple[float, float]:
    if "factor" in item or "to" not in item:
        return float(item.get("factor", 1.0)), 0.0
    return conversion(item.get("unit", item["to"]), item["to"])
