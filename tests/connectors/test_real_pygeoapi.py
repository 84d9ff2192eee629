"""OGC API – Features as pygeoapi serves it: a real server of its own process, paging, bbox and datetime by its own rules."""

from __future__ import annotations

import json
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

import connectors
from connectors.http import Sessions
from ioc.errors import ContractError
from ioc.model import Case, Page
from tests.connectors.test_cases import NOW, source_of

APART = Path(sys.prefix) / "pygeoapi"
"""Where the Makefile installs it: it brings a package named tests, which would hide our own."""
COUNT = 25
SERVE = """
import sys
from werkzeug.serving import make_server
from pygeoapi.flask_app import APP
make_server("127.0.0.1", int(sys.argv[1]), APP, threaded=True, fd=int(sys.argv[2])).serve_forever()
"""
SOURCE = """
[land]
connector = "ogc_features"
shape = "case:land"
url = "{server}"
collection = "ho_so"
limit = {limit}
times = {{ format = "iso", zone = "+07:00" }}
{more}
[land.fields]
key = "id"
state = "tinh_trang"
opened = "nhan"
category = "loai"
[land.enums.state]
moi = "open"
xong = "closed"
"""


def feature(number: int) -> dict[str, Any]:
    """Write one dossier: one a day up to NOW, from south to north."""
    at = datetime.fromisoformat(NOW).astimezone(UTC) - timedelta(days=number)
    place = {"type": "Point", "coordinates": [107.0, round(20.5 + number / 100, 2)]}
    said = {
        "tinh_trang": ("moi", "xong")[number % 2],
        "nhan": f"{at:%Y-%m-%dT%H:%M:%SZ}",
        "loai": "BIEN_DONG",
    }
    return {"type": "Feature", "id": f"QN-{number:02}", "geometry": place, "properties": said}


def configured(folder: Path, port: int) -> dict[str, str]:
    """Write the server's files; return its environment."""
    (folder / "ho_so.json").write_text(
        json.dumps({"_default": {str(number): feature(number) for number in range(COUNT)}})
    )
    url = f"http://127.0.0.1:{port}"
    nobody = {"name": "Sở mẫu", "url": url}
    words = {"title": "Đất đai", "description": "Hồ sơ đất đai", "keywords": ["đất đai"]}
    config = {
        "server": {
            "bind": {"host": "127.0.0.1", "port": port},
            "url": url,
            "mimetype": "application/json; charset=UTF-8",
            "encoding": "utf-8",
            "languages": ["en-US"],
            "limits": {"default_items": 10, "max_items": 100},
            "map": {"url": url, "attribution": ""},
        },
        "logging": {"level": "ERROR"},
        "metadata": {
            "identification": {**words, "terms_of_service": url, "url": url},
            "license": {"name": "CC-BY"},
            "provider": nobody,
            "contact": nobody,
        },
        "resources": {
            "ho_so": {
                "type": "collection",
                **words,
                "links": [],
                "extents": {
                    "spatial": {"bbox": [106, 20, 109, 22]},
                    "temporal": {"begin": None, "end": None},
                },
                "providers": [
                    {
                        "type": "feature",
                        "name": "TinyDB",
                        "data": str(folder / "ho_so.json"),
                        "id_field": "id",
                        "time_field": "nhan",
                    }
                ],
            }
        },
    }
    (folder / "config.yml").write_text(json.dumps(config))  # JSON is YAML too
    (folder / "openapi.json").write_text('{"openapi": "3.0.2", "info": {}, "paths": {}}')
    return {
        "PYGEOAPI_CONFIG": str(folder / "config.yml"),
        "PYGEOAPI_OPENAPI": str(folder / "openapi.json"),
        "PYTHONPATH": str(APART),
        "PATH": "/usr/bin:/bin",
    }


