"""Opening a store: made where it is absent, refused where it is another's."""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path

import pytest
import sqlalchemy as sa

from ioc.errors import StoreError
from ioc.store import Store, migrations, open_store, schema
from tests.store.given import NOW, count, keep, opened, source, value

SQLITE = """SELECT type, name, tbl_name, sql FROM sqlite_master
            WHERE name NOT LIKE 'sqlite_%' AND tbl_name <> 'alembic_version' ORDER BY type, name"""
POSTGRESQL = """
    SELECT c.relname, a.attname, format_type(a.atttypid, a.atttypmod), a.attnotnull::text, pg_get_expr(d.adbin, d.adrelid)
    FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0
    LEFT JOIN pg_attrdef d ON d.adrelid = c.oid AND d.adnum = a.attnum
    WHERE c.relnamespace = 'public'::regnamespace AND c.relkind = 'r' AND c.relname <> 'alembic_version'
    UNION ALL
    SELECT tablename, indexname, indexdef, '', '' FROM pg_indexes
    WHERE schemaname = 'public' AND tablename <> 'alembic_version'
    ORDER BY 1, 2, 3"""


@pytest.fixture
def new_store_url(new_database_url: Callable[[], str]) -> Callable[[], str]:
    """Give stores that are not made yet: their making is what is tested here."""
    return new_database_url


def described(url: str) -> list[tuple[str, ...]]:
    engine = sa.create_engine(url)
    try:
        with engine.connect() as connection:
            question = SQLITE if engine.dialect.name == "sqlite" else POSTGRESQL
            found = connection.execute(sa.text(question)).all()
            return [tuple(" ".join(str(part).split()) for part in row) for row in found]
    finally:
        engine.dispose()


def test_the_migrated_tables_are_those_of_the_metadata(new_store_url):
    migrated, made = new_store_url(), new_store_url()
    with opened(migrated):
        pass
    engine = sa.create_engine(made)
    schema.metadata.create_all(engine)
    engine.dispose()
    assert described(migrated) == described(made)


def test_alembic_finds_no_difference_between_the_store_and_the_metadata(store_url):
    from alembic.autogenerate import compare_metadata
    from alembic.migration import MigrationContext

    with opened(store_url) as store, store.engine.connect() as connection:
        context = MigrationContext.configure(
            connection, opts={"include_name": lambda name, kind, _: name != "alembic_version"}
        )
        assert compare_metadata(context, schema.metadata) == []


def test_a_store_of_the_simulated_world_refuses_real_records(store_url):
    with opened(store_url):
        pass
    with pytest.raises(StoreError, match="holds simulated records and was opened for real ones"):
        open_store(store_url, simulated=False, province="22")


def test_a_store_of_another_province_is_refused(store_url):
    with opened(store_url):
        pass
    with pytest.raises(StoreError, match="belongs to province 22 and was opened for 24"):
        open_store(store_url, simulated=True, province="24")


def test_a_store_made_by_a_newer_version_is_refused(store_url):
    with opened(store_url) as store, store.unfenced() as connection:
        connection.execute(sa.text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(
        StoreError, match=f"of revision 9999, this version knows none after {migrations.HEAD}"
    ):
        open_store(store_url, simulated=True, province="22")


def test_two_processes_may_make_the_store_at_once(store_url):
    made: list[Store] = []
    faults: list[BaseException] = []

    def make() -> None:
        try:
            made.append(open_store(store_url, simulated=True, province="22"))
        except BaseException as fault:
            faults.append(fault)

    threads = [threading.Thread(target=make) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for store in made:
        store.close()
    assert (len(made), faults) == (4, [])


@pytest.mark.parametrize(
    ("url", "sentence"),
    [
        ("sqlite://", "a store in memory would be lost"),
        ("mysql://x/y", "mysql is no store"),
        ("postgresql://postgres@127.0.0.1:1/none", "does not answer"),
        ("sqlite:////proc/none/store.sqlite", "cannot be made"),
    ],
)
def test_a_store_that_cannot_be_is_refused_with_a_sentence(url, sentence):
    with pytest.raises(StoreError, match=sentence):
        open_store(url, simulated=True, province="22")


def test_the_folder_of_an_embedded_store_is_made(tmp_path: Path):
    with opened(f"sqlite:///{tmp_path}/a/b/store.sqlite"):
        assert (tmp_path / "a" / "b" / "store.sqlite").is_file()


def test_a_reading_sees_one_state_and_cannot_write(store_url):
    with opened(store_url) as store:
        with store.reading() as connection:
            before = connection.execute(sa.select(schema.clock.c.last_ms)).scalar_one()
            keep(store, source(), [value(NOW, 1.0)])
            assert connection.execute(sa.select(schema.clock.c.last_ms)).scalar_one() == before
            assert (
                connection.execute(sa.select(sa.func.count()).select_from(schema.observation)).scalar() == 0
            )
        with pytest.raises((StoreError, sa.exc.DBAPIError)), store.reading() as connection:
            connection.execute(sa.delete(schema.stamp))
        assert count(store, schema.stamp) == 1


def test_knowledge_time_only_moves_forward_even_when_the_machines_clock_does_not(store_url):
    with opened(store_url) as store:
        known = []
        for now_ms in (5000, 5000, 4000, 9000):
            with store.writing(0, now_ms) as commit:
                known.append(commit.known_from)
        assert known == [5000, 5001, 5002, 9000]


def test_a_database_that_was_restarted_is_written_to_again(postgres_server):
    url = postgres_server.create()
    try:
        with opened(url) as store:
            keep(store, source(), [value(NOW - 60, 1.0)])
            # what a restart does to us: every connection in the pool is dead
            postgres_server.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                f"WHERE datname = '{url.rsplit('/', 1)[1]}'"
            )
            assert keep(store, source(), [value(NOW, 2.0)]).new == 1
            assert count(store, schema.observation) == 2
    finally:
        postgres_server.drop(url)
