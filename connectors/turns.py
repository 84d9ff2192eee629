"""Turns at one host: how many ask it at once, and how soon after each other."""

from __future__ import annotations

import math
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

from connectors import wire


class Turns:
    """Who is asking a host now, and when it was last asked."""

    def __init__(self) -> None:
        self.turn = threading.Condition()
        self.active = 0
        self.last = -math.inf

    @contextmanager
    def taken(self, most: int, interval: float) -> Iterator[None]:
        """Wait for a turn, at most as long as the exchange may take."""
        with self.turn:
            while self.active >= most or (wait := self.last + interval - time.monotonic()) > 0:
                left = wire.remaining()
                self.turn.wait(left if self.active >= most else min(left, wait))
            self.active += 1
            self.last = time.monotonic()
        try:
            yield
        finally:
            with self.turn:
                self.active -= 1
                self.turn.notify_all()
