"""Public investment projects of the synthetic province, and how the finance department's system tells about them."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import Any, NamedTuple

from ioc.calendar import DAY_S, day_start, local_day
from sandbox.chance import stream
from sandbox.setting import Setting
from sandbox.world import World
from sandbox.written import day as written_day
from sandbox.written import iso

KIND, COUNT, BEGIN = 7, 84, 20_275
"""The first of them began in July 2025."""
WHAT = (
    "Đường tỉnh đoạn qua {}", "Trường trung học {}", "Kè chống sạt lở {}", "Trạm y tế {}", "Hạ tầng khu tái định cư {}",
    "Hồ chứa và kênh {}", "Cải tạo trụ sở {}", "Chiếu sáng đô thị {}",
)  # fmt: skip
OWNERS = ("bql_giao_thong", "bql_dan_dung", "bql_nn", "bql_kkt", "commune", "commune")


class Project(NamedTuple):
    """A project: its plan and how it goes; instants are epoch s, capital in million dong.

    late_days: how many days it ends after the plan; 0 or less: in time.
    """

    key: str
    name: str
    owner: str
    area: str
    group: str
    begun: int
    due: int
    late_days: int
    capital: int
    slow: float

    @property
    def closed(self) -> int:
        """When it was handed over."""
        return self.due + self.late_days * DAY_S

    def disbursed(self, t: float) -> int:
        """Return what of its capital was paid out by t, in million dong."""
        part = max(0.0, min(1.0, (t - self.begun) / (self.closed - self.begun)))
        return round(self.capital * min(1.0, part**self.slow) * 0.97)


@lru_cache(maxsize=4)
def projects(setting: Setting) -> tuple[Project, ...]:
    """Return all projects, in the order of their numbers."""
    return tuple(_make(setting, number) for number in range(COUNT))


def _make(setting: Setting, number: int) -> Project:
    draw = stream(setting.seed, KIND, number)
    commune = setting.commune(draw())
    owner = setting.agency(OWNERS[int(draw() * len(OWNERS))], commune)
    begun = day_start(BEGIN + int(470 * draw()))
    late = draw() < 0.13 * setting.slowness(owner) + 0.06
    capital = round(9_000 * 60 ** draw() / 10) * 10
    return Project(
        key=f"DA{number + 1:03d}",
        name=WHAT[int(draw() * len(WHAT))].format(commune.name),
        owner=owner,
        area=commune.code,
        group="A" if capital > 400_000 else "B" if capital > 90_000 else "C",
        begun=begun,
        due=begun + int((270 + 480 * draw()) * DAY_S),
        late_days=int(20 + 200 * draw()) if late else -int(30 * draw()),
        capital=capital,
        slow=1.0 + 0.8 * draw(),
    )


def changed(world: World, since: int, until: int) -> Sequence[int]:
    """Return the numbers of the projects that were updated in a span: each on Mondays, and when it begins or ends."""
    monday = any((day + 3) % 7 == 0 for day in range(local_day(since), local_day(until) + 1))
    return [
        number
        for number, one in enumerate(projects(world.setting))
        if one.begun <= until and (monday or since <= one.begun or since <= one.closed <= until)
    ]


def told(world: World, number: int, t: int) -> dict[str, Any]:
    """Return what the system says of a project as of the last Monday, its manager and all."""
    one = projects(world.setting)[number]
    monday = day_start(local_day(t) - (local_day(t) + 3) % 7)
    return {
        "ma_du_an": one.key,
        "ten_du_an": one.name,
        "giam_doc": f"CÁN BỘ {number:02d}",
        "chu_dau_tu": one.owner,
        "ma_xa": one.area,
        "nhom": one.group,
        "khoi_cong": iso(one.begun),
        "ngay_hoan_thanh_ke_hoach": written_day(one.due),
        "ngay_hoan_thanh": iso(one.closed if one.closed <= t else 0),
        "trang_thai": "HOAN_THANH" if one.closed <= t else "DANG_THUC_HIEN",
        "ke_hoach_von_trieu": one.capital,
        "giai_ngan_trieu": one.disbursed(max(one.begun, monday)),
    }
