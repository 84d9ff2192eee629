"""The desk: header, menu, the page that the address names, the drawer that says why a number is what it is."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qsl

from dash import Dash, Input, Output, dcc, html
from flask import Flask, request

from layouts import format as write
from layouts.attributes import data
from layouts.pages import (
    contradictions,
    drawer,
    filters,
    morning,
    overview,
    quality,
    records,
    runs,
    sector,
    sources,
)
from layouts.pages.desk_page import Desk, as_of, moment
from layouts.ports import Ports
from layouts.wall import ASSETS, screen_attributes
from layouts.words import language, say


def create_desk(server: Flask, desk: Desk) -> Dash:
    """Return the desk's app under /."""
    app = Dash(
        "desk",
        server=server,  # type: ignore[arg-type]  # dash names a narrower type than it takes
        assets_folder=str(ASSETS),
        assets_ignore=r"wall.*|geostub.*",
        title="IOC",
        update_title="",
        suppress_callback_exceptions=True,
        meta_tags=[{"name": "viewport", "content": "width=device-width, initial-scale=1"}],
    )
    app.index_string = app.index_string.replace(
        "<html>", '<html lang="vi">'
    )  # a script says where it is English
    app.layout = lambda: layout(desk.ports, _lang())
    register(app, desk)
    return app


def layout(ports: Ports, lang: str) -> html.Div:
    """Return the shell around every page."""
    return html.Div(
        [
            dcc.Location(id="desk-url", refresh="callback-nav"),
            dcc.Store(id="desk-why"),
            html.A(say("nav.skip", lang), href="#desk-page", className="skip"),
            _header(ports, lang),
            html.Div(
                [
                    html.Nav(_menu(ports, lang), id="desk-menu", className="menu"),
                    html.Main(id="desk-page", className="page", tabIndex=-1),
                    html.Aside(id="desk-drawer", className="drawer", **data(open="")),
                ],
                className="body",
            ),
        ],
        id="screen",
        className="desk",
        **screen_attributes("desk", lang, {}),
    )


def register(app: Dash, desk: Desk) -> None:
    """Register the callbacks of the shell and of the pages."""

    @app.callback(Output("desk-page", "children"), Input("desk-url", "pathname"), Input("desk-url", "search"))
    def show_page(pathname: str | None, search: str | None) -> Any:
        return page(desk, pathname or "/", dict(parse_qsl((search or "").lstrip("?"))), _lang())

    drawer.register(app, desk)
    filters.register(app)
    records.register(app, desk)
    runs.register(app, desk)
    contradictions.register(app, desk)


def page(desk: Desk, path: str, asked: Mapping[str, str], lang: str) -> Any:
    """Return the page of an address, as known when it asks; one that is unknown or fails says so in a sentence."""
    if not moment(asked):
        return _page(desk, path, asked, lang)
    known = as_of(asked)
    said = (
        say("as_of.unread", lang, time=asked["as_of"])
        if known is None
        else say("as_of.known", lang, time=f"{write.clock(known)} {write.day(known)}")
    )
    back = html.Button(say("as_of.back", lang), className="button", **data(toggle="now"))
    banner = html.Div([html.Strong(said), back], className="as-of-banner", role="status")
    return html.Div([banner, None if known is None else _page(desk, path, asked, lang)])


def _page(desk: Desk, path: str, asked: Mapping[str, str], lang: str) -> Any:
    first, _, rest = path.strip("/").partition("/")
    if not first:
        return overview.layout(desk, asked, lang)
    if first == "sources":
        return sources.layout(desk, asked, lang)
    if first == "morning":
        return morning.layout(desk, asked, lang)
    if first == "contradictions":
        return contradictions.layout(desk, asked, lang)
    if first == "quality":
        return quality.layout(desk, asked, lang)
    if first == "sector" and rest in dict(desk.ports.sectors):
        return sector.layout(desk, rest, asked, lang)
    return html.Div(say("not_found", lang), className="empty")


def _header(ports: Ports, lang: str) -> html.Header:
    other = "en" if lang == "vi" else "vi"
    return html.Header(
        [
            html.Button("☰", className="menu-button", title=say("nav.menu", lang), **data(toggle="menu")),
            dcc.Link([html.Strong(ports.province[f"name.{lang}"])], href="/", className="brand"),
            html.Span(say("simulated", lang), className="badge") if ports.simulated else None,
            html.Div(id="trouble", className="trouble", role="alert"),
            html.Div(id="all-sources", className="sources"),
            html.Details(
                [html.Summary(say("as_of_now", lang)), html.Div(className="as-of-choose")],
                id="as-of",
                **data(
                    now=say("as_of_now", lang),
                    then=say("as_of", lang, time="{time}"),
                    show=say("as_of.show", lang),
                    back=say("as_of.back", lang),
                ),
            ),
            html.A(say("nav.wall", lang), href="/wall/", className="plain"),
            html.A(other.upper(), href=f"?lang={other}", className="plain", title=say("language", lang)),
            html.Button("◐", className="plain", title=say("theme", lang), **data(toggle="theme")),
        ],
        className="top",
    )


def _menu(ports: Ports, lang: str) -> list[Any]:
    def entry(address: str, name: str, board: str = "") -> dcc.Link:
        count = html.Span(id=f"nav-{board}", className="nav-count", **data(board=board)) if board else None
        return dcc.Link([html.Span(name), count], href=address, className="nav-entry")

    return [
        entry("/", say("nav.overview", lang)),
        entry("/morning", say("nav.morning", lang)),
        html.Div(say("nav.sectors", lang), className="nav-title"),
        *(entry(f"/sector/{id}", name[lang], id) for id, name in ports.sectors),
        html.Div(say("nav.data", lang), className="nav-title"),
        entry("/sources", say("nav.sources", lang)),
        entry("/quality", say("nav.quality", lang)),
        entry("/contradictions", say("nav.contradictions", lang)),
    ]


def _lang() -> str:
    return language(request.args.get("lang") or request.cookies.get("lang"))
