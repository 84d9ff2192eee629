"""A published day of a province, made up: every state a tile can be in, long names, a silent source."""

# ruff: noqa: E501  # made-up values read best as rows of a table

from __future__ import annotations

import math
import random
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

from ioc.boundaries import Boundaries, load_boundaries
from ioc.province import load_province
from ioc.territory import Territory
from layouts.ports import Ports

DATA = Path(__file__).resolve().parents[2] / "data"
NOW = 1795231325.0
"""Saturday 21/11/2026, 10:22:05 in the province."""
DAY = 86400
SECTORS = (
    ("public_services", {"vi": "Dịch vụ công", "en": "Public services"}),
    ("citizen_reports", {"vi": "Phản ánh hiện trường 1022", "en": "Citizen reports 1022"}),
    ("land", {"vi": "Đất đai", "en": "Land"}),
    ("health", {"vi": "Y tế", "en": "Health"}),
    ("environment", {"vi": "Môi trường", "en": "Environment"}),
)
MONTH = {
    "kind": "month",
    "label": "2026-11",
    "start": "2026-11-01T00:00:00+07:00",
    "end": "2026-12-01T00:00:00+07:00",
}
OCTOBER = {
    "kind": "month",
    "label": "2026-10",
    "start": "2026-10-01T00:00:00+07:00",
    "end": "2026-11-01T00:00:00+07:00",
}
STOCK = {"kind": "now", "label": "now", "start": None, "end": None}
LAST_30D = {"kind": "last_30d", "label": "last_30d", "start": NOW - 30 * DAY, "end": NOW}
TODAY = {
    "kind": "day",
    "label": "2026-11-21",
    "start": "2026-11-21T00:00:00+07:00",
    "end": "2026-11-22T00:00:00+07:00",
}
WEEK = {
    "kind": "week",
    "label": "2026-W46",
    "start": "2026-11-09T00:00:00+07:00",
    "end": "2026-11-16T00:00:00+07:00",
}
HOUR = {
    "kind": "hour",
    "label": "2026-11-21T09",
    "start": "2026-11-21T09:00:00+07:00",
    "end": "2026-11-21T10:00:00+07:00",
}


@cache
def geography() -> Boundaries:
    """Return the outlines of the province as the product computes them."""
    territory = Territory(DATA / "territory")
    return load_boundaries(load_province(DATA, territory, date(2026, 11, 21)), territory, date(2026, 11, 21))


def walk(seed: str, n: int, end: float, spread: float) -> list[float]:
    """Return n values that wander and end where they should."""
    source = random.Random(seed)
    values, value = [], 0.0
    for place in range(n):
        value += source.uniform(-1, 1)
        values.append(value + 0.6 * math.sin(place / 3))
    shift = values[-1]
    return [round(max(end + (value - shift) * spread, 0), 2) for value in values]


def tile(
    id: str, sector: str, place: str, short: str, value: float | None, unit: str, **more: Any
) -> dict[str, Any]:
    """Return one tile of a document."""
    decimals = more.pop("decimals", 1 if unit == "%" else 0)
    spread = more.pop("spread", 0.8 if unit == "%" else (value or 10) * 0.04)
    return {
        "id": id,
        "indicator": id,
        "place": place,
        "sector": sector,
        "sector_name": dict(SECTORS)[sector]["vi"],
        "name": more.pop("name", short),
        "short": short,
        "value": value,
        "num": None,
        "den": None,
        "unit": unit,
        "decimals": decimals,
        "better": "higher",
        "bound": None,
        "status": "neutral",
        "freshness": "live",
        "period": MONTH,
        "reported_at": NOW - 65,
        "fresh_until": NOW + 3600,
        "valid_until": NOW + 600,
        "previous": None,
        "same_period_last_year": None,
        "target": None,
        "inputs": {"used": 1, "expected": 1},
        "where": None,
        "detail": None,
        "oldest": None,
        "sentence": None,
        "spark": []
        if value is None
        else [
            {"start": NOW - (20 - place) * DAY, "value": each}
            for place, each in enumerate(walk(id, 21, value, spread))
        ],
        **more,
    }


