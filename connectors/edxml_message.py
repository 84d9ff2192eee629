"""One edXML document or status message (QCVN 102:2016/BTTTT) -> who said what of which document, and what follows.

Attachments, signers and staff are never read; the subject only where that is declared.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from xml.etree.ElementTree import Element

from connectors import values
from connectors.values import UnreadableError
from connectors.xml_body import name_of, part, parts, words
from ioc.model import Case, State
from ioc.scrub import scrub

FORMATS = ("iso", "%Y/%m/%d %H:%M:%S", "%d/%m/%Y %H:%M:%S", "%Y/%m/%d", "%d/%m/%Y")
STATES: Mapping[str, State] = {
    "01": "new", "02": "refused", "03": "open", "04": "open", "05": "open", "06": "closed", "13": "stopped",
    "15": "stopped", "16": "open",
}  # fmt: skip
"""StatusCode -> state: arrived, refused, accepted, assigned, in work, finished, taken back, agreed to, not agreed to."""

Known = dict[str, Any]
"""What is known of one document at one receiver, as JSON: instants by what happened, and the words of it."""


@dataclass(frozen=True, slots=True)
class Said:
    """What one message says of one document at one receiver; code is "" where the document itself was sent."""

    key: str
    code: str
    at: int
    words: Mapping[str, Any]


def read(root: Element, options: Mapping[str, Any]) -> Iterator[Said | UnreadableError]:
    """Yield what every message in a file says; a message that cannot be understood is yielded as its fault."""
    found = False
    for element in root.iter():
        of = {"Status": _status, "MessageHeader": _document}.get(name_of(element))
        if of is None or (of is _status and part(element, "StatusCode") is None):
            continue
        found = True
        try:
            yield from of(element, root, options)
        except UnreadableError as error:
            yield error
    if not found:
        yield UnreadableError("không có bản tin văn bản (MessageHeader) hay trạng thái (Status) nào")


def _status(status: Element, root: Element, options: Mapping[str, Any]) -> Iterator[Said]:
    code, states = words(status, "StatusCode").zfill(2), {**STATES, **options.get("states", {})}
    if code not in states:
        raise UnreadableError(
            f"StatusCode {values.shown(code)} không có trong danh mục ({', '.join(sorted(states))})"
        )
    receiver = _must(status, "From", "OrganId")
    about = part(status, "ResponseFor")
    number = words(about, "Code")
    sender = words(about, "OrganId")
    document = words(about, "DocumentId") or "|".join((sender, number, words(about, "PromulgationDate")))
    if not document.strip("|"):
        raise UnreadableError("ResponseFor không nêu văn bản nào (DocumentId hoặc Code)")
    told = {"to": receiver, "from": sender, "number": number}
    yield Said(f"{document}|{receiver}", code, _instant(options, _must(status, "Timestamp")), told)


def _document(header: Element, root: Element, options: Mapping[str, Any]) -> Iterator[Said]:
    sender = _must(header, "From", "OrganId")
    number = "/".join(
        filter(None, (words(header, "Code", "CodeNumber"), words(header, "Code", "CodeNotation")))
    )
    issued = words(header, "PromulgationInfo", "PromulgationDate")
    document = words(header, "DocumentId") or "|".join((sender, number, issued))
    if not document.replace(sender, "", 1).strip("|"):
        raise UnreadableError("văn bản không có DocumentId và không có Code")
    traced = next((words(e, "Timestamp") for e in root.iter() if name_of(e) == "TraceHeader"), "")
    at = _instant(options, traced or issued)
    told: dict[str, Any] = {"from": sender, "number": number, "type": words(header, "DocumentType", "Type")}
    if due := words(header, "DueDate"):
        times = options.get("times", {})
        told["due"] = values.time_reader(
            times.get("format", FORMATS), times.get("zone", "+07:00"), day_ends=True
        )(due)
    if options.get("subject"):
        told["subject"] = scrub(words(header, "Subject"))[:300]
    receivers = [words(to, "OrganId") for to in parts(header, "To")]
    if not any(receivers):
        raise UnreadableError("văn bản không nêu nơi nhận (To.OrganId)")
    for receiver in dict.fromkeys(filter(None, receivers)):
        yield Said(f"{document}|{receiver}", "", at, {**told, "to": receiver})


def learn(known: Known, said: Said) -> Known:
    """Return what is known after a message; the order in which messages arrive does not matter."""
    happened = dict(known.get("at", {}))
    # the first arrival counts, of everything else the last time that it was said
    first = said.code in ("", "01", "03")
    before = happened.get(said.code)
    happened[said.code] = said.at if before is None else (min if first else max)(before, said.at)
    told = {name: value for name, value in said.words.items() if value not in ("", None)}
    return {
        **known,
        **({} if said.code else told),
        **{n: v for n, v in told.items() if n not in known},
        "at": happened,
    }


def case(key: str, known: Known, kind: str, options: Mapping[str, Any]) -> Case:
    """Return the document at one receiver as its last status leaves it."""
    at: Mapping[str, int] = known["at"]
    states = {**STATES, **options.get("states", {})}
    code = max((code for code in at if code), key=lambda code: (at[code], code), default="")
    state: State = states[code] if code else "new"
    closed = at[code] if state == "closed" else None
    opened = next(
        at[said] for said in ("01", "03", "", code) if said in at
    )  # arrived, else accepted, else sent
    agency = options.get("agencies", {}).get(known["to"], known["to"])
    facts: dict[str, Any] = {
        name: known[name] for name in ("from", "to", "number", "subject") if known.get(name)
    }
    if "03" in at and "01" in at:
        facts["accepted_s"] = max(0, at["03"] - at["01"])
    return Case(
        key, kind, state, opened if closed is None else min(opened, closed), status=code, due=known.get("due"),
        closed=closed, received_by=agency, responsible=agency,
        category=known.get("type", ""), facts=facts,
    )  # fmt: skip


def _must(element: Element, *path: str) -> str:
    found = words(element, *path)
    if not found:
        raise UnreadableError(f"thiếu {'.'.join(path)}")
    return found


def _instant(options: Mapping[str, Any], said: str) -> int:
    times = options.get("times", {})
    if not said:
        raise UnreadableError("không có thời điểm (TraceHeader.Timestamp hoặc PromulgationDate)")
    return int(values.time_reader(times.get("format", FORMATS), times.get("zone", "+07:00"))(said))
