"""A register of cameras, JSON (RFC 8259) or CSV (RFC 4180): which are up, how fast, how many; no picture is kept.

A camera is up where the register says so and, where pictures are asked for, its still picture comes.
"""

from __future__ import annotations

import csv
import io
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import partial
from operator import itemgetter
from typing import Any

import jmespath
from jmespath.exceptions import JMESPathError

from connectors import http as client
from connectors import kept, mapping, paging, rest_json, values
from connectors.answer import Answer
from connectors.field_readers import ABSENT, picker
from connectors.http import Http
from connectors.mapping import Translated
from connectors.options import TEXTS, Fault, Option
from connectors.values import UnreadableError
from ioc.errors import ContractError, SourceError
from ioc.model import Cursor, Observation, Page, Rejected, Source
from ioc.scrub import scrub

OPTIONS: Mapping[str, Option] = {
    **client.OPTIONS,
    **{name: rest_json.OPTIONS[name] for name in ("method", "params", "body", "envelope", "paging")},
    "format": Option("choice", "how the register is written; default json", choices=("json", "csv")),
    "items": Option("path", 'where the list of cameras stands; default "@", a bare array'),
    "separator": Option("text", 'CSV: between columns; default ","'),
    "camera": Option("text", "the camera's site: each camera has a series of its own"),
    "area": Option("text", "the camera's area: cameras are counted by area"),
    "place": Option("text", "or the one area or site at which all of them are counted"),
    "category": Option("text", "what the camera is for; counts and series are split by it"),
    "up": Option("text", "what the register says of it"),
    "states": Option("table", 'theirs <- true (up) or false; "*" for any other word', each=Option("flag", "up or not")),
    "latency": Option("text", "its latency in ms, where the register knows it"),
    "still": Option("text", "the address of its still picture, which is asked for and thrown away"),
    "ask": Option("choice", "how the still picture is asked for; default HEAD", choices=("HEAD", "GET")),
    "still_bytes": Option("count", "the largest still picture; default 2,000,000"),
    "at_once": Option("count", "how many pictures are asked for at once; default 8"),
    "left_out": Option("list", "words of `up` that take a camera out of every count", each=TEXTS.each),
}  # fmt: skip
_READ = ("camera", "area", "category", "up", "latency", "still")
STILL_BYTES = 2_000_000


def check(source: Source) -> Iterator[Fault]:
    """Yield what is wrong beyond the types of the keys."""
    options = source.options
    if source.shape != "observation":
        yield "shape", f'"observation" was expected, not {source.shape!r}'
    if not {"camera", "area", "place"} & {*options}:
        yield "camera", "is missing: name camera (a series each), area or place (counts)"
    if {"area", "place"} <= {*options}:
        yield "place", "either area or place was expected, not both"
    if not {"up", "still"} & {*options}:
        yield "up", "is missing: name up, still or both, which say whether a camera is up"
    yield from paging.check(options.get("paging", {"kind": "none"}))
    if "up" in options and "states" not in options:
        yield "states", "is missing: which words of up mean that a camera is up"
    for name in _READ:
        try:
            if name in options and options.get("format") != "csv":
                jmespath.compile(options[name])
        except JMESPathError:
            yield name, f"a JMESPath was expected, but {options[name]!r} does not compile"
    if len(options.get("separator", ",")) != 1:
        yield "separator", "one character was expected"


def fetch(source: Source, http: Http, cursor: Cursor) -> Iterator[Page]:
    """Yield how every camera and every count stands now."""
    now, options = http.now(), source.options
    look = partial(
        _look, http.but(max_bytes=options.get("still_bytes", STILL_BYTES)), options, _pickers(options)
    )
    cameras: dict[str, _Camera] = {}
    out = Translated()
    answer: Answer | None = None
    for number, (part, items) in enumerate(_register(source, http), 1):
        answer = part
        address = mapping.on_page(number)
        with ThreadPoolExecutor(options.get("at_once", 8), "camera") as pool:
            for position, camera in enumerate(pool.map(look, items)):
                out.kept.append(camera.told)
                if camera.fault:
                    out.rejected.append(Rejected(address(position, ""), camera.fault, camera.told))
                elif camera.counts:
                    cameras[camera.site or f"{number}/{position}"] = camera
    out.records += [record for camera in cameras.values() for record in _series(camera, now)]
    out.records += _counts(cameras.values(), options.get("place", ""), now)
    if answer is not None:
        yield from kept.within(source, answer, kept.cut(out), cursor={})


@dataclass(slots=True)
class _Camera:
    """One entry of the register: what it says and what was found; fault says why it cannot be understood."""

    told: dict[str, Any] = field(default_factory=dict)
    site: str = ""
    area: str = ""
    category: str = ""
    counts: bool = True
    is_up: bool = True
    latency: float | None = None
    fault: str = ""


