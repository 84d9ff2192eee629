"""A workbook of 200 MB and a list of 1,000 pages read by a real collector beside small sources that must not wait.

By hand: python -m benchmarks.large_answers [--megabytes 200] [--pages 1000]; docs/performance.md reports it.
"""

from __future__ import annotations

import argparse
import json
import random
import sqlite3
import sys
import tempfile
import threading
import time
import zipfile
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import pairwise
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

from benchmarks import measured
from benchmarks.measured import figure, ratio, running, say

MOST_MB = 500
SMALL, EVERY_S = 10, 5
PER_PAGE = 100
FIRST = datetime(2015, 1, 1, tzinfo=UTC)
HEADING = ("Trạm", "Thời điểm", "Bụi mịn", "Ghi chú")
_PACKAGE = "http://schemas.openxmlformats.org/package/2006/relationships"
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_PARTS = {
    "_rels/.rels": f'<Relationships xmlns="{_PACKAGE}"><Relationship Id="a" Type="{_OFFICE}/officeDocument" '
    'Target="xl/workbook.xml"/></Relationships>',
    "xl/workbook.xml": f'<workbook xmlns="{_MAIN}" xmlns:r="{_OFFICE}"><sheets><sheet name="Số liệu" sheetId="1" '
    'r:id="a"/></sheets></workbook>',
    "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{_PACKAGE}"><Relationship Id="a" '
    f'Type="{_OFFICE}/worksheet" Target="worksheets/sheet1.xml"/><Relationship Id="b" '
    f'Type="{_OFFICE}/sharedStrings" Target="sharedStrings.xml"/></Relationships>',
}
SPREADSHEET = """
[large_workbook]
name = {{ vi = "Sổ lớn", en = "A large workbook" }}
connector = "spreadsheet"
sector = "environment"
shape = "observation"
owner = "so_nnmt"
url = "{url}"
every = "1h"
deadline = "60s"
max_bytes = 2_000_000_000
earliest = "2010-01-01"
settle = "0s"
columns = {{ "Trạm" = "tram", "Thời điểm" = "luc", "Bụi mịn" = "bui" }}
fields = {{ place = "tram", time = "luc" }}
variables.pm25 = {{ field = "bui", unit = "ug/m3" }}
times = {{ format = "%Y-%m-%d %H:%M", zone = "+07:00" }}
"""
LIST = """
[{name}]
name = {{ vi = "Danh sách", en = "A list" }}
connector = "rest_json"
sector = "environment"
shape = "observation"
owner = "so_nnmt"
url = "{url}"
every = "{every}"
deadline = "60s"
earliest = "2010-01-01"
items = "items"
fields = {{ place = "tram", time = "luc" }}
variables.pm25 = {{ field = "bui", unit = "ug/m3" }}
times = {{ format = "epoch" }}
{paging}
"""
PAGING = 'paging = { kind = "page", param = "page", first = 1 }'
SITE = """
[tram_{n}]
name = {{ vi = "Trạm {n}", en = "Station {n}" }}
kind = "air_station"
area = "06652"
lat = 20.95
lon = 107.08
"""


