"""The composition root and the command line: wires, decides nothing."""

from __future__ import annotations

import argparse
import os
import signal
import sys
import threading
import time
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from ioc.errors import IocError

if TYPE_CHECKING:
    from ioc.product import Declared
    from ioc.settings import Settings
    from ioc.territory import Territory

# Imports stand in the functions that need them: the supervisor holds neither web nor data library.


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line; return the exit status."""
    parser = _parser()
    asked = parser.parse_args(arguments)
    try:
        from ioc import settings

        found = settings.load()
        run: Callable[[Settings, argparse.Namespace], int] = asked.run
        return run(found, asked)
    except IocError as fault:
        print(fault, file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        return 130


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="app.py",
        description="Provincial IOC: without a command, start everything (collect, serve and, without sources, "
        "the sandbox province).",
    )
    parser.set_defaults(run=start_all)
    commands = parser.add_subparsers(title="commands", metavar="")

    def command(name: str, run: Callable[..., int], text: str) -> argparse.ArgumentParser:
        one = commands.add_parser(name, help=text, description=text)
        one.set_defaults(run=run)
        return one

    command("collect", collect, "Poll the sources and publish the boards; several may run, one is active.")
    command("serve", serve, "Answer browsers and other systems on IOC_HOST:PORT.")
    command("sandbox", sandbox, "Speak the sources' protocols about a synthetic province.")
    command("check", check, "Validate data/ and run the worked examples; status 1 on any fault.")
    poll_ = command(
        "poll",
        poll,
        "Ask the active collector to poll a source now, or to fetch its past, and tell what came.",
    )
    poll_.add_argument("source", help="the source's id")
    poll_.add_argument(
        "--wait",
        type=float,
        default=120,
        metavar="SECONDS",
        help="how long to wait for the poll, or for news of a backfill (default 120)",
    )
    poll_.add_argument(
        "--since",
        default="",
        metavar="DAY",
        help="fetch the past from this day on (2020-01-01), in steps between live polls; asked for again after "
        "an interruption it goes on where it stopped",
    )
    poll_.add_argument("--until", default="", metavar="DAY", help="up to this day, exclusive (default now)")
    try_ = command("try", try_source, "Ask an unknown source once and draft its declaration.")
    try_.add_argument("connector", help="the kind, such as rest_json (see docs/connectors.md)")
    try_.add_argument("url", help="its address, without secrets")
    try_.add_argument("--id", default="new_source", help="the id of the drafted source")
    try_.add_argument(
        "--header", action="append", default=[], metavar="NAME=VARIABLE", help="a header from the environment"
    )
    try_.add_argument(
        "--param", default="", metavar="NAME=VARIABLE", help="a key in the address, from the environment"
    )
    try_.add_argument(
        "--user-env", default="", metavar="VARIABLE", help="basic: the variable that holds the user"
    )
    try_.add_argument(
        "--password-env", default="", metavar="VARIABLE", help="and the one that holds the password"
    )
    try_.add_argument(
        "--token-env", default="", metavar="VARIABLE", help="bearer: the variable that holds the token"
    )
    try_.add_argument(
        "--option",
        action="append",
        default=[],
        metavar="NAME=VALUE",
        help="what the connector cannot know: shape, collection, type, table, sheet, query, topic, seconds, …",
    )
    command("connectors", list_connectors, "Write what is known of every connector (docs/connectors.md).")
    explain_ = command("explain", explain, "Explain an indicator's value: formula, parts, sources.")
    explain_.add_argument("indicator", help="the indicator's id")
    explain_.add_argument("--area", default="", help="code of a commune")
    explain_.add_argument("--period", default="", help="such as 2026-11 or last_30d")
    template_ = command(
        "template", template, "Write the workbook that a department fills in for a spreadsheet source."
    )
    template_.add_argument("source", help="the source's id")
    template_.add_argument("file", help="where to write it, such as mau.xlsx")
    return parser


def start_all(settings: Settings, asked: argparse.Namespace) -> int:
    """Supervise the processes until told to stop."""
    from ioc import logs
    from ioc.supervisor import Supervisor

    logs.start("app", settings.log)
    commands = ["collect", "serve"] + (["sandbox"] if settings.simulated else [])
    own = [sys.executable, os.path.abspath(__file__)]
    return Supervisor(
        {name: [*own, name] for name in commands}, address=f"http://{settings.host}:{settings.port}"
    ).run()


def _declare(settings: Settings) -> Declared:
    import connectors
    from ioc.boards import check_boards
    from ioc.product import declare
    from ioc.targets import check_targets

    declared = declare(settings, check_source=connectors.check, simulated=partial(_simulated, settings))
    declared.catalogue.faults.extend(check_boards(declared))
    declared.catalogue.faults.extend(check_targets(declared))
    return declared


def _simulated(settings: Settings, province: str, territory: Territory) -> Path:
    from sandbox.declarations import folder

    return folder(province, territory, Path(settings.sandbox["sandbox_files"]))


def collect(settings: Settings, asked: argparse.Namespace) -> int:
    """Hold the lease when it is free; poll, keep and publish while holding it."""
    import connectors
    from connectors.http import Sessions
    from ioc import logs
    from ioc.duty import Duty
    from ioc.memory import settle, spare
    from ioc.product import open_product

    spare()
    logs.start("collect", settings.log)
    product = open_product(_declare(settings))
    settle()
    fetch = connectors.fetcher(Sessions())
    duty = Duty(product, dict.fromkeys(product.catalogue.sources, fetch))
    _on_stop(duty.stop)
    duty.run()
    return _leave()


def serve(settings: Settings, asked: argparse.Namespace) -> int:
    """Serve the screens and the read API."""
    from ioc import logs
    from layouts.server import run

    logs.start("serve", settings.log)
    return run(settings, "app:web")


def web() -> object:
    """Return the WSGI application; the web server's workers call this."""
    import api
    from ioc import logs
    from ioc import settings as environment
    from ioc.memory import spare
    from ioc.product import open_product
    from ioc.supervisor import end_with_parent
    from layouts.web import create_web

    spare()
    settings = environment.load()
    logs.start("serve", settings.log)
    end_with_parent()
    product = open_product(_declare(settings))
    return create_web(product, blueprints=[api.blueprint(product)])


