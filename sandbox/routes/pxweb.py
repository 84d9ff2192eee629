"""A statistics office's PxWeb, API v1: tables of plain figures as JSON-stat 2.0. https://www.scb.se/en/services/open-data-api/"""

from __future__ import annotations

from typing import Any, NamedTuple

from sandbox import series
from sandbox.answers import Answer, Asked, BadQuestionError
from sandbox.series import Figure, Series
from sandbox.world import World

PREFIX = "/pxweb/api/v1/vi/"
WHAT, WHEN = "Chỉ tiêu", "Kỳ"


class Table(NamedTuple):
    """One table: the source that asks for it, its feed and the grain of its periods."""

    source: str
    feed: str
    grain: str


TABLES = {
    "KTXH/thang.px": Table("economy_monthly", "socio_economy", "month"),
    "KTXH/quy.px": Table("economy_quarterly", "socio_economy", "quarter"),
    "CN/thang.px": Table("industry", "industry", "month"),
}
"""One line for each table, by its path."""


def source(asked: Asked) -> str:
    """Return which declared source asks there."""
    table = TABLES.get(asked.path.removeprefix(PREFIX))
    return table.source if table else ""


def answer(world: World, asked: Asked) -> Answer:
    """Answer a table's address: GET says what it holds, POST gives the selected part."""
    table = TABLES.get(asked.path.removeprefix(PREFIX))
    if table is None:
        return Answer.json(404, {"error": "Table not found"})
    rows = [one for one in series.load(table.feed) if one.grain == table.grain]
    labels = [Figure(rows[0], month).label for month in _months(rows, world)]
    if asked.method == "GET":
        variables = [
            {
                "code": WHAT,
                "text": WHAT,
                "values": [one.id for one in rows],
                "valueTexts": [one.name for one in rows],
            },
            {"code": WHEN, "text": WHEN, "values": labels, "valueTexts": labels, "time": True},
        ]
        return Answer.json(200, {"title": table.feed, "variables": variables})
    asks = {one.get("code"): one.get("selection") for one in asked.json.get("query", [])}
    chosen = _chosen(asks.get(WHAT), [one.id for one in rows])
    periods = _chosen(asks.get(WHEN), labels)
    months = dict(zip(labels, _months(rows, world), strict=True))
    return Answer.json(200, _dataset(world, [one for one in rows if one.id in chosen], periods, months))


def _months(rows: list[Series], world: World) -> list[int]:
    return sorted({month for one in rows for month in series.months(one, world.now())})


def _chosen(selection: Any, known: list[str]) -> list[str]:
    """Return the codes that a selection of PxWeb takes. Raises BadQuestionError."""
    if selection is None:
        return known
    kind, values = selection.get("filter"), selection.get("values", [])
    if kind == "top":
        return known[-int(values[0]) :]
    if kind == "all":
        return known
    if kind != "item" or not set(values) <= set(known):
        raise BadQuestionError("selection: item, all or top of known values was expected")
    return [code for code in known if code in values]


def _dataset(world: World, rows: list[Series], periods: list[str], months: dict[str, int]) -> dict[str, Any]:
    now, setting = world.now(), world.setting
    values: list[float | None] = []
    for one in rows:
        for label in periods:
            figure = Figure(one, months[label])
            there = series.arrives(setting, figure) <= now
            values.append(series.told(setting, figure, now) if there else None)
    return {
        "version": "2.0", "class": "dataset", "label": "Số liệu mô phỏng", "id": [WHAT, WHEN],
        "size": [len(rows), len(periods)], "role": {"time": [WHEN]}, "value": values,
        "dimension": {
            WHAT: {"label": WHAT, "category": {"index": {one.id: at for at, one in enumerate(rows)},
                                               "label": {one.id: one.name for one in rows}}},
            WHEN: {"label": WHEN, "category": {"index": {label: at for at, label in enumerate(periods)},
                                               "label": {label: label for label in periods}}},
        },
    }  # fmt: skip
