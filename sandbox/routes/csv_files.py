"""Offices' open figures as one CSV file each (RFC 4180, semicolons), at an address."""

from __future__ import annotations

from sandbox import series_told
from sandbox.answers import Answer, Asked
from sandbox.world import World

FILES = {"/csv/hai-quan.csv": ("customs", "customs")}
"""One line for each file: its path, the source that asks for it, and its feed."""


def source(asked: Asked) -> str:
    """Return which declared source asks there."""
    return FILES.get(asked.path, ("", ""))[0]


def answer(world: World, asked: Asked) -> Answer:
    """Answer /csv/…"""
    if asked.path not in FILES:
        return Answer(404, b"", "text/plain")
    return Answer(200, series_told.csv(world, FILES[asked.path][1]), "text/csv; charset=utf-8")
