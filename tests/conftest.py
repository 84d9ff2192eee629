"""What every test may ask for: real stores, a real browser, the real files, and no silent skips."""

from __future__ import annotations

import os
import pwd
import re
import secrets
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import NoReturn
from urllib.parse import urlsplit

import psycopg
import pytest
from playwright.sync_api import Browser, Page, sync_playwright

ROOT = Path(__file__).resolve().parent.parent
REAL = ROOT.parent / "shared" / "real"
"""Genuine answers of real systems: not ours to publish, they lie beside the project."""

REQUIREMENTS = ("IOC_REQUIRE_POSTGRES", "IOC_REQUIRE_BROWSER", "IOC_REQUIRE_BROKER", "IOC_REQUIRE_REAL")

CHROMIUM_FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",  # a page under test reaches nobody else
]


# Order

LONG = (
    "tests/layouts/test_wall.py",
    "tests/indicators/test_properties.py",
    "tests/running/test_states.py",
    "tests/indicators/test_golden.py",
    "tests/running/test_golden.py",
    "tests/store/test_properties.py",
    "tests/core/test_backfill.py",
    "tests/indicators/test_engine.py",
    "tests/core/test_scheduler.py",
    "tests/api/test_publishing.py",
    "tests/store/test_killed.py",
    "tests/store/test_reads.py",
    "tests/layouts/test_desk.py",
    "tests/layouts/test_accessible.py",
)
"""The files that take longest go first, so that no worker is left with one of them at the end; those that mostly
wait stand beside those that mostly compute."""


def long_first(item: pytest.Item) -> int:
    """Return where the file of a test stands in the order."""
    file = item.nodeid.partition("::")[0]
    return LONG.index(file) if file in LONG else len(LONG)


# Skips


def required() -> list[str]:
    """Name the IOC_REQUIRE_* variables that are set; under any of them a skip is a failure."""
    return [name for name in REQUIREMENTS if os.environ.get(name) == "1"]


def lacks(variable: str, sentence: str) -> NoReturn:
    """End a test that lacks something: a skip with the sentence, a failure where `variable` is 1."""
    if variable in required():
        pytest.fail(f"{variable}=1, but {sentence}", pytrace=False)
    pytest.skip(sentence)


def refuse_skip(report: pytest.TestReport | pytest.CollectReport) -> None:
    """Turn a skipped report into a failed one that names the variables; an expected failure is no skip."""
    if not report.skipped or hasattr(report, "wasxfail") or not required():
        return
    reason = report.longrepr[2] if isinstance(report.longrepr, tuple) else str(report.longrepr)
    report.outcome = "failed"
    report.longrepr = f"skipped, which {', '.join(f'{name}=1' for name in required())} forbids: {reason}"


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item, call):
    report = yield
    refuse_skip(report)
    return report


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report(collector):
    report = yield
    refuse_skip(report)
    return report


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Begin with the long files, and leave out the tests of the genuine files where these do not lie beside us."""
    items.sort(key=long_first)
    if REAL.is_dir() or "IOC_REQUIRE_REAL" in required():
        return
    left = [item for item in items if "real" in getattr(item, "fixturenames", ())]
    config.hook.pytest_deselected(items=left)
    items[:] = [item for item in items if item not in left]


def pytest_report_header() -> str:
    """Say whether the genuine files are read."""
    return (
        f"genuine files: {REAL}"
        if REAL.is_dir()
        else f"genuine files: none at {REAL}, their tests are left out"
    )


# Loopback


def a_free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@pytest.fixture
def free_port() -> int:
    """Give a TCP port of 127.0.0.1 that nobody listens on."""
    return a_free_port()


# Stores


@dataclass(frozen=True)
class PostgresServer:
    """A cluster of the tests' own. Databases are made and dropped in it by name."""

    port: int
    process: subprocess.Popen

    def url(self, database: str) -> str:
        """Write the SQLAlchemy URL of a database."""
        return f"postgresql+psycopg://postgres@127.0.0.1:{self.port}/{database}"

    def create(self, template: str = "template0") -> str:
        """Make a database, empty or a copy of the database `template`, and return its URL."""
        name = f"ioc_{secrets.token_hex(6)}"
        self.execute(f'CREATE DATABASE "{name}" TEMPLATE "{template}" STRATEGY file_copy')
        return self.url(name)

    def drop(self, url: str) -> None:
        """Drop the database of a URL, cutting off whoever is still connected."""
        self.execute(f'DROP DATABASE IF EXISTS "{url.rsplit("/", 1)[1]}" WITH (FORCE)')

    def execute(self, statement: str) -> None:
        """Run one statement outside a transaction in the maintenance database."""
        with psycopg.connect(
            host="127.0.0.1", port=self.port, user="postgres", dbname="postgres", autocommit=True
        ) as connection:
            connection.execute(statement.encode())


