"""The names that a JMESPath reads in an item: "a.b[0].c" begins at a.b. https://jmespath.org/specification.html"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import lru_cache
from itertools import takewhile
from typing import Any

import jmespath

_THROUGH = {"index_expression", "projection", "filter_projection", "value_projection", "flatten", "pipe"}


@lru_cache(maxsize=4096)
def names_in(path: str) -> frozenset[str]:
    """Return the dotted names that a path reads, each up to the first list on its way."""
    return frozenset(".".join(names) for names in _chains(jmespath.compile(path).parsed))


def _chains(node: Mapping[str, Any]) -> Iterator[tuple[str, ...]]:
    kind, children = node["type"], node.get("children", [])
    if kind == "field":
        yield (node["value"],)
    elif kind == "subexpression":
        further: list[str] = []
        if children[0]["type"] in ("field", "subexpression"):
            further = [one["value"] for one in takewhile(lambda one: one["type"] == "field", children[1:])]
        for names in _chains(children[0]):
            yield (*names, *further)
    elif kind in _THROUGH:
        yield from _chains(children[0])
    else:
        for child in children:
            if isinstance(child, Mapping):
                yield from _chains(child)
