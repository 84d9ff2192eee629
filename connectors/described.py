"""Writes what is known of every kind as Markdown: docs/connectors.md is what this returns."""

from __future__ import annotations

import inspect
import re
from collections.abc import Iterable, Iterator, Mapping
from types import ModuleType

import connectors
from connectors.about import ABOUT, CHECKS, UNVERIFIED, About
from connectors.drafts import drafts
from connectors.options import Option

_ADDRESS = re.compile(r"https?://[^\s,]+")
_CLIENT = ("redirects", "hosts", "ca", "proxy", "connections", "interval", "headers")
_MAPPING = ("fields", "enums", "times", "types", "variables", "decimal", "thousands", "blank", "loose")
HEAD = """# Connectors

Written by `python app.py connectors`; a test compares this file with what that command writes. What every source may
declare besides (name, every, auth, earliest, history, …) stands in [declarations.md](declarations.md).
"""


def text(kinds: Iterable[str]) -> str:
    """Return the whole document for these kinds; an installed one of no use is left out, and named at the end."""
    listed, broken = list[str](), list[str]()
    for kind in kinds:
        try:
            connectors.find(kind)
            listed.append(kind)
        except connectors.BrokenConnectorError as fault:
            broken.append(f"- {fault}")
    parts = [HEAD, "| kind | protocol | gives |\n|---|---|---|\n" + "\n".join(map(_row, listed)), _shared()]
    parts += [_kind(kind) for kind in listed]
    parts += ["## What could not be verified\n\n| what | where a declaration says how it is |\n|---|---|\n" + "\n".join(
        f"| {what} | {where} |" for what, where in UNVERIFIED)]  # fmt: skip
    if broken:
        parts.append("## Installed, but of no use\n\n" + "\n".join(broken))
    return "\n\n".join(part.strip() for part in parts) + "\n"


def facts(kind: str) -> dict[str, bool]:
    """Return the checks that follow from the code alone."""
    module = connectors.find(kind)
    written = inspect.getsource(module)
    return {
        "backfill": hasattr(module, "reads_spans"),
        "conditional": "conditional=" in written,
        "structure": ".compiled(" in written,
        "draft": drafts(kind) is not None,
    }


def _row(kind: str) -> str:
    gives = ABOUT[kind].gives if kind in ABOUT else "somebody else's connector, installed beside ours"
    return f"| [{kind}](#{kind}) | {_protocol(connectors.find(kind))} | {gives} |"


def _shared() -> str:
    from connectors import http, mapping_declared

    return (
        "## Options that several kinds share\n\nOf every kind that asks over HTTP:\n\n"
        + "\n".join(_options({name: http.OPTIONS[name] for name in _CLIENT if name in http.OPTIONS}))
        + "\n\nOf every kind that maps declared fields:\n\n"
        + "\n".join(_options({name: mapping_declared.OPTIONS[name] for name in _MAPPING}))
    )


def _kind(kind: str) -> str:
    module = connectors.find(kind)
    about = ABOUT.get(kind)
    doc = inspect.getdoc(module) or ""
    lines = [f"## {kind}", "", *(line for line in doc.splitlines()), ""]
    if about is not None:
        lines += [
            f"- **Specification:** {', '.join(_ADDRESS.findall(doc)) or 'none is published at an address of its own; see above'}",
            f"- **Gives:** {about.gives}",
            f"- **Paging:** {about.paging}",
            f"- **Incremental:** {about.incremental}",
            f"- **Access:** {about.access}",
        ]
    options: Mapping[str, Option] = module.OPTIONS
    shared = [name for names in (_CLIENT, _MAPPING) if set(names) <= set(options) for name in names]
    own = {name: option for name, option in options.items() if name not in shared}
    lines += ["- **Options:**" + (" those that several kinds share, and" if shared else ""), ""]
    lines += [*_options(own), ""]
    if about is not None:
        lines += ["Known limits:", "", *(f"- {limit}" for limit in about.limits or ("none known",)), ""]
        lines += ["| check | |", "|---|---|", *_checks(kind, about)]
    return "\n".join(lines)


def _checks(kind: str, about: About) -> Iterator[str]:
    for name, words in CHECKS.items():
        if why := about.exempt.get(name):
            yield f"| {words} | exempt: {why} |"
        else:
            yield f"| {words} | done" + (f": {about.genuine} |" if name == "genuine" else " |")


def _options(options: Mapping[str, Option], deep: int = 0) -> Iterator[str]:
    for name, option in options.items():
        must = ", required" if option.required else ""
        choices = f": {', '.join(map(repr, option.choices))}" if option.choices else ""
        yield f"{'  ' * deep}- `{name}` ({option.type}{choices}{must}): {option.doc or 'as its name says'}"
        inner = option.keys or (option.each.keys if option.each else None)
        if inner:
            yield from _options(inner, deep + 1)


def _protocol(module: ModuleType) -> str:
    first = (inspect.getdoc(module) or "").split("\n\n")[0]
    return " ".join(_ADDRESS.sub("", first).split()).rstrip(" ,;:").rstrip(".") + "."
