"""Files that departments drop into folders: which there are at an instant, and what stands in them."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

from ioc.calendar import HOUR_S, day_start, local_day
from sandbox import (
    civil_service,
    documents,
    duty,
    education,
    election,
    monthly,
    population,
    published,
    rankings,
    series_told,
    telecom,
)
from sandbox.dropped import Drop, Dropped
from sandbox.workbook import health_workbook
from sandbox.world import World
from sandbox.written import compact

WORKBOOKS = 10
WORKBOOK_AT_S = 7 * HOUR_S

IDENTITY = monthly.Book("digital_identity", "dinh_danh", "TÀI KHOẢN ĐỊNH DANH ĐIỆN TỬ")


def _health(world: World, now: int) -> Iterator[Dropped]:
    """Yield the health department's workbook of each of the last days, dropped at seven the next morning."""
    last = local_day(now - WORKBOOK_AT_S) - 1
    for day in range(last - WORKBOOKS + 1, last + 1):
        name = f"so_y_te_{compact(day_start(day))[:8]}.xlsx"
        arrives = day_start(day + 1) + WORKBOOK_AT_S
        yield Dropped(name, arrives, partial(health_workbook, world.setting, day), day == last)


DROPS = (  # the first folder is there at once, so that whoever asks finds it without what comes late
    Drop("education_attendance", education.FOLDER, education.NAME, education.databases),
    Drop("education_schools", education.FOLDER, "giao_duc_*.xlsx", education.workbooks),
    Drop("health_workbook", "drop", "so_y_te_*.xlsx", _health),
    Drop("documents", documents.FOLDER, "*.edxml", documents.dropped),
    Drop("population", "de_an_06", "de_an_06_*.xlsx", population.dropped),
    Drop("digital_identity", "dinh_danh", "dinh_danh_*.xlsx", monthly.files(IDENTITY)),
    Drop("civil_service", "can_bo", civil_service.FILE, civil_service.dropped),
    Drop("telecom_households", telecom.FOLDER, "ha_tang_so_*.xlsx", monthly.files(telecom.HOUSEHOLDS)),
    Drop("telecom_fibre", telecom.FOLDER, "cap_quang_*.xlsx", telecom.dropped("fibre", "cap_quang")),
    Drop("telecom_parks", telecom.FOLDER, "kcn_5g_*.xlsx", telecom.dropped("5g", "kcn_5g")),
    Drop("rankings", "xep_hang", "xep_hang_*.xlsx", rankings.dropped),
    Drop("ranking_parts", "xep_hang", "thanh_phan_*.xlsx", rankings.dropped_parts),
    Drop("departments_ranking", "xep_hang", "cds_so_nganh_*.xlsx", rankings.dropped_departments),
    series_told.drop(
        "finance_workbook", "finance", "Báo cáo thu, chi ngân sách và giải ngân vốn đầu tư công"
    ),
    published.DROP,
    election.DROP,
    series_told.drop("tourism", "tourism", "Báo cáo hoạt động du lịch"),
    series_told.drop("agriculture", "agriculture", "Báo cáo sản xuất nông, lâm, thủy sản"),
    Drop("duty_log", duty.FOLDER, "truc_ban_*.xlsx", duty.reports),
    Drop("duty_totals", duty.FOLDER, "tong_hop_truc_ban_*.csv", duty.totals),
)
"""One line for each source whose files a department drops."""
