"""The words that a province adds: how its units are written and how the keys of its records are called."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from ioc.toml_file import Table, read

Words = dict[str, tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Glossary:
    """Vietnamese and English by UCUM unit, and by key of a category, a channel or another field of records."""

    units: Words
    keys: Words


def load_glossary(data: Path) -> Glossary:
    """Read data/glossary.toml; empty without the file. Raises DeclarationError naming what cannot be read."""
    path = data / "glossary.toml"
    if not path.is_file():
        return Glossary({}, {})
    top = read(path)
    top.keys(("units", "keys"))
    return Glossary(_words(top, "units"), _words(top, "keys"))


def _words(top: Table, name: str) -> Words:
    if name not in top:
        return {}
    table = top.table(name)
    found: Words = {}
    for key in table.values:
        entry = table.table(key)
        entry.keys(("vi", "en"))
        found[key] = (entry.text("vi"), entry.text("en"))
    return found
