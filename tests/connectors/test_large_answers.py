"""What is large is read piece by piece: ten times as much must not cost ten times the memory."""

from __future__ import annotations

import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from http.server import ThreadingHTTPServer
from pathlib import Path

import pytest

from benchmarks.large_answers import LIST, PAGING, SPREADSHEET, Lists, write_csv, write_workbook

READ = """
import sys
from pathlib import Path
import connectors
from connectors.http import Sessions
from tests.connectors.test_cases import source_of
source = source_of(sys.stdin.read())
assert connectors.check(source) == []
records = largest = 0
for page in connectors.fetcher(Sessions())(source, {}):
    records, largest = records + len(page.records), max(largest, len(page.records), len(page.kept) // 1600)
# the kernel's other figure, ru_maxrss, would include the process that started this one
print(records, largest, int(Path("/proc/self/status").read_text().partition("VmHWM:")[2].split()[0]) // 1024)
"""
"""Reads a source in a process of its own: how many records, the largest page, and the most memory, MB."""


def read(toml: str) -> tuple[int, int, int]:
    found = subprocess.run(
        [sys.executable, "-c", READ], input=toml, capture_output=True, text=True, check=True, timeout=60
    )
    records, largest, most = map(int, found.stdout.split())
    return records, largest, most


@pytest.mark.parametrize(("write", "ending"), [(write_workbook, "xlsx"), (write_csv, "csv")])
def test_a_workbook_ten_times_as_large_costs_no_more_memory(
    tmp_path: Path, write: Callable[[Path, float, int], int], ending: str
) -> None:
    most = []
    for megabytes in (2, 20):
        path = tmp_path / f"{megabytes}.{ending}"
        count = write(path, megabytes, 4_000)
        records, largest, memory = read(SPREADSHEET.format(url=path))
        assert records == count
        assert largest <= 5_000
        most.append(memory)
    assert most[1] < 1.3 * most[0]
    assert most[1] < 150


@pytest.fixture
def lists() -> Iterator[str]:
    """Serve a list of as many pages as Lists.pages says."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), Lists)
    thread = threading.Thread(target=server.serve_forever, args=(0.02,))
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


def test_an_answer_of_ten_times_as_many_pages_costs_no_more_memory(
    lists: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    most = []
    for pages in (10, 200):
        monkeypatch.setattr(Lists, "pages", pages)
        monkeypatch.setattr(Lists, "per_page", 20)
        toml = LIST.format(name="long_list", url=f"{lists}/long", every="1h", paging=PAGING)
        records, largest, memory = read(toml)
        assert records == pages * 20
        assert largest <= 5_000
        most.append(memory)
    assert most[1] < 1.3 * most[0]
