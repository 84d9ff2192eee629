"""The sources as every board shows them: state, since when, until when, in words, and whose they are."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ioc.boards import LANGUAGES
from ioc.calendar import iso
from ioc.product import Product
from ioc.quality import Freshness


def sources_shown(product: Product, fresh: Mapping[str, Freshness]) -> list[dict[str, Any]]:
    """Return the declared sources with their freshness, then those that a fault disables."""
    return [_source(product, id, freshness) for id, freshness in fresh.items()] + _disabled(product)


def _source(product: Product, id: str, freshness: Freshness) -> dict[str, Any]:
    source = product.catalogue.sources[id]
    owner = product.agencies.agency(source.owner).name
    return {
        "id": id,
        "name": {"vi": source.name.vi, "en": source.name.en},
        "sector": source.sector,
        "owner": {lang: owner.say(lang, short=True) for lang in LANGUAGES},
        "state": freshness.state,
        "since": None if freshness.since is None else iso(freshness.since),
        # A run every half minute must not make a new version of every board: half its length is enough here.
        "fresh_until": None if freshness.until is None else iso(_rounded(freshness.until, source.fresh_for)),
        "sentence": {"vi": freshness.vi, "en": freshness.en},
    }


def _rounded(until: float, fresh_for: float) -> int:
    step = max(60, int(fresh_for / 2))
    return int(until // step * step + step)


def _disabled(product: Product) -> list[dict[str, Any]]:
    return [
        {
            "id": id,
            "name": {"vi": id, "en": id},
            "sector": "",
            "owner": "",
            "state": "never",
            "since": None,
            "fresh_until": None,
            "sentence": {"vi": f"Khai báo có lỗi: {fault}", "en": f"Faulty declaration: {fault}"},
        }
        for id, fault in product.catalogue.disabled.items()
    ]
