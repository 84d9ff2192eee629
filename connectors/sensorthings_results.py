"""One page of SensorThings observations -> observations of one series."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from connectors import mapping, values
from connectors.field_readers import ABSENT, picker
from connectors.mapping import Translated
from connectors.units import conversion
from connectors.values import UnreadableError
from ioc.model import Observation, Rejected

Translate = Callable[[list[Any], str], Translated]
_number = values.number_reader()
_moment = values.time_reader("iso")


def stream_reader(declared: Mapping[str, Any], quality: Mapping[str, Any] | None) -> Translate:
    """Return what translates observations of one datastream: translate(items, where)."""
    factor, offset = float(declared.get("factor", 1.0)), 0.0
    if "to" in declared and "factor" not in declared:
        factor, offset = conversion(declared.get("unit", declared["to"]), declared["to"])
    fixed = {
        name: declared[name] for name in ("category", "channel", "span", "kind", "method") if name in declared
    }
    pick = picker(quality["field"]) if quality else None

    def one(item: Mapping[str, Any]) -> Observation | None:
        flag = "" if pick is None or quality is None else _flag(pick(item), quality["flags"])
        found = item.get("result", ABSENT)
        if found is ABSENT:
            raise UnreadableError("Không có result")
        value = None if found is None else _number(found) * factor + offset
        return Observation(declared["variable"], _time(item), declared["place"], value, flag, **fixed)

    def translate(items: list[Any], where: str) -> Translated:
        out = Translated()
        for position, item in enumerate(items, 1):
            if not isinstance(item, Mapping):
                out.rejected.append(
                    Rejected(
                        f"{where}, mục {position}",
                        f"Cần một đối tượng, nhưng nhận được {values.kind_of(item)}.",
                    )
                )
                continue
            raw = {
                name: _kept(item[name]) for name in ("@iot.id", "phenomenonTime", "result") if name in item
            }
            if pick is not None and quality is not None:
                raw[quality["field"]] = _kept(pick(item))
            out.kept.append(raw)
            try:
                if (record := one(item)) is not None:
                    out.records.append(record)
            except UnreadableError as error:
                out.rejected.append(Rejected(f"{where}, mục {position}", f"{error}.", raw))
        return out

    return translate


def _time(item: Mapping[str, Any]) -> int:
    """Return when it was measured: an instant, or the start of an interval "a/b"; else the time of the result."""
    written = item.get("phenomenonTime") or item.get("resultTime")
    if not isinstance(written, str):
        raise UnreadableError("Không có phenomenonTime")
    start, between, end = written.partition("/")
    at = int(_moment(start))
    if between and int(_moment(end)) < at:
        raise UnreadableError(f"Khoảng thời gian {values.shown(written)} kết thúc trước khi bắt đầu")
    return at


def _flag(word: Any, flags: Mapping[str, str]) -> str:
    if word is ABSENT or word is None:
        return ""
    name = values.text(word)
    if name not in flags:
        raise UnreadableError(
            f"Chất lượng {values.shown(name)} chưa khai báo trong quality.flags ({', '.join(flags)})"
        )
    if flags[name] == "reject":
        raise UnreadableError(f"Nguồn tự đánh giá chất lượng là {values.shown(name)}")
    return flags[name]


def _kept(value: Any) -> Any:
    return None if value is ABSENT else mapping.kept(value, True)
