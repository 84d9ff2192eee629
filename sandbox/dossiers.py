"""One-stop dossiers of the synthetic province: the whole life of each, from submission to result."""

from __future__ import annotations

import math
from typing import Any, NamedTuple

from ioc.calendar import local_day
from ioc.territory import Area
from sandbox.chance import Draw, mix, stream
from sandbox.lives import Lives
from sandbox.setting import Procedure, Setting
from sandbox.written import compact

KIND = 1
HORIZON = 110
PER_DAY = 400

DESK = "Trung tâm Phục vụ hành chính công tỉnh"
ONLINE, DIRECT, POST = "2", "1", "3"


class Move(NamedTuple):
    """From this instant on a dossier has this status, at this step, on this desk."""

    at: int
    status: str
    step: str
    holder: str


class Dossier(NamedTuple):
    """A dossier's whole life; instants are epoch seconds, 0 where they never come.

    closed is what was written first; from `corrected` on the system says closed_after.
    """

    key: str
    number: int
    procedure: Procedure
    agency: str
    desk: str
    commune: Area
    channel: str
    applicant: str
    submitted: int
    received: int
    due: int
    moves: tuple[Move, ...]
    waits: tuple[tuple[int, int], ...]
    closed: int
    corrected: int
    closed_after: int
    rated: int
    rating: str
    flags: tuple[str, str, str, str]

    @property
    def changes(self) -> tuple[int, ...]:
        """The instants at which the system's answer changes."""
        later = tuple(at for at in (self.corrected, self.rated) if at)
        return tuple(sorted((*(move.at for move in self.moves), *later)))

    def move(self, t: float) -> Move | None:
        """Return where the dossier stands at t, None before anybody knows it."""
        found = None
        for move in self.moves:
            if move.at > t:
                break
            found = move
        return found

    def closed_at(self, t: float) -> int:
        """Return when it was closed as the system says at t, 0 while it is not."""
        if not self.closed or self.closed > t:
            return 0
        return self.closed_after if self.corrected and self.corrected <= t else self.closed

    def waited(self, t: float) -> int:
        """Return the seconds of the waits for supplements or payment that had ended by t."""
        return sum(end - start for start, end in self.waits if end <= t)


def dossiers(setting: Setting) -> Lives[Dossier]:
    """Return all dossiers of the province."""

    def count(day: int) -> int:
        return max(3, round(PER_DAY * setting.busyness(day)))

    def make(day: int, number: int) -> Dossier:
        return _make(setting, day, number)

    return Lives(count, make, HORIZON)


def _make(setting: Setting, day: int, number: int) -> Dossier:
    draw = stream(setting.seed, KIND, day, number)
    procedure = setting.procedure(draw())
    commune = setting.commune(draw())
    agency = setting.agency(procedure.agency, commune)
    desk = agency if procedure.agency == "commune" else DESK
    working = setting.calendar.is_working_day(day)
    channel, applicant = _how(procedure, draw, working)
    submitted = _submitted(setting, day, channel, draw)
    moves = [Move(submitted, "1", "Chờ tiếp nhận", desk)] if channel == ONLINE else []
    received = setting.after(submitted, 600 + draw() * 14_000) if channel == ONLINE else submitted
    if channel == ONLINE and draw() < 0.03:
        moves.append(Move(received, "3", "Từ chối tiếp nhận", desk))
        life = _Life(0, (), 0, 0, 0)
    else:
        life = _live(setting, procedure, agency, desk, channel, received, moves, draw)
    return Dossier(
        key=f"H{setting.province}.{_office(procedure, commune)}-{compact(submitted)[2:8]}-{number:04d}",
        number=number,
        procedure=procedure,
        agency=agency,
        desk=desk,
        commune=commune,
        channel=channel,
        applicant=applicant,
        submitted=submitted,
        received=received if life.due else 0,
        due=life.due,
        moves=tuple(moves),
        waits=life.waits,
        closed=life.closed,
        corrected=life.corrected,
        closed_after=life.closed_after,
        **_rating(life.closed, moves, draw),
        flags=_flags(procedure, channel, draw),
    )


class _Life(NamedTuple):
    due: int
    waits: tuple[tuple[int, int], ...]
    closed: int
    corrected: int
    closed_after: int


def _how(procedure: Procedure, draw: Draw, working: bool) -> tuple[str, str]:
    """Choose the channel and who applies."""
    at = draw()
    if not working:
        channel = ONLINE
    elif procedure.level == "other":
        channel = DIRECT
    else:
        online = 0.86 if procedure.level == "full" else 0.68
        channel = ONLINE if at < online else POST if at > 0.985 else DIRECT
    business = 0.75 if "oanh nghiệp" in procedure.category + procedure.name else 0.06
    who = draw()
    return channel, "1" if who < business else "2" if procedure.category == "Hộ kinh doanh" else "0"


def _submitted(setting: Setting, day: int, channel: str, draw: Draw) -> int:
    at = draw()
    if channel == ONLINE and (at > 0.9 or not setting.calendar.is_working_day(day)):
        return day * 86_400 - 25_200 + int((7 + 15 * draw()) * 3600)
    return setting.in_office(day, draw() * 0.97)


