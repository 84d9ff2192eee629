"""Where the province stands in a published index: its rank of how many, its score, the leader and the gap to it."""

from __future__ import annotations

from typing import Any

from ioc.indicators.cells import Cell
from ioc.indicators.look import Look
from ioc.indicators.observations import YEARS_S
from ioc.indicators.observed import exact
from ioc.indicators.parts import Pick
from ioc.indicators.reading import Answer, Outcome


def ranking(look: Look) -> Outcome:
    """Return the rank of the province with what it stands against; inputs: score, then rank, rank of, leader's score.

    What is not an input or was not published is computed from the scores of all places that have one of the same
    time: the highest is the best, equal ones share a rank. Of our own score alone no rank follows.
    """
    score, *others = look.definition.inputs
    scores = {cell.place: cell for cell in _latest(look, score) if _is_province(cell.place)}
    ours = scores.get(look.province)
    if ours is None or ours.last is None:
        return Outcome(Answer(), {})
    same = [one.last for one in scores.values() if one.last_time == ours.last_time and one.last is not None]
    published = [_of(_latest(look, pick), look.province, ours.last_time) for pick in others]
    rank, rank_of, leader = (*published, None, None, None)[:3]
    if leader is None:
        leader = max(same)
    if rank is None:
        if len(same) < 2:
            return Outcome(Answer(detail={"score": ours.last}, reported_at=ours.last_time), {})
        rank = 1 + sum(value > ours.last for value in same)
    if rank_of is None:
        rank_of = len(same)
    detail: dict[str, Any] = {
        "rank": exact(rank),
        "rank_of": exact(rank_of),
        "score": ours.last,
        "leader": leader,
        "gap": round(ours.last - leader, 6),
    }
    told = Answer(value=exact(rank), detail=detail, reported_at=ours.last_time, span=("year", ours.last_time))
    return Outcome(told, {})


def _latest(look: Look, pick: Pick) -> list[Cell]:
    """Return the newest values of an input; what begins with the end of the asked year is of the next one."""
    return look.looker.latest(pick, look.period.until - 1 if look.explicit else look.at, YEARS_S)


def _of(found: list[Cell], place: str, at: int) -> float | None:
    return next((cell.last for cell in found if cell.place == place and cell.last_time == at), None)


def _is_province(place: str) -> bool:
    return len(place) == 2 and place.isdigit()
