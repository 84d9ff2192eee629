"""A province's own units and keys are declared words; a fault names the file, and a unit without words is one."""

from __future__ import annotations

import pytest

from ioc import spoken
from ioc.errors import DeclarationError
from ioc.glossary import load_glossary


def test_declared_words_are_said_and_others_as_they_came(tmp_path):
    (tmp_path / "glossary.toml").write_text(
        '[units]\n"{xyz}" = { vi = "chuyến", en = "trips" }\n[keys]\nXYZ_1 = { vi = "Cảng", en = "Port" }\n',
        encoding="utf-8",
    )
    found = load_glossary(tmp_path)
    assert spoken.unit("{xyz}", "vi") == "xyz"
    spoken.learn(found.units, found.keys)
    assert spoken.measured(3, "{xyz}", "vi") == "3 chuyến"
    assert spoken.measured(1, "{xyz}", "en") == "1 trip"
    assert [spoken.called(key, "vi") for key in ("XYZ_1", "XYZ_2")] == ["Cảng", "XYZ_2"]


def test_without_the_file_nothing_is_added(tmp_path):
    assert load_glossary(tmp_path).units == {}


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('[unit]\n"t" = {}\n', "unit"),
        ('[units]\n"t" = "tấn"\n', "expected a table"),
        ('[units]\n"t" = { vi = "tấn" }\n', "en"),
        ('[keys]\nA = { vi = "", en = "x" }\n', "vi"),
    ],
)
def test_a_fault_names_file_and_key(tmp_path, text, message):
    (tmp_path / "glossary.toml").write_text(text, encoding="utf-8")
    with pytest.raises(DeclarationError, match=message) as fault:
        load_glossary(tmp_path)
    assert "glossary.toml" in str(fault.value)