def _live(
    setting: Setting,
    procedure: Procedure,
    agency: str,
    desk: str,
    channel: str,
    received: int,
    moves: list[Move],
    draw: Draw,
) -> _Life:
    """Append the moves from reception to the end."""
    calendar = setting.calendar
    day = local_day(received)
    last = calendar.add_working_days(day, max(procedure.days, 0 if received % 86_400 < 28_800 else 1))
    due = calendar.work_end(last)
    moves.append(Move(received, "2", "Tiếp nhận", desk))
    late = draw() < 0.034 * setting.slowness(agency) * (0.5 if procedure.days == 0 else 1.2)
    done = _done(setting, received, last, late, draw)
    taken_up = setting.after(received, 1200 + draw() * 6000) if procedure.days else received + 300
    moves.append(Move(min(taken_up, done - 240), "4", "Thẩm định", agency))
    waits, shift = _waits(setting, procedure, received, done, moves, agency, draw)
    if shift:
        done = setting.after(done + shift, 60)
    fate = draw()
    if fate < 0.014 and procedure.days >= 3:
        status, step = ("7", "Công dân rút hồ sơ") if fate < 0.009 else ("8", "Dừng xử lý")
        moves.append(Move(done, status, step, ""))
        moves.sort()
        return _Life(due, waits, 0, 0, 0)
    signing = done - max(120, int((done - max(received, waits[-1][1] if waits else 0)) * 0.15))
    moves.append(Move(min(setting.after(signing, 1), done - 120), "4", "Trình ký", agency))
    moves.append(Move(done, "9", "Chờ trả kết quả", desk))
    returned = done + 600 if channel == ONLINE else setting.after(done, 300 + draw() ** 2 * 50_000)
    moves.append(Move(returned, "10", "Đã trả kết quả", ""))
    moves.sort()
    if draw() >= 0.012:
        return _Life(due, waits, done, 0, 0)
    after = max(received + 600, waits[-1][1] if waits else 0, done - int(3600 + draw() * 60_000))
    return _Life(due, waits, done, done + int((1 + 4 * draw()) * 86_400), min(after, done))


def _done(setting: Setting, received: int, last: int, late: bool, draw: Draw) -> int:
    """Return when the result is there, waiting left out: before the end of the last day unless late."""
    calendar = setting.calendar
    if late:
        extra = 1 + int(-math.log(1 - draw()) * (9 if draw() < 0.03 else 1.5))
        return setting.in_office(calendar.add_working_days(last, min(extra, 20)), 0.05 + 0.9 * draw())
    allowed = calendar.working_days_between(received, calendar.work_end(last))
    if allowed <= 0:
        return min(setting.after(received, 900 + draw() * 7200), calendar.work_end(last) - 60)
    took = int(allowed * min(1.0, 0.25 + 0.85 * draw()))
    day = calendar.add_working_days(local_day(received), took)
    return min(
        max(setting.in_office(day, 0.03 + 0.95 * draw()), setting.after(received, 1800)),
        calendar.work_end(last) - 60,
    )


def _waits(
    setting: Setting,
    procedure: Procedure,
    received: int,
    done: int,
    moves: list[Move],
    agency: str,
    draw: Draw,
) -> tuple[tuple[tuple[int, int], ...], int]:
    """Append waits for supplements (5) and payment (6); return them and their sum in seconds."""
    if procedure.days < 3 or done - received < 86_400:
        return (), 0
    waits: list[tuple[int, int]] = []
    shift, at = 0, received + int((done - received) * (0.2 + 0.2 * draw()))
    chance = draw()
    rounds = 2 if chance < 0.004 else 1 if chance < 0.07 else 0
    kinds = [("5", "Chờ bổ sung hồ sơ")] * rounds
    if procedure.fee and draw() < 0.05:
        kinds.append(("6", "Chờ nộp phí, lệ phí"))
    for status, step in kinds:
        start = setting.after(at + shift, 60)
        longest = 9.0 if status == "5" else 3.0
        end = setting.after(start + int((0.6 + longest * draw() ** 1.5) * 86_400), 60)
        moves.append(Move(start, status, step, agency))
        moves.append(Move(end, "4", "Thẩm định", agency))
        waits.append((start, end))
        shift += end - start
        at += (done - received) // 5
    return tuple(waits), shift


def _rating(closed: int, moves: list[Move], draw: Draw) -> dict[str, Any]:
    rates, what, when = draw(), draw(), draw()
    if not closed or rates > 0.24:
        return {"rated": 0, "rating": ""}
    rating = "HAI_LONG" if what < 0.925 else "BINH_THUONG" if what < 0.975 else "KHONG_HAI_LONG"
    return {"rated": moves[-1].at + int(300 + when**3 * 200_000), "rating": rating}


def _flags(procedure: Procedure, channel: str, draw: Draw) -> tuple[str, str, str, str]:
    """Choose digitised components, electronic result, reused data ("" where it does not apply), paid online."""
    online = channel == ONLINE
    digitised = "1" if draw() < (0.97 if online else 0.72) else "0"
    electronic = "1" if draw() < 0.86 else "0"
    applies, reuses, pays = draw(), draw(), draw()
    reused = ("1" if reuses < 0.64 else "0") if applies < 0.7 else ""
    paid = ("1" if pays < (0.83 if online else 0.31) else "0") if procedure.fee else ""
    return digitised, electronic, reused, paid


def _office(procedure: Procedure, commune: Area) -> str:
    return commune.code if procedure.agency == "commune" else str(mix(*procedure.agency.encode()) % 90 + 10)
