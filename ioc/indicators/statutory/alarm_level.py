"""Where a water level stands among declared levels: "trên BĐ2 0,12 m". The levels are each site's own, with their basis."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Standing:
    """How many of the levels are reached (0: none), the level spoken of, and the distance to it in m, signed."""

    reached: int
    name: str
    distance: float

    @property
    def vi(self) -> str:
        """What a bulletin says of it."""
        metres = f"{abs(self.distance):.2f}".replace(".", ",")
        return f"ở mức {self.name}" if not self.distance else f"{self._side[0]} {self.name} {metres} m"

    @property
    def en(self) -> str:
        """The same in English."""
        return (
            f"at {self.name}"
            if not self.distance
            else f"{abs(self.distance):.2f} m {self._side[1]} {self.name}"
        )

    @property
    def _side(self) -> tuple[str, str]:
        return ("trên", "above") if self.distance > 0 else ("dưới", "below")


def standing(value: float, levels: Sequence[tuple[str, float]]) -> Standing | None:
    """Return where a value stands: above the highest level that it reached, else below the lowest; None without levels.

    levels: (name, value in the value's unit) in ascending order. A level is reached when the value equals it.
    Distances are rounded to the centimetre, as they are told.
    """
    if not levels:
        return None
    reached = sum(value >= level for _, level in levels)
    name, level = levels[max(reached - 1, 0)]
    return Standing(reached, name, round(value - level, 2))
