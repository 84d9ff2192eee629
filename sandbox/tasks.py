"""Tasks that the province's leaders assign, and how the office's tracking system tells about them."""

from __future__ import annotations

from array import array
from bisect import bisect_right
from functools import lru_cache
from typing import Any, NamedTuple

from ioc.calendar import date_of, local_day
from sandbox.chance import Draw, cumulated, mix, stream
from sandbox.lives import Lives
from sandbox.setting import Setting
from sandbox.world import World
from sandbox.written import day as written_day
from sandbox.written import iso

KIND = 4
HORIZON = 150
PER_DAY = 14

SOURCES = ("KET_LUAN_HOP", "VAN_BAN_CHI_DAO", "CHUONG_TRINH_CONG_TAC", "TRUNG_UONG_GIAO")
_SOURCES = cumulated((34, 38, 18, 10))
AGENCIES = (
    "so_nnmt", "so_tai_chinh", "so_xay_dung", "so_khcn", "so_noi_vu", "so_y_te", "so_gddt", "so_cong_thuong",
    "so_vhttdl", "so_tu_phap", "bql_kkt", "cong_an_tinh", "thanh_tra_tinh", "so_dan_toc_ton_giao",
)  # fmt: skip
_AGENCIES = cumulated((16, 15, 14, 10, 9, 8, 7, 7, 6, 5, 5, 4, 3, 3))


class Task(NamedTuple):
    """A task's whole life; instants are epoch seconds, 0 where they never come.

    moves: (instant, status) in order. due is what was set first (0: none); from `extended` on it is due_after.
    """

    key: str
    source: str
    agency: str
    assigned: int
    due: int
    extended: int
    due_after: int
    moves: tuple[tuple[int, str], ...]
    person: int

    @property
    def changes(self) -> tuple[int, ...]:
        """The instants at which the system's answer changes."""
        return tuple(sorted({at for at, _ in self.moves} | ({self.extended} if self.extended else set())))

    def status(self, t: float) -> str:
        """Return the system's own word for where the task stands at t."""
        return [status for at, status in self.moves if at <= t][-1]

    def due_at(self, t: float) -> int:
        """Return its due instant as the system says at t, 0 for none."""
        return self.due_after if self.extended and self.extended <= t else self.due

    def closed_at(self, t: float) -> int:
        """Return when it was finished as the system says at t, 0 while it is not."""
        at, status = [move for move in self.moves if move[0] <= t][-1]
        return at if status == "HOAN_THANH" else 0


@lru_cache(maxsize=4)
def tasks(setting: Setting) -> Lives[Task]:
    """Return all tasks of the province."""

    def count(day: int) -> int:
        return round(PER_DAY * setting.busyness(day))

    def make(day: int, number: int) -> Task:
        return _make(setting, day, number)

    return Lives(count, make, HORIZON)


def changed(world: World, since: int, until: int) -> array[int]:
    """Return references to the tasks that changed in a span."""
    return tasks(world.setting).changed(since, until)


def _make(setting: Setting, day: int, number: int) -> Task:
    draw = stream(setting.seed, KIND, day, number)
    calendar = setting.calendar
    source = SOURCES[bisect_right(_SOURCES, draw())]
    commune = setting.commune(draw())
    of_commune = draw() < 0.24
    chosen = "commune" if of_commune else AGENCIES[bisect_right(_AGENCIES, draw())]
    agency = setting.agency(chosen, commune)
    assigned = setting.in_office(day, draw())
    days = (5, 7, 10, 15, 20, 30, 45)[int(7 * draw())] if source != "TRUNG_UONG_GIAO" else 7 + int(8 * draw())
    last = calendar.add_working_days(local_day(assigned), days)
    due = calendar.work_end(last) if draw() > 0.05 else 0
    extends = draw() < 0.07 and days >= 10
    extended = setting.in_office(calendar.add_working_days(last, -2), draw()) if extends and due else 0
    due_after = calendar.work_end(calendar.add_working_days(last, 5 + int(10 * draw()))) if extended else due
    end = local_day(due_after) if due_after else last
    moves = _moves(setting, agency, assigned, end, extended, draw)
    return Task(
        key=f"NV-{date_of(day):%y%m%d}-{number:03d}",
        source=source,
        agency=agency,
        assigned=assigned,
        due=due,
        extended=extended,
        due_after=due_after,
        moves=moves,
        person=mix(setting.seed, day, number) % 100,
    )


def _moves(
    setting: Setting, agency: str, assigned: int, end: int, extended: int, draw: Draw
) -> tuple[tuple[int, str], ...]:
    """Return how a task went: taken up, finished, sometimes sent back and finished again, rarely taken away."""
    calendar = setting.calendar
    taken_up = setting.after(assigned, 3600 + 40_000 * draw())
    late = draw() < 0.13 * setting.slowness(agency)
    if late:
        day = calendar.add_working_days(end, 1 + int(25 * draw() ** 1.5))
    else:
        day = max(local_day(taken_up), end - int((end - local_day(assigned)) * 0.55 * draw() ** 1.5))
        while not calendar.is_working_day(day):
            day -= 1
    done = max(setting.in_office(day, 0.02 + 0.93 * draw()), taken_up + 1800, extended + 1800)
    moves = [(assigned, "CHUA_THUC_HIEN"), (taken_up, "DANG_THUC_HIEN")]
    fate = draw()
    if fate < 0.01:
        return (*moves, (done, "THU_HOI"))
    moves.append((done, "HOAN_THANH"))
    if fate > 0.97:
        back = setting.after(done, 5000 + 40_000 * draw())
        moves += [(back, "DANG_THUC_HIEN"), (setting.after(back, 30_000 + 90_000 * draw()), "HOAN_THANH")]
    return tuple(moves)


def told(world: World, reference: int, t: int) -> dict[str, Any]:
    """Return what the tracking system says of a task at t, names of people and all."""
    task = tasks(world.setting).at(reference)
    return {
        "ma_nhiem_vu": task.key,
        "noi_dung": f"Nhiệm vụ {task.key} giao {task.agency}",
        "nguoi_giao": f"LÃNH ĐẠO {task.person % 7}",
        "chuyen_vien_theo_doi": f"CHUYÊN VIÊN {task.person:02d}",
        "nguon": task.source,
        "don_vi_chu_tri": task.agency,
        "ngay_giao": iso(task.assigned),
        "han_xu_ly": written_day(task.due_at(t)),
        "gia_han": bool(task.extended and task.extended <= t),
        "trang_thai": task.status(t),
        "ngay_hoan_thanh": iso(task.closed_at(t)),
        "cap_nhat": iso(max(at for at in task.changes if at <= t)),
    }


def counts(world: World, t: float) -> dict[str, int]:
    """Count the truth at t: tasks in hand, and of them overdue, from every single life."""
    found = dict.fromkeys(("open", "overdue"), 0)
    for task in tasks(world.setting).begun(t):
        if task.assigned <= t and task.status(t) in ("CHUA_THUC_HIEN", "DANG_THUC_HIEN"):
            found["open"] += 1
            due = task.due_at(t)
            found["overdue"] += bool(due) and local_day(due) < local_day(t)
    return found
