"""Faults that can be switched on per source, and what each does to a good answer."""

from __future__ import annotations

import re
import threading
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from typing import Any, NamedTuple

import orjson

from sandbox.answers import Answer
from sandbox.declarations import declared

KINDS = (
    "500", "429", "hang", "drip", "html", "truncated", "wrong_type", "changed_schema", "expired_token", "clock_skew",
    "duplicate", "late_correction", "vanished_record", "refused",
)  # fmt: skip
SOURCES = declared()
"""The ids of the sandbox's sources, as its declarations name them."""

SKEW_S = 3 * 3600
RETRY_AFTER_S = 30
CORRECTED_S = 6 * 3600
HTML = (
    "<!DOCTYPE html><html><head><title>Bảo trì hệ thống</title></head><body><h1>Hệ thống đang bảo trì</h1>"
    "<p>Vui lòng quay lại sau.</p></body></html>"
)
CLOSED = ("NgayKetThucXuLy", "resolved", "ngay_giai_quyet")

_COMPACT = re.compile(r"20\d{12}")
_ISO = re.compile(r"20\d\d-\d\d-\d\dT\d\d:\d\d:\d\d\+07:00")


class Fault(NamedTuple):
    """A fault that is on; until is epoch seconds, None for as long as nobody ends it."""

    kind: str
    until: float | None


class Faults:
    """Which fault is on for which source; one each."""

    def __init__(self, now: Callable[[], float]) -> None:
        self._now = now
        self._on: dict[str, Fault] = {}
        self.changed = threading.Condition()

    def switch(self, source: str, kind: str, for_s: float | None = None) -> None:
        """Switch a fault on, or off with the kind "off". Raises ValueError for what is not known."""
        if source not in SOURCES:
            raise ValueError(f"source: one of {', '.join(SOURCES)} was expected, not {source!r}")
        if kind not in (*KINDS, "off"):
            raise ValueError(f"fault: one of {', '.join(KINDS)} or off was expected, not {kind!r}")
        with self.changed:
            self._on.pop(source, None)
            if kind != "off":
                self._on[source] = Fault(kind, None if for_s is None else self._now() + for_s)
            self.changed.notify_all()

    def clear(self) -> None:
        """Switch every fault off."""
        with self.changed:
            self._on.clear()
            self.changed.notify_all()

    def of(self, source: str) -> str:
        """Return the kind of the fault that is on, "" for none."""
        fault = self._on.get(source)
        return fault.kind if fault and (fault.until is None or self._now() < fault.until) else ""

    def all(self) -> dict[str, dict[str, Any]]:
        """Return what is on, by source."""
        on = dict(self._on)
        return {
            source: {"fault": fault.kind, "until": fault.until}
            for source, fault in on.items()
            if self.of(source)
        }

    def wait_while(self, source: str, kind: str, most_s: float) -> None:
        """Wait until this fault is off again, at most so many seconds of real time."""
        with self.changed:
            for _ in range(int(most_s * 10)):
                if self.of(source) != kind:
                    return
                self.changed.wait(0.1)


def spoil(kind: str, answer: Answer, *, first_page: bool) -> Answer:
    """Return what a fault makes of a good answer; hang, drip and truncated are the wire's, not the answer's."""
    if kind == "500":
        return Answer.json(
            500, {"fault": {"code": 101500, "message": "Runtime Error", "description": "Backend"}}
        )
    if kind == "429":
        throttled = {"code": 900802, "message": "Message throttled out", "description": "Quota exceeded"}
        return Answer.json(429, {"fault": throttled}, {"Retry-After": str(RETRY_AFTER_S)})
    if kind == "expired_token":
        expired = {"code": 900903, "message": "Access Token Expired", "description": "Renew the token"}
        return Answer.json(401, {"fault": expired}, {"WWW-Authenticate": 'Bearer error="invalid_token"'})
    if kind == "html":
        return Answer(200, HTML.encode(), "text/html; charset=utf-8")
    if answer.status >= 300 or "json" not in answer.content_type:
        return answer
    body = orjson.loads(answer.body)
    if kind == "clock_skew":
        body = _shifted(body, SKEW_S)
    elif kind == "wrong_type":
        for holder, key in _lists(body):
            holder[key] = f"{len(holder[key])} bản ghi"
    elif kind == "changed_schema":
        for holder, key in _lists(body):
            holder[key] = [_renamed(item) for item in holder[key]]
    elif kind == "duplicate":
        for holder, key in _lists(body):
            holder[key] = [*holder[key][:1], *holder[key]]
    elif kind == "vanished_record" and first_page:
        for holder, key in _lists(body):
            holder[key] = holder[key][1:]
            for total in ("total", "numberMatched"):
                if isinstance(holder.get(total), int):
                    holder[total] = max(0, holder[total] - 1)
    elif kind == "late_correction":
        for holder, key in _lists(body):
            holder[key] = [_corrected(item) for item in holder[key]]
    return Answer(answer.status, orjson.dumps(body), answer.content_type, answer.headers)


def _lists(body: Any) -> Iterator[tuple[dict[str, Any], str]]:
    """Yield where the records stand: in "items", "features", "rows" or "evaluation", at the top or in "data"."""
    for holder in (body, body.get("data") if isinstance(body, dict) else None):
        if isinstance(holder, dict):
            for key in ("items", "features", "rows", "evaluation"):
                if isinstance(holder.get(key), list):
                    yield holder, key


def _renamed(item: Any) -> Any:
    if isinstance(item, list):
        return item[::-1]
    return {f"{key}_v2": _renamed(value) if key == "properties" else value for key, value in item.items()}


def _corrected(item: Any) -> Any:
    """Say of what was closed that it was six hours earlier; of a value that it was a tenth more."""
    if isinstance(item, list):
        return [*item[:-1], str(round(float(item[-1]) * 1.1, 1))]
    fields = item.get("properties", item)
    for key in CLOSED:
        if fields.get(key):
            fields[key] = _shifted(fields[key], -CORRECTED_S)
    return item


def _shifted(value: Any, seconds: int) -> Any:
    """Move every instant in an answer."""
    if isinstance(value, dict):
        return {key: _shifted(part, seconds) for key, part in value.items()}
    if isinstance(value, list):
        return [_shifted(part, seconds) for part in value]
    if isinstance(value, str):
        length = timedelta(seconds=seconds)
        if _COMPACT.fullmatch(value):
            return (datetime.strptime(value, "%Y%m%d%H%M%S") + length).strftime("%Y%m%d%H%M%S")  # noqa: DTZ007
        if _ISO.fullmatch(value):
            return (datetime.fromisoformat(value) + length).isoformat()
    return value