@pytest.fixture(scope="module")
def pygeoapi(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Start pygeoapi and give its address."""
    assert APART.is_dir(), "there is no pygeoapi: make test-install brings it"
    folder = tmp_path_factory.mktemp("pygeoapi")
    # the port is held from here on: between choosing and serving another test's server took it once
    held = socket.create_server(("127.0.0.1", 0))
    port = held.getsockname()[1]
    command = [sys.executable, "-W", "ignore", "-c", SERVE, str(port), str(held.fileno())]
    with (folder / "log").open("wb") as log:
        server = subprocess.Popen(
            command,
            env=configured(folder, port),
            stdout=log,
            stderr=log,
            cwd=folder,
            pass_fds=[held.fileno()],
        )
    held.close()
    try:
        url, late = f"http://127.0.0.1:{port}", time.monotonic() + 60
        while True:
            try:
                with urllib.request.urlopen(f"{url}/conformance?f=json", timeout=5):
                    break
            except OSError:
                assert server.poll() is None, (folder / "log").read_text()
                assert time.monotonic() < late, (folder / "log").read_text()
                time.sleep(0.1)
        yield url
    finally:
        server.terminate()
        server.wait(10)


def read(url: str, sessions: Sessions, limit: int, more: str = "") -> tuple[list[Page], list[Case]]:
    source = source_of(SOURCE.format(server=url, limit=limit, more=more))
    assert connectors.check(source) == []
    pages = list(connectors.fetcher(sessions)(source, {}))
    assert not any(page.rejected for page in pages)
    return pages, [record for page in pages for record in page.records if isinstance(record, Case)]


def expected(*numbers: int) -> list[Case]:
    """Return the cases of some dossiers."""
    now = int(datetime.fromisoformat(NOW).timestamp())
    return [
        Case(
            f"QN-{n:02}", "land", ("open", "closed")[n % 2], now - n * 86_400, category="BIEN_DONG",
            lat=round(20.5 + n / 100, 2), lon=107.0,
        )
        for n in numbers
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("limit", "pages"), [(7, 4), (25, 2), (100, 1), (1000, 1)]
)  # it names a page behind a full one
def test_the_same_records_come_in_pages_of_any_size(
    pygeoapi: str, sessions: Sessions, limit: int, pages: int
) -> None:
    came, cases = read(pygeoapi, sessions, limit, "complete = true")
    assert cases == expected(*range(COUNT))
    assert len(came) == pages
    assert [page.complete for page in came] == [False] * (pages - 1) + [True]


def test_a_bbox_and_a_span_of_time_are_the_servers_to_apply(pygeoapi: str, sessions: Sessions) -> None:
    _, inside = read(pygeoapi, sessions, 3, 'params = { bbox = "106.9,20.6,107.1,20.655" }')
    assert inside == expected(10, 11, 12, 13, 14, 15)
    _, recent = read(pygeoapi, sessions, 3, 'datetime = "4d"')
    assert recent == expected(0, 1, 2, 3, 4)
    _, both = read(pygeoapi, sessions, 3, 'datetime = "12d"\nparams = { bbox = "106.9,20.6,107.1,20.655" }')
    assert both == expected(10, 11, 12)


def test_a_list_goes_on_where_it_was_left(pygeoapi: str, sessions: Sessions) -> None:
    source = source_of(SOURCE.format(server=pygeoapi, limit=10, more=""))
    pages = connectors.fetcher(sessions)(source, {})
    first = next(iter(pages))
    rest = list(connectors.fetcher(sessions)(source, dict(first.cursor or {})))
    assert [*first.records, *(record for page in rest for record in page.records)] == expected(*range(COUNT))


def test_what_pygeoapi_does_not_know_is_told_in_its_words(pygeoapi: str, sessions: Sessions) -> None:
    with pytest.raises(ContractError, match="HTTP 404"):
        read(f"{pygeoapi}/khac", sessions, 10)
    with pytest.raises(ContractError, match=r"HTTP 400 cho .*bbox"):
        read(pygeoapi, sessions, 10, 'params = { bbox = "107" }')
