"""What the store lets go of, at the start and daily: old answers' bodies and runs that said nothing."""

from __future__ import annotations

import logging
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from ioc.model import Source
from ioc.store import Store
from ioc.store.payloads import expire_payloads
from ioc.store.runs import thin_runs
from ioc.toml_file import read

log = logging.getLogger("collect")

EVERY_S = 86_400.0
_DAY_MS = 86_400_000


@dataclass(frozen=True, slots=True)
class Retention:
    """How much is kept: answers in MB (millions of bytes), runs that brought nothing in days."""

    answers_mb: int
    unchanged_days: int


def load_retention(data: Path) -> Retention:
    """Read data/retention.toml. Raises DeclarationError."""
    top = read(data / "retention.toml")
    top.keys(("answers", "runs"))
    answers, runs = top.table("answers"), top.table("runs")
    answers.keys(("budget_mb", "basis"))
    runs.keys(("unchanged_days", "basis"))
    for table in (answers, runs):
        table.text("basis")
    return Retention(answers.number("budget_mb", 1), runs.number("unchanged_days", 1))


def let_go(store: Store, fence: int, sources: Iterable[Source], retention: Retention) -> tuple[int, int]:
    """Expire answers and forget runs; returns how many of each. Raises FencedError and StoreError."""
    days = {source.id: float(source.keep_days) for source in sources}
    with store.writing(fence) as commit:
        expired = expire_payloads(commit, days, budget_bytes=retention.answers_mb * 1_000_000)
        forgotten = thin_runs(commit, before_ms=commit.known_from - retention.unchanged_days * _DAY_MS)
    if expired or forgotten:
        log.info("let go of %d answers and %d runs", expired, forgotten)
    return expired, forgotten
