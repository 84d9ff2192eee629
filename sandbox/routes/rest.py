"""Lists of business systems as plain REST: what changed in a span, page by page or by offset, behind a key or token."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from functools import partial
from typing import Any, NamedTuple

from sandbox import (
    agenda,
    cameras,
    checkpoints,
    commune_links,
    counters,
    documents,
    gauges,
    incidents,
    investors,
    outreach,
    press,
    projects,
    security,
    sensitive,
    series_told,
    tasks,
    traffic,
    water_quality,
)
from sandbox.answers import Answer, Asked, BadQuestionError
from sandbox.world import World

MOST = 500
FARTHEST_S = 500 * 86_400


class Listing(NamedTuple):
    """One list: the source that asks for it, what must stand in which header, and what changed in a span.

    changed gives references in a fixed order; told says one of them as it is at an instant.
    """

    source: str
    header: str
    secret: str
    changed: Callable[[World, int, int], Sequence[Any]]
    told: Callable[[World, Any, int], Mapping[str, Any]]


LISTINGS = {
    "/rest/nhiem-vu": Listing("tasks", "authorization", "Bearer sandbox-tasks", tasks.changed, tasks.told),
    "/rest/truc-van-ban": Listing(
        "documents_axis", "x-systemid", "sandbox-ioc", documents.changed, documents.told
    ),
    "/rest/mua": Listing("rain_gauges", "x-api-key", "sandbox-mua", gauges.rain_changed, gauges.told_rain),
    "/rest/ho-chua": Listing(
        "reservoirs",
        "authorization",
        "Bearer sandbox-ho-chua",
        gauges.reservoirs_changed,
        gauges.told_reservoir,
    ),
    "/rest/diem-nguy-hiem": Listing(
        "disaster_points", "x-api-key", "sandbox-pctt", incidents.points_changed, incidents.told_point
    ),
    "/rest/thiet-hai": Listing(
        "disaster_damage", "x-api-key", "sandbox-pctt", incidents.damages_changed, incidents.told_damage
    ),
    "/rest/tinh-hinh-thien-tai": Listing(
        "disaster_situation", "x-api-key", "sandbox-pctt", gauges.situation_changed, gauges.told_situation
    ),
    "/rest/su-co-attt": Listing(
        "security_incidents", "x-api-key", "sandbox-soc", security.incidents_changed, security.incident_told
    ),
    "/rest/may-giam-sat": Listing(
        "security_hosts", "x-api-key", "sandbox-soc", security.hosts_changed, security.host_told
    ),
    "/rest/ket-noi-quoc-gia": Listing(
        "security_link", "x-api-key", "sandbox-soc", security.link_changed, security.link_told
    ),
    "/rest/camera": Listing("cameras", "x-api-key", "sandbox-vms", cameras.register, cameras.told),
    "/rest/camera-trong-diem": Listing(
        "cameras_key", "x-api-key", "sandbox-vms", cameras.key_register, cameras.told
    ),
    "/rest/su-kien-camera": Listing(
        "camera_events", "x-api-key", "sandbox-vms", cameras.notices_changed, cameras.notice_told
    ),
    "/rest/chot-y-te": Listing(
        "health_checkpoints", "x-api-key", "sandbox-chot", checkpoints.changed, checkpoints.told
    ),
    "/rest/ket-noi-cap-xa": Listing(
        "commune_links", "x-api-key", "sandbox-lgsp", commune_links.changed, commune_links.told
    ),
    "/rest/vi-pham-giao-thong": Listing(
        "traffic_violations", "x-api-key", "sandbox-csgt", traffic.violations_changed, traffic.violation_told
    ),
    "/rest/luot-nhac": Listing(
        "social_mentions", "x-api-key", "sandbox-mxh", press.mentions_changed, press.mention_told
    ),
    "/rest/chu-de": Listing(
        "social_topics", "x-api-key", "sandbox-mxh", press.topics_changed, press.topic_told
    ),
    "/rest/can-tra-loi": Listing(
        "social_items", "x-api-key", "sandbox-mxh", press.items_changed, press.item_told
    ),
    "/rest/thong-bao": Listing("announcements", "x-api-key", "sandbox-tb", outreach.changed, outreach.told),
    "/rest/thong-bao-kenh": Listing(
        "announcement_reach", "x-api-key", "sandbox-tb", outreach.channels_changed, outreach.channel_told
    ),
    "/rest/nuoc-mat": Listing(
        "water_stations", "x-api-key", "sandbox-nuoc-mat", water_quality.changed, water_quality.told
    ),
    "/rest/hang-cho": Listing(
        "service_counters", "x-api-key", "sandbox-hang-cho", counters.changed, counters.told
    ),
    "/rest/benh-can-bao-mat": Listing(
        "sensitive_diseases", "authorization", "Bearer sandbox-cdc", sensitive.changed, sensitive.told
    ),
    "/rest/du-an-dau-tu-cong": Listing(
        "investment_projects", "authorization", "Bearer sandbox-dau-tu-cong", projects.changed, projects.told
    ),
    **{
        f"/rest/{path}": Listing(
            source, "x-api-key", secret, partial(series_told.changed, feed), series_told.told
        )
        for path, source, secret, feed in (
            ("thue", "taxes", "sandbox-thue", "taxes"),
            ("ho-tich", "civil_status", "sandbox-ho-tich", "civil_status"),
            ("kinh-te-so", "digital_economy", "sandbox-kts", "digital_economy"),
            ("co-so-du-lieu-dat-dai", "land_database", "sandbox-dat-dai", "land_database"),
            ("su-dung-dich-vu-cong", "portal_usage", "sandbox-dvc", "portal_usage"),
            ("benh-vien-so", "hospital_digital", "sandbox-benh-vien", "hospital_digital"),
            ("chat-thai", "waste", "sandbox-chat-thai", "waste"),
        )
    },
    "/rest/ho-so-dau-tu": Listing(
        "investment_dossiers", "authorization", "Bearer sandbox-dau-tu", investors.changed, investors.told
    ),
    "/rest/thu-tuc-dau-tu": Listing(
        "investment_procedures",
        "authorization",
        "Bearer sandbox-dau-tu",
        investors.procedures_changed,
        investors.told_procedures,
    ),
    "/rest/lich-cong-tac": Listing(
        "leaders_calendar", "x-api-key", "sandbox-lich", agenda.changed, agenda.told
    ),
}
"""One line for each list, by its path."""


def answer(world: World, asked: Asked) -> Answer:
    """Answer /rest/…: updated_since and updated_until (ISO 8601), page and page_size or offset and limit."""
    listing = LISTINGS.get(asked.path)
    if listing is None:
        return Answer.json(404, {"error": "NOT_FOUND", "message": asked.path})
    if asked.headers.get(listing.header) != listing.secret:
        return Answer.json(401, {"error": "UNAUTHORIZED", "message": "the credentials are missing or wrong"})
    now = int(world.now())
    try:
        since = _instant(asked, "updated_since", now - FARTHEST_S)
        until = min(now, _instant(asked, "updated_until", now))
        size = asked.number("limit", asked.number("page_size", 50, 1, MOST), 1, MOST)
        start = asked.number("offset", (asked.number("page", 1, 1, 1_000_000) - 1) * size, 0, 10_000_000)
        if since < until - FARTHEST_S:
            raise BadQuestionError("updated_since: at most 500 days back can be asked for")
    except BadQuestionError as error:
        return Answer.json(422, {"error": "VALIDATION", "message": str(error)})
    found = listing.changed(world, since, until)
    items = [listing.told(world, one, now) for one in found[start : start + size]]
    return Answer.json(200, {"items": items, "total": len(found)})


def source(asked: Asked) -> str:
    """Return which declared source asks there."""
    listing = LISTINGS.get(asked.path)
    return listing.source if listing else ""


def _instant(asked: Asked, name: str, default: int) -> int:
    text = asked.query.get(name, "")
    if not text:
        return default
    try:
        read = datetime.fromisoformat(text)
        if read.tzinfo is None:
            raise ValueError(text)
    except ValueError:
        raise BadQuestionError(f"{name}: ISO 8601 with an offset was expected, not {text!r}") from None
    return int(read.timestamp())
