"""The readings of a sector that its sentences are made of, read from one snapshot of the store."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import replace

from ioc.errors import QuestionError
from ioc.indicators.definition import Definition
from ioc.indicators.question import Question
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
    """Return the sentences about a sector at an instant (epoch s), as known then (as_of: epoch ms)."""
    question = Question(as_of=as_of)
    readings = []
    for definition in chosen(product, sector):
        try:
            reading = product.engine.read(definition.id, question, now, snapshot=snapshot)
        except QuestionError:
            continue
        readings.append(Told(definition, reading.document()))
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
            named = [row for row in rows if row.key and row.value and not _CODE.fullmatch(row.name["vi"])]
            if len(named) > 1:
                top = max(named, key=lambda row: (row.value or 0, row.key))
                told = replace(told, top=((top.name["vi"], top.name["en"]), float(top.value or 0)))
                done = True
        found.append(told)
    return found
