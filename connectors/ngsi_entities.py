"""One NGSI entity in any of its forms -> a flat item: attribute -> value, in the declared units, dates as ISO 8601."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from connectors.geometry import representative
from connectors.units import conversion, spelled
from connectors.values import shown
from ioc.model import Source

# UN/CEFACT Recommendation 20, the codes that Smart Data Models name for what provinces measure
CODES = {
    "GQ": "ug/m3", "GP": "mg/m3", "A93": "g/m3", "M1": "mg/L", "GL": "g/L", "CEL": "Cel", "FAH": "[degF]", "KEL": "K",
    "KMH": "km/h", "MTS": "m/s", "HM": "[mi_i]/h", "P1": "%", "C62": "1", "MMT": "mm", "CMT": "cm", "MTR": "m", "KMT": "km",
    "A97": "hPa", "MBR": "mbar", "PAL": "Pa", "KPA": "kPa", "MQH": "m3/h", "MQS": "m3/s", "SEC": "s", "MIN": "min", "HUR": "h",
    "DD": "deg", "HAR": "ha", "MTK": "m2", "MTQ": "m3", "LTR": "L",
}  # fmt: skip
_DATE = re.compile(r"\d{4}-\d\d-\d\d(?:T[\d:.]+(?:Z|[+-]\d\d:?\d\d)?)?")


def expected_units(source: Source) -> dict[str, str]:
    """Return attribute -> the unit in which its declaration reads it, "" where it says none."""
    declared = source.options.get("variables", {}).values()
    return {item["field"].strip('"'): spelled(item.get("unit", item.get("to", ""))) for item in declared}


def flatten(
    entity: Mapping[str, Any], units: Mapping[str, str], *, located: bool = False
) -> tuple[dict[str, Any], list[str]]:
    """Return an entity's attributes as plain values, and what of them cannot be taken: sentences.

    normalized, concise, keyValues, NGSIv2 and GeoJSON features alike. A date "a/b" is its start, with the end
    beside it as `<name>_end`; `observedAt` is the latest of all attributes; where located, lat and lon are the
    location's point.
    """
    if entity.get("type") == "Feature" and isinstance(entity.get("properties"), dict):
        entity = {
            "location": entity.get("geometry"),
            **entity["properties"],
            "id": entity.get("id"),
        }
    item: dict[str, Any] = {}
    faults: list[str] = []
    latest = ""
    for name, written in entity.items():
        if name == "@context":
            continue
        value, code, at = _attribute(written)
        if (
            isinstance(value, str)
            and (parts := value.split("/"))[1:]
            and len(parts) == 2
            and all(map(_DATE.fullmatch, parts))
        ):
            value, item[f"{name}_end"] = parts
        if name in units and code and value is not None:
            try:
                value = _converted(name, value, code, units[name])
            except ValueError as error:
                faults.append(str(error))
                continue
        item[name] = value
        latest = max(latest, at)
    if latest and "observedAt" not in item:
        item["observedAt"] = latest
    try:
        point = representative(item.get("location")) if located else None
    except ValueError:
        point = None
        faults.append("Vị trí (location) không đúng GeoJSON.")
    if point is not None:
        item["lon"], item["lat"] = round(point[0], 7), round(point[1], 7)
    return item, faults  # fmt: skip


def _attribute(written: Any) -> tuple[Any, str, str]:
    """Return (value, unit code, observedAt) of an attribute in any form."""
    if isinstance(written, list) and written and all(map(_is_reading, written)):
        plain = [part for part in written if "datasetId" not in part]
        if len(plain) != 1:
            return written, "", ""
        written = plain[0]  # of several readings the one without a data set is the attribute itself
    code = at = ""
    if isinstance(written, dict):
        for key in ("value", "object", "languageMap"):
            if key in written and "coordinates" not in written:
                code, at = (
                    _text(written.get("unitCode")) or _metadata(written),
                    _text(written.get("observedAt")),
                )
                written = written[key]
                break
    if isinstance(written, dict) and "@value" in written:
        written = written["@value"]
    return written, code, at  # fmt: skip


def _is_reading(part: Any) -> bool:
    return isinstance(part, dict) and ("datasetId" in part or "value" in part)


def _metadata(written: Mapping[str, Any]) -> str:
    known = written.get("metadata")
    code = known.get("unitCode") if isinstance(known, dict) else None
    return _text(code.get("value") if isinstance(code, dict) else code)


def _converted(name: str, value: Any, code: str, unit: str) -> Any:
    theirs = CODES.get(code)
    if not unit:
        raise ValueError(f"Thuộc tính {name} có đơn vị {shown(code)}, nhưng khai báo không nói đơn vị nào.")
    if theirs is None:
        raise ValueError(
            f"Đơn vị {shown(code)} của thuộc tính {name} không rõ là gì; khai báo cần đọc {unit}."
        )
    try:
        factor, offset = conversion(theirs, unit)
    except ValueError:
        raise ValueError(f"Đơn vị {theirs} của thuộc tính {name} không đổi được sang {unit}.") from None
    plain = isinstance(value, int | float) and not isinstance(value, bool)
    if (factor, offset) == (1.0, 0.0) or value in ("", None):
        return value
    if not plain:
        raise ValueError(
            f"Thuộc tính {name}: {shown(value)} không phải là một số để đổi từ {theirs} sang {unit}."
        )
    return value * factor + offset  # fmt: skip


def _text(value: Any) -> str:
    return value if isinstance(value, str) else ""
