"""Every case of cases/<kind>/<case>/: a source, the answers it gets, and what must come of them.

source.toml    one declaration; {server} in it is the case's own server, {folder} the case's folder/, copied;
               a *.sql in it becomes a *.sqlite beside it; {broker} is an MQTT broker
answers.toml   what the server answers: [[answer]] with path, query, method, body, status, headers, file or text;
               now = "…" is the instant at which the case plays; cursor = {…} is where it goes on
messages.toml  what is published at the broker once the source has subscribed: [[message]] with topic, payload
               and count (how often, {n} in them is the number)
expected.json  records, rejected, cursor, pages (how many), or error {kind, says}; a key that is absent is not judged;
               "a number" stands for a time that was measured
"""

from __future__ import annotations

import json
import os
import shutil
import sqlite3
import tomllib
from collections.abc import Iterator
from contextlib import closing
from datetime import datetime
from itertools import zip_longest
from pathlib import Path
from typing import Any

import pytest

import connectors
from connectors.http import Sessions
from ioc.declared import Table
from ioc.errors import SourceError
from ioc.model import Case, Event, Observation, Page, Record, Source
from ioc.sources import read_source
from tests.connectors.answers import Declared, Loopback, declared_answers
from tests.connectors.broker import Broker, program

CASES = Path(__file__).parent / "cases"
ALL = sorted(str(path.parent.relative_to(CASES)) for path in CASES.glob("*/*/source.toml"))
NOW = "2026-11-21T08:00:00+07:00"
DEFAULTS = {
    "sector": "public_services",
    "owner": "van_phong_ubnd",
    "name": {"vi": "Nguồn thử", "en": "A source"},
    "every": "60s",
    "deadline": "5s",
}
OLD = 1_790_000_000
"""When the files of a case were last changed, epoch s: long before NOW."""


def source_of(toml: str) -> Source:
    """Read the one declaration of a text as the catalogue does, with what every source needs filled in."""
    ((name, body),) = tomllib.loads(toml).items()
    kind = body.get("shape", "observation")
    return read_source(Table(name, "source.toml", {**DEFAULTS, "shape": kind, **body}), {}, sandbox={})


def told(record: Record) -> dict[str, Any]:
    """Write a record as expected.json does: its shape, and the fields that are not as by default."""
    shape = {Case: "case", Event: "event", Observation: "observation"}[type(record)]
    defaults = type(record)._field_defaults
    fields = {
        name: value if not hasattr(value, "items") else dict(value)
        for name, value in record._asdict().items()
        if name not in defaults or value != defaults[name]
    }
    return json.loads(json.dumps({"shape": shape, **fields}))


def outcome(source: Source, sessions: Sessions, cursor: dict[str, Any]) -> dict[str, Any]:
    """Run one source to its end and tell what came."""
    pages: list[Page] = []
    error = None
    try:
        pages.extend(connectors.fetcher(sessions)(source, cursor))
    except SourceError as fault:
        error = {"kind": type(fault).__name__, "says": str(fault)}
        if fault.retry_after_s is not None:
            error["retry_after_s"] = fault.retry_after_s
    after = [page.cursor for page in pages if page.cursor is not None]
    return {
        "records": [told(record) for page in pages for record in page.records],
        "rejected": [
            {"address": bad.address, "reason": bad.reason, "fragment": dict(bad.fragment)}
            for page in pages
            for bad in page.rejected
        ],
        "cursor": after[-1] if after else None,
        "pages": len(pages),
        "kept": [line for page in pages for line in page.kept.decode().splitlines()],
        "complete": bool(pages) and pages[-1].complete,
        "unchanged": any(page.unchanged for page in pages),
        "error": error,
    }


@pytest.fixture
def loopback(request: pytest.FixtureRequest) -> Iterator[tuple[Declared, str]]:
    """Serve the answers of the case and give their record and the server's address."""
    folder = CASES / request.param
    answers, _ = declared_answers(folder)
    declared = Declared(folder, answers)
    server = Loopback(declared)
    yield declared, server.url
    server.close()


