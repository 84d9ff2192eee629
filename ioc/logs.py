"""What the processes say: changes, once, readable on a terminal or as JSON lines; never a secret."""

from __future__ import annotations

import logging
import re
import sys
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
