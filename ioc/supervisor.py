"""Keeps the processes of one box running: restarts a dead one with back-off, takes them along when it ends."""

from __future__ import annotations

import ctypes
import logging
import os
import signal
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

log = logging.getLogger("app")

STOP_WITHIN_S = 8.0
STEADY_AFTER_S = 30.0
"""A child that ran this long starts again at once the next time it dies."""
LOOK_EVERY_S = 0.2
_PR_SET_PDEATHSIG = 1


@dataclass
class _Child:
    name: str
    command: Sequence[str]
    process: subprocess.Popen[bytes] | None = None
    started: float = 0.0
    deaths: int = 0
    again_at: float = 0.0


class Supervisor:
    """Runs commands as children; run() returns once they all ended after a signal."""

    def __init__(self, commands: Mapping[str, Sequence[str]], *, address: str) -> None:
        self.children = [_Child(name, command) for name, command in commands.items()]
        self.address = address
        self._stopping = False

    def run(self) -> int:
        """Start the children, watch them until SIGTERM or SIGINT, end them; return the exit status."""
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self._told)
        log.info("%s", self.address)
        while not self._stopping:
            for child in self.children:
                self._watch(child)
            time.sleep(LOOK_EVERY_S)
        self._end()
        return 0

    def _told(self, *_: object) -> None:
        self._stopping = True

    def _watch(self, child: _Child) -> None:
        now = time.monotonic()
        if child.process is None:
            if now >= child.again_at:
                child.process = subprocess.Popen(child.command, preexec_fn=_own_group)
                child.started = now
            return
        status = child.process.poll()
        if status is None:
            return
        child.deaths = 1 if now - child.started > STEADY_AFTER_S else child.deaths + 1
        wait = 0.0 if child.deaths == 1 else min(0.25 * 2**child.deaths, 30.0)
        how = f"signal {-status}" if status < 0 else f"status {status}"
        log.warning("%s ended with %s; it starts again in %.1f s", child.name, how, wait)
        child.process, child.again_at = None, now + wait

    def _end(self) -> None:
        running = [child for child in self.children if child.process is not None]
        for child in running:
            if child.process is not None:
                child.process.terminate()
        until = time.monotonic() + STOP_WITHIN_S
        for child in running:
            if child.process is None:
                continue
            try:
                child.process.wait(max(0.1, until - time.monotonic()))
            except subprocess.TimeoutExpired:
                log.warning("%s did not end by itself", child.name)
                child.process.kill()
                child.process.wait()


def _own_group() -> None:
    # Ctrl-C in the terminal reaches the supervisor alone, which then ends its children in order.
    os.setpgid(0, 0)
    end_with_parent()


def end_with_parent() -> None:
    """Have this process end when its parent dies, also by SIGKILL (Linux only; elsewhere nothing happens)."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)
