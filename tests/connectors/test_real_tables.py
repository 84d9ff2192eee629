"""Statistics offices' real JSON-stat and PxWeb answers, each read to its last cell."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler
from pathlib import Path

import pytest

import connectors
from connectors import json_stat, pxweb
from connectors.http import Sessions
from connectors.statistics_period import period
from connectors.values import UnreadableError
from ioc.calendar import local_date
from ioc.model import Observation
from tests.connectors.answers import respond
from tests.connectors.test_cases import source_of

Serve = Callable[[Callable[[BaseHTTPRequestHandler], None]], str]
TABLE = """
[bang]
connector = "pxweb"
url = "{server}"
version = "v1"
table = "t.px"
earliest = 1990-01-01
{declared}
"""
ANY = 'data = { "*" = { variable = "so_lieu" } }\n'


@pytest.mark.parametrize(
    ("file", "declared", "counts"),
    [
        (
            "jsonstat/canada.json",
            'place = "CA"\ndimensions = { variable = "concept", category = "sex", channel = "age" }\n'
            'data = { POP = { variable = "population" }, PERCENT = { variable = "share", unit = "%", to = "1" } }',
            # one status in a list stands for every cell; "a" is no preliminary figure
            {"cells": 120, "rejected": 0, "gaps": 0, "estimated": 0},
        ),
        (
            "jsonstat/galicia.json",
            ANY + 'dimensions = { place = "residence", category = ["birth", "gender"], channel = "age" }',
            {"cells": 3960, "rejected": 0, "gaps": 4, "estimated": 0},
        ),
        ("jsonstat/oecd.json", ANY + 'dimensions = { place = "area" }',
         {"cells": 432, "rejected": 0, "gaps": 0, "estimated": 72}),
        # a demo of texts in place of numbers, whose B is no period
        ("jsonstat/order.json", ANY + 'dimensions = { place = "A", time = "B", category = "C" }',
         {"cells": 0, "rejected": 24, "gaps": 0, "estimated": 0}),
        ("pxweb/v1_response_no.json", ANY + 'dimensions = { place = "Region", category = "Boligtype" }',
         {"cells": 288, "rejected": 0, "gaps": 24, "estimated": 0}),
        ("pxweb/v1_response_se.json", ANY + 'place = "SE"\ndimensions = { category = "Kon" }',
         {"cells": 9, "rejected": 0, "gaps": 0, "estimated": 0}),
        ("pxweb/scb_v2_TAB6471_data.json", ANY + 'dimensions = { place = "Region", category = "Alder", channel = "Kon" }',
         {"cells": 2772, "rejected": 0, "gaps": 0, "estimated": 0}),
    ],
)  # fmt: skip
def test_a_real_table_is_read_to_its_last_cell(
    file: str, declared: str, counts: dict[str, int], real: Path, serve: Serve, sessions: Sessions
) -> None:
    body = (real / "socioeconomic" / file).read_bytes()
    url = serve(lambda request: respond(request, 200, body))
    source = source_of(TABLE.replace("{server}", url).replace("{declared}", declared))
    assert connectors.check(source) == []
    pages = list(connectors.fetcher(sessions)(source, {}))
    records = [record for page in pages for record in page.records if isinstance(record, Observation)]
    assert {
        "cells": len(records),
        "rejected": sum(len(page.rejected) for page in pages),
        "gaps": sum(record.value is None for record in records),
        "estimated": sum(record.method == "estimated" for record in records),
    } == counts
    series = Counter(record._replace(value=None, method="") for record in records)
    assert not series or max(series.values()) == 1
    # row-major order: what was read first is what the file says first
    if records:
        first = records[0]
        raw = json.loads(body)["value"][0]
        assert first.value == pytest.approx(raw)


def test_cells_stand_where_the_real_tables_say(real: Path) -> None:
    table = json_stat.dataset(json.loads((real / "socioeconomic/jsonstat/galicia.json").read_bytes()))
    found = {cell.at: cell.value for cell in json_stat.cells(table)}
    assert len(found) == table.size == 3960
    assert [dimension.label for dimension in table.dimensions][:2] == ["place of birth", "age group"]
    # the totals are the sums of their parts, which holds only where every cell stands in its place
    assert found[(0, 0, 0, 0, 0, 0)] == sum(found[(0, 0, 0, 0, at, 0)] for at in range(1, 5)) == 2_695_880
    both = sum(found[(0, 0, sex, 1, 0, 0)] for sex in (1, 2))
    assert (found[(0, 0, 0, 1, 0, 0)], both) == (2_772_928, 2_772_927)  # the office's own rounding


def test_the_periods_of_the_real_tables_are_days(real: Path) -> None:
    for file, first in (("pxweb/v1_response_no.json", "2022-01-01"), ("pxweb/scb_v2_TAB6471_data.json", "2026-01-01"),
                        ("pxweb/v1_response_se.json", "2020-01-01")):  # fmt: skip
        table = json_stat.dataset(json.loads((real / "socioeconomic" / file).read_bytes()))
        time = next(d for d in table.dimensions if d.id == table.times[0])
        starts = [period(time.labels[code])[0] for code in time.codes]
        assert (starts, local_date(starts[0]).isoformat()) == (sorted(starts), first)


@pytest.mark.parametrize(
    ("version", "file", "counts"),
    [("v1", "v1_response_table_variables.json", [312, 3, 19, 27, 4, 24]),
     ("v2", "scb_v2_TAB6471_metadata.json", [312, 134, 3, 1, 16])],
)  # fmt: skip
def test_a_selection_that_is_too_large_is_cut_by_the_real_metadata(
    version: str, file: str, counts: list[int], real: Path, serve: Serve, sessions: Sessions
) -> None:
    body = (real / "socioeconomic" / "pxweb" / file).read_bytes()
    most = json.loads((real / "socioeconomic/pxweb/scb_v2_config.json").read_bytes())["maxDataCells"]
    asked: list[int] = []

    def handle(request: BaseHTTPRequestHandler) -> None:
        raw = request.rfile.read(int(request.headers.get("Content-Length") or 0))
        if request.command == "GET":
            return respond(request, 200, body)
        parts = json.loads(raw)["query" if version == "v1" else "selection"]
        lists = [part["selection"]["values"] if version == "v1" else part["valueCodes"] for part in parts]
        size = 1
        for codes, whole in zip(lists, counts, strict=True):
            size *= whole if codes == ["*"] else len(codes)
        if size > most:
            return respond(request, 403, b'{"title": "Too many cells"}')
        asked.append(size)
        sizes = [1] * (len(lists) - 1) + [0]
        dims = {str(at): {"category": {"index": [str(n) for n in range(n)]}} for at, n in enumerate(sizes)}
        table = {"class": "dataset", "id": list(dims), "size": sizes, "role": {"time": ["0"]}, "value": []}
        return respond(request, 200, json.dumps({**table, "dimension": dims}).encode())

    names = [v["code"] for v in json.loads(body)["variables"]] if version == "v1" else json.loads(body)["id"]
    select = ", ".join(f'{name} = "*"' for name in names)
    declared = ANY + f'place = "SE"\nselect = {{ {select} }}'
    toml = TABLE.replace("{server}", serve(handle)).replace("{declared}", declared)
    source = source_of(toml.replace('"v1"', f'"{version}"'))
    assert connectors.check(source) == []
    list(connectors.fetcher(sessions)(source, {}))
    whole = 1
    for count in counts:
        whole *= count
    assert sum(asked) == whole
    assert {len(codes) for codes in pxweb._codes(source, sessions.http(source)).values()} == set(counts)


@pytest.mark.parametrize(
    ("label", "day", "span", "preliminary"),
    [
        ("2024", "2024-01-01", "year", False),
        ("Sơ bộ 2025", "2025-01-01", "year", True),
        ("Năm 2023", "2023-01-01", "year", False),
        ("2025 (ước tính)", "2025-01-01", "year", True),
        ("Ước 6T 2026", "", "", True),
        ("Quý IV năm 2025", "2025-10-01", "quarter", False),
        ("Sơ bộ quý III/2025", "2025-07-01", "quarter", True),
        ("2023K2", "2023-04-01", "quarter", False),
        ("Tháng 3 năm 2026", "2026-03-01", "month", False),
        ("2026M04", "2026-04-01", "month", False),
        ("2026M13", "", "", False),
        ("2020-2024", "", "", False),
        ("Tổng số", "", "", False),
    ],
)
def test_a_label_names_its_period_or_is_refused(label: str, day: str, span: str, preliminary: bool) -> None:
    if not day:
        with pytest.raises(UnreadableError, match="không nói rõ"):
            period(label)
        return
    start, found, early = period(label)
    assert (local_date(start).isoformat(), found, early) == (day, span, preliminary)
