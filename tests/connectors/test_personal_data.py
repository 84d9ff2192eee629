"""No phone, address, identity number or name of a citizen stays anywhere, whatever a source of any kind sends."""

from __future__ import annotations

import json
import logging
import re
import shutil
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
import zstandard

import connectors
from connectors.http import Sessions
from ioc.model import Source
from ioc.store import schema
from tests.connectors.answers import Declared, Loopback, respond
from tests.connectors.broker import Broker, program
from tests.connectors.test_cases import CASES, NOW, prepared
from tests.connectors.test_fuzz import answers_in_files
from tests.core.given import collecting, open_given

PHONE, EMAIL, CARD, OLD_CARD, NAME = (
    "0912345678",
    "mau@example.vn",
    "001190012345",
    "012345678",
    "Nguyễn Thị Mẫu",
)
PERSONAL = (PHONE, EMAIL, CARD, OLD_CARD, NAME, "912 345 678")
WORDS = f"gọi {PHONE} hoặc +84 912 345 678, thư {EMAIL}, CCCD {CARD}, CMND {OLD_CARD}, xin hỏi"
UNDECLARED = {
    "ho_ten_x": NAME,
    "dien_thoai_x": PHONE,
    "thu_x": EMAIL,
    "giay_to_x": {"cccd": CARD, "cmnd": OLD_CARD},
}
HEADERS = {"X-Nguoi-Dung": f"{PHONE} {EMAIL}", "Set-Cookie": f"sdt={PHONE}"}
ERRORS = [
    (500, "application/json", json.dumps({"message": WORDS, "chi_tiet": NAME})),
    (403, "application/json", json.dumps({"error": {"message": WORDS, "reason": WORDS}})),
    (200, "text/html", f"<html><title>Lỗi, {WORDS}</title><body>{NAME}</body></html>"),
    (200, "application/json", json.dumps({WORDS: NAME})),
]
ANYWHERE = """
[one]
name = { vi = "Một", en = "One" }
sector = "environment"
owner = "so_nnmt"
shape = "observation"
connector = "uptime"
every = "1h"
portals.a.url = "http://127.0.0.1:1/"
"""
FOUND = re.compile("|".join(map(re.escape, PERSONAL)))


def leaking(value: Any, bad: bool = False) -> Any:
    """Return a JSON value with personal data in fields that nobody declared and, in its last records, for numbers."""
    if isinstance(value, dict):
        told = {key: leaking(part, bad) for key, part in value.items()}
        return told if all(isinstance(part, int) for part in value.values()) else {**told, **UNDECLARED}
    if isinstance(value, list):
        last = len(value) - 1
        return [leaking(part, isinstance(part, dict) and 0 < at == last) for at, part in enumerate(value)]
    return WORDS if bad and isinstance(value, int | float) and not isinstance(value, bool) else value


def leak(folder: Path) -> None:
    """Put personal data into the answers and files of a case, and into the names of those that have no pattern."""
    for file in [one for one in folder.rglob("*") if one.is_file()]:
        body = file.read_bytes()
        if file.suffix == ".json" and file.name != "expected.json":
            file.write_text(
                json.dumps(leaking(json.loads(body.removeprefix(b"\xef\xbb\xbf")))), encoding="utf-8"
            )
        elif file.suffix == ".csv":
            lines = body.decode().splitlines()
            told = [f"{line};{NAME};{WORDS}" for line in lines[1:]]
            wrong = re.sub(r"\d+", WORDS, lines[-1], count=1)
            file.write_text("\n".join([lines[0], *told, wrong]), encoding="utf-8")
            file.rename(file.with_name(f"bao_cao_{PHONE}_{CARD} {EMAIL}.csv"))
        elif file.suffix == ".txt":
            file.write_bytes(body + f"\r\npH\t{WORDS}\t-\t20261121074500\t00\r\n{WORDS}".encode())


def everything(product: Any, store_url: str) -> list[tuple[str, str]]:
    """Return all that the store holds, unpacked, and the files of an embedded one as they are; each with its place."""
    found: list[tuple[str, str]] = []
    with product.store.reading() as connection:
        for table in schema.metadata.tables.values():
            for row in connection.execute(sa.select(table)):
                for value in row:
                    if isinstance(value, bytes):
                        unpacked = (
                            zstandard.decompress(value) if value.startswith(b"\x28\xb5\x2f\xfd") else value
                        )
                        found.append((table.name, unpacked.decode(errors="replace")))
                    elif value is not None and not isinstance(value, int | float):
                        told = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
                        found.append((table.name, told))
    if store_url.startswith("sqlite"):
        place = Path(store_url.removeprefix("sqlite:///"))
        assert Path(f"{place}-wal").stat().st_size > 0
        found += [
            (file.name, file.read_bytes().decode(errors="replace"))
            for file in place.parent.glob(f"{place.name}*")
        ]
    return found


def leaks(held: list[tuple[str, str]]) -> list[tuple[str, str]]:
    """Return where something personal stands, with some of what stands around it."""
    return [
        (place, text[max(0, found.start() - 60) : found.end() + 20])
        for place, text in held
        for found in FOUND.finditer(text)
    ]


def test_nothing_personal_stays_of_what_any_kind_of_source_sends(
    tmp_path: Path, store_url: str, free_port: int, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    product = open_given(tmp_path / "home", store_url, ANYWHERE)
    given = collecting(product)
    sessions = Sessions(now=lambda: datetime.fromisoformat(NOW).timestamp())
    fetch = connectors.fetcher(sessions)
    servers: list[Loopback] = []
    outcomes: dict[str, list[Any]] = {}

    def poll(kind: str, source: Source, number: int) -> None:
        known = replace(source, id=f"{kind}_{number}", personal_data=True, rejected_share=1.0)
        collector = replace(given.collector, fetches={known.id: fetch})
        outcomes.setdefault(kind, []).append(collector.poll(known))

    def serve(handle: Callable[[BaseHTTPRequestHandler], None]) -> str:
        servers.append(Loopback(handle))
        return servers[-1].url

    broker = Broker(program(), tmp_path, free_port)
    try:
        for kind in sorted(connectors.KINDS):
            case, place = f"{kind}/normal", tmp_path / kind
            shutil.copytree(CASES / case, place / "case")
            answers = answers_in_files(place / "case")
            for answer in answers:
                answer["headers"] = {**answer.get("headers", {}), **HEADERS}
            leak(place / "case")
            url = serve(Declared(place / "case", answers))
            source = prepared(case, place, server=url, broker=f"127.0.0.1:{free_port}")
            leak(place / "folder")
            poll(kind, source, 0)
            if kind == "mqtt":
                broker.publish_each(
                    [("stations/kk_01/bui", json.dumps(WORDS)), ("stations/kk_02/bui", WORDS)]
                )
                poll(kind, source, 0)
            for number, (status, mime, body) in enumerate(ERRORS if source.url.startswith(url) else [], 1):
                other = serve(lambda request, s=status, m=mime, b=body: respond(  # type: ignore[misc]
                    request, s, b.encode(), {"Content-Type": m, **HEADERS}))  # fmt: skip
                poll(kind, replace(source, url=source.url.replace(url, other)), number)
        held = everything(product, store_url)
    finally:
        broker.stop()
        sessions.close()
        for server in servers:
            server.close()
        product.store.close()
    assert outcomes.keys() == connectors.KINDS.keys()
    for kind, came in outcomes.items():
        assert any(one.outcome != "failed" for one in came), (kind, [one.error for one in came])
    assert any("[…]" in text for _, text in held)
    assert leaks(held) == []
    assert leaks([("log", caplog.text)]) == []
