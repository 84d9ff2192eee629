"""A small province whose sources tell the same things, with records kept as a collector would keep them."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from ioc.product import Declared
from ioc.trust import Trust
from tests.api.province import Province, copy_data, declared_in, open_province

SOURCES = """
[hospitals]
name = { vi = "Giường bệnh", en = "Hospital beds" }
connector = "sql"
sector = "health"
shape = "observation"
owner = "so_y_te"
url = "sqlite:///none"
every = "1h"
query = "SELECT 1"
personal_data = false

[workbook]
name = { vi = "Tệp của Sở", en = "Workbook" }
connector = "sql"
sector = "health"
shape = "observation"
owner = "so_y_te"
url = "sqlite:///none"
every = "1h"
query = "SELECT 1"
personal_data = false

[register]
name = { vi = "Sổ đăng ký", en = "Register" }
connector = "sql"
sector = "citizen_reports"
shape = "case:report"
owner = "so_khcn"
url = "sqlite:///none"
every = "1h"
query = "SELECT 1"
complete = true

[duty_log]
name = { vi = "Trực ban", en = "Duty log" }
connector = "sql"
sector = "public_order"
shape = "event:duty"
owner = "van_phong_ubnd"
url = "sqlite:///none"
every = "1h"
query = "SELECT 1"

[published]
name = { vi = "Báo cáo công bố", en = "Published report" }
connector = "sql"
sector = "public_services"
shape = "observation"
owner = "van_phong_ubnd"
url = "sqlite:///none"
every = "1h"
query = "SELECT 1"
personal_data = false

[stations]
name = { vi = "Trạm theo giờ", en = "Hourly stations" }
connector = "sql"
sector = "environment"
shape = "observation"
owner = "so_nnmt"
url = "sqlite:///none"
every = "1h"
fresh_for = "1h"
query = "SELECT 1"
personal_data = false

[slow_stations]
name = { vi = "Trạm ba giờ một lần", en = "Stations that tell every three hours" }
connector = "sql"
sector = "environment"
shape = "observation"
owner = "so_nnmt"
url = "sqlite:///none"
every = "1h"
fresh_for = "3h"
query = "SELECT 1"
personal_data = false

[silent]
name = { vi = "Chưa từng trả lời", en = "Never answered" }
connector = "sql"
sector = "environment"
shape = "observation"
owner = "so_nnmt"
url = "sqlite:///none"
every = "1h"
query = "SELECT 1"
personal_data = false

[monthly]
name = { vi = "Báo cáo tháng", en = "Monthly report" }
connector = "sql"
sector = "environment"
shape = "observation"
owner = "so_nnmt"
url = "sqlite:///none"
due = { day = 15, time = "17:00", period = "month" }
query = "SELECT 1"
personal_data = false

[daily]
name = { vi = "Báo cáo ngày", en = "Daily report" }
connector = "sql"
sector = "environment"
shape = "observation"
owner = "so_nnmt"
url = "sqlite:///none"
due = { time = "07:00", period = "day" }
query = "SELECT 1"
personal_data = false
"""


@pytest.fixture(scope="session")
def declared(tmp_path_factory: pytest.TempPathFactory) -> Declared:
    """Give the declarations of the small province, read once."""
    data = tmp_path_factory.mktemp("trust") / "data"
    copy_data(data)
    (data / "sources" / "trust.toml").write_text(SOURCES, encoding="utf-8")
    found = declared_in(data)
    assert not [fault for fault in found.catalogue.faults if "trust" in fault.file or "checks" in fault.file]
    return found


@pytest.fixture
def province(store_url: str, declared: Declared) -> Iterator[Province]:
    """Give a province without records, served on loopback; the test runs on both stores."""
    with open_province(store_url, declared) as opened:
        yield opened


@pytest.fixture
def trust(province: Province) -> Trust:
    """Give the watch over the province."""
    return Trust(province.product, province.fence, lambda: None)
