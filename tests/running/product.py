"""The whole product as processes of its own, on its own ports, over a new store."""

from __future__ import annotations

import http.client
import os
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import orjson

from tests.conftest import ROOT, a_free_port
from tests.core.given import eventually


@dataclass
class Running:
    """Processes of one product. folder holds its logs; data its declarations."""

    folder: Path
    data: Path
    environ: Mapping[str, str] = field(default_factory=dict)
    port: int = field(default_factory=a_free_port)
    processes: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)

    @property
    def store(self) -> Path:
        """The file of the embedded store."""
        return self.folder / "store.sqlite"

    def env(self) -> dict[str, str]:
        """The environment of every process."""
        own = {"IOC_DATA": str(self.data), "IOC_STORE_URL": f"sqlite:///{self.store}", "PORT": str(self.port)}
        return {**os.environ, **own, **self.environ}

    def log(self, name: str) -> Path:
        """Where a process logs."""
        return self.folder / f"{name or 'app'}.log"

    def start(self, *names: str) -> None:
        """Start commands of the product ("" is the supervisor)."""
        for name in names:
            with self.log(name).open("ab") as log:
                command = [sys.executable, str(ROOT / "app.py"), *([name] if name else [])]
                self.processes[name] = subprocess.Popen(
                    command, cwd=self.folder, env=self.env(), stdout=log, stderr=log, stdin=subprocess.DEVNULL
                )

    def kill(self, name: str) -> None:
        """SIGKILL one."""
        process = self.processes.pop(name)
        process.send_signal(signal.SIGKILL)
        process.wait()

    def stop(self, name: str, within_s: float = 8.0) -> int:
        """SIGTERM one and return its exit status; fails where it takes longer."""
        process = self.processes.pop(name)
        process.terminate()
        return process.wait(within_s)

    def stop_all(self) -> None:
        """End what is left."""
        for process in self.processes.values():
            process.terminate()
        for process in self.processes.values():
            try:
                process.wait(10)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
        self.processes.clear()

    def run(self, *arguments: str, within_s: float = 60.0) -> subprocess.CompletedProcess[str]:
        """Run a command of the product to its end."""
        return subprocess.run(
            [sys.executable, str(ROOT / "app.py"), *arguments],
            cwd=self.folder,
            env=self.env(),
            capture_output=True,
            text=True,
            timeout=within_s,
        )

    def ask(self, path: str, **asked: Any) -> tuple[int, bytes]:
        """Ask the web server; (0, b"") where nobody answers."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=20)
        try:
            connection.request("GET", path + (f"?{urlencode(asked)}" if asked else ""))
            answer = connection.getresponse()
            return answer.status, answer.read()
        except OSError:
            return 0, b""
        finally:
            connection.close()

    def get(self, path: str, **asked: Any) -> Any:
        """Ask the read API for JSON; fails for any other answer than 200."""
        status, body = self.ask(path, **asked)
        assert status == 200, (path, status, body[:500])
        return orjson.loads(body)

    def state(self, source: str) -> dict[str, Any]:
        """Return what the API says of a source."""
        return {one["id"]: one for one in self.get("/api/v1/sources", limit=1000)["items"]}[source]

    def tile(self, board: str, indicator: str) -> dict[str, Any]:
        """Return a board's tile, as it is published."""
        status, body = self.ask(f"/api/v1/boards/{board}")
        tiles = orjson.loads(body)["tiles"] if status == 200 else []
        return next((tile for tile in tiles if tile["id"] == indicator), {})

    def value(self, indicator: str, **asked: Any) -> tuple[Any, Any, Any]:
        """Return value, numerator and denominator of an indicator."""
        told = self.get(f"/api/v1/indicators/{indicator}", **asked)
        return told["value"], told["num"], told["den"]

    def until_answering(self) -> None:
        """Wait for the web server."""
        eventually(lambda: self.ask("/healthz")[0] in (200, 503), 60, "the web server answers")

    def lapse_lease(self) -> None:
        """Let the lease of a dead collector lapse at once, which saves its nine seconds."""
        with sqlite3.connect(self.store, timeout=20) as connection:
            connection.execute("UPDATE lease SET until_ms = 0")
        connection.close()

    def everything_kept(self) -> bytes:
        """Return all bytes of the store and of the logs, answers unpacked."""
        import zstandard

        parts = [path.read_bytes() for path in self.folder.glob("*.log")]
        parts += [path.read_bytes() for path in self.folder.glob("store.sqlite*")]
        with sqlite3.connect(self.store, timeout=20) as connection:
            for (body,) in connection.execute("SELECT body FROM payload WHERE body IS NOT NULL"):
                parts.append(zstandard.ZstdDecompressor().decompress(body))
            names = [
                name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")
            ]
            for name in names:
                rows = connection.execute(f'SELECT * FROM "{name}"')
                parts += [str(row).encode() for row in rows]
        connection.close()
        return b"\n".join(parts)
