"""What the cases that a question speaks of amount to: counted, measured, watched; over periods and at instants."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from ioc.errors import QuestionError
from ioc.indicators import measured, stocks
from ioc.indicators import unusual as watching
from ioc.indicators.cases import Cases, taken
from ioc.indicators.definition import Definition
from ioc.indicators.flows import Flow
from ioc.indicators.judge import rounded
from ioc.indicators.parts import CaseFilter
from ioc.indicators.reading import Answer

GROUPS = {
    "area": "area", "agency": "responsible", "responsible": "responsible", "holder": "holder", "site": "site",
    "category": "category", "channel": "channel", "received_by": "received_by", "level": "level", "step": "step",
    "procedure": "facts.procedure_name",
}  # fmt: skip
"""What cases can be broken down by, and the column of each."""


@dataclass(frozen=True)
class CaseAnswers:
    """Answers of one definition from the cases that a question speaks of.

    counted: the measures that the store counts by day. now: epoch s; an instant before it is looked up as it was.
    """

    definition: Definition
    cases: Cases
    counted: Mapping[str, tuple[int, str]]
    now: int

    def empty(self) -> Answer:
        """Return the answer of no case at all: a count is 0, a share and a length are absent."""
        if self.definition.length is not None:
            return Answer(used=0, detail={"n": 0})
        return Answer(0, 0 if self.definition.is_share else None, used=0)

    def flow(self, start: int, end: int, group: str, length: int) -> dict[tuple[str, int], Answer]:
        """Return the flow of a span by a column and by buckets of length seconds; "" and 0 for the whole."""
        definition, flow = self.definition, Flow(self.cases, self.counted)
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

    def flows(self, spans: Iterable[tuple[int, int]], length: int) -> list[Answer]:
        """Return the flow of several spans of whole buckets, in one look."""
        spans = list(spans)
        if not spans:
            return []
        flow = Flow(self.cases, self.counted)
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
        return [
            Answer(
                sum(n for (_, b), n in num.items() if start <= b < end),
                None if den is None else sum(n for (_, b), n in den.items() if start <= b < end),
            )
            for start, end in spans
        ]

    def stock(self, at: int, group: str, *, of_key: bool = False) -> dict[str, Answer]:
        """Return what is in hand at an instant by a column, counted or measured."""
        definition, cases = self.definition, self.cases
        assert definition.num_cases is not None
        wanted, now = definition.num_cases, self.now
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

    def stocks_at(self, instants: list[int]) -> list[Answer]:
        """Return the stock at several ascending instants, in one look."""
        definition = self.definition
        assert definition.num_cases is not None
        if definition.unusual is not None:
            return [watching.answer(self.findings(at)) for at in instants]
        cases = self.cases
        if definition.length is not None:
            each = measured.history(cases, definition.num_cases, definition.length, instants, self.now)
            return [self._measured_answer(*one, at) for one, at in zip(each, instants, strict=True)]
        num = stocks.history(cases, definition.num_cases, instants, self.now)
        if definition.den_cases is None:
            return [Answer(n) for n in num]
        den = stocks.history(cases, definition.den_cases, instants, self.now)
        return [Answer(n, d) for n, d in zip(num, den, strict=True)]

    def by_age(self, at: int) -> dict[str, Answer]:
        """Return what is in hand by bands of its age, the youngest first; raises QuestionError where none are declared."""
        definition = self.definition
        if not definition.ages or definition.num_cases is None:
            raise QuestionError(f"{definition.id} declares no ages, by which it could be broken down")
        found = stocks.by_age(self.cases, definition.num_cases, definition.ages, at, self.now)
        return {str(since): Answer(n, used=n) for since, n in found.items()}

    def findings(self, at: int) -> dict[str, watching.Finding]:
        """Return what was seen of each key that is watched, and what is usual."""
        definition = self.definition
        assert definition.unusual is not None
        assert definition.num_cases is not None
        told = watching.opened(self.cases, definition.num_cases, definition.unusual, at)
        return watching.findings(definition.unusual, told, at)

    def unusual(self, by: str, at: int) -> dict[str, Answer]:
        """Return 1 for each key that is unusual and 0 for the others; raises QuestionError for other groups."""
        assert self.definition.unusual is not None
        if by != self.definition.unusual.by:
            told = f"{self.definition.id} watches each {self.definition.unusual.by} and is not broken down by {by}"
            raise QuestionError(told)
        found = self.findings(at)
        return {key: Answer(int(one.is_unusual), value=int(one.is_unusual)) for key, one in found.items()}

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
        oldest = None if stock.oldest is None else self.cases.calendar.working_days_between(stock.oldest, at)
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
