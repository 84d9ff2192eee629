"""A definition and a question become an answer: the one place that knows which of the ways to compute is taken."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass, field, replace

import sqlalchemy as sa

from ioc.calendar import (
    Calendar,
    Period,
)
from ioc.catalogue import Catalogue
from ioc.indicators import combining, events, exceeding, functions, narrowing, observed, unusual
from ioc.indicators import standing as stand
from ioc.indicators.case_answers import GROUPS, CaseAnswers
from ioc.indicators.cases import COLUMN, Cases
from ioc.indicators.cells import Looker, SeriesKey
from ioc.indicators.composite import Composite, earlier
from ioc.indicators.definition import Definition
from ioc.indicators.events import Events
from ioc.indicators.look import Look
from ioc.indicators.names import Names
from ioc.indicators.observations import Stored
from ioc.indicators.question import Moment, Question
from ioc.indicators.reading import Answer, Outcome, value_of
from ioc.indicators.standards import Standards

REPORTED = ("month", "quarter", "year", "report")
"""Periods of which a newest value is told once each: it is of its own period and compared with the one before."""


@dataclass(frozen=True)
class Query:
    """One question about one indicator, asked of one snapshot of the store.

    province: its code, which narrows nothing. sources: integers of the sources it rests on, in the order of
    preference with their names. part: the query of an indicator that this one is made of. began: from when on the
    sources tell of cases or events. once: computes what another query of the same snapshot may have computed before.
    """

    connection: sa.Connection
    definition: Definition
    question: Question
    moment: Moment
    catalogue: Catalogue
    calendar: Calendar
    standards: Standards
    names: Names
    counted: Mapping[str, tuple[int, str]]
    sources: Mapping[str, int]
    province: str
    part: Callable[[str], Query]
    began: Callable[[], int | None]
    once: Callable[[Hashable, Callable[[], Outcome]], Outcome]
    looker: Looker | None = field(default=None)

    @property
    def narrowed(self) -> dict[str, str]:
        """The dimensions that are narrowed; the whole province narrows nothing."""
        return {
            name: value for name, value in self.question.narrowed if (name, value) != ("area", self.province)
        }

    def answer(self) -> Outcome:
        """Compute the answer, and that of each place where observations tell."""
        return self.settled(self.moment.period)

    def settled(self, period: Period) -> Outcome:
        """Compute the answer of a period once for all that ask the same in one snapshot; none where nothing is known."""
        if not self.knows(period):
            return Outcome(Answer(), {})
        stock = self.definition.stock
        span = (period.until,) if stock else (period.kind, period.start, period.end, period.until)
        newest = self.question.period is None and period == self.moment.period
        asked: Hashable = (self.question, newest)
        if self.definition.shape in (
            "case",
            "event",
        ):  # counted over the period alone, however it was asked for
            asked = (self.question.narrowed, self.question.as_of)
        key = (self.definition.id, self.definition.hash, asked, self.moment.now, span)
        return self.once(key, lambda: self.over(period))

    def over(self, period: Period) -> Outcome:
        """Compute the answer of a period; for a stock, of the instant at which it ends."""
        definition = self.definition
        if definition.composite is not None:
            return Outcome(self._combined(definition.composite, period), {})
        if definition.function:
            return functions.compute(self.look(period))
        if definition.above is not None:
            found = self.exceeding([(period.start, period.until)])[0]
            turns = None if period.complete else exceeding.changes_at(definition.above, period.until)
            return replace(found, answer=replace(found.answer, changes_at=turns))
        if definition.shape == "observation":
            newest = self.question.period is None and period == self.moment.period
            found = observed.observe(
                definition, self.lookup(), period, newest=newest, standing=self.standing()
            )
            return self._of_its_period(found) if newest and definition.over == "last" else found
        if definition.shape == "event":
            answer = events.answer(self.events(), self.definition, period)
        elif definition.unusual is not None:
            answer = unusual.answer(self.case_answers().findings(period.until))
        elif definition.stock:
            answer = self.case_answers().stock(period.until, "").get("", self.empty())
        else:
            flow = self.case_answers().flow(period.start, period.until, "", 0)
            answer = flow.get(("", 0), self.empty())
        return Outcome(self.rated([answer], [period.until])[0], {})

    def as_part(self, period: Period) -> Outcome:
        """Compute what another indicator is made of; a function of other periods, as it stood at the end of this."""
        if self.definition.function and self.definition.period != period.kind:
            return self.at_end(period)
        return self.settled(period)

    def stood(self, period: Period) -> Outcome:
        """Compute a part of an index of what is in place: of a newest value, the one that held at the period's end."""
        definition = self.definition
        observes = definition.shape == "observation" and not definition.function and definition.above is None
        if not observes or definition.over != "last":
            return self.as_part(period)
        return observed.observe(definition, self.lookup(), period, newest=True, standing=self.standing())

    def knows(self, period: Period) -> bool:
        """Whether anything is known of a period: of cases and events nothing is before the sources told of any."""
        if self.definition.shape not in ("case", "event"):
            return True
        began = self.began()
        return began is not None and (period.until > began or period.until == began == self.moment.now)

    def over_that(self, period: Period) -> Query:
        """Return the same question over another period."""
        return replace(self, moment=replace(self.moment, period=period, at=period.until))

    def _combined(self, composite: Composite, period: Period) -> Answer:
        parts = {id: self.part(id) for id in composite.ids}
        before = earlier(composite, period, self.calendar)
        stood = composite.kind == "index_766"
        answers = {
            id: (part.stood(period) if stood else part.as_part(period)).answer for id, part in parts.items()
        }
        found = self.combined(
            {id: value_of(parts[id].definition, answer) for id, answer in answers.items()},
            {
                id: value_of(part.definition, part.as_part(before).answer) if part.knows(before) else None
                for id, part in parts.items()
            }
            if before is not None
            else {},
        )
        if stood:
            official = {id: answers[id] for id in composite.ids[:1]}
            found = replace(found, detail=combining.beside_official(found.detail, *official.values()))
        return replace(found, parts=answers)

    def combined(self, values: combining.Values, before: combining.Values) -> Answer:
        """Return what the indicator makes of the values of its parts, and of those of the period before."""
        composite = self.definition.composite
        assert composite is not None
        if composite.kind == "index_766":
            return combining.score_766(composite, values, self.standards.groups_766)
        names = {id: self.part(id).definition.name for id in composite.ids}
        return combining.combine(composite, values, before, names)

    def _of_its_period(self, found: Outcome) -> Outcome:
        """Return the newest value as of the month or year that it is of, where none of the present one is told yet."""
        at, kind = found.answer.reported_at, self.definition.period
        if at is None or at >= self.moment.period.start or kind not in REPORTED:
            return found
        return replace(found, answer=replace(found.answer, span=(kind, at)))  # type: ignore[arg-type]

    def exceeding(self, spans: Sequence[tuple[int, int]]) -> list[Outcome]:
        """Count what exceeds its limit over several ascending spans."""
        above, pick = self.definition.above, self.definition.num
        assert above is not None
        assert pick is not None
        return exceeding.exceeding(above, pick, self.lookup(), spans, self.standards, self.catalogue.sites)

    def rated(self, answers: Sequence[Answer], instants: Sequence[int]) -> list[Answer]:
        """Divide counts at several ascending instants by what held then; as they are where nothing divides them."""
        if self.definition.standing is None:
            return list(answers)
        held = stand.at(self.standing(), self.definition.standing, instants)
        return [
            replace(answer, den=observed.exact(stand.whole(one)), value=None)
            for answer, one in zip(answers, held, strict=True)
        ]

    def empty(self) -> Answer:
        """Return the answer of no case at all: a count is 0, a share and a length are absent."""
        return self.case_answers().empty()

    def look(self, period: Period) -> Look:
        """Return what a statutory function may look at."""
        explicit = self.question.period is not None or period != self.moment.period
        return Look(
            self.definition,
            self.lookup(),
            period,
            period.until if explicit else self.moment.at,
            explicit,
            narrowing.sites_of(self.narrowed, self.catalogue.sites),
            self.standards,
            self.calendar,
            self.province,
        )

    def lookup(self) -> Looker:
        """Return the observations that the question speaks of."""
        if self.looker is not None:
            return self.looker
        return Stored(
            self.connection,
            self.names,
            self.moment.now,
            self.moment.known,
            narrowing.keeps(self.narrowed, self.catalogue.sites, self.names.former),
            tuple(self.sources),
            frozenset(self.sources) if self.definition.sources else None,
            self.definition.picks,
            self.once,
        )

    def standing(self) -> Looker:
        """Return where that is looked up by which a value is divided or weighed."""
        if self.looker is not None:
            return self.looker
        area = stand.area_of(self.narrowed)

        def keep(series: SeriesKey, place: str) -> bool:
            if self.definition.weight is not None:
                return True  # a place counts by its own weight alone
            return area == "" or place == area

        return Stored(self.connection, self.names, self.moment.now, self.moment.known, keep, once=self.once)

    def cases(self) -> Cases:
        """Return the cases that the question speaks of."""
        narrowed = {COLUMN[name]: value for name, value in self.narrowed.items()}
        return Cases(
            self.connection,
            self.definition.kind,
            tuple(self.sources.values()),
            narrowed,
            self.calendar,
            self.moment.known,
        )

    def case_answers(self) -> CaseAnswers:
        """Return what the cases amount to that the question speaks of."""
        return CaseAnswers(self.definition, self.cases(), self.counted, self.moment.now)

    def events(self) -> Events:
        """Return the events that the question speaks of."""
        sources = tuple(self.sources.values())
        return Events(
            self.connection, self.definition.kind, sources, self.narrowed, self.province, self.moment.known
        )

    def event_groups(self, by: str) -> dict[str, Answer]:
        """Return the counts of events by one of events.GROUPS; raises QuestionError for another."""
        return events.groups(self.events(), self.definition, by, self.moment.period, self.moment.at)

    def groups(self, by: str) -> dict[str, Answer]:
        """Return the answers of cases by a column of GROUPS; of what is overdue, den is what is in hand."""
        column, told, period = GROUPS[by], self.case_answers(), self.moment.period
        if self.definition.unusual is not None:
            return told.unusual(by, self.moment.at)
        if self.definition.stock:
            grouped = told.stock(self.moment.at, column, of_key=True)
        else:
            flows = told.flow(period.start, period.until, column, 0)
            grouped = {key: answer for (key, _), answer in flows.items()}
        if self.definition.standing is None:
            return grouped
        held = self.held_now()
        return {
            key: replace(answer, den=observed.exact(stand.of_key(held, by, key)), value=None)
            for key, answer in grouped.items()
        }

    def age_groups(self) -> dict[str, Answer]:
        """Return what is in hand by bands of its age, the youngest first; raises QuestionError where none are declared."""
        return self.case_answers().by_age(self.moment.at)

    def held_now(self) -> stand.Held:
        """Return what the places of the question are divided or weighed by at the end of its period."""
        assert self.definition.standing is not None
        return stand.at(self.standing(), self.definition.standing, [self.moment.period.until])[0]

    def flow_spans(self, spans: Sequence[tuple[int, int]], length: int) -> list[Answer]:
        """Return the flow of several spans of whole buckets, in one look."""
        return self.rated(self.case_answers().flows(spans, length), [end for _, end in spans])

    def stock_at(self, instants: list[int]) -> list[Answer]:
        """Return the stock at several ascending instants, in one look."""
        return self.rated(self.case_answers().stocks_at(instants), instants)

    def at_end(self, period: Period) -> Outcome:
        """Compute a statutory function as it stood at the end of a period."""
        return functions.compute(replace(self.look(period), explicit=False, at=period.until))

    def with_looker(self, looker: Looker) -> Query:
        """Return the same question asked of observations already looked up."""
        return replace(self, looker=looker)
