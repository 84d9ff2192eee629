"""Answers changed at random: a connector names what is wrong or rejects a record; it never breaks, hangs or invents."""

from __future__ import annotations

import copy
import json
import random
import shutil
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

import connectors
from connectors.http import Sessions
from ioc.errors import SourceError
from ioc.model import Case, Observation
from tests.connectors.answers import Declared, Loopback, declared_answers
from tests.connectors.test_cases import CASES, NOW, source_of

JUNK: list[Any] = [
    None, True, 0, -1, 1e308, 10**30, "", " ", "x", "0912345678", [], {}, [[]], {"a": 1}, [None], "2026-99-99",
    "\x00", "9" * 400, "NaN", {"code": "OK"}, "http://[::1", "�", float("nan"),
]  # fmt: skip
ROUNDS = 60


def places(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Yield the path of everything inside a JSON value."""
    inside = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, part in inside:
        yield (*path, key)
        yield from places(part, (*path, key))


def mutated(value: Any, chance: random.Random) -> Any:
    """Return a copy in which up to three parts are gone, doubled or replaced."""
    value = copy.deepcopy(value)
    for _ in range(chance.randint(1, 3)):
        found = list(places(value))
        if not found:
            return chance.choice(JUNK)
        *folders, key = chance.choice(found)
        holder = value
        for folder in folders:
            holder = holder[folder]
        how = chance.random()
        if how < 0.2:
            del holder[key]
        elif how < 0.3 and isinstance(holder, list):
            holder.append(copy.deepcopy(holder[key]))
        else:
            holder[key] = copy.deepcopy(chance.choice(JUNK))
    return value


@pytest.mark.parametrize("kind", ["rest_json", "ogc_features", "dhis2", "dvcqg"])
def test_a_mutated_answer_is_named_or_rejected_and_nothing_else_happens(kind: str, tmp_path: Path) -> None:
    folder = tmp_path / "case"
    shutil.copytree(CASES / kind / "normal", folder)
    chance = random.Random(766)
    bodies = {
        file: json.loads(file.read_bytes()) for file in folder.glob("*.json") if file.name != "expected.json"
    }
    now = datetime.fromisoformat(NOW).timestamp()
    declared = Declared(folder, declared_answers(folder)[0])
    server, sessions = Loopback(declared), Sessions(now=lambda: now)
    outcomes = set()
    try:
        source = source_of(
            (folder / "source.toml").read_text(encoding="utf-8").replace("{server}", server.url)
        )
        fetch = connectors.fetcher(sessions)
        for _ in range(ROUNDS):
            for file, body in bodies.items():
                text = json.dumps(mutated(body, chance)).encode()
                file.write_bytes(text[: chance.randrange(len(text))] if chance.random() < 0.1 else text)
            try:
                for page in fetch(source, {}):
                    outcomes.add("landed" if page.records else "rejected" if page.rejected else "empty")
                    for record in page.records:
                        assert isinstance(record, Case | Observation)
                        assert record[0] != ""
            except SourceError as error:
                outcomes.add(type(error).__name__)
    finally:
        sessions.close()
        server.close()
    assert {"landed", "ContractError"} <= outcomes
