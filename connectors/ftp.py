"""A folder of an FTP server: RFC 959, MLSD of RFC 3659 where it is known, explicit TLS of RFC 4217 for ftps."""

from __future__ import annotations

import ftplib
import io
import re
import socket
import ssl
import time
from datetime import UTC, datetime
from typing import IO, ClassVar
from urllib.parse import SplitResult

from connectors.dial import dial
from connectors.folders import Entry, Server, too_large
from ioc.model import Source

BLOCK = 65_536
LISTING = 64_000_000
UNKNOWN = ("500", "501", "502", "504")

_DOS = re.compile(r"(?P<day>[\d-]{8,10}) +(?P<clock>\d\d:\d\d[AP]M) +(?P<size>\d+) (?P<name>.+)")
_UNIX = re.compile(
    r"-\S+ +\d+ +\S+ +\S+ +(?P<size>\d+) (?P<day>\w{3} +\d+) +(?P<year>\d{4}|\d\d:\d\d) (?P<name>.+)"
)


class LoginError(Exception):
    """The server did not take the user or the password."""


class FtpFolder(Server):
    """A folder of an FTP server, in passive mode."""

    login_errors: ClassVar[tuple[type[Exception], ...]] = (LoginError,)
    trust_errors: ClassVar[tuple[type[Exception], ...]] = (ssl.SSLCertVerificationError,)

    def __init__(self, parts: SplitResult, source: Source) -> None:
        super().__init__(parts, source, 21)
        secure = parts.scheme == "ftps"
        trusted = ssl.create_default_context(cafile=source.options.get("ca_file")) if secure else None
        self.ftp = ftplib.FTP_TLS(context=trusted) if secure else ftplib.FTP()
        try:
            with self.asking("đăng nhập", self._cut):
                self._connect()
                self._login()
        except BaseException:
            self.close()
            raise

    def _connect(self) -> None:
        """Do what FTP.connect does, the resolution of the name within the deadline too."""
        ftp = self.ftp
        ftp.host, ftp.port, ftp.timeout = self.host, self.port, self.deadline
        ftp.sock = dial(self.host, self.port, self.deadline)
        ftp.af = ftp.sock.family
        ftp.file = ftp.sock.makefile("r", encoding=ftp.encoding)
        ftp.welcome = ftp.getresp()

    def _login(self) -> None:
        try:
            self.ftp.login(self.user, self.password)
        except ftplib.error_perm as error:
            raise LoginError from error
        if isinstance(self.ftp, ftplib.FTP_TLS):
            self.ftp.prot_p()

    def _cut(self) -> None:
        if self.ftp.sock is not None:
            self.ftp.sock.shutdown(socket.SHUT_RDWR)

    def close(self) -> None:
        """Let the connection go."""
        self.ftp.close()

    def entries(self, path: str) -> list[Entry] | None:
        """List the files of a folder."""
        with self.asking(f"xem thư mục {self.at(path)}", self._cut):
            try:
                listing = self._lines(f"MLSD {self.at(path)}", path)
            except ftplib.error_perm as error:
                if str(error).startswith(UNKNOWN):
                    return self._list(path)
                if path and _absent(error):
                    return None
                raise
            return [entry for line in listing if (entry := read_mlsd_line(line))]

    def _list(self, path: str) -> list[Entry] | None:
        """List with LIST, whose dates have neither zone nor seconds: MDTM asks again about the recent files."""
        try:
            self.ftp.cwd(self.at(path))
        except ftplib.error_perm as error:
            if path and _absent(error):
                return None
            raise
        now = time.time()
        entries = [entry for line in self._lines("LIST", path) if (entry := read_list_line(line, now))]
        return [self._dated(entry) if entry.mtime > now - 172_800 else entry for entry in entries]

    def _dated(self, entry: Entry) -> Entry:
        try:
            return entry._replace(mtime=_instant(self.ftp.sendcmd(f"MDTM {entry.name}")[4:]))
        except ftplib.error_perm:
            return entry

    def read(self, path: str, most: int) -> bytes | None:
        """Return a file's bytes."""
        content = io.BytesIO()
        return None if self.copy(path, most, content) is None else content.getvalue()

    def copy(self, path: str, most: int, into: IO[bytes]) -> int | None:
        """Write a file's bytes into another."""
        with self.asking(f"đọc tệp {self.at(path)}", self._cut):
            try:
                self.ftp.voidcmd("TYPE I")
                return self._receive(f"RETR {self.at(path)}", most, path, into)
            except ftplib.error_perm as error:
                if _absent(error):
                    return None
                raise

    def _lines(self, command: str, path: str) -> list[str]:
        listing = io.BytesIO()
        self._receive(command, LISTING, path, listing)
        return listing.getvalue().decode().splitlines()

    def _receive(self, command: str, most: int, path: str, into: IO[bytes]) -> int:
        received, until = 0, time.monotonic() + self.deadline
        with self.ftp.transfercmd(command) as data:
            while block := data.recv(BLOCK):
                received += len(block)
                if received > most:
                    self._cut()
                    too_large(path, most)
                into.write(block)
                data.settimeout(max(0.001, until - time.monotonic()))
        self.ftp.voidresp()
        return received


def _absent(error: ftplib.error_perm) -> bool:
    """Say whether 550 means that nothing is there; servers answer the same code where access is denied."""
    text = str(error).lower()
    if "denied" in text or "permission" in text or "not enough privileges" in text:
        raise PermissionError from error
    return text.startswith("550")


def read_mlsd_line(line: str) -> Entry | None:
    """Read "type=file;size=12;modify=20261121071500; name"; None for what is not a file."""
    facts_text, _, name = line.partition(" ")
    facts = dict(fact.lower().split("=", 1) for fact in facts_text.split(";") if "=" in fact)
    if facts.get("type", "file") != "file" or not name:
        return None
    return Entry(name, int(facts["size"]), _instant(facts["modify"]))


def read_list_line(line: str, now: float) -> Entry | None:
    """Read one line of LIST as Unix and Windows servers write it; None for what is not a file."""
    if dos := _DOS.fullmatch(line.strip()):
        form = "%m-%d-%y %I:%M%p" if len(dos["day"]) == 8 else "%m-%d-%Y %I:%M%p"
        return Entry(dos["name"], int(dos["size"]), _epoch(f"{dos['day']} {dos['clock']}", form))
    unix = _UNIX.fullmatch(line.strip())
    if unix is None:
        return None
    if ":" not in unix["year"]:
        return Entry(unix["name"], int(unix["size"]), _epoch(f"{unix['day']} {unix['year']}", "%b %d %Y"))
    year = datetime.fromtimestamp(now, UTC).year
    at = _epoch(f"{unix['day']} {year} {unix['year']}", "%b %d %Y %H:%M")
    if at > now + 86_400:  # a date without its year lies in the last twelve months
        at = _epoch(f"{unix['day']} {year - 1} {unix['year']}", "%b %d %Y %H:%M")
    return Entry(unix["name"], int(unix["size"]), at)


def _instant(text: str) -> int:
    return _epoch(text.strip()[:14], "%Y%m%d%H%M%S")


def _epoch(text: str, form: str) -> int:
    return int(datetime.strptime(text, form).replace(tzinfo=UTC).timestamp())
