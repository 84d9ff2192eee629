"""What detectors work on and what they say: facts with their origin, and the sentence about those that disagree."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from ioc import spoken
from ioc.model import Source, Variable
from ioc.store.contradictions import Contradiction

Both = tuple[str, str]
"""Vietnamese, English."""


class Fact(NamedTuple):
    """One figure of a source: value of a variable at a place and time (epoch s), known since (epoch ms)."""

    source: str
    variable: str
    place: str
    time: int
    value: float
    known_from: int
    span: str = ""
    agency: str = ""
    category: str = ""
    channel: str = ""


@dataclass(frozen=True)
class Words:
    """How sources, variables, indicators and places are called. place: code or site -> Vietnamese, English."""

    sources: Mapping[str, Source]
    variables: Mapping[str, Variable]
    place: Callable[[str], Both]

    def source(self, id: str) -> Both:
        """Return the name of a source."""
        known = self.sources.get(id)
        return (known.name.vi, known.name.en) if known else (id, id)

    def owner(self, id: str) -> str:
        """Return the agency that answers for a source, "" where none is declared."""
        known = self.sources.get(id)
        return known.owner if known else ""

    def variable(self, fact: Fact) -> Both:
        """Return what a fact is of: its variable, with the category or channel that it is narrowed to."""
        known = self.variables.get(fact.variable)
        name = (known.name.vi, known.name.en) if known else (fact.variable, fact.variable)
        parts = [key for key in (fact.category, fact.channel) if key]
        if not parts:
            return name
        only = [", ".join(spoken.called(key, lang) for key in parts) for lang in ("vi", "en")]
        return f"{name[0]} ({only[0]})", f"{name[1]} ({only[1]})"

    def unit(self, variable: str) -> str:
        """Return the unit of a variable."""
        known = self.variables.get(variable)
        return known.unit if known else ""

    def value(self, fact: Fact) -> Both:
        """Return a fact's value with its unit."""
        unit = self.unit(fact.variable)
        return spoken.measured(fact.value, unit, "vi"), spoken.measured(fact.value, unit, "en")

    def when(self, fact: Fact) -> Both:
        """Return which day, month or instant a fact is of."""
        return when(fact.time, fact.span)

    def evidence(self, fact: Fact, name: Both | None = None) -> dict[str, Any]:
        """Return a fact as evidence: what, how much, who says so, of when and known since when.

        variable, span and, where the fact is narrowed to them, agency, category and channel say which readings rest on it.
        """
        vi, en = name or self.variable(fact)
        told = {name: getattr(fact, name) for name in ("variable", "span", "agency", "category", "channel")}
        return {
            "name": {"vi": vi, "en": en},
            "value": fact.value,
            "unit": self.unit(fact.variable),
            "source": fact.source,
            "place": fact.place,
            "at": fact.time,
            "known_from": fact.known_from,
            **{name: value for name, value in told.items() if value},
        }


def when(time: int, span: str) -> Both:
    """Return how the span that begins at an instant (epoch s) is called."""
    local = spoken.day(time)
    if span == "month":
        return f"tháng {local[3:]}", local[3:]
    if span in ("quarter", "year"):
        return f"năm {local[6:]}", local[6:]
    if span == "week":
        return f"tuần từ {local}", f"the week from {local}"
    if span == "day":
        return f"ngày {local}", local
    return f"lúc {spoken.moment(time)}", spoken.moment(time)


def key_of(*subject: object) -> str:
    """Return the key of a contradiction: the same for the same subject."""
    return hashlib.sha256("|".join(map(str, subject)).encode()).hexdigest()[:16]


def sentence(vi: str, en: str) -> dict[str, str]:
    """Return a sentence in both languages, with a capital at its beginning."""
    return {"vi": vi[:1].upper() + vi[1:], "en": en[:1].upper() + en[1:]}


def span_end(time: int, span: str) -> int:
    """Return about where the span that begins at an instant ends, epoch s."""
    days = {"day": 1, "week": 7, "month": 31, "quarter": 92, "year": 366}.get(span, 0)
    return time + days * 86_400


def tally(counts: dict[str, tuple[int, int]], sources: Sequence[str], disagrees: bool) -> None:
    """Count one compared fact for each of its sources."""
    for source in dict.fromkeys(sources):
        n, disputed = counts.get(source, (0, 0))
        counts[source] = (n + 1, disputed + int(disagrees))


__all__ = [
    "Both",
    "Contradiction",
    "Fact",
    "Words",
    "key_of",
    "sentence",
    "span_end",
    "tally",
    "when",
]
