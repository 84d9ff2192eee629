"""River and reservoir levels against the levels that each site declares: the highest speaks for all, or they are counted."""

from __future__ import annotations

from typing import Any

from ioc.calendar import DAY_S, date_of, local_day
from ioc.indicators.look import Look
from ioc.indicators.reading import Answer, Outcome
from ioc.indicators.statutory import qcvn
from ioc.indicators.statutory.alarm_level import Standing, standing
from ioc.model import Site

REACH_S = 2 * DAY_S
"""How far back a station's newest value is looked for."""
COLOURS = ("", "#ffd54a", "#ff9a3c", "#e5484d")
"""Of none reached, the first, the second, and any further one: our choice, no regulation says it."""


def level_stage(look: Look) -> Outcome:
    """Return the level of the station that stands highest among its own levels.

    The first input is the level; settings.kinds are the sites' kinds, settings.stages the levels in ascending order:
    [{ limit = "river_alarm_1", name = "BĐ1" }, …], each a limit of the site. settings.critical: from which stage on it
    is critical (2).
    """
    places = _places(look)
    if not places:
        return Outcome(Answer(), {})
    where, (answer, _) = max(places.items(), key=lambda item: (_height(item[1][1]), item[0]))
    whole = Answer(
        answer.num, where=where, detail=answer.detail, reported_at=answer.reported_at, status=answer.status
    )
    return Outcome(whole, {place: answer for place, (answer, _) in places.items()})


def levels_reached(look: Look) -> Outcome:
    """Count the stations that reached the level number settings.from_stage (1). num of den stations with a value."""
    places, least = _places(look), look.setting("from_stage", 1)
    if not places:
        return Outcome(Answer(), {})
    above = sorted((id for id, (_, found) in places.items() if found.reached >= least),
                   key=lambda id: _height(places[id][1]), reverse=True)  # fmt: skip
    rows = [
        {**look.named(id), "value": places[id][0].num, "text": dict(places[id][0].detail["text"])}
        for id in above
    ]
    answer = Answer(
        len(above),
        len(places),
        value=len(above),
        where=above[0] if above else "",
        detail={"above": rows[:5]},
        reported_at=max(answer.reported_at or 0 for answer, _ in places.values()),
    )
    single = {id: Answer(int(id in above), 1, value=int(id in above), reported_at=answer.reported_at)
              for id, (answer, _) in places.items()}  # fmt: skip
    return Outcome(answer, single)


def _places(look: Look) -> dict[str, tuple[Answer, Standing]]:
    sites = look.sites_of(*look.definition.settings.get("kinds", ()))
    critical = look.setting("critical", 2)
    found: dict[str, tuple[Answer, Standing]] = {}
    for cell in look.latest(look.definition.inputs[0], REACH_S):
        value = cell.value("last")
        if value is None or cell.place not in sites:
            continue
        stands = standing(value, _levels(look, sites[cell.place], cell.last_time))
        if stands is not None:
            found[cell.place] = (_answer(value, cell.place, cell.last_time, stands, critical), stands)
    return found


def _answer(value: float, place: str, at: int, stands: Standing, critical: float) -> Answer:
    text = {"vi": stands.vi, "en": stands.en}
    colour = COLOURS[min(stands.reached, 3)]
    detail: dict[str, Any] = {"stage": stands.reached, "text": text, "band": {**text, "colour": colour}}
    status = "critical" if stands.reached >= critical else "warning" if stands.reached else "good"
    return Answer(value, where=place, detail=detail, reported_at=at, status=status)  # type: ignore[arg-type]


def _levels(look: Look, site: Site, at: int) -> list[tuple[str, float]]:
    """Return the levels of a site that hold on the day of a value, ascending."""
    day, levels = date_of(local_day(at)), []
    for stage in look.definition.settings.get("stages", ()):
        limit = qcvn.limit_on(site.limits, stage["limit"], day)
        if limit is not None and limit.high is not None:
            levels.append((str(stage["name"]), limit.high))
    return levels


def _height(stands: Standing) -> tuple[int, float]:
    return stands.reached, stands.distance
