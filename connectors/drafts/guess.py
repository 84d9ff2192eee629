"""Guesses how records map: their shape, key, times, place, states, variables, further fields."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from connectors.drafts.columns import Column, columns
from connectors.drafts.draft import Blank

_CASE = (
    ("received_by", "received_by|noi_tiep_nhan|don_vi_tiep_nhan"),
    ("responsible", "responsible|agency|department|co_quan|don_vi|phong_ban|xu_ly"),
    ("category", "category|type|kind|loai|linh_vuc|service_name|service|nhom|subject|work"),
    ("channel", "channel|kenh|source|origin"),
    ("area", "ward|commune|area|xa|phuong|dia_ban|borough|district"),
    ("lat", "lat|latitude|vi_do"),
    ("lon", "lon|lng|long|longitude|kinh_do"),
)
_OPENED = (
    "opened|open|received|requested|created|tiep|nop|start|starts|gui|reported|tao|bat_dau|issued|application"
)
_DUE = "due|hen|expected|deadline|han"
_CLOSED = "closed|close|resolved|completed|ket_thuc|giai_quyet|xong|tra"
_STATE = "status|state|trang_thai|tinh_trang"
_KEY = "id|key|ma|code|number|num|so|uuid|identifier"
_PLACE = "station|site|place|location|tram|province|tinh|area|xa|ward|ma|code|id|name|diem"
_WORDS = {"closed": "closed|complete|completed|done|resolved|xong|issued|cancelled|hoan|da_"}
_KINDS = "variable|parameter|pollutant|indicator|chi_so|thong_so|measure"
MOST_FACTS = 12


def mapping(records: Sequence[Any], shape: str, known: frozenset[str]) -> dict[str, Any]:
    """Return the part of a declaration that maps these records: shape, fields, enums, times, types, variables."""
    found = columns(records)
    times = {column.path: column.time_format for column in found}
    timed = [column for column in found if times[column.path]]
    state = next((c for c in found if c.says(_STATE) and 0 < len(c.distinct) <= 20 and c not in timed), None)
    key = _key(found, timed)
    numbers = [
        c
        for c in found
        if c.is_number
        and c not in timed
        and c is not key
        and not c.says("lat|lon|lng|long|latitude|longitude")
    ]
    if not shape:
        ended = any(c.says(_CLOSED) or c.says(_DUE) for c in timed)
        shape = (
            "case:record"
            if (state or ended) and key and timed
            else "observation"
            if numbers or not timed
            else "event:record"
        )
    if shape == "observation":
        table = _observation(found, timed, numbers, known)
    else:
        table = _record(shape, found, timed, key, state)
    used = {c.path: times[c.path] for c in timed if c.path in table["fields"].values()}
    table |= _times(table["fields"], used, timed)
    return {"shape": shape, **table}


def _key(found: Sequence[Column], timed: Sequence[Column]) -> Column | None:
    unique = [c for c in found if c.is_unique and c not in timed and len(str(c.values[0])) <= 80]
    return next((c for c in unique if c.says(_KEY)), unique[0] if unique else None)


def _record(
    shape: str, found: Sequence[Column], timed: Sequence[Column], key: Column | None, state: Column | None
) -> dict[str, Any]:
    case = shape.startswith("case")
    begin = "opened" if case else "starts"
    fields: dict[str, Any] = {
        "key": key.path if key else Blank("fill_in_key", "the field that names a record for ever")
    }
    opened = next((c for c in timed if c.says(_OPENED)), timed[0] if timed else None)
    fields[begin] = opened.path if opened else Blank("fill_in_time", "when it began")
    taken = [key, opened, state]
    enums: dict[str, Any] = {}
    if case:
        fields["state"] = state.path if state else Blank("'open'", "no field of states was found")
        for name, words in (("due", _DUE), ("closed", _CLOSED)):
            if column := next((c for c in timed if c.says(words) and c not in taken), None):
                fields[name] = column.path
                taken.append(column)
        if state:
            enums["state"] = {
                word: Blank(
                    _state(word), "new, refused, open, waiting_supplement, waiting_payment, stopped or closed"
                )
                for word in state.distinct
            }
    roles = (
        _CASE
        if case
        else (
            ("headline", "title|headline|tieu_de|event"),
            ("severity", "severity|level|muc_do|priority"),
            _CASE[2],
        )
    )
    for name, words in roles:
        if name in ("lat", "lon"):
            column = next((c for c in found if c.says(words) and c.is_number and c not in taken), None)
        else:
            column = next(
                (
                    c
                    for c in found
                    if c.says(words) and c not in (*taken, *timed) and c.values and not c.is_number
                ),
                None,
            )
        if column:
            fields[name] = column.path
            taken.append(column)
    rest = [
        c
        for c in found
        if c not in taken and c.values and not c.is_personal and max(len(str(v)) for v in c.values) <= 60
    ]
    rest = [c for c in rest if len(c.distinct) > 1 or c.records < 3][:MOST_FACTS]
    types = {}
    for c in rest:
        fields[f"facts.{c.name}"] = c.path
        types[f"facts.{c.name}"] = (
            "time" if c in timed else "number" if c.numbers == 1 and not c.says(_KEY) else "text"
        )
    return {"fields": fields} | ({"enums": enums} if enums else {}) | ({"types": types} if types else {})


def _state(word: str) -> str:
    folded = "_" + word.lower().replace(" ", "_")
    return "closed" if any(f"_{part}" in folded for part in _WORDS["closed"].split("|")) else "open"


def _observation(
    found: Sequence[Column], timed: Sequence[Column], numbers: Sequence[Column], known: frozenset[str]
) -> dict[str, Any]:
    time = next(
        (
            c
            for c in timed
            if c.says("time|date|datetime|observed|ngay|at|period|year|nam|timestamp|phenomenon")
        ),
        timed[0] if timed else None,
    )
    fields: dict[str, Any] = {"time": time.path if time else Blank("fill_in_time", "when it was measured")}
    texts = [c for c in found if c not in timed and c not in numbers and c.values]
    kind = next((c for c in texts if c.says(_KINDS) and not c.says("unit|units|don_vi")), None)
    place = next((c for words in _PLACE.split("|") for c in texts if c.says(words) and c is not kind), None)
    fields["place"] = (
        place.path if place else Blank("'fill_in_site'", "a site's id in quotes, or the field that names it")
    )
    value = next((c for c in numbers if c.says("value|gia_tri|result|amount|so_lieu")), None)
    if kind and value:
        fields |= {"variable": kind.path, "value": value.path}
        words = {
            word: Blank(_variable(word, known), "a variable of variables.toml") for word in kind.distinct
        }
        return {"fields": fields, "enums": {"variable": words}}
    variables = {
        _variable(c.path, known, c.name): {
            "field": c.path,
            "unit": Blank("1", "the unit (UCUM) in which they write"),
        }
        for c in numbers
        if not c.says("id|year|month|day|nam|thang|stt|index|objectid|fid")
    }
    nothing = {"fill_in_variable": {"field": Blank("fill_in_field", "where the value stands")}}
    return {"fields": fields, "variables": variables or nothing}


def _variable(word: str, known: frozenset[str], name: str = "") -> str:
    folded = (name or word).lower().replace(".", "").replace(" ", "_")
    for candidate in (folded, folded.replace("_", ""), folded.rpartition("_")[2]):
        if candidate in known:
            return candidate
    return "fill_in_" + "".join(c if c.isascii() and c.isalnum() else "_" for c in folded).strip("_")


def _times(fields: Mapping[str, Any], used: Mapping[str, str], timed: Sequence[Column]) -> dict[str, Any]:
    forms = {target: used[path] for target, path in fields.items() if isinstance(path, str) and path in used}
    if not forms:
        return {}
    usual = max(set(forms.values()), key=list(forms.values()).count)
    table: dict[str, Any] = {"format": usual}
    zoned = all(
        str(value)[10:].endswith("Z") or "+" in str(value)[10:]
        for c in timed
        if c.path in used
        for value in c.values
    )
    if usual not in ("epoch", "epoch_ms") and not zoned:
        table["zone"] = "+07:00"
    others = {target: form for target, form in forms.items() if form != usual}
    return {"times": table | ({"fields": others} if others else {})}
