"""A department's database on SQLite and PostgreSQL: read only, by watermark, page by page, within the deadline."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
import sqlalchemy as sa

import connectors
from connectors.http import Sessions
from ioc.errors import ContractError, RefusedError, UnreachableError
from ioc.model import Case, Observation, Page
from tests.connectors.test_cases import source_of

DOSSIERS = """
[mot_cua]
connector = "sql"
shape = "case:dossier"
url = "{url}"
deadline = "5s"
{more}
query = '''
SELECT ma AS ma_ho_so, trang_thai, nhan, hen, xong, don_vi, muc, cap_nhat FROM ho_so
WHERE cap_nhat >= :since ORDER BY cap_nhat
'''
times = { format = "%Y-%m-%d %H:%M:%S", zone = "+07:00" }
watermark = { column = "cap_nhat", format = "{form}", overlap = "10m", start = "2026-01-01" }
[mot_cua.fields]
key = "ma_ho_so"
state = "trang_thai"
opened = "nhan"
due = "hen"
closed = "xong"
responsible = "don_vi"
"facts.level" = "muc"
[mot_cua.enums.state]
moi = "new"
xu_ly = "open"
xong = "closed"
"""
NOW = datetime.fromtimestamp(1_795_222_800, UTC)


def at(text: str) -> int:
    return int(datetime.fromisoformat(f"{text}+07:00").timestamp())


@pytest.fixture
def engine(database_url: str) -> Any:
    """Make a department's database with three dossiers of which two changed at the same moment."""
    engine = sa.create_engine(database_url)
    kind = "TIMESTAMP" if "postgresql" in database_url else "TEXT"
    with engine.begin() as connection:
        connection.execute(
            sa.text(
                f"CREATE TABLE ho_so (ma TEXT, trang_thai TEXT, nhan {kind}, hen {kind}, xong {kind}, don_vi TEXT, "
                f"muc NUMERIC(3,1), ghi_chu TEXT, cap_nhat {kind})"
            )
        )
    add(engine, "H-1", "moi", "2026-11-20 08:00:00")
    add(engine, "H-2", "xu_ly", "2026-11-20 09:00:00")
    add(engine, "H-3", "xong", "2026-11-20 09:00:00")
    yield engine
    engine.dispose()


def add(engine: Any, key: str, state: str, changed: str | None, unit: str = "Sở Xây dựng") -> None:
    row = {
        "ma": key,
        "s": state,
        "u": unit,
        "c": changed,
        "x": "2026-11-20 09:00:00" if state == "xong" else None,
    }
    with engine.begin() as connection:
        connection.execute(
            sa.text("INSERT INTO ho_so VALUES (:ma, :s, '2026-11-02 08:30:00', '2026-11-12 17:00:00', :x, :u, 4.0, "
                    "'gọi 0912345678', :c)"), row)  # fmt: skip


@pytest.fixture
def declared(database_url: str) -> Callable[..., Any]:
    """Give a function that declares the source over the database, with other words in place of some."""

    def declare(old: str = "", new: str = "", more: str = "") -> Any:
        form = "timestamp" if "postgresql" in database_url else "%Y-%m-%d %H:%M:%S"
        toml = DOSSIERS.replace("{url}", database_url).replace("{form}", form).replace("{more}", more)
        assert old in toml
        source = source_of(toml.replace(old, new) if old else toml)
        assert connectors.check(source) == []
        return source

    return declare


def read(source: Any, sessions: Sessions, cursor: dict[str, Any] | None = None) -> list[Page]:
    return list(connectors.fetcher(sessions)(source, cursor or {}))


def keys(pages: list[Page]) -> list[str]:
    return [record.key for page in pages for record in page.records if isinstance(record, Case)]


def test_rows_become_cases_and_the_watermark_stands_at_the_newest(
    engine: Any, declared: Any, sessions: Sessions
) -> None:
    (page,) = read(declared(), sessions)
    assert page.records[1] == Case("H-2", "dossier", "open", at("2026-11-02T08:30:00"), due=at("2026-11-12T17:00:00"),
                                   responsible="Sở Xây dựng", facts={"level": 4})  # fmt: skip
    assert page.cursor == {"mark": at("2026-11-20T09:00:00")}
    assert b"0912345678" not in page.kept
    assert (page.received_bytes > 0, len(page.received_hash)) == (True, 64)


