"""Q15: what cameras notice at health checkpoints equals the world's truth; names and number plates stay there."""

from __future__ import annotations

from sandbox import checkpoints
from tests.sandbox.conftest import TUESDAY


def test_Q15_people_and_vehicles_at_checkpoints_are_events_without_names_and_plates(province):
    kept = [record for page in province.pages("health_checkpoints") for record in page.records]
    truth = checkpoints.passings(province.world.setting)
    wanted = {
        (one.key, one.starts, one.site.area, "vehicle" if one.vehicle else "person")
        for one in map(truth.at, truth.changed(int(TUESDAY) - 7 * 86_400, int(TUESDAY)))
    }
    assert {(one.key, one.starts, one.areas[0], one.facts["of"]) for one in kept} == wanted
    assert len(wanted) > 50
    assert {one.site for one in kept} == {f"checkpoint_{number}" for number in range(1, 6)}
    assert all(one.ends is None or one.ends > one.starts for one in kept)
    assert not any(word in str(kept) for word in ("NGƯỜI QUA CHỐT", "14C-"))