def tiles() -> dict[str, dict[str, Any]]:
    """Return the tiles by indicator: good, warning, critical, stale, neutral, not due, never reported."""
    found = [
        tile("dossiers_on_time", "public_services", "left", "Trước và đúng hạn", 93.7, "%", status="warning",
             name="Tỷ lệ giải quyết trước và đúng hạn", num=1342, den=1432,
             target={"value": 98, "by": 2026, "gap": -4.3, "on_track": False}, same_period_last_year={"value": 95.6}),
        tile("dossiers_overdue", "public_services", "left", "Quá hạn chưa giải quyết", 563, "{dossier}", status="critical",
             name="Hồ sơ quá hạn chưa giải quyết", better="lower", period=STOCK, oldest=23, previous={"value": 502}),
        tile("dossiers_online_share", "public_services", "left", "Hồ sơ trực tuyến", 78.4, "%", status="warning",
             name="Tỷ lệ hồ sơ trực tuyến", target={"value": 80, "by": 2026, "gap": -1.6}, same_period_last_year={"value": 67}),
        tile("score_766", "public_services", "left", "Điểm Bộ chỉ số 766", 88.4, "{score}", decimals=1, period=OCTOBER,
             spread=0.5, reported_at=NOW - 840, detail={"rank": 12, "rank_of": 34, "weakest": {"name": "thanh toán"}}),
        tile("reports_on_time", "citizen_reports", "left", "Xử lý đúng hạn", 94.8, "%", status="good", period=LAST_30D,
             reported_at=NOW - 125, num=588, den=620, target={"value": 90, "by": 2026, "gap": 4.8}, previous={"value": 93.9}),
        tile("reports_overdue", "citizen_reports", "left", "Quá hạn", 9, "{report}", status="warning", better="lower",
             period=STOCK, reported_at=NOW - 125, oldest=6, previous={"value": 7}),
        tile("land_overdue", "land", "right", "Hồ sơ đất quá hạn", 118, "{dossier}", status="stale", freshness="down",
             better="lower", period=STOCK, reported_at=NOW - 9725, fresh_until=NOW - 6000,
             sentence="Nguồn đất đai mất kết nối từ 08:42"),
        tile("certificates_issued", "land", "right", "Giấy CN QSDĐ đã cấp", 1412, "{certificate}", period=MONTH,
             name="Giấy chứng nhận QSDĐ đã cấp", reported_at=NOW - 1500, same_period_last_year={"value": 1307}),
        tile("bed_occupancy", "health", "right", "Công suất giường bệnh", 87.2, "%", status="warning", better="lower",
             name="Công suất sử dụng giường bệnh", period=TODAY, reported_at=NOW - 720, previous={"value": 85.1},
             inputs={"used": 11, "expected": 12}),
        tile("dengue_week", "health", "right", "Sốt xuất huyết", None, "{case}", status="none", freshness="not_due",
             period=WEEK, reported_at=None, fresh_until=None, sentence="Hạn báo cáo 17:00 thứ Hai, 23/11/2026"),
    ]  # fmt: skip
    return {part["id"]: part for part in found}


STATIONS = [
    ("Hồng Gai", 20.951, 107.078, 62, "Trung bình", "#FFFF00", "PM2.5"),
    ("Cẩm Phả", 21.013, 107.288, 118, "Kém", "#FF7E00", "PM2.5"),
    ("Uông Bí", 21.035, 106.771, 74, "Trung bình", "#FFFF00", "PM10"),
    ("Móng Cái 1", 21.527, 107.966, 41, "Tốt", "#00E400", "O₃"),
    ("Mạo Khê", 21.063, 106.605, 96, "Trung bình", "#FFFF00", "PM2.5"),
    ("Vân Đồn", 21.071, 107.418, 38, "Tốt", "#00E400", "NO₂"),
]


def stations() -> list[dict[str, Any]]:
    """Return air stations with their VN_AQI of the hour; the last one is silent."""
    rows = [
        {"site": f"air_{place}", "name": name, "lat": lat, "lon": lon, "value": value, "band": band,
         "colour": colour, "governing": governing, "freshness": "live"}
        for place, (name, lat, lon, value, band, colour, governing) in enumerate(STATIONS)
    ]  # fmt: skip
    rows[-1] = {**rows[-1], "freshness": "down"}
    return rows


