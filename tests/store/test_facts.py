"""What a case's declared facts say is judged alike by a page that counts ahead and by the store that is asked."""

import orjson
import pytest
import sqlalchemy as sa

from ioc.conditions import fact_number, parse
from ioc.model import Case

TOLD = (None, True, False, 0, 1, 4, 4.0, 4.5, -3, "4", "4.0", "1", "true", "False", "", "mức 4")
WANTED = (None, True, False, 0, 1, 4, "4", 4.5, "true", "mức 4")


@pytest.fixture
def connection(database_url):
    engine = sa.create_engine(database_url)
    with engine.connect() as opened:
        yield opened
    engine.dispose()


def test_a_fact_meets_a_condition_whatever_type_its_source_sends(connection):
    asked = [{"facts.level": wanted} for wanted in WANTED]
    conditions = [parse(one) for one in (*asked, *({"not": one} for one in asked))]
    for told in TOLD:
        facts = {"level": told}
        table = sa.select(sa.literal(orjson.dumps(facts).decode()).label("facts")).subquery()
        asked_for = (one.where(table).label(f"c{place}") for place, one in enumerate(conditions))
        kept = connection.execute(sa.select(*asked_for)).one()
        ahead = [one.holds(Case("k", "probe", "open", 0, facts=facts)) for one in conditions]
        assert [bool(one) for one in kept] == ahead, told
    assert parse({"facts.level": "4"}).holds(Case("k", "probe", "open", 0, facts={"level": 4.0}))


def test_only_a_number_is_measured_of_a_fact(connection):
    for told in TOLD:
        facts = sa.literal(orjson.dumps({"cost": told}).decode())
        found = connection.execute(sa.select(fact_number(facts, sa.literal("cost")))).scalar_one()
        is_number = isinstance(told, int | float) and not isinstance(told, bool)
        assert (None if found is None else float(found)) == (told if is_number else None), told
