"""đúng – đủ – sạch – sống: the four measured scores of every source or owner, with their trend by day."""

from __future__ import annotations

from typing import Any

from api.answers import Answer, day, listed, text, unknown
from api.asked import PAGED, Asked
from api.caching import next_minute
from api.knowledge import as_of, check_source, declared_at
from api.routes import Room, Route
from ioc.calendar import DAY_S, iso, local_date
from ioc.errors import QuestionError
from ioc.product import Product
from ioc.quality_report import Line, by_owner, by_source, told, window
from ioc.scores import Counts

MOST_DAYS = 400


def quality(room: Room, asked: Asked) -> Answer:
    """List the scores of sources (by=source) or owners (by=owner, the worst first) over from= to to=, local days.

    Without them the last days that data/quality.toml declares, today included; a score that nothing was measured
    of is null, and so is one of a source that was not watched for long enough (note says so).
    """
    known = as_of(room, asked)
    product, declared = declared_at(room, known), room.product.quality
    now = asked.now if known is None else known / 1000
    start, end = window(now, declared.window_days)
    start, end = asked.instant("from") or start, asked.instant("to") or end
    if not start < end <= start + MOST_DAYS * DAY_S:
        raise QuestionError(f"from= must lie before to=, at most {MOST_DAYS} days; correct them")
    check_source(room, asked.text("source"))
    owner, by = asked.text("owner"), asked.one_of("by", ("source", "owner"), "source")
    if owner and not product.agencies.knows(owner):
        raise unknown("agency", owner, [one.id for one in product.agencies.agencies()], "/api/v1/agencies")
    wanted = [
        source
        for source in product.catalogue.sources.values()
        if owner in ("", source.owner) and asked.text("source") in ("", source.id)
    ]
    with product.store.reading() as connection:
        least = declared.least_watched_s
        lines = by_source(connection, wanted, start, end, least_watched_s=least, as_of=known)
    if by == "owner":
        lines = by_owner(lines)
    body = listed([_item(product, line, by) for line in lines], asked, lambda item: item["id"])
    measures = [
        {
            "id": one.id,
            "name": text(one.name),
            "definition": text(one.definition),
            "warning": one.warning,
            "critical": one.critical,
        }
        for one in declared.measures.values()
    ]
    span = {"from": day(local_date(start)), "to": day(local_date(end - 1))}
    return Answer(
        {"by": by, **span, "measures": measures, **body},
        valid_until=next_minute(asked.now) if known is None else None,
    )


def _item(product: Product, line: Line, by: str) -> dict[str, Any]:
    if by == "owner":
        name = product.agencies.agency(line.key).name if product.agencies.knows(line.key) else None
        what: dict[str, Any] = {"sources": list(line.sources)}
    else:
        source = product.catalogue.sources[line.key]
        name, what = source.name, {"sector": source.sector, "owner": line.owner}
    measures = product.quality.measures
    return {
        "id": line.key,
        "name": text(name) if name else {"vi": line.key, "en": line.key},
        **what,
        "scores": line.document(),
        "note": _note(line, product.quality.least_watched_s) if by == "source" else None,
        "status": {id: one.status(getattr(line.scores, id)) for id, one in measures.items()},
        "counts": {
            "due": round(line.counts.due, 1),
            "received": round(line.counts.received, 1),
            **{
                name: getattr(line.counts, name)
                for name in ("records", "rejected", "repeated", "compared", "disputed", "watched_s", "live_s")
            },
        },
        "days": [{"day": iso(at)[:10], **told(of), "mean": of.mean} for at, of in line.days.items()],
    }


def _note(line: Line, least_watched_s: int) -> dict[str, str] | None:
    if not line.days or line.counts.watched_s >= least_watched_s:
        return None
    if line.counts == Counts():
        return {"vi": "chưa đến hạn báo cáo", "en": "no report was due yet"}
    return {"vi": "chưa đủ thời gian theo dõi", "en": "not watched for long enough yet"}


ROUTES: tuple[Route, ...] = (
    Route("/api/v1/quality", quality, ("by", "source", "owner", "from", "to", "as_of", *PAGED)),
)
