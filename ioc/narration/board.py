"""The sentences of a published board, made from the parts that it shows already: nothing is asked of the store."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from ioc.indicators.definition import Definition
from ioc.narration.phrases import Told, sentence
from ioc.narration.sector import MOST, top_of
from ioc.narration.tell import tell

if TYPE_CHECKING:
    from ioc.boards import PartPlan

Parts = Mapping[str, Mapping[str, Any]]


def told_by(
    plan: Iterable[PartPlan], parts: Parts, definitions: Mapping[str, Definition], lang: str
) -> list[dict[str, Any]]:
    """Return the sentences of a board in a language: sort, text, and phrases with the indicators they rest on."""
    listed = list(plan)
    readings = []
    for one in listed:
        found, definition = parts.get(one.key), definitions.get(one.indicator)
        if (
            one.kind == "tile"
            and not one.asked
            and found is not None
            and definition
            and not definition.historical
        ):
            readings.append(Told(definition, found, _top(one.indicator, listed, parts)))
    first = next((place for place, told in enumerate(readings) if told.top and told.value), -1)
    readings = [
        told if place == first else Told(told.definition, told.reading)
        for place, told in enumerate(readings[:MOST])
    ]
    return [
        {
            "sort": said.sort,
            "text": said.vi if lang == "vi" else said.en,
            "phrases": [
                {"text": words[lang], "indicator": told.definition.id}
                for told, words in zip(said.told, said.phrases, strict=True)
            ],
        }
        for said in tell(readings)
    ]


def footer(narration: Sequence[Mapping[str, Any]]) -> list[dict[str, str]]:
    """Return what stands in a scene's last line: each phrase on its own, but not of what is silent."""
    return [
        {"text": sentence([phrase["text"]]).removesuffix("."), "indicator": phrase["indicator"]}
        for said in narration
        if said["sort"] != "silent"
        for phrase in said["phrases"]
    ]


def _top(indicator: str, plan: Iterable[PartPlan], parts: Parts) -> tuple[tuple[str, str], float] | None:
    """Return the largest category of an indicator where the board ranks it by category."""
    for one in plan:
        if one.kind == "ranking" and one.by == "category" and one.indicator == indicator and not one.asked:
            groups = parts.get(one.key, {}).get("groups") or []
            rows = [row for group in groups for row in group.get("rows") or []]
            return top_of((str(row["key"]), row["name"], row["value"]) for row in rows)
    return None
