"""Provinces and communes: the lists agree with the genuine ones, and old codes and names find the new units."""

import csv
import json
import os
import subprocess
import sys
from collections import Counter
from dataclasses import replace
from datetime import date
from itertools import pairwise
from pathlib import Path
from random import Random
from time import process_time

import pytest

from ioc.errors import DeclarationError
from ioc.projection import from_wgs84, to_wgs84
from ioc.province import load_province
from ioc.territory import AmbiguousAreaError, Territory, UnknownAreaError
from ioc.vietnamese import clean, collation_key, match_key

DATA = Path(__file__).resolve().parent.parent / "data"
NOW = date(2026, 11, 21)
BEFORE = date(2025, 6, 30)

# §15 of QĐ 19/2025/QĐ-TTg with the changes of April 2026: code -> phường, xã, đặc khu
COUNTS = """01 51 75 0|04 3 53 0|08 7 117 0|11 3 42 0|12 2 36 0|14 8 67 0|15 10 89 0|19 15 77 0|20 4 61 0
22 30 22 2|24 33 66 0|25 15 133 0|31 45 67 2|33 11 93 0|37 32 97 0|38 19 147 0|40 11 119 0|42 9 60 0
44 8 69 1|46 21 19 0|48 23 70 1|51 9 86 1|52 25 110 0|56 16 48 1|66 14 88 0|68 20 103 1|75 33 62 0
79 113 54 1|80 14 82 0|82 20 82 0|86 19 105 0|91 14 85 3|92 31 72 0|96 9 55 0"""


@pytest.fixture(scope="module")
def territory() -> Territory:
    return Territory(DATA / "territory")


def listed(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def kinds(territory: Territory, at: date) -> tuple[int, int, int]:
    count = Counter(area.kind for area in territory.areas("commune", at))
    return count["phường"], count["xã"], count["đặc khu"]


def test_there_are_34_provinces_and_3321_communes_since_july_2025(territory: Territory):
    for at in (date(2025, 7, 1), date(2025, 8, 5), date(2026, 4, 30), NOW):
        assert len(territory.areas("province", at)) == 34
        assert len(territory.areas("commune", at)) == 3321


def test_there_were_63_provinces_and_10040_lowest_units_before(territory: Territory):
    assert len(territory.areas("province", BEFORE)) == 63
    assert len(territory.areas("commune", BEFORE)) == 10_040


def test_ten_communes_of_dong_nai_became_wards_in_april_2026(territory: Territory):
    assert kinds(territory, date(2025, 8, 5)) == (687, 2621, 13)
    assert kinds(territory, date(2026, 4, 29)) == (687, 2621, 13)
    assert kinds(territory, date(2026, 4, 30)) == (697, 2611, 13)
    assert territory.province("75", date(2026, 4, 29)).full_name == "Tỉnh Đồng Nai"
    assert territory.province("75", NOW).full_name == "Thành phố Đồng Nai"


def test_every_province_has_the_communes_of_the_decision(territory: Territory):
    rows = [row.split() for row in COUNTS.replace("\n", "|").split("|")]
    assert len(rows) == 34
    for code, *numbers in rows:
        count = Counter(area.kind for area in territory.communes(code, NOW))
        assert [count["phường"], count["xã"], count["đặc khu"]] == [int(number) for number in numbers], code


def test_the_list_of_august_2025_agrees_with_the_statistics_office(territory: Territory, real: Path):
    published = json.loads((real / "admin/gso_cas_3321_communes_2025-08-05.json").read_text("utf-8"))[
        "communes"
    ]
    theirs = {row["code"]: (match_key(clean(row["name"])), row["provinceCode"]) for row in published}
    ours = {
        area.code: (match_key(area.full_name), area.parent)
        for area in territory.areas("commune", date(2025, 8, 5))
    }
    assert ours == theirs


def test_the_list_of_july_2026_agrees_with_the_published_database(territory: Territory, real: Path):
    published = json.loads((real / "admin/thanglequoc_vn_only_simplified_2026-07-25.json").read_text("utf-8"))
    at = date(2026, 7, 25)
    theirs = {
        ward["Code"]: (match_key(ward["FullName"]), province["Code"])
        for province in published
        for ward in province["Wards"]
    }
    theirs |= {province["Code"]: (match_key(province["FullName"]), "") for province in published}
    assert {area.code: (match_key(area.full_name), area.parent) for area in territory.areas(at=at)} == theirs


def test_who_followed_agrees_with_the_legacy_table_but_for_namesakes(territory: Territory, real: Path):
    rows = listed(real / "admin/convert_legacy_2025_simple.csv")
    refused = {
        (row["old_code"], row["new_code"]) for row in listed(DATA / "territory/successions_refused.csv")
    }
    missing = []
    for row in rows:
        old = f"{int(float(row['wardCode'])):05d}" if row["wardCode"] else f"{int(row['districtCode']):03d}"
        after = {area.code for area, _ in territory.successors(old, date(2025, 7, 31))}
        if row["newWardCode"] not in after:
            missing.append((old, row["newWardCode"]))
    assert set(missing) <= refused


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("22", "22"),
        ("06652", "06652"),
        ("Hà Tu", "06652"),
        ("P. Hà Tu", "06652"),
        ("PHƯỜNG  HÀ\nTU", "06652"),
        ("Thanh Hoá", "38"),
        ("Thanh Hóa", "38"),
        ("Tp. Hồ Chí Minh", "79"),
        ("Tỉnh Long An", "80"),
        ("Thừa Thiên Huế", "46"),
        ("tỉnh Đồng Nai", "75"),
        ("Hòn Gai, tỉnh Quảng Ninh", None),
        ("06970", "06978"),
        ("Thị trấn Ba Chẽ", "06978"),
        ("00001", "00097"),
        ("72", "80"),
        ("Xã Long Thành, Đồng Nai", "26368"),
    ],
)
def test_codes_and_names_old_and_new_find_the_unit_of_the_day(
    territory: Territory, text: str, code: str | None
):
    if code is None:
        with pytest.raises(UnknownAreaError):
            territory.resolve_one(text, NOW)
    else:
        assert territory.resolve_one(text, NOW).code == code


