"""The command line: help, check, settings that are refused with a sentence."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

import app
from tests.core.given import lay_out, source

COMMANDS = ("collect", "serve", "sandbox", "check", "poll", "try", "connectors", "explain", "template")
GOOD = source("one", "http://127.0.0.1:9/")


@pytest.mark.parametrize("command", [(), *((name,) for name in COMMANDS)], ids=["none", *COMMANDS])
def test_every_command_explains_itself(command: tuple[str, ...], capsys: pytest.CaptureFixture[str]):
    with pytest.raises(SystemExit) as left:
        app.main([*command, "--help"])
    assert left.value.code == 0
    assert len(capsys.readouterr().out) > 100


def test_check_finds_no_fault_in_what_is_shipped(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
):
    monkeypatch.delenv("IOC_DATA", raising=False)
    monkeypatch.setenv("IOC_STORE_URL", f"sqlite:///{tmp_path}/none.sqlite")
    assert app.main(["check"]) == 0
    assert capsys.readouterr().out.endswith("no fault\n")
    assert not (tmp_path / "none.sqlite").exists(), "check opens no store"


TYPOS = [
    ("sources/given.toml", 'every     = "1s"', 'every = "hourly"', "[one.every]", 'a length such as "30s"'),
    (
        "sources/given.toml",
        "citizen_reports",
        "citizen_report",
        "[one.sector]",
        "did you mean 'citizen_reports'",
    ),
    ("sources/given.toml", "so_khcn", "so_khcm", "[one.owner]", "no agency 'so_khcm' is declared"),
    ("sources/given.toml", "rest_json", "rest_jsn", "[one.connector]", "rest_json"),
    ("sources/given.toml", "items     =", "itms =", "[one", "items"),
    ("sources/given.toml", '"items"', '"items[["', "[one.items]", "JMESPath"),
    ("sources/given.toml", "case:report", "case report", "[one.shape]", '"case:<kind>"'),
    ("sources/given.toml", "state  =", "stat  =", "[one", "state"),
    (
        "sources/given.toml",
        '"http://127.0.0.1:9/"',
        '"${NO_SUCH}"',
        "[one.url]",
        "the environment names no NO_SUCH",
    ),
    (
        "sources/given.toml",
        'items     = "items"',
        'items = "items"\nauth = { kind = "bearer", token = "abc" }',
        "[one.auth.token]",
        "a secret never stands in a file; write token_env",
    ),
    ("sources/given.toml", "[one]", "[one", "sources/given.toml: ", "is not TOML"),
    ("indicators/land.toml", "better ", "bettr ", ".bettr]", "did you mean 'better'"),
    ("indicators/land.toml", 'better    = "higher"', 'better = "less"', ".better]", "higher, lower, neutral"),
    ("indicators/land.toml", "expect = { value = ", "expect = { value = 1", "example", "expected"),
    ("boards/overview.toml", 'place = "left"', 'place = "top"', ".place]", "left, middle, right, row"),
    ("boards/land.toml", 'indicator = "land', 'indicator = "lnd', ".indicator]", "no usable indicator 'lnd"),
    ("boards/overview.toml", "{reports_overdue}", "{report_overdue}", "[overview.sentence", "names no tile"),
    ("boards/overview.toml", "{reports_overdue}", "{reports_overdue", "[overview.sentence", "expected"),
    ("variables.toml", "\nunit", "\nunits", ".units]", "did you mean 'unit'"),
    ("sectors.toml", "order", "ordre", ".ordre]", "did you mean 'order'"),
]


@pytest.mark.parametrize(("file", "old", "new", "where", "expected"), TYPOS, ids=[typo[2] for typo in TYPOS])
def test_check_names_file_table_key_and_what_was_expected(
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    file: str,
    old: str,
    new: str,
    where: str,
    expected: str,
):
    data = lay_out(tmp_path, GOOD)
    path = data / file
    text = path.read_text("utf-8")
    assert old in text, "the typo finds its place"
    if path.resolve() != path:
        folder = data / Path(file).parts[0]
        origin = folder.resolve()
        folder.unlink()
        shutil.copytree(origin, folder) if origin.is_dir() else shutil.copy(origin, folder)
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    monkeypatch.setenv("IOC_DATA", str(data))
    assert app.main(["check"]) == 1
    told = [line for line in capsys.readouterr().out.splitlines() if expected in line]
    assert told
    assert file in told[0]
    assert where in told[0], told[0]


REFUSED = [
    ({"IOC_HOST": "0.0.0.0"}, "IOC_HOST=0.0.0.0 is refused: without access control"),
    ({"IOC_HOST": "192.168.1.2"}, "a reverse proxy that authenticates"),
    ({"PORT": "many"}, "PORT=many: a port is a number from 1 to 65535"),
    ({"PORT": "70000"}, "PORT=70000"),
    ({"IOC_SANDBOX_PORT": "0"}, "IOC_SANDBOX_PORT=0"),
    ({"IOC_SANDBOX_PORT": "65535"}, "IOC_SANDBOX_PORT=65535"),
    ({"IOC_DATA": "/no/such/folder"}, "IOC_DATA=/no/such/folder: no such folder"),
    ({"IOC_STORE_URL": "nonsense"}, "IOC_STORE_URL"),
    ({"IOC_STORE_URL": "mysql://a/b"}, "IOC_STORE_URL begins with sqlite:/// or postgresql://"),
    ({"IOC_LOG": "xml"}, "IOC_LOG=xml"),
]


@pytest.mark.parametrize(("environ", "sentence"), REFUSED, ids=[str(one) for one, _ in REFUSED])
def test_a_setting_that_cannot_be_is_refused_with_a_sentence(
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    environ: dict[str, str],
    sentence: str,
):
    monkeypatch.setenv("IOC_STORE_URL", f"sqlite:///{tmp_path}/none.sqlite")
    for name, value in environ.items():
        monkeypatch.setenv(name, value)
    assert app.main(["explain", "dossiers_on_time"]) == 2
    told = capsys.readouterr().err
    assert sentence in told
    assert "Traceback" not in told


def test_an_unknown_source_or_indicator_is_told(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
):
    monkeypatch.setenv(
        "IOC_DATA", str(lay_out(tmp_path, GOOD, GOOD.replace("[one", "[two").replace('"1s"', '"x"')))
    )
    monkeypatch.setenv("IOC_STORE_URL", f"sqlite:///{tmp_path}/x.sqlite")
    assert app.main(["poll", "three"]) == 2
    assert "no source 'three'; known are one" in capsys.readouterr().err
    assert app.main(["poll", "two"]) == 2
    assert "two is disabled" in capsys.readouterr().err
    assert app.main(["explain", "nothing"]) == 2
    assert "nothing" in capsys.readouterr().err
    assert app.main(["poll", "one", "--wait", "0.3"]) == 1
    assert "is `app.py collect` running?" in capsys.readouterr().err
