"""Somebody else's connector, installed beside us under the entry-point group: found, checked, polled, or told of."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
GOOD = '''
"""Values that stand in the declaration itself."""
from connectors.options import Option
from ioc.model import Observation, Page

OPTIONS = {"values": Option("table", "site -> value", required=True, each=Option("number", "a value"))}


def check(source):
    if len(source.options["values"]) > 2:
        yield "values", "two at most"


def fetch(source, http, cursor):
    at = http.now()
    yield Page([Observation("pm25", at, site, value) for site, value in source.options["values"].items()], cursor={"at": at})
'''
MODULES = {
    "ban_tin": GOOD,
    "khong_nap": "import thu_vien_khong_co\n",
    "khong_hoi": "OPTIONS = {}\n",
    "no_khi_kiem": GOOD.replace('    if len(source.options["values"]) > 2:', "    if 1 / 0:"),
    "no_khi_hoi": GOOD.replace("    at = http.now()", "    raise RuntimeError('0912345678')"),
}
SOURCE = """
[{name}]
name = {{ vi = "Nguồn", en = "Source" }}
connector = "{kind}"
sector = "environment"
shape = "observation"
owner = "so_nnmt"
every = "1m"
values = {values}
"""
DECLARED = {
    "good": ("ban_tin", "{ tram_1 = 7.5 }"),
    "too_many": ("ban_tin", "{ a = 1, b = 2, c = 3 }"),
    "mistyped": ("ban_tin", '{ a = "x" }'),
    "not_loaded": ("khong_nap", "{ a = 1 }"),
    "not_asking": ("khong_hoi", "{ a = 1 }"),
    "breaks_checking": ("no_khi_kiem", "{ a = 1 }"),
    "breaks_asking": ("no_khi_hoi", "{ a = 1 }"),
    "ours": ("uptime", "{ a = 1 }"),
    "of_nobody": ("ban_tinh", "{ a = 1 }"),
}
POLL = """
import json, sys
from pathlib import Path
import connectors
from connectors.described import text
from connectors.http import Sessions
from ioc import settings
from ioc.product import declare, open_product
from ioc.collect import Collector
from ioc.resolve import Resolver
declared = declare(settings.load(), check_source=connectors.check, simulated=lambda *_: Path())
product = open_product(declared)
catalogue = declared.catalogue
resolver = Resolver(catalogue, product.territory, product.agencies, product.province.code)
stamps = {variable.id: variable.stamp for variable in catalogue.variables.values()}
fetch = connectors.fetcher(Sessions())
collector = Collector(product.store, 0, dict.fromkeys(catalogue.sources, fetch), resolver, (), product.engine.affects, stamps,
                      lambda: None)
polled = {}
for name, source in catalogue.sources.items():
    if name not in catalogue.disabled:
        outcome = collector.poll(source)
        polled[name] = [outcome.outcome, outcome.records, outcome.error]
print(json.dumps({"kinds": connectors.kinds(), "polled": polled, "described": text(connectors.kinds()),
                  "disabled": {name: str(fault) for name, fault in catalogue.disabled.items()}}))
"""


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> dict:
    """Install a distribution of five connectors, declare their sources, poll each once; return what was seen."""
    packages, data = tmp_path_factory.mktemp("packages"), tmp_path_factory.mktemp("home") / "data"
    info = packages / "ban_tin_tinh-1.2.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: ban-tin-tinh\nVersion: 1.2\n")
    names = "\n".join(f"{name} = {name}" for name in (*MODULES, "uptime"))
    (info / "entry_points.txt").write_text(f"[ioc.connectors]\n{names}\n")
    for name, text in MODULES.items():
        (packages / f"{name}.py").write_text(text, encoding="utf-8")
    for part in (ROOT / "data").iterdir():
        if part.name not in ("store", "sources", "sites", "boards", "indicators"):
            (data / part.name).parent.mkdir(exist_ok=True)
            (data / part.name).symlink_to(part)
    (data / "sources").mkdir()
    (data / "sites").mkdir()
    told = [SOURCE.format(name=name, kind=kind, values=values) for name, (kind, values) in DECLARED.items()]
    (data / "sources" / "theirs.toml").write_text("\n".join(told), encoding="utf-8")
    (data / "sites" / "one.toml").write_text(
        '[tram_1]\nname = { vi = "Trạm", en = "Station" }\nkind = "air_station"\narea = "06652"\nlat = 20.9\nlon = 107.1\n',
        encoding="utf-8",
    )
    environ = {name: value for name, value in os.environ.items() if not name.startswith("IOC_")}
    found = subprocess.run(
        [sys.executable, "-c", POLL],
        cwd=ROOT,
        env={
            **environ,
            "PYTHONPATH": f"{ROOT}:{packages}",
            "IOC_DATA": str(data),
            "IOC_STORE_URL": f"sqlite:///{data.parent}/store.sqlite",
        },
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert found.returncode == 0, found.stderr
    return json.loads(found.stdout)


def test_it_is_listed_with_the_rest(installed: dict) -> None:
    assert {"ban_tin", "rest_json", "uptime"} <= set(installed["kinds"])
    assert len(installed["kinds"]) == len(set(installed["kinds"]))


def test_it_is_described_with_the_rest(installed: dict) -> None:
    text = installed["described"]
    assert (
        "| [ban_tin](#ban_tin) | Values that stand in the declaration itself. | somebody else's connector"
        in text
    )
    assert "- `values` (table, required): site -> value" in text
    assert (
        "(khong_nap) cannot be loaded: ModuleNotFoundError"
        in text.partition("## Installed, but of no use")[2]
    )


def test_its_source_is_polled_into_the_store(installed: dict) -> None:
    assert installed["polled"]["good"] == ["changed", 1, ""]


@pytest.mark.parametrize(
    ("source", "says"),
    [
        ("too_many", "[too_many.values] two at most"),
        ("mistyped", "[mistyped.values.a] a number was expected"),
        (
            "not_loaded",
            "the connector 'khong_nap' of ban-tin-tinh 1.2 (khong_nap) cannot be loaded: ModuleNotFoundError: ",
        ),
        ("not_asking", "the connector 'khong_hoi' of ban-tin-tinh 1.2 (khong_hoi) has no fetch"),
        ("breaks_checking", "(no_khi_kiem) cannot check it: ZeroDivisionError"),
        ("ours", "[ours.values]"),
        ("of_nobody", "did you mean ban_tin?"),
    ],
)
def test_a_broken_one_is_named_and_disables_its_own_sources_alone(
    installed: dict, source: str, says: str
) -> None:
    assert says in installed["disabled"][source]
    assert source not in installed["polled"]


def test_one_that_breaks_while_asking_fails_its_own_run_without_its_words(installed: dict) -> None:
    outcome, records, error = installed["polled"]["breaks_asking"]
    assert (outcome, records) == ("failed", 0)
    assert "không đúng như đã thỏa thuận" in error
    assert "0912345678" not in error
