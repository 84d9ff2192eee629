"""The synthetic province is a function of seed and instant, and looks like a province."""

from __future__ import annotations

import statistics

import pytest

from ioc.calendar import day_of, local_day
from ioc.territory import Territory
from sandbox import health, land, nature, one_stop, reports
from sandbox.world import create
from tests.sandbox.conftest import DATA, TUESDAY, Clock

TODAY = local_day(TUESDAY)
YEAR = range(TODAY - 395, TODAY)


def working_days(world, days=YEAR):
    return [day for day in days if world.setting.calendar.is_working_day(day)]


def lives_of(world, name, days):
    lives = getattr(world, name)
    return [lives.make(day, number) for day in days for number in range(lives.count(day))]


TOLD = {"dossiers": one_stop.told, "reports": reports.told, "requests": land.told}


@pytest.mark.parametrize("name", TOLD)
def test_the_same_seed_and_instant_tell_the_same(world, name):
    again = create(DATA, "22", now=Clock())
    references = getattr(world, name).changed(int(TUESDAY) - 86_400, int(TUESDAY))
    assert len(references) > 20
    for reference in references[:50]:
        life, other = getattr(world, name).at(reference), getattr(again, name).at(reference)
        assert TOLD[name](life, TUESDAY) == TOLD[name](other, TUESDAY)


def test_another_seed_is_another_province(world):
    other = create(DATA, "22", seed=1, now=Clock())
    assert other.dossiers.make(TODAY - 7, 3) != world.dossiers.make(TODAY - 7, 3)


@pytest.mark.parametrize("name", TOLD)
def test_every_life_goes_forward_and_ends_within_its_horizon(world, name):
    lives = getattr(world, name)
    for day in range(TODAY - 300, TODAY - 60, 9):
        for number in range(lives.count(day)):
            life = lives.make(day, number)
            assert list(life.changes) == sorted(life.changes), life
            assert local_day(life.changes[-1]) - day < lives.horizon, life


def test_a_year_has_as_many_cases_as_a_provinces(world):
    everyday = working_days(world)
    total = sum(sum(map(getattr(world, name).count, YEAR)) for name in TOLD)
    assert 120_000 < total < 170_000
    assert 350 <= statistics.median(map(world.dossiers.count, everyday)) <= 450
    assert 25 <= statistics.median(map(world.reports.count, everyday)) <= 45
    assert 60 <= statistics.median(map(world.requests.count, everyday)) <= 100


def test_offices_rest_at_weekends_and_tet(world):
    tet = day_of(world.setting.calendar.tet[2026])
    resting = [day for day in YEAR if not world.setting.calendar.is_working_day(day)]
    assert tet in resting
    assert max(map(world.dossiers.count, resting)) < 40
    before = [day for day in range(tet - 9, tet) if world.setting.calendar.is_working_day(day)]
    assert max(map(world.dossiers.count, before)) < 300


def test_most_dossiers_are_on_time_and_some_bodies_are_worse(world):
    closed = [one for one in lives_of(world, "dossiers", range(TODAY - 130, TODAY - 90)) if one.closed]
    late = [one for one in closed if one.closed - one.waited(one.closed) > one.due]
    assert 0.93 < 1 - len(late) / len(closed) < 0.97
    by_agency: dict[str, list[bool]] = {}
    for one in closed:
        by_agency.setdefault(one.agency, []).append(one in late)
    shares = [statistics.mean(was) for was in by_agency.values() if len(was) > 40]
    assert min(shares) < 0.03
    assert max(shares) > 0.08


def test_a_few_of_the_pending_dossiers_are_overdue(world):
    truth = one_stop.counts(world.dossiers, TUESDAY, TODAY)
    assert 0.015 < truth["overdue_net_of_waits"] / truth["pending"] < 0.05


def test_a_flood_brings_reports_and_a_smaller_rain_some(world):
    usual = statistics.median(map(world.reports.count, YEAR))
    floods = [day for day in YEAR if world.setting.rain(day) > 0.6]
    assert floods
    assert min(map(world.reports.count, floods)) > 2 * usual
    assert any(0 < world.setting.rain(day) < 0.3 for day in YEAR)
    flooded = [one.category.name for one in lives_of(world, "reports", floods[:1])]
    assert flooded.count("Ngập úng") > 20


def test_this_years_dengue_is_an_outbreak_above_the_other_years(world):
    def autumn(year):
        return sum(
            health.week_cases(world.setting, "dengue", health.monday(year, week)) for week in range(42, 47)
        )

    assert autumn(2026) > 1.5 * statistics.mean(autumn(year) for year in (2021, 2022, 2024, 2025))


def test_a_facility_discharges_above_its_permit_and_the_others_do_not(world):
    above = set()
    for index, site in enumerate(world.setting.of_kind("wastewater")):
        limit = next(one.high for one in site.limits if one.variable == "cod")
        for at in range(int(TUESDAY) // 300 * 300 - 30 * 86_400, int(TUESDAY), 3600):
            for line in nature.lines(world.setting, "wastewater", index, at):
                if line.parameter == "COD" and line.status == "00" and line.value and line.value > limit:
                    above.add(site.id)
    assert above == {"wastewater_4"}


def test_the_world_plays_in_any_province():
    territory = Territory(DATA / "territory")
    for area in territory.areas("province")[::3]:
        world = create(DATA, area.code, now=Clock())
        codes = {commune.code for commune in territory.communes(area.code)}
        assert {site.area for site in world.setting.sites} <= codes
        assert one_stop.told(world.dossiers.make(TODAY - 1, 0), TUESDAY)["DiaBan"] in codes
