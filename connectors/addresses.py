"""Addresses of sources: what may be shown of one, and whether two lie on the same host."""

from __future__ import annotations

from urllib.parse import urlsplit


def shown(url: str, *, path: bool = True) -> str:
    """Write an address without its query and without who asks; path=False: the host alone."""
    parts = urlsplit(url)
    host = parts.netloc.rpartition("@")[2]
    return f"{parts.scheme}://{host}{parts.path}" if path else host


def origin(url: str) -> tuple[str, str, int | None]:
    """Return scheme, host and port of an address."""
    parts = urlsplit(url)
    return parts.scheme, parts.hostname or "", parts.port or {"http": 80, "https": 443}.get(parts.scheme)


def same_host(ours: str, theirs: str) -> bool:
    """Say whether an address is on the same host and port; from http to https on the usual ports is the same too."""
    a, b = origin(ours), origin(theirs)
    return a == b or (a[1] == b[1] and (a[0], a[2], b[0], b[2]) == ("http", 80, "https", 443))
