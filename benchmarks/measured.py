"""How the benchmarks measure: CPU and memory of process trees from /proc, a product of their own, plain tables."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from statistics import median

ROOT = Path(__file__).resolve().parent.parent
TICKS = os.sysconf("SC_CLK_TCK")
PORTS = range(19000, 19100)


def tree(pid: int) -> list[int]:
    """Return a process and all its descendants; empty once it ended."""
    found = [pid]
    for one in found:
        for children in Path(f"/proc/{one}/task").glob("*/children"):
            try:
                found += map(int, children.read_text().split())
            except OSError:  # the thread ended meanwhile
                continue
    return [one for one in found if Path(f"/proc/{one}").exists()]


def cpu_s(pid: int) -> float:
    """Return the CPU seconds that a process tree has spent in user and system mode."""
    ticks = 0
    for one in tree(pid):
        fields = Path(f"/proc/{one}/stat").read_text().rpartition(")")[2].split()
        ticks += int(fields[11]) + int(fields[12])
    return ticks / TICKS


def pss_mb(pid: int) -> float:
    """Return the memory of a process tree in MB (2^20): its own, and its share of what it shares."""
    kb = 0
    for one in tree(pid):
        for line in Path(f"/proc/{one}/smaps_rollup").read_text().splitlines():
            if line.startswith("Pss:"):
                kb += int(line.split()[1])
    return kb / 1024


def free_ports(count: int) -> int:
    """Return the first of `count` neighbouring ports of 127.0.0.1 that nobody listens on."""
    for first in PORTS:
        if all(_is_free(port) for port in range(first, first + count)):
            return first
    raise RuntimeError(f"no {count} free ports in a row between {PORTS.start} and {PORTS.stop}")


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def environment(home: Path) -> dict[str, str]:
    """Return the environment of a product of its own: a copy of the declarations, its own ports, an empty store."""
    data = home / "data"
    if not data.exists():
        shutil.copytree(ROOT / "data", data, ignore=shutil.ignore_patterns("store", "*.sqlite*"))
    first = free_ports(5)
    kept = {name: value for name, value in os.environ.items() if not name.startswith("IOC_")}
    return {
        **kept,
        "IOC_DATA": str(data),
        "PORT": str(first),
        "IOC_SANDBOX_PORT": str(first + 2),
        "IOC_STORE_URL": f"sqlite:///{home}/store.sqlite",
        "PYTHONPATH": str(ROOT),
    }


@contextmanager
def running(command: Sequence[str], env: Mapping[str, str], log: Path) -> Iterator[subprocess.Popen[bytes]]:
    """Run a Python command from the project's root while the block lasts, and end it in order."""
    with log.open("ab") as out:
        process = subprocess.Popen([sys.executable, *command], cwd=ROOT, env=env, stdout=out, stderr=out)
        try:
            yield process
        finally:
            process.send_signal(signal.SIGTERM)
            try:
                process.wait(20)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


class Connection:
    """A browser's kept-alive connection, as cheap as Python can make it."""

    def __init__(self, port: int) -> None:
        self._socket = socket.create_connection(("127.0.0.1", port), timeout=60)

    def close(self) -> None:
        """Close it."""
        self._socket.close()

    def send(self, request: bytes) -> None:
        """Send a request without waiting for its answer."""
        self._socket.sendall(request)

    def receive(self) -> tuple[int, bytes, bytes]:
        """Return the next answer: status, head in small letters, body."""
        answer = b""
        while (end := answer.find(b"\r\n\r\n")) < 0:
            answer += self._more()
        head = answer[:end].lower()
        status, body = int(head[9:12]), answer[end + 4 :]
        at = head.find(b"content-length:")
        length = int(head[at + 15 :].split(b"\r\n", 1)[0]) if at >= 0 and status != 304 else 0
        while len(body) < length:
            body += self._more()
        return status, head, body

    def _more(self) -> bytes:
        more = self._socket.recv(262_144)
        if not more:
            raise ConnectionError("the server closed the connection")
        return more


def request(path: str, *headers: str, body: bytes = b"") -> bytes:
    """Write a request of HTTP/1.1."""
    lines = [f"{'POST' if body else 'GET'} {path} HTTP/1.1", "Host: 127.0.0.1", *headers]
    if body:
        lines += ["Content-Type: application/json", f"Content-Length: {len(body)}"]
    return "\r\n".join([*lines, "", ""]).encode() + body


def wait_for(port: int, path: str, until_s: float) -> tuple[float, bytes]:
    """Ask until the answer is 200; return when it came (time.monotonic) and its body. Raises TimeoutError."""
    until = time.monotonic() + until_s
    while time.monotonic() < until:
        try:
            connection = Connection(port)
            try:
                connection.send(request(path))
                status, _, body = connection.receive()
            finally:
                connection.close()
            if status == 200:
                return time.monotonic(), body
        except OSError:
            pass
        time.sleep(0.05)
    raise TimeoutError(f"{path} was not answered within {until_s:g} s")


def middle(values: Sequence[float]) -> float:
    """Return the median."""
    return float(median(values))


def say(text: str = "") -> None:
    """Print a line at once."""
    print(text, flush=True)


def ratio(name: str, value: float, aim: str, reached: bool) -> None:
    """Print one ratio against its aim."""
    say(f"  {name:<58} {value:>9.3g}   aim {aim:<8} {'reached' if reached else 'falls short'}")


def figure(name: str, value: str) -> None:
    """Print one figure that has no aim."""
    say(f"  {name:<58} {value:>9}")