def map_panel(place: str) -> dict[str, Any]:
    """Return the map of overdue shares by commune."""
    source = random.Random("map")
    rows = []
    for feature in geography().communes["features"]:
        den = source.randint(20, 400)
        num = int(den * min(source.expovariate(28), 0.115))
        rows.append({"area": feature["properties"]["code"], "name": feature["properties"]["full_name"],
                     "value": round(100 * num / den, 1), "num": num, "den": den, "status": "neutral"})  # fmt: skip
    rows[5] = {**rows[5], "value": None, "num": None, "den": None, "status": "none"}
    return {"id": "map", "kind": "map", "place": place, "sector": "public_services", "name": "Hồ sơ quá hạn theo xã và VN_AQI",
            "indicator": "dossiers_overdue_share", "unit": "%", "decimals": 1, "rows": rows, "stations": stations(), "warnings": []}  # fmt: skip


def trend_panel(
    id: str, name: str, unit: str, base: float, place: str, sector: str, **more: Any
) -> dict[str, Any]:
    """Return a trend of three weeks with last year's."""

    def wave(seed: str, level: float) -> list[dict[str, Any]]:
        values = walk(seed, 21, level, level * 0.05)
        return [
            {"start": NOW - (20 - day) * DAY, "value": round(value * (0.28 if day % 7 in (0, 1) else 1))}
            for day, value in enumerate(values)
        ]

    return {"id": id, "kind": "trend", "place": place, "sector": sector, "name": name, "indicator": id, "unit": unit,
            "decimals": 0, "grain": "day", "points": wave(id, base), "last_year": wave(id + "x", base * 0.85),
            "limit": None, "freshness": "live", "reported_at": NOW - 65, "fresh_until": NOW + 3600, **more}  # fmt: skip


def ranking_panel(place: str) -> dict[str, Any]:
    """Return the overdue dossiers by responsible department and commune."""
    departments = [("Sở Nông nghiệp và Môi trường", "Sở NN&MT", 214, 8.1, "critical"), ("Sở Xây dựng", "Sở Xây dựng", 138, 5.2, "warning"),
                   ("Sở Tài chính", "Sở Tài chính", 44, 1.9, None), ("Sở Tư pháp", "Sở Tư pháp", 21, 1.1, None), ("Sở Y tế", "Sở Y tế", 9, 0.6, None)]  # fmt: skip
    communes = [("UBND phường Cẩm Phả", "P. Cẩm Phả", 62, 11.2, "warning"), ("UBND phường Hồng Gai", "P. Hồng Gai", 38, 7.4, None),
                ("UBND xã Tiên Yên", "X. Tiên Yên", 17, 6.9, None), ("UBND đặc khu Vân Đồn", "ĐK Vân Đồn", 12, 3.1, None),
                ("UBND phường Mông Dương", "P. Mông Dương", 8, 2.2, None)]  # fmt: skip

    def rows(found: list[Any]) -> list[dict[str, Any]]:
        return [
            {
                "key": short,
                "name": name,
                "short": short,
                "value": value,
                "num": value,
                "den": round(value / share * 100),
                "share": share,
                "status": status,
            }
            for name, short, value, share, status in found
        ]

    return {"id": "ranking", "kind": "ranking", "place": place, "sector": "public_services", "name": "Quá hạn theo đơn vị",
            "indicator": "dossiers_overdue", "unit": "{dossier}", "decimals": 0, "rows_shown": 4,
            "groups": [{"name": "Sở, ngành", "rows": rows(departments)}, {"name": "UBND cấp xã", "rows": rows(communes)}]}  # fmt: skip


SOURCES = [
    {"id": f"source_{place}", "name": f"Nguồn {place}", "sector": "public_services", "state": state, "since": NOW - 6000,
     "last_success": NOW - 60, "last_reported": NOW - 65, "fresh_until": NOW + 120, "owner": "Văn phòng UBND tỉnh",
     "sentence": "Hệ thống đất đai mất kết nối từ 08:42, đang hỏi lại mỗi 5 phút" if state == "down" else ""}
    for place, state in enumerate(["live"] * 8 + ["late", "down"])
]  # fmt: skip
SENTENCES = [
    {"text": "32 phản ánh chưa xử lý, cũ nhất 12 ngày làm việc", "indicator": "reports_open"},
    {"text": "Sở NN&MT giữ 38% hồ sơ quá hạn, tăng 3 tuần liền", "indicator": "dossiers_overdue"},
    {"text": "124 hồ sơ đến hạn trong ngày", "indicator": "dossiers_due_today"},
]