def test_a_reused_code_means_another_province_before_july_2025(territory: Territory):
    assert territory.province("80", BEFORE).name == "Long An"
    assert territory.province("80", NOW).name == "Tây Ninh"
    assert territory.resolve_one("91", NOW, coded=BEFORE).name == "An Giang"
    assert territory.resolve_one("89", NOW, coded=BEFORE).name == "An Giang"


def test_a_sender_with_the_old_list_reaches_the_units_of_today(territory: Territory):
    old = territory.area("00004", BEFORE)
    assert old.full_name == "Phường Trúc Bạch"
    assert territory.resolve_one("00004", NOW, coded=BEFORE).full_name == "Phường Ba Đình"
    assert territory.resolve_one("00004", BEFORE).full_name == "Phường Trúc Bạch"


def test_the_code_of_ba_che_finds_it_on_both_sides_of_its_change(territory: Territory):
    assert territory.resolve_one("06978", date(2025, 7, 15), "22").name == "Ba Chẽ"
    assert territory.resolve_one("06970", NOW, "22").code == "06978"


def test_a_divided_ward_leads_to_several_with_the_main_part_first(territory: Territory):
    parts = territory.successors("00007", NOW)
    assert [share for _, share in parts] == ["main", "part"] or len(parts) > 2
    assert territory.resolve_one("00007", NOW) == parts[0][0]
    assert len(territory.resolve("00007", NOW)) == len(parts)


def test_a_former_district_tells_namesakes_apart(territory: Territory):
    hanoi = territory.resolve("Phường Minh Khai (quận Hai Bà Trưng), Hà Nội", NOW)
    assert {area.parent for area in hanoi} == {"01"}
    assert territory.resolve("xã Tân Lập, huyện Đan Phượng", NOW)[0].parent == "01"
    assert territory.resolve("xã Tân Lập, huyện Vũ Thư", NOW)[0].parent == "33"


