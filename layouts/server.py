"""The web server: granian runs the WSGI application that the composition root names, in one worker process."""

from __future__ import annotations

import logging
import socket

from granian import Granian
from granian.constants import HTTPModes, Interfaces

from ioc.errors import IocError
from ioc.settings import ROOT, Settings

log = logging.getLogger("serve")

THREADS = 8
"""A desk's question may take a while; a wall's refresh takes a fifth of a millisecond and needs no more."""


def run(settings: Settings, target: str) -> int:
    """Serve `target` ("module:factory") on the settings' host and port until told to stop.

    Raises IocError where somebody else serves there.
    """
    _free(settings)
    server = Granian(
        target,
        factory=True,
        address=settings.host,
        port=settings.port,
        interface=Interfaces.WSGI,
        workers=1,
        blocking_threads=THREADS,
        backpressure=THREADS * 4,
        websockets=False,
        http=HTTPModes.http1,
        log_enabled=False,
        respawn_failed_workers=True,
        respawn_interval=0.5,
        workers_kill_timeout=3,
        working_dir=ROOT,
        process_name=None,
    )
    server.serve()
    return 0


def _free(settings: Settings) -> None:
    """Refuse a port in use: the server shares its port among its own workers, and would among strangers too."""
    with socket.socket(socket.AF_INET6 if ":" in settings.host else socket.AF_INET) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((settings.host, settings.port))
        except OSError as fault:
            raise IocError(
                f"http://{settings.host}:{settings.port} cannot be served ({fault.strerror}); "
                "end what listens there or choose another PORT"
            ) from fault
