"""Indicators declared in a test, in the engine of a world."""

import tomllib
from collections.abc import Mapping

from ioc.declared import Table
from ioc.indicators.declaring import read_definition
from ioc.indicators.definition import Definition
from ioc.indicators.engine import Engine
from ioc.indicators.examples import run
from ioc.indicators.standards import load_standards

HEAD = """
name = { vi = "Chỉ số", en = "Indicator" }
sector = "health"
decimals = 1
better = "neutral"
fresh_for = "400d"
owner = "so_y_te"
basis = "Quy định thử"
"""
EXAMPLE = "example = [{ given = [], expect = { num = 0 } }]\n"


def declared(text: str, id: str = "one") -> Definition:
    """Return an indicator of which a test says what matters to it."""
    told = {line.partition("=")[0].strip() for line in text.splitlines() if "=" in line}
    if 'of = "indicators"' in text:
        told.add("fresh_for")
    head = "\n".join(line for line in HEAD.splitlines() if line.partition("=")[0].strip() not in told)
    whole = f"{head}\n{text}\n{'' if 'example' in text else EXAMPLE}"
    return read_definition(Table(id, "data/indicators/x.toml", tomllib.loads(whole)))


def faults(text: str, calendar) -> list[str]:
    """Return what the worked examples of a declaration give otherwise than expected."""
    return [str(fault) for fault in run(declared(text), calendar, load_standards())]


def engine_of(world, definitions: Mapping[str, str]) -> Engine:
    """Return the engine of a world with further indicators."""
    known = {**world.engine.definitions, **{id: declared(text, id) for id, text in definitions.items()}}
    e = world.engine
    return Engine(e.store, e.catalogue, known, e.calendar, e.territory, e.agencies)
