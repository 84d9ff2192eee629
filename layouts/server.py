"""The web server: granian runs the WSGI application that the composition root names, in one worker process."""

from __future__ import annotations

import logging

from granian import Granian
from granian.constants import HTTPModes, Interfaces

from ioc.settings import ROOT, Settings

log = logging.getLogger("serve")

THREADS = 8
"""A desk's question may take a while; a wall's refresh takes a fifth of a millisecond and needs no more."""


def run(settings: Settings, target: str) -> int:
    """Serve `target` ("module:factory") on the settings' host and port until told to stop."""
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
