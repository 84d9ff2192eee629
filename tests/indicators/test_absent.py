"""What nobody told is absent, never nought, and says why."""

from datetime import datetime

import pytest

from ioc.errors import QuestionError
from ioc.indicators.question import Question
from ioc.model import Case, Observation
from tests.indicators.declaring import engine_of

DAY = 86_400
NOW = int(datetime.fromisoformat("2026-11-20T10:00:00+07:00").timestamp())
FIRST = NOW - 30 * DAY
MADE = {
    "late_share": 'of = "case:dossier"\nby = "closed"\nsources = ["one_stop"]\nunit = "%"\n'
    "numerator = { late = true }\ndenominator = { closed = true }",
    "days": 'of = "case:dossier"\nby = "closed"\nsources = ["one_stop"]\nunit = "d"\n'
    'duration = { unit = "d" }\ntake = "median"',
    "received": 'of = "case:dossier"\nby = "opened"\nsources = ["one_stop"]\nunit = "{dossier}"',
    "in_hand": 'of = "case:dossier"\nstock = true\nsources = ["one_stop"]\nunit = "{dossier}"',
    "grown": 'of = "indicators"\nunit = "%"\nchange = { of = "received", against = "previous", as = "percent" }',
    "warnings": 'of = "event:warning"\nby = "starts"\nunit = "{warning}"',
}
ASKED = (
    ("received", {"period": "2020"}, "Số liệu chỉ có từ ngày 21/10/2026"),
    ("in_hand", {"at": FIRST - DAY}, "Số liệu chỉ có từ ngày 21/10/2026"),
    ("grown", {"period": "2026-09"}, "Chưa có số liệu của kỳ này"),
    ("grown", {"period": "2026-10"}, "Không có số liệu của kỳ để so sánh"),
    ("late_share", {"period": "2026-11"}, "Mẫu số bằng 0, không tính tỷ lệ"),
    ("days", {"period": "2026-11"}, "Không có hồ sơ nào để tính"),
    ("warnings", {}, "Chưa có dữ liệu: nguồn chưa được thu thập"),
)


def test_a_number_that_is_absent_is_null_and_says_why(world):
    engine = engine_of(world, MADE)
    world.keep("one_stop", [Case("a", "dossier", "open", FIRST)], NOW - 60)
    with engine.snapshot(NOW) as snapshot:
        for indicator, asked, why in ASKED:
            reading = engine.read(indicator, Question(**asked), NOW, snapshot=snapshot)
            assert (reading.value, reading.sentence["vi"]) == (None, why), (indicator, asked)
        counted = engine.read("received", Question(period="2026-11"), NOW, snapshot=snapshot)
        assert (counted.value, counted.sentence) == (0, {})
        for period in ("0001", "1969", "last_99999d"):
            with pytest.raises(QuestionError, match="before 1970"):
                engine.read("received", Question(period=period), NOW, snapshot=snapshot)
        with pytest.raises(QuestionError, match="not understood"):
            engine.read("received", Question(period="２０２６"), NOW, snapshot=snapshot)


def test_places_that_tell_are_counted_alike_whole_and_broken_down(world):
    made = (
        'of = "observation"\nunit = "{station}"\nnumerator = { variable = "pm25" }\n'
        'across = "count"\nover = "mean"\nperiod = "day"'
    )
    engine = engine_of(world, {"telling": made})
    told = [
        Observation("pm25", NOW - 7200, site, 40.0, span="hour", kind="mean") for site in ("air_1", "air_2")
    ]
    world.keep("air_stations", told, NOW - 60)
    asked = Question(period="2026-11-20")
    assert engine.read("telling", asked, NOW).value == 2
    assert [row.value for row in engine.breakdown("telling", asked, "site", NOW)] == [1, 1]
    assert sum(row.value for row in engine.breakdown("telling", asked, "area", NOW)) == 2
