"""What an exceedance is of: a number or a named limit, and by what it is counted."""

from __future__ import annotations

from dataclasses import dataclass

from ioc.calendar import DAY_S, HOUR_S
from ioc.declared import Reader

GRAINS = ("hour", "day", "instant")
WITHIN = ("mean", "max", "min", "sum", "last")
STANDARDS = ("qcvn_05", "permit")
"""Ambient air by QCVN 05:2023, and the limits that a site declares of its own."""
_LENGTHS = {"hour": HOUR_S, "day": DAY_S, "instant": 0}


@dataclass(frozen=True, slots=True)
class Above:
    """What is exceeded: a number, or the name of one of STANDARDS; grain: by what is counted, within: its value."""

    limit: float | None
    standard: str
    grain: str
    within: str

    @property
    def length(self) -> int:
        """Seconds of what is counted, 0 for single values."""
        return _LENGTHS[self.grain]


def read_above(body: Reader) -> Above:
    """Read what is exceeded, and by what it is counted; raises DeclarationError."""
    above = body.get("above", object)
    known = ", ".join(STANDARDS)
    if isinstance(above, bool) or not isinstance(above, int | float | str):
        raise body.fault("above", f"a number or one of {known} was expected, not {above!r}")
    if isinstance(above, str) and above not in STANDARDS:
        raise body.fault("above", f"a number or one of {known} was expected, not {above!r}")
    grain = body.one_of("grain", GRAINS)
    if above == "qcvn_05" and grain == "instant":
        raise body.fault("grain", "hour or day was expected: the limits of QCVN 05 are means over these")
    number = None if isinstance(above, str) else float(above)
    within = body.one_of("within", WITHIN, "mean")
    return Above(number, above if isinstance(above, str) else "", grain, within)
