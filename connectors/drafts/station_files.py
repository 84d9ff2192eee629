"""Drafts a folder of files of monitoring stations: which symbols, units and stations they name."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from connectors.drafts.columns import fold
from connectors.drafts.draft import Blank, Draft
from connectors.folders import open_folder
from connectors.http import Http
from connectors.station_lines import decoded
from ioc.errors import ContractError
from ioc.model import Source

ENCODINGS = ("utf-8-sig", "utf-16", "cp1258")
MOST_FILES = 20
_NAME = re.compile(r"(?P<station>.+?)_\d{8,14}\.\w+$")


def draft(source: Source, http: Http, options: Mapping[str, str], known: frozenset[str]) -> Draft:
    """Draft from the newest files of the folder."""
    symbols: dict[str, str] = {}
    stations: dict[str, Any] = {}
    sample: list[dict[str, str]] = []
    with open_folder(source) as server:
        listed = sorted(server.entries("") or (), key=lambda entry: entry.mtime)[-MOST_FILES:]
        for entry in listed:
            if named := _NAME.match(entry.name):
                stations[named["station"]] = Blank("fill_in_site", "the site's id")
            content = server.read(entry.name, source.max_bytes) or b""
            for line in decoded(content, ENCODINGS).splitlines()[:200]:
                cells = [cell.strip() for cell in re.split(r"\t|;", line)]
                if len(cells) >= 4 and re.fullmatch(r"\d{14}", cells[3]):
                    symbols.setdefault(cells[0], cells[2])
                    sample.append(
                        dict(zip(("parameter", "value", "unit", "time", "status"), cells, strict=False))
                    )
    if not symbols:
        raise ContractError(f"Không thấy dòng số liệu trạm nào trong {len(listed)} tệp.")
    parameters = {
        symbol: {"variable": Blank(_known(symbol, known), "a variable of variables.toml"), "unit": unit}
        for symbol, unit in symbols.items()
    }
    table = {
        "url": source.url,
        "shape": "observation",
        "personal_data": False,
        "stations": stations,
        "parameters": parameters,
    }
    return Draft(table, sample, [f"{len(listed)} files looked at"])


def _known(symbol: str, known: frozenset[str]) -> str:
    name = fold(symbol).replace("_", "")
    return name if name in known else f"fill_in_{fold(symbol)}"
