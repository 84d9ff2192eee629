"""Outlines of communes: from genuine files without gaps, from centres where there is none."""

import json
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
import shapely
from shapely.geometry import Polygon, box, mapping, shape

from ioc.boundaries import Boundaries, load_boundaries
from ioc.coverage import as_coverage
from ioc.errors import DeclarationError
from ioc.province import Province, load_province
from ioc.territory import Territory

DATA = Path(__file__).resolve().parent.parent / "data"
NOW = date(2026, 11, 21)
FILES = {"22": "22_quang_ninh", "46": "46_hue", "80": "80_tay_ninh"}


@pytest.fixture(scope="module")
def territory() -> Territory:
    return Territory(DATA / "territory")


@pytest.fixture(scope="module")
def province(territory: Territory) -> Province:
    return load_province(DATA, territory)


def supplied(code: str, province: Province, real: Path) -> Province:
    folder = real / "admin"
    return replace(
        province,
        code=code,
        boundaries=folder / f"communes_2025_{FILES[code]}_simplified.geojson",
        neighbours=folder / "provinces_2025_34_simplified.geojson",
    )


def rings(outlines: dict) -> list[list]:
    found = []
    for feature in outlines["features"]:
        geometry = feature["geometry"]
        parts = geometry["coordinates"] if geometry["type"] == "MultiPolygon" else [geometry["coordinates"]]
        found += [part[0] for part in parts]
    return found


def assert_drawable(outlines: dict) -> None:
    """Valid shapes inside Vietnam, outer rings clockwise, five decimals."""
    for feature in outlines["features"]:
        geometry = shape(feature["geometry"])
        assert geometry.is_valid, feature["id"]
        assert geometry.area > 0, feature["id"]
    for ring in rings(outlines):
        assert not shapely.LinearRing(ring).is_ccw
        assert all(round(x, 5) == x and round(y, 5) == y for x, y in ring)


@pytest.mark.parametrize("code", FILES)
def test_a_supplied_file_becomes_shapes_that_meet_without_gap_or_overlap(
    code: str, territory: Territory, province: Province, real: Path
):
    found = load_boundaries(supplied(code, province, real), territory, NOW)
    communes = territory.communes(code, NOW)
    assert {feature["id"] for feature in found.communes["features"]} == {area.code for area in communes}
    assert found.faults == ()
    assert not found.approximate
    assert_drawable(found.communes)
    shapes = [shape(feature["geometry"]) for feature in found.communes["features"]]
    assert shapely.coverage_is_valid(shapes)
    genuine = json.loads((real / f"admin/communes_2025_{FILES[code]}_simplified.geojson").read_text("utf-8"))
    area = sum(shape(feature["geometry"]).area for feature in genuine["features"])
    assert sum(geometry.area for geometry in shapes) == pytest.approx(area, rel=0.002)


@pytest.mark.parametrize("code", FILES)
def test_a_point_finds_its_commune(code: str, territory: Territory, province: Province, real: Path):
    found = load_boundaries(supplied(code, province, real), territory, NOW)
    for feature in found.communes["features"]:
        properties = feature["properties"]
        assert found.point_in_area(properties["lon"], properties["lat"]) == feature["id"]
    assert found.point_in_area(100.5, 13.7) is None


@pytest.mark.parametrize("code", FILES)
def test_cells_from_centres_resemble_the_genuine_shapes(
    code: str, territory: Territory, province: Province, real: Path
):
    cells = load_boundaries(replace(province, code=code), territory, NOW)
    genuine = load_boundaries(supplied(code, province, real), territory, NOW)
    hit = sum(
        cells.point_in_area(feature["properties"]["lon"], feature["properties"]["lat"]) == feature["id"]
        for feature in genuine.communes["features"]
    )
    assert hit / len(genuine.communes["features"]) > 0.9


def test_every_province_has_cells_for_all_its_communes_marked_approximate(
    territory: Territory, province: Province
):
    for area in territory.areas("province", NOW):
        found = load_boundaries(replace(province, code=area.code), territory, NOW)
        codes = {commune.code for commune in territory.communes(area.code, NOW)}
        assert {feature["id"] for feature in found.communes["features"]} == codes
        assert found.approximate
        assert found.communes["approximate"]
        assert_drawable(found.communes)
        assert_drawable(found.neighbours)
        west, south, east, north = found.communes["bbox"]
        assert east - west < 3.6, area.name
        assert north - south < 3.0, area.name


def test_special_zones_do_not_swallow_the_sea(territory: Territory, province: Province):
    for code in ("22", "31", "91", "56"):
        found = load_boundaries(replace(province, code=code), territory, NOW)
        for feature in found.communes["features"]:
            if feature["properties"]["kind"] == "đặc khu":
                square_km = shape(feature["geometry"]).area * 111.2**2
                assert square_km < 3 * territory.area(feature["id"], NOW).area_km2 + 1