def prepared(case: str, tmp: Path, **places: str) -> Source:
    """Copy the files of a case and read its declaration; places: what {server} and {broker} stand for."""
    folder = CASES / case
    text = (folder / "source.toml").read_text(encoding="utf-8")
    if (folder / "folder").is_dir():
        shutil.copytree(folder / "folder", tmp / "folder")
        for path in (tmp / "folder").rglob("*"):
            os.utime(path, (OLD, OLD))
        for path in (tmp / "folder").glob("*.sql"):
            with closing(sqlite3.connect(path.with_suffix(".sqlite"))) as database:
                database.executescript(path.read_text(encoding="utf-8"))
    for name, place in {**places, "folder": str(tmp / "folder")}.items():
        text = text.replace(f"{{{name}}}", place)
    source = source_of(text)
    assert connectors.check(source) == []
    return source


@pytest.fixture
def broker(request: pytest.FixtureRequest, tmp_path: Path, free_port: int) -> Iterator[Broker | None]:
    """Start a broker where the case has messages."""
    if not (CASES / request.param / "messages.toml").is_file():
        yield None
        return
    started = Broker(program(), tmp_path, free_port)
    yield started
    started.stop()


def published(broker: Broker, source: Source, sessions: Sessions, case: str) -> dict[str, Any]:
    """Let the source subscribe, then send the messages of a case; return the cursor of the first poll."""
    pages = list(connectors.fetcher(sessions)(source, {}))
    for message in tomllib.loads((CASES / case / "messages.toml").read_text(encoding="utf-8"))["message"]:
        broker.publish(**message)
    return dict(pages[-1].cursor or {})


def like(expected: Any, came: Any) -> Any:
    """Return what came, with "a number" where a number was expected to be measured."""
    if expected == "a number":
        return expected if isinstance(came, int | float) and came >= 0 else came
    if isinstance(expected, dict) and isinstance(came, dict):
        return {key: like(expected.get(key), value) for key, value in came.items()}
    if isinstance(expected, list) and isinstance(came, list):
        return [like(one, value) for one, value in zip_longest(expected, came)][: len(came)]
    return came


@pytest.mark.parametrize(
    ("case", "loopback", "broker"),
    [(case, case, case) for case in ALL],
    ids=ALL,
    indirect=["loopback", "broker"],
)
def test_a_case_becomes_what_it_must(
    case: str, loopback: tuple[Declared, str], broker: Broker | None, tmp_path: Path
) -> None:
    folder = CASES / case
    declared, url = loopback
    source = prepared(case, tmp_path, server=url, broker=f"127.0.0.1:{broker.port}" if broker else "")
    settings = answers_settings(folder)
    now = datetime.fromisoformat(settings.get("now", NOW)).timestamp()
    sessions = Sessions(now=lambda: now)
    try:
        cursor = published(broker, source, sessions, case) if broker else settings.get("cursor", {})
        came = outcome(source, sessions, cursor)
    finally:
        sessions.close()
    if os.environ.get("IOC_SHOW_CASES") == "1":
        print(json.dumps(came, ensure_ascii=False, indent=1).replace(url, "{server}"))
    expected = json.loads((folder / "expected.json").read_text(encoding="utf-8"))
    says = (expected.get("error") or {}).pop("says", "")
    if came["error"] and "says" in came["error"]:
        assert says in came["error"].pop("says").replace(url, "{server}")
    assert {key: like(value, came[key]) for key, value in expected.items()} == expected
    assert declared.unanswered == []


def answers_settings(folder: Path) -> dict[str, Any]:
    """Read what answers.toml says beside the answers: now and cursor."""
    file = folder / "answers.toml"
    return tomllib.loads(file.read_text(encoding="utf-8")) if file.is_file() else {}


@pytest.mark.parametrize("kind", sorted(connectors.KINDS))
def test_a_kind_has_its_normal_gap_paged_and_worst_case(kind: str) -> None:
    have = {case.partition("/")[2] for case in ALL if case.startswith(f"{kind}/")}
    assert {"normal", "gap", "paged", "worst"} <= have


def test_a_case_is_of_a_kind_that_can_be_declared_and_judges_what_comes() -> None:
    for case in ALL:
        assert case.partition("/")[0] in connectors.KINDS
        expected = json.loads((CASES / case / "expected.json").read_text(encoding="utf-8"))
        assert expected.keys() & {"records", "error"}, case
