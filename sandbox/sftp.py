"""The sandbox's SFTP server (SSH File Transfer Protocol 3): read only, one user, with the faults of its source."""

from __future__ import annotations

import hashlib
import io
import os
import socket
import threading
import time
from contextlib import suppress
from pathlib import Path
from typing import BinaryIO

import paramiko
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from paramiko import SFTPAttributes, SFTPHandle, SFTPServer, SFTPServerInterface
from paramiko.common import (
    AUTH_FAILED,
    AUTH_SUCCESSFUL,
    OPEN_FAILED_ADMINISTRATIVELY_PROHIBITED,
    OPEN_SUCCEEDED,
)
from paramiko.sftp import SFTP_PERMISSION_DENIED

from sandbox.world import World

USER, PASSWORD = "quantrac", "sandbox"
SOURCE = "stack_stations"
REFUSING = ("refused", "500", "429", "expired_token")


def host_key() -> paramiko.PKey:
    """Return the server's key, derived from these words: it guards nothing, so that it can be pinned everywhere."""
    secret = hashlib.sha256(b"the sandbox province has no secrets").digest()
    written = Ed25519PrivateKey.from_private_bytes(secret).private_bytes(
        Encoding.PEM, PrivateFormat.OpenSSH, NoEncryption()
    )
    return paramiko.Ed25519Key(file_obj=io.StringIO(written.decode()))


def start(port: int, folder: Path, world: World, stopping: threading.Event) -> threading.Thread:
    """Serve a folder on 127.0.0.1:port until stopping; the port is open on return."""
    key = host_key()
    listening = socket.create_server(("127.0.0.1", port), backlog=64)
    listening.settimeout(0.3)

    def serve() -> None:
        with listening:
            while not stopping.is_set():
                with suppress(TimeoutError):
                    client, _ = listening.accept()
                    threading.Thread(
                        target=_connection, args=(client, key, folder, world, stopping), daemon=True
                    ).start()

    thread = threading.Thread(target=serve, name="sandbox-sftp", daemon=True)
    thread.start()
    return thread


def _connection(
    client: socket.socket, key: paramiko.PKey, folder: Path, world: World, stopping: threading.Event
) -> None:
    """Serve one client until it leaves."""
    if world.faults.of(SOURCE) == "hang":
        world.faults.wait_while(SOURCE, "hang", 3600)
    transport = paramiko.Transport(client)
    try:
        transport.add_server_key(key)
        transport.set_subsystem_handler("sftp", SFTPServer, ReadOnly, folder, world)
        transport.start_server(server=Login(world))
        while transport.is_active() and not stopping.is_set():
            time.sleep(0.3)
    except (paramiko.SSHException, EOFError, OSError):
        pass  # the client went away in the middle of its greeting
    finally:
        transport.close()


class Login(paramiko.ServerInterface):
    """One user with one password."""

    def __init__(self, world: World) -> None:
        self.world = world

    def check_auth_password(self, username: str, password: str) -> int:
        """Let the user in unless a fault refuses."""
        if self.world.faults.of(SOURCE) not in REFUSING and (username, password) == (USER, PASSWORD):
            return AUTH_SUCCESSFUL
        return AUTH_FAILED

    def check_channel_request(self, kind: str, chanid: int) -> int:
        """Open sessions only."""
        return OPEN_SUCCEEDED if kind == "session" else OPEN_FAILED_ADMINISTRATIVELY_PROHIBITED

    def get_allowed_auths(self, username: str) -> str:
        """Take passwords only."""
        return "password"


class ReadOnly(SFTPServerInterface):
    """A folder that may be listed and read."""

    def __init__(self, server: paramiko.ServerInterface, folder: Path, world: World) -> None:
        super().__init__(server)
        self.folder, self.world = folder, world

    def _real(self, path: str) -> str:
        return str(self.folder) + self.canonicalize(path).rstrip("/")

    def list_folder(self, path: str) -> list[SFTPAttributes] | int:
        """List a folder."""
        try:
            with os.scandir(self._real(path)) as found:
                return [SFTPAttributes.from_stat(item.stat(), item.name) for item in found]
        except OSError as error:
            return SFTPServer.convert_errno(error.errno or 0)

    def stat(self, path: str) -> SFTPAttributes | int:
        """Tell size and date."""
        try:
            return SFTPAttributes.from_stat(os.stat(self._real(path)))
        except OSError as error:
            return SFTPServer.convert_errno(error.errno or 0)

    lstat = stat

    def open(self, path: str, flags: int, attr: SFTPAttributes) -> SFTPHandle | int:
        """Open a file for reading."""
        if flags & (os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND):
            return SFTP_PERMISSION_DENIED
        try:
            file = open(self._real(path), "rb")  # noqa: SIM115 (the handle closes it)
        except OSError as error:
            return SFTPServer.convert_errno(error.errno or 0)
        return Reading(flags, file, self.world)


class Reading(SFTPHandle):
    """A file that is read; slowly where the fault says so."""

    def __init__(self, flags: int, file: BinaryIO, world: World) -> None:
        super().__init__(flags)
        self.readfile, self.world = file, world

    def read(self, offset: int, length: int) -> bytes | int:
        """Read a part."""
        if self.world.faults.of(SOURCE) == "drip":
            time.sleep(1)
            length = 1
        return super().read(offset, length)

    def stat(self) -> SFTPAttributes | int:
        """Tell size and date of the open file."""
        return SFTPAttributes.from_stat(os.fstat(self.readfile.fileno()))
