"""Documents between agencies: what the connectors bring equals the world's truth, in two provinces."""

from __future__ import annotations

from collections import Counter

import pytest

from ioc.calendar import day_start, local_day
from sandbox import documents
from tests.sandbox.conftest import TUESDAY
from tests.sandbox.polling import polled

TODAY = local_day(TUESDAY)


@pytest.fixture(scope="module", params=["22", "79"])
def province(request, tmp_path_factory):
    with polled(request.param, TUESDAY, tmp_path_factory.mktemp("documents")) as found:
        found.drop("documents")
        yield found


def test_every_document_at_every_receiver_stands_as_the_world_says(province):
    cases = {case.key: case for case in province.records("documents")}
    setting, expected = province.world.setting, {}
    for on in range(TODAY - documents.DAYS + 1, TODAY + 1):
        for document in documents.documents(setting, on):
            for to in document.receivers:
                said = [code for at, code in to.statuses if at <= TUESDAY - 5]
                if document.sent <= TUESDAY:
                    expected[f"{document.id}|{to.organ}"] = said[-1] if said else ""
    assert {key: case.status for key, case in cases.items()} == expected
    assert len(expected) > 150
    codes = Counter(expected.values())
    assert codes["06"] > codes["01"] > 0
    assert all(case.responsible for case in cases.values())


def test_nobody_who_signed_sent_or_wrote_is_kept(province):
    province.cursors.pop("documents", None)
    kept = b"".join(page.kept for page in province.pages("documents"))
    assert b"VB-2026" in kept
    for personal in ("NGƯỜI KÝ", "CÁN BỘ", "CÔNG DÂN", "0900000"):
        assert personal.encode() not in kept


def test_the_axis_counts_of_finished_days_are_the_worlds(province):
    records = province.records("documents_axis")
    found = {(r.variable, r.time, r.category): r.value for r in records}
    setting = province.world.setting
    for on in range(TODAY - 29, TODAY):
        for level in documents.LEVELS:
            sent, received, unsigned = documents.counts(setting, on, level)
            at = day_start(on)
            assert found["documents_sent", at, level] == sent
            assert found["documents_received", at, level] == received
            assert found["documents_signed", at, level] == sent - unsigned
    connected = found["agencies_connected", day_start(TODAY), "Xã, phường"]
    assert len(setting.communes) - 2 <= connected <= len(setting.communes)


def test_a_day_that_was_unfinished_is_counted_again(province):
    province.cursors.pop("documents_axis", None)
    at, level = day_start(TODAY), "Sở, ngành"
    first = {(r.variable, r.time, r.category): r.value for r in province.records("documents_axis")}
    province.clock.at = TUESDAY + 10 * 3600
    later = {(r.variable, r.time, r.category): r.value for r in province.records("documents_axis")}
    province.clock.at = TUESDAY
    assert first["documents_sent", at, level] < later["documents_sent", at, level]
    assert later["documents_sent", at, level] == documents.counts(province.world.setting, TODAY, level)[0]
