"""The supervisor: it starts children, restarts what dies, and takes them along however it ends."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import ROOT
from tests.core.given import eventually

CHILD = "import os, pathlib, time; pathlib.Path({file!r}).open('a').write(f'{{os.getpid()}}\\n'); {then}"
STAYS = "time.sleep(600)"
DEAF = "import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN); time.sleep(600)"


class Supervised:
    """A supervisor in a process of its own, over children that write their process number when they start."""

    def __init__(self, folder: Path, children: dict[str, str], prelude: str = "") -> None:
        self.folder = folder
        commands = {
            name: [sys.executable, "-c", CHILD.format(file=str(folder / name), then=then)]
            for name, then in children.items()
        }
        script = (
            "import sys; from ioc import logs, supervisor\n"
            f"{prelude}\n"
            "logs.start('app', 'text')\n"
            f"sys.exit(supervisor.Supervisor({commands!r}, address='http://127.0.0.1:1').run())"
        )
        self.log = folder / "log"
        with self.log.open("wb") as log:
            self.process = subprocess.Popen([sys.executable, "-c", script], cwd=ROOT, stderr=log)

    def starts(self, name: str) -> list[int]:
        """List the process numbers that a child had so far."""
        file = self.folder / name
        return [int(line) for line in file.read_text().split()] if file.exists() else []

    def alive(self, name: str) -> bool:
        """Say whether the last of them is running."""
        try:
            return (
                Path(f"/proc/{self.starts(name)[-1]}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
            )
        except OSError:
            return False


@pytest.fixture
def supervise(tmp_path: Path) -> Iterator[Callable[..., Supervised]]:
    """Give a function that supervises children: supervise({name: code})."""
    running: list[Supervised] = []

    def start(children: dict[str, str], prelude: str = "") -> Supervised:
        running.append(Supervised(tmp_path, children, prelude))
        eventually(lambda: all(running[-1].starts(name) for name in children))
        return running[-1]

    yield start
    for one in running:
        one.process.kill()
        one.process.wait()


def test_a_child_that_dies_is_restarted_and_the_log_says_it_once(supervise: Any):
    one = supervise({"a": STAYS, "b": STAYS})
    os.kill(one.starts("a")[0], signal.SIGKILL)
    eventually(lambda: len(one.starts("a")) == 2)
    time.sleep(0.5)
    assert one.log.read_text().count("a ended with signal 9") == 1
    assert (len(one.starts("a")), len(one.starts("b"))) == (2, 1)


def test_a_child_that_keeps_dying_is_restarted_less_and_less_often(supervise: Any):
    one = supervise({"a": "raise SystemExit(3)", "b": STAYS})
    eventually(lambda: one.log.read_text().count("a ended with status 3") >= 4)
    waits = [
        line.rpartition(" in ")[2] for line in one.log.read_text().splitlines() if "starts again" in line
    ]
    assert waits[:4] == ["0.0 s", "1.0 s", "2.0 s", "4.0 s"]
    assert len(one.starts("b")) == 1


def test_sigterm_ends_all_children_and_says_success(supervise: Any):
    one = supervise({"a": STAYS, "b": STAYS})
    one.process.terminate()
    assert one.process.wait(8) == 0
    assert not one.alive("a")
    assert not one.alive("b")


def test_a_child_that_does_not_listen_is_ended_all_the_same(supervise: Any):
    one = supervise({"a": DEAF}, "supervisor.STOP_WITHIN_S = 1.0")
    time.sleep(0.5)  # until it has stopped listening
    one.process.terminate()
    assert one.process.wait(8) == 0
    assert not one.alive("a")
    assert "a did not end by itself" in one.log.read_text()


def test_killing_the_supervisor_takes_its_children_along(supervise: Any):
    one = supervise({"a": STAYS, "b": STAYS})
    one.process.kill()
    eventually(lambda: not one.alive("a") and not one.alive("b"), 8)
