"""Which cases changed in a span: every case's life is computed from (day, number), only its instants are kept."""

from __future__ import annotations

import threading
from array import array
from bisect import bisect_left, bisect_right
from collections import OrderedDict
from collections.abc import Callable, Iterator
from typing import Generic, Protocol, TypeVar

from ioc.calendar import local_day

SHIFT = 16
WINDOWS = 12


class Life(Protocol):
    """A case from its beginning to its end; changes are the instants at which an answer about it changes."""

    @property
    def changes(self) -> tuple[int, ...]:
        """The instants in order, the first being when it becomes known."""


L = TypeVar("L", bound=Life)


class Lives(Generic[L]):
    """All cases of one kind: how many begin on a local day, and how to make each one.

    horizon: a case's last change lies at most so many days after the day on which it began.
    """

    def __init__(self, count: Callable[[int], int], make: Callable[[int, int], L], horizon: int) -> None:
        self.count, self.make, self.horizon = count, make, horizon
        self._days: dict[int, tuple[array[int], array[int]]] = {}
        self._windows: OrderedDict[tuple[int, int], array[int]] = OrderedDict()
        self._lock = threading.Lock()

    def changed(self, since: int, until: int) -> array[int]:
        """Return references to the cases with a change in since <= t <= until, in the order of their beginning."""
        asked = (since, until)
        with self._lock:
            known = self._windows.get(asked)
            if known is not None:
                self._windows.move_to_end(asked)
                return known
        found = array("q")
        for day in range(local_day(since) - self.horizon, local_day(until) + 1):
            instants, numbers = self._day(day)
            low, high = bisect_left(instants, since), bisect_right(instants, until)
            found.extend(day << SHIFT | number for number in sorted({*numbers[low:high]}))
        with self._lock:
            self._windows[asked] = found
            while len(self._windows) > WINDOWS:
                self._windows.popitem(last=False)
        return found

    def at(self, reference: int) -> L:
        """Return the case that a reference stands for."""
        return self.make(reference >> SHIFT, reference & (1 << SHIFT) - 1)

    def begun(self, t: float) -> Iterator[L]:
        """Make every case that may be open at an instant, one after the other."""
        last = local_day(t)
        for day in range(last - self.horizon, last + 1):
            for number in range(self.count(day)):
                yield self.make(day, number)

    def warm(self, day: int) -> None:
        """Compute a day before somebody asks."""
        self._day(day)

    def _day(self, day: int) -> tuple[array[int], array[int]]:
        known = self._days.get(day)
        if known is None:
            pairs = sorted(
                (at, number) for number in range(self.count(day)) for at in self.make(day, number).changes
            )
            known = array("q", [at for at, _ in pairs]), array("H", [number for _, number in pairs])
            self._days[day] = known
        return known
