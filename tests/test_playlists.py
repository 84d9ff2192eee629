"""What a wall plays is declared; what cannot be read is named, what is not declared is left out."""

from __future__ import annotations

import pytest

from ioc.errors import DeclarationError
from ioc.playlists import load_playlists


def test_boards_keep_their_order_and_unknown_ones_are_left_out(tmp_path):
    (tmp_path / "playlists.toml").write_text('[leaders]\nscenes = ["overview", "morning", "land"]\n')
    assert load_playlists(tmp_path, {"land", "overview"}) == {"leaders": ("overview", "land")}


def test_without_the_file_no_list_is_declared(tmp_path):
    assert load_playlists(tmp_path, {"land"}) == {}


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[leaders]\nscene = []\n", "scene"),
        ('[leaders]\nscenes = "overview"\n', "expected a list"),
        ("leaders = []\n", "expected a table"),
        ("[leaders]\nscenes = [1]\n", "expected a list of texts"),
    ],
)
def test_a_fault_names_file_and_key(tmp_path, text, message):
    (tmp_path / "playlists.toml").write_text(text)
    with pytest.raises(DeclarationError, match=message) as fault:
        load_playlists(tmp_path, {"overview"})
    assert "playlists.toml" in str(fault.value)
