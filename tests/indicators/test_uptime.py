"""What a station owes follows the step of each day: a past that comes by the hour is no loss."""

from datetime import datetime

from ioc.indicators.question import Question
from ioc.model import Observation

NOW = int(datetime.fromisoformat("2026-11-20T10:00:00+07:00").timestamp())
TODAY = NOW - 10 * 3600


def test_a_day_fetched_by_the_hour_owes_an_hourly_value_and_a_live_one_twelve(world):
    def values(start, step, count, place):
        return [  # a time marks the end of its span
            Observation("pm25", start + (n + 1) * step, place, 20.0, span="minute", kind="mean")
            for n in range(count)
        ]

    sites = [id for id, site in world.catalogue.sites.items() if site.kind == "air_station"][:2]
    past = [one for place in sites for one in values(TODAY - 86_400, 3600, 24, place)]
    live = values(TODAY, 300, 120, sites[0]) + values(TODAY, 300, 60, sites[1])
    world.keep("air_stations", past + live, NOW - 10)
    days = [
        world.engine.read("station_uptime", Question(period=day), NOW, compare=False)
        for day in ("2026-11-19", "2026-11-20")
    ]
    assert [(one.value, one.num, one.den) for one in days] == [(100.0, 48, 48), (75.0, 180, 240)]
