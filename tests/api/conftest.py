"""The small province that the tests of the read API ask."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from ioc.product import Declared
from tests.api.province import Province, copy_data, declared_in, open_province


@pytest.fixture(scope="session")
def declared(tmp_path_factory: pytest.TempPathFactory) -> Declared:
    """Give the declarations of the small province, read once."""
    data = tmp_path_factory.mktemp("province") / "data"
    copy_data(data)
    return declared_in(data)


@pytest.fixture
def province(store_url: str, declared: Declared) -> Iterator[Province]:
    """Give a province without records, served on loopback; the test runs on both stores."""
    with open_province(store_url, declared) as opened:
        yield opened


@pytest.fixture(scope="module")
def quiet_province(declared: Declared, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Province]:
    """Give a province that a whole module asks and nobody changes."""
    store = tmp_path_factory.mktemp("store") / "ioc.sqlite"
    with open_province(f"sqlite:///{store}", declared) as opened:
        yield opened