def postgres_binaries() -> Path | None:
    """Find the folder with initdb and postgres, the newest version first; None where there is none."""
    installed = Path("/usr/lib/postgresql").glob("*/bin/initdb")
    newest = sorted(installed, key=lambda path: int(path.parent.parent.name), reverse=True)
    if newest:
        return newest[0].parent
    found = shutil.which("initdb")
    return Path(found).resolve().parent if found else None


def unprivileged() -> tuple[list[str], int, int] | None:
    """Return the command prefix, uid and gid for PostgreSQL, which refuses root; None if we are not root."""
    if os.geteuid() != 0:
        return None
    names = {user.pw_name: user for user in pwd.getpwall()}
    user = names.get("postgres") or names["nobody"]
    prefix = ["setpriv", f"--reuid={user.pw_uid}", f"--regid={user.pw_gid}", "--clear-groups"]
    return prefix, user.pw_uid, user.pw_gid


def start_postgres(binaries: Path, home: Path, prefix: list[str]) -> PostgresServer:
    """Start the cluster in `home` on a free port and wait until it answers, at most 30 s."""
    port = a_free_port()
    settings = {
        "listen_addresses": "127.0.0.1",
        "port": port,
        "unix_socket_directories": home,
        "fsync": "off",
        "synchronous_commit": "off",
        "full_page_writes": "off",
        "shared_buffers": "64MB",
        "max_connections": 100,
        "timezone": "UTC",
    }
    # the cluster ends with us even when we are killed: the kernel sends it SIGINT, a fast shutdown
    command = prefix or ["setpriv"]
    command = [*command, "--pdeathsig=INT", str(binaries / "postgres"), "-D", str(home / "data")]
    for name, value in settings.items():
        command += ["-c", f"{name}={value}"]
    with (home / "server.log").open("wb") as log:
        process = subprocess.Popen(command, cwd=home, stdout=log, stderr=log, stdin=subprocess.DEVNULL)
    server = PostgresServer(port, process)
    for _ in range(300):
        if process.poll() is not None:
            break
        try:
            server.execute("SELECT 1")
        except psycopg.OperationalError:
            time.sleep(0.1)
        else:
            return server
    process.kill()
    process.wait()
    raise RuntimeError("PostgreSQL did not start:\n" + (home / "server.log").read_text()[-2000:])


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[PostgresServer]:
    """Run a PostgreSQL cluster of our own, as an unprivileged user, for as long as the worker lives."""
    binaries = postgres_binaries()
    if binaries is None:
        lacks("IOC_REQUIRE_POSTGRES", "there is no PostgreSQL server: apt-get install postgresql-15")
    # not below pytest's own folder, which other users may not enter
    home = Path(tempfile.mkdtemp(prefix="ioc-postgres-"))
    prefix: list[str] = []
    user = unprivileged()
    if user:
        prefix, uid, gid = user
        os.chown(home, uid, gid)
    try:
        options = ["-U", "postgres", "--auth=trust", "--encoding=UTF8", "--locale=C.UTF-8", "--no-sync"]
        subprocess.run(
            [*prefix, str(binaries / "initdb"), "-D", str(home / "data"), *options],
            cwd=home,
            check=True,
            capture_output=True,
        )
        server = start_postgres(binaries, home, prefix)
        yield server
        server.process.send_signal(2)
        try:
            server.process.wait(20)
        except subprocess.TimeoutExpired:
            server.process.kill()
            server.process.wait()
    finally:
        shutil.rmtree(home, ignore_errors=True)


@pytest.fixture(params=["sqlite", "postgresql"])
def store_kind(request: pytest.FixtureRequest) -> str:
    """Run the test once on each of the two databases."""
    return request.param


def make_tables(url: str) -> None:
    """Let the product make the tables of a store in an empty database; the store belongs to nobody yet."""
    from ioc.store import open_store, schema  # a test without a store loads none of it

    store = open_store(url, simulated=True, province="22")
    with store.unfenced() as connection:
        connection.execute(schema.stamp.delete())
    store.close()


