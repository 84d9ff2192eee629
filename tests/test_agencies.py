"""Agencies: departments by their validity, committees by rule, and what senders write finds them."""

from datetime import date
from pathlib import Path

import pytest

from ioc.agencies import Agencies, UnknownAgencyError, load_agencies
from ioc.errors import DeclarationError
from ioc.territory import Territory

DATA = Path(__file__).resolve().parent.parent / "data"
NOW = date(2026, 11, 21)
THEN = date(2024, 5, 6)


@pytest.fixture(scope="module")
def territory() -> Territory:
    return Territory(DATA / "territory")


@pytest.fixture(scope="module")
def agencies(territory: Territory) -> Agencies:
    return load_agencies(DATA, territory, "22")


@pytest.mark.parametrize(
    ("text", "id"),
    [
        ("so_nnmt", "so_nnmt"),
        ("Sở NN&MT", "so_nnmt"),
        ("Sở Nông nghiệp & Môi trường", "so_nnmt"),
        ("SỞ Y TẾ", "so_y_te"),
        ("Sở TN&MT", "so_nnmt"),
        ("Sở NN&PTNT", "so_nnmt"),
        ("Sở TT&TT", "so_khcn"),
        ("Sở KH&ĐT", "so_tai_chinh"),
        ("Sở GTVT", "so_xay_dung"),
        ("Chi cục Thuế", "thue_co_so"),
        ("UBND tỉnh", "van_phong_ubnd"),
        ("UBND tỉnh Quảng Ninh", "van_phong_ubnd"),
        ("UBND phường Cẩm Phả", "ubnd_06793"),
        ("Ủy ban nhân dân phường Cẩm Phả", "ubnd_06793"),
        ("phường Cẩm Phả", "ubnd_06793"),
        ("06793", "ubnd_06793"),
        ("ubnd_06793", "ubnd_06793"),
        ("ubnd_06970", "ubnd_06978"),
        ("UBND thị trấn Ba Chẽ", "ubnd_06978"),
    ],
)
def test_what_a_sender_writes_finds_the_agency_of_today(agencies: Agencies, text: str, id: str):
    assert agencies.resolve(text, NOW).id == id


def test_before_march_2025_the_former_departments_stand(agencies: Agencies):
    assert agencies.resolve("Sở TN&MT", THEN).id == "so_tnmt"
    assert agencies.resolve("Sở TT&TT", date(2025, 2, 28)).id == "so_tttt"
    assert agencies.resolve("Sở TT&TT", date(2025, 3, 1)).id == "so_khcn"
    ids = {agency.id for agency in agencies.agencies(THEN)}
    assert "so_tnmt" in ids
    assert "so_nnmt" not in ids


def test_every_commune_has_its_committee_and_every_body_a_name_in_both_languages(agencies: Agencies):
    now = agencies.agencies(NOW)
    assert sum(agency.kind == "commune" for agency in now) == 54
    assert all(agency.name.vi and agency.name.en for agency in now)
    committee = agencies.agency("ubnd_06793")
    assert (committee.name.vi, committee.name.short_vi) == ("UBND phường Cẩm Phả", "phường Cẩm Phả")
    assert committee.area == "06793"


def test_committees_follow_the_province_that_is_chosen(territory: Territory):
    hue = load_agencies(DATA, territory, "46")
    assert sum(agency.kind == "commune" for agency in hue.agencies(NOW)) == 40
    assert not hue.knows("ubnd_06793")
    assert hue.knows("so_y_te")


@pytest.mark.parametrize("text", ["Sở Không Có", "UBND xã Không Có", "99999", "ubnd_19753"])
def test_an_unknown_agency_is_answered_with_a_sentence(agencies: Agencies, text: str):
    with pytest.raises(UnknownAgencyError, match="Không tìm thấy cơ quan"):
        agencies.resolve(text, NOW)


FORM = '[so_a]\nname = { vi = "Sở A", en = "A" }\nkind = "department"\n'


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        (FORM.replace("department", "office"), r"agencies.toml: \[so_a.kind\] expected one of department"),
        (FORM + 'valid_to = 2025-01-01\nbecomes = ["so_b"]\n', r"\[so_a.becomes\] expected ids of this file"),
        (FORM + 'becomes = ["so_a"]\n', "expected valid_to beside it"),
        (FORM + 'valid_to = "2025-01-01"\n', "expected a day such as 2026-11-21 without quotes"),
        (FORM.replace('en = "A"', 'an = "A"'), r"\[so_a.name.en\] expected a text"),
        (FORM.replace("so_a", "ubnd_06793"), "follow from the territory by rule"),
        (FORM + "colour = 1\n", r"\[so_a.colour\] unknown key"),
    ],
)
def test_a_faulty_declaration_is_answered_with_file_table_and_key(
    territory: Territory, tmp_path: Path, text: str, sentence: str
):
    (tmp_path / "agencies.toml").write_text(text, "utf-8")
    with pytest.raises(DeclarationError, match=sentence):
        load_agencies(tmp_path, territory, "22")
