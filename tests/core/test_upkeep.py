"""The store lets go of old answers and silent runs, and of nothing else."""

import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
import sqlalchemy as sa

from ioc.errors import DeclarationError
from ioc.model import Case, Page, Source, Text
from ioc.settings import ROOT
from ioc.store import Store, finish_run, keep_page, open_store, start_run
from ioc.store.lease import take
from ioc.store.schema import case_record, payload, run
from ioc.upkeep import Retention, let_go, load_retention

DAY_MS = 86_400_000
NOW_MS = time.time_ns() // 1_000_000
SOURCE = Source(
    "reports",
    Text("1022", "1022"),
    "rest_json",
    "citizen_reports",
    "case:report",
    "so_khcn",
    every=60,
    keep_days=30,
)


@pytest.fixture
def store(store_url: str) -> Iterator[Store]:
    opened = open_store(store_url, simulated=True, province="22")
    yield opened
    opened.close()


def keep(store, fence, key: str, at_ms: int) -> None:
    run_id = start_run(store, fence, SOURCE.id, now_ms=at_ms)
    case = Case(key, "report", "open", at_ms // 1000 - 60)
    page = Page(
        [case] if key else [],
        kept=f'{{"key":"{key}"}}\n'.encode() if key else b"",
        received_hash=key,
        received_bytes=10,
    )
    keep_page(store, fence, run_id, SOURCE, page, now_ms=at_ms)
    finish_run(store, fence, run_id, "changed" if key else "unchanged", now_ms=at_ms)


def test_old_answers_expire_and_silent_runs_are_forgotten_while_records_stay(store: Store):
    fence = take(store, "test")
    for key, age in (("old", 60), ("", 50), ("new", 1), ("", 1)):
        keep(store, fence, key, NOW_MS - age * DAY_MS)
    assert let_go(store, fence, [SOURCE], Retention(1, 30)) == (1, 1)
    with store.reading() as connection:
        bodies = connection.execute(sa.select(payload.c.body).order_by(payload.c.stored)).scalars().all()
        assert [body is None for body in bodies] == [True, False]
        assert connection.execute(sa.select(sa.func.count()).select_from(run)).scalar_one() == 3
        assert connection.execute(sa.select(sa.func.count()).select_from(case_record)).scalar_one() == 2


def test_the_oldest_answers_go_first_above_the_budget(store: Store):
    fence = take(store, "test")
    for age in (3, 2, 1):
        keep(store, fence, f"day {age}", NOW_MS - age * DAY_MS)
    expired, _ = let_go(store, fence, [replace(SOURCE, keep_days=9_999_999)], Retention(0, 9_999))
    assert expired == 3


def test_the_shipped_retention_is_readable():
    assert load_retention(ROOT / "data").answers_mb > 0


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            "[answers]\nbudget_mb = 0\nbasis = 'x'\n[runs]\nunchanged_days = 1\nbasis = 'x'",
            r"\[answers.budget_mb\] expected a whole number from 1",
        ),
        (
            "[answers]\nbudget_mb = 1\nbasis = 'x'\n[runs]\nunchanged = 1\nbasis = 'x'",
            r"\[runs.unchanged\] unknown key",
        ),
        (
            "[answers]\nbudget_mb = 1\n[runs]\nunchanged_days = 1\nbasis = 'x'",
            r"\[answers.basis\] expected a text",
        ),
    ],
)
def test_a_faulty_retention_is_named(tmp_path: Path, text: str, message: str):
    (tmp_path / "retention.toml").write_text(text, encoding="utf-8")
    with pytest.raises(DeclarationError, match=message):
        load_retention(tmp_path)
