"""What is wrong in a connector's declaration is told with its key and what was expected: the message is the product."""

from __future__ import annotations

from itertools import chain, pairwise

import pytest

import connectors
from connectors import geometry, kept, mapping, values
from connectors.units import conversion
from connectors.windows import Window, windows
from ioc.model import Case, Observation
from ioc.scrub import scrub
from tests.connectors.test_cases import source_of

GOOD = """
[one_stop]
connector = "rest_json"
shape = "case:dossier"
url = "http://127.0.0.1:1/dossiers"
items = "data.items"
paging = { kind = "page", per_page = 200 }
window = { since = "tu", overlap = "10m" }
times = { format = "%Y%m%d%H%M%S", zone = "+07:00" }
[one_stop.fields]
key = "MaHoSo"
state = "TrangThai"
opened = "NgayTiepNhan"
[one_stop.enums.state]
"4" = "open"
"""


def test_a_right_declaration_has_no_fault() -> None:
    assert connectors.check(source_of(GOOD)) == []


@pytest.mark.parametrize(
    ("wrong", "right", "key", "expected"),
    [
        ('connector = "rest_jsn"', 'connector = "rest_json"', "connector", "did you mean rest_json?"),
        ('itemz = "data"', 'items = "data.items"', "itemz", "did you mean items?"),
        ("", 'items = "data.items"', "items", "is missing: where the list of records stands"),
        ('items = "data.[["', 'items = "data.items"', "items", "does not compile"),
        ('kind = "pages"', 'kind = "page"', "paging.kind", "one of none, page, offset, cursor, link, next"),
        ('kind = "cursor"', 'kind = "page"', "paging.param", "is missing"),
        ("per_page = 0", "per_page = 200", "paging.per_page", "a whole number from 1 was expected, not 0"),
        ('overlap = "10"', 'overlap = "10m"', "window.overlap", "a length"),
        ('"4" = "opened"', '"4" = "open"', "enums.state.4", "did you mean open?"),
        ('openned = "Ngay"', 'opened = "NgayTiepNhan"', "fields.openned", "did you mean opened?"),
        ('key = "MaHoSo["', 'key = "MaHoSo"', "fields.key", "does not compile"),
        ("[one_stop.enums.chanel]", "[one_stop.enums.state]", "enums.chanel", "is not mapped in fields"),
        ('format = "yyyyMMdd"', 'format = "%Y%m%d%H%M%S"', "times.format", "'yyyyMMdd'"),
        ('zone = "VN"', 'zone = "+07:00"', "times.zone", "a zone such as"),
        ('window = { since = "tu", start = "soon" }', 'window = { since = "tu", overlap = "10m" }', "window.start", "30d"),
        ('body = { a = 1 }\nitems = "data"', 'items = "data.items"', "body", "POST"),
    ],
)  # fmt: skip
def test_a_fault_names_its_key_and_what_was_expected(wrong: str, right: str, key: str, expected: str) -> None:
    assert right in GOOD
    faults = connectors.check(source_of(GOOD.replace(right, wrong, 1)))
    told = {fault.key: fault for fault in faults}
    assert key in told, [str(fault) for fault in faults]
    assert expected in told[key].expected
    assert (told[key].file, told[key].table) == ("source.toml", "one_stop")


def test_every_kind_can_be_found_and_says_what_it_takes() -> None:
    for kind in connectors.KINDS:
        module = connectors.find(kind)
        assert module.__doc__
        assert all(option.doc for option in module.OPTIONS.values())
        assert callable(module.fetch)


# Values


@pytest.mark.parametrize(
    ("formats", "zone", "written", "read"),
    [
        ("%Y%m%d%H%M%S", "+07:00", "20261121080000", 1_795_222_800),
        ("%Y%m%d%H%M%S", "+07:00", 20261121080000, 1_795_222_800),
        ("iso", "", "2026-11-21T08:00:00+07:00", 1_795_222_800),
        ("iso", "", "2026-11-21T01:00:00.999Z", 1_795_222_800),
        ("iso", "+07:00", "2026-11-21 08:00:00", 1_795_222_800),
        ("iso", "", "2017-04-26Z", 1_493_164_800),
        ("iso", "+07:00", "2026-11-21", 1_795_194_000),
        ("epoch", "", "1795222800", 1_795_222_800),
        ("epoch_ms", "", 1_795_222_800_999, 1_795_222_800),
        ("%m/%d/%Y %I:%M:%S %p", "America/New_York", "11/20/2026 08:00:00 PM", 1_795_222_800),
        (["%d/%m/%Y %H:%M", "%d/%m/%Y"], "+07:00", "21/11/2026", 1_795_194_000),
    ],
)
def test_an_instant_is_read_as_declared(
    formats: str | list[str], zone: str, written: object, read: int
) -> None:
    assert values.time_reader(formats, zone)(written) == read


