"""Schools: the department's database and workbooks arrive as the world has them, late communes and corrections too."""

from __future__ import annotations

import pytest

from ioc.calendar import day_start, local_day
from sandbox import education
from tests.sandbox.conftest import TUESDAY


@pytest.fixture(autouse=True, scope="module")
def dropped(province):
    folder = province.folder / education.FOLDER
    folder.mkdir(parents=True, exist_ok=True)
    for make in (education.databases, education.workbooks):
        for file in make(province.world, int(TUESDAY)):
            (folder / file.name).write_bytes(file.content(""))


def test_attendance_is_the_worlds_and_late_communes_are_absent(province):
    setting, today = province.world.setting, local_day(TUESDAY)
    found = {
        (one.place, one.time): one.value
        for one in province.records("education_attendance")
        if one.variable == "pupils_present"
    }
    written = day_start(today) + education.TOLD_S
    for day in (today - 1, today):
        told = {commune.code: there for commune, there, _ in education.attendance(setting, day, written)}
        assert {place: value for (place, at), value in found.items() if at == day_start(day)} == told
    assert 40 < len(told) < len(setting.communes) + 1


def test_a_correction_of_yesterday_takes_the_place_of_what_was_told(province):
    setting, day = province.world.setting, local_day(TUESDAY) - 7
    first, second = day_start(day) + 86_400 - 1, day_start(day + 2)
    before, after = (
        {commune.code: there for commune, there, _ in education.attendance(setting, day, at)}
        for at in (first, second)
    )
    assert len(after) == len(setting.communes) >= len(before)
    assert all(
        there == education.present(setting, commune, day)
        for commune, there, _ in education.attendance(setting, day, second)
    )


def test_pupils_and_schools_of_each_commune_stand_in_the_workbook_of_each_month(province):
    setting = province.world.setting
    province.cursors = {}
    pupils = province.records("education_pupils", settle="0s")
    newest = max(one.time for one in pupils)
    assert len({one.time for one in pupils}) == education.MONTHS
    assert sum(one.value for one in pupils if one.time == newest) == sum(
        round(education.pupils(setting, commune) * part)
        for commune in setting.communes for part in education.LEVELS.values()
    )  # fmt: skip
    schools = [one for one in province.records("education_schools", settle="0s") if one.time == newest]
    connected, total = (
        sum(one.value for one in schools if one.variable == name)
        for name in ("schools_connected", "schools_total")
    )
    assert 0.8 * total < connected < total


def test_digitised_diplomas_reach_back_to_1974_and_never_exceed_those_issued(province):
    found = {}
    for one in province.records("education_diplomas"):
        found.setdefault((one.category, one.time), {})[one.variable] = one.value
    assert {year for year, _ in found} == {str(year) for year in range(1974, 2026)}
    assert all(row["diplomas_digitised"] <= row["diplomas_issued"] for row in found.values())


def test_enrolment_is_told_of_in_summer_alone(province):
    found = [one for one in province.records("education_enrolment") if one.variable == "enrolment_taken"]
    assert {one.category for one in found} == {*education.LEVELS}
    months = {education.date_of(local_day(one.time)).month for one in found}
    assert months == {6, 7, 8}


def test_no_teachers_name_is_read(province):
    province.cursors = {}
    kept = "".join(
        page.kept.decode()
        for name in ("education_attendance", "education_pupils")
        for page in province.pages(name)
    )
    assert "GIÁO VIÊN" not in kept
    assert "CÁN BỘ" not in kept
