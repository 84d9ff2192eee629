"""A folder of an SFTP server (SSH File Transfer Protocol 3), whose host key is pinned in the declaration."""

from __future__ import annotations

import base64
import hashlib
import io
import logging
import socket
import stat
from itertools import pairwise
from typing import IO, ClassVar
from urllib.parse import SplitResult

import paramiko
from cryptography.exceptions import UnsupportedAlgorithm
from paramiko.pkey import UnknownKeyType
from paramiko.ssh_exception import IncompatiblePeer

from connectors.dial import dial
from connectors.folders import Entry, Server, copied, too_large
from ioc.errors import RefusedError, UnreachableError
from ioc.model import Source

SMALL = 65_536
AHEAD = 64
"""How many pieces of 32 KB are asked for before they are read."""

# its threads log tracebacks for what asking() already says in a sentence
logging.getLogger("paramiko").setLevel(logging.CRITICAL)


class SftpFolder(Server):
    """A folder of an SFTP server; auth.host_key is its public key as ssh-keyscan prints it."""

    login_errors: ClassVar[tuple[type[Exception], ...]] = (paramiko.AuthenticationException,)

    def __init__(self, parts: SplitResult, source: Source) -> None:
        super().__init__(parts, source, 22)
        self.pinned = read_host_key(source.auth.get("host_key", ""), self.host)
        file = source.auth.get("key_file", "")
        self.own = read_own_key(file) if file else None
        self.socket: socket.socket | None = None
        self.transport: paramiko.Transport | None = None
        try:
            with self.asking("đăng nhập", self.close):
                self.sftp = self._login()
        except BaseException:
            self.close()
            raise

    def _login(self) -> paramiko.SFTPClient:
        self.socket = dial(self.host, self.port, self.deadline)
        self.transport = transport = paramiko.Transport(self.socket)
        transport.banner_timeout = transport.auth_timeout = self.deadline
        # ask for the key that is pinned, not for another one that the server also has
        kind = self.pinned.get_name()
        transport.get_security_options().key_types = (
            ("rsa-sha2-512", "rsa-sha2-256") if kind == "ssh-rsa" else (kind,)
        )
        try:
            transport.start_client(timeout=self.deadline)
        except IncompatiblePeer:
            raise RefusedError(
                f"{self.where} không có khóa đã khai báo {fingerprint(self.pinned)}."
            ) from None
        shown = transport.get_remote_server_key()
        if shown.asbytes() != self.pinned.asbytes():
            raise RefusedError(
                f"Khóa của {self.where} là {fingerprint(shown)}, khác khóa đã khai báo "
                f"{fingerprint(self.pinned)}; mật khẩu không được gửi."
            )
        if self.own is not None:
            transport.auth_publickey(self.user, self.own)
        else:
            transport.auth_password(self.user, self.password)
        client = paramiko.SFTPClient.from_transport(transport)
        if client is None:
            raise UnreachableError(f"{self.where} không mở được SFTP.")
        return client

    def close(self) -> None:
        """Let the connection go."""
        if self.transport is not None:
            self.transport.close()
        if self.socket is not None:
            self.socket.close()

    def entries(self, path: str) -> list[Entry] | None:
        """List the files of a folder."""
        with self.asking(f"xem thư mục {self.at(path)}", self.close):
            try:
                found = self.sftp.listdir_attr(self.at(path))
            except FileNotFoundError:
                if path:
                    return None
                raise UnreachableError(f"Không thấy thư mục {self.root} tại {self.where}.") from None
            return [
                Entry(item.filename, item.st_size or 0, item.st_mtime or 0)
                for item in found
                if item.st_mode is None or stat.S_ISREG(item.st_mode)
            ]

    def read(self, path: str, most: int) -> bytes | None:
        """Return a file's bytes."""
        content = io.BytesIO()
        return None if self.copy(path, most, content) is None else content.getvalue()

    def copy(self, path: str, most: int, into: IO[bytes]) -> int | None:
        """Write a file's bytes into another."""
        with self.asking(f"đọc tệp {self.at(path)}", self.close):
            try:
                with self.sftp.open(self.at(path), "rb") as file:
                    size = file.stat().st_size or 0
                    if size > most:
                        too_large(path, most)
                    if size > SMALL:
                        file.prefetch(size, AHEAD)
                    return copied(file.read, path, most, into)
            except FileNotFoundError:
                return None


def read_host_key(declared: str, host: str) -> paramiko.PKey:
    """Read a public key such as "ssh-ed25519 AAAA…", with or without a host in front of it."""
    parts = declared.split()
    for kind, data in pairwise(parts):
        if kind.startswith(("ssh-", "ecdsa-")):
            try:
                return paramiko.PKey.from_type_string(kind, base64.b64decode(data))
            except (ValueError, paramiko.SSHException, UnknownKeyType):
                break
    raise RefusedError(f"Chưa khai báo khóa của máy chủ {host} (auth.host_key, như ssh-keyscan in ra).")


def read_own_key(file: str) -> paramiko.PKey:
    """Read our private key, in the format of OpenSSH or PEM; raises RefusedError where it cannot be used."""
    try:
        return paramiko.PKey.from_path(file)
    except (paramiko.PasswordRequiredException, TypeError):
        why = "khóa có mật khẩu"
    except OSError as error:
        why = error.strerror or "không đọc được"
    except (ValueError, UnsupportedAlgorithm, paramiko.SSHException, UnknownKeyType):
        why = "không phải là một khóa SSH"
    raise RefusedError(f"Không dùng được khóa {file} đã khai báo (auth.key_file): {why}.")


def fingerprint(key: paramiko.PKey) -> str:
    """Write a key as ssh-keygen -l does."""
    digest = base64.b64encode(hashlib.sha256(key.asbytes()).digest()).decode().rstrip("=")
    return f"{key.get_name()} SHA256:{digest}"
