"""đúng – đủ – sạch – sống: four scores from 0 to 100 out of what was counted of a source. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields
from pathlib import Path

from ioc.errors import DeclarationError
from ioc.indicators.judge import rounded
from ioc.model import Text
from ioc.toml_file import Table, read

MEASURES = ("agreement", "completeness", "clean", "alive")


@dataclass(frozen=True, slots=True)
class Counts:
    """What was counted of a source over some days.

    due, received: values, polls or reports that had to come and that came. records: all that were delivered, rejected
    and repeated ones among them. compared, disputed: facts that rules compared, and that disagreed. watched_s,
    live_s: seconds that somebody asked, and that an answer still held.
    """

    due: float = 0.0
    received: float = 0.0
    records: int = 0
    rejected: int = 0
    repeated: int = 0
    compared: int = 0
    disputed: int = 0
    watched_s: int = 0
    live_s: int = 0

    def __add__(self, other: Counts) -> Counts:
        return Counts(*(getattr(self, one.name) + getattr(other, one.name) for one in fields(Counts)))


@dataclass(frozen=True, slots=True)
class Scores:
    """Four scores from 0 to 100 with one decimal; None where nothing was there to be measured."""

    agreement: float | None = None
    completeness: float | None = None
    clean: float | None = None
    alive: float | None = None

    @property
    def mean(self) -> float | None:
        """The mean of those that were measured."""
        return _mean(getattr(self, name) for name in MEASURES)


@dataclass(frozen=True, slots=True)
class Measure:
    """How one score is called and defined, and below which value it needs attention."""

    id: str
    name: Text
    definition: Text
    warning: float
    critical: float

    def status(self, score: float | None) -> str:
        """Judge a score: good, warning, critical, or none where nothing was measured."""
        if score is None:
            return "none"
        return "critical" if score < self.critical else "warning" if score < self.warning else "good"


@dataclass(frozen=True, slots=True)
class Declared:
    """The measures by their id, how many days a score speaks of, and how long a source must have been watched."""

    measures: Mapping[str, Measure]
    window_days: int
    least_watched_s: int = 0


def scores(counts: Counts, least_watched_s: int = 0) -> Scores:
    """Return the four scores of what was counted; none of what was watched for less than least_watched_s."""
    if counts.watched_s < least_watched_s:
        return Scores()
    spoilt = counts.rejected + counts.repeated
    return Scores(
        _share(counts.compared - counts.disputed, counts.compared),
        _share(min(counts.received, counts.due), counts.due),
        _share(max(counts.records - spoilt, 0), counts.records),
        _share(min(counts.live_s, counts.watched_s), counts.watched_s),
    )


def together(of: Iterable[Scores]) -> Scores:
    """Return the scores of an owner: the mean of its sources', each counting the same however much it delivers."""
    listed = list(of)
    return Scores(*(_mean(getattr(one, name) for one in listed) for name in MEASURES))


def sum_of(parts: Iterable[Counts]) -> Counts:
    """Add up what was counted on several days."""
    return sum(parts, Counts())


def load_measures(data: Path) -> Declared:
    """Read data/quality.toml. Raises DeclarationError."""
    top = read(data / "quality.toml")
    top.keys(("days", *MEASURES))
    days = top.table("days")
    days.keys(("window", "least_watched", "basis"))
    days.text("basis")
    found = {name: _measure(top.table(name), name) for name in MEASURES}
    return Declared(found, days.number("window", 1), days.number("least_watched", 0))


def _measure(table: Table, name: str) -> Measure:
    table.keys(("name", "definition", "warning", "critical", "basis"))
    table.text("basis")
    warning, critical = table.decimal("warning"), table.decimal("critical")
    if not 0 <= critical <= warning <= 100:
        raise table.fault("critical", f"expected 0 to warning = {warning:g}, found {critical:g}")
    return Measure(name, _text(table, "name"), _text(table, "definition"), warning, critical)


def _text(table: Table, key: str) -> Text:
    value = table.values.get(key)
    if not isinstance(value, dict) or not all(isinstance(value.get(lang), str) for lang in ("vi", "en")):
        raise DeclarationError(table.file, table.name, key, "expected { vi = …, en = … }")
    return Text(value["vi"], value["en"])


def _share(part: float, whole: float) -> float | None:
    return float(rounded(100 * part / whole, 1)) if whole > 0 else None


def _mean(values: Iterable[float | None]) -> float | None:
    known = [value for value in values if value is not None]
    return float(rounded(sum(known) / len(known), 1)) if known else None
