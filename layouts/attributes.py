"""Attributes that the screens' scripts read from an element."""

from __future__ import annotations

from collections.abc import Sequence
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


def without_shared_start(names: Sequence[str]) -> list[str]:
    """Return names without the words that all of them begin with: of many air stations, where each stands."""
    words = [name.split() for name in names]
    if len(words) < 2:
        return list(names)
    shared = 0
    while all(len(one) > shared + 1 and one[shared] == words[0][shared] for one in words):
        shared += 1
    return [" ".join(one[shared:]) for one in words]
