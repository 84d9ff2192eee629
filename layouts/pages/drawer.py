"""Căn cứ số liệu: why a number is what it is, from any page, in one answer of the read API."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qsl

from dash import Dash, Input, Output, State, html
from flask import request

from layouts.pages import basis
from layouts.pages.desk_page import Desk, agencies, moment, narrowed
from layouts.ports import AskError, Json
from layouts.words import language, say


def register(app: Dash, desk: Desk) -> None:
    """Register the callback that opens the drawer of the number whose "?" was pressed."""

    @app.callback(
        Output("desk-drawer", "children"),
        Output("desk-drawer", "data-open"),
        Input("desk-why", "data"),
        State("desk-url", "search"),
    )
    def explain(why: Mapping[str, str] | None, search: str | None) -> tuple[Any, str]:
        if not why or not why.get("indicator"):
            return None, ""
        lang = language(request.cookies.get("lang"))
        asked = dict(parse_qsl((search or "").lstrip("?")))
        filters = {**narrowed(asked), **moment(asked)}
        filters.pop("compare", None)
        try:
            answer = desk.ask(f"/api/v1/indicators/{why['indicator']}/explain", filters)
            reading = desk.ask(f"/api/v1/indicators/{why['indicator']}", filters)
            known = desk.ask("/api/v1/indicators", {"limit": "1000"}).get("items") or []
            declared: Json = next((item for item in known if item["id"] == why["indicator"]), {})
        except AskError as error:
            return [
                *basis.head(say("explain", lang), "", lang),
                html.P(say("explain.failed", lang)),
                html.P(str(error), className="quiet"),
            ], "1"
        return basis.content({**declared, **answer}, reading, agencies(desk, lang), lang), "1"
