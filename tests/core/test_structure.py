"""A source that changes the structure of its answers: noticed, named, kept, shown; what comes and goes is not."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Callable
from datetime import date, timedelta
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import Any

import openpyxl
import orjson
import pytest
import sqlalchemy as sa

import app
from ioc.model import Source
from ioc.store import schema
from ioc.store.reads.fields import structure_changes
from ioc.store.reads.scope import EVERYTHING
from ioc.structure import Change, Known, changes, joined, learn, observed
from sandbox.answers import Answer
from sandbox.faults import spoil
from tests.core.given import Collecting, eventually, report, source

NAMES = ("Nguyễn Thị Thử", "0912 345 678")


def reports(n: int, **more: Any) -> list[dict[str, Any]]:
    return [
        report(f"K{number:03}", category="rác", note=f"{NAMES[0]} {NAMES[1]}", **more) for number in range(n)
    ]


def told(one: Collecting, id: str = "one") -> Change:
    with one.product.store.reading() as connection:
        found = structure_changes(connection, EVERYTHING)
    return found.get(id, Change())


def test_a_renamed_structure_is_named_and_heals_by_itself(given: Any, serve: Any):
    fault: list[str] = []

    def answer(query: dict[str, str], request: BaseHTTPRequestHandler) -> Any:
        good = Answer.json(200, {"items": reports(30), "total": 30})
        return orjson.loads(spoil(fault[0], good, first_page=True).body) if fault else orjson.loads(good.body)

    server = serve(answer)
    one = given(source("one", server.url))
    assert one.poll().outcome == "changed"
    fault.append("changed_schema")
    outcome = one.poll()
    assert (outcome.outcome, outcome.error_kind) == ("failed", "contract")
    assert "Cấu trúc dữ liệu của nguồn đã thay đổi: thiếu category, id, note, opened, state" in outcome.error
    assert "trường mới category_v2, id_v2" in outcome.error
    change = told(one)
    assert change.missing == ("category", "id", "note", "opened", "state")
    assert change.new == ("category_v2", "id_v2", "note_v2", "opened_v2", "state_v2")
    assert one.freshness().state == "rejected"
    assert one.again().poll().outcome == "failed", "another collector knows it too"
    fault.clear()
    assert one.again().poll().outcome == "unchanged"
    assert not told(one), "what was new went again"
    assert one.freshness().state == "live"


def test_names_and_types_are_kept_and_never_a_value(given: Any, serve: Any):
    people = {"2026-11-01": 1, "an.nguyen@example.vn": 2, "0912 345 678": 3, "ghi chú": NAMES[1]}
    server = serve(lambda query, request: {"items": reports(25, người=people)})
    one = given(source("one", server.url))
    one.poll()
    with one.product.store.reading() as connection:
        rows = [dict(row._mapping) for row in connection.execute(sa.select(schema.field_seen))]
    names = {row["name"]: row["types"] for row in rows}
    assert names["người"] == ["object"]
    assert names["người.ghi chú"] == ["text"]
    assert {name for name in names if name.startswith("người.")} == {"người.ghi chú"}
    for value in (*NAMES, "rác", "K001", "example.vn", "2026-11"):
        assert value not in str(rows)


def test_a_mapped_field_that_only_lacks_or_changes_its_type_fails_and_a_new_one_is_a_note(
    given: Any,
    serve: Any,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    store_url: str,
    tmp_path: Path,
):
    items = reports(30)
    server = serve(lambda query, request: {"items": items})
    one = given(source("one", server.url, every="1h"))
    one.poll()
    items[:] = [{**item, "source_app": "zalo"} for item in items]
    assert one.poll().outcome == "unchanged", "a new field is a note"
    assert told(one).new == ("source_app",)
    items[:] = [{key: value for key, value in item.items() if key != "category"} for item in items]
    outcome = one.poll()
    assert (outcome.outcome, outcome.error_kind) == ("failed", "contract")
    assert outcome.error.startswith("Cấu trúc dữ liệu của nguồn đã thay đổi: thiếu category")
    items[:] = [{**item, "category": number} for number, item in enumerate(items)]
    assert "đổi kiểu category (chữ → số)" in one.poll().error
    monkeypatch.setenv("IOC_DATA", str(tmp_path / "data"))
    monkeypatch.setenv("IOC_STORE_URL", store_url)
    with one.scheduled():
        eventually(lambda: len([run for run in one.runs() if run.finished]) > 4)
        assert app.main(["poll", "one"]) == 1
    said = capsys.readouterr().out
    assert "new fields source_app, retyped fields category (text → number)" in said
    declared = one.product.catalogue.sources["one"]
    agreed = Source(
        **{name: getattr(declared, name) for name in declared.__dataclass_fields__}
        | {"agreed": int(time.time())}
    )
    assert one.again().collector.poll(agreed).outcome != "failed", "what was agreed upon is as it should be"
    assert not told(one)


def test_a_sheet_and_a_query_tell_new_missing_and_retyped_columns(given: Any, tmp_path: Path):
    folder, base = tmp_path / "in", tmp_path / "theirs.sqlite"
    folder.mkdir()
    common = """
