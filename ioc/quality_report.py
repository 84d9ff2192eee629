"""The four scores of every source and owner over some days, with their trend."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from ioc.boards import PartPlan
from ioc.calendar import DAY_S, day_of, day_start, local_date
from ioc.contradictions.standing import summary
from ioc.indicators.snapshot import Snapshot
from ioc.model import Source
from ioc.morning import changes_at, overnight, workday
from ioc.product import Product
from ioc.scores import MEASURES, Counts, Scores, scores, sum_of, together
from ioc.store.quality import COUNTED, quality_days
from ioc.store.reader import EVERYTHING


@dataclass(frozen=True, slots=True)
class Line:
    """The scores of a source or an owner. days: midnight (epoch s) -> scores of that day; sources: of an owner."""

    key: str
    owner: str
    scores: Scores
    counts: Counts
    days: Mapping[int, Scores]
    sources: Sequence[str] = ()

    def document(self) -> dict[str, Any]:
        """Return the scores as JSON: the four and their mean."""
        return {**told(self.scores), "mean": self.scores.mean}


def told(of: Scores) -> dict[str, float | None]:
    """Return the four scores by name."""
    return {name: getattr(of, name) for name in MEASURES}


def window(now: float, days: int) -> tuple[int, int]:
    """Return the half-open span (epoch s) of the last so many local days, today included."""
    end = day_start(day_of(local_date(now))) + DAY_S
    return end - days * DAY_S, end


def by_source(
    connection: sa.Connection,
    sources: Iterable[Source],
    start: int,
    end: int,
    *,
    least_watched_s: int = 0,
    as_of: int | None = None,
) -> list[Line]:
    """Return one line a source, by its id; one that was never asked has no scores. start, end: epoch s.

    least_watched_s: what was watched for less is not scored.
    """
    wanted = {source.id: source for source in sources}
    counted: dict[str, dict[int, Counts]] = {id: {} for id in wanted}
    rows = quality_days(connection, EVERYTHING, start=start, end=end, sources=list(wanted), as_of=as_of)
    for row in rows:
        parts = {name: row.counts[name] for name in COUNTED}
        counted[row.source][row.day] = Counts(**parts)  # type: ignore[arg-type]
    lines = []
    for id, source in sorted(wanted.items()):
        days = counted[id]
        total = sum_of(days.values())
        by_day = {day: scores(of, least_watched_s) for day, of in days.items()}
        lines.append(Line(id, source.owner, scores(total, least_watched_s), total, by_day))
    return lines


def by_owner(lines: Iterable[Line]) -> list[Line]:
    """Return one line an owner, the worst mean first: each of its sources counts the same."""
    own: dict[str, list[Line]] = {}
    for line in lines:
        own.setdefault(line.owner, []).append(line)
    found = []
    for owner, of in own.items():
        days = sorted({day for line in of for day in line.days})
        trend = {day: together(line.days[day] for line in of if day in line.days) for day in days}
        total = sum_of(line.counts for line in of)
        keys = tuple(line.key for line in of)
        found.append(Line(owner, owner, together(line.scores for line in of), total, trend, keys))
    return sorted(found, key=worst_first)


def of_data(
    plan: PartPlan, product: Product, now: float, snapshot: Snapshot
) -> tuple[dict[str, Any], float | None]:
    """Return a board's part about the data themselves, and the midnight at which it changes by itself (epoch s).

    quality: the owners, the worst first. contradictions: how many there are, and the newest. overnight, workday: the
    morning's briefing.
    """
    if plan.kind in ("overnight", "workday"):
        told = (overnight if plan.kind == "overnight" else workday)(product, snapshot, now)
        return told, changes_at(now)
    start, end = window(now, product.quality.window_days)
    names = {
        source.owner: product.agencies.agency(source.owner).name
        for source in product.catalogue.sources.values()
    }

    def named(owner: str) -> dict[str, str]:
        name = names.get(owner)
        return {lang: name.say(lang, short=True) if name else owner for lang in ("vi", "en")}

    if plan.kind == "contradictions":
        told = summary(snapshot.connection, plan.rows)
        for row in told["rows"]:
            row["owner"] = named(row["owner"])
        return told, end
    measures = product.quality.measures
    least = product.quality.least_watched_s
    sources = product.catalogue.sources.values()
    lines = by_owner(by_source(snapshot.connection, sources, start, end, least_watched_s=least))
    rows = [
        {
            "key": line.key,
            "name": named(line.key),
            "n": len(line.sources),
            **line.document(),
            "status": {id: one.status(getattr(line.scores, id)) for id, one in measures.items()},
            "days": [of.mean for of in line.days.values()],
        }
        for line in lines
        if line.scores.mean is not None
    ]
    return {"days": product.quality.window_days, "rows": rows}, end


def worst_first(line: Line) -> tuple[float, str]:
    """Order lines by their mean, those without one last."""
    mean = line.scores.mean
    return (101.0 if mean is None else mean, line.key)
