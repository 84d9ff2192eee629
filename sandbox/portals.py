"""Web portals of the synthetic province: whether each answers, and when its newest article was published."""

from __future__ import annotations

from ioc.calendar import DAY_S, HOUR_S, day_start, local_day
from ioc.model import Site
from sandbox.chance import mix, share
from sandbox.setting import Setting

BLOCK_S = 40 * 60
DORMANT = {"portal_22": 41, "portal_29": 17}
"""Portals that nobody writes for since so many days."""
FRAIL = "portal_27"
SHOWN = 8


def portals(setting: Setting) -> list[Site]:
    """List the portals."""
    return setting.of_kind("portal")


def is_up(setting: Setting, site: Site, t: float) -> bool:
    """Return whether a portal answers: most miss forty minutes once in some weeks, one of them often."""
    chance = 0.03 if site.id == FRAIL else 0.0015
    return share(setting.seed, 470, _number(site), int(t) // BLOCK_S) >= chance


def articles(setting: Setting, site: Site, t: float) -> list[int]:
    """Return when the newest articles of a portal were published, the newest first."""
    last, found = local_day(t) - DORMANT.get(site.id, 0), []
    # departments write on most working days, communes twice a week
    often = 0.75 if int(site.id.rpartition("_")[2]) <= 13 else 0.42
    for day in range(last, last - 60, -1):
        if not setting.calendar.is_working_day(day) or share(setting.seed, 471, _number(site), day) >= often:
            continue
        at = day_start(day) + 8 * HOUR_S + int(9 * HOUR_S * share(setting.seed, 472, _number(site), day))
        if at <= t:
            found.append(at)
        if len(found) == SHOWN:
            break
    return found


def age_days(setting: Setting, site: Site, t: float) -> float:
    """Return how many days ago a portal's newest article was published."""
    return (t - articles(setting, site, t)[0]) / DAY_S


def _number(site: Site) -> int:
    return mix(*site.id.encode()) % 1_000_003
