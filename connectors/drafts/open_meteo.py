"""Drafts a model's series: those that the address names, or the usual ones, checked with one question."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from connectors.drafts.columns import fold
from connectors.drafts.draft import Blank, Draft
from connectors.http import Http
from connectors.units import spelled
from ioc.model import Source

USUAL = "temperature_2m,relative_humidity_2m,precipitation,wind_speed_10m"


def draft(source: Source, http: Http, options: Mapping[str, str], known: frozenset[str]) -> Draft:
    """Draft hourly series at the address's point, or at --option lat=… --option lon=…"""
    base, _, query = source.url.partition("?")
    asked = dict(parse_qsl(query))
    lat = float(options.get("lat") or asked.get("latitude") or 21.0)
    lon = float(options.get("lon") or asked.get("longitude") or 107.0)
    hourly = (
        options.get("hourly")
        or asked.get("hourly")
        or (USUAL if not urlsplit(base).path.endswith("air-quality") else "pm2_5,pm10")
    )
    answer = http.get(base, params={"latitude": lat, "longitude": lon, "hourly": hourly}).json()
    units, series = answer.get("hourly_units", {}), answer.get("hourly", {})
    table: dict[str, Any] = {}
    for name in (one for one in series if one != "time"):
        plain = fold(name).replace("_", "")
        table[name] = {
            "variable": Blank(
                plain if plain in known else f"fill_in_{fold(name)}", "a variable of variables.toml"
            ),
            "unit": spelled(str(units.get(name, "1"))),
        }
    places = {"fill_in_area": {"lat": lat, "lon": lon}}
    sample = [dict(zip(series, row, strict=False)) for row in zip(*list(series.values())[:6], strict=False)][
        :24
    ]
    return Draft(
        {"url": base, "shape": "observation", "personal_data": False, "places": places, "hourly": table},
        sample,
    )
