"""What rules look at, read from one snapshot of the store."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import sqlalchemy as sa

from ioc.calendar import period_of, previous
from ioc.contradictions.denominators import Rate
from ioc.contradictions.found import Both, Fact, Words
from ioc.contradictions.refused import Withheld
from ioc.contradictions.rules import PERIODS, Rule
from ioc.errors import QuestionError
from ioc.indicators.definition import Definition
from ioc.indicators.engine import Engine
from ioc.indicators.parts import Pick
from ioc.indicators.question import Question
from ioc.indicators.snapshot import Snapshot
from ioc.store import reader
from ioc.store.names import HOURLY
from ioc.store.reader import EVERYTHING, Series, Value
from ioc.store.rollups import INVALID
from ioc.store.schema import rejected, source
from ioc.store.trust import withheld

DAY_S = 86_400
MOST_REFUSED = 5000
_DIMENSIONS = ("agency", "category", "channel", "span", "kind", "method")


@dataclass(frozen=True)
class Look:
    """One look at the store at an instant (epoch s)."""

    engine: Engine
    snapshot: Snapshot
    words: Words
    now: int

    def series(self, picks: Iterable[Pick]) -> list[Series]:
        """Return the series that fit one of the picks."""
        wanted = list(picks)
        found = reader.find_series(
            self.snapshot.connection, EVERYTHING, variables=[pick.variable for pick in wanted]
        )
        declared = self.engine.catalogue.sources
        return [one for one in found if one.source in declared and any(_fits(pick, one) for pick in wanted)]

    def facts(self, series: Sequence[Series], start: int, end: int) -> list[Fact]:
        """Return the figures of series with start <= time < end; gaps, bounds and faulty ones are left out."""
        if not series:
            return []
        by_id = {one.id: one for one in series}
        values = reader.each_observation(
            self.snapshot.connection, EVERYTHING, list(by_id), start=start, end=end
        )
        return [_fact(by_id[one.series_id], one) for one in values if _counts(one)]

    def newest(self, pick: Pick) -> list[Fact]:
        """Return the newest figure of each source and place."""
        newest: dict[tuple[str, str], Fact] = {}
        for fact in self._latest(self.series([pick])):
            known = newest.get((fact.source, fact.place))
            if known is None or known.time < fact.time:
                newest[fact.source, fact.place] = fact
        return [newest[key] for key in sorted(newest)]

    def told(self, pick: Pick, since: int) -> list[Fact]:
        """Return the figures of a pick from an instant on; of instruments the newest alone."""
        found = self.series([pick])
        slow = [one for one in found if one.span not in HOURLY]
        fast = [one for one in found if one.span in HOURLY]
        return self.facts(slow, since, self.now + 1) + self._latest(fast)

    def _latest(self, series: Sequence[Series]) -> list[Fact]:
        if not series:
            return []
        by_id = {one.id: one for one in series}
        values = reader.latest_values(self.snapshot.connection, EVERYTHING, list(by_id))
        return [_fact(by_id[one.series_id], one) for one in values if _counts(one)]

    def twice_told(self, rule: Rule) -> list[Fact]:
        """Return what more than one source tells; of instruments the last day alone."""
        found = reader.find_series(
            self.snapshot.connection, EVERYTHING, variables=list(rule.variables) or None
        )
        together: dict[tuple[str, ...], list[Series]] = defaultdict(list)
        for one in found:
            if one.method in ("measured", "official") and one.source in self.engine.catalogue.sources:
                together[one.variable, *(getattr(one, name) for name in _DIMENSIONS)].append(one)
        shared = [one for of in together.values() if len({s.source for s in of}) > 1 for one in of]
        slow = [one for one in shared if one.span not in HOURLY]
        fast = [one for one in shared if one.span in HOURLY]
        since = self.now - int(rule.window or 14 * DAY_S)
        return self.facts(slow, since, self.now + 1) + self.facts(fast, self.now - DAY_S, self.now + 1)

    def cumulative(self, rule: Rule) -> list[Fact]:
        """Return what cumulative series said within the rule's window."""
        found = reader.find_series(
            self.snapshot.connection, EVERYTHING, variables=list(rule.variables) or None, kind="cumulative"
        )
        return self.facts(found, self.now - int(rule.window or 60 * DAY_S), self.now + 1)

    def around(self, rule: Rule) -> list[Fact]:
        """Return the province's totals by span, half a year before and after the rule's day.

        A source that tells of the whole province is taken at its word; of others the places are added up.
        """
        series = [one for one in self.series(map(Pick, rule.variables)) if one.span in ("month", "quarter")]
        province = self.engine.store.province
        whole: dict[tuple[Any, ...], Fact] = {}
        parts: dict[tuple[Any, ...], Fact] = {}
        half = 190 * DAY_S
        for fact in self.facts(series, rule.on - half, min(rule.on + half, self.now - 31 * DAY_S)):
            key = (fact.source, fact.variable, fact.span, fact.agency, fact.category, fact.channel, fact.time)
            if fact.place == province:
                whole[key] = fact
            else:
                known = parts.get(key)
                value = fact.value + (known.value if known else 0.0)
                parts[key] = fact._replace(place=province, value=value)
        told = {key[:-1] for key in whole}
        return [*whole.values(), *(fact for key, fact in parts.items() if key[:-1] not in told)]

    def reading(self, indicator: str) -> tuple[Fact, Both] | None:
        """Return what an indicator shows as a figure of its first source; None where it shows none."""
        try:
            reading = self.engine.read(indicator, Question(), self.now, snapshot=self.snapshot, compare=False)
        except QuestionError:
            return None
        definition = self.engine.definitions[indicator]
        sources = self.snapshot.inputs(definition)
        value = reading.num if reading.den is not None else reading.value
        if value is None or not sources:
            return None
        at, known = reading.period.start, (reading.reported_at or self.now) * 1000
        fact = Fact(sources[0].id, "", self.engine.store.province, at, float(value), known)
        return fact, (definition.name.vi, definition.name.en)

    def rates(self, rule: Rule) -> list[tuple[Definition, str, Rate, Rate]]:
        """Return the shares of a rule with their last two finished periods."""
        found = []
        for indicator in rule.indicators:
            definition = self.engine.definitions[indicator]
            sources = self.snapshot.inputs(definition)
            if not sources or definition.stock:
                continue
            own = definition.period if definition.period in (*PERIODS, "report") else "month"
            kind: Any = rule.period or own
            calendar = self.engine.calendar
            current = period_of(kind, self.now, self.now, calendar)
            last = previous(replace(current, complete=True, until=current.end), calendar)
            both = [
                self._rate(indicator, one.label, one.start, one.end)
                for one in (previous(last, calendar), last)
            ]
            if both[0] is not None and both[1] is not None:
                found.append((definition, sources[0].id, both[0], both[1]))
        return found

    def _rate(self, indicator: str, label: str, start: int, end: int) -> Rate | None:
        try:
            reading = self.engine.read(
                indicator, Question(period=label), self.now, snapshot=self.snapshot, compare=False
            )
        except QuestionError:
            return None
        if reading.num is None or not reading.den:
            return None
        return Rate(float(reading.num), float(reading.den), label, start, end)

    def refused(self, rule: Rule) -> list[tuple[str, Any, int]]:
        """Return the fragments that were rejected within the rule's window, the newest first."""
        t = rejected.c
        since = (self.now - int(rule.window or 7 * DAY_S)) * 1000
        rows = (
            sa.select(source.c.name, t.fragment, t.known_from)
            .join_from(rejected, source, source.c.id == t.source_id)
            .where(t.known_from >= since, t.known_from <= self.now * 1000 + 999)
            .order_by(t.known_from.desc())
            .limit(MOST_REFUSED)
        )
        return [(row.name, row.fragment, row.known_from) for row in self.snapshot.connection.execute(rows)]

    def mended(self, refused: Sequence[Fact]) -> set[Fact]:
        """Return those refused figures in whose stead the source told a possible one later."""
        if not refused:
            return set()
        series = self.series({Pick(fact.variable) for fact in refused})
        times = [fact.time for fact in refused]
        told = {
            (fact.source, fact.variable, self._place(fact.place), fact.time): fact.known_from
            for fact in self.facts(series, min(times), max(times) + 1)
        }
        return {
            fact
            for fact in refused
            if told.get((fact.source, fact.variable, self._place(fact.place), fact.time), -1)
            > fact.known_from
        }

    def _place(self, code: str) -> str:
        """Return the place that a code means, as it is kept."""
        site = self.engine.catalogue.site(code)
        return site.id if site else code

    def withheld(self) -> list[Withheld]:
        """Return which sources lost keys that wait to be confirmed."""
        w = withheld.c
        rows = sa.select(source.c.name, w.n, w.total, w.known_from).join_from(
            withheld, source, source.c.id == w.source_id
        )
        return [Withheld(*row) for row in self.snapshot.connection.execute(rows)]


def _fits(pick: Pick, series: Series) -> bool:
    return series.variable == pick.variable and all(
        pick.fits(name, getattr(series, name)) for name in _DIMENSIONS
    )


def _counts(value: Value) -> bool:
    return value.value is not None and value.flag not in (*INVALID, ">=", "<=")


def _fact(series: Series, value: Value) -> Fact:
    assert value.value is not None
    return Fact(
        series.source,
        series.variable,
        value.place,
        value.time,
        value.value,
        value.known_from,
        series.span,
        series.agency,
        series.category,
        series.channel,
    )
