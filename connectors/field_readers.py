"""How one declared field of an item is found and read: by path, enumeration and type."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

import jmespath
from jmespath.exceptions import JMESPathError

from connectors import values
from connectors.values import Read, UnreadableError
from ioc.model import STATES

ABSENT: Any = object()

_TIMES = {"opened", "due", "closed", "starts", "ends", "time"}
_NUMBERS = {"lat", "lon", "waited_s", "value"}
TYPED = {  # people type these, so phones and names of callers turn up in them
    "category", "step", "holder", "responsible", "received_by", "agency", "headline", "status", "severity",
}  # fmt: skip


def picker(path: str) -> Callable[[Mapping[str, Any]], Any]:
    """Return a function that finds a path in an item, ABSENT where it is not there.

    Keys and dotted keys are looked up; anything more is JMESPath, which cannot tell null from absent.
    """
    if re.fullmatch(r"'[^'\\]*'", path):
        constant = path[1:-1]
        return lambda _item: constant
    if re.fullmatch(r"[A-Za-z_]\w*", path, re.A):
        return lambda item: item.get(path, ABSENT)
    if re.fullmatch(r"[A-Za-z_]\w*(\.[A-Za-z_]\w*)+", path, re.A):
        return partial(_walk, tuple(path.split(".")))
    search = jmespath.compile(path).search

    def find(item: Mapping[str, Any]) -> Any:
        try:
            found = search(item)
        except JMESPathError:  # a function met a type that it does not take: not what was declared
            return ABSENT
        return ABSENT if found is None else found

    return find


def _walk(keys: tuple[str, ...], item: Any) -> Any:
    for key in keys:
        if not isinstance(item, Mapping) or key not in item:
            return ABSENT
        item = item[key]
    return item


def reading(target: str, options: Mapping[str, Any], number: Read) -> Read:
    """Return the reader that a field's name, enumeration and declared type ask for."""
    enum = options.get("enums", {}).get(target)
    kind = options.get("types", {}).get(target, "")
    if target == "state":
        return _state_reader(values.enum_reader(enum or {"*": "*"}))
    if enum is not None:
        return values.enum_reader(enum)
    if target in _TIMES or kind == "time":
        times = options.get("times", {})
        form = times.get("fields", {}).get(target, times.get("format", "iso"))
        return values.time_reader(form, times.get("zone", ""), day_ends=target in ("due", "ends"))
    if target == "value":
        return lambda value: values.bounded(value, number)
    if target == "waited_s":
        return lambda value: int(number(value))
    if target in _NUMBERS or kind == "number":
        return number
    if target == "areas":
        return _areas
    if kind == "flag":
        return values.flag
    if kind == "code":
        return values.text
    if target.startswith("facts.") and kind != "text":
        return values.scalar
    return values.free_text if target in TYPED or kind == "text" else values.text


def _state_reader(enum: Read) -> Read:
    def state(value: Any) -> str:
        found = enum(value)
        if found not in STATES:
            raise UnreadableError(f"{values.shown(found)} không phải là một trạng thái ({', '.join(STATES)})")
        return str(found)

    return state


def _areas(value: Any) -> tuple[str, ...]:
    return tuple(values.text(part) for part in (value if isinstance(value, list) else [value]))
