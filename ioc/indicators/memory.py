"""What was computed of the past and still holds: answers of finished spans, until a page touches them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field

from ioc.calendar import Period
from ioc.indicators.definition import Definition
from ioc.indicators.question import Question
from ioc.indicators.reading import Answer
from ioc.model import Source

Span = tuple[str, int, int]
"""How it was computed (a grain, or "over"), and from when until when, epoch s."""
MOST = 1_000
"""So many spans of one question are remembered at most: the latest."""


@dataclass
class Memory:
    """Answers of finished spans by indicator and narrowing, as of all that is known; one process holds it.

    A span holds as long as no page touched its indicator before the span's end.
    """

    _answers: dict[str, dict[tuple[str, Question], dict[Span, Answer]]] = field(default_factory=dict)
    _series: int = 0
    inputs: dict[str, list[Source]] = field(default_factory=dict)
    """The sources that each indicator rests on."""

    def forget(self, indicator: str, since: int | None) -> None:
        """Forget what a page touched: every span that ends after since (epoch s; None: all of them)."""
        if since is None:
            self._answers.pop(indicator, None)
            return
        for spans in self._answers.get(indicator, {}).values():
            for span in [span for span in spans if span[2] > since]:
                del spans[span]

    def settle(self, series: int) -> None:
        """Forget everything once a series came that was not known: it may be preferred to others."""
        if series != self._series:
            self._answers.clear()
            self.inputs.clear()
            self._series = series

    def answers(
        self,
        definition: Definition,
        question: Question,
        how: str,
        spans: Sequence[Period],
        now: int,
        compute: Callable[[list[Period]], Iterable[Answer]],
    ) -> list[Answer]:
        """Return the answers of ascending spans; those from the first that is not remembered on are computed."""
        held = self._answers.setdefault(definition.id, {}).setdefault((definition.hash, question), {})
        keys = [(how, span.start, span.until) for span in spans]
        known = [held.get(key) for key in keys]
        first = next((place for place, answer in enumerate(known) if answer is None), len(spans))
        last = max((place + 1 for place, answer in enumerate(known) if answer is None), default=first)
        found = list(compute(list(spans[first:last]))) if first < last else []
        for place, answer in enumerate(found, first):
            known[place] = answer
            if spans[place].until < now and spans[place].complete:
                held[keys[place]] = answer
        for key in sorted(held, key=lambda span: span[2])[: max(0, len(held) - MOST)]:
            del held[key]
        return [answer for answer in known if answer is not None]
