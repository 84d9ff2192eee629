"""What the store lets go of, at the start and daily: old answers, runs that said nothing, what was shown long ago."""

from __future__ import annotations

import logging
from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path

from ioc.model import Source
from ioc.store import Store
from ioc.store.payloads import expire_payloads
from ioc.store.published import let_go_shown
from ioc.store.runs import thin_runs
from ioc.toml_file import read

log = logging.getLogger("collect")

EVERY_S = 86_400.0
_DAY_MS = 86_400_000


@dataclass(frozen=True, slots=True)
class Retention:
    """How much is kept: answers in MB (millions of bytes); in days runs that brought nothing, and what was shown."""

    answers_mb: int
    unchanged_days: int
    boards_days: int = 92
    readings_days: int = 400


def load_retention(data: Path) -> Retention:
    """Read data/retention.toml. Raises DeclarationError."""
    top = read(data / "retention.toml")
    top.keys(("answers", "runs", "shown"))
    answers, runs = top.table("answers"), top.table("runs")
    answers.keys(("budget_mb", "basis"))
    runs.keys(("unchanged_days", "basis"))
    for table in (answers, runs):
        table.text("basis")
    found = Retention(answers.number("budget_mb", 1), runs.number("unchanged_days", 1))
    if "shown" not in top:
        return found
    shown = top.table("shown")
    shown.keys(("boards_days", "readings_days", "basis"))
    shown.text("basis")
    days = {name: shown.number(name, 1) for name in ("boards_days", "readings_days")}
    return replace(found, **days)


def let_go(store: Store, fence: int, sources: Iterable[Source], retention: Retention) -> tuple[int, int]:
    """Expire answers and forget runs; returns how many of each. Raises FencedError and StoreError."""
    days = {source.id: float(source.keep_days) for source in sources}
    with store.writing(fence) as commit:
        expired = expire_payloads(commit, days, budget_bytes=retention.answers_mb * 1_000_000)
        forgotten = thin_runs(commit, before_ms=commit.known_from - retention.unchanged_days * _DAY_MS)
        let_go_shown(
            commit,
            boards_before_ms=commit.known_from - retention.boards_days * _DAY_MS,
            readings_before_ms=commit.known_from - retention.readings_days * _DAY_MS,
        )
    if expired or forgotten:
        log.info("let go of %d answers and %d runs", expired, forgotten)
    return expired, forgotten
