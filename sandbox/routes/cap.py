"""A feed of warnings: Atom (RFC 4287) whose entries lead to messages of CAP 1.2."""

from __future__ import annotations

from xml.sax.saxutils import escape

from ioc.calendar import DAY_S
from sandbox.answers import Answer, Asked
from sandbox.bulletins import FEED_DAYS, Bulletin, issued
from sandbox.world import World
from sandbox.written import iso

PREFIX = "/cap/canh-bao"
SENDER = "dubao@kttv.example.invalid"
_HEAD = '<?xml version="1.0" encoding="UTF-8"?>\n'


def answer(world: World, asked: Asked) -> Answer:
    """Answer /cap/canh-bao.xml (the feed) and /cap/canh-bao/<id>.xml (a message)."""
    now = int(world.now())
    found = issued(world.setting, now - FEED_DAYS * DAY_S, now)
    if asked.path == f"{PREFIX}.xml":
        return Answer(200, _feed(found, now, asked.base), "application/atom+xml; charset=utf-8")
    wanted = asked.path.removeprefix(f"{PREFIX}/").removesuffix(".xml")
    for bulletin in found:
        if bulletin.id == wanted:
            return Answer(200, message(world, bulletin), "application/cap+xml; charset=utf-8")
    return Answer(404, b"", "text/plain")


def _feed(found: list[Bulletin], now: int, base: str) -> bytes:
    updated = found[-1].sent if found else now - FEED_DAYS * DAY_S
    entries = "".join(
        f"<entry><id>urn:cap:{one.id}</id><title>{escape(one.headline)}</title><updated>{iso(one.sent)}</updated>"
        f'<link rel="alternate" type="application/cap+xml" href="{base}{PREFIX}/{one.id}.xml"/></entry>'
        for one in reversed(found)
    )
    return (
        f'{_HEAD}<feed xmlns="http://www.w3.org/2005/Atom"><id>urn:cap:canh-bao</id>'
        f"<title>Cảnh báo thiên tai (mô phỏng)</title><updated>{iso(updated)}</updated>{entries}</feed>"
    ).encode()


def message(world: World, bulletin: Bulletin) -> bytes:
    """Return one message; a contact stands in it, which nobody may keep."""
    names = {area.code: area.full_name for area in world.setting.communes}
    places = bulletin.communes or (world.setting.province,)
    areas = "".join(
        f"<area><areaDesc>{escape(names.get(code, world.setting.name))}</areaDesc>"
        f"<geocode><valueName>DVHC</valueName><value>{code}</value></geocode></area>"
        for code in places
    )
    references = (
        f"<references>{SENDER},{bulletin.before},{iso(bulletin.before_sent)}</references>"
        if bulletin.before
        else ""
    )
    return (
        f'{_HEAD}<alert xmlns="urn:oasis:names:tc:emergency:cap:1.2"><identifier>{bulletin.id}</identifier>'
        f"<sender>{SENDER}</sender><sent>{iso(bulletin.sent)}</sent><status>Actual</status>"
        f"<msgType>{bulletin.kind}</msgType><scope>Public</scope>{references}<info><language>vi-VN</language>"
        f"<category>Met</category><event>{escape(bulletin.event)}</event><urgency>Expected</urgency>"
        f"<severity>{bulletin.severity}</severity><certainty>Likely</certainty>"
        f"<eventCode><valueName>QD18-2021</valueName><value>{bulletin.risk}</value></eventCode>"
        f"<onset>{iso(bulletin.onset)}</onset><expires>{iso(bulletin.expires)}</expires>"
        f"<headline>{escape(bulletin.headline)}</headline><contact>CÁN BỘ TRỰC 0900000001</contact>{areas}</info></alert>"
    ).encode()
