"""What an indicator is: a declared, owned number."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from ioc.indicators.above import Above
from ioc.indicators.composite import Composite
from ioc.indicators.parts import (
    CaseFilter,
    Example,
    Length,
    Pick,
    Start,
    Target,
)
from ioc.indicators.watch import Watch
from ioc.model import Due, Text

By = Literal["", "opened", "closed", "due", "starts"]


@dataclass(frozen=True, slots=True)
class Definition:
    """One indicator. Lengths are seconds; num and den are the parts whose quotient is the value.

    of: "case:<kind>", "event:<kind>", "observation" or "indicators". Exactly one of four says what is computed:
    cases and num_cases (with den_cases, den or length), picks num and den, function with inputs and settings, or
    composite.
    above: what the observations of num exceed, where it counts how often they do.
    ages: the days since opening at which what is in hand passes from one band of an ageing to the next.
    per: the quotient is stated for so many of the denominator. weight: places count by it in their mean.
    better: "higher", "lower" or "neutral"; warning and critical: a status begins where the value is worse than
    the limit (higher) or has reached it (lower).
    """

    id: str
    name: Text
    sector: str
    unit: str
    decimals: int
    of: str
    period: str
    better: str
    owner: str
    basis: str
    by: By = ""
    stock: bool = False
    num_cases: CaseFilter | None = None
    den_cases: CaseFilter | None = None
    length: Length | None = None
    num: Pick | None = None
    den: Pick | None = None
    weight: Pick | None = None
    above: Above | None = None
    composite: Composite | None = None
    unusual: Watch | None = None
    ages: tuple[int, ...] = ()
    per: int = 0
    over: str = "last"
    across: str = "sum"
    function: str = ""
    inputs: tuple[Pick, ...] = ()
    settings: Mapping[str, Any] = field(default_factory=dict)
    warning: float | None = None
    critical: float | None = None
    limit_basis: str = ""
    fresh_for: float | None = None
    due: Due | None = None
    sources: tuple[str, ...] = ()
    targets: tuple[Target, ...] = ()
    start: Start | None = None
    historical: bool = False
    at_least: bool = False
    examples: tuple[Example, ...] = ()
    file: str = ""
    hash: str = ""

    @property
    def kind(self) -> str:
        """The kind of case or event, "" for observations."""
        return self.of.partition(":")[2]

    @property
    def shape(self) -> str:
        """observation, case, event or indicators."""
        return self.of.partition(":")[0]

    @property
    def is_share(self) -> bool:
        """Whether the value is a quotient of two parts."""
        counts_share = self.above is not None and self.unit == "%"
        return self.den_cases is not None or self.den is not None or counts_share

    @property
    def factor(self) -> int:
        """What the quotient is multiplied with: a share in % by a hundred."""
        return self.per or (100 if self.unit == "%" and self.is_share else 1)

    @property
    def standing(self) -> Pick | None:
        """What a value is divided or weighed by that holds until its next value: a population, beds in place."""
        if self.weight is not None:
            return self.weight
        if self.den is None or (
            self.shape == "observation" and not (self.per and self.den.over in ("", "last"))
        ):
            return None
        return self.den

    @property
    def picks(self) -> tuple[Pick, ...]:
        """Which series it looks at."""
        return tuple(pick for pick in (self.num, self.den, self.weight, *self.inputs) if pick is not None)

    @property
    def variables(self) -> frozenset[str]:
        """The variables whose observations it counts."""
        return frozenset(pick.variable for pick in self.picks)

    def target_for(self, year: int) -> Target | None:
        """Return the target that a year works towards: the next one, else the last."""
        ahead = [target for target in self.targets if target.by >= year]
        return (
            min(ahead, key=lambda t: t.by) if ahead else max(self.targets, key=lambda t: t.by, default=None)
        )