def test_a_name_that_several_provinces_have_is_refused_with_the_candidates(territory: Territory):
    with pytest.raises(AmbiguousAreaError, match="Hãy ghi mã, hoặc thêm tên tỉnh"):
        territory.resolve_one("xã Tân Phú", NOW)
    assert territory.resolve_one("xã Tân Phú", NOW, within="80").code == "25549"


@pytest.mark.parametrize(
    ("text", "within", "sentence"),
    [
        ("99999", "", "Không tìm thấy đơn vị hành chính mã 99999 ngày 21/11/2026"),
        ("Xã Không Có", "22", "tên “Xã Không Có” trong tỉnh Quảng Ninh"),
        ("06652", "46", "mã 06652 trong thành phố Huế"),
    ],
)
def test_what_does_not_resolve_is_answered_with_a_sentence(
    territory: Territory, text: str, within: str, sentence: str
):
    with pytest.raises(UnknownAreaError, match=sentence):
        territory.resolve(text, NOW, within)


def test_every_old_commune_has_become_something(territory: Territory):
    for area in territory.areas("commune", BEFORE):
        assert territory.successors(area.code, NOW), area


def test_versions_of_one_code_never_overlap(territory: Territory):
    versions: dict[str, list] = {}
    for area in [*territory._areas, *territory._former.areas]:
        versions.setdefault(area.code, []).append(area)
    for rows in versions.values():
        rows.sort(key=lambda area: area.valid_from)
        for before, after in pairwise(rows):
            assert before.valid_to is not None
            assert before.valid_to < after.valid_from, (before, after)


def test_lists_are_in_vietnamese_order(territory: Territory):
    for rows in (
        territory.areas("province", NOW),
        territory.communes("22", NOW),
        territory.communes("79", NOW),
    ):
        assert [area.name for area in rows] == sorted((area.name for area in rows), key=collation_key)


def test_vietnamese_order_is_by_letter_then_tone_then_number():
    order = [
        "An",
        "Ăn",
        "Ân",
        "Ba",
        "Bà",
        "Bả",
        "Bã",
        "Bá",
        "Bạ",
        "Can",
        "Da",
        "Đa",
        "Ê",
        "Phường 2",
        "Phường 10",
        "Ư",
    ]
    Random(7).shuffle(shuffled := list(order))
    assert sorted(shuffled, key=collation_key) == order


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Hòa Bình", "HOÀ  BÌNH"),
        ("Thuỷ Nguyên", "Thủy Nguyên"),
        ("Phường \nHoàn Kiếm", "phường hoàn kiếm"),
        ("Bà Rịa - Vũng Tàu", "Bà Rịa–Vũng Tàu"),
        ("Đắk Lắk", "Đắk Lắk"),
        ("Sở Nông nghiệp & Môi trường", "Sở Nông nghiệp và Môi trường"),
    ],
)
def test_spellings_of_one_name_share_a_key(one: str, other: str):
    assert match_key(one) == match_key(other)


def test_hoa_and_hoa_with_a_tone_stay_two_names():
    assert match_key("Hòa") != match_key("Hoa") != match_key("Hỏa")


def test_wrong_centres_were_moved_next_to_their_neighbours(territory: Territory, real: Path):
    from shapely.geometry import Point, shape

    far = []
    for name in ("22_quang_ninh", "46_hue", "80_tay_ninh"):
        published = json.loads((real / f"admin/communes_2025_{name}_simplified.geojson").read_text("utf-8"))
        for feature in published["features"]:
            area = territory.area(feature["id"], NOW)
            if shape(feature["geometry"]).distance(Point(area.lon, area.lat)) > 0.035:
                far.append(area.name)
    assert far == []


def test_loading_is_quick_and_leaves_old_communes_on_the_disk():
    best = min(_seconds_to_load() for _ in range(3))
    assert best < 0.15
    assert "areas" not in Territory(DATA / "territory")._former.__dict__


def _seconds_to_load() -> float:
    start = process_time()
    Territory(DATA / "territory")
    return process_time() - start