def write_workbook(path: Path, megabytes: float, letters: int = 800) -> int:
    """Write an XLSX of so many megabytes on disk, each row with a shared text of so many letters.

    Return how many values it holds.
    """
    chance, count = random.Random(766), 0
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as book:
        for name, content in _PARTS.items():
            book.writestr(name, content)
        with book.open("xl/worksheets/sheet1.xml", "w", force_zip64=True) as sheet:
            sheet.write(f'<worksheet xmlns="{_MAIN}"><sheetData>{_row(1, HEADING)}'.encode())
            while book.fp is not None and book.fp.tell() < megabytes * 500_000:
                for station, at in values(count, 200):
                    count += 1
                    remark = chance.randbytes(letters // 2).hex()
                    cells = (f"tram_{station}", f"{at:%Y-%m-%d %H:%M}", count % 90, remark)
                    sheet.write(_row(count + 1, cells, shared=count - 1).encode())
            sheet.write(b"</sheetData></worksheet>")
        with book.open("xl/sharedStrings.xml", "w", force_zip64=True) as shared:
            shared.write(f'<sst xmlns="{_MAIN}">'.encode())
            for _ in range(count):
                shared.write(f"<si><t>{chance.randbytes(letters // 2).hex()}</t></si>".encode())
            shared.write(b"</sst>")
    return count


def write_csv(path: Path, megabytes: float, letters: int = 800) -> int:
    """Write a CSV of so many megabytes, each row with a text of so many letters; return how many values it holds."""
    chance, count = random.Random(766), 0
    with path.open("w", encoding="utf-8") as file:
        file.write(";".join(HEADING) + "\n")
        while file.tell() < megabytes * 1_000_000:
            for station, at in values(count, 200):
                count += 1
                remark = chance.randbytes(letters // 2).hex()
                file.write(f"tram_{station};{at:%Y-%m-%d %H:%M};{count % 90};{remark}\n")
    return count


def values(start: int, count: int) -> Iterator[tuple[int, datetime]]:
    """Yield station and hour of values, numbered from start: ten stations, hour by hour."""
    for number in range(start, start + count):
        yield number % 10, FIRST + timedelta(hours=number // 10)


def _row(number: int, cells: tuple[object, ...], shared: int | None = None) -> str:
    told = "".join(
        f"<c><v>{cell}</v></c>" if isinstance(cell, int) else f'<c t="inlineStr"><is><t>{cell}</t></is></c>'
        for cell in cells
    )
    more = "" if shared is None else f'<c t="s"><v>{shared}</v></c>'
    return f'<row r="{number}">{told}{more}</row>'


class Lists(BaseHTTPRequestHandler):
    """Answers /long with so many pages, any other address with one value of now."""

    protocol_version = "HTTP/1.1"
    pages, per_page = 1000, PER_PAGE

    def do_GET(self) -> None:
        """Answer one question."""
        parts = urlsplit(self.path)
        page = int(parse_qs(parts.query).get("page", ["0"])[0])
        items: list[dict[str, object]] = []
        if parts.path != "/long":
            items = [{"tram": "tram_1", "luc": int(time.time()) // 60 * 60, "bui": time.time() % 80}]
        elif page <= self.pages:
            start = (page - 1) * self.per_page
            items = [
                {"tram": f"tram_{station}", "luc": int(at.timestamp()), "bui": n % 70, "ghi_chu": "x" * 400}
                for n, (station, at) in enumerate(values(start, self.per_page))
            ]
        body = json.dumps({"items": items}).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_args: object) -> None:
        """Say nothing."""


def main() -> int:
    """Measure the collector's memory and the pace of the small sources while both large answers are read."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.large_answers", description=__doc__)
    parser.add_argument("--megabytes", type=float, default=200)
    parser.add_argument("--pages", type=int, default=1000)
    asked = parser.parse_args()
    Lists.pages = asked.pages
    server = ThreadingHTTPServer(("127.0.0.1", 0), Lists)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    with tempfile.TemporaryDirectory(prefix="ioc-large-") as folder:
        home = Path(folder)
        env = measured.environment(home)
        say(f"Writing a workbook of {asked.megabytes:g} MB …")
        count = write_workbook(home / "so_lieu.xlsx", asked.megabytes)
        _declare(home, f"http://127.0.0.1:{server.server_port}")
        with running(["app.py", "collect"], env, home / "log") as collect:
            began = time.monotonic()
            most = _watch(
                collect.pid,
                home / "store.sqlite",
                {"large_workbook": count, "long_list": asked.pages * PER_PAGE},
            )
            took = time.monotonic() - began
        pace = _pace(home / "store.sqlite")
    server.shutdown()
    say(f"{count:,} rows and {asked.pages:,} pages of {PER_PAGE} records in {took:.0f} s")
    figure("large answers, the collector's memory at most (VmHWM)", f"{most:.0f} MB")
    ratio("large answers, memory : what is allowed", most / MOST_MB, "<= 1", most <= MOST_MB)
    figure(f"{SMALL} sources every {EVERY_S} s beside them, between two polls at most", f"{max(pace):.1f} s")
    late = sum(gap > 2 * EVERY_S for gap in pace)
    ratio("large answers, polls later than two intervals", late / len(pace), "== 0", late == 0)
    return 0


def _declare(home: Path, url: str) -> None:
    sources, sites = home / "data" / "sources", home / "data" / "sites"
    sources.mkdir(exist_ok=True)
    sites.mkdir(exist_ok=True)
    small = [
        LIST.format(name=f"small_{n}", url=f"{url}/small/{n}", every=f"{EVERY_S}s", paging="")
        for n in range(SMALL)
    ]
    long = LIST.format(name="long_list", url=f"{url}/long", every="1h", paging=PAGING)
    text = "\n".join([SPREADSHEET.format(url=home / "so_lieu.xlsx"), long, *small])
    (sources / "large.toml").write_text(text, encoding="utf-8")
    (sites / "large.toml").write_text("\n".join(SITE.format(n=n) for n in range(10)), encoding="utf-8")


def _watch(pid: int, store: Path, expected: dict[str, int]) -> float:
    """Wait until both runs have ended with all records; return the most memory of the process, MB (2^20)."""
    until = time.monotonic() + 1800
    while time.monotonic() < until:
        time.sleep(1)
        ended = _ended(store)
        for source, (outcome, kept, error) in ended.items():
            if outcome != "changed" or kept != expected[source]:
                raise RuntimeError(f"{source}: {outcome}, {kept} of {expected[source]} records: {error}")
        if ended.keys() == expected.keys():
            status = Path(f"/proc/{pid}/status").read_text()
            return int(status.partition("VmHWM:")[2].split()[0]) / 1024
    raise TimeoutError("the large answers were not read within half an hour")


def _ended(store: Path) -> dict[str, tuple[str, int, str]]:
    try:
        with closing(sqlite3.connect(f"file:{store}?mode=ro", uri=True)) as read:
            return {
                name: (outcome, kept, error)
                for name, outcome, kept, error in read.execute(
                    "SELECT source.name, run.outcome, run.new, run.error FROM run JOIN source ON source.id = run.source_id "
                    "WHERE source.name IN ('large_workbook', 'long_list') AND run.finished IS NOT NULL"
                )
            }
    except sqlite3.OperationalError:  # it is being made
        return {}


def _pace(store: Path) -> list[float]:
    """Return the seconds between two polls of each small source, in order."""
    with closing(sqlite3.connect(store)) as read:
        rows = read.execute(
            "SELECT source.name, run.started FROM run JOIN source ON source.id = run.source_id "
            "WHERE source.name LIKE 'small_%' ORDER BY source.name, run.started"
        ).fetchall()
    return [(b - a) / 1000 for (name, a), (other, b) in pairwise(rows) if name == other]


if __name__ == "__main__":
    sys.exit(main())
