"""What is watched for being unusual: the keys of one column of cases, over some days before."""

from __future__ import annotations

from dataclasses import dataclass

from ioc.declared import Reader
from ioc.indicators.parts import part_of

KINDS = ("silence", "surge")
BY = ("channel", "category", "area", "responsible")
DEVIATIONS = 3
"""A surge begins where a day has so many standard deviations more than the mean of the days before."""


@dataclass(frozen=True, slots=True)
class Watch:
    """What is watched: the keys of one column of cases, over so many days before the instant.

    silence: longer without a case than ever between two in these days. surge: more in the last 24 hours than the
    mean of these days and DEVIATIONS standard deviations. least: cases without which a key is not judged.
    """

    kind: str
    by: str
    days: int
    least: int


def read_watch(body: Reader) -> Watch:
    """Read what is watched; raises DeclarationError."""
    known = {"kind", "by", "days", "least"}
    part = part_of(body, "unusual", body.get("unusual", dict), known)
    found = Watch(
        part.one_of("kind", KINDS),
        part.one_of("by", BY),
        part.number("days", int, 28),
        part.number("least", int, 5),
    )
    if not 7 <= found.days <= 366:
        raise part.fault("days", f"7 to 366 days were expected, not {found.days}")
    if found.least < 2:
        raise part.fault("least", f"at least 2 cases were expected, not {found.least}")
    return found
