"""Published indices: what the workbooks' connector brings equals the world's truth, in two provinces."""

from __future__ import annotations

from datetime import date

import pytest

from ioc.calendar import day_of, day_start
from sandbox import rankings
from tests.sandbox.conftest import TUESDAY
from tests.sandbox.polling import polled


@pytest.fixture(scope="module", params=["22", "92"])
def province(request, tmp_path_factory):
    with polled(request.param, TUESDAY, tmp_path_factory.mktemp("rankings")) as found:
        found.drop("rankings", "ranking_parts", "departments_ranking")
        yield found


def year_start(year):
    return day_start(day_of(date(year, 1, 1)))


def test_scores_of_all_provinces_and_our_ranks_are_the_worlds(province):
    setting = province.world.setting
    found = {(r.variable, r.category, r.time, r.place): r.value for r in province.records("rankings")}
    for index in rankings.INDICES[:-1]:
        at = year_start(2025)
        scores = {
            p: v
            for (name, cat, when, p), v in found.items()
            if (name, cat, when) == ("index_score", index.name, at)
        }
        assert len(scores) == 34
        ours = rankings.rank(setting, index, 2025, setting.province)
        assert 1 + sum(value > scores[setting.province] for value in scores.values()) == ours
        assert found["index_rank_of", index.name, at, setting.province] == 34
        rank = found.get(("index_rank", index.name, at, setting.province))
        assert rank == (ours if index.ranked else None)
        assert found["index_rank_of", index.name, year_start(2023), setting.province] == 63


def test_parts_and_departments_are_the_worlds(province):
    setting = province.world.setting
    parts = {(r.variable, r.channel, r.category, r.time): r.value for r in province.records("ranking_parts")}
    for index in rankings.INDICES:
        for number, name in enumerate(index.parts, 1):
            expected = rankings.rank(setting, index, 2025, setting.province, number)
            assert parts["index_part_rank", index.name, name, year_start(2025)] == expected
    departments = {
        (r.agency, r.time): r.value
        for r in province.records("departments_ranking")
        if r.variable == "department_dx_score"
    }
    for agency, value in rankings.departments(setting, 2025):
        assert departments[agency, day_start(day_of(date(2025, 12, 1)))] == value


def test_an_index_that_ended_keeps_its_last_year(province):
    province.cursors = {}
    found = {r.time for r in province.records("rankings") if r.category == "ICT INDEX"}
    assert found == {year_start(2020)}


def test_an_index_is_not_known_before_it_is_published(province):
    province.clock.at, province.cursors = TUESDAY - 150 * 86_400, {}
    folder = province.folder / "xep_hang"
    for path in folder.iterdir():
        path.unlink()
    province.drop("rankings")
    found = {(r.category, r.time) for r in province.records("rankings")}
    province.clock.at = TUESDAY
    assert ("PCI", year_start(2025)) in found
    assert ("DTI", year_start(2025)) not in found
    assert ("DTI", year_start(2024)) in found
