"""Published figures of 1022 systems: their reports go through the connector and are read off the API, to the last one."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from http.server import BaseHTTPRequestHandler
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

import connectors
from connectors.http import Sessions
from tests.api.province import Province
from tests.connectors.answers import Loopback, respond
from tests.sandbox.polling import Polled

TAY_NINH, DONG_THAP_1, DONG_THAP_4, QUANG_NAM = "2026-01", "2026-03", "2026-04", "2026-09"
"""Each published breakdown in a month of its own; what counts is the figures."""
CHANNELS = {
    TAY_NINH: {"PHONE": 200, "APP": 160, "ZALO": 120, "FACEBOOK": 80, "WEB": 60},
    DONG_THAP_1: {"PHONE": 603, "EMAIL": 7, "ZALO": 61, "WEB": 76, "FACEBOOK": 27},
    DONG_THAP_4: {"PHONE": 346, "EMAIL": 3, "ZALO": 42, "WEB": 38, "FACEBOOK": 13},
    QUANG_NAM: {"PHONE": 316, "EMAIL": 14, "FACEBOOK": 161, "ZALO": 106, "WEB": 39, "CHATBOT": 746},
}
OPEN = {TAY_NINH: 32, DONG_THAP_4: 11}
UNANSWERED = {DONG_THAP_4: 12}


def reports(month: str) -> Iterator[dict[str, Any]]:
    """Yield a month's reports as a 1022 system tells of them; those still open come first, then those without a rating."""
    channels = [channel for channel, count in CHANNELS[month].items() for _ in range(count)]
    open_, silent = OPEN.get(month, 0), UNANSWERED.get(month, 0)
    for number, channel in enumerate(channels):
        day = f"{month}-{1 + number % 27:02d}"
        is_open = number < open_
        yield {
            "id": f"{month}-{number:04d}",
            "status": "DANG_XU_LY" if is_open else "DA_XU_LY",
            "created": f"{day}T09:00:00+07:00",
            "resolved": None if is_open else f"{day}T15:00:00+07:00",
            "channel": channel,
            "category": "Hạ tầng giao thông",
            "commune": "06685",
            "responsible": "Sở Xây dựng",
            "rating": None if is_open or number < open_ + silent else "HAI_LONG",
            "location": {"lat": 20.95, "lng": 107.05},
            "reporter": {"phone": "0900000000"},
        }


def system(request: BaseHTTPRequestHandler) -> None:
    """Answer with one page of all reports."""
    told = [report for month in CHANNELS for report in reports(month)]
    asked = {name: values[-1] for name, values in parse_qs(urlsplit(request.path).query).items()}
    size, page = int(asked["page_size"]), int(asked["page"])
    body = {"items": told[(page - 1) * size : page * size], "total": len(told)}
    respond(request, 200, json.dumps(body).encode())


@pytest.fixture(scope="module")
def told(province: Province, sources: Polled) -> Province:
    """Give the province once its 1022 source has been polled at a server on loopback."""
    server = Loopback(system)
    try:
        source = replace(province.product.catalogue.sources["reports_1022"], url=server.url)
        for page in connectors.fetcher(Sessions(now=lambda: province.clock[0]))(source, {}):
            resolved = sources.resolver.page(source, page)
            assert list(resolved.rejected) == []
            province.keep("reports_1022", resolved.records)
    finally:
        server.close()
    return province


def read(province: Province, indicator: str, **asked: str) -> tuple[float, int | None, int | None]:
    """Return value, numerator and denominator as the API tells them."""
    found = province.get(f"/api/v1/indicators/{indicator}", **asked).json
    return found["value"], found["num"], found["den"]


def by_channel(province: Province, month: str) -> dict[str, float]:
    """Return how many reports of a month came over each channel."""
    found = province.get("/api/v1/indicators/reports_received/breakdown", by="channel", period=month).items
    return {row["key"]: row["value"] for row in found}


def test_T1_of_620_reports_588_are_processed_and_32_in_progress(told: Province):
    assert read(told, "reports_received", period=TAY_NINH)[0] == 620
    assert read(told, "reports_processed", period=TAY_NINH) == (94.84, 588, 620)
    assert read(told, "reports_open", at="2026-02-01T00:00:00+07:00")[0] == 32
    assert 588 + 32 == 620


@pytest.mark.parametrize(
    ("month", "whole", "channels"),
    [
        (
            QUANG_NAM,
            1382,
            {"phone": 316, "EMAIL": 14, "facebook": 161, "zalo": 106, "web": 39, "CHATBOT": 746},
        ),
        (DONG_THAP_4, 442, {"phone": 346, "EMAIL": 3, "zalo": 42, "web": 38, "facebook": 13}),
        (DONG_THAP_1, 774, {"phone": 603, "EMAIL": 7, "zalo": 61, "web": 76, "facebook": 27}),
    ],
)
def test_T2_a_published_month_adds_up_by_channel_also_by_one_that_nobody_planned_for(
    told: Province, month: str, whole: int, channels: dict[str, int]
):
    assert by_channel(told, month) == channels
    assert sum(channels.values()) == whole == read(told, "reports_received", period=month)[0]


def test_T5_of_442_tickets_419_were_satisfied_11_open_and_12_gave_no_answer(told: Province):
    received, processed = (
        read(told, "reports_received", period=DONG_THAP_4)[0],
        read(told, "reports_closed", period=DONG_THAP_4)[0],
    )
    satisfied = read(told, "reports_satisfaction", period=DONG_THAP_4)
    assert satisfied == (100.0, 419, 419)
    assert received - processed == 11
    assert processed - satisfied[1] == 12
