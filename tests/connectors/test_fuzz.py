"""Answers that a broken source may send: a connector names what is wrong or rejects a record, and invents nothing.

A kind is added by one line in FUZZED: a case with answers, and the factors by which its values may differ from what
stands in the answer.
"""

from __future__ import annotations

import copy
import json
import math
import re
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from datetime import datetime
from pathlib import Path
from typing import Any
from xml.etree.ElementTree import Element, ParseError, fromstring, tostring

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

import connectors
from connectors.http import Sessions
from ioc.errors import SourceError
from ioc.model import STATES, Case, Event, Observation, Record, Source
from tests.connectors.answers import Declared, Loopback, declared_answers
from tests.connectors.test_cases import CASES, NOW, source_of

FUZZED: dict[str, tuple[float, ...]] = {
    "camera/csv": (),  # what is counted stands nowhere
    "camera/normal": (),
    "cap/normal": (1,),
    "cap/paged": (1,),
    "edxml/paged": (1,),
    "feed/normal": (1,),
    "feed/worst": (1,),
    "wazuh/counts": (1,),
    "wazuh/normal": (1,),
    "ngsi_ld/normal": (1, 1000),
    "ngsi_ld/v2": (1,),
    "ogc_features/wfs": (1,),
    "open311/normal": (1,),
    "open311/xml": (1,),
    "open_meteo/normal": (1,),
    "open_meteo/paged": (1,),
    "pxweb/normal": (1000,),
    "pxweb/paged": (1, 1000),
    "sensorthings/normal": (1,),
    "sensorthings/paged": (1,),
}
JUNK: list[Any] = [
    None, True, False, 0, -1, 7.125, 1e308, 10**30, "", " ", "x", "0912345678", "7,5", "1.5e3", "١٢", [], {}, [[]],
    {"a": 1}, [None], {"value": 7.125}, {"@value": "x"}, "2026-99-99", "2026-11-21T00:00:00", "0001-01-01T00:00:00Z",
    "9999-12-31T23:59:59-14:00", "a/b", "\x00", "9" * 400, "NaN", "Infinity", "http://[::1", "�", float("nan"), float("inf"),
]  # fmt: skip
PHONE = re.compile(r"(?<![\w/])0912345678")  # what stands in an address is a code
PIECES = [
    b"",
    b"<",
    b">",
    b"&x;",
    b"\x00",
    b"\xff\xfe",
    b"</request>",
    b'<!DOCTYPE s [<!ENTITY x "y">]>',
    b"<lat>91</lat>",
    b"9" * 50,
]
CHANGES = st.lists(
    st.tuples(
        st.integers(0, 100_000),
        st.sampled_from(("put", "put", "put", "gone", "twice", "swap", "key")),
        st.sampled_from(JUNK),
    ),
    min_size=1,
    max_size=3,
)
CUTS = st.one_of(st.none(), st.none(), st.none(), st.none(), st.floats(0, 1))
FEW = settings(
    max_examples=40,
    derandomize=True,
    deadline=None,
    phases=[Phase.generate],  # to shrink an example takes longer than a test may
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


def places(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Yield the path of everything inside a JSON value."""
    inside = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, part in inside:
        yield (*path, key)
        yield from places(part, (*path, key))


def changed(value: Any, changes: list[tuple[int, str, Any]]) -> Any:
    """Return a copy in which parts are replaced, gone, doubled, swapped or named otherwise."""
    value = copy.deepcopy(value)
    for number, how, junk in changes:
        found = list(places(value))
        if not found:
            return junk
        *folders, key = found[number % len(found)]
        holder = value
        for folder in folders:
            holder = holder[folder]
        if how == "gone":
            del holder[key]
        elif how == "twice" and isinstance(holder, list):
            holder.insert(key, copy.deepcopy(holder[key]))
        elif how == "swap" and isinstance(holder, list):
            holder.reverse()
        elif how == "key" and isinstance(holder, dict):
            holder[str(junk)[:20]] = holder.pop(key)
        else:
            holder[key] = copy.deepcopy(junk)
    return value


def parsed(body: bytes) -> Element | None:
    """Return the root of an XML document, None for anything else."""
    try:
        return fromstring(body)
    except ParseError:
        return None


def changed_xml(root: Element, changes: list[tuple[int, str, Any]]) -> bytes:
    """Return the document with elements gone, doubled, reversed, renamed or with another text."""
    for number, how, junk in changes:
        held = [(holder, child) for holder in root.iter() for child in holder]
        if not held:
            break
        holder, child = held[number % len(held)]
        if how == "gone":
            holder.remove(child)
        elif how == "twice":
            holder.append(copy.deepcopy(child))
        elif how == "swap":
            holder[:] = reversed(holder[:])
        elif how == "key":
            child.tag = f"{child.tag}x"
        else:
            child.text = re.sub("[\x00-\x1f]", "", str(junk))
    return tostring(root)


def numbers(value: Any) -> Iterator[float]:
    """Yield every number that stands in a JSON value, as a number or as a text."""
    if isinstance(value, bool):
        return
    if isinstance(value, int | float | str):
        try:
            yield float(value)
        except (ValueError, OverflowError):
            return
    elif isinstance(value, dict | list):
        for part in value.values() if isinstance(value, dict) else value:
            yield from numbers(part)


def assert_sound(record: Record, there: set[float], factors: tuple[float, ...]) -> None:
    """A record has the types of the model, and its numbers stand in the answer."""
    assert isinstance(record, Case | Event | Observation)
    for name in record._fields:
        assert not isinstance(getattr(record, name), bytes | list | dict) or name == "facts", name
    if isinstance(record, Observation):
        assert isinstance(record.variable, str)
        assert isinstance(record.place, str)
        assert record.variable
        assert record.place
        assert type(record.time) is int
        if record.value is not None:
            assert type(record.value) is float
            assert math.isfinite(record.value)
            assert not factors or any(
                math.isclose(record.value, n * f, rel_tol=1e-9) for n in there for f in factors
            ), record
    elif isinstance(record, Case):
        assert isinstance(record.key, str)
        assert record.key
        assert record.state in STATES
        assert type(record.opened) is int
        for part in (record.lat, record.lon):
            assert part is None or (math.isfinite(part) and abs(part) <= 180)
        assert all(isinstance(v, str | int | float | None) for v in record.facts.values())


@pytest.mark.parametrize("case", sorted(FUZZED))
def test_a_broken_answer_is_named_or_rejected_and_nothing_is_invented(case: str, tmp_path: Path) -> None:
    folder = tmp_path / "case"
    shutil.copytree(CASES / case, folder)
    bodies = {
        file: file.read_bytes()
        for file in folder.iterdir()
        if file.name not in ("expected.json", "source.toml", "answers.toml")
    }
    now = datetime.fromisoformat(NOW).timestamp()
    server = Loopback(Declared(folder, declared_answers(folder)[0]))
    sessions = Sessions(now=lambda: now)
    outcomes: set[str] = set()
    source = source_of((folder / "source.toml").read_text(encoding="utf-8").replace("{server}", server.url))
    fetch = connectors.fetcher(sessions)

    @FEW
    @given(changes=CHANGES, cut=CUTS, piece=st.sampled_from(PIECES))
    def broken(changes: list[tuple[int, str, Any]], cut: float | None, piece: bytes) -> None:
        there: set[float] = set()
        for file, body in bodies.items():
            if file.suffix == ".json":
                value = changed(json.loads(body.removeprefix(b"\xef\xbb\xbf")), changes)
                there.update(numbers(value))
                body = json.dumps(value).encode()
                body = body if cut is None else body[: int(cut * len(body))]
            elif cut is None and changes[0][0] % 4 and (root := parsed(body)) is not None:
                body = changed_xml(root, changes)
            else:
                at = changes[0][0] % len(body)
                body = body[:at] + piece + body[at + len(changes) * (cut is None) :]
            file.write_bytes(body)
        outcomes.add(outcome(fetch, source, there, FUZZED[case]))

    try:
        broken()
    finally:
        sessions.close()
        server.close()
    assert {"landed", "ContractError"} <= outcomes


def outcome(fetch: Any, source: Source, there: set[float], factors: tuple[float, ...]) -> str:
    """Run a source to its end, judge every record, and say how it went."""
    landed = rejected = 0
    try:
        for page in fetch(source, {}):
            landed += len(page.records)
            rejected += len(page.rejected)
            for record in page.records:
                assert_sound(record, there, factors)
            for bad in page.rejected:
                assert bad.reason
                assert not PHONE.search(f"{bad.reason} {bad.address}")
            assert b"\n" in page.kept or not page.kept
    except SourceError as error:
        said, kind = str(error), type(error).__name__
    else:
        return "landed" if landed else "rejected" if rejected else "empty"
    assert said
    assert not PHONE.search(said)
    return kind


CELLS = st.one_of(
    st.none(), st.integers(-(2**63), 2**63 - 1), st.floats(), st.binary(max_size=4),
    st.sampled_from(["4", "9", "2026-11-02 08:30:00", "2026-11-20 09:00:00", "2099-01-01 00:00:00", "x", "\x00", "0912345678"]),
)  # fmt: skip


@FEW
@given(rows=st.lists(st.lists(CELLS, min_size=7, max_size=7), min_size=1, max_size=4))
def test_whatever_stands_in_a_departments_table_is_a_case_or_rejected(
    tmp_path_factory: pytest.TempPathFactory, rows: list[list[Any]]
) -> None:
    folder = tmp_path_factory.mktemp("so")
    script = (CASES / "sql" / "normal" / "folder" / "so.sql").read_text(encoding="utf-8").split("\n")[0]
    with closing(sqlite3.connect(folder / "so.sqlite")) as database:
        database.executescript(script.replace("TEXT", "ANY").replace("INTEGER", "ANY"))
        database.executemany("INSERT INTO ho_so VALUES (?, ?, ?, ?, ?, ?, ?)", rows)
        database.execute(
            "INSERT INTO ho_so VALUES ('A', 4, '2026-11-02 08:30:00', NULL, 'x', '', '2026-11-20 09:00:00')"
        )
        database.commit()
    text = (CASES / "sql" / "normal" / "source.toml").read_text(encoding="utf-8")
    source = source_of(text.replace("{folder}", str(folder)))
    sessions = Sessions(now=lambda: datetime.fromisoformat(NOW).timestamp())
    try:
        pages = list(connectors.fetcher(sessions)(source, {}))
    finally:
        sessions.close()
    for page in pages:
        for record in page.records:
            assert_sound(record, set(), ())
    assert "A" in {record.key for page in pages for record in page.records if isinstance(record, Case)}
    mark = (pages[-1].cursor or {})["mark"]
    assert (
        datetime.fromisoformat("2026-11-20T09:00:00+07:00").timestamp()
        <= mark
        <= datetime.fromisoformat(NOW).timestamp() + 300
    )
