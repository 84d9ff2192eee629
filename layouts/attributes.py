"""Attributes that the screens' scripts read from an element."""

from __future__ import annotations

from typing import Any


def data(**values: Any) -> dict[str, Any]:
    """Return data-* attributes: fresh_until="1" becomes data-fresh-until."""
    return {
        f"data-{name.replace('_', '-')}": "" if value is None else str(value)
        for name, value in values.items()
    }


def text(value: Any, lang: str) -> str:
    """Return a text that may stand as {"vi", "en"}; "" for none."""
    if isinstance(value, dict):
        value = value.get(lang) or value.get("vi")
    return "" if value is None else str(value)
