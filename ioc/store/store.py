"""One store: where it is, whose it is, and the only two ways in: a reading snapshot and a fenced commit."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import orjson
import sqlalchemy as sa
from sqlalchemy.engine import URL, make_url

from ioc.errors import FencedError, StoreError
from ioc.store import schema
from ioc.store.names import Names

BUSY_TIMEOUT_MS = 10_000
_FORMS = "IOC_STORE_URL begins with sqlite:/// or postgresql://"
PATIENCE_S = 15.0
"""How long PostgreSQL waits for a writer that stopped inside its transaction before it takes the clock from it.

SQLite cannot: such a writer blocks all others until it goes on or is killed, while readers go on reading.
"""


@dataclass(frozen=True, slots=True)
class Commit:
    """One transaction that writes: its connection, and the instant (epoch ms) from which its rows are known."""

    connection: sa.Connection
    known_from: int
    names: Names
    after: list[Callable[[], object]] = field(default_factory=list)
    """What to do once it is committed; nothing of it happens after a rollback."""


class Store:
    """An open store. Safe to share between threads; commits of one process queue for each other."""

    def __init__(self, engine: sa.Engine, *, simulated: bool, province: str) -> None:
        self.engine, self.simulated, self.province = engine, simulated, province
        self.patience_s = PATIENCE_S
        self.names = Names()
        self.seen: dict[int, set[str]] = {}
        """The keys that the runs in hand of complete sources delivered so far; gone.py compares them."""
        self._turn = threading.Lock()

    @property
    def is_sqlite(self) -> bool:
        """Whether this is the embedded store."""
        return self.engine.dialect.name == "sqlite"

    @contextmanager
    def reading(self) -> Iterator[sa.Connection]:
        """Give a connection that sees one state of the store throughout, and cannot write.

        Raises StoreError where the store does not answer.
        """
        with _said_plainly(self.engine), self._snapshot().connect() as connection:
            if self.is_sqlite:
                connection.exec_driver_sql("PRAGMA query_only=ON")
            try:
                connection.execute(sa.select(schema.clock.c.last_ms)).scalar()  # the snapshot begins here
                yield connection
            finally:
                if self.is_sqlite:
                    connection.exec_driver_sql("PRAGMA query_only=OFF")

    def _snapshot(self) -> sa.Engine:
        if self.is_sqlite:
            return self.engine
        return self.engine.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)

    @contextmanager
    def writing(self, fence: int, now_ms: int | None = None) -> Iterator[Commit]:
        """Give a Commit under the clock row: commits are serial and known_from strictly increases.

        known_from is now_ms (default: this machine's clock), but always after the last commit.
        Raises FencedError where another collector took the lease since fence was given out, and StoreError
        where the store does not answer; in both cases, as after any exception, nothing was written.
        """
        with self._turn, _said_plainly(self.engine):
            with self.engine.execution_options(ioc_writes=True).begin() as connection:
                fence_now, last = _lock_clock(connection, self.patience_s)
                if fence != fence_now:
                    raise FencedError(
                        f"another collector holds the lease (fence {fence_now}, ours is {fence}): nothing was written"
                    )
                now = time.time_ns() // 1_000_000 if now_ms is None else now_ms
                commit = Commit(connection, max(now, last + 1), self.names.copy())
                connection.execute(sa.update(schema.clock).values(last_ms=commit.known_from))
                yield commit
            self.names = commit.names
            for act in commit.after:
                act()

    @contextmanager
    def unfenced(self) -> Iterator[sa.Connection]:
        """Give a transaction for what any process may write: the lease itself and requests to poll."""
        with _said_plainly(self.engine), self.engine.execution_options(ioc_writes=True).begin() as connection:
            yield connection

    def close(self) -> None:
        """Let go of all connections."""
        self.engine.dispose()


def open_store(url: str, *, simulated: bool, province: str) -> Store:
    """Open the store at an SQLAlchemy URL, making its folder, its tables and its stamp where they are absent.

    Raises StoreError where it cannot be reached, was made by a newer version, or belongs to another
    province or to the other world (simulated records and real ones never share a store).
    """
    try:
        parsed = make_url(url)
    except sa.exc.ArgumentError:  # not shown: it may hold a password
        raise StoreError(f"what IOC_STORE_URL says is no URL: {_FORMS}") from None
    engine = _engine(parsed)
    try:
        with _said_plainly(engine):
            _migrate(engine)
            _check_stamp(engine, simulated=simulated, province=province)
    except BaseException:
        engine.dispose()
        raise
    return Store(engine, simulated=simulated, province=province)


def _lock_clock(connection: sa.Connection, patience_s: float = PATIENCE_S) -> tuple[int, int]:
    clock = schema.clock.c
    asked = sa.select(clock.fence, clock.last_ms).with_for_update()
    if connection.dialect.name == "postgresql":
        limit = f"{int(patience_s * 1000)}ms"
        asked = asked.add_columns(sa.func.set_config("idle_in_transaction_session_timeout", limit, True))
    row = connection.execute(asked).one()
    return row.fence, row.last_ms


def _engine(url: URL) -> sa.Engine:
    # what a database complains about is never quoted with the values of a record
    common: dict[str, Any] = {
        "hide_parameters": True,
        "json_serializer": lambda value: orjson.dumps(value, option=orjson.OPT_SORT_KEYS).decode(),
        "json_deserializer": orjson.loads,
    }
    if url.get_backend_name() == "sqlite":
        if not url.database or url.database == ":memory:":
            raise StoreError(
                "a store in memory would be lost with the process: name a file, as sqlite:////var/lib/ioc.sqlite"
            )
        try:
            Path(url.database).parent.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise StoreError(
                f"the store's folder {Path(url.database).parent} cannot be made: {error.strerror}"
            ) from error
        # the last one used is taken first: forty threads in turn then fill the page caches of a few connections
        engine = sa.create_engine(url, pool_size=4, max_overflow=96, pool_use_lifo=True, **common)
        sa.event.listen(engine, "connect", _prepare_sqlite)
        sa.event.listen(engine, "begin", _begin_sqlite)
        return engine
    if url.get_backend_name() == "postgresql":
        url = url.set(drivername="postgresql+psycopg")
        # compiling a plan takes longer than any of our queries
        arguments = {"connect_timeout": 10, "application_name": "provincial-ioc", "options": "-c jit=off"}
        return sa.create_engine(
            url, pool_size=10, max_overflow=30, pool_pre_ping=True, connect_args=arguments, **common
        )
    raise StoreError(f"{url.get_backend_name()} is no store: {_FORMS}")


def _prepare_sqlite(raw: Any, record: Any) -> None:
    raw.isolation_level = None  # the driver would begin transactions by itself, and too late
    for pragma in (
        f"busy_timeout={BUSY_TIMEOUT_MS}",
        "journal_mode=WAL",
        "synchronous=NORMAL",
        "temp_store=MEMORY",
        "cache_size=-8192",
    ):
        raw.execute(f"PRAGMA {pragma}")


def _begin_sqlite(connection: sa.Connection) -> None:
    writes = connection.get_execution_options().get("ioc_writes")
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


def _migrate(engine: sa.Engine) -> None:
    from ioc.store import migrations

    with engine.connect() as connection:
        if migrations.version(connection) == migrations.HEAD:
            return
    with engine.execution_options(ioc_writes=True).begin() as connection:
        if connection.dialect.name == "postgresql":
            connection.execute(sa.select(sa.func.pg_advisory_xact_lock(0x1_0C)))
        migrations.upgrade(connection)


def _check_stamp(engine: sa.Engine, *, simulated: bool, province: str) -> None:
    with engine.connect() as connection:
        found = connection.execute(sa.select(schema.stamp.c.simulated, schema.stamp.c.province)).one_or_none()
    if found is None:
        with engine.execution_options(ioc_writes=True).begin() as connection:
            _lock_clock(connection)
            found = connection.execute(
                sa.select(schema.stamp.c.simulated, schema.stamp.c.province)
            ).one_or_none()
            if found is None:
                made = time.time_ns() // 1_000_000
                connection.execute(
                    sa.insert(schema.stamp).values(
                        id=1, simulated=int(simulated), province=province, made_ms=made
                    )
                )
                return
    if bool(found.simulated) != simulated:
        is_, asked = ("simulated", "real") if found.simulated else ("real", "simulated")
        raise StoreError(
            f"this store holds {is_} records and was opened for {asked} ones: they never share a store; "
            "name another one in IOC_STORE_URL"
        )
    if found.province != province:
        raise StoreError(
            f"this store belongs to province {found.province} and was opened for {province}: "
            "name another one in IOC_STORE_URL"
        )


@contextmanager
def _said_plainly(engine: sa.Engine) -> Iterator[None]:
    try:
        yield
    except (
        sa.exc.OperationalError,
        sa.exc.InterfaceError,
        sa.exc.InternalError,
        sa.exc.TimeoutError,
    ) as error:
        where = engine.url.render_as_string(hide_password=True)
        raise StoreError(
            f"the store {where} does not answer: {getattr(error, 'orig', None) or error}"
        ) from error
