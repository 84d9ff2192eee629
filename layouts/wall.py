"""The wall: one Dash app without pages or callbacks; scripts in assets fill, age and rotate its scenes."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import orjson
from dash import Dash, html
from flask import Flask, request

from layouts import scenes
from layouts.attributes import data
from layouts.ports import Ports
from layouts.published import Published
from layouts.words import language, say

ROTATE_S = 30
ASSETS = Path(__file__).parent / "assets"


def create_wall(server: Flask, ports: Ports, published: Published, geography: str) -> Dash:
    """Return the wall's app under /wall/."""
    app = Dash(
        "wall",
        server=server,  # type: ignore[arg-type]  # dash names a narrower type than it takes
        routes_pathname_prefix="/wall/",
        requests_pathname_prefix="/wall/",
        assets_folder=str(ASSETS),
        assets_ignore=r"desk.*",
        title="IOC",
        update_title="",
        suppress_callback_exceptions=True,
    )
    app.index_string = app.index_string.replace(
        "<html>", '<html lang="vi">'
    )  # a script says where it is English
    app.layout = lambda: layout(ports, published, geography, language(request.cookies.get("lang")))
    return app


def layout(ports: Ports, published: Published, geography: str, lang: str) -> html.Div:
    """Return the wall in one language: header, all scenes one over the other, words for the scripts."""
    boards = published.boards(lang, ports.order)
    documents = [published.document(board, lang) for board in boards]
    drawn = [
        scenes.scene(document, lang, geography, _played(ports, str(document["id"])))
        for document in documents
        if document
    ]
    structures = published.pulse(lang)["structures"]
    usual = next(iter(ports.playlists), "*")
    return html.Div(
        [
            header(ports, lang),
            html.Main(drawn or scenes.nothing(lang), className="stage"),
            html.Div(say("paused", lang), className="paused", role="status"),
        ],
        id="screen",
        className="wall",
        **{**screen_attributes("wall", lang, structures), **data(playlist=usual)},
    )


def _played(ports: Ports, board: str) -> list[str]:
    """Return the names of the playlists that a board is in; "*" is whatever list, where none is declared."""
    return [name for name, boards in ports.playlists.items() if board in boards] if ports.playlists else ["*"]


def screen_attributes(surface: str, lang: str, structures: dict[str, str]) -> dict[str, Any]:
    """Return what the scripts of a screen need to know: surface, language, words, what it was built from."""
    names = ("server_lost", "collector_lost")
    words = {name: say(name, lang, time="{time}") for name in names}
    return data(
        screen=surface,
        lang=lang,
        rotate=ROTATE_S,
        structures=orjson.dumps(structures, option=orjson.OPT_SORT_KEYS).decode(),
        words=orjson.dumps(words).decode(),
    )


def header(ports: Ports, lang: str) -> html.Header:
    """Return the wall's header: whose screen this is, which scene, how the sources are, what time it is."""
    emblem = [html.Img(src="/emblem", alt="", className="emblem")] if ports.emblem else []
    badge = [html.Span(say("simulated", lang), className="badge")] if ports.simulated else []
    return html.Header(
        [
            html.Div(
                [
                    *emblem,
                    html.Div(
                        [
                            html.Div(ports.province[f"title.{lang}"], className="head-title"),
                            html.Div(ports.province[f"name.{lang}"], className="head-province"),
                        ]
                    ),
                ],
                className="head-who",
            ),
            html.H1(id="scene-title", className="head-scene"),
            html.Div(badge, className="head-badge"),
            html.Div(id="head-readings", className="head-readings"),
            html.Div(
                [
                    html.Div(id="all-sources", className="sources"),
                    html.Div(id="trouble", className="trouble", role="alert"),
                ],
                className="head-sources",
            ),
            html.Div([html.Div(id="clock-time"), html.Div(id="clock-date")], className="head-clock"),
        ],
        className="head",
    )
