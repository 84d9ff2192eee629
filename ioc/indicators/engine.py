"""Readings: every declared number, for any place, part, period and moment of knowledge, judged and aged."""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from typing import Any

from ioc import spoken
from ioc.agencies import Agencies
from ioc.calendar import Calendar, local_date
from ioc.catalogue import Catalogue
from ioc.errors import QuestionError
from ioc.indicators import age, diff, points, rows, used
from ioc.indicators.compared import compared
from ioc.indicators.definition import Definition
from ioc.indicators.explain import explain
from ioc.indicators.inputs import telling
from ioc.indicators.judge import Number
from ioc.indicators.memory import Memory
from ioc.indicators.names import NO_NAMES, Names
from ioc.indicators.observations import Stored
from ioc.indicators.query import Query
from ioc.indicators.question import Moment, Question, check, moment
from ioc.indicators.reading import Answer, Point, Reading, Row
from ioc.indicators.rebasing import MERGED_S, Former, former_units, statement
from ioc.indicators.since import stale_since
from ioc.indicators.snapshot import Snapshot
from ioc.indicators.standards import Standards, load_standards
from ioc.store import Store
from ioc.store.reader import Listed
from ioc.store.writer import Touched
from ioc.territory import Territory, UnknownAreaError

Value = Number | None


