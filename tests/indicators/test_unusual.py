"""A channel that is silent for longer than it ever was, and a category that surges, on both stores."""

from __future__ import annotations

from datetime import datetime

import pytest

from ioc.errors import DeclarationError, QuestionError
from ioc.indicators.question import Question
from ioc.model import Case
from tests.indicators.declaring import declared

NOW = int(datetime.fromisoformat("2026-11-20T10:00:00+07:00").timestamp())
HOUR_S, DAY_S = 3600, 86_400
SILENT, SURGING = "reports_channels_silent", "reports_categories_surging"


def reports(channel: str, category: str, every_h: float, until_h: float, days: float = 28) -> list[Case]:
    """Make reports of a channel every so many hours, the last one so many hours before NOW."""
    count = int((days * 24 - until_h) / every_h)
    return [
        Case(
            f"{channel}-{number}",
            "report",
            "closed",
            at,
            closed=at + HOUR_S,
            channel=channel,
            category=category,
        )
        for number in range(count)
        for at in [NOW - int((until_h + number * every_h) * HOUR_S)]
    ]


@pytest.fixture
def kept(world):
    told = (
        reports("app", "Môi trường", 3, 1)
        + reports("zalo", "Đất đai", 9, 13)
        + reports("web", "Xây dựng", 9, 8)
    )
    told += reports("email", "Khác", 100, 500)  # too few to say what is usual
    told += [
        Case(f"flood-{n}", "report", "open", NOW - n * 600 - 1, channel="app", category="Ngập úng")
        for n in range(40)
    ]
    world.keep("reports_1022", told, NOW - 60)
    return world


def test_what_is_unusual_is_named_and_what_is_usual_is_not(kept):
    silent = kept.engine.read(SILENT, Question(), NOW)
    assert (silent.value, silent.status, silent.where["channel"]) == (1, "warning", "zalo")
    assert silent.detail["unusual"] == [{"key": "zalo", "seen": 13.0, "usual": 9.0}]
    rows = {row.key: row.value for row in kept.engine.breakdown(SILENT, Question(), "channel", NOW)}
    assert rows == {"zalo": 1, "app": 0, "web": 0}
    surging = kept.engine.read(SURGING, Question(), NOW)
    assert (surging.value, surging.where["category"]) == (1, "Ngập úng")
    with pytest.raises(QuestionError, match="watches each channel and is not broken down by area"):
        kept.engine.breakdown(SILENT, Question(), "area", NOW)


def test_silence_begins_with_no_new_data_and_the_reading_says_when(kept):
    earlier = NOW - 5 * HOUR_S
    calm = kept.engine.read(SILENT, Question(at=earlier), NOW)
    assert calm.value == 0
    now = kept.engine.read(SILENT, Question(), NOW)
    # the web's last report came 8 hours ago and its longest gap is 9: in an hour it is silent too
    assert NOW < now.valid_until <= NOW + HOUR_S + 2
    later = kept.engine.read(SILENT, Question(), NOW + HOUR_S + 2)
    assert later.value == 2
    points = kept.engine.series(SILENT, Question(), "day", NOW - 2 * DAY_S, NOW, NOW)
    assert [point.value for point in points][-1] == 1


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ('by = "opened"\nunusual = { kind = "silence", by = "channel" }', "stock = true was expected"),
        ('stock = true\nunusual = { kind = "noise", by = "channel" }', "one of silence, surge was expected"),
        (
            'stock = true\nunusual = { kind = "surge", by = "channel", days = 3 }',
            "7 to 366 days were expected",
        ),
    ],
)
def test_what_cannot_be_watched_is_refused_with_a_sentence(text, sentence):
    with pytest.raises(DeclarationError, match=sentence):
        declared(f'of = "case:report"\nunit = "{{report}}"\n{text}\n')
