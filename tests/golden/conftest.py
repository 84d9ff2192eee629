"""One province behind a real server for each file of golden numbers: what connectors brought is kept and asked for."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from ioc import settings
from ioc.product import Declared, declare
from sandbox import declarations
from tests.api.province import Province, epoch, open_province
from tests.conftest import ROOT
from tests.sandbox.polling import Polled, polled

NOW = "2026-11-20T10:00"


@pytest.fixture(scope="session")
def golden_declared(tmp_path_factory: pytest.TempPathFactory) -> Declared:
    """Give the declarations of data/ with the sandbox's sources, read once."""
    environ = {"IOC_DATA": str(ROOT / "data")}
    files = tmp_path_factory.mktemp("golden")
    return declare(
        settings.load(environ),
        environ=environ,
        simulated=lambda code, territory: declarations.folder(code, territory, files),
    )


@pytest.fixture(scope="module")
def sources(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Polled]:
    """Give the sandbox's sources on loopback and in a folder, at NOW."""
    with polled("22", epoch(NOW), tmp_path_factory.mktemp("sources")) as found:
        yield found


@pytest.fixture(scope="module")
def province(golden_declared: Declared, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Province]:
    """Give an empty province that serves the read API."""
    store = tmp_path_factory.mktemp("store") / "ioc.sqlite"
    with open_province(f"sqlite:///{store}", golden_declared) as opened:
        opened.at(NOW)
        yield opened


@pytest.fixture(scope="module")
def collect(province: Province, sources: Polled) -> Callable[[str], None]:
    """Return what polls a source by its connector and keeps what came."""

    def poll(source: str) -> None:
        sources.drop(source)
        province.keep(source, sources.records(source))

    return poll
