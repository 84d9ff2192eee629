"""VN_AQI against Decision 1459/QĐ-TCMT's own worked examples, and what it leaves open."""

from decimal import Decimal
from pathlib import Path

import pytest

from ioc.errors import DeclarationError
from ioc.indicators.statutory.vn_aqi import (
    Completeness,
    band,
    day_index,
    eight_hour_means,
    hour_index,
    interpolate,
    load_standard,
    sub_index,
)

STANDARD = load_standard(Path(__file__).parents[2] / "data/standards/vn_aqi.toml")
ENOUGH = Completeness(day=18, eight=6)
PM25_OF_THE_DECISION = [26.9, 24.7, 20.5, 23.5, 19.5, 16.5, 19.0, 16.5, 20.3, 22.4, 19.6, 20.6]

# O3 of the decision: 18:00 to 00:00 of the day before, then 01:00 to 00:00, and the means that it prints.
O3_BEFORE = [15.7, 14.2, 17.7, 18.9, 19.3, 15.7, 19.7]
O3_DAY = [22.6, 27.1, 29.0, 31.9, 25.3, 34.7, 35.2, 41.6, 45.7, 49.2, 55.8, 69.6]
O3_DAY += [78.3, 91.5, 97.7, 81.2, 71.8, 43.5, 34.3, 21.5, 20.5, 19.4, 20.4, 21.3]
O3_MEANS = [18.0, 19.4, 21.2, 23.0, 23.8, 25.8, 28.2, 30.9, 33.8, 36.6, 39.9, 44.7]
O3_MEANS += [51.3, 58.4, 66.2, 71.1, 74.4, 73.7, 71.0, 65.0, 57.8, 48.7, 39.1, 31.6]


@pytest.mark.parametrize(
    ("column", "concentration", "exact", "index"),
    [
        ("pm25", 20.3, "40.6", 41),
        ("o3", 136.1, "42.53125", 43),
        # The decision prints 60 here where its own formula gives 59.35, so 59; its other examples fit.
        ("no2", 118.7, "59.35", 59),
        ("o3_8h", 89.3, "44.65", 45),
        ("o3", 114.6, "35.8125", 36),
        ("no2", 130.8, "65.4", 65),
        ("pm25", 55.7, "109.5", 110),
        ("pm25", 25, "50", 50),
        ("pm25", 35.4, "70.8", 71),
        ("pm25", 300, "350", 350),
        ("pm25", 600, "500", 500),
        ("pm10", 180, "115", 115),
        ("co", 12_000, "55", 55),
        ("so2", 130, "51.11111111", 51),
        ("pm25", 0, "0", 0),
        ("pm25", -0.4, "0", 0),
        ("pm25", 20.25, "40.5", 41),
        ("o3_8h", 400, "300", 300),
        ("co", 150_000, "500", 500),
    ],
)
def test_a_concentration_has_the_index_of_the_decisions_formula(column, concentration, exact, index):
    assert abs(interpolate(column, concentration) - Decimal(exact)) < Decimal("0.00000001")
    assert sub_index(column, concentration) == index


def test_the_hour_of_the_decision_is_governed_by_no2():
    answer = hour_index({"pm25": PM25_OF_THE_DECISION, "o3": [136.1], "no2": [118.7]})
    assert answer is not None
    assert (answer.value, answer.dominant, answer.complete) == (59, "no2", True)
    assert answer.parts == {"pm25": 41, "o3": 43, "no2": 59}


def test_the_day_of_the_decision_is_governed_by_pm25():
    day = {"pm25": [55.7] * 24, "no2": [*[20.0] * 23, 130.8], "o3": [*[89.3] * 8, 114.6 - 0.1, *[10.0] * 15]}
    answer = day_index(day, ENOUGH, o3_before=[10.0] * 7)
    assert answer is not None
    assert (answer.value, answer.dominant, answer.parts["no2"], answer.complete) == (110, "pm25", 65, True)


def test_the_eight_hour_means_are_those_that_the_decision_prints():
    means = eight_hour_means(O3_DAY, O3_BEFORE, least=6)
    assert len(means) == 24
    # At 12:00 it prints 44.7 where the hours that it prints give 44.6375; all others are its rounding.
    assert means == [pytest.approx(printed, abs=0.0626) for printed in O3_MEANS]
    assert means[0] == pytest.approx(17.975)


def test_ozone_takes_the_larger_of_its_two_indices():
    answer = day_index({"pm25": [5.0] * 24, "o3": O3_DAY}, ENOUGH, o3_before=O3_BEFORE)
    assert answer is not None
    # Highest hour 97.7 gives 30.5; highest eight hours 74.4 gives 37.2.
    assert answer.parts["o3"] == 37


