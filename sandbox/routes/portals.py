"""Web portals as citizens see them: a home page, a list of news, and for most an RSS 2.0 feed of it."""

from __future__ import annotations

from email.utils import format_datetime
from html import escape

from ioc.calendar import local_time
from ioc.model import Site
from sandbox.answers import Answer, Asked
from sandbox.portals import articles, is_up, portals
from sandbox.world import World

HTML = "text/html; charset=utf-8"


def answer(world: World, asked: Asked) -> Answer:
    """Answer /portals/<site>/, /portals/<site>/tin-tuc and /portals/<site>/rss.xml."""
    _, _, id, *rest = asked.path.split("/")
    site = next((one for one in portals(world.setting) if one.id == id), None)
    if site is None:
        return Answer(404, b"<html><body>404</body></html>", HTML)
    now = world.now()
    if not is_up(world.setting, site, now):
        return Answer(503, "<html><body>Hệ thống đang bảo trì</body></html>".encode(), HTML)
    written = articles(world.setting, site, now)
    if rest == ["rss.xml"]:
        return Answer(200, _feed(site, written, asked.base), "application/rss+xml; charset=utf-8")
    lines = "".join(
        f"<li><a href='/portals/{site.id}/{at}'>Tin {at % 1000}</a> <time>{local_time(at):%d/%m/%Y}</time></li>"
        for at in (written if rest == ["tin-tuc"] else written[:3])
    )
    head = f"<head><title>{escape(site.name.vi)}</title></head>"
    return Answer(200, f"<html>{head}<body><ul>{lines}</ul></body></html>".encode(), HTML)


def source(asked: Asked) -> str:
    """Return which declared source asks there."""
    return "portals_independent" if "/portal_own_" in asked.path else "portals_component"


def _feed(site: Site, written: list[int], base: str) -> bytes:
    items = "".join(
        f"<item><title>Tin {at % 1000} của PHÓNG VIÊN {at % 9}</title><link>{base}/portals/{site.id}/{at}</link>"
        f"<pubDate>{format_datetime(local_time(at))}</pubDate></item>"
        for at in written
    )
    channel = f"<channel><title>{escape(site.name.vi)}</title>{items}</channel>"
    return f'<?xml version="1.0" encoding="UTF-8"?><rss version="2.0">{channel}</rss>'.encode()