def test_late_rows_and_rows_of_the_last_moment_are_not_missed(
    engine: Any, declared: Any, sessions: Sessions
) -> None:
    after = read(declared(), sessions)[-1].cursor
    add(engine, "H-4", "moi", "2026-11-20 09:00:00")  # the same moment as the newest
    add(engine, "H-5", "moi", "2026-11-20 08:55:00")  # committed late
    add(engine, "H-6", "moi", "2099-01-01 00:00:00")  # a typing error
    add(engine, "H-7", "moi", "2026-11-20 10:00:00")
    pages = read(declared(), sessions, dict(after or {}))
    assert sorted(keys(pages)) == ["H-2", "H-3", "H-4", "H-5", "H-6", "H-7"]
    assert pages[-1].cursor == {"mark": at("2026-11-20T10:00:00")}


def test_a_bad_row_is_rejected_and_the_rest_land(engine: Any, declared: Any, sessions: Sessions) -> None:
    add(engine, "H-8", "77", "2026-11-20 09:30:00", "Ông Ba 0912345678")
    (page,) = read(declared(), sessions)
    assert len(page.records) == 3
    (bad,) = page.rejected
    assert bad.address == "dòng 4 (key H-8)"
    assert "“77” không có trong danh mục" in bad.reason
    assert bad.fragment["don_vi"] == "Ông Ba […]"


def test_spans_are_asked_one_after_another_and_a_span_of_the_past_alone(
    engine: Any, declared: Any, sessions: Sessions
) -> None:
    toml = "cap_nhat >= :since ORDER"
    spanned = declared(toml, "cap_nhat >= :since AND cap_nhat < :until ORDER", 'history = "30d"')
    options = {**spanned.options, "watermark": {**spanned.options["watermark"], "span": "30d"}}
    spanned = type(spanned)(
        **{name: getattr(spanned, name) for name in spanned.__slots__} | {"options": options}
    )
    pages = read(spanned, sessions)
    assert len(pages) == 11
    assert keys(pages) == ["H-1", "H-2", "H-3"]
    assert pages[0].cursor == {"mark": at("2026-01-31T00:00:00")}
    past = read(spanned, sessions, {"window": [at("2026-11-20T08:30:00"), at("2026-11-20T10:00:00")]})
    assert keys(past) == ["H-2", "H-3"]
    assert past[-1].cursor == {"until": at("2026-11-20T10:00:00")}


def test_many_rows_come_in_pages_and_only_the_last_moves_the_watermark(
    engine: Any, declared: Any, sessions: Sessions
) -> None:
    rows = [{"ma": f"N-{number}", "c": "2026-11-20 09:00:00"} for number in range(12_000)]
    with engine.begin() as connection:
        connection.execute(
            sa.text("INSERT INTO ho_so (ma, trang_thai, nhan, cap_nhat) VALUES (:ma, 'moi', '2026-11-02 08:30:00', :c)"),
            rows,
        )  # fmt: skip
    pages = read(declared(), sessions)
    assert [len(page.records) for page in pages] == [5000, 5000, 2003]
    assert [page.cursor for page in pages[:2]] == [None, None]
    assert len(set(keys(pages))) == 12_003


def test_a_number_is_a_watermark_too(engine: Any, database_url: str, sessions: Sessions) -> None:
    with engine.begin() as connection:
        connection.execute(sa.text("CREATE TABLE do (id INTEGER, luc INTEGER, tram TEXT, muc REAL)"
                                   if "sqlite" in database_url else
                                   'CREATE TABLE "do" (id INTEGER, luc INTEGER, tram TEXT, muc REAL)'))  # fmt: skip
        connection.execute(
            sa.text(
                """INSERT INTO "do" VALUES (1, 1795200000, 'tram_1', 2.5), (2, 1795203600, 'tram_1', NULL)"""
            )
        )
    source = source_of(f"""
[muc_nuoc]
connector = "sql"
url = "{database_url}"
query = 'SELECT id, luc, tram, muc FROM "do" WHERE id >= :since'
times = {{ format = "epoch" }}
watermark = {{ column = "id", format = "number", back = 1 }}
fields = {{ place = "tram", time = "luc" }}
variables = {{ water_level = {{ field = "muc" }} }}
""")
    assert connectors.check(source) == []
    (page,) = read(source, sessions)
    assert page.records == [
        Observation("water_level", 1795200000, "tram_1", 2.5),
        Observation("water_level", 1795203600, "tram_1", None),
    ]
    assert page.cursor == {"mark": 2}
    assert len(read(source, sessions, {"mark": 3})[0].records) == 1


