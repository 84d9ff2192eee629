"""A session at a department's database that can only read, within the source's deadline; faults by what to do."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import quote

from sqlalchemy import Connection, create_engine, exc, text
from sqlalchemy.engine import URL, make_url
from sqlalchemy.pool import NullPool

from connectors import auth
from connectors.dial import resolved
from ioc.errors import ContractError, RefusedError, SourceError, UnreachableError
from ioc.model import Source
from ioc.scrub import scrub

CONNECT_S = 10

# What makes a transaction read only and ends a statement that takes too long, by dialect; {ms}, {s}: the deadline.
_FIRST = {
    "postgresql": ("SET TRANSACTION READ ONLY", "SET LOCAL statement_timeout = {ms}"),
    "mysql": ("SET SESSION TRANSACTION READ ONLY", "SET SESSION max_execution_time = {ms}"),
    "mariadb": ("SET SESSION TRANSACTION READ ONLY", "SET SESSION max_statement_time = {s}"),
    "oracle": ("SET TRANSACTION READ ONLY",),
}
_REFUSED = (
    "28",
    "42501",
    "25006",
)  # SQLSTATE: invalid authorization, insufficient privilege, read-only transaction
_WRONG = ("42", "22", "3D", "3F", "0A")  # syntax or missing objects, data, no such database, no such schema
_REFUSED_WORDS = (
    "authentication failed",
    "access denied",
    "pg_hba.conf",
    "permission denied",
    "readonly database",
    "logon denied",
)
_WRONG_WORDS = (
    "no such ",
    "syntax error",
    "ambiguous column",
    "not a database",
    "does not exist",
    "malformed",
)
_LATE_WORDS = ("timeout", "timed out", "interrupted", "time limit", "canceling statement")  # fmt: skip


def missing(url: str) -> str:
    """Say what is wrong with a database's address, "" where its driver is there."""
    try:
        made = make_url(url)
        made.get_dialect().import_dbapi()
    except exc.ArgumentError:
        return (
            "an address such as postgresql+psycopg://host/database or sqlite:////folder/file.db was expected"
        )
    except (exc.NoSuchModuleError, ImportError) as error:
        return f"the driver for {url.partition(':')[0]!r} is not installed here ({error!s:.80})"
    if made.password is not None:
        return 'no password belongs into the address: write auth = { kind = "basic", user_env, password_env }'
    return ""


@contextmanager
def reading(source: Source) -> Iterator[Connection]:
    """Give a connection in a read-only transaction; raises SourceError for what the database says, nothing chained."""
    engine = None
    try:
        url = _url(source)
        engine = create_engine(url, poolclass=NullPool, connect_args=_arguments(url, source.deadline))
        with engine.connect() as connection:
            renew(connection, source.deadline)
            for statement in _FIRST.get(connection.dialect.name, ()):
                connection.execute(text(statement.format(ms=int(source.deadline * 1000), s=source.deadline)))
            yield connection.execution_options(stream_results=True)
    except exc.SQLAlchemyError as error:
        raise _named(error, source) from None
    except ImportError as error:
        raise RefusedError(f"Máy này chưa cài trình điều khiển cơ sở dữ liệu ({error!s:.80}).") from None
    finally:
        if engine is not None:
            engine.dispose()


def _url(source: Source) -> URL:
    url = make_url(source.url)
    if url.get_backend_name() == "sqlite":
        return url.set(
            database=f"file:{quote(url.database or '')}", query={**url.query, "mode": "ro", "uri": "true"}
        )
    if source.auth.get("kind") == "basic":
        url = url.set(username=source.auth["user"], password=source.auth["password"])
    return url


def _arguments(url: URL, deadline: float) -> dict[str, Any]:
    backend, driver = url.get_backend_name(), url.get_driver_name()
    if backend == "sqlite":
        return {"timeout": deadline, "check_same_thread": False}
    connect = max(2, min(CONNECT_S, int(deadline)))
    if backend == "postgresql" and driver in ("psycopg", "psycopg2"):
        alive = {"keepalives_idle": 10, "keepalives_interval": 5, "keepalives_count": 3}
        named = _addresses(url, connect) if driver == "psycopg" else {}
        return {"connect_timeout": connect, "tcp_user_timeout": int(deadline * 1000), **alive, **named}
    return {"connect_timeout": connect} if backend in ("mysql", "mariadb") else {}


def _addresses(url: URL, timeout: float) -> dict[str, str]:
    """Resolve the server's name ourselves: the time limit of libpq begins once that is done."""
    if not url.host or url.host.startswith("/") or "," in url.host or "hostaddr" in url.query:
        return {}
    try:
        found = dict.fromkeys(str(one[4][0]) for one in resolved(url.host, url.port or 5432, timeout))
    except OSError:
        raise UnreachableError(
            "Không tìm được địa chỉ của máy chủ cơ sở dữ liệu trong thời gian cho phép."
        ) from None
    several = {
        name: ",".join([str(value)] * len(found))
        for name, value in (("host", url.host), ("port", url.port or 5432))
    }
    return {**several, "hostaddr": ",".join(found)}


def renew(connection: Connection, deadline: float) -> None:
    """Give the next fetch its whole time; what no server limits is stopped by ourselves."""
    if connection.dialect.name == "sqlite":
        until = time.monotonic() + deadline
        raw: Any = connection.connection.driver_connection
        raw.set_progress_handler(lambda: int(time.monotonic() > until), 20_000)


def _named(error: exc.SQLAlchemyError, source: Source) -> SourceError:
    """Name a fault by what to do about it; its first line is shown without secrets and personal data."""
    original = getattr(error, "orig", None) or error
    words = " ".join(str(original).split("\n")[0].split())
    for secret in auth.secrets(source.auth):
        words = words.replace(secret, "•••")
    words, lower = scrub(words)[:160], words.lower()
    state = str(getattr(original, "sqlstate", "") or "")
    if state == "57014" or any(word in lower for word in _LATE_WORDS):
        return UnreachableError(f"Cơ sở dữ liệu không trả lời xong trong {source.deadline:g} giây.")
    if state.startswith(_REFUSED) or any(word in lower for word in _REFUSED_WORDS):
        return RefusedError(f"Cơ sở dữ liệu từ chối chúng ta ({words}); cần kiểm tra quyền truy cập.")
    wrong = state.startswith(_WRONG) or any(word in lower for word in _WRONG_WORDS)
    if wrong or not isinstance(error, exc.OperationalError | exc.InterfaceError | exc.InternalError):
        return ContractError(f"Truy vấn đã khai báo không còn đúng với cơ sở dữ liệu ({words}).")
    return UnreachableError(f"Không đọc được cơ sở dữ liệu ({words}).")