def board(id: str, name: str, parts: list[Any], panels: list[Any], lang: str = "vi") -> dict[str, Any]:
    """Return a whole document."""
    return {
        "id": id, "lang": lang, "name": name, "audience": "leaders", "published_at": "2026-11-21T10:22:00+07:00", "simulated": True,
        "province": {"code": "22", "name": "Tỉnh Quảng Ninh", "title": "Trung tâm Giám sát, điều hành thông minh", "emblem": None},
        "sources": SOURCES, "tiles": parts, "panels": panels, "sentences": SENTENCES,
    }  # fmt: skip


def overview(lang: str = "vi") -> dict[str, Any]:
    """Return the overview."""
    panels = [
        map_panel("middle"),
        ranking_panel("middle"),
        trend_panel("received", "Hồ sơ tiếp nhận", "", 1308, "middle", "public_services"),
        trend_panel("reports", "Phản ánh 1022", "", 44, "middle", "citizen_reports"),
        {"id": "stations", "kind": "stations", "place": "right", "sector": "environment", "sector_name": "Môi trường",
         "name": "VN_AQI giờ", "period": HOUR, "rows": stations()},
    ]  # fmt: skip
    return board("overview", "Toàn cảnh", list(tiles().values()), panels, lang)


def sector(id: str, name: str, lang: str = "vi") -> dict[str, Any]:
    """Return a sector's board of eight tiles and four panels."""
    own = [part for part in tiles().values() if part["sector"] == id] or list(tiles().values())[:3]
    more = [
        tile(
            f"{id}_{place}",
            id,
            "row",
            f"Tiếp nhận trong ngày {place}",
            1527 + place,
            "{dossier}",
            period=TODAY,
        )
        for place in range(8 - len(own))
    ]
    parts = [{**part, "place": "row"} for part in [*own, *more]]
    panels = [
        trend_panel(
            "received",
            "Hồ sơ tiếp nhận",
            "{dossier}",
            1308,
            "row",
            id,
            limit={"value": 1400, "label": "năng lực tiếp nhận"},
        ),
        ranking_panel("row"),
        trend_panel("resolved", "Hồ sơ giải quyết", "{dossier}", 1220, "row", id),
        map_panel("row"),
    ]
    return board(id, name, parts, panels, lang)


@dataclass
class SampleBoards:
    """Boards that a test changes as it likes: a new version is a new document under a new name."""

    documents: dict[tuple[str, str], dict[str, Any]] = field(default_factory=dict)
    numbers: dict[tuple[str, str], int] = field(default_factory=dict)
    collector: tuple[str, float | None] = ("live", NOW)

    def publish(self, document: dict[str, Any]) -> None:
        """Put a document in the place of the one before."""
        key = (document["id"], document["lang"])
        self.documents[key] = document
        self.numbers[key] = self.numbers.get(key, 0) + 1

    def versions(self) -> dict[tuple[str, str], str]:
        return {key: str(number) for key, number in self.numbers.items()}

    def document(self, board: str, lang: str) -> dict[str, Any]:
        return self.documents[board, lang]

    def heartbeat(self) -> tuple[str, float | None]:
        return self.collector


def boards() -> SampleBoards:
    """Return the six boards of the sample, in both languages."""
    found = SampleBoards()
    for lang in ("vi", "en"):
        found.publish(overview(lang))
        for id, name in SECTORS:
            found.publish(sector(id, name[lang], lang))
    return found