def test_any_of_the_34_provinces_loads_with_only_its_code_changed(territory: Territory, tmp_path: Path):
    text = (DATA / "province.toml").read_text("utf-8")
    for area in territory.areas("province", NOW):
        (tmp_path / "province.toml").write_text(text.replace('"22" ', f'"{area.code}" '), "utf-8")
        province = load_province(tmp_path, territory)
        assert province.code == area.code
        communes = territory.communes(province.code, NOW)
        assert len(communes) >= 38
        assert all(commune.lat and commune.lon for commune in communes)


@pytest.mark.parametrize(
    ("old", "new", "sentence"),
    [
        ('"22" ', '"72" ', r"province.toml: \[province.code\] expected the code of a province of today"),
        ('"22" ', "22 ", r"province.toml: \[province.code\] expected a text, found 22"),
        ('zone     = "Asia/Ho_Chi_Minh"', 'zone = "Asia/Tokyo"', "expected Asia/Ho_Chi_Minh"),
        ("hotline ", "hot_line ", "unknown key"),
        ("[province]", "[province", "expected TOML in UTF-8"),
        ('boundaries      = ""', 'boundaries = "xa.geojson"', "xa.geojson is not there"),
    ],
)
def test_a_faulty_province_file_is_answered_with_file_key_and_what_was_expected(
    territory: Territory, tmp_path: Path, old: str, new: str, sentence: str
):
    text = (DATA / "province.toml").read_text("utf-8")
    assert old in text
    (tmp_path / "province.toml").write_text(text.replace(old, new, 1), "utf-8")
    with pytest.raises(DeclarationError, match=sentence):
        load_province(tmp_path, territory)


VECTORS = """106.098 11.310 9209 565083.535 1250810.474|106.41 10.535 9210 572038.283 1165102.550
107.08 20.95 5899 430127.565 2317566.472|107.59 16.463 9214 562802.012 1820901.190
107.10 16.816 9212 590398.765 1860063.833|106.62 17.468 9211 565653.833 1932126.051
105.63 10.457 5897 568771.844 1156468.037|108.22 16.06 5899 550091.447 1776275.047
105.78 10.03 5897 585308.116 1109275.157"""


@pytest.mark.parametrize("vector", VECTORS.replace("\n", "|").split("|"))
def test_vn2000_agrees_with_the_reference_points_within_two_metres(vector: str):
    lon, lat, epsg, east, north = (float(part) for part in vector.split())
    found_lon, found_lat = to_wgs84(east, north, int(epsg))
    assert abs(found_lon - lon) * 111_200 < 2
    assert abs(found_lat - lat) * 111_200 < 2
    found_east, found_north = from_wgs84(lon, lat, int(epsg))
    assert abs(found_east - east) < 2
    assert abs(found_north - north) < 2


@pytest.mark.parametrize(
    ("x", "y", "epsg", "sentence"),
    [
        (565083.5, 1250810.5, 4326, "EPSG 4326 is no VN-2000 plane"),
        (1250810.5, 565083.5, 9209, "exchange them"),
    ],
)
def test_a_wrong_projection_is_answered_with_a_sentence(x: float, y: float, epsg: int, sentence: str):
    with pytest.raises(ValueError, match=sentence):
        to_wgs84(x, y, epsg)


def test_reading_the_territory_loads_neither_pyproj_nor_shapely():
    code = (
        "import sys, ioc.territory, ioc.agencies, ioc.calendar, ioc.projection, ioc.province; "
        "print('pyproj' in sys.modules or 'shapely' in sys.modules)"
    )
    environment = {**os.environ, "PYTHONPATH": str(DATA.parent)}
    answer = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, env=environment
    )
    assert answer.stdout.strip() == "False"


def test_an_area_speaks_its_name_alone_and_in_a_sentence(territory: Territory):
    area = territory.area("06652", NOW)
    assert (area.short, area.full_name, area.level) == ("phường Hà Tu", "Phường Hà Tu", "commune")
    assert replace(area, valid_to=NOW).is_valid(NOW)