@pytest.mark.parametrize(
    ("formats", "written"),
    [
        ("%Y%m%d%H%M%S", "20261131080000"),
        ("%Y%m%d%H%M%S", "2026112108"),
        ("iso", "21/11/2026"),
        ("iso", "2026-11-21T08:00:00"),
        ("epoch", "Infinity"),
        ("epoch", "1e300"),
        ("iso", True),
        ("iso", ["2026-11-21"]),
    ],
)
def test_what_is_no_instant_is_refused(formats: str, written: object) -> None:
    with pytest.raises(values.UnreadableError):
        values.time_reader(formats)(written)


def test_a_due_date_includes_its_day() -> None:
    assert values.time_reader("iso", "+07:00", day_ends=True)("2026-11-21") == 1_795_280_399
    assert values.time_reader("%d/%m/%Y", "+07:00", day_ends=True)("21/11/2026") == 1_795_280_399
    assert values.time_reader("iso", "+07:00", day_ends=True)("2026-11-21T08:00:00") == 1_795_222_800


@pytest.mark.parametrize(
    ("decimal", "thousands", "written", "read"),
    [
        (".", "", "31.4", 31.4),
        (".", "", "-1.5E2", -150.0),
        (".", "", 0, 0.0),
        (".", ",", "3,359.80", 3359.8),
        (",", ".", "3.359,80", 3359.8),
        (",", ".", "1.234.567", 1234567.0),
        (",", " ", "1 234,5", 1234.5),
        (",", "", "31,4", 31.4),
    ],
)
def test_a_number_is_read_as_declared(decimal: str, thousands: str, written: object, read: float) -> None:
    assert values.number_reader(decimal, thousands)(written) == read


@pytest.mark.parametrize(
    ("decimal", "thousands", "written"),
    [
        (".", "", "31,4"),
        (",", ".", "3.35"),
        (",", ".", "3.359.80"),
        (".", "", "nan"),
        (".", "", "1_000"),
        (".", "", "１２"),
        (",", "", "１,２"),
        (".", "", True),
        (".", "", float("inf")),
        (".", "", "1e999"),
    ],
)
def test_what_is_no_number_is_refused_and_never_guessed(
    decimal: str, thousands: str, written: object
) -> None:
    with pytest.raises(values.UnreadableError):
        values.number_reader(decimal, thousands)(written)


@pytest.mark.parametrize(
    ("unit", "to", "value", "converted"),
    [
        ("mg/m³", "ug/m3", 0.82, 820),
        ("µg/m³", "ug/m3", 31.4, 31.4),
        ("°F", "Cel", 77, 25),
        ("km/h", "m/s", 36, 10),
        ("m", "cm", 1.2, 120),
    ],
)
def test_a_unit_becomes_the_catalogues(unit: str, to: str, value: float, converted: float) -> None:
    factor, offset = conversion(unit, to)
    assert value * factor + offset == pytest.approx(converted)


def test_parts_per_million_are_not_converted_without_a_factor() -> None:
    with pytest.raises(ValueError, match="write the factor yourself"):
        conversion("ppm", "ug/m3")


# Windows


def test_windows_overlap_and_reach_until_now() -> None:
    declared = {"since": "tu", "overlap": "10m", "span": "1d", "start": "2d"}
    found = list(windows(declared, 1_000_000, {}))
    assert found[0].since == 1_000_000 - 2 * 86_400
    assert found[-1].until == 1_000_000
    pairs = pairwise(found)
    assert all(later.since == earlier.until - 600 for earlier, later in pairs)  # type: ignore[operator]


def test_a_clock_that_was_set_back_asks_again_instead_of_nothing() -> None:
    declared = {"since": "tu", "overlap": "10m"}
    assert list(windows(declared, 1_000_000, {"until": 2_000_000})) == [Window(999_400, 1_000_000)]


# Pages


def case(**fields: str) -> dict[str, str]:
    return {"MaHoSo": "H99-1", "TrangThai": "4", "NgayTiepNhan": "20261121080000", **fields}


def test_a_large_answer_becomes_pages_within_the_bounds_and_only_the_last_moves_the_cursor() -> None:
    source = source_of(GOOD)
    mapped = mapping.compiled(source)
    answer = type("Answer", (), {"body": b"", "hash": "00", "size": 7, "status": 200})()
    items = [case(MaHoSo=f"H99-{n}") for n in range(12_001)]
    pages = list(kept.pages(source, answer, mapped, items, mapping.on_page(1), cursor={"at": 2}))
    assert [len(page.records) for page in pages] == [5000, 5000, 2001]
    assert [page.cursor for page in pages] == [None, None, {"at": 2}]
    assert [page.received_bytes for page in pages] == [7, 0, 0]
    assert sum(page.kept.count(b"\n") for page in pages) == 12_001
    large = [case(MaHoSo="H99-" + "x" * 100_000) for _ in range(200)]
    pages = list(kept.pages(source, answer, mapped, large, mapping.on_page(1), cursor={}))
    assert max(len(page.kept) for page in pages) <= kept.MOST_BYTES
    assert len(list(chain.from_iterable(page.records for page in pages))) == 200


