"""Typos anywhere in the declarations: every one is a fault with a sentence, none stops the others, none raises."""

from __future__ import annotations

import json
import random
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import connectors
from ioc import settings
from ioc.boards import check_boards
from ioc.indicators.examples import run_examples
from ioc.product import declare
from tests.conftest import ROOT

WRONG: list[Any] = [None, 0, -1, 1e308, "", "x", "{", "[[", "%", True, [], {}, [{}], ["x"], {"x": 1}, 10**15]
FOLDERS = {"indicators": ROOT / "data", "boards": ROOT / "data", "sources": ROOT / "sandbox" / "data"}


def places(value: Any, way: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Yield the way to every value inside a table."""
    inside = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, part in inside:
        yield (*way, key)
        yield from places(part, (*way, key))


def with_typo(table: dict[str, Any], chance: random.Random) -> dict[str, Any]:
    """Return a table with one value replaced, removed, or under a misspelt key."""
    changed = json.loads(json.dumps(table, default=str))
    *way, last = chance.choice(list(places(changed)))
    holder = changed
    for key in way:
        holder = holder[key]
    wrong = chance.choice(WRONG)
    if wrong is None:
        del holder[last]
    elif isinstance(holder, dict) and chance.random() < 0.3:
        holder[f"{last}x"] = holder.pop(last)
    else:
        holder[last] = wrong
    return changed


def written(value: Any) -> str:
    """Write a value as TOML."""
    if isinstance(value, dict):
        return "{ " + ", ".join(f"{json.dumps(key)} = {written(part)}" for key, part in value.items()) + " }"
    if isinstance(value, list):
        return "[" + ", ".join(map(written, value)) + "]"
    return json.dumps(value, ensure_ascii=False)


@pytest.mark.parametrize("seed", range(8))
def test_a_typo_in_every_table_at_once_raises_nothing_and_leaves_the_rest(tmp_path: Path, seed: int):
    chance = random.Random(seed)
    data = tmp_path / "data"
    data.mkdir()
    for path in (ROOT / "data").iterdir():
        if path.name not in ("store", *FOLDERS):
            (data / path.name).symlink_to(path)
    (data / "sites").symlink_to(ROOT / "sandbox" / "data" / "sites")
    told = 0
    for folder, home in FOLDERS.items():
        (data / folder).mkdir()
        for path in (home / folder).glob("*.toml"):
            lines = []
            for id, table in tomllib.loads(path.read_text("utf-8")).items():
                spared = chance.random() < 0.3
                told += 1
                body = table if spared else with_typo(table, chance)
                text = json.dumps(body, default=str).replace("{sandbox", "http://127.0.0.1:9/{x")
                lines.append(f"{json.dumps(id)} = {written(json.loads(text))}")
            (data / folder / path.name).write_text("\n".join(lines), encoding="utf-8")
    env = {"IOC_DATA": str(data), "IOC_STORE_URL": f"sqlite:///{tmp_path}/x.sqlite"}
    declared = declare(settings.load(env), environ=env, check_source=connectors.check)
    faults = [*declared.catalogue.faults, *check_boards(declared)]
    faults += run_examples(declared.definitions, declared.calendar)
    assert len(declared.definitions) > 10
    for fault in faults:
        assert str(data.name) in str(fault), fault
        assert len(str(fault)) > 20
