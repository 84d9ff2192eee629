"""What a source answered over HTTP: status, headers, and a body that can be read as JSON or text."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from connectors.json_body import read_json, said, text_of
from ioc.scrub import scrub


@dataclass(frozen=True)
class Answer:
    """What came: status, headers, and the body decoded from its coding; unchanged where the source said 304.

    saved: hash and size of a body that went into a file. clean takes our secrets and personal data out of words of
    the answer that are to be shown.
    """

    status: int
    headers: Mapping[str, str] = field(repr=False)
    body: bytes = field(repr=False)
    url: str = field(repr=False)
    unchanged: bool = False
    saved: tuple[str, int] | None = None
    clean: Callable[[str], str] = field(default=scrub, repr=False)

    @cached_property
    def hash(self) -> str:
        """SHA-256 of the body, in hex."""
        return self.saved[0] if self.saved else hashlib.sha256(self.body).hexdigest()

    @property
    def size(self) -> int:
        """Bytes of the decoded body."""
        return self.saved[1] if self.saved else len(self.body)

    @property
    def validators(self) -> dict[str, str]:
        """What to hand back as `conditional` next time, so that the source may answer 304; fit for a cursor."""
        names = {"etag": "ETag", "modified": "Last-Modified"}
        return {key: self.headers[name] for key, name in names.items() if self.headers.get(name)}

    def json(self) -> Any:
        """Read the body as JSON; raises ContractError that says what came instead."""
        return read_json(self.body, self.headers.get("Content-Type", ""), self.status, self.clean)

    def text(self) -> str:
        """Read the body as text in its declared charset, else UTF-8; raises ContractError for other bytes."""
        return text_of(self.body, self.headers.get("Content-Type", ""), self.status)

    def said(self) -> str:
        """Return what an error's body says in words, as ": …", or "" where it says nothing."""
        return said(self.body, self.clean)