connector = "{kind}"
sector = "citizen_reports"
shape = "case:report"
owner = "so_khcn"
every = "1h"
url = "{url}"
name = {{ vi = "Nguồn {id}", en = "Source {id}" }}
fields = {{ key = "ma", state = "'open'", opened = "ngay", category = "loai", "facts.diem" = "diem" }}
"""
    sheet = (
        "[sheet]"
        + common.format(kind="spreadsheet", url=folder, id="sheet")
        + ('columns = { "Mã" = "ma", "Ngày" = "ngay", "Loại" = "loai", "Điểm" = "diem" }\nsettle = "0s"\n')
    )
    query = (
        "[query]"
        + common.format(kind="sql", url=f"sqlite:///{base}", id="query")
        + 'query = "SELECT * FROM phieu"\n'
    )
    first = date(2026, 1, 1)

    def write(file: str, heading: tuple[str, ...], row: Callable[[int], tuple[Any, ...]]) -> None:
        book = openpyxl.Workbook()
        book.active.append(heading)
        for number in range(30):
            book.active.append(row(number))
        book.save(folder / file)

    def put(columns: str, rows: Callable[[int], tuple[Any, ...]]) -> None:
        with sqlite3.connect(base) as database:
            database.execute("DROP TABLE IF EXISTS phieu")
            database.execute(f"CREATE TABLE phieu ({columns})")
            for number in range(30):
                database.execute(f"INSERT INTO phieu VALUES ({','.join('?' * len(rows(0)))})", rows(number))
        database.close()

    def day(number: int) -> str:
        return (first + timedelta(days=number)).isoformat()

    write("a.xlsx", ("Mã", "Ngày", "Loại", "Điểm"), lambda n: (f"H{n}", day(n), "rác", n))
    put("ma, ngay, loai, diem", lambda n: (f"H{n}", day(n), "rác", n))
    one = given(sheet, query)
    assert one.poll("sheet").outcome == one.poll("query").outcome == "changed"
    write("b.xlsx", ("Mã", "Ngày", "Loại", "Điểm", "Ghi chú"), lambda n: (f"H{n}", day(n), "rác", "tốt", "x"))
    put("ma, ngay, diem, ghi_chu", lambda n: (f"H{n}", day(n), "tốt", "x"))
    assert "đổi kiểu diem (số → chữ)" in one.poll("sheet").error
    assert (told(one, "sheet").new, told(one, "sheet").retyped) == (
        ("Ghi chú",),
        (("diem", "number", "text"),),
    )
    assert "thiếu loai, đổi kiểu diem (số → chữ); trường mới ghi_chu" in one.poll("query").error
    assert told(one, "query").missing == ("loai",)


def taught(*answers: list[dict[str, Any]]) -> dict[str, Known]:
    known: dict[str, Known] = {}
    for number, items in enumerate(answers):
        learn(known, observed(items, frozenset({"a", "closed"})), number * 1000)
    return known


def test_an_optional_field_comes_and_goes_without_a_word():
    every = [{"a": 1} | ({"closed": "x"} if number % 10 else {}) for number in range(100)]
    none = [{"a": 1}] * 50
    known = taught(every, none, none, every, none)
    assert not changes(known)


def test_a_field_that_is_null_is_there_and_few_records_prove_nothing():
    known = taught([{"a": 1, "closed": "x"}] * 10, [{"a": 1}] * 50)
    assert not changes(known), "ten records are too few to know what belongs there"
    known = taught([{"a": 1, "closed": "x"}] * 30, [{"a": 1, "closed": None}] * 50)
    assert not changes(known)
    known = taught([{"a": 1, "closed": "x"}] * 30, [{"a": 1}] * 2)
    assert not changes(known), "nor are two records without it"
    known = taught([{"a": 1, "closed": "x"}] * 30, [{"a": 1}], [{"a": 1}], [{"a": 1}])
    assert changes(known).missing == ("closed",)
    assert changes(known).changed_at == 3000


def test_a_field_that_was_missed_by_mistake_is_missed_once():
    known = taught([{"a": 1, "closed": 1}] * 30)
    verdicts = []
    for number in range(20):
        learn(known, observed([{"a": 1}] * 3), 5000 + number)
        verdicts.append(bool(changes(known).missing))
        learn(known, observed([{"a": 1, "closed": 1}] * 2), 5000 + number)
    assert verdicts.count(True) <= 2, verdicts


def test_what_is_new_is_new_for_a_month_and_then_belongs_there():
    known = taught([{"a": 1}] * 30, [{"a": 1, "b": 1}] * 30)
    assert changes(known).new == ("b",)
    learn(known, observed([{"a": 1, "b": 1}]), 31 * 86_400_000)
    assert not changes(known)
    learn(known, observed([{"a": 1}] * 30), 32 * 86_400_000)
    assert changes(known).missing == ("b",)


def test_a_source_with_endless_names_keeps_a_bounded_number():
    seen = joined(observed([{f"f{page}_{number}": 1 for number in range(50)}]) for page in range(100))
    known: dict[str, Known] = {}
    learn(known, seen, 0)
    assert len(known) == 300


@pytest.mark.parametrize("wrong", ["soon", 5])
def test_a_day_of_agreement_is_a_day(wrong: object):
    from ioc.declared import Table
    from ioc.errors import DeclarationError
    from ioc.sources import read_source

    body = {
        "name": {"vi": "x"},
        "connector": "rest_json",
        "sector": "s",
        "shape": "observation",
        "owner": "o",
        "every": "1h",
    }
    assert read_source(Table("x", "f", {**body, "agreed": "2026-11-22"}), {}).agreed == 1_795_280_400
    with pytest.raises(DeclarationError, match="agreed"):
        read_source(Table("x", "f", {**body, "agreed": wrong}), {})
