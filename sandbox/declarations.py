"""The sandbox's declarations for whichever province is chosen: as they stand for Quảng Ninh, moved for any other."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path
from typing import Any

import orjson

from ioc.territory import Territory
from sandbox import sites

DATA = Path(__file__).resolve().parent / "data"
_PLACE = re.compile(rf'^(place\s*=\s*)"{sites.HOME}"', re.MULTILINE)
_POINT = re.compile(rf'"{sites.HOME}" = \{{ lat = [\d.]+, lon = [\d.]+ \}}')
_AREAS = re.compile(r'^(\[\w+\.areas\]\n)(?:"\d{5}" = .*\n)+', re.MULTILINE)


def declared() -> tuple[str, ...]:
    """Return the ids of all declared sources."""
    files = sorted((DATA / "sources").glob("*.toml"))
    return tuple(id for path in files for id in tomllib.loads(path.read_text(encoding="utf-8")))


def folder(province: str, territory: Territory, files: Path) -> Path:
    """Return the folder with sources/ and sites/ for a province; another than Quảng Ninh's is written under files."""
    if province == sites.HOME:
        return DATA
    made = files / "declarations"
    for name in ("sources", "sites"):
        (made / name).mkdir(parents=True, exist_ok=True)
    for path in sorted((DATA / "sources").glob("*.toml")):
        text = path.read_text(encoding="utf-8")
        _write(made / "sources" / path.name, _moved(text, province, territory))
    _write(made / "sites" / "sites.toml", _toml(sites.tables(province, territory)))
    return made


def _moved(text: str, province: str, territory: Territory) -> str:
    """Let a declaration speak of another province: its code, its middle, the words that name its communes."""
    communes = [
        area for area in territory.communes(province) if area.lat is not None and area.lon is not None
    ]
    lat, lon = (
        round(sum(values) / len(communes), 2)
        for values in ([area.lat or 0.0 for area in communes], [area.lon or 0.0 for area in communes])
    )
    words = "".join(f'"{area.code}" = ["{area.name}"]\n' for area in communes)
    text = _PLACE.sub(rf'\g<1>"{province}"', text)
    text = _POINT.sub(f'"{province}" = {{ lat = {lat}, lon = {lon} }}', text)
    return _AREAS.sub(rf"\g<1>{words}", text)


def _write(path: Path, text: str) -> None:
    """Write at once, so that another process never reads half of it."""
    part = path.with_suffix(".part")
    part.write_text(text, encoding="utf-8")
    part.replace(path)


def _toml(tables: dict[str, dict[str, Any]]) -> str:
    lines: list[str] = []
    for id, body in tables.items():
        lines += ["", f"[{id}]", *_keys({key: value for key, value in body.items() if key != "limit"})]
        for limit in body.get("limit", []):
            lines += ["", f"[[{id}.limit]]", *_keys(limit)]
    return "\n".join(lines).lstrip() + "\n"


def _keys(body: dict[str, Any]) -> list[str]:
    return [f"{key} = {_value(value)}" for key, value in body.items()]


def _value(value: Any) -> str:
    if isinstance(value, dict):
        return "{ " + ", ".join(_keys(value)) + " }"
    return orjson.dumps(
        value
    ).decode()  # texts, numbers and lists of texts are written alike in JSON and TOML
