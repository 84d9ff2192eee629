"""Two or three sentences about a sector: what is amiss, how much there is, what is silent. Pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ioc.narration.phrases import Told, phrase, sentence, silent

_AMISS, _MUCH, _WELL, _SILENT = 2, 2, 1, 2
"""So many phrases a sentence of each sort holds at most."""


@dataclass(frozen=True, slots=True)
class Sentence:
    """A sentence in both languages, and the readings that it rests on. sort: amiss, much, well, silent or nothing."""

    sort: str
    vi: str
    en: str
    told: Sequence[Told] = ()
    phrases: Sequence[Mapping[str, str]] = ()

    def document(self, href: Callable[[Told], str]) -> dict[str, Any]:
        """Return it as JSON; href gives the address of a reading's explanation."""
        return {
            "sort": self.sort,
            "vi": self.vi,
            "en": self.en,
            "phrases": [
                {
                    **dict(words),
                    "indicator": told.definition.id,
                    "value": told.reading.get("value"),
                    "status": told.reading.get("status"),
                    "period": told.reading.get("period"),
                    "href": href(told),
                }
                for told, words in zip(self.told, self.phrases, strict=True)
            ],
        }


def tell(readings: Sequence[Told]) -> list[Sentence]:
    """Make the sentences of a sector out of its readings, the most important ones first among equals.

    First what is beyond its limits, the worst first; then what there is most of, else what does well; last whose
    sources are silent: their last values are never told as facts.
    """
    known = [told for told in readings if told.value is not None]
    live = [told for told in known if not told.is_silent]
    amiss = [
        told for status in ("critical", "warning") for told in live if told.reading.get("status") == status
    ]
    rest = [told for told in live if told not in amiss]
    much = [told for told in rest if told.is_count and told.reading.get("status") == "neutral"]
    much = [told for told in much if told.value] or much[:1]  # what is nought says little beside what is not
    well = [told for told in rest if told.reading.get("status") == "good"]
    quiet = [told for told in known if told.is_silent]
    found = [_of("amiss", amiss[:_AMISS])] if amiss else []
    if not amiss and well:
        found.append(_calm())
    if much:
        found.append(_of("much", much[:_MUCH]))
    elif rest:
        found.append(_of("well", (well or rest)[:_WELL]))
    if quiet:
        found.append(_silent(quiet))
    return found or [_nothing()]


def _of(sort: str, readings: Sequence[Told]) -> Sentence:
    words = [{lang: phrase(told, lang) for lang in ("vi", "en")} for told in readings]
    vi, en = (sentence([one[lang] for one in words]) for lang in ("vi", "en"))
    return Sentence(sort, vi, en, tuple(readings), tuple(words))


def _silent(readings: Sequence[Told]) -> Sentence:
    shown, more = readings[:_SILENT], len(readings) - _SILENT
    words = [{lang: silent(told, lang) for lang in ("vi", "en")} for told in shown]
    vi, en = (", ".join(one[lang] for one in words) for lang in ("vi", "en"))
    if more > 0:
        vi += f" và {more} chỉ số khác"
        en += f" and {more} more {'indicator' if more == 1 else 'indicators'}"
    return Sentence(
        "silent", f"Chưa có số liệu mới của: {vi}.", f"Nothing new of: {en}.", tuple(shown), tuple(words)
    )


def _calm() -> Sentence:
    return Sentence("well", "Không có chỉ số nào vượt ngưỡng.", "No indicator is beyond its limits.")


def _nothing() -> Sentence:
    return Sentence("nothing", "Chưa có số liệu.", "No data yet.")
