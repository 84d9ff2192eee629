"""The readings of a sector that its sentences are made of, read from one snapshot of the store."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import replace

from ioc import spoken
from ioc.errors import QuestionError
from ioc.indicators.definition import Definition
from ioc.indicators.question import Question
from ioc.indicators.shown import standing
from ioc.indicators.snapshot import Snapshot
from ioc.narration.phrases import Told
from ioc.narration.tell import Sentence, tell
from ioc.product import Product

MOST = 14
"""A sector is told by so many of its numbers: those of its board, in their order."""
_CODE = re.compile(r"[a-z0-9_.\-]+")


def narrate(
    product: Product, sector: str, now: int, snapshot: Snapshot, as_of: int | None = None
) -> list[Sentence]:
    """Return the sentences about a sector at an instant (epoch s), as known then (as_of: epoch ms).

    What its board shows and still holds is told as it stands there; the rest is computed.
    """
    question = Question(as_of=as_of)
    wanted = chosen(product, sector)
    kept = {} if as_of is not None else standing(snapshot.connection, [one.id for one in wanted], now)
    readings = []
    for definition in wanted:
        told = kept.get(definition.id)
        if told is None or told["definition"] != definition.hash:
            try:
                told = product.engine.read(definition.id, question, now, snapshot=snapshot).document()
            except QuestionError:
                continue
        readings.append(Told(definition, told))
    return tell(with_top(readings, product, question, now, snapshot))


def chosen(product: Product, sector: str) -> list[Definition]:
    """Return what tells of a sector: the tiles of its board that ask for the whole, else its indicators by id."""
    table = product.catalogue.boards.get(sector)
    named = [
        str(tile.get("indicator"))
        for tile in (table.body.get("tile", []) if table else [])
        if isinstance(tile, dict)
        and not {"area", "agency", "site", "category", "channel", "period"} & set(tile)
    ]
    own = [one.id for one in product.definitions.values() if one.sector == sector]
    known = [
        product.definitions[id] for id in dict.fromkeys(named or sorted(own)) if id in product.definitions
    ]
    return [one for one in known if not one.historical][:MOST]


def with_top(
    readings: Iterable[Told], product: Product, question: Question, now: int, snapshot: Snapshot
) -> list[Told]:
    """Add the largest category to the first number of cases that is divided into named ones."""
    found, done = [], False
    for told in readings:
        definition = told.definition
        if not done and definition.shape == "case" and told.is_count and told.value and not told.is_silent:
            rows = product.engine.breakdown(definition.id, question, "category", now, snapshot=snapshot)
            told = replace(told, top=top_of((row.key, row.name, row.value) for row in rows))
            done = told.top is not None
        found.append(told)
    return found


def top_of(
    rows: Iterable[tuple[str, Mapping[str, str], float | None]],
) -> tuple[tuple[str, str], float] | None:
    """Return the name and number of the largest of several parts (key, name, value); None where they have no names."""
    named = []
    for key, name, value in rows:
        words = tuple(
            spoken.called(key, lang) if name.get(lang, key) == key else name[lang] for lang in ("vi", "en")
        )
        if key and value and not _CODE.fullmatch(words[0]):
            named.append((float(value), key, (words[0], words[1])))
    if len(named) < 2:
        return None
    value, _, words = max(named)
    return words, value
