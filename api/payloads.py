"""What was kept of a source's answer, as long as it is kept."""

from __future__ import annotations

import re

from api.answers import Answer, ProblemError, instant_ms
from api.asked import Asked
from api.knowledge import as_of
from api.routes import Room, Route
from ioc.store import reader
from ioc.store.payloads import first_kept
from ioc.store.reader import EVERYTHING

LINES = "application/x-ndjson; charset=utf-8"


def payload(room: Room, asked: Asked, hash: str) -> Answer:
    """Return what was kept under a hash: canonical JSON lines of the declared fields, or the bytes as they came.

    Bytes as they came are sent to be saved, never to be shown: nobody has looked at them.
    """
    if not re.fullmatch(r"(sha256:)?[0-9a-f]{64}", hash):
        raise ProblemError(
            404, f"{hash!r} is no hash; a run's payloads hold them, written sha256:<64 digits>"
        )
    known = as_of(room, asked)
    with room.product.store.reading() as connection:
        found = reader.read_payload(connection, EVERYTHING, hash)
        if found is not None and known is not None and first_kept(connection, EVERYTHING, hash) > known:
            raise ProblemError(
                404, f"nothing was kept under {hash} at {instant_ms(known)} yet; leave as_of out to see it"
            )
    if found is None:
        raise ProblemError(
            404, f"nothing was ever kept under {hash}; /api/v1/sources/{{id}}/runs gives the hashes"
        )
    if found.body is None:
        raise ProblemError(
            410,
            f"what was kept under {hash} ({found.size} bytes of {found.source}) has passed its keeping time; "
            "its records and its hash stay: poll the source again for a new answer",
        )
    source = room.product.catalogue.sources.get(found.source)
    raw = source is not None and source.keep == "raw"
    name = hash.removeprefix("sha256:")[:16]
    headers = {
        "ETag": f'"{hash.removeprefix("sha256:")}"',
        "Content-Disposition": f'attachment; filename="{found.source}-{name}.{"bin" if raw else "ndjson"}"',
        "Content-Security-Policy": "default-src 'none'; sandbox",
    }
    return Answer(found.body, kind="application/octet-stream" if raw else LINES, headers=headers)


ROUTES: tuple[Route, ...] = (Route("/api/v1/payloads/<hash>", payload, ("as_of",), tag=""),)
