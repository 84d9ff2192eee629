"""What a board's parts hold: a reading, and beside it points, rows, groups or stations, in both languages."""

from __future__ import annotations

from datetime import date
from typing import Any

from ioc.boards import PartPlan
from ioc.calendar import DAY_S, day_of, day_start, local_time
from ioc.indicators import path
from ioc.indicators.question import Question
from ioc.indicators.reading import Row
from ioc.indicators.snapshot import Snapshot
from ioc.product import Product
from ioc.store.reads.events import events
from ioc.store.reads.scope import EVERYTHING

Part = dict[str, Any]
COMPARISONS = ("previous", "same_period_last_year")


class Parts:
    """Computes the parts of boards from what a snapshot of the store shows.

    as_of: epoch ms of knowledge, None for all that is known.
    """

    def __init__(self, product: Product, as_of: int | None = None) -> None:
        self.product, self.as_of = product, as_of

    def whole(self, plan: PartPlan, now: int, snapshot: Snapshot) -> tuple[Part, float | None]:
        """Return a part, and the instant (epoch s) at which it changes with no new data, None for never.

        Raises QuestionError where its declaration asks what cannot be answered.
        """
        question = self._question(plan)
        reading = self.product.engine.read(plan.indicator, question, now, snapshot=snapshot)
        part: Part = reading.document()
        if plan.kind == "tile":
            part["spark"] = [] if plan.grain == "none" else self._points(plan, question, now, now, snapshot)
        elif plan.kind == "trend":
            part["grain"] = plan.grain
            part["points"] = self._points(plan, question, now, now, snapshot)
            part["rebased"] = self.product.engine.rebased(
                plan.indicator, question, int(now - plan.span_s), now, snapshot=snapshot
            )
            part["last_year"] = self._points(plan, question, _year_before(now), now, snapshot)
        elif plan.kind in ("ranking", "pareto"):
            part["groups"] = self._groups(plan, question, now, snapshot)
        elif plan.kind == "target":
            part |= self._path(plan, question, now, snapshot)
        elif plan.kind == "stations":
            part["rows"] = self._stations(plan.indicator, now, snapshot)
        elif plan.kind not in ("funnel", "groups"):
            key = "area" if plan.kind == "map" else "key"
            part["rows"] = [
                {key: row.key, **_values(row), "status": row.status}
                for row in self.product.engine.breakdown(
                    plan.indicator, question, plan.by, now, snapshot=snapshot
                )
            ]
            if plan.kind == "map":
                part["rows"] += self._without_any(plan, part)
                part["stations"] = self._stations(plan.stations, now, snapshot) if plan.stations else []
                part["warnings"], until = self._warnings(plan, now, snapshot)
                return part, _earlier(reading.valid_until, until)
        return part, reading.valid_until

    def aged(self, plan: PartPlan, before: Part, now: int, snapshot: Snapshot) -> tuple[Part, float | None]:
        """Return a part of which only the instants moved: no data of it changed since before was computed."""
        reading = self.product.engine.read(
            plan.indicator, self._question(plan), now, snapshot=snapshot, compare=False
        )
        compared = {name: before[name] for name in COMPARISONS}
        return {**before, **reading.document(), **compared}, reading.valid_until

    def _path(self, plan: PartPlan, question: Question, now: int, snapshot: Snapshot) -> Part:
        """Return the path of a target, and what was reached at the end of each period since it began."""
        wanted = path.points(self.product.definitions[plan.indicator])
        since = day_start(day_of(date(wanted[0][0] - 1, 1, 1)))
        points = self.product.engine.series(
            plan.indicator, question, plan.grain, min(since, now - DAY_S), now, now, snapshot=snapshot
        )
        ends = [point.start for point in points[1:]] + [now]
        return {
            "path": [{"year": year, "value": value} for year, value in wanted],
            "reached": [
                {"year": round(path.years(end), 3), "value": point.value}
                for point, end in zip(points, ends, strict=True)
            ],
        }

    def _without_any(self, plan: PartPlan, part: Part) -> list[Part]:
        """Return nought for the communes that a count names no record of: nothing happened there, nothing is missing.

        Only where the count itself is known: of a source that never answered nothing can be said.
        """
        definition = self.product.definitions[plan.indicator]
        counts = (
            definition.shape in ("case", "event") and not definition.is_share and definition.length is None
        )
        if plan.by != "area" or not counts or part["freshness"] == "never" or plan.asked.get("area"):
            return []
        named = {row["area"] for row in part["rows"]}
        status = "stale" if part["status"] == "stale" else "neutral"
        nought = {"value": 0, "num": 0, "den": None, "status": status}
        return [
            {"area": area.code, "name": {"vi": area.full_name, "en": area.name}, **nought}
            for area in self.product.territory.communes(self.product.province.code)
            if area.code not in named
        ]

    def _warnings(self, plan: PartPlan, now: int, snapshot: Snapshot) -> tuple[list[Part], float | None]:
        """Return the events in force that a map outlines, and when that changes with no new data."""
        if not plan.warnings:
            return [], None
        definition = self.product.definitions[plan.warnings]
        reading = self.product.engine.read(
            plan.warnings, Question(as_of=self.as_of), now, snapshot=snapshot, compare=False
        )
        found = events(
            snapshot.connection, EVERYTHING, kinds=[definition.kind], active_at=now, as_of=self.as_of
        )
        told = [{"areas": list(one.event.areas), "headline": one.event.headline} for one in found.items]
        return told, reading.valid_until

    def _points(
        self, plan: PartPlan, question: Question, until: int, now: int, snapshot: Snapshot
    ) -> list[Part]:
        points = self.product.engine.series(
            plan.indicator, question, plan.grain, int(until - plan.span_s), until, now, snapshot=snapshot
        )
        return [{"start": point.start, "value": point.value} for point in points]

    def _groups(self, plan: PartPlan, question: Question, now: int, snapshot: Snapshot) -> list[Part]:
        """Rank departments and communes apart, by value; the share is of what is in hand."""
        agencies = self.product.agencies
        departments: list[Part] = []
        communes: list[Part] = []
        for row in self.product.engine.breakdown(plan.indicator, question, plan.by, now, snapshot=snapshot):
            share = None if not row.den or row.num is None else round(100 * row.num / row.den, 1)
            entry: Part = {"key": row.key, **_values(row), "share": share, "status": row.status}
            if not agencies.knows(row.key):
                departments.append(entry)
                continue
            agency = agencies.agency(row.key)
            entry["short"] = {lang: agency.name.say(lang, short=True) for lang in ("vi", "en")}
            (communes if agency.kind == "commune" else departments).append(entry)
        if plan.by not in ("responsible", "agency", "holder"):
            return [{"name": {"vi": "", "en": ""}, "rows": _ranked([*departments, *communes])}]
        return [
            {"name": {"vi": "Sở, ngành", "en": "Departments"}, "rows": _ranked(departments)},
            {"name": {"vi": "UBND cấp xã", "en": "Communes"}, "rows": _ranked(communes)},
        ]

    def _stations(self, indicator: str, now: int, snapshot: Snapshot) -> list[Part]:
        """Return the stations of an indicator: those of its declared kinds, else the air stations."""
        rows = []
        definition = self.product.definitions[indicator]
        kinds = definition.settings.get("kinds", ("air_station",))
        for site in self.product.catalogue.sites.values():
            if site.kind not in kinds:
                continue
            reading = self.product.engine.read(
                indicator, Question(site=site.id, as_of=self.as_of), now, snapshot=snapshot, compare=False
            )
            band = reading.detail.get("band") or {}
            rows.append(
                {
                    "site": site.id,
                    "name": {lang: site.name.say(lang, short=True) for lang in ("vi", "en")},
                    "lat": site.lat,
                    "lon": site.lon,
                    "value": reading.value,
                    "decimals": definition.decimals,
                    "stage": reading.detail.get("stage"),
                    "band": {"vi": band.get("vi", ""), "en": band.get("en", "")},
                    "colour": band.get("colour", ""),
                    "governing": reading.detail.get("dominant", ""),
                    "freshness": reading.freshness,
                    "period": reading.document()["period"],
                    "status": reading.status,
                }
            )
        return rows

    def _question(self, plan: PartPlan) -> Question:
        asked: Part = dict(plan.asked)
        return Question(**asked, as_of=self.as_of)


def _earlier(one: float | None, other: float | None) -> float | None:
    return min((at for at in (one, other) if at is not None), default=None)


def _values(row: Row) -> Part:
    bound = {} if row.bound is None else {"bound": row.bound}
    return {"name": row.name, "value": row.value, "num": row.num, "den": row.den, **bound}


def _ranked(rows: list[Part]) -> list[Part]:
    return sorted(rows, key=lambda row: (-(row["value"] or 0), row["key"]))


def _year_before(now: int) -> int:
    """Return the same local date and time a year ago; 28 February for the 29th."""
    when = local_time(now)
    try:
        return int(when.replace(year=when.year - 1).timestamp())
    except ValueError:
        return int(when.replace(year=when.year - 1, day=28).timestamp())
