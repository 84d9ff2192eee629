"""The personnel database and the civil status register: what their connectors bring equals the world's truth."""

from __future__ import annotations

from datetime import date

import pytest

from ioc.calendar import day_of, day_start
from sandbox import civil_service, series
from tests.sandbox.conftest import TUESDAY
from tests.sandbox.polling import polled

OCTOBER = 2026 * 12 + 9


@pytest.fixture(scope="module", params=["22", "92"])
def province(request, tmp_path_factory):
    with polled(request.param, TUESDAY, tmp_path_factory.mktemp("civil")) as found:
        found.drop("civil_service")
        yield found


def test_every_agencys_staff_is_the_worlds(province):
    setting = province.world.setting
    records = province.records("civil_service")
    october = day_start(day_of(date(2026, 10, 1)))
    found = {}
    for record in records:
        if record.time == october:
            found.setdefault(record.agency, {})[record.variable] = record.value
    assert {record.place for record in records} == {setting.province}
    expected = [
        dict(zip(
            ("staff_quota", "staff_present", "staff_disciplined", "training_planned", "training_done"),
            civil_service.staff(setting, name, level, OCTOBER),
            strict=True,
        ))
        for name, level in civil_service.agencies(setting)
    ]  # fmt: skip
    assert sorted(map(str, found.values())) == sorted(
        map(str, ({k: float(v) for k, v in one.items()} for one in expected))
    )
    assert len({record.time for record in records}) >= 13


def test_an_unchanged_database_brings_what_it_brought_and_no_person(province):
    province.cursors = {}
    first = province.pages("civil_service")
    kept = b"".join(page.kept for page in first)
    assert b"giao" in kept
    assert "CÁN BỘ".encode() not in kept
    assert b"000000" not in kept.replace(b"00:00:00", b"")
    again = province.records("civil_service")
    assert {record.time for record in again} == {day_start(day_of(date(2026, 10, 1)))}


def test_registrations_by_commune_are_the_worlds(province):
    setting = province.world.setting
    window = {**province.catalogue.sources["civil_status"].options["window"], "start": "200d"}
    found = {(r.variable, r.time, r.place): r.value for r in province.records("civil_status", window=window)}
    checked = 0
    for figure in series.changed(setting, "civil_status", int(TUESDAY) - 200 * 86_400, int(TUESDAY)):
        at = day_start(day_of(figure.first))
        place = figure.place or setting.province
        assert found[figure.series.id, at, place] == series.told(setting, figure, TUESDAY)
        checked += 1
    assert checked > 4 * 5 * len(setting.communes)


def test_no_commune_registers_more_births_in_time_than_births(province):
    province.cursors = {}
    found = {(r.variable, r.time, r.place): r.value for r in province.records("civil_status")}
    births = {key[1:]: value for key, value in found.items() if key[0] == "births_registered"}
    assert births
    assert all(found["births_on_time", *key] <= value for key, value in births.items())
