"""Units that ended, and which became which; each list is read when it is first asked for."""

from __future__ import annotations

from collections import defaultdict
from functools import cached_property
from pathlib import Path

from ioc.area import Area, Succession, by_name_key, read_areas, read_shares, read_successions


class FormerUnits:
    """The communes before July 2025 and all successions, from a folder data/territory."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    @cached_property
    def areas(self) -> list[Area]:
        """Return every commune of before."""
        return list(read_areas(self._folder / "areas_before_2025.csv"))

    @cached_property
    def versions(self) -> dict[str, list[Area]]:
        """Return the communes that had a code before, by code."""
        versions = defaultdict(list)
        for area in self.areas:
            versions[area.code].append(area)
        return dict(versions)

    @cached_property
    def names(self) -> dict[str, list[Area]]:
        """Return the communes of before by the key of their name."""
        return by_name_key(self.areas)

    @cached_property
    def shares(self) -> dict[str, dict[str, tuple[str, float]]]:
        """Return how units that were divided are shared out: old code -> new code -> (by what, share)."""
        path = self._folder / "shares.csv"
        return read_shares(path) if path.exists() else {}

    @cached_property
    def successions(self) -> dict[str, list[Succession]]:
        """Return what became of units, by the old code."""
        links = defaultdict(list)
        for link in self._links:
            links[link.old_code].append(link)
        return dict(links)

    @cached_property
    def predecessors(self) -> dict[str, list[Succession]]:
        """Return what units were made of, by the new code."""
        links = defaultdict(list)
        for link in self._links:
            links[link.new_code].append(link)
        return dict(links)

    @cached_property
    def _links(self) -> list[Succession]:
        return read_successions(self._folder / "successions.csv")
