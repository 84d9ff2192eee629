"""The records of a sector in a grid that asks for a page at a time, by the read API's own cursor."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import dash_ag_grid as dag
from dash import Dash, Input, Output, State, dcc, html, no_update
from flask import request

from layouts import format as write
from layouts.pages.desk_page import Desk, agencies, moment, narrowed
from layouts.pages.filters import search_of
from layouts.ports import AskError
from layouts.words import called, language, say

BLOCK = 100
COLUMNS = ("key", "category", "responsible", "holder", "opened", "due", "closed", "state", "channel")
SORTED = ("opened", "due", "closed")
PARAMETERS = {"agency": "responsible", "area": "area", "category": "category", "channel": "channel"}


def layout(desk: Desk, sector: str, asked: Mapping[str, str], lang: str) -> Any:
    """Return the grid of a sector's cases; a sector of measurements has none and says so."""
    if sector not in desk.ports.kinds:
        return html.Div(say("records.none", lang), className="empty")
    columns = [
        {
            "field": name,
            "headerName": say(f"col.{name}", lang),
            "sortable": name in SORTED,
            "minWidth": {"key": 210, "category": 190, "responsible": 190, "holder": 190, "channel": 140}.get(
                name, 120
            ),
            "flex": 2 if name in ("category", "responsible", "holder") else 1,
            "tooltipField": name,
        }
        for name in COLUMNS
    ]
    return html.Div(
        [
            dcc.Store(id="records-question", data=question(desk, sector, asked)),
            dcc.Store(id="records-cursors", data={"0": ""}),
            downloads(sector, "cases", asked, lang),
            dag.AgGrid(
                id="records-grid",
                columnDefs=columns,
                rowModelType="infinite",
                defaultColDef={"resizable": True, "suppressMovable": True},
                dashGridOptions={
                    "cacheBlockSize": BLOCK,
                    "maxConcurrentDatasourceRequests": 1,
                    "infiniteInitialRowCount": 1,
                    "tooltipShowDelay": 300,
                },
                className="ag-theme-quartz grid",
                style={"height": "calc(100vh - 38rem)", "minHeight": "40rem"},
            ),
            html.Div(id="records-note", className="quiet", role="status"),
        ],
        className="records",
    )


def question(desk: Desk, sector: str, asked: Mapping[str, str]) -> dict[str, str]:
    """Return what an address asks of the list of cases."""
    wanted = {PARAMETERS[name]: value for name, value in narrowed(asked).items() if name in PARAMETERS}
    return {"kind": desk.ports.kinds[sector], **wanted, **moment(asked)}


def downloads(sector: str, what: str, asked: Mapping[str, str], lang: str) -> html.Div:
    """Return the links to the same rows as files."""
    search = search_of({**narrowed(asked), **moment(asked), "lang": lang})
    links = [
        html.A(kind.upper(), href=f"/export/{sector}/{what}.{kind}{search}", download="", className="plain")
        for kind in ("csv", "xlsx")
    ]
    return html.Div([html.Span(say("export", lang)), *links], className="downloads")


def register(app: Dash, desk: Desk) -> None:
    """Register the callback that answers the grid's questions."""

    @app.callback(
        Output("records-grid", "getRowsResponse"),
        Output("records-cursors", "data"),
        Output("records-note", "children"),
        Input("records-grid", "getRowsRequest"),
        State("records-question", "data"),
        State("records-cursors", "data"),
    )
    def rows(wanted: Any, asked: Any, cursors: Any) -> Any:
        if not wanted or not asked:
            return no_update, no_update, no_update
        lang = language(request.cookies.get("lang"))
        start = int(wanted["startRow"])
        sort = _sort(wanted.get("sortModel") or [])
        held: dict[str, str] = cursors if cursors and cursors.get("sort", sort) == sort else {"0": ""}
        try:
            answer = desk.ask(
                "/api/v1/cases",
                {**asked, "sort": sort, "limit": str(BLOCK), "cursor": held.get(str(start), "")},
            )
        except AskError as error:
            return {"rowData": [], "rowCount": 0}, no_update, str(error)
        names = agencies(desk, lang)
        items = [_row(item, names, lang) for item in answer.get("items") or []]
        after = answer.get("next")
        last = None if after else start + len(items)
        held = {**held, "sort": sort, str(start + BLOCK): after or ""}
        note = say("empty", lang) if not items and not start else ""
        return {"rowData": items, "rowCount": last}, held, note


def _sort(model: list[Mapping[str, str]]) -> str:
    if not model:
        return "-opened"
    return ("-" if model[0]["sort"] == "desc" else "") + model[0]["colId"]


def _row(item: Mapping[str, Any], names: Mapping[str, str], lang: str) -> dict[str, str]:
    told = {name: str(item.get(name) or "") for name in COLUMNS}
    for name in SORTED:
        told[name] = write.day(item[name]) if item.get(name) else ""
    for name in ("responsible", "holder"):
        told[name] = names.get(told[name], told[name])
    told["channel"] = called(told["channel"], lang)
    state = item.get("state")
    told["state"] = say(f"state.{state}", lang) if state else ""
    return told
