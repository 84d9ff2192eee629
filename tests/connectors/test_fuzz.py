"""Answers that a broken source may send: a connector names what is wrong or rejects a record, and invents nothing.

A kind is added by one line in FUZZED: a case with answers or files, and the factors by which its values may differ
from what stands in them.
"""

from __future__ import annotations

import copy
import io
import json
import math
import random
import re
import shutil
import socket
import sqlite3
import time
import zipfile
from collections.abc import Iterator
from contextlib import closing, suppress
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
from tests.connectors.broker import Broker, program
from tests.connectors.test_cases import CASES, NOW, prepared, source_of

FUZZED: dict[str, tuple[float, ...]] = {
    "camera/csv": (),  # what is counted stands nowhere
    "camera/normal": (),
    "dhis2/normal": (1,),
    "dvcqg/normal": (),  # among how many a rank is stands nowhere
    "rest_json/normal": (1,),
    "spreadsheet/normal": (1,),
    "spreadsheet/report_csv_vni": (1,),
    "spreadsheet/report_ods": (1,),
    "spreadsheet/report_xls": (),  # its numbers are binary
    "spreadsheet/report_xlsx": (1,),
    "sql/normal": (),  # a database file
    "station_files/normal": (1, 1000, 1145, 1_000_000),  # a unit may lose its u
    "uptime/normal": (),  # what is measured stands nowhere
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
SECTORS = (b"\xd0\xcf\x11\xe0", b"SQLite format 3")
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


def changed_bytes(body: bytes, changes: list[tuple[int, str, Any]], cut: float | None, piece: bytes) -> bytes:
    """Return a file with a piece of something else in it, or cut there; what has sectors keeps its length."""
    at = changes[0][0] % max(1, len(body))
    if body.startswith(SECTORS) and cut is None:
        return (body[:at] + piece + body[at + len(piece) :])[: len(body)]
    return body[:at] + piece + body[at + len(changes) :] if cut is None else body[:at]


def changed_zip(
    body: bytes, changes: list[tuple[int, str, Any]], cut: float | None, piece: bytes
) -> tuple[bytes, str]:
    """Return an archive in which one part is another, and all the text that stands in it now."""
    out, texts = io.BytesIO(), []
    with (
        zipfile.ZipFile(io.BytesIO(body)) as before,
        zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as after,
    ):
        names = before.namelist()
        other = names[changes[-1][0] % len(names)]
        for name in names:
            part = before.read(name)
            if name == other:
                root = parsed(part) if cut is None and changes[0][0] % 3 else None
                changed_part = changed_bytes(part, changes, cut, piece)
                part = changed_part if root is None else changed_xml(root, changes)
            after.writestr(name, part)
            texts.append(part.decode(errors="replace"))
    return out.getvalue(), "\n".join(texts)


def changed_file(
    file: Path, body: bytes, changes: list[tuple[int, str, Any]], cut: float | None, piece: bytes
) -> tuple[bytes, set[float]]:
    """Return another content of a file, and every number that stands in it."""
    if file.suffix == ".json":
        value = changed(json.loads(body.removeprefix(b"\xef\xbb\xbf")), changes)
        text = json.dumps(value).encode()
        return text if cut is None else text[: int(cut * len(text))], set(numbers(value))
    if body.startswith(b"PK") and changes[0][0] % 5:
        after, said = changed_zip(body, changes, cut, piece)
        return after, set(written(said))
    root = parsed(body) if cut is None and changes[0][0] % 4 else None
    after = changed_bytes(body, changes, cut, piece) if root is None else changed_xml(root, changes)
    if body.startswith(b"PK"):  # its parts are as they were, or cannot be unpacked
        with zipfile.ZipFile(io.BytesIO(body)) as archive:
            return after, set(
                written(" ".join(archive.read(n).decode(errors="replace") for n in archive.namelist()))
            )
    return after, set(written(after.decode(errors="replace")))


def written(text: str) -> Iterator[float]:
    """Yield every number that stands in a text, in each way in which it may be read."""
    for found in re.findall(r"[-+]?\d[\d., ]*(?:[eE][-+]?\d+)?", text):
        for token in (found, *found.split()):
            token = token.strip(" .,").replace(" ", "")
            for reading in (token, token.replace(",", "."), token.replace(".", "").replace(",", ".")):
                with suppress(ValueError, OverflowError):
                    yield float(reading)


def numbers(value: Any) -> Iterator[float]:
    """Yield every number that stands in a JSON value, as a number or as a text."""
    if isinstance(value, bool):
        return
    if isinstance(value, int | float):
        with suppress(OverflowError):
            yield float(value)
    elif isinstance(value, str):
        yield from written(value)
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


def answers_in_files(folder: Path) -> list[dict[str, Any]]:
    """Return what a case answers, each from a file of its folder, so that it can be broken."""
    answers = declared_answers(folder)[0]
    for number, answer in enumerate(answers):
        if "text" in answer:
            answer["file"] = f"text_{number}"
            (folder / answer["file"]).write_text(answer.pop("text"), encoding="utf-8")
    return answers


def test_every_kind_is_broken() -> None:
    assert {case.partition("/")[0] for case in FUZZED} | {"mqtt"} == {*connectors.KINDS}


@pytest.mark.parametrize("case", sorted(FUZZED))
def test_a_broken_answer_is_named_or_rejected_and_nothing_is_invented(case: str, tmp_path: Path) -> None:
    folder = tmp_path / "case"
    shutil.copytree(CASES / case, folder)
    now = datetime.fromisoformat(NOW).timestamp()
    server = Loopback(Declared(folder, answers_in_files(folder)))
    sessions = Sessions(now=lambda: now)
    outcomes: set[str] = set()
    source = prepared(case, tmp_path, server=server.url)
    fetch = connectors.fetcher(sessions)
    own = ("expected.json", "source.toml", "answers.toml")
    files = [tmp_path / "folder"] if (tmp_path / "folder").is_dir() else [folder]
    bodies = {
        file: file.read_bytes()
        for place in files
        for file in place.rglob("*")
        if file.is_file() and file.name not in own and file.suffix != ".sql" and file.stat().st_size
    }

    @FEW
    @given(changes=CHANGES, cut=CUTS, piece=st.sampled_from(PIECES))
    def broken(changes: list[tuple[int, str, Any]], cut: float | None, piece: bytes) -> None:
        there: set[float] = set()
        for file, body in bodies.items():
            after, stands = changed_file(file, body, changes, cut, piece)
            there |= stands
            file.write_bytes(after)
        began = time.monotonic()
        outcomes.update(outcome(fetch, source, there, FUZZED[case]))
        assert time.monotonic() - began < source.deadline + 5

    try:
        broken()
    finally:
        sessions.close()
        server.close()
    assert "landed" in outcomes
    assert outcomes & {"ContractError", "rejected"} or case.startswith(
        "uptime/"
    )  # whatever a portal says, it is up


def outcome(fetch: Any, source: Source, there: set[float], factors: tuple[float, ...]) -> set[str]:
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
        return {word for word, count in (("landed", landed), ("rejected", rejected)) if count}
    assert said
    assert not PHONE.search(said)
    return {kind}


def test_whatever_a_broker_sends_is_what_its_message_says(tmp_path_factory: pytest.TempPathFactory) -> None:
    folder = tmp_path_factory.mktemp("broker")
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    broker = Broker(program(), folder, port)
    sessions = Sessions(now=lambda: datetime.fromisoformat(NOW).timestamp())
    source = prepared("mqtt/normal", folder, broker=f"127.0.0.1:{port}")
    chance, said = random.Random(766), []
    for number in range(200):
        whole = chance.choice((31.5, 0.25, {"v": [1, 2.5]}, "> 500", [7]))
        text = json.dumps(chance.choice((whole, whole, *JUNK))).encode()
        changes = [(chance.randrange(100), "put", None)]
        said.append(text if number % 3 else changed_bytes(text, changes, None, chance.choice(PIECES)))
    try:
        cursor = list(connectors.fetcher(sessions)(source, {}))[-1].cursor
        broker.publish_each((f"stations/m{number}/bui", text) for number, text in enumerate(said))
        pages = list(connectors.fetcher(sessions)(source, dict(cursor or {})))
    finally:
        sessions.close()
        broker.stop()
    heard = {record.place: record for page in pages for record in page.records}
    refused = {re.findall(r"stations/(m\d+)/", bad.address)[0] for page in pages for bad in page.rejected}
    assert heard.keys() | refused == {f"m{number}" for number in range(len(said))}
    for place, record in heard.items():
        there = set(written(said[int(place[1:])].decode())) | set(numbers(json.loads(said[int(place[1:])])))
        assert_sound(record, there, (1,))
    assert heard
    assert refused


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