def _register(source: Source, http: Http) -> Iterator[tuple[Answer, list[Any]]]:
    options = source.options
    if options.get("format", "json") == "json":
        yield from rest_json.answers(source, http)
        return
    answer = http.get(params=options.get("params"))
    text = answer.text()
    if text.lstrip()[:1] in ("<", "{"):
        raise ContractError(
            "Cần danh sách camera dạng CSV, nhưng nhận được HTML, XML hoặc JSON.", status=answer.status
        )
    try:
        rows = list(csv.DictReader(io.StringIO(text, newline=""), delimiter=options.get("separator", ",")))
    except csv.Error as error:
        raise ContractError(
            f"Danh sách camera không phải CSV đúng ({error}).", status=answer.status
        ) from None
    if rows and (missing := {options[name] for name in _READ if name in options} - {*rows[0]}):
        raise ContractError(
            f"Danh sách camera không có cột {', '.join(sorted(missing))}.", status=answer.status
        )
    yield answer, rows


def _pickers(options: Mapping[str, Any]) -> dict[str, Callable[[Mapping[str, Any]], Any]]:
    """Return how each declared field is found in one entry: by its heading in CSV, by its path in JSON."""
    is_csv = options.get("format") == "csv"
    return {
        name: itemgetter(options[name]) if is_csv else picker(options[name])
        for name in _READ
        if name in options
    }


def _look(http: Http, options: Mapping[str, Any], pick: Mapping[str, Any], item: Any) -> _Camera:
    """Read one entry and, where that is declared, ask for its still picture."""
    camera = _Camera()
    if not isinstance(item, Mapping):
        camera.fault = f"Bản ghi phải là một đối tượng, nhưng nhận được {values.kind_of(item)}."
        return camera
    said: dict[str, Any] = {}
    name = ""
    try:
        for name, find in pick.items():
            found = find(item)
            blank = found is ABSENT or found is None or found == ""
            if blank and name in ("camera", "area", "up"):
                raise UnreadableError("không có giá trị")
            said[name] = "" if blank else values.text(found)
            if name != "still":  # an address may carry a key
                camera.told[name] = scrub(said[name])
        name, states = "up", options.get("states", {})
        camera.counts = said.get("up", "") not in options.get("left_out", ())
        camera.is_up = not camera.counts or "up" not in said or values.enum_reader(states)(said["up"]) is True
        name = "latency"
        camera.latency = values.number_reader()(said["latency"]) if said.get("latency") else None
    except UnreadableError as error:
        camera.fault = f"Trường {name} ({options.get(name, '')}): {error}."
        return camera
    camera.site, camera.area, camera.category = (said.get(key, "") for key in ("camera", "area", "category"))
    if camera.counts and camera.is_up and "still" in options:
        _ask(http, options, camera, said["still"])
    return camera


def _ask(http: Http, options: Mapping[str, Any], camera: _Camera, still: str) -> None:
    """Ask for a still picture and note whether it came; its bytes are dropped here."""
    if still and not http.allows(still):
        camera.fault = "Ảnh của camera nằm ở máy chủ chưa khai báo (hosts); không hỏi."
        return
    started = time.monotonic()
    try:
        answer = (http.get if options.get("ask") == "GET" else http.head)(still) if still else None
    except SourceError:
        answer = None
    kind = answer.headers.get("Content-Type", "") if answer else ""
    camera.is_up = answer is not None and kind.lower().startswith("image/")
    if options.get("ask") == "GET":
        camera.is_up = camera.is_up and answer is not None and answer.size > 0
    camera.latency = round((time.monotonic() - started) * 1000, 1) if camera.is_up else None
    camera.told["still"] = camera.is_up


def _series(camera: _Camera, now: int) -> Iterator[Observation]:
    if camera.site:
        yield Observation("camera_up", now, camera.site, float(camera.is_up), category=camera.category)
        if camera.latency is not None and camera.is_up:
            yield Observation("camera_latency", now, camera.site, camera.latency, category=camera.category)


def _counts(cameras: Iterable[_Camera], place: str, now: int) -> Iterator[Observation]:
    """Count cameras by area, or at the one declared place, and by what they are for."""
    total: Counter[tuple[str, str]] = Counter()
    up: Counter[tuple[str, str]] = Counter()
    for camera in cameras:
        where = (camera.area or place, camera.category)
        total[where] += 1
        up[where] += camera.is_up
    for (at, category), count in sorted(total.items()):
        if at:
            yield Observation("cameras_total", now, at, float(count), category=category)
            yield Observation("cameras_up", now, at, float(up[at, category]), category=category)
