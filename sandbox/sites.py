"""The sites of the synthetic province: declared for Quảng Ninh, moved into another province's communes elsewhere."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

from ioc.catalogue import read_site
from ioc.declared import Table
from ioc.model import Site
from ioc.territory import Territory

FOLDER = Path(__file__).resolve().parent / "data" / "sites"
HOME = "22"


def of(province: str, territory: Territory) -> list[Site]:
    """Return the sites of a province's sandbox."""
    return [read_site(Table(id, "sites", body)) for id, body in tables(province, territory).items()]


def tables(province: str, territory: Territory) -> dict[str, dict[str, Any]]:
    """Return the declared tables, by id; elsewhere each commune of Quảng Ninh stands for one of the province's.

    Places in names follow: "Bệnh viện Bãi Cháy" takes the name of the commune where it then stands.
    """
    declared: dict[str, dict[str, Any]] = {}
    for path in sorted(FOLDER.glob("*.toml")):
        declared |= tomllib.loads(path.read_text(encoding="utf-8"))
    if province == HOME:
        return declared
    here, there = territory.communes(HOME), territory.communes(province)
    position = {area.code: index for index, area in enumerate(here)}
    for body in declared.values():
        old = here[position[body["area"]]]
        new = there[position[body["area"]] * len(there) // len(here)]
        body["area"] = new.code
        body["lat"], body["lon"] = new.lat, new.lon
        body["name"] = {lang: text.replace(old.name, new.name) for lang, text in body["name"].items()}
        if "short" in body:
            body["short"] = {lang: text.replace(old.name, new.name) for lang, text in body["short"].items()}
    return declared