def ask(path: str, parameters: Any) -> dict[str, Any]:
    """Answer as the read API would, from the sample."""
    found = tiles()
    parts = path.removeprefix("/api/v1/").split("/")
    if parts[0] == "areas":
        features = [feature["properties"] for feature in geography().communes["features"]]
        return {
            "items": [{"code": one["code"], "name": one["name"], "kind": one["kind"]} for one in features]
        }
    if parts[0] == "agencies":
        return {
            "items": [
                {
                    "id": "so_nnmt",
                    "name": {"vi": "Sở Nông nghiệp và Môi trường", "en": "Department of Agriculture"},
                }
            ]
        }
    if parts[0] == "cases":
        start = int(parameters.get("cursor") or 0)
        limit = int(parameters.get("limit") or 100)
        items = [
            {"key": f"H99.12-202611-{place:04}", "category": "Cấp GCN QSDĐ lần đầu", "responsible": "UBND phường Cẩm Phả",
             "holder": "Chi cục Thuế", "opened": NOW - place * 3600, "due": NOW + DAY, "closed": None, "state": "open", "channel": "Trực tuyến"}
            for place in range(start, start + limit)
        ]  # fmt: skip
        return {"items": items, "next": str(start + limit) if start < 400 else None}
    if parts[0] == "sources" and len(parts) == 1:
        changed = {"sentence": {"vi": "trường mới ghi_chu, thiếu loai", "en": "new fields ghi_chu"}}
        more: dict[str, Any] = {
            "schema": changed,
            "records_today": 1204,
            "rejected_today": 3,
            "last_changed": NOW - 300,
            "next_poll": NOW + 40,
        }
        return {"items": [{**source, **more} for source in SOURCES]}
    if parts[0] == "sources" and parts[2] == "runs":
        run = {
            "id": 1,
            "started": NOW - 60,
            "finished": NOW - 58.4,
            "outcome": "changed",
            "new": 10,
            "changed": 1,
            "same": 200,
            "rejected": 1,
        }
        return {
            "items": [
                run,
                {
                    **run,
                    "started": NOW - 120,
                    "outcome": "failed",
                    "finished": NOW - 100,
                    "error": "Nguồn không trả lời trong 20 giây",
                },
            ]
        }
    if parts[0] == "sources":
        return {
            "items": [{"at": NOW - 60, "address": "data.items[12]", "reason": "hẹn trả trước ngày tiếp nhận"}]
        }
    if len(parts) == 1:
        return {"items": [{**one, "name": {"vi": one["name"], "en": one["name"]}, "owner": "van_phong_ubnd", "basis": "Quyết định 766/QĐ-TTg", "period": "month"}
                          for one in found.values()]}  # fmt: skip
    tile = found.get(parts[1]) or next(iter(found.values()))
    if len(parts) == 2:
        return {**tile, "value": 91.2 if tile["unit"] == "%" else 96}
    if parts[2] == "series":
        return {"points": trend_panel("x", "x", "", 40, "row", "land")["points"]}
    if parts[2] == "breakdown":
        return {"items": [{**row, "key": row["area"]} for row in map_panel("row")["rows"]]}
    return {
        "formula": {"vi": "kết thúc không sau hẹn trả ÷ đã giải quyết", "en": "ended not after due ÷ resolved"},
        "value": tile["value"], "num": tile["num"], "den": tile["den"],
        "records": {"used": 1432, "rejected": 7, "late": 12},
        "sources": [{"id": "one_stop", "name": {"vi": "HTTT giải quyết TTHC"}, "state": "live", "last_success": NOW - 60, "payloads": ["sha256:0c1f"]}],
        "basis": "Quyết định 766/QĐ-TTg, nhóm tiến độ", "owner": "Văn phòng UBND tỉnh", "definition": "sha256:77ab",
        "history": [{"known_from": NOW - 8400, "value": 94.1}],
    }  # fmt: skip


def ports(published: SampleBoards | None = None, **more: Any) -> Ports:
    """Return what the screens need, made of the sample."""
    shapes = geography()
    return Ports(
        boards=published or boards(),
        communes=shapes.communes,
        neighbours=shapes.neighbours,
        sectors=SECTORS,
        province={
            "name.vi": "Tỉnh Quảng Ninh",
            "name.en": "Quảng Ninh province",
            "title.vi": "Trung tâm Giám sát, điều hành thông minh",
            "title.en": "Intelligent Operations Centre",
        },
        simulated=True,
        kinds={"public_services": "dossier"},
        poll_now=lambda source: None,
        ask=ask,
        order=("overview", *(id for id, _ in SECTORS)),
        **more,
    )


Clock = Callable[[], float]
