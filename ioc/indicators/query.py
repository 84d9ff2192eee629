"""A definition and a question become an answer: the one place that knows which of the ways to compute is taken."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import Any

import sqlalchemy as sa

from ioc.calendar import (
    DAY_S,
    Calendar,
    Period,
    day_start,
    hour_start,
    local_day,
    previous,
    same_last_year,
)
from ioc.catalogue import Catalogue
from ioc.errors import QuestionError
from ioc.indicators import combining, exceeding, functions, measured, observed, stocks, unusual
from ioc.indicators import standing as stand
from ioc.indicators.cases import COLUMN, Cases, taken
from ioc.indicators.cells import Looker, SeriesKey
from ioc.indicators.composite import Composite
from ioc.indicators.definition import Definition
from ioc.indicators.events import GROUPS as EVENT_GROUPS
from ioc.indicators.events import Events
from ioc.indicators.flows import Flow
from ioc.indicators.judge import rounded
from ioc.indicators.look import Look
from ioc.indicators.names import Names
from ioc.indicators.observations import Stored
from ioc.indicators.parts import CaseFilter
from ioc.indicators.question import Moment, Question
from ioc.indicators.reading import Answer, Outcome, value_of
from ioc.indicators.standards import Standards
from ioc.model import Site

GROUPS = {
    "area": "area", "agency": "responsible", "responsible": "responsible", "holder": "holder", "site": "site",
    "category": "category", "channel": "channel", "received_by": "received_by", "level": "level", "step": "step",
    "procedure": "facts.procedure_name",
}  # fmt: skip
"""What cases can be broken down by, and the column of each."""

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
            answer = self._events(period)
        elif definition.unusual is not None:
            answer = unusual.answer(self._findings(period.until))
        elif definition.stock:
            answer = self._stocks(period.until, "").get("", self.empty())
        else:
            answer = self._flow(period.start, period.until, "", 0).get(("", 0), self.empty())
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
            found = replace(found, detail=beside_official(found.detail, *official.values()))
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
        if self.definition.length is not None:
            return Answer(used=0, detail={"n": 0})
        return Answer(0, 0 if self.definition.is_share else None, used=0)

    def look(self, period: Period) -> Look:
        """Return what a statutory function may look at."""
        explicit = self.question.period is not None or period != self.moment.period
        return Look(
            self.definition,
            self.lookup(),
            period,
            period.until if explicit else self.moment.at,
            explicit,
            {id: site for id, site in self.catalogue.sites.items() if self._is_asked(site)},
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
            self._keeps(),
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

    def events(self) -> Events:
        """Return the events that the question speaks of."""
        sources = tuple(self.sources.values())
        return Events(
            self.connection, self.definition.kind, sources, self.narrowed, self.province, self.moment.known
        )

    def event_groups(self, by: str) -> dict[str, Answer]:
        """Return the counts of events by one of events.GROUPS; raises QuestionError for another."""
        if by not in EVENT_GROUPS:
            raise QuestionError(
                f"{self.definition.id} counts events, which are not broken down by {by}; "
                f"use {', '.join(EVENT_GROUPS)}"
            )
        assert self.definition.num_cases is not None
        wanted, period = self.definition.num_cases.condition, self.moment.period
        found = self.events()
        counted = (
            found.groups_in_force(wanted, by, self.moment.at)
            if self.definition.stock
            else found.groups(wanted, by, period.start, period.until)
        )
        return {key: Answer(n, used=n) for key, n in counted.items()}

    def groups(self, by: str) -> dict[str, Answer]:
        """Return the answers of cases by a column of GROUPS; of what is overdue, den is what is in hand."""
        column = GROUPS[by]
        if self.definition.unusual is not None:
            return self._unusual_groups(by)
        if self.definition.stock:
            grouped = self._stocks(self.moment.at, column, of_key=True)
        else:
            flows = self._flow(self.moment.period.start, self.moment.period.until, column, 0)
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
        definition = self.definition
        if not definition.ages or definition.num_cases is None:
            raise QuestionError(f"{definition.id} declares no ages, by which it could be broken down")
        found = stocks.by_age(
            self.cases(), definition.num_cases, definition.ages, self.moment.at, self.moment.now
        )
        return {str(since): Answer(n, used=n) for since, n in found.items()}

    def _findings(self, at: int) -> dict[str, unusual.Finding]:
        """Return what was seen of each key that is watched, and what is usual."""
        definition = self.definition
        assert definition.unusual is not None
        assert definition.num_cases is not None
        told = unusual.opened(self.cases(), definition.num_cases, definition.unusual, at)
        return unusual.findings(definition.unusual, told, at)

    def _unusual_groups(self, by: str) -> dict[str, Answer]:
        """Return 1 for each key that is unusual and 0 for the others; raises QuestionError for other groups."""
        assert self.definition.unusual is not None
        if by != self.definition.unusual.by:
            told = f"{self.definition.id} watches each {self.definition.unusual.by} and is not broken down by {by}"
            raise QuestionError(told)
        found = self._findings(self.moment.at)
        return {key: Answer(int(one.is_unusual), value=int(one.is_unusual)) for key, one in found.items()}

    def held_now(self) -> stand.Held:
        """Return what the places of the question are divided or weighed by at the end of its period."""
        assert self.definition.standing is not None
        return stand.at(self.standing(), self.definition.standing, [self.moment.period.until])[0]

    def flow_by(self, start: int, end: int, length: int) -> dict[int, Answer]:
        """Return the flow of each hour (length 3,600) or local day (86,400) that has any."""
        return {bucket: answer for (_, bucket), answer in self._flow(start, end, "", length).items()}

    def flow_spans(self, spans: Iterable[tuple[int, int]], length: int) -> list[Answer]:
        """Return the flow of several spans of whole buckets, in one look."""
        spans = list(spans)
        if not spans:
            return []
        flow = Flow(self.cases(), self.counted)
        definition, (first, last) = self.definition, (spans[0][0], spans[-1][1])
        assert definition.num_cases is not None
        if definition.length is not None:
            lengths = flow.lengths(
                definition.num_cases, definition.length, definition.by, first, last, bucket=length
            )
            return [
                self._length_answer(
                    sum((one for (_, b), one in lengths.items() if start <= b < end), Counter())
                )
                for start, end in spans
            ]
        num, *dens = flow.count(self._counted_cases(), definition.by, first, last, length=length)
        den = dens[0] if dens else None
        answers = [
            Answer(
                sum(n for (_, b), n in num.items() if start <= b < end),
                None if den is None else sum(n for (_, b), n in den.items() if start <= b < end),
            )
            for start, end in spans
        ]
        return self.rated(answers, [end for _, end in spans])

    def stock_at(self, instants: list[int]) -> list[Answer]:
        """Return the stock at several ascending instants, in one look."""
        definition = self.definition
        assert definition.num_cases is not None
        if definition.unusual is not None:
            return [unusual.answer(self._findings(at)) for at in instants]
        cases = self.cases()
        if definition.length is not None:
            each = measured.history(cases, definition.num_cases, definition.length, instants, self.moment.now)
            return [self._measured_answer(*one, at) for one, at in zip(each, instants, strict=True)]
        num = stocks.history(cases, definition.num_cases, instants, self.moment.now)
        if definition.den_cases is None:
            return self.rated([Answer(n) for n in num], instants)
        den = stocks.history(cases, definition.den_cases, instants, self.moment.now)
        return [Answer(n, d) for n, d in zip(num, den, strict=True)]

    def at_end(self, period: Period) -> Outcome:
        """Compute a statutory function as it stood at the end of a period."""
        return functions.compute(replace(self.look(period), explicit=False, at=period.until))

    def with_looker(self, looker: Looker) -> Query:
        """Return the same question asked of observations already looked up."""
        return replace(self, looker=looker)

    def _flow(self, start: int, end: int, group: str, length: int) -> dict[tuple[str, int], Answer]:
        definition, flow = self.definition, Flow(self.cases(), self.counted)
        assert definition.num_cases is not None
        if definition.length is not None:
            found = flow.lengths(
                definition.num_cases, definition.length, definition.by, start, end, group=group, bucket=length
            )
            return {key: self._length_answer(lengths) for key, lengths in found.items()}
        num, *dens = flow.count(self._counted_cases(), definition.by, start, end, group=group, length=length)
        if not dens:
            return {key: Answer(n, used=n) for key, n in num.items()}
        den = dens[0]
        return {key: Answer(num.get(key, 0), den.get(key, 0), used=den.get(key, 0)) for key in {*num, *den}}

    def _counted_cases(self) -> list[CaseFilter]:
        """Return which cases are counted, and behind them those that they are divided by."""
        parts = (self.definition.num_cases, self.definition.den_cases)
        return [part for part in parts if part is not None]

    def _length_answer(self, lengths: Any) -> Answer:
        assert self.definition.length is not None
        value = taken(lengths, self.definition.length.take)
        shown = None if value is None else rounded(value, self.definition.decimals)
        n = lengths.total()
        return Answer(value=shown, used=n, detail={"n": n})

    def _stocks(self, at: int, group: str, *, of_key: bool = False) -> dict[str, Answer]:
        """Return what is in hand at an instant by a column, counted or measured."""
        definition, cases = self.definition, self.cases()
        assert definition.num_cases is not None
        wanted, now = definition.num_cases, self.moment.now
        counted = stocks.count(cases, wanted, definition.den_cases, at, now, group=group)
        if definition.length is None:
            return {key: self._stock_answer(stock, at, of_key=of_key) for key, stock in counted.items()} or (
                {} if group else {"": self._stock_answer(stocks.Stock(0, 0, None, None, None), at)}
            )
        found = measured.measure(cases, wanted, definition.length, at, now, group=group)
        turns = {key: stocks.changes_at(stock, (wanted,), at) for key, stock in counted.items()}
        return {
            key: self._measured_answer(*found.get(key, (Counter(), 0)), at, turns.get(key))
            for key in ([""] if not group else found)
        }

    def _measured_answer(
        self, lengths: Counter[Decimal], in_hand: int, at: int, turns: int | None = None
    ) -> Answer:
        length = self.definition.length
        assert length is not None
        value = measured.together(lengths, in_hand, length.take)
        shown = None if value is None else rounded(value, self.definition.decimals)
        instants = [one for one in (turns, measured.changes_at(length, at)) if one is not None]
        detail = {"n": lengths.total(), "cases": in_hand}
        return Answer(value=shown, used=in_hand, detail=detail, changes_at=min(instants, default=None))

    def _stock_answer(self, stock: stocks.Stock, at: int, *, of_key: bool = False) -> Answer:
        definition = self.definition
        assert definition.num_cases is not None
        oldest = None if stock.oldest is None else self.calendar.working_days_between(stock.oldest, at)
        share = definition.is_share or of_key
        return Answer(
            stock.num,
            stock.den if share else None,
            value=None if definition.is_share else stock.num,
            detail={} if definition.is_share else {"in_hand": stock.den},
            oldest=oldest if definition.num_cases.overdue else None,
            changes_at=stocks.changes_at(stock, (definition.num_cases, definition.den_cases), at),
            used=stock.num if definition.den_cases is None else stock.den,
        )

    def _events(self, period: Period) -> Answer:
        """Count events: those that began in the period, or for a stock those in force at its end."""
        assert self.definition.num_cases is not None
        wanted, found = self.definition.num_cases.condition, self.events()
        if not self.definition.stock:
            n = found.began(wanted, period.start, period.until)
            return Answer(n, used=n)
        n, changes_at = found.in_force(wanted, period.until)
        return Answer(n, used=n, changes_at=changes_at)

    def _keeps(self) -> Any:
        narrowed = self.narrowed
        sites, former = self.catalogue.sites, self.names.former

        def keep(series: SeriesKey, place: str) -> bool:
            site = sites.get(place)
            for name, wanted in narrowed.items():
                if name == "area":
                    here = wanted in (place, site.area if site else "")
                    here = here or (former is not None and wanted in former.followed_by(place))
                elif name == "site":
                    here = place == wanted
                elif name == "agency":
                    here = wanted in (series.agency, site.agency if site else "")
                else:
                    here = getattr(series, name) == wanted
                if not here:
                    return False
            return True

        return keep

    def _is_asked(self, site: Site) -> bool:
        values = {"area": site.area, "site": site.id, "agency": site.agency}
        return all(values.get(name, value) == value for name, value in self.narrowed.items())


def beside_official(detail: Mapping[str, Any], official: Answer) -> dict[str, Any]:
    """Return the groups of a computed index, each with the points that the official score gives it."""
    told = {group["code"]: group["value"] for group in official.detail.get("groups", ())}
    groups = [{**group, "official": told.get(group["code"])} for group in detail["groups"]]
    return {**detail, "groups": groups, "official": official.num}


def earlier(composite: Composite, period: Period, calendar: Calendar) -> Period | None:
    """Return the period against which a change is measured, cut to what has elapsed of this one; None for others."""
    if composite.kind != "change":
        return None
    return (previous if composite.against == "previous" else same_last_year)(period, calendar)


def next_turn(period: Period, definition: Definition, at: int) -> int | None:
    """Return the instant at which a period that is asked for by default becomes another one.

    Rolling windows move every hour, the year to date every day.
    """
    if period.kind == "window":
        return None if definition.stock else hour_start(at) + 3600
    if period.kind == "to_date":
        return day_start(local_day(at)) + DAY_S
    return period.end if period.end > at else None