def test_zones_far_out_are_drawn_apart(territory: Territory, province: Province):
    def insets(code: str) -> set[str]:
        outlines = load_boundaries(replace(province, code=code), territory, NOW).communes
        return {f["properties"]["name"] for f in outlines["features"] if f["properties"]["inset"]}

    assert insets("56") == {"Trường Sa"}
    assert insets("48") == {"Hoàng Sa"}
    assert insets("22") == set()


def test_neighbouring_provinces_surround_and_never_cover(
    territory: Territory, province: Province, real: Path
):
    for chosen in (replace(province, code="22"), supplied("22", province, real)):
        found = load_boundaries(chosen, territory, NOW)
        names = {feature["properties"]["name"] for feature in found.neighbours["features"]}
        assert {"Hải Phòng", "Lạng Sơn", "Bắc Ninh"} <= names
        assert "Quảng Ninh" not in names
        assert_drawable(found.neighbours)


def supply(tmp_path: Path, features: list[dict]) -> Path:
    path = tmp_path / "xa.geojson"
    path.write_text(json.dumps({"type": "FeatureCollection", "features": features}), "utf-8")
    return path


def feature(properties: dict, geometry: Polygon, **more: object) -> dict:
    return {"type": "Feature", "properties": properties, "geometry": mapping(geometry), **more}


@pytest.mark.parametrize(
    "made",
    [
        {"properties": {"ma_xa": "06652"}},
        {"properties": {"MA_XA": 6652}},
        {"properties": {"maxa": 6652.0}},
        {"properties": {}, "id": "06652"},
        {"properties": {"ten_xa": "P. Hà Tu"}},
    ],
)
def test_a_commune_is_recognised_by_any_usual_code_or_its_name(
    made: dict, territory: Territory, province: Province, tmp_path: Path
):
    path = supply(tmp_path, [feature(geometry=box(107.1, 20.9, 107.2, 21), **made)])
    found = load_boundaries(replace(province, boundaries=path), territory, NOW)
    assert [feature["id"] for feature in found.communes["features"]] == ["06652"]
    assert len(found.faults) == 53
    assert "thiếu ranh giới của phường" in found.faults[0] or "thiếu ranh giới của" in found.faults[0]


def test_the_property_with_the_code_can_be_named_and_an_old_code_leads_to_its_successor(
    territory: Territory, province: Province, tmp_path: Path
):
    path = supply(tmp_path, [feature({"DonVi": "06970", "code": "1"}, box(107.1, 21.2, 107.3, 21.4))])
    found = load_boundaries(replace(province, boundaries=path, boundaries_code="DonVi"), territory, NOW)
    assert [feature["id"] for feature in found.communes["features"]] == ["06978"]


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        ("no json", "expected a GeoJSON FeatureCollection in UTF-8"),
        ('{"type": "Feature"}', "expected a GeoJSON FeatureCollection in UTF-8"),
        (
            json.dumps({"features": [feature({"code": "99999"}, box(107, 20, 108, 21))]}),
            "expected features with the code or name of a commune of this province",
        ),
        (
            json.dumps({"features": [feature({"code": "06652"}, box(20, 107, 21, 108))]}),
            "expected longitude and latitude in WGS 84, in this order",
        ),
        (
            json.dumps({"features": [feature({"code": "06652"}, box(430127, 2317566, 430200, 2317600))]}),
            "expected longitude and latitude in WGS 84, in this order",
        ),
    ],
)
def test_a_file_that_is_no_map_of_the_province_is_answered_with_a_sentence(
    content: str, sentence: str, territory: Territory, province: Province, tmp_path: Path
):
    path = tmp_path / "xa.geojson"
    path.write_text(content, "utf-8")
    with pytest.raises(DeclarationError, match=sentence):
        load_boundaries(replace(province, boundaries=path), territory, NOW)


def test_a_sliver_between_neighbours_is_closed_and_an_overlap_given_to_one():
    left = box(107.0, 21.0, 107.1, 21.1)
    right = box(107.1005, 21.0, 107.2, 21.1)  # a gap of 52 m
    above = box(107.0, 21.0995, 107.2, 21.2)  # overlaps by 55 m
    found = as_coverage({"a": left, "b": right, "c": above})
    assert shapely.coverage_is_valid(list(found.values()))
    whole = shapely.union_all(list(found.values()))
    assert len(shapely.get_parts(whole)) == 1
    assert not whole.interiors


def test_a_lake_that_is_no_sliver_stays_open():
    ring = box(107.0, 21.0, 107.2, 21.2).difference(box(107.05, 21.05, 107.15, 21.15))
    found = as_coverage(
        {
            "a": ring.intersection(box(107, 21, 107.1, 21.2)),
            "b": ring.intersection(box(107.1, 21, 107.2, 21.2)),
        }
    )
    assert len(shapely.union_all(list(found.values())).interiors) == 1


def test_boundaries_without_shapes_hold_no_point():
    empty = {"type": "FeatureCollection", "features": []}
    assert Boundaries(empty, empty, approximate=True).point_in_area(107.0, 21.0) is None
