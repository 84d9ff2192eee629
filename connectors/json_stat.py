"""JSON-stat 2.0: datasets as dimensions and cells. https://json-stat.org/full/"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from math import prod
from typing import Any, NamedTuple

from connectors import values
from connectors.json_body import keys_of
from ioc.errors import ContractError


@dataclass(frozen=True, slots=True)
class Dimension:
    """One dimension: its categories' codes in order and their labels."""

    id: str
    label: str
    codes: tuple[str, ...]
    labels: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Dataset:
    """A dataset: its dimensions in order, its time dimensions, and the raw values and statuses by offset."""

    dimensions: tuple[Dimension, ...]
    times: tuple[str, ...]
    value: Any
    status: Any

    @property
    def size(self) -> int:
        """How many cells there may be."""
        return prod(len(dimension.codes) for dimension in self.dimensions)


class Cell(NamedTuple):
    """One cell: the position in each dimension, its value (None: missing) and its status."""

    at: tuple[int, ...]
    value: Any
    status: str


def datasets(body: Any) -> list[Dataset]:
    """Return the datasets of an answer, also of a collection that holds them; raises ContractError."""
    if isinstance(body, dict) and body.get("class") == "collection":
        items = _table(body.get("link")).get("item")
        inside = (
            [item for item in items if isinstance(item, dict) and "dimension" in item]
            if isinstance(items, list)
            else []
        )
        if not inside:
            raise ContractError("Bộ sưu tập JSON-stat chỉ dẫn tới nơi khác, không chứa bảng nào.")
        return [dataset(item) for item in inside]  # fmt: skip
    return [dataset(body)]


def dataset(body: Any) -> Dataset:
    """Read one dataset and check that its parts agree; raises ContractError."""
    if not isinstance(body, dict) or not isinstance(body.get("dimension"), dict):
        raise ContractError(f"Cần một bảng JSON-stat 2.0, nhưng nhận được {keys_of(body)}.")
    ids, sizes = body.get("id"), body.get("size")
    if (
        not isinstance(ids, list)
        or not isinstance(sizes, list)
        or len(ids) != len(sizes)
        or len(set(map(str, ids))) < len(ids)
    ):
        raise ContractError("Bảng JSON-stat không có id và size khớp nhau (JSON-stat 1.x không đọc được).")
    found = tuple(_dimension(str(name), body["dimension"].get(name)) for name in map(str, ids))  # fmt: skip
    for dimension, size in zip(found, sizes, strict=True):
        if len(dimension.codes) != size:
            raise ContractError(
                f"Chiều {values.shown(dimension.label)} có {len(dimension.codes)} mục, nhưng size nói {values.shown(size)}."
            )
    times = _table(body.get("role")).get("time")
    out = Dataset(
        found,
        tuple(map(str, times)) if isinstance(times, list) else (),
        body.get("value"),
        body.get("status"),
    )
    given = len(out.value) if isinstance(out.value, list) else out.size if isinstance(out.value, dict) else -1
    if given != out.size:
        came = "không có value" if given < 0 else f"có {given} giá trị"
        raise ContractError(f"Bảng JSON-stat có {out.size} ô theo size, nhưng {came}.")
    return out  # fmt: skip


def cells(found: Dataset) -> Iterator[Cell]:
    """Yield the cells that are there; of sparse values only those that are named. Raises ContractError."""
    sizes = [len(dimension.codes) for dimension in found.dimensions]
    if isinstance(found.value, list):
        given: Iterator[tuple[int, Any]] = enumerate(found.value)
    else:
        given = ((_offset(key, found.size), value) for key, value in found.value.items())
    for offset, value in given:
        at, rest = [0] * len(sizes), offset
        for position in range(len(sizes) - 1, -1, -1):
            rest, at[position] = divmod(rest, sizes[position])
        yield Cell(tuple(at), value, _status(found.status, offset))


def _dimension(name: str, body: Any) -> Dimension:
    category = _table(_table(body).get("category"))
    index, labels = category.get("index"), _table(category.get("label"))
    if isinstance(index, dict):
        places = list(index.values())
        if any(isinstance(p, bool) or not isinstance(p, int) for p in places) or sorted(places) != list(
            range(len(places))
        ):
            raise ContractError(f"Chiều {values.shown(name)} có index không liên tục từ 0.")
        codes = sorted(index, key=lambda code: index[code])  # fmt: skip
    elif isinstance(index, list):
        codes = [str(code) for code in index]
    elif index is None and len(labels) == 1:
        codes = list(labels)
    else:
        raise ContractError(f"Chiều {values.shown(name)} không có index của các mục.")
    if len(set(codes)) < len(codes):
        raise ContractError(f"Chiều {values.shown(name)} có hai mục cùng mã.")
    label = _table(body).get("label")
    named = {code: _text(labels.get(code)) or code for code in codes}
    return Dimension(name, _text(label) or name, tuple(codes), named)


def _offset(key: str, size: int) -> int:
    if not key.isdecimal() or len(key) > 12 or int(key) >= size:
        raise ContractError(f"Bảng JSON-stat có ô {values.shown(key)} nằm ngoài {size} ô.")
    return int(key)


def _status(status: Any, offset: int) -> str:
    if isinstance(
        status, list
    ):  # 2026: one status in a list stands for all, as in json-stat.org's canada sample
        status = status[0] if len(status) == 1 else status[offset] if offset < len(status) else ""
    elif isinstance(status, dict):
        status = status.get(str(offset), "")
    return status if isinstance(status, str) else ""


def _text(value: Any) -> str:
    return values.text(value) if isinstance(value, str | int | float) else ""


def _table(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}
