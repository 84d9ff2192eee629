"""Whatever the pages: counted ahead equals counted one by one, and as_of equals a store that never saw the rest."""

from datetime import datetime

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from ioc.indicators.cells import Given
from ioc.indicators.flows import Flow
from ioc.indicators.question import Question
from ioc.model import Case, Observation

DAY = 86_400


def instant(text: str) -> int:
    return int(datetime.fromisoformat(text + "+07:00").timestamp())


NOW = instant("2026-11-20T10:00:00")
START = NOW - 40 * DAY
OVERS = ("sum", "mean", "max", "min", "last")
QUIET = settings(
    max_examples=3,
    deadline=None,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
CASES = ("dossiers_on_time", "dossiers_on_time_of_received", "dossiers_received", "dossiers_resolved_late", "dossier_days",
         "dossiers_overdue", "dossiers_pending", "dossiers_due_2d", "dossiers_waiting_supplement", "satisfaction")  # fmt: skip
AIR = ("pm25_day", "aqi_hour", "aqi_day", "air_exceedances", "station_uptime", "stations_silent")
PERIODS = (
    "2026-10", "2026-W46", "last_30d", "report:2026-11", "2026", "2026-Q4", "2026-11-12", "2026-11-12T09", "last_24h",
    "last_7d", "to_date",
)  # fmt: skip


@st.composite
def dossiers(draw):
    opened = START + draw(st.integers(0, 39 * DAY))
    state = draw(st.sampled_from(["open", "closed", "closed", "waiting_supplement", "stopped", "refused"]))
    closed = min(NOW, opened + draw(st.integers(600, 20 * DAY))) if state == "closed" else None
    due = draw(st.none() | st.integers(opened + 3600, opened + 12 * DAY))
    rating = draw(st.sampled_from([None, "satisfied", "dissatisfied"]))
    return Case(
        f"k{draw(st.integers(0, 25))}", "dossier", state, opened, due=due, closed=closed,
        responsible=draw(st.sampled_from(["so_xay_dung", "so_y_te"])), channel=draw(st.sampled_from(["online", "direct"])),
        waited_s=draw(st.sampled_from([0, DAY])), area=draw(st.sampled_from(["06685", "06652"])),
        facts={} if rating is None else {"rating": rating},
    )  # fmt: skip


PAGES = st.lists(st.lists(dossiers(), min_size=1, max_size=12), min_size=1, max_size=6)


def questions(indicator, world):
    definition = world.engine.definitions[indicator]
    for turn, narrowed in enumerate(({}, {"agency": "so_y_te"})):
        if definition.stock:
            yield from (Question(**narrowed, at=at) for at in (None, NOW - 6 * DAY))
        else:
            # every kind of period is asked, of each indicator some
            some = range(CASES.index(indicator) + turn, 4 * len(PERIODS), 3)[:4]
            yield from (Question(**narrowed, period=PERIODS[n % len(PERIODS)]) for n in some)


def values(world, indicators, now, as_of=None):
    found = {}
    with world.engine.snapshot(now) as snapshot:
        for indicator in indicators:
            for question in questions(indicator, world) if indicator in CASES else (Question(),):
                asked = question if as_of is None else Question(
                    question.area, question.agency, question.site, question.category, question.channel,
                    question.period, question.at, as_of,
                )  # fmt: skip
                reading = world.engine.read(indicator, asked, now, snapshot=snapshot, compare=False)
                found[indicator, question] = (reading.value, reading.num, reading.den, reading.oldest)
    return found


@QUIET
@given(pages=PAGES)
def test_counts_ahead_equal_counting_one_by_one(new_world, pages):
    world = new_world()
    for position, page in enumerate(pages):
        world.keep("one_stop", page, NOW - 4 * DAY + position * 70_000)
    counted = values(world, CASES, NOW + 3 * DAY)
    as_of = (NOW - 4 * DAY + 70_000 * 2 + 50) * 1000
    then = values(world, CASES, NOW + 3 * DAY, as_of)
    answers = Flow._answers
    Flow._answers = lambda self, measure, group: None
    try:
        assert values(world, CASES, NOW + 3 * DAY) == counted
        assert values(world, CASES, NOW + 3 * DAY, as_of) == then
    finally:
        Flow._answers = answers


@QUIET
@given(pages=PAGES, keep=st.integers(1, 5))
def test_as_of_equals_a_store_that_never_saw_the_rest(new_world, pages, keep):
    whole, part = new_world(), new_world()
    at = [NOW - 4 * DAY + position * 40_000 for position in range(len(pages))]
    keep = min(keep, len(pages))
    for position, page in enumerate(pages):
        whole.keep("one_stop", page, at[position])
        if position < keep:
            part.keep("one_stop", page, at[position])
    # as_of is after the last page kept and before the next
    then = at[keep - 1] + 30
    assert values(whole, CASES, NOW + DAY, then * 1000) == values(part, CASES, then)


@QUIET
@given(records=st.lists(dossiers(), min_size=1, max_size=25, unique_by=lambda case: case.key), data=st.data())
def test_any_split_order_and_repetition_gives_the_same_readings(new_world, records, data):
    one, other = new_world(), new_world()
    one.keep("one_stop", records, NOW - 60)
    shuffled = data.draw(st.permutations(records + records[: len(records) // 2]))
    size = data.draw(st.integers(1, 9))
    other.keep("one_stop", shuffled, NOW - 60, size=size)
    assert values(one, CASES, NOW) == values(other, CASES, NOW)


VALUES = st.lists(
    st.tuples(
        st.sampled_from(["pm25", "no2", "o3"]), st.integers(0, 30 * 12), st.sampled_from(["air_1", "air_2"]),
        st.floats(0, 300).map(lambda x: round(x, 1)), st.sampled_from(["", "", "", "01"]),
    ),
    min_size=1, max_size=200,
)  # fmt: skip


def measured(rows):
    base = NOW - 30 * 3600
    return [
        Observation(variable, base + 300 * step, site, value, flag=flag, span="minute", kind="mean")
        for variable, step, site, value, flag in rows
    ]


@QUIET
@given(first=VALUES, then=VALUES, size=st.integers(20, 200))
def test_observations_as_of_equal_a_store_that_never_saw_the_rest(new_world, first, then, size):
    whole, part = new_world(), new_world()
    whole.keep("air_stations", measured(first), NOW - 600, size=size)
    whole.keep("air_stations", measured(then), NOW - 200, size=size)
    part.keep("air_stations", list(reversed(measured({row[:3]: row for row in first}.values()))), NOW - 600)
    asked = NOW - 400
    assert values(whole, AIR, NOW, asked * 1000) == values(part, AIR, asked)


@QUIET
@given(rows=VALUES, then=VALUES)
def test_rollups_answer_every_period_as_the_single_values_do(new_world, rows, then):
    world = new_world()
    world.keep("air_stations", measured(rows), NOW - 600)
    world.keep("air_stations", measured(then), NOW - 200)
    with world.engine.snapshot(NOW) as snapshot:
        for period in PERIODS:
            for as_of in (None, (NOW - 400) * 1000):
                query = world.engine.query("pm25_day", Question(period=period, as_of=as_of), NOW, snapshot)
                stored, pick, span = query.lookup(), query.definition.num, query.moment.period
                raw = Given(stored.rows(pick, 0, NOW + DAY))
                for length in (0, 3600, DAY):
                    asked = (pick, span.start, span.until, *([length] if length else []))
                    told, single = ((one.buckets if length else one.total)(*asked) for one in (stored, raw))
                    assert said(told) == said(single), (period, as_of, length)


def said(found):
    """Say what cells amount to; an hour without a valid value says only that values came."""
    return [
        (cell.place, cell.start, cell.n, cell.valid, *(rounded(cell.value(over)) for over in OVERS))
        for cell in found
    ]


def rounded(value):
    return None if value is None else round(value, 6)
