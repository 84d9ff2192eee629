"""Population data and identity cards: what the workbooks' connector brings equals the world's truth, in two provinces."""

from __future__ import annotations

from itertools import pairwise

import pytest

from ioc.calendar import day_of, day_start
from sandbox import monthly, population, series
from sandbox.drops import IDENTITY
from sandbox.series import Figure
from tests.sandbox.conftest import TUESDAY
from tests.sandbox.polling import polled

OCTOBER = 2026 * 12 + 9


@pytest.fixture(scope="module", params=["22", "38"])
def province(request, tmp_path_factory):
    with polled(request.param, TUESDAY, tmp_path_factory.mktemp("population")) as found:
        found.drop("population", "digital_identity")
        yield found


def by_month(records):
    return {(r.variable, r.time, r.place): r.value for r in records}


def month_start(month):
    return day_start(day_of(population._first(month)))


def test_every_line_of_every_month_is_the_worlds(province):
    found, setting = by_month(province.records("population")), province.world.setting
    names = province.catalogue.sources["population"].options["enums"]["variable"]
    for month in range(OCTOBER - 12, OCTOBER + 1):
        for line in population.LINES:
            total, done = population.told(setting, line, month, TUESDAY)
            at = month_start(month)
            assert found[names[f"{line.code}.da_lam"], at, setting.province] == done
            if total is not None:
                assert found[names[f"{line.code}.tong"], at, setting.province] == total
    assert {place for _, _, place in found} == {setting.province}


def test_each_step_of_a_card_is_smaller_than_the_one_before_and_the_centre_is_the_narrowest(province):
    setting = province.world.setting
    steps = [population.value(setting, line, OCTOBER)[1] for line in population.LINES[-4:]]
    shares = [later / before for before, later in pairwise(steps)]
    assert steps == sorted(steps, reverse=True)
    assert min(shares) == shares[1]
    assert 0.8 < shares[1] < 0.9


def test_a_corrected_workbook_replaces_what_was_told_first(province):
    setting = province.world.setting
    month = next(m for m in range(OCTOBER, OCTOBER - 14, -1) if population.corrected(setting, m))
    line = population.LINES[0]
    before = population.told(setting, line, month, population.arrives(setting, month))[1]
    assert before < population.told(setting, line, month, population.corrected(setting, month))[1]


def test_identities_by_commune_are_the_worlds_and_gaps_are_no_zeros(province):
    found, setting = by_month(province.records("digital_identity")), province.world.setting
    columns = {one.id: one for one in series.load(IDENTITY.feed)}
    month, gaps = OCTOBER, 0
    told_at = max(
        at
        for one in columns.values()
        for at in (series.arrives(setting, Figure(one, month)), series.corrected(setting, Figure(one, month)))
        if at <= TUESDAY
    )
    for area in setting.communes:
        for id, one in columns.items():
            value = found[id, month_start(month), area.code]
            if monthly.is_gap(setting, IDENTITY.feed, month, area.code, told_at):
                assert value is None
                gaps += 1
            else:
                assert value == series.told(setting, Figure(one, month, area.code), told_at)
    assert gaps < len(setting.communes) / 5
    assert len({at for _, at, _ in found}) >= 12


def test_who_made_the_workbook_is_not_kept(province):
    province.cursors.clear()
    for source in ("population", "digital_identity"):
        kept = b"".join(page.kept for page in province.pages(source))
        assert kept
        assert "CÁN BỘ".encode() not in kept
