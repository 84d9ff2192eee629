"""Cameras of the synthetic province: which answer, and what their analysis notices."""

from __future__ import annotations

from array import array
from bisect import bisect_right
from functools import lru_cache
from typing import Any, NamedTuple

from ioc.calendar import DAY_S, OFFSET_S, date_of, day_start
from ioc.model import Site
from ioc.territory import Area
from sandbox.chance import cumulated, mix, share, stream
from sandbox.lives import Lives
from sandbox.setting import Setting
from sandbox.world import World
from sandbox.written import iso

KIND = 6
COUNT = 860
SLOT_S = 2 * 3600
USES = ("AN_NINH", "GIAO_THONG", "DO_THI")
_USES = cumulated((52, 31, 17))

NOTICED = (
    "TU_TAP_DONG_NGUOI",
    "XE_DUNG_DO_SAI",
    "XAM_NHAP_VUNG_CAM",
    "DI_NGUOC_CHIEU",
    "XE_QUA_KHO",
    "CHAY_KHOI",
)
_NOTICED = cumulated((30, 28, 14, 15, 11, 2))


class Camera(NamedTuple):
    """One camera of the register; number tells its moods apart."""

    code: str
    use: str
    commune: Area
    number: int

    def status(self, setting: Setting, t: float) -> str:
        """Return the register's word for it at t: a few are silent for hours, some for good, some in repair."""
        fate = share(setting.seed, 60, self.number)
        if fate < 0.006:
            return "BAO_TRI"
        slot = int(t) // SLOT_S
        silent = fate > 0.985 or share(setting.seed, 61, self.number, slot // 2) < 0.022
        blackout = share(setting.seed, 62, int(self.commune.code), slot) < 0.003 + 0.01 * setting.rain(
            int(t + OFFSET_S) // DAY_S
        )
        return "MAT_KET_NOI" if silent or blackout else "HOAT_DONG"


@lru_cache(maxsize=4)
def cameras(setting: Setting) -> tuple[Camera, ...]:
    """Return the register of the province: more cameras where more people live."""
    found = []
    for number in range(COUNT):
        commune = setting.commune(share(setting.seed, 63, number))
        use = USES[bisect_right(_USES, share(setting.seed, 64, number))]
        found.append(Camera(f"CAM-{number + 1:04d}", use, commune, number))
    return tuple(found)


def key_camera(setting: Setting, site: Site) -> Camera:
    """Return the camera that stands at a declared place."""
    number = COUNT + int(site.codes[0][-2:])
    commune = next(area for area in setting.communes if area.code == site.area)
    return Camera(site.codes[0], "GIAO_THONG" if number % 3 else "AN_NINH", commune, number)


def register(world: World, since: int, until: int) -> tuple[Camera, ...]:
    """Return every camera: a register knows the present alone."""
    return cameras(world.setting)


def key_register(world: World, since: int, until: int) -> list[Camera]:
    """Return the cameras at declared places."""
    return [key_camera(world.setting, site) for site in world.setting.of_kind("camera")]


def told(world: World, camera: Camera, t: int) -> dict[str, Any]:
    """Return what the register says of a camera, its address and key too."""
    slot = mix(world.setting.seed, camera.number, t // 600)
    return {
        "ma": camera.code,
        "ma_xa": camera.commune.code,
        "muc_dich": camera.use,
        "trang_thai": camera.status(world.setting, t),
        "do_tre_ms": 18 + slot % 90,
        "rtsp": f"rtsp://quantri:matkhau@10.30.{camera.number % 250}.9/1",
    }


class Notice(NamedTuple):
    """What a camera's analysis noticed, from its beginning to its end (epoch s)."""

    key: str
    kind: str
    site: Site
    starts: int
    ends: int
    surety: int
    plate: str

    @property
    def changes(self) -> tuple[int, ...]:
        """The instants at which the system's answer changes."""
        return (self.starts, self.ends)


@lru_cache(maxsize=4)
def notices(setting: Setting) -> Lives[Notice]:
    """Return everything that the analysis of the key cameras notices."""

    def count(day: int) -> int:
        return round((38 + 16 * share(setting.seed, 65, day)) * (0.8 + 0.25 * setting.busyness(day)))

    def make(day: int, number: int) -> Notice:
        return _notice(setting, day, number)

    return Lives(count, make, 1)


def _notice(setting: Setting, day: int, number: int) -> Notice:
    draw = stream(setting.seed, KIND, day, number)
    sites = setting.of_kind("camera")
    kind = NOTICED[bisect_right(_NOTICED, draw())]
    hour = 6 + 16 * (draw() + draw()) / 2 if draw() < 0.9 else 24 * draw()
    starts = day_start(day) + int(3600 * hour)
    return Notice(
        key=f"AI-{date_of(day):%y%m%d}-{number:03d}",
        kind=kind,
        site=sites[int(len(sites) * draw() ** 1.4)],
        starts=starts,
        ends=starts + int(40 + 1500 * draw() ** 2),
        surety=70 + int(30 * draw()),
        plate=f"14A-{int(90_000 * draw()) + 10_000}",
    )


def notices_changed(world: World, since: int, until: int) -> array[int]:
    """Return references to what was noticed or ended in a span."""
    return notices(world.setting).changed(since, until)


def notice_told(world: World, reference: int, t: int) -> dict[str, Any]:
    """Return what the analysis says of one notice at t, number plates and pictures of faces too."""
    notice = notices(world.setting).at(reference)
    return {
        "id": notice.key,
        "loai": notice.kind,
        "camera": notice.site.codes[0],
        "ma_xa": notice.site.area,
        "bat_dau": iso(notice.starts),
        "ket_thuc": iso(notice.ends) if notice.ends <= t else None,
        "do_tin_cay": notice.surety,
        "bien_so": notice.plate,
        "anh_khuon_mat": f"/anh/{notice.key}.jpg",
    }