class Engine:
    """Answers questions about declared indicators from one store. Safe to share between threads."""

    def __init__(
        self,
        store: Store,
        catalogue: Catalogue,
        definitions: Mapping[str, Definition],
        calendar: Calendar,
        territory: Territory,
        agencies: Agencies,
        *,
        standards: Standards | None = None,
    ) -> None:
        self.store, self.catalogue, self.definitions = store, catalogue, definitions
        self.calendar, self.territory, self.agencies = calendar, territory, agencies
        self.standards = standards or load_standards()
        self._former: dict[frozenset[str], Former | None] = {}

    @contextmanager
    def snapshot(self, now: int, memory: Memory | None = None) -> Iterator[Snapshot]:
        """Give one state of the store for many readings at an instant (epoch s): a board, a page.

        memory: what still holds of the past, where somebody looks after it.
        """
        with self.store.reading() as connection:
            yield Snapshot(connection, self.catalogue, self.calendar, now, self.definitions, memory)

    def read(
        self,
        indicator: str,
        question: Question,
        now: int,
        scope: object = None,
        *,
        snapshot: Snapshot | None = None,
        compare: bool = True,
    ) -> Reading:
        """Return the reading of an indicator at an instant (epoch s).

        scope: what the asker may see; None is everything. compare: with the period before and a year before.
        Raises QuestionError with a sentence.
        """
        if snapshot is None:
            with self.snapshot(now) as one:
                return self.read(indicator, question, now, scope, snapshot=one, compare=compare)
        query = self.query(indicator, question, now, snapshot)
        answer = query.answer().answer
        before, year_before = compared(query, answer, snapshot) if compare else (None, None)
        return self._reading(query, answer, snapshot, before, year_before)

    def series(
        self,
        indicator: str,
        question: Question,
        grain: str,
        start: int,
        end: int,
        now: int,
        scope: object = None,
        *,
        snapshot: Snapshot | None = None,
    ) -> list[Point]:
        """Return one point a grain (hour, day, week, month, quarter, year) that touches [start, end), epoch s."""
        if snapshot is None:
            with self.snapshot(now) as one:
                return self.series(indicator, question, grain, start, end, now, scope, snapshot=one)
        asked = replace(question, period=None, at=None)
        query = self.query(indicator, asked, now, snapshot)
        state = age.state_of(query, snapshot, Answer())
        return points.series(query, grain, start, min(end, query.moment.now), state, snapshot.memory)

    def breakdown(
        self,
        indicator: str,
        question: Question,
        by: str,
        now: int,
        scope: object = None,
        *,
        snapshot: Snapshot | None = None,
    ) -> list[Row]:
        """Return one row a key of `by` (area, agency, responsible, holder, site, category, channel), worst first."""
        if snapshot is None:
            with self.snapshot(now) as one:
                return self.breakdown(indicator, question, by, now, scope, snapshot=one)
        query = self.query(indicator, question, now, snapshot)
        state = age.state_of(query, snapshot, Answer())
        return snapshot.once(
            (indicator, question, now, by),
            lambda: rows.breakdown(query, by, state, lambda kind, key: self.name(kind, key)),
        )

    def explain(
        self,
        indicator: str,
        question: Question,
        now: int,
        scope: object = None,
        *,
        snapshot: Snapshot | None = None,
    ) -> dict[str, Any]:
        """Return why the number is what it is: formula in words, parts, records, sources, basis, owner, versions."""
        if snapshot is None:
            with self.snapshot(now) as one:
                return self.explain(indicator, question, now, scope, snapshot=one)
        query = self.query(indicator, question, now, snapshot)
        answer = query.answer().answer
        told = explain(query, self._reading(query, answer, snapshot, None, None), answer, snapshot)
        shown = diff.history(self, indicator, question, now, snapshot)
        return {**told, "history": shown or told["definitions"]}

    def records(
        self,
        indicator: str,
        question: Question,
        now: int,
        scope: object = None,
        *,
        cursor: str | None = None,
        limit: int = 100,
    ) -> Listed[dict[str, Any]]:
        """Return the records that a number is made of, in pages. Raises QuestionError."""
        with self.snapshot(now) as snapshot:
            query = self.query(indicator, question, now, snapshot)
            return used.records(query, snapshot, cursor=cursor, limit=limit)

    def diff(
        self, indicator: str, question: Question, since: int, until: int, now: int, scope: object = None
    ) -> dict[str, Any]:
        """Return how an indicator differs between two moments of knowledge (epoch ms), and which records did it."""
        with self.snapshot(now) as snapshot:
            return diff.diff(self, indicator, question, since, until, now, snapshot)

    def query(self, indicator: str, question: Question, now: int, snapshot: Snapshot) -> Query:
        """Return the query that a question amounts to. Raises QuestionError."""
        current = self.definitions.get(indicator)
        if current is None:
            near = difflib.get_close_matches(indicator, self.definitions, n=1)
            hint = f"; did you mean {near[0]}?" if near else ""
            raise QuestionError(f"there is no indicator {indicator!r}{hint}")
        check(question, self.store.province, self.territory, self.agencies, self.catalogue.sites)
        definition = snapshot.definition(current, question.as_of)
        return self._query(definition, question, moment(definition, question, now, self.calendar), snapshot)

    def _query(self, definition: Definition, question: Question, asked: Moment, snapshot: Snapshot) -> Query:
        found = snapshot.inputs(definition)
        snapshot.look_up(found, asked.known)
        told = {source.id: snapshot.source_id(source, asked.known) for source in telling(definition, found)}
        ids = {source: id for source, id in told.items() if id is not None}
        return Query(
            snapshot.connection,
            definition,
            question,
            asked,
            self.catalogue,
            self.calendar,
            self.standards,
            self._names(snapshot) if definition.variables else NO_NAMES,
            snapshot.counted if definition.shape == "case" and not definition.sources else {},
            ids,
            self.store.province,
            partial(self._part, question, asked, snapshot),
            partial(snapshot.began, definition.shape, definition.kind, tuple(ids.values()), asked.known),
            snapshot.once,
        )

    def _names(self, snapshot: Snapshot) -> Names:
        """Return the series and places of the store, with what became of former units."""
        names = snapshot.names
        former = frozenset(place for place in names.places.values() if "@" in place)
        if not former:
            return names
        if former not in self._former:
            today = local_date(snapshot.now)
            self._former[former] = former_units(former, self.territory, self.catalogue, today)
        return replace(names, former=self._former[former])

    def rebased(
        self,
        indicator: str,
        question: Question,
        start: int,
        now: int,
        *,
        snapshot: Snapshot | None = None,
    ) -> dict[str, Any] | None:
        """Say how values from start (epoch s) on of former units are stated for today's; None where there is none."""
        if start >= MERGED_S:
            return None
        if snapshot is None:
            with self.snapshot(now) as one:
                return self.rebased(indicator, question, start, now, snapshot=one)
        query = self.query(indicator, question, now, snapshot)
        former, looker = query.names.former, query.lookup()
        if former is None or not isinstance(looker, Stored):
            return None
        found = (pair for pick in query.definition.picks for pair in looker.told(pick))
        missing = former.missing_from(question.area)
        if missing:
            whole = self.query(indicator, replace(question, area=""), now, snapshot).lookup()
            assert isinstance(whole, Stored)
            told = {place for pick in query.definition.picks for _, place in whole.told(pick)}
            missing = [place for place in missing if place in told]
        return statement(former, found, missing)

    def _part(self, question: Question, asked: Moment, snapshot: Snapshot, id: str) -> Query:
        """Return the query of an indicator that another is made of: the same question over the same period."""
        current = self.definitions.get(id)
        if current is None:
            raise QuestionError(f"there is no indicator {id!r}, of which another was made")
        definition = snapshot.definition(current, question.as_of)
        if definition.stock:
            asked = replace(asked, at=asked.period.until)
        return self._query(definition, question, asked, snapshot)

    def name(self, kind: str, key: str) -> dict[str, str]:
        """Return the name of an area, agency or site in both languages; the key where it has none."""
        if not key:
            return {"vi": "Không rõ", "en": "Unknown"}
        if kind == "area":
            try:
                area = self.territory.area(key)
            except UnknownAreaError:
                return {"vi": key, "en": key}
            return {"vi": area.full_name, "en": area.name}
        if kind == "site":
            site = self.catalogue.sites.get(key)
            return {"vi": key, "en": key} if site is None else {"vi": site.name.vi, "en": site.name.en}
        if kind in ("agency", "responsible", "holder", "received_by") and self.agencies.knows(key):
            name = self.agencies.agency(key).name
            return {
                "vi": name.vi,
                "en": name.en,
                "short_vi": name.say("vi", short=True),
                "short_en": name.say("en", short=True),
            }
        return {lang: spoken.called(key, lang) for lang in ("vi", "en")}

    def affects(self, touched: Touched) -> set[str]:
        """Return the indicators whose readings a page made stale, by source, kind and variables."""
        return set(self.stale_since(touched))

    def stale_since(self, touched: Touched) -> dict[str, int | None]:
        """Return the same, each with the earliest instant (epoch s) whose numbers may have changed; None: any."""
        return stale_since(self.definitions, touched)

    def _reading(
        self, query: Query, answer: Answer, snapshot: Snapshot, before: Value, year_before: Value
    ) -> Reading:
        where: dict[str, Any] | None = None
        if answer.where:
            watched = query.definition.unusual
            kind = watched.by if watched else "site" if answer.where in self.catalogue.sites else "area"
            where = {kind: answer.where, "name": self.name(kind, answer.where)}
        return age.judged(query, snapshot, answer, where, before, year_before)
