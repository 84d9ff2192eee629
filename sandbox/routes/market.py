"""Market prices as a public table, CSV (RFC 4180 with semicolons)."""

from __future__ import annotations

from sandbox.agenda import prices
from sandbox.answers import Answer, Asked
from sandbox.world import World

DAYS = 395


def answer(world: World, asked: Asked) -> Answer:
    """Answer /gia-ca/gia_thi_truong.csv"""
    if asked.path != "/gia-ca/gia_thi_truong.csv":
        return Answer.json(404, {"error": asked.path})
    return Answer(200, prices(world, DAYS), "text/csv; charset=utf-8")
