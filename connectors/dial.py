"""Connects to a host within one deadline, the resolution of its name included, which nothing else can interrupt."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterable
from ipaddress import ip_address
from queue import Empty, SimpleQueue
from typing import Any

Address = tuple[Any, Any, int, str, Any]
"""As socket.getaddrinfo gives it: family, type, protocol, canonical name, address."""


def resolved(host: str, port: int, timeout: float) -> list[Address]:
    """Return the addresses of a host; raises TimeoutError, and OSError for a name that is not known.

    The system's resolver cannot be stopped: one that hangs is left to itself in a thread that goes when it answers.
    """
    try:
        ip_address(host.strip("[]"))
    except ValueError:
        pass
    else:
        return socket.getaddrinfo(host.strip("[]"), port, type=socket.SOCK_STREAM)
    answer: SimpleQueue[list[Address] | Exception] = SimpleQueue()

    def ask() -> None:
        try:
            answer.put(socket.getaddrinfo(host, port, type=socket.SOCK_STREAM))
        except Exception as error:
            answer.put(error)

    threading.Thread(target=ask, name="resolver", daemon=True).start()
    try:
        found = answer.get(timeout=max(0.0, timeout))
    except Empty:
        raise TimeoutError(f"{host} was not resolved in time") from None
    if isinstance(found, Exception):
        raise found
    return found


def dial(
    host: str,
    port: int,
    timeout: float,
    *,
    source: tuple[str, int] | None = None,
    options: Iterable[tuple[int, int, int | bytes]] = (),
) -> socket.socket:
    """Connect to the first of a host's addresses that answers, within timeout s over all of them; raises OSError."""
    until = time.monotonic() + timeout
    addresses = resolved(host, port, timeout)
    failure: OSError = OSError(f"{host} has no address")
    for position, (family, kind, protocol, _, address) in enumerate(addresses):
        left = until - time.monotonic()
        if left <= 0:
            raise TimeoutError(f"{host} did not answer in time")
        made = socket.socket(family, kind, protocol)
        try:
            for option in options:
                made.setsockopt(*option)
            made.settimeout(left / (len(addresses) - position))
            if source:
                made.bind(source)
            made.connect(address)
        except OSError as error:
            made.close()
            failure = error
        else:
            made.settimeout(timeout)
            return made
    raise failure
