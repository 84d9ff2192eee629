"""The synthetic province as one thing: what its systems know at the present instant, and which faults are on."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from ioc.agencies import load_agencies
from ioc.calendar import load_calendar, local_day
from ioc.territory import Territory
from sandbox import dossiers, land, reports, sites
from sandbox.faults import Faults
from sandbox.lives import Lives
from sandbox.setting import Setting

SEED = 20_250_701


@dataclass(frozen=True)
class World:
    """Everything an answer is made from; now gives the present as epoch seconds."""

    setting: Setting
    now: Callable[[], float]
    faults: Faults
    dossiers: Lives[dossiers.Dossier] = field(init=False)
    reports: Lives[reports.Report] = field(init=False)
    requests: Lives[land.Request] = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "dossiers", dossiers.dossiers(self.setting))
        object.__setattr__(self, "reports", reports.reports(self.setting))
        object.__setattr__(self, "requests", land.requests(self.setting))

    def warm(self, stop: Callable[[], bool]) -> None:
        """Compute the last months before somebody asks, newest first; stops when told."""
        today = local_day(self.now())
        for back in range(dossiers.HORIZON + 5):
            for lives in (self.reports, self.requests, self.dossiers):
                if stop():
                    return
                lives.warm(today - back)
                time.sleep(0.001)  # whoever asks meanwhile goes first


def create(data: Path, province: str, seed: int = SEED, now: Callable[[], float] = time.time) -> World:
    """Return the world of a province from the declarations under data (territory, agencies, calendar)."""
    territory = Territory(data / "territory")
    setting = Setting(
        seed,
        province,
        territory,
        load_agencies(data, territory, province),
        load_calendar(data),
        sites.of(province, territory),
    )
    return World(setting, now, Faults(now))