def test_an_eight_hour_ozone_above_400_leaves_the_hourly_index_alone():
    answer = day_index({"pm25": [5.0] * 24, "o3": [420.0] * 24}, ENOUGH, o3_before=[420.0] * 7)
    assert answer is not None
    assert answer.parts["o3"] == sub_index("o3", 420.0) == 205
    with pytest.raises(ValueError, match="eight-hour mean of O3 above 400 has no index"):
        interpolate("o3_8h", 401)


def test_no_index_is_published_without_a_particle():
    assert hour_index({"no2": [118.7], "o3": [136.1]}) is None
    assert hour_index({"pm25": [20.0, None, None], "no2": [118.7]}) is None
    assert day_index({"pm10": [30.0] * 17 + [None] * 7, "no2": [50.0] * 24}, ENOUGH) is None


@pytest.mark.parametrize(
    "hours",
    [
        {"pm25": [20.0] * 11},
        {"pm25": [20.0] * 5 + [None] + [20.0] * 6},
        {"pm25": [20.0] * 12, "no2": [None]},
        {"pm25": [20.0] * 12, "no2": []},
        {"pm25": [20.0] * 12, "pm10": [None] * 12},
    ],
)
def test_an_hour_with_a_gap_says_that_it_is_incomplete(hours):
    answer = hour_index(hours)
    assert answer is not None
    assert not answer.complete


def test_a_day_with_a_gap_keeps_its_highest_hour_and_says_that_it_is_incomplete():
    answer = day_index({"pm25": [20.0] * 18 + [None] * 6, "no2": [None] * 20 + [300.0] + [None] * 3}, ENOUGH)
    assert answer is not None
    assert (answer.value, answer.dominant, answer.parts["pm25"], answer.complete) == (110, "no2", 40, False)


def test_equal_indices_name_the_finer_particle():
    answer = hour_index({"pm10": [50.0] * 12, "pm25": [25.0] * 12})
    assert answer is not None
    assert answer.dominant == "pm25"


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: hour_index({"pm2_5": [1.0]}), "found pm2_5"),
        (lambda: day_index({"pm25": [1.0] * 23}, ENOUGH), "24 hours, 01:00 to 00:00, found 23"),
        (lambda: interpolate("pm25", float("nan")), "must be a finite number, a gap is None"),
        (lambda: band(501, STANDARD.bands), "from 0 to 500, found 501"),
    ],
)
def test_what_is_no_input_is_refused_with_a_sentence(call, message):
    with pytest.raises(ValueError, match=message):
        call()


@pytest.mark.parametrize(
    ("index", "vi", "en", "colour"),
    [
        (0, "Tốt", "Good", "#00E400"),
        (50, "Tốt", "Good", "#00E400"),
        (51, "Trung bình", "Moderate", "#FFFF00"),
        (101, "Kém", "Poor", "#FF7E00"),
        (151, "Xấu", "Bad", "#FF0000"),
        (300, "Rất xấu", "Very bad", "#8F3F97"),
        (301, "Nguy hại", "Hazardous", "#7E0023"),
        (500, "Nguy hại", "Hazardous", "#7E0023"),
    ],
)
def test_an_index_has_its_legal_band_and_colour(index, vi, en, colour):
    found = band(index, STANDARD.bands)
    assert (found.vi, found.en, found.colour) == (vi, en, colour)


def test_every_bands_text_reads_on_its_colour():
    def light(colour: str) -> float:
        parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
        red, green, blue = (p / 12.92 if p <= 0.03928 else ((p + 0.055) / 1.055) ** 2.4 for p in parts)
        return 0.2126 * red + 0.7152 * green + 0.0722 * blue

    for found in STANDARD.bands:
        dark, bright = sorted((light(found.colour), light(found.ink)))
        assert (bright + 0.05) / (dark + 0.05) >= 4.5, found.id


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("low       = 51", "low       = 52", r"\[band\] expected a band that begins at 51, found 52 to 100"),
        ("high      = 500", "high      = 400", "bands up to 500, found the last to end at 400"),
        ('"#FFFF00"', '"yellow"', r"\[band\[2\].colour\] expected a colour such as #FF7E00"),
        ("day      = 18", 'day = "18"', r"\[completeness.day\] expected a whole number"),
        ("eight    = 6 ", "eigth = 6 ", r"\[completeness.eigth\] unknown key; known are basis, day, eight"),
    ],
)
def test_a_faulty_declaration_is_named_by_file_table_key_and_what_was_expected(tmp_path, old, new, message):
    text = (Path(__file__).parents[2] / "data/standards/vn_aqi.toml").read_text(encoding="utf-8")
    assert old in text
    (tmp_path / "vn_aqi.toml").write_text(text.replace(old, new), encoding="utf-8")
    with pytest.raises(DeclarationError, match=message) as raised:
        load_standard(tmp_path / "vn_aqi.toml")
    assert str(raised.value).startswith("vn_aqi.toml: [")
