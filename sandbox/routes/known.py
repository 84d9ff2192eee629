"""Which module answers below which path, and which declared source asks there: one line for each protocol."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from sandbox.answers import Answer, Asked
from sandbox.routes import (
    cap,
    csv_files,
    dhis2,
    dvcqg,
    hotline,
    lgsp,
    market,
    ngsi_ld,
    ogc,
    open_meteo,
    portals,
    press,
    pxweb,
    rest,
    sensorthings,
    wazuh,
)
from sandbox.world import World


class Route(NamedTuple):
    """Who answers below a path, and which declared source asks there (for its faults)."""

    prefix: str
    answer: Callable[[World, Asked], Answer]
    source: Callable[[Asked], str]


ROUTES = (
    Route("/lgsp/", lgsp.answer, lambda asked: "one_stop"),
    Route("/dvcqg/", dvcqg.answer, lambda asked: "national_portal_766"),
    Route("/1022/", hotline.answer, lambda asked: "reports_1022"),
    Route("/ogc", ogc.answer, lambda asked: "land_requests"),
    Route("/dhis2/", dhis2.answer, dhis2.source),
    Route("/rest/", rest.answer, rest.source),
    Route("/portals/", portals.answer, portals.source),
    Route("/open-meteo/", open_meteo.answer, lambda asked: "weather"),
    Route("/gia-ca/", market.answer, lambda asked: "market_prices"),
    Route("/ngsi-ld/", ngsi_ld.answer, ngsi_ld.source),
    Route("/press/", press.answer, lambda asked: "press"),
    Route("/cap/", cap.answer, lambda asked: "weather_warnings"),
    Route("/sta/", sensorthings.answer, sensorthings.source),
    Route("/pxweb/", pxweb.answer, pxweb.source),
    Route("/csv/", csv_files.answer, csv_files.source),
    Route("/wazuh/", wazuh.answer, wazuh.source),
)
