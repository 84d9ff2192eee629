"""The sandbox's FTP server (RFC 959): read only, one user, with the faults of its source."""

from __future__ import annotations

import logging
import threading
import warnings
from pathlib import Path
from typing import Any

from sandbox.world import World

with warnings.catch_warnings():  # it stands on asyncore, which Python 3.12 no longer has and 3.11 warns of
    warnings.simplefilter("ignore", DeprecationWarning)
    from pyftpdlib.authorizers import AuthenticationFailed, DummyAuthorizer  # type: ignore[import-untyped]
    from pyftpdlib.handlers import DTPHandler, FTPHandler, ThrottledDTPHandler  # type: ignore[import-untyped]
    from pyftpdlib.ioloop import IOLoop  # type: ignore[import-untyped]
    from pyftpdlib.servers import FTPServer  # type: ignore[import-untyped]

USER, PASSWORD = "quantrac", "sandbox"
SOURCE = "wastewater_stations"

REFUSING = ("refused", "500", "429", "expired_token")


def start(port: int, folder: Path, world: World, stopping: threading.Event) -> threading.Thread:
    """Serve a folder on 127.0.0.1:port until stopping; the port is open on return."""

    class Authorizer(DummyAuthorizer):
        def validate_authentication(self, username: str, password: str, handler: Any) -> None:
            fault = world.faults.of(SOURCE)
            if fault == "hang":  # one loop serves everybody, so nobody gets any further
                world.faults.wait_while(SOURCE, fault, 3600)
            if fault in REFUSING:
                raise AuthenticationFailed("Login refused")
            super().validate_authentication(username, password, handler)

    class Slow(ThrottledDTPHandler):
        read_limit = write_limit = 1

    class Handler(FTPHandler):
        banner = "FTP"
        passive_ports = None

        @property
        def dtp_handler(self) -> type[DTPHandler]:
            return Slow if world.faults.of(SOURCE) == "drip" else DTPHandler

    told = logging.getLogger("pyftpdlib")
    told.addHandler(logging.NullHandler())  # without one it prints every file that somebody reads
    told.setLevel(logging.WARNING)
    authorizer = Authorizer()
    authorizer.add_user(USER, PASSWORD, str(folder), perm="elr")
    Handler.authorizer = authorizer
    loop = IOLoop()
    server = FTPServer(("127.0.0.1", port), Handler, ioloop=loop)

    def serve() -> None:
        while not stopping.is_set():
            loop.loop(timeout=0.3, blocking=False)
        server.close_all()

    thread = threading.Thread(target=serve, name="sandbox-ftp", daemon=True)
    thread.start()
    return thread
