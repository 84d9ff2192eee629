"""The sandbox province's servers in one process: HTTP, FTP and SFTP on loopback, and folders of files."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from pathlib import Path

from ioc.province import load_province
from ioc.settings import Settings
from ioc.territory import Territory
from sandbox import world as worlds
from sandbox.files import HISTORY_DAYS, PAST_AFTER_S, Files
from sandbox.wire import HttpServer
from sandbox.world import SEED, World

log = logging.getLogger(__name__)


class Sandbox:
    """The running servers of one world: HTTP at port, FTP at port + 1, SFTP at port + 2."""

    def __init__(self, world: World, port: int, files: Files) -> None:
        self.world, self.port = world, port
        self._stopping = threading.Event()
        self.files = files
        self._http = HttpServer(port, world)
        self._threads: list[threading.Thread] = []

    def start(self) -> None:
        """Open every port; what is recent stands in the folders on return."""
        self._threads.append(self._thread(self._http.serve_forever))
        self._threads.append(self.files.start())
        # paramiko takes a fifth of a second to load, which the HTTP sources need not wait for
        from sandbox import ftp, sftp

        folder = self.files.folder
        self._threads.append(ftp.start(self.port + 1, folder / "ftp", self.world, self._stopping))
        self._threads.append(sftp.start(self.port + 2, folder / "sftp", self.world, self._stopping))
        self._thread(lambda: self.world.warm(self._stopping.is_set))

    def stop(self) -> None:
        """Close every port."""
        self._stopping.set()
        self.world.faults.clear()
        self.files.stop()
        self._http.shutdown()
        self._http.server_close()
        for thread in self._threads:
            thread.join(5)

    def _thread(self, run: Callable[[], None]) -> threading.Thread:
        thread = threading.Thread(target=run, name="sandbox", daemon=True)
        thread.start()
        return thread


def serve(
    port: int,
    files: Path,
    province: str,
    seed: int = SEED,
    *,
    data: Path,
    now: Callable[[], float] = time.time,
    history_days: int = HISTORY_DAYS,
    past_after_s: int = PAST_AFTER_S,
) -> Sandbox:
    """Start the sandbox of a province and return it; data holds territory, agencies and calendar."""
    world = worlds.create(data, province, seed, now)
    sandbox = Sandbox(world, port, Files(world, files, history_days, past_after_s))
    sandbox.start()
    return sandbox


def run(settings: Settings, stopping: threading.Event | None = None) -> None:
    """Serve the province of the settings until stopping."""
    province = load_province(settings.data, Territory(settings.data / "territory"))
    files = Path(settings.sandbox["sandbox_files"])
    sandbox = serve(settings.sandbox_port, files, province.code, data=settings.data)
    log.info("the sandbox province %s answers on %s", province.code, settings.sandbox["sandbox"])
    (stopping or threading.Event()).wait()
    sandbox.stop()
