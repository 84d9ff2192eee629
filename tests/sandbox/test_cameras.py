"""Cameras: what the register and the analysis tell equals the world's truth; addresses, plates and faces stay there."""

from __future__ import annotations

import json

from sandbox import cameras
from tests.sandbox.conftest import TUESDAY


def test_counts_by_commune_add_up_to_the_register(province):
    setting = province.world.setting
    states = [camera.status(setting, TUESDAY) for camera in cameras.cameras(setting)]
    records = province.records("cameras")
    added = {
        name: sum(one.value for one in records if one.variable == name)
        for name in ("cameras_total", "cameras_up")
    }
    assert added == {
        "cameras_total": len(states) - states.count("BAO_TRI"),
        "cameras_up": states.count("HOAT_DONG"),
    }
    assert 0 < states.count("MAT_KET_NOI") < 120
    assert {one.place for one in records} <= {area.code for area in setting.communes}


def test_each_key_camera_has_a_series_of_its_own(province):
    up = {one.place: one.value for one in province.records("cameras_key") if one.variable == "camera_up"}
    setting = province.world.setting
    assert up == {
        site.id: float(cameras.key_camera(setting, site).status(setting, TUESDAY) == "HOAT_DONG")
        for site in setting.of_kind("camera")
    }
    assert len(up) == 24


def test_what_was_noticed_is_the_same_on_pages_of_any_size(province):
    paging, found = province.catalogue.sources["camera_events"].options["paging"], []
    for size in (7, 500):
        province.cursors = {}
        found.append(province.records("camera_events", paging={**paging, "per_page": size}))
    assert found[0] == found[1]
    truth = cameras.notices(province.world.setting)
    keys = {truth.at(one).key for one in truth.changed(int(TUESDAY) - 2 * 86_400, int(TUESDAY))}
    assert {event.key for event in found[0]} == keys
    assert all(event.site.startswith("camera_") and len(event.areas) == 1 for event in found[0])


def test_no_address_no_plate_and_no_face_is_read(province):
    text = ""
    for source in ("cameras_key", "camera_events"):
        province.cursors = {}
        for page in province.pages(source):
            text += page.kept.decode() + json.dumps([[*one] for one in page.records], default=dict)
    assert "AI-26" in text
    for word in ("rtsp", "matkhau", "14A-", ".jpg"):
        assert word not in text
