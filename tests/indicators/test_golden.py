"""The golden numbers and every worked example, through real records in a real store."""

from datetime import datetime

from ioc.indicators import examples
from ioc.indicators.question import Question
from ioc.indicators.standards import load_standards
from ioc.model import Case, Observation


def instant(text: str) -> int:
    return int(datetime.fromisoformat(text + "+07:00").timestamp())


NOW = instant("2026-11-20T10:00:00")


def reports(closed: int, pending: int) -> list[Case]:
    opened = instant("2026-11-10T08:00:00")
    due = instant("2026-11-25T17:00:00")
    done = [Case(f"c{i}", "report", "closed", opened, due=due, closed=opened + 86_400) for i in range(closed)]
    return done + [Case(f"p{i}", "report", "open", opened, due=due) for i in range(pending)]


def test_t1_of_620_reports_588_are_processed_and_32_open(world):
    world.keep("reports_1022", reports(588, 32), NOW - 10)
    read = world.engine.read
    assert read("reports_received", Question(), NOW).value == 620
    processed = read("reports_processed", Question(period="2026-11"), NOW)
    assert (processed.num, processed.den, processed.value) == (588, 620, 94.84)
    assert read("reports_open", Question(), NOW).value == 32


def test_q1_of_1832_procedures_1712_are_93_45_percent(world):
    time = instant("2026-10-01T00:00:00")
    values = [("procedures_full", 1712), ("procedures_total", 1832)]
    records = [
        Observation(name, time, "22", value, span="month", kind="count", method="official")
        for name, value in values
    ]
    world.keep("national_portal_766", records, NOW - 10)
    reading = world.engine.read("procedures_full_share", Question(), NOW)
    assert (reading.num, reading.den, reading.value) == (1712, 1832, 93.45)


def test_every_worked_example_is_right(definitions, calendar):
    assert [str(fault) for fault in examples.run_examples(definitions, calendar)] == []


def apart(definition):
    """Name the field that tells the examples of one definition from all others: one that it does not ask for."""
    return "channel" if "'category'" in f"{definition.num_cases}{definition.den_cases}" else "category"


def test_worked_examples_of_cases_come_out_of_the_store_alike(world, definitions, calendar, catalogue):
    standards = load_standards()
    source_of = {one.shape[5:]: one.id for one in catalogue.sources.values() if one.shape.startswith("case:")}
    kept = {source: [] for source in source_of.values()}
    asked = []
    for definition in definitions.values():
        for example in definition.examples if definition.shape == "case" else ():
            given = examples.records(definition, example)
            if sum(n for n, _ in given.cases) > 5_000:
                continue  # the golden number has a test of its own
            asked.append((definition, given))
            kept[source_of[definition.kind]] += [
                case._replace(key=f"{definition.id}-{row}-{i}", **{apart(definition): definition.id})
                for row, (n, case) in enumerate(given.cases)
                for i in range(n)
            ]
    for source, cases in kept.items():
        world.keep(source, cases, NOW - 5)
    for definition, given in asked:
        asks = Question(**{apart(definition): definition.id})
        reading = world.engine.read(definition.id, asks, given.at)
        expected = examples.answer_of(definition, given, calendar, standards)
        found = (definition.id, reading.num, reading.den, reading.oldest)
        assert found == (definition.id, expected.num, expected.den, expected.oldest)
        if definition.length is not None:
            assert reading.value == expected.value


def apart_by_variables(asked):
    """Part examples into groups whose members read and give no variable in common, so that a store holds a group."""
    groups = []
    for definition, given in sorted(asked, key=lambda one: one[1].at):
        speaks_of = {one.variable for one in given.observations} | definition.variables
        group = next((group for group in groups if not group[0] & speaks_of), None)
        if group is None:
            groups.append(group := (set(), []))
        group[0].update(speaks_of)
        group[1].append((definition, given))
    return [members for _, members in groups]


def test_worked_examples_of_observations_come_out_of_the_store_alike(
    new_world, definitions, calendar, catalogue
):
    standards = load_standards()
    of_sites = ("permit_exceedances", "stations_silent", "station_uptime")  # these speak of declared sites
    asked = [
        (definition, examples.records(definition, example))
        for definition in definitions.values()
        if definition.shape == "observation"
        and definition.function not in of_sites
        and not definition.settings.get("kinds")
        and definition.id.partition("_")[0] not in ("hand", "measles", "influenza")  # as dengue
        for example in definition.examples
    ]
    assert len(asked) > 150
    for members in apart_by_variables(asked):
        world = new_world()
        for definition, given in members:
            with world.engine.snapshot(given.at) as snapshot:
                source = snapshot.inputs(definition)[0].id
            sent = [
                one._replace(time=one.time + 3600)
                if one.span == "hour" and catalogue.variables[one.variable].stamp == "end"
                else one
                for one in given.observations
            ]
            world.keep(source, sent, given.at - 5)
            reading = world.engine.read(definition.id, Question(), given.at)
            expected = examples.answer_of(definition, given, calendar, standards)
            assert (definition.id, reading.num, reading.den) == (definition.id, expected.num, expected.den)
