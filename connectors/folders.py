"""Folders of files, read alike from a local directory, FTP and SFTP; nothing is written or deleted at the source.

Each question to a server has the source's whole deadline: a watchdog cuts the connection, also of one that drips.
"""

from __future__ import annotations

import os
import re
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO, ClassVar, NamedTuple, NoReturn, Protocol
from urllib.parse import SplitResult, unquote, urlsplit

from ioc.errors import ContractError, RefusedError, SourceError, UnreachableError
from ioc.model import Source
from ioc.scrub import scrub

BLOCK = 1 << 18


class Entry(NamedTuple):
    """One file: name in its folder, size in bytes, mtime in epoch seconds as its server tells it."""

    name: str
    size: int
    mtime: int


class Folder(Protocol):
    """A place with files. Paths are relative to the source's url, with "/"; "" is the place itself."""

    def entries(self, path: str) -> list[Entry] | None:
        """List the files of a folder, None where there is no such folder."""

    def read(self, path: str, most: int) -> bytes | None:
        """Return a file's bytes, None where it is gone; raise ContractError above `most` bytes."""

    def copy(self, path: str, most: int, into: IO[bytes]) -> int | None:
        """Write a file's bytes into another and return how many there were; otherwise as read()."""

    def close(self) -> None:
        """Let the connection go."""


@contextmanager
def open_folder(source: Source) -> Iterator[Folder]:
    """Open the folder that source.url names: a path, file://, ftp://, ftps:// or sftp://."""
    folder = _folder(source)
    try:
        yield folder
    finally:
        folder.close()


def _folder(source: Source) -> Folder:
    parts = urlsplit(source.url)
    # imported here so that a province without FTP and SFTP stations never loads them
    if parts.scheme in ("ftp", "ftps"):
        from connectors.ftp import FtpFolder

        return FtpFolder(parts, source)
    if parts.scheme == "sftp":
        from connectors.sftp import SftpFolder

        return SftpFolder(parts, source)
    if parts.scheme in ("", "file"):
        return LocalFolder(Path(unquote(parts.path) if parts.scheme else source.url))
    raise ContractError(f"Địa chỉ thư mục phải là đường dẫn, ftp, ftps hoặc sftp, không phải {parts.scheme}.")


class LocalFolder:
    """A directory of this machine, often a share that others write."""

    def __init__(self, root: Path) -> None:
        self.root = root
        if not root.is_dir():
            raise UnreachableError(f"Không thấy thư mục {root}: đã bị xóa, đổi tên hoặc chưa được gắn.")

    def entries(self, path: str) -> list[Entry] | None:
        """List the files of a folder."""
        try:
            with os.scandir(self.root / path) as found:
                return [
                    Entry(item.name, item.stat().st_size, int(item.stat().st_mtime))
                    for item in found
                    if item.is_file()
                ]
        except (FileNotFoundError, NotADirectoryError):
            if not self.root.is_dir():
                raise UnreachableError(f"Thư mục {self.root} biến mất trong khi đang đọc.") from None
            return None
        except PermissionError:
            raise RefusedError(f"Không có quyền xem thư mục {self.root / path}.") from None
        except OSError as error:
            raise UnreachableError(f"Không xem được thư mục {self.root / path}: {error.strerror}.") from error

    def read(self, path: str, most: int) -> bytes | None:
        """Return a file's bytes."""
        with self._reading(path), (self.root / path).open("rb", buffering=0) as file:
            # asking for no more than there is: most of the time is a buffer of the largest size
            content = file.read(min(most, os.fstat(file.fileno()).st_size) + 1) or b""
            return content if len(content) <= most else too_large(path, most)
        return None

    def copy(self, path: str, most: int, into: IO[bytes]) -> int | None:
        """Write a file's bytes into another."""
        with self._reading(path), (self.root / path).open("rb", buffering=0) as file:
            return copied(file.read, path, most, into)
        return None

    @contextmanager
    def _reading(self, path: str) -> Iterator[None]:
        """Say in a sentence why a file cannot be read; one that is gone is passed over."""
        try:
            yield
        except FileNotFoundError:
            return
        except PermissionError:
            raise RefusedError(f"Không có quyền đọc tệp {self.root / path}.") from None
        except OSError as error:
            raise UnreachableError(f"Không đọc được tệp {self.root / path}: {error.strerror}.") from error

    def close(self) -> None:
        """Nothing is held open."""


class Server:
    """One connection's address, its watchdog, and the words for what goes wrong on it."""

    login_errors: ClassVar[tuple[type[Exception], ...]] = ()
    trust_errors: ClassVar[tuple[type[Exception], ...]] = ()

    def __init__(self, parts: SplitResult, source: Source, port: int) -> None:
        self.host, self.port, self.deadline = parts.hostname or "", parts.port or port, source.deadline
        self.root = unquote(parts.path).rstrip("/") or "/"
        self.user, self.password = source.auth.get("user", ""), source.auth.get("password", "")
        self.where = f"máy chủ {self.host}:{self.port}"

    def at(self, path: str) -> str:
        """Return a path as the server knows it."""
        return f"{self.root.rstrip('/')}/{path}".rstrip("/") or "/"

    @contextmanager
    def asking(self, what: str, cut: Callable[[], object]) -> Iterator[None]:
        """Cut the connection once the deadline passes, and say any failure in a sentence."""
        late = threading.Event()

        def bark() -> None:
            late.set()
            with suppress(Exception):
                cut()

        watchdog = threading.Timer(self.deadline, bark)
        watchdog.daemon = True
        watchdog.start()
        try:
            yield
        except SourceError:
            raise
        except self.login_errors as error:
            raise RefusedError(f"Đăng nhập {self.where} bị từ chối: kiểm tra tài khoản, mật khẩu.") from error
        except self.trust_errors as error:
            raise RefusedError(
                f"Chứng thư của {self.where} không được tin cậy; mật khẩu không được gửi."
            ) from error
        except PermissionError as error:
            raise RefusedError(f"Không có quyền {what} tại {self.where}.") from error
        except UnicodeError as error:
            raise ContractError(f"Tên tệp tại {self.where} không phải UTF-8.") from error
        except Exception as error:  # what a half-dead server provokes inside the libraries has no common base
            if late.is_set() or isinstance(error, TimeoutError):
                raise UnreachableError(
                    f"Quá {self.deadline:g} giây chưa {what} xong: {self.where} không trả lời."
                ) from error
            raise UnreachableError(f"Không {what} được tại {self.where} ({type(error).__name__}).") from error
        finally:
            watchdog.cancel()


def shown_name(name: str) -> str:
    """Return a file's name as it may be kept and shown: people put numbers of phones and identity cards into it.

    A time of twelve digits such as 202611210745 is none.
    """
    parts = (
        part if part.startswith("20") else scrub(part) for part in re.split(r"([_\s]+|\.(?=\w+$))", name)
    )
    return scrub("".join(parts))


def copied(read: Callable[[int], bytes | None], path: str, most: int, into: IO[bytes]) -> int:
    """Write what read(size) gives until it ends; return how many bytes. Raises ContractError above `most`."""
    size = 0
    while block := read(BLOCK):
        size += len(block)
        if size > most:
            too_large(path, most)
        into.write(block)
    return size


def too_large(path: str, most: int) -> NoReturn:
    """Refuse a file that is larger than the source may send."""
    raise ContractError(f"Tệp {shown_name(path)} lớn hơn giới hạn đã khai báo ({most / 1e6:g} MB).")
