"""What a browser may load: only from here, no script but ours by hash, no frame of others around us."""

from __future__ import annotations

from collections.abc import Sequence

from dash import Dash
from flask import Flask, Response


def policy(apps: Sequence[Dash]) -> str:
    """Return the content security policy of all pages."""
    hashes = sorted({found for app in apps for found in app.csp_hashes()})
    return "; ".join(
        (
            "default-src 'self'",
            f"script-src 'self' {' '.join(hashes)}",
            "style-src 'self' 'unsafe-inline'",  # plotly and AG Grid write style elements
            "img-src 'self' data:",
            "object-src 'none'",
            "base-uri 'self'",
            "form-action 'self'",
            "frame-ancestors 'self'",
        )
    )


def protect(server: Flask, apps: Sequence[Dash]) -> None:
    """Add the policy and its companions to every answer."""
    said = policy(apps)

    def secure(answer: Response) -> Response:
        answer.headers.setdefault("Content-Security-Policy", said)
        answer.headers.setdefault("X-Content-Type-Options", "nosniff")
        answer.headers.setdefault("Referrer-Policy", "same-origin")
        return answer

    server.after_request(secure)