def sandbox(settings: Settings, asked: argparse.Namespace) -> int:
    """Run the sandbox province's servers."""
    from ioc import logs
    from sandbox.server import run

    logs.start("sandbox", settings.log)
    stopping = threading.Event()
    _on_stop(stopping.set)
    run(settings, stopping)
    return _leave()


def check(settings: Settings, asked: argparse.Namespace) -> int:
    """Name every fault of the declarations."""
    from ioc.indicators.examples import run_examples

    declared = _declare(settings)
    faults: list[object] = list(declared.catalogue.faults)
    faults += run_examples(declared.definitions, declared.calendar)
    for fault in faults:
        print(fault)
    counted = (
        f"{len(declared.catalogue.sources)} sources, {len(declared.definitions)} indicators, "
        f"{len(declared.catalogue.boards)} boards"
    )
    print(f"{counted}: {'no fault' if not faults else f'{len(faults)} faults'}")
    return 1 if faults else 0


def poll(settings: Settings, asked: argparse.Namespace) -> int:
    """Ask for a poll, or for a span of the past, and tell the runs that follow."""
    import connectors
    from ioc import asking
    from ioc.store import open_store

    declared = _declare(settings)
    if asked.source in declared.catalogue.disabled:
        print(f"{asked.source} is disabled: {declared.catalogue.disabled[asked.source]}", file=sys.stderr)
        return 2
    if asked.source not in declared.catalogue.sources:
        print(
            f"no source {asked.source!r}; known are {', '.join(sorted(declared.catalogue.sources))}",
            file=sys.stderr,
        )
        return 2
    source = declared.catalogue.sources[asked.source]
    span = asking.span_of(asked.since, asked.until, time.time())
    if span is not None and (why := asking.unreadable(source, span, connectors.reads_spans(source))):
        print(why, file=sys.stderr)
        return 2
    store = open_store(declared.store_url, simulated=settings.simulated, province=declared.province.code)
    try:
        if span is not None:
            return asking.backfill(store, source, *span, asked.wait)
        return asking.poll(store, source.id, asked.wait)
    finally:
        store.close()


def try_source(settings: Settings, asked: argparse.Namespace) -> int:
    """Draft the declaration of an unknown source."""
    from connectors import trial
    from ioc.toml_file import read

    access = trial.access_of(asked.header, asked.param, asked.user_env, asked.password_env, asked.token_env)
    known = frozenset(read(settings.data / "variables.toml").values)
    options = trial.options_of(asked.option)
    return trial.run(asked.connector, asked.url, asked.id, access, options, os.environ, known)


def list_connectors(settings: Settings, asked: argparse.Namespace) -> int:
    """Describe every connector, ours and those installed beside us."""
    from connectors import described, kinds

    print(described.text(kinds()), end="")
    return 0


def explain(settings: Settings, asked: argparse.Namespace) -> int:
    """Print why an indicator has its value."""
    from ioc.indicators.explain import in_words
    from ioc.indicators.question import Question
    from ioc.product import open_product

    product = open_product(_declare(settings))
    question = Question(area=asked.area, period=asked.period or None)
    print(in_words(product.engine.explain(asked.indicator, question, int(time.time()))))
    return 0


def template(settings: Settings, asked: argparse.Namespace) -> int:
    """Write a spreadsheet source's template."""
    from connectors import template as workbook

    declared = _declare(settings)
    source = declared.catalogue.sources.get(asked.source)
    if source is None or source.connector != "spreadsheet":
        print(f"{asked.source!r} is no spreadsheet source", file=sys.stderr)
        return 2
    Path(asked.file).write_bytes(workbook.write(source, declared.catalogue.variables))
    print(f"wrote {asked.file}")
    return 0


def _on_stop(stop: Callable[[], None]) -> None:
    def told(*_: object) -> None:
        # in a thread: the main one may hold the very lock that stop needs
        threading.Thread(target=stop).start()

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, told)


def _leave() -> int:
    # A thread that still waits for a source's answer must not keep the process: everything is committed.
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(0)


if __name__ == "__main__":
    sys.exit(main())
