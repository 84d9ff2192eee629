"""Open-Meteo's blocks of parallel lists -> observations: instants by the answer's offset, units by its own words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from connectors import values
from connectors.answer import Answer
from connectors.json_body import keys_of
from connectors.mapping import Translated
from connectors.units import conversion
from connectors.values import UnreadableError
from ioc.errors import ContractError
from ioc.model import Observation, Rejected

BLOCKS = ("current", "hourly", "daily")
_LENGTHS = {"current": 0, "hourly": 3600, "daily": 86_400}
_SPANS = {"current": "instant", "hourly": "hour", "daily": "day"}
_FURTHEST = 1.5  # degrees: no model has cells so large that the answer's point may lie further away
_number = values.number_reader()


def translate(
    locations: Sequence[Any], places: Sequence[str], options: Mapping[str, Any], now: int, answer: Answer
) -> Translated:
    """Translate one object per place; raises ContractError where a block is not what was asked for."""
    out = Translated()
    for place, location in zip(places, locations, strict=True):
        if not isinstance(location, Mapping):
            raise ContractError(
                f"Điểm {place}: cần một đối tượng, nhưng nhận được {values.kind_of(location)}."
            )
        if why := _elsewhere(location, options["places"][place]):
            out.rejected.append(Rejected(f"điểm {place}", why, {"place": place}))
            continue
        for block in BLOCKS:
            if options.get(block) and block in location:
                _block(block, location, place, options[block], now, out)
        if not any(block in location for block in BLOCKS if options.get(block)):
            raise ContractError(
                f"Điểm {place}: không có hourly, daily hay current (có {keys_of(location)}).",
                status=answer.status,
            )
    return out  # fmt: skip


def _block(
    name: str, location: Mapping[str, Any], place: str, declared: Mapping[str, Any], now: int, out: Translated
) -> None:
    block, units = location[name], location.get(f"{name}_units")
    if not isinstance(block, Mapping) or not isinstance(units, Mapping):
        raise ContractError(f"Điểm {place}: {name} hoặc {name}_units không phải là đối tượng.")
    columns: dict[str, Any] = {key: block.get(key) for key in ("time", *declared)}
    if name == "current":
        columns = {key: [value] for key, value in columns.items() if key in block}
    times = columns.get("time")
    if not isinstance(times, list):
        raise ContractError(f"Điểm {place}: {name} không có danh sách time.")
    for key in declared:
        column = columns.get(key)
        if not isinstance(column, list) or len(column) != len(times):
            raise ContractError(f"Điểm {place}: {name}.{key} không có đủ {len(times)} giá trị.")
    turned = {key: _turn(key, units.get(key), item["unit"]) for key, item in declared.items()}
    step = _LENGTHS[name]
    for row, written in enumerate(times):
        raw: dict[str, Any] = {"place": place, "block": name, "time": written}
        out.kept.append(raw)
        try:
            at = _instant(written, units.get("time"), location.get("utc_offset_seconds"))
        except UnreadableError as error:
            out.rejected.append(Rejected(f"điểm {place}, {name}.time[{row}]", f"{error}.", raw))
            continue
        for key, item in declared.items():
            found = columns[key][row]
            raw[key] = found if isinstance(found, int | float | None) else values.shown(found)[1:-1]
            start = at - step if item.get("preceding") else at
            try:
                value = None if found is None else _number(found) * turned[key][0] + turned[key][1]
            except UnreadableError as error:
                out.rejected.append(Rejected(f"điểm {place}, {name}.{key}[{row}]", f"{error}.", raw))
                continue
            ends = start + (step if name == "daily" or item.get("preceding") else 0)
            out.records.append(
                Observation(
                    item["variable"],
                    start,
                    place,
                    value,
                    category=item.get("category", ""),
                    channel=item.get("channel", ""),
                    span=_SPANS[name],
                    kind=item.get("kind", "instant"),
                    method="forecast" if ends > now else "estimated",
                )
            )


def _instant(written: Any, form: Any, offset: Any) -> int:
    """Return the instant of a time: unix seconds, or local time at the answer's one offset, also where clocks change."""
    if form == "unixtime":
        at = _number(written)
        if at != int(at) or abs(at) > 2**40:
            raise UnreadableError(f"{values.shown(written)} không phải là một thời điểm")
        return int(at)
    if not isinstance(written, str) or isinstance(offset, bool) or not isinstance(offset, int):
        raise UnreadableError("thời điểm không có utc_offset_seconds để hiểu")
    try:
        read = datetime.fromisoformat(written)
    except ValueError:
        raise UnreadableError(f"{values.shown(written)} không phải là một thời điểm") from None
    # one offset holds for the whole answer: across a change of clocks an hour is labelled that no clock there shows
    return (
        int(read.replace(tzinfo=UTC).timestamp()) - offset if read.tzinfo is None else int(read.timestamp())
    )


def _turn(key: str, unit: Any, to: str) -> tuple[float, float]:
    if not isinstance(unit, str):
        raise ContractError(f"Open-Meteo không nói đơn vị của {key}.")
    try:
        return conversion(unit, to)
    except ValueError:
        raise ContractError(
            f"Đơn vị {values.shown(unit)} của {key} không đổi được sang {to} đã khai báo."
        ) from None


def _elsewhere(location: Mapping[str, Any], asked: Mapping[str, float]) -> str:
    try:
        lat, lon = _number(location.get("latitude")), _number(location.get("longitude"))
    except UnreadableError:
        return "Câu trả lời không nói là của điểm nào (latitude, longitude)."
    if abs(lat - asked["lat"]) > _FURTHEST or abs(lon - asked["lon"]) > _FURTHEST:
        return f"Câu trả lời là của điểm {lat:g}, {lon:g}, cách xa điểm đã hỏi {asked['lat']:g}, {asked['lon']:g}."
    return ""
