"""Documents between agencies: each as an edXML file with its statuses, and what the exchange axis counts by day."""

from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import date
from functools import lru_cache, partial
from typing import Any, NamedTuple
from xml.sax.saxutils import escape

from ioc.calendar import HOUR_S, OFFSET_S, day_of, day_start, local_day
from sandbox.chance import mix, normal, share, stream
from sandbox.dropped import Dropped
from sandbox.setting import Setting
from sandbox.tasks import AGENCIES
from sandbox.world import World
from sandbox.written import compact, day

KIND = 5
FOLDER = "edoc"
PER_DAY = 34
DAYS = 8
"""So many days of files stand in the folder; the axis clears it."""
OFFICE = "000.00.00.H99"
CENTRAL = ("000.00.00.G22", "000.00.00.G09", "000.00.00.G12")
TYPES = ("Công văn", "Quyết định", "Kế hoạch", "Thông báo", "Giấy mời", "Báo cáo")
SPACE = "http://www.mic.gov.vn/TBT/QCVN_102_2016"

FAMILIAR = day_of(date(2026, 10, 1))
"""From this local day on everybody signs as usual; before, the less the earlier."""
LEVELS = ("UBND tỉnh", "Sở, ngành", "Xã, phường", "Gửi Trung ương, tỉnh khác")
_SENT = {"UBND tỉnh": 130, "Sở, ngành": 900, "Xã, phường": 24, "Gửi Trung ương, tỉnh khác": 210}
_RECEIVED = {"UBND tỉnh": 310, "Sở, ngành": 1_250, "Xã, phường": 41, "Gửi Trung ương, tỉnh khác": 0}
_UNSIGNED = {"UBND tỉnh": 0.001, "Sở, ngành": 0.006, "Xã, phường": 0.03, "Gửi Trung ương, tỉnh khác": 0.0}
"""By level: documents of an ordinary working day (of one commune) and the share without a digital signature."""


class Received(NamedTuple):
    """A document at one receiver: statuses of QCVN 102:2016 with their instants, in order."""

    organ: str
    statuses: tuple[tuple[int, str], ...]


class Document(NamedTuple):
    """One document: due is a local day as text, "" for none."""

    id: str
    number: int
    type: str
    sender: str
    sent: int
    due: str
    receivers: tuple[Received, ...]


@lru_cache(maxsize=64)
def documents(setting: Setting, on: int) -> tuple[Document, ...]:
    """Return the documents sent on a local day."""
    return tuple(_make(setting, on, number) for number in range(round(PER_DAY * setting.busyness(on))))


def _make(setting: Setting, on: int, number: int) -> Document:
    draw = stream(setting.seed, KIND, on, number)
    sent = setting.in_office(on, draw() * 0.97)
    at = draw()
    sender = CENTRAL[int(3 * draw())] if at < 0.2 else OFFICE if at < 0.55 else _department(draw())
    days = (3, 5, 7, 10, 15)[int(5 * draw())] if draw() < 0.45 else 0
    last = setting.calendar.add_working_days(on, days)
    organs = {_receiver(setting, draw(), draw()) for _ in range(1 + int(3.2 * draw()))} - {sender} or {
        setting.commune(draw()).code
    }
    receivers = tuple(
        _received(setting, organ, sent, last if days else 0, (on, number, place))
        for place, organ in enumerate(sorted(organs))
    )
    return Document(
        f"VB-{compact(sent)[:8]}-{number:03d}", number, TYPES[int(6 * draw())], sender, sent,
        day(day_start(last)) or "" if days else "", receivers,
    )  # fmt: skip


def _department(at: float) -> str:
    return f"000.00.{1 + int(len(AGENCIES) * at):02d}.H99"


def _receiver(setting: Setting, kind: float, at: float) -> str:
    """Choose a receiver: departments by their number on the axis, communes by their own code."""
    return _department(at) if kind < 0.6 else setting.commune(at).code


def _received(setting: Setting, organ: str, sent: int, last: int, which: tuple[int, ...]) -> Received:
    draw = stream(setting.seed, KIND, *which, 1)
    slow = setting.slowness(organ)
    arrived = sent + 20 + int(draw() * 900)
    forgotten = draw() < 0.02 * slow
    accepted = setting.after(
        arrived, (28_800 * (2 + 4 * draw())) if forgotten else 300 + 14_000 * draw() ** 2
    )
    if draw() < 0.006:
        return Received(organ, ((arrived, "01"), (accepted, "02")))
    assigned = setting.after(accepted, 600 + 9_000 * draw())
    late = draw() < 0.16 * slow
    end = last or local_day(assigned) + 3 + int(6 * draw())
    if late:
        finished = setting.in_office(setting.calendar.add_working_days(end, 1 + int(5 * draw())), draw())
    else:
        left = max(0, end - local_day(assigned))
        finished = setting.in_office(
            setting.calendar.add_working_days(local_day(assigned), int(left * 0.6 * draw())), 0.95 * draw()
        )
    finished = max(finished, assigned + 900)
    return Received(organ, ((arrived, "01"), (accepted, "03"), (assigned, "04"), (finished, "06")))


# The folder


def dropped(world: World, now: int) -> Iterator[Dropped]:
    """Yield a file for each document of the last days, and one with what its receivers said of it until now."""
    setting, today = world.setting, local_day(now)
    for on in range(today - DAYS + 1, today + 1):
        for document in documents(setting, on):
            if document.sent > now:
                continue
            yield Dropped(f"vb_{document.id}.edxml", document.sent, partial(_file, document), newest=False)
            said = tuple(one for one in _said(document) if one[0] <= now)
            if said:
                made = partial(_statuses, document, said)
                yield Dropped(f"tt_{document.id}.edxml", said[-1][0], made, newest=on == today)


