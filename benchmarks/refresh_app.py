"""The product's own web application with two routes to compare with: constant bytes, and a board built per client."""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Any

from dash import Dash, Input, Output, dcc, html
from flask import Flask, Response

import app
from ioc import settings as environment
from ioc.board_document import document
from ioc.product import Product, open_product
from ioc.publish import Publisher
from layouts.screen import parts
from layouts.server import run

BOARD, LANG = "overview", "vi"


class Rebuilt(Publisher):
    """Computes a board as the collector does, but for whoever asks, and publishes nothing."""

    def document(self, now: int) -> dict[str, Any]:
        """Return the board's document as of now."""
        plan, catalogue = self.plans[BOARD], self.product.catalogue
        with self.product.engine.snapshot(now) as snapshot:
            made = {part.key: self._computed.whole(part, now, snapshot)[0] for part in plan.parts}
            sources: list[Mapping[str, Any]] = [
                self._source(id, snapshot.freshness(one, None, now)) for id, one in catalogue.sources.items()
            ]
        return document(plan, made, sources, self.product, LANG)


def web() -> Flask:
    """Return the web application; the web server's worker calls this."""
    server = app.web()
    assert isinstance(server, Flask)
    screen = server.extensions["published"].screen(BOARD, LANG, "wall")
    body = screen.bodies["br"]

    @server.get("/constant")
    def constant() -> Response:
        return Response(body, mimetype="application/json")

    rebuilt(server, open_product(app._declare(environment.load())))
    return server


def rebuilt(server: Flask, product: Product) -> None:
    """Add the same board as an ordinary Dash page: an interval, and a callback that makes every panel anew."""
    publisher = Rebuilt(product, fence=0)
    page = Dash("rebuilt", server=server, routes_pathname_prefix="/rebuilt/")  # type: ignore[arg-type]
    page.layout = html.Div([dcc.Interval(id="tick", interval=5000), html.Div(id="board")])

    @page.callback(Output("board", "children"), Input("tick", "n_intervals"))
    def rebuild(_: int) -> list[Any]:
        drawn = parts(publisher.document(int(time.time())), LANG, "wall")
        return [
            dcc.Graph(figure=props["figure"]) if "figure" in props else html.Div(props.get("children"))
            for props in drawn.values()
        ]


if __name__ == "__main__":
    run(environment.load(), "benchmarks.refresh_app:web")
