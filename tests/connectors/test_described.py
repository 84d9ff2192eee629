"""docs/connectors.md is what the code says, and what the code says is so."""

from __future__ import annotations

import re

import pytest

import app
import connectors
from connectors import described
from connectors.about import ABOUT, CHECKS
from tests.conftest import ROOT
from tests.connectors.test_cases import ALL
from tests.connectors.test_fuzz import FUZZED

KINDS = sorted(connectors.KINDS)


def test_the_document_is_what_the_command_writes():
    written = (ROOT / "docs/connectors.md").read_text(encoding="utf-8")
    assert written == described.text(KINDS), "python app.py connectors > docs/connectors.md"


def test_the_command_writes_it(capsys: pytest.CaptureFixture[str]):
    assert app.main(["connectors"]) == 0
    assert capsys.readouterr().out.startswith("# Connectors\n")


@pytest.mark.parametrize("kind", KINDS)
def test_what_a_kind_is_said_to_do_is_so(kind: str):
    about, found = ABOUT[kind], described.facts(kind)
    assert set(about.exempt) <= set(CHECKS)
    for check, is_so in found.items():
        assert is_so != (check in about.exempt), f"{kind}: {check} is {'done' if is_so else 'not done'}"
    cases = {case.partition("/")[2] for case in ALL if case.startswith(f"{kind}/")}
    assert ({"normal", "gap", "paged", "worst"} <= cases) != ("cases" in about.exempt)
    assert any(case.startswith(f"{kind}/") for case in FUZZED) != ("fuzzed" in about.exempt)
    assert bool(about.genuine) != ("genuine" in about.exempt)
    for test in re.findall(r"tests/\S+\.py", about.genuine):
        assert kind in (ROOT / test).read_text(encoding="utf-8"), f"{test} does not speak of {kind}"


def test_every_kind_is_described_and_no_other():
    assert set(ABOUT) == set(connectors.KINDS)
    text = described.text(KINDS)
    for kind in KINDS:
        assert f"\n## {kind}\n" in text
        for name in connectors.find(kind).OPTIONS:
            assert f"`{name}`" in text
    assert "docs/connectors.md" in (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