def _said(document: Document) -> list[tuple[int, str, str]]:
    """Return what was said of a document, in order: instant, receiver, status."""
    return sorted((at, to.organ, code) for to in document.receivers for at, code in to.statuses)


def _file(document: Document, fault: str) -> bytes:
    """Write a document with what nobody may keep: signer, staff, attachment."""
    receivers = "".join(f"<To><OrganId>{to.organ}</OrganId></To>" for to in document.receivers)
    due = f"<DueDate>{document.due.replace('-', '/')}</DueDate>" if document.due else ""
    header = (
        f"<MessageHeader><From><OrganId>{document.sender}</OrganId><Telephone>0900000{document.number:03d}"
        f"</Telephone></From>{receivers}<Code><CodeNumber>{document.number + 1}</CodeNumber>"
        f"<CodeNotation>{compact(document.sent)[2:8]}</CodeNotation></Code><PromulgationInfo>"
        f"<PromulgationDate>{_slashed(document.sent)[:10]}</PromulgationDate></PromulgationInfo>"
        f"<DocumentType><Type>{escape(document.type)}</Type></DocumentType>"
        f"<Subject>V/v đơn của CÔNG DÂN {document.number:04d}</Subject>"
        f"<SignerInfo><FullName>NGƯỜI KÝ {document.number % 9}</FullName></SignerInfo>{due}"
        f"<DocumentId>{document.id}</DocumentId></MessageHeader>"
        f"<TraceHeaderList><TraceHeader><OrganId>{document.sender}</OrganId>"
        f"<Timestamp>{_slashed(document.sent)}</Timestamp></TraceHeader></TraceHeaderList>"
    )
    attachment = (
        "<AttachmentEncoded><Attachment><Content>TcO0IHBo4buPbmc=</Content></Attachment></AttachmentEncoded>"
    )
    return _envelope(header, attachment, fault)


def _statuses(document: Document, said: tuple[tuple[int, str, str], ...], fault: str) -> bytes:
    parts = [
        f"<Status><ResponseFor><OrganId>{document.sender}</OrganId><DocumentId>{document.id}</DocumentId></ResponseFor>"
        f"<From><OrganId>{organ}</OrganId></From><StatusCode>{code}</StatusCode><Timestamp>{_slashed(at)}</Timestamp>"
        f"<StaffInfo><Staff>CÁN BỘ {document.number % 30}</Staff></StaffInfo></Status>"
        for at, organ, code in said
    ]
    return _envelope("".join(parts), "", fault)


def _envelope(header: str, rest: str, fault: str) -> bytes:
    if fault == "html":
        return b"<html><body>Service unavailable</body></html>"
    text = (
        f'<?xml version="1.0" encoding="UTF-8"?>\n<edXML xmlns="{SPACE}"><edXMLEnvelope><edXMLHeader>{header}'
        f"</edXMLHeader></edXMLEnvelope>{rest}</edXML>"
    )
    content = text.encode()
    return content[: len(content) // 2] if fault in ("truncated", "500") else content


def _slashed(at: int) -> str:
    return time.strftime("%Y/%m/%d %H:%M:%S", time.gmtime(at + OFFSET_S))


# The axis' own counts


def changed(world: World, since: int, until: int) -> list[tuple[int, str]]:
    """Return (local day, level) of every count that changed in a span: a day's is final an hour after its end."""
    first, last = local_day(since - HOUR_S), local_day(until)
    return [(on, level) for on in range(first, last + 1) for level in LEVELS]


def told(world: World, which: tuple[int, str], t: int) -> dict[str, Any]:
    """Return what the axis has counted of a level's documents on a local day until t."""
    setting, (on, level) = world.setting, which
    sent, received, unsigned = counts(setting, on, level)
    part = min(1.0, max(0.0, (t - day_start(on) - 25_000) / 36_000))
    agencies, connected = _agencies(setting, on, level)
    return {
        "ma_tinh": setting.province,
        "ngay": day(day_start(on)),
        "cap": level,
        "gui": round(sent * part),
        "ky_so": round(sent * part) - round(unsigned * part),
        "nhan": round(received * part),
        **({"co_quan": agencies, "da_ket_noi": connected} if agencies else {}),
    }


def counts(setting: Setting, on: int, level: str) -> tuple[int, int, int]:
    """Return the documents of a whole local day: sent, received, and sent without a digital signature."""
    number = LEVELS.index(level)
    many = len(setting.communes) if level == "Xã, phường" else 1
    busy = setting.busyness(on) * (1 + 0.06 * normal(setting.seed, 51, on, number))
    sent = max(0, round(_SENT[level] * many * busy))
    unlearnt = 1 + max(0.0, (FAMILIAR - on) / 120)
    return sent, max(0, round(_RECEIVED[level] * many * busy)), round(sent * _UNSIGNED[level] * unlearnt)


def _agencies(setting: Setting, on: int, level: str) -> tuple[int, int]:
    """Return how many agencies of a level there are, and how many the axis reached on that day."""
    many = {"UBND tỉnh": 1, "Sở, ngành": len(AGENCIES), "Xã, phường": len(setting.communes)}.get(level, 0)
    away = level == "Xã, phường" and share(setting.seed, 52, on) < 0.15
    return many, many - (1 + mix(setting.seed, 53, on) % 2 if away else 0)