def test_the_database_cannot_be_written(
    engine: Any, declared: Any, database_url: str, sessions: Sessions
) -> None:
    with engine.begin() as connection:
        if "postgresql" in database_url:
            connection.execute(sa.text("CREATE FUNCTION ghi() RETURNS int AS $$ INSERT INTO ho_so (ma) VALUES ('x'); "
                                       "SELECT 1 $$ LANGUAGE sql"))  # fmt: skip
    if "sqlite" in database_url:
        from connectors.sql_session import reading

        with pytest.raises(RefusedError, match="từ chối"), reading(declared()) as connection:
            connection.execute(sa.text("DELETE FROM ho_so"))
    else:
        with pytest.raises(RefusedError, match="từ chối"):
            read(declared("don_vi, muc", "don_vi, ghi() AS muc"), sessions)
    assert keys(read(declared(), sessions)) == ["H-1", "H-2", "H-3"]


def test_a_query_that_takes_too_long_is_ended(
    declared: Any, database_url: str, engine: Any, sessions: Sessions
) -> None:
    slow = (
        "muc + (SELECT 0 FROM pg_sleep(60)) AS muc" if "postgresql" in database_url else
        "(WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 1000000000) SELECT max(i) FROM n) AS muc"
    )  # fmt: skip
    source = declared("don_vi, muc", f"don_vi, {slow}")
    source = type(source)(**{name: getattr(source, name) for name in source.__slots__} | {"deadline": 0.3})
    with pytest.raises(UnreachableError, match="không trả lời xong"):
        read(source, sessions)


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("FROM ho_so", "FROM ho_so_cu", "ho_so_cu"),
        ("don_vi, muc", "don_vi, cap", "cap"),
        ("don_vi, muc, cap_nhat", "don_vi, muc", "cột mốc cap_nhat"),
        ("don_vi, muc", "don_vi, ma AS don_vi, muc", "hai cột cùng tên don_vi"),
    ],
)
def test_a_changed_table_is_named(
    old: str, new: str, says: str, engine: Any, declared: Any, sessions: Sessions
) -> None:
    with pytest.raises(ContractError, match=re.escape(says)):
        read(declared(old, new), sessions)


def test_an_unreachable_database_says_so_without_its_password(
    database_url: str, engine: Any, free_port: int, declared: Any, sessions: Sessions, tmp_path: Any
) -> None:
    there = (
        f"sqlite:///{tmp_path}/khong_co.db" if "sqlite" in database_url
        else re.sub(r":\d+/", f":{free_port}/", database_url)
    )  # fmt: skip
    source = declared(
        database_url, there, 'auth = { kind = "basic", user = "ioc", password = "bi-mat-cua-so" }'
    )
    with pytest.raises(UnreachableError) as told:
        read(source, sessions)
    assert "bi-mat-cua-so" not in f"{told.value} {told.value.__cause__} {source.url}"


@pytest.mark.parametrize(
    ("query", "says"),
    [
        ("DELETE FROM ho_so WHERE cap_nhat >= :since", "one SELECT"),
        ("SELECT 1 WHERE 1 >= :since; DROP TABLE ho_so", "one statement"),
        ("WITH x AS (DELETE FROM ho_so RETURNING *) SELECT * FROM x WHERE cap_nhat >= :since", "DELETE"),
        ("SELECT * INTO moi FROM ho_so WHERE cap_nhat >= :since", "INTO"),
        ("SELECT * FROM ho_so WHERE cap_nhat > :since", "share the last moment"),
        ("SELECT * FROM ho_so WHERE cap_nhat >= :tu", "no value 'tu'"),
        ("SELECT * FROM ho_so", "`>= :since`"),
        ("-- DROP\nSELECT 'xóa; delete', \"update\" FROM ho_so WHERE cap_nhat >= :since /* ; */;", ""),
    ],
)
def test_anything_but_one_reading_statement_is_refused(query: str, says: str) -> None:
    toml = re.sub(
        r"query = '''.*?'''",
        f'query = """{query.replace(chr(34), chr(92) + chr(34))}"""',
        DOSSIERS,
        flags=re.S,
    )
    toml = toml.replace("{url}", "sqlite:////tmp/x.db").replace("{form}", "iso").replace("{more}", "")
    faults = connectors.check(source_of(toml.replace('overlap = "10m", ', "")))
    assert [says in str(fault) for fault in faults] == ([True] if says else [])


@pytest.mark.parametrize(
    ("url", "says"),
    [
        ("postgresql+psycopg://ioc:bi-mat@db/so", "no password belongs into the address"),
        ("oracle+oracledb://db/so", "is not installed here"),
        ("khong phai dia chi", "an address such as"),
    ],
)
def test_an_address_that_cannot_work_is_a_fault_of_the_declaration(url: str, says: str) -> None:
    toml = DOSSIERS.replace("{url}", url).replace("{form}", "iso").replace("{more}", "")
    (fault,) = connectors.check(source_of(toml))
    assert says in str(fault)
    assert "bi-mat" not in str(fault)
