"""Drafts the national portal's scores: the province's own ids are for a person to say; the address is asked once."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from connectors.drafts.draft import Blank, Draft
from connectors.http import Http
from ioc.model import Source


def draft(source: Source, http: Http, options: Mapping[str, str], known: frozenset[str]) -> Draft:
    """Draft with --option root=… and unit=… where they are known."""
    status = http.get(accept=(400, 401, 403, 404, 405)).status
    table: dict[str, Any] = {
        "url": source.url,
        "shape": "observation",
        "personal_data": False,
        "root": Blank(options.get("root", "fill_in_department_id"), "the province's departmentId (a uuid)"),
        "unit": Blank(options.get("unit", "fill_in_code"), "the province's departmentCode, such as H49"),
        "place": Blank("fill_in_area", "the province's code"),
    }
    return Draft(table, [], [f"the address answers (HTTP {status})"])
