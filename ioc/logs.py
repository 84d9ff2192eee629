"""What the processes say: changes, once, readable on a terminal or as JSON lines; never a secret."""

from __future__ import annotations

import logging
import re
import sys
import threading
import time
from datetime import datetime, timedelta, timezone

import orjson

from ioc.scrub import scrub

_LOCAL = timezone(timedelta(hours=7))
_STANDARD = frozenset(vars(logging.makeLogRecord({})))
_SECRET = re.compile(
    r"(?i)(\b(?:access_token|client_secret|password|passwd|secret|api_?key|token)\b[\"']?\s*[=:]\s*)[\"']?[^\s\"'&,}]+"
    r"|(\b(?:bearer|basic|apitoken)\s+)[A-Za-z0-9._~+/=-]{6,}"
    r"|(\b[a-z][a-z0-9+.-]*://)[^\s/@:]+:[^\s/@]+@"
)


def quiet(text: str) -> str:
    """Return the text without secrets, phones, e-mails and identity numbers."""
    return scrub(_SECRET.sub(lambda m: (m[1] or m[2] or m[3]) + "***" + ("@" if m[3] else ""), text))


def fit(text: str, most: int = 600) -> str:
    """Return the text fit for a sentence in the store: quiet, of one length at most, of characters alone."""
    plain = text.encode("utf-8", "replace").decode().replace("\0", "�")
    return quiet(plain if len(plain) <= most else plain[: most - 1] + "…")


class Trouble:
    """Says a trouble once when it begins and once when it is over; safe to share between threads."""

    def __init__(self, log: logging.Logger, over: str) -> None:
        self._log, self._over = log, over
        self._said, self._since = "", 0.0
        self._lock = threading.Lock()

    def say(self, text: str) -> None:
        """Log the trouble unless it was said and is not over yet."""
        with self._lock:
            if not self._said:
                self._said, self._since = text, time.monotonic()
                self._log.error("%s", text)

    def over(self) -> None:
        """Log that it is over, where it had been said."""
        with self._lock:
            if self._said:
                self._said = ""
                self._log.info("%s after %.0f s", self._over, time.monotonic() - self._since)


def where(error: BaseException) -> str:
    """Name an error by its kind and its places in our code, without its text, which may quote a record."""
    places = []
    trace = error.__traceback__
    while trace is not None:
        code = trace.tb_frame.f_code
        if "site-packages" not in code.co_filename:
            places.append(f"{'/'.join(code.co_filename.split('/')[-2:])}:{trace.tb_lineno}")
        trace = trace.tb_next
    return f"{type(error).__name__} in {' > '.join(places[-4:]) or 'no place of ours'}"


class Line(logging.Formatter):
    """One line for a person: local time, process, level where it matters, sentence."""

    def __init__(self, process: str) -> None:
        super().__init__()
        self.process = process

    def format(self, record: logging.LogRecord) -> str:
        """Return the line."""
        at = datetime.fromtimestamp(record.created, _LOCAL).strftime("%H:%M:%S")
        level = "" if record.levelno <= logging.INFO else f"{record.levelname} "
        return f"{at} {self.process:8} {level}{quiet(_message(self, record))}"


class Json(logging.Formatter):
    """One JSON object a line: at (RFC 3339), process, level, message, and the fields given with extra."""

    def __init__(self, process: str) -> None:
        super().__init__()
        self.process = process

    def format(self, record: logging.LogRecord) -> str:
        """Return the line."""
        fields = {
            key: quiet(value) if isinstance(value, str) else value
            for key, value in vars(record).items()
            if key not in _STANDARD and key not in ("message", "asctime")
        }
        line = {
            "at": datetime.fromtimestamp(record.created, _LOCAL).isoformat(timespec="milliseconds"),
            "process": self.process,
            "level": record.levelname.lower(),
            "message": quiet(_message(self, record)),
        }
        return orjson.dumps({**fields, **line}, default=str).decode()


def _message(formatter: logging.Formatter, record: logging.LogRecord) -> str:
    text = record.getMessage()
    if record.exc_info:
        text += "\n" + formatter.formatException(record.exc_info)
    return text


def start(process: str, kind: str) -> None:
    """Send what this process says to standard error, as text or, where kind is "json", as JSON lines."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(Json(process) if kind == "json" else Line(process))
    logging.basicConfig(handlers=[handler], level=logging.INFO, force=True)
    for noisy in ("apscheduler", "urllib3", "paramiko", "pyftpdlib", "alembic", "granian.access"):
        logging.getLogger(noisy).setLevel(logging.ERROR)
