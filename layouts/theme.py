"""Colours by meaning. The style sheet names the same; what stands inside an SVG picture takes them from here."""

from __future__ import annotations

DARK = {
    "ground": "#0b1220",
    "panel": "#131c2e",
    "text": "#e8eef7",
    "quiet": "#9fb0c8",
    "line": "#24324a",
    "good": "#2fb58c",
    "warning": "#f0b429",
    "critical": "#ff6b4a",
    "stale": "#8492a6",
}
LIGHT = {
    "ground": "#f4f6fa",
    "panel": "#ffffff",
    "text": "#131c2e",
    "quiet": "#51607a",
    "line": "#dde3ec",
    "good": "#0a7a58",
    "warning": "#8a5a00",
    "critical": "#c0391b",
    "stale": "#5c6b80",
}

ACCENT = "#3f9be6"
"""The one colour of data; legible on both grounds, so that one picture serves both themes."""
LAST_YEAR = "#8fa1b8"
LIMIT = "#d98a1f"
MAP_STEPS = ("#1b3350", "#1f4a73", "#246597", "#2f83bd", "#56a4d8", "#9bcdf0")
"""From little to much, on a dark map; a light one reverses them."""


def ink(colour: str) -> str:
    """Return the text colour that reads on a band's legal colour: dark or white by luminance."""
    red, green, blue = (int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5))
    linear = [
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in (red, green, blue)
    ]
    luminance = 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
    return "#0b1220" if luminance > 0.18 else "#ffffff"