@pytest.fixture(scope="session")
def sqlite_tables(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give a file with the tables of a store, to be copied."""
    path = tmp_path_factory.mktemp("tables") / "store.sqlite"
    make_tables(f"sqlite:///{path}")
    return path


@pytest.fixture(scope="session")
def postgres_tables(postgres_server: PostgresServer) -> str:
    """Give the name of a database with the tables of a store, to be copied."""
    url = postgres_server.create()
    make_tables(url)
    return url.rsplit("/", 1)[1]


@pytest.fixture
def new_database_url(
    store_kind: str, tmp_path: Path, request: pytest.FixtureRequest
) -> Iterator[Callable[..., str]]:
    """Give a function whose every call returns the URL of another database without a table; all are dropped afterwards."""
    if store_kind == "sqlite":
        yield lambda: f"sqlite:///{tmp_path}/ioc-{secrets.token_hex(4)}.sqlite"
        return
    server: PostgresServer = request.getfixturevalue("postgres_server")
    made: list[str] = []

    def new(template: str = "template0") -> str:
        made.append(server.create(template))
        return made[-1]

    yield new
    for url in made:
        server.drop(url)


@pytest.fixture
def database_url(new_database_url: Callable[..., str]) -> str:
    """Give the URL of a database of this test alone, without a table."""
    return new_database_url()


@pytest.fixture
def new_store_url(
    store_kind: str, new_database_url: Callable[..., str], request: pytest.FixtureRequest
) -> Callable[[], str]:
    """Give a function whose every call returns the URL of another empty store; all are dropped afterwards.

    For tests that need two stores, and for property tests that need a new one per example. The product made the
    tables once, and every store is a copy of them; a test about making them asks for new_database_url.
    """
    if store_kind == "postgresql":
        tables: str = request.getfixturevalue("postgres_tables")
        return lambda: new_database_url(tables)
    file: Path = request.getfixturevalue("sqlite_tables")

    def new() -> str:
        url = new_database_url()
        shutil.copyfile(file, url.removeprefix("sqlite:///"))
        return url

    return new


@pytest.fixture
def store_url(new_store_url: Callable[[], str]) -> str:
    """Give the URL of an empty store of this test alone."""
    return new_store_url()


# Real files


@pytest.fixture(scope="session")
def real() -> Path:
    """Give the folder of genuine files, which lies beside the project and not in it."""
    if not REAL.is_dir():
        lacks("IOC_REQUIRE_REAL", f"the genuine files are absent: {REAL}")
    return REAL


# Browser


@dataclass
class Watch:
    """What the pages of one test complained about, and which complaints the test expects."""

    console: list[str] = field(default_factory=list)
    foreign: list[str] = field(default_factory=list)
    expected: list[str] = field(default_factory=list)

    def expect(self, pattern: str) -> None:
        """Allow console errors that contain `pattern`, a regular expression."""
        self.expected.append(pattern)

    def follow(self, page: Page) -> None:
        """Note the console errors, uncaught exceptions and foreign requests of a page."""
        page.on("console", lambda message: message.type == "error" and self.console.append(message.text))
        page.on("pageerror", lambda error: self.console.append(str(error)))
        page.on("request", lambda request: self.note_request(request.url))

    def note_request(self, url: str) -> None:
        parts = urlsplit(url)
        if parts.scheme not in {"data", "blob", "about"} and parts.hostname != "127.0.0.1":
            self.foreign.append(url)

    def faults(self) -> list[str]:
        """List what nobody expected, as sentences."""
        unexpected = [
            text for text in self.console if not any(re.search(pattern, text) for pattern in self.expected)
        ]
        return [f"console: {text}" for text in unexpected] + [
            f"request to another host: {url}" for url in self.foreign
        ]


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Run the system's Chromium without a window.

    Playwright leaves an event loop running in the main thread: a test with an asyncio server of its own runs
    it in another thread.
    """
    chromium = shutil.which("chromium")
    if chromium is None:
        lacks("IOC_REQUIRE_BROWSER", "there is no Chromium: apt-get install chromium")
    with sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=chromium, headless=True, args=CHROMIUM_FLAGS)
        yield running
        running.close()


@pytest.fixture
def watch() -> Watch:
    """Give the record of what this test's pages complained about."""
    return Watch()


@pytest.fixture
def new_page(browser: Browser, watch: Watch) -> Iterator[Callable[..., Page]]:
    """Give a function `new_page(width=1920, height=1080, scale=1)` that opens a watched page.

    Fails the test at its end for any console error it did not `watch.expect`, and for any request to a host
    other than 127.0.0.1.
    """
    contexts = []

    def new(width: int = 1920, height: int = 1080, scale: float = 1) -> Page:
        context = browser.new_context(
            viewport={"width": width, "height": height},
            device_scale_factor=scale,
            locale="vi-VN",
            timezone_id="Asia/Ho_Chi_Minh",
        )
        contexts.append(context)
        page = context.new_page()
        watch.follow(page)
        return page

    yield new
    for context in contexts:
        context.close()
    if watch.faults():
        pytest.fail("\n".join(watch.faults()), pytrace=False)


@pytest.fixture
def page(new_page: Callable[..., Page]) -> Page:
    """Give a watched page of 1920 by 1080."""
    return new_page()