def test_only_declared_fields_are_kept_and_the_same_content_has_the_same_bytes() -> None:
    mapped = mapping.compiled(source_of(GOOD))
    first = mapping.translate(mapped, [case(ChuHoSo="Nguyễn Văn Mẫu")], mapping.on_page(1))
    second = mapping.translate(mapped, [dict(reversed(case(DiaChi="số 1").items()))], mapping.on_page(1))
    assert kept.lines(first.kept) == kept.lines(second.kept)
    assert "Mẫu" not in kept.lines(first.kept).decode()
    assert isinstance(first.records[0], Case)


LONG = """
[air]
connector = "rest_json"
url = "http://127.0.0.1:1"
items = "@"
[air.fields]
place = "tram"
time = "luc"
variable = "ten"
value = "gia_tri"
[air.enums.variable]
"PM2,5" = "pm25"
"""


def test_a_gap_is_absent_a_reported_gap_is_none_and_a_zero_is_a_zero() -> None:
    mapped = mapping.compiled(source_of(LONG))
    base = {"tram": "ha_long", "luc": "2026-11-21T08:00:00+07:00", "ten": "PM2,5"}
    items = [{**base, "gia_tri": 0}, {**base, "gia_tri": None}, base, {**base, "gia_tri": "<= 5"}]
    found = mapping.translate(mapped, items, mapping.on_page(1))
    observed = [record for record in found.records if isinstance(record, Observation)]
    assert [(record.variable, record.value, record.flag) for record in observed] == [
        ("pm25", 0.0, ""),
        ("pm25", None, ""),
        ("pm25", 5.0, "<="),
    ]
    assert found.rejected == []


# Geometry


@pytest.mark.parametrize(
    ("geometry_", "point"),
    [
        ({"type": "Point", "coordinates": [107.08, 20.95, 12]}, (107.08, 20.95)),
        ({"type": "Polygon", "coordinates": [[[0, 0], [2, 0], [2, 2], [0, 2], [0, 0]]]}, (1, 1)),
        ({"type": "Polygon", "coordinates": [[[0, 0], [0, 2], [2, 2], [2, 0], [0, 0]]]}, (1, 1)),
        ({"type": "LineString", "coordinates": [[0, 0], [1, 1], [2, 2]]}, (1, 1)),
        ({"type": "GeometryCollection", "geometries": [{"type": "Point", "coordinates": [1, 2]}]}, (1, 2)),
        ({"type": "Polygon", "coordinates": []}, None),
        (None, None),
    ],
)
def test_a_geometry_has_one_point(geometry_: dict | None, point: tuple[float, float] | None) -> None:
    assert geometry.representative(geometry_) == point


def test_the_point_of_a_horseshoe_lies_inside_it() -> None:
    shoe = [[0, 0], [10, 0], [10, 10], [9, 10], [9, 1], [1, 1], [1, 10], [0, 10], [0, 0]]
    found = geometry.representative({"type": "Polygon", "coordinates": [shoe]})
    assert found is not None
    assert 0 <= found[0] <= 1 or 9 <= found[0] <= 10


@pytest.mark.parametrize(
    "geometry_",
    [{"type": "Point", "coordinates": ["x", 1]}, {"type": "Circle", "coordinates": [1]}, {"type": "Polygon", "coordinates": [1]},
     {"type": "Point", "coordinates": [float("nan"), 1]}, {"type": "GeometryCollection"}],
)  # fmt: skip
def test_what_is_no_geometry_is_refused(geometry_: dict) -> None:
    with pytest.raises(ValueError):
        geometry.representative(geometry_)


# Personal data


@pytest.mark.parametrize(
    ("text", "scrubbed"),
    [
        ("gọi 0912345678 nhé", "gọi […] nhé"),
        ("0912.345.678, +84 912 345 678", "[…], […]"),
        ("(0203) 3825 123", "[…]"),
        ("lan.nguyen@quangninh.gov.vn trả lời", "[…] trả lời"),
        ("CCCD 022085001234, CMND 100123456", "CCCD […], CMND […]"),
        ("H99.12-20261102-0004", "H99.12-20261102-0004"),
        ("20261102083000", "20261102083000"),
        ("2.118 tỷ trên 13.954 tỷ", "2.118 tỷ trên 13.954 tỷ"),
        ("đường dây nóng 1022", "đường dây nóng 1022"),
        ("107.0812345, 20.951234", "107.0812345, 20.951234"),
    ],
)
def test_free_text_loses_phones_addresses_and_identity_numbers(text: str, scrubbed: str) -> None:
    assert scrub(text) == scrubbed
