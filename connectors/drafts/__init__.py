"""Drafts of declarations: each module asks an unknown source of its kind and guesses how it would be declared."""

from __future__ import annotations

from importlib import import_module
from importlib.util import find_spec
from typing import cast

import connectors
from connectors.drafts.draft import Drafts


def drafts(kind: str) -> Drafts | None:
    """Return what drafts a declaration of a kind: our module of the same name, or `draft` of somebody else's connector."""
    if kind in connectors.KINDS:
        module = f"connectors.drafts.{kind}"
        return cast("Drafts", import_module(module).draft) if find_spec(module) else None
    return cast("Drafts | None", getattr(connectors.find(kind), "draft", None))
