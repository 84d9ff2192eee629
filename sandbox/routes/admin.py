"""Faults on and off, and what is true: for tests and demonstrations, on loopback only."""

from __future__ import annotations

from ioc.calendar import OFFSET_S, date_of, local_day
from sandbox import land, one_stop, reports
from sandbox.answers import Answer, Asked
from sandbox.faults import KINDS, SOURCES
from sandbox.world import World


def answer(world: World, asked: Asked) -> Answer:
    """Answer /_admin/…"""
    if asked.path == "/_admin/faults":
        return _faults(world, asked)
    if asked.path == "/_admin/world":
        return _truth(world, asked)
    return Answer.json(404, {"error": f"there is nothing at {asked.path}"})


def _faults(world: World, asked: Asked) -> Answer:
    if asked.method == "DELETE":
        world.faults.clear()
    elif asked.method == "POST":
        body = asked.json
        length = body.get("for_s") if isinstance(body, dict) else None
        if not isinstance(body, dict) or not isinstance(length, int | float | None):
            return Answer.json(400, {"error": '{"source": …, "fault": …, "for_s": seconds} was expected'})
        try:
            world.faults.switch(str(body.get("source")), str(body.get("fault")), length)
        except ValueError as error:
            return Answer.json(400, {"error": str(error)})
    return Answer.json(200, {"on": world.faults.all(), "known": KINDS, "sources": SOURCES})


def _truth(world: World, asked: Asked) -> Answer:
    """Count from every single life, without the indexes that the other routes answer from."""
    text = asked.query.get("t", "")
    t = float(text) if text.replace(".", "", 1).isdigit() else world.now()
    day = local_day(t)
    setting = world.setting
    return Answer.json(200, {
        "t": t,
        "local": f"{date_of(day)} {int((t + OFFSET_S) % 86_400) // 3600:02d}h",
        "day": str(date_of(day)),
        "seed": setting.seed,
        "province": setting.province,
        "working_day": setting.calendar.is_working_day(day),
        "rain": round(setting.rain(day), 2),
        "dossiers": one_stop.counts(world.dossiers, t, day),
        "reports": reports.counts(world.reports, t, day),
        "land_requests": land.counts(world.requests, t, day),
    })  # fmt: skip
