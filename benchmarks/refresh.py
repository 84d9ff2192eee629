"""What one refresh of a screen costs the server: published bytes, constant bytes, and the board built per client."""

from __future__ import annotations

import re
from pathlib import Path

import orjson

from benchmarks import measured
from benchmarks.measured import Connection, cpu_s, figure, middle, ratio, request, running, say

ROUNDS, REQUESTS, REBUILDS, CONNECTIONS = 9, 2000, 6, 4


def run(home: Path) -> None:
    """Measure over the store of home, in which the overview is published."""
    say("Screen refresh: CPU of the server per request (granian, 1 worker, 4 kept-alive connections)")
    env = measured.environment(home)
    port = int(env["PORT"])
    with running(["-m", "benchmarks.refresh_app"], env, home / "refresh.log") as server:
        measured.wait_for(port, "/screen/overview", 60)
        connections = [Connection(port) for _ in range(CONNECTIONS)]
        spent = _measure(server.pid, connections)
        for connection in connections:
            connection.close()
    constant = middle(spent["constant"])
    for name, told in (("constant", "constant bytes"), ("br", "published board, 200, br"),
                       ("304", "published board, 304"), ("rebuilt", "built per client by a Dash callback")):  # fmt: skip
        figure(told, f"{1000 * middle(spent[name]):.3f} ms")
    pairs = list(zip(spent["br"], spent["304"], spent["constant"], strict=True))
    whole, same = middle([a / c for a, _, c in pairs]), middle([b / c for _, b, c in pairs])
    ratio("published board (200, br) : constant bytes", whole, "<= 1.3", whole <= 1.3)
    ratio("published board (304) : constant bytes", same, "<= 1.3", same <= 1.3)
    cheaper = middle(spent["rebuilt"]) / middle(spent["br"])
    ratio("built per client : published board (200, br)", cheaper, ">= 300", cheaper >= 300)
    figure("screens at one refresh in 5 s on 70 % of a core", f"{0.7 * 5 / constant / whole:,.0f}")


def _measure(pid: int, connections: list[Connection]) -> dict[str, list[float]]:
    """Return the CPU seconds per request of each kind, round by round; the kinds take turns."""
    asked = {
        "constant": request("/constant", "Accept-Encoding: gzip, deflate, br"),
        "br": request("/screen/overview?lang=vi", "Accept-Encoding: gzip, deflate, br"),
    }
    tag = _tag(connections[0], asked["br"])
    asked["304"] = request(
        "/screen/overview?lang=vi", "Accept-Encoding: gzip, deflate, br", f"If-None-Match: {tag}"
    )
    tick = {"id": "tick", "property": "n_intervals"}
    callback = {
        "output": "board.children",
        "outputs": {"id": "board", "property": "children"},
        "inputs": [{**tick, "value": 1}],
        "changedPropIds": ["tick.n_intervals"],
    }
    asked["rebuilt"] = request("/rebuilt/_dash-update-component", body=orjson.dumps(callback))
    expected = {"constant": 200, "br": 200, "304": 304, "rebuilt": 200}
    for name in asked:  # whatever is made on the first request is made now
        _load(connections, asked[name], 2 * len(connections), expected[name])
    spent: dict[str, list[float]] = {name: [] for name in asked}
    for _ in range(ROUNDS):
        for name, one in asked.items():
            count = REBUILDS if name == "rebuilt" else REQUESTS
            before = cpu_s(pid)
            _load(connections, one, count, expected[name])
            spent[name].append((cpu_s(pid) - before) / count)
    return spent


def _load(connections: list[Connection], asked: bytes, count: int, expected: int) -> None:
    for at in range(0, count, len(connections)):
        turn = connections[: count - at]
        for connection in turn:
            connection.send(asked)
        for connection in turn:
            status, _, body = connection.receive()
            if status != expected:
                raise RuntimeError(f"{status} instead of {expected}: {body[:300]!r}")


def _tag(connection: Connection, asked: bytes) -> str:
    connection.send(asked)
    _, head, _ = connection.receive()
    found = re.search(rb"\r\netag: *([^\r]+)", head)
    if found is None:
        raise RuntimeError(f"no ETag in {head!r}")
    return found[1].decode()
