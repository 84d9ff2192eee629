"""Documents between agencies as edXML (QCVN 102:2016/BTTTT, TT 10/2016/TT-BTTTT) tells of them: who has what, since when.

From a folder, FTP, SFTP or a web address; each document at each receiver is a case.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from fnmatch import fnmatchcase
from typing import Any
from urllib.parse import urlsplit
from xml.etree.ElementTree import Element

from connectors import edxml_message, kept, values
from connectors import http as client
from connectors.edxml_message import Known
from connectors.folders import Entry, open_folder
from connectors.http import Http
from connectors.ledger import Ledger
from connectors.mapping_declared import OPTIONS as MAPPING
from connectors.options import TEXTS, Fault, Option, seconds
from connectors.pages import Draft
from connectors.values import UnreadableError
from connectors.xml_body import read_xml
from ioc.errors import ContractError
from ioc.model import STATES, Case, Cursor, Page, Rejected, Source

OPTIONS: Mapping[str, Option] = {
    **client.OPTIONS,
    "files": Option("list", 'which files of the folder; default ["*.xml", "*.edxml"]', each=TEXTS.each),
    "folders": Option("list", "folders below the address; default the address itself", each=TEXTS.each),
    "settle": Option("length", 'files younger than this are still being written; default "10s"'),
    "times": MAPPING["times"],
    "states": Option("table", "StatusCode -> state, where it is another than by the regulation", each=Option(
        "choice", "a state", choices=STATES)),
    "agencies": Option("table", "OrganId -> agency", each=Option("text", "an agency")),
    "subject": Option("flag", "true: the subject of documents is kept"),
    "remember": Option("length", 'how long a document without news is remembered; default "60d"'),
    "ca_file": Option("text", "ftps: the authority to trust, a PEM file"),
}  # fmt: skip
MOST_KNOWN = 20_000
"""How many documents are remembered; of more, those without news for the longest time are forgotten."""
STEP = 200


def check(source: Source) -> Iterator[Fault]:
    """Yield what is wrong beyond the types of the keys."""
    if not source.shape.startswith("case:"):
        yield "shape", f'"case:<kind>" was expected, such as "case:document", not {source.shape!r}'
    if source.keep == "raw":
        yield "keep", '"fields" was expected: documents carry attachments, which are never kept'
    try:
        values.zone_of(source.options.get("times", {}).get("zone", "Z"))
    except ValueError as error:
        yield "times.zone", str(error)


def fetch(source: Source, http: Http, cursor: Cursor) -> Iterator[Page]:
    """Yield the documents of which something new was said."""
    book = _Book(source, cursor, http.now())
    if urlsplit(source.url).scheme in ("http", "https"):
        answer = http.get(conditional=cursor.get("validators"))
        if answer.unchanged:
            yield Page(status=answer.status, unchanged=True)
            return
        draft = Draft(source)
        draft.receive(answer.body)
        book.take(read_xml(answer.body, status=answer.status), "Câu trả lời")
        yield from book.pages(draft, {"validators": answer.validators})
        return
    yield from _from_folder(source, book, cursor, http.now())


def _from_folder(source: Source, book: _Book, cursor: Cursor, now: int) -> Iterator[Page]:
    ledger = Ledger(cursor, now)
    settle = seconds(source.options.get("settle", "10s"))
    news = False
    with open_folder(source) as server:
        for folder in source.options.get("folders", [""]):
            listed = [entry for entry in server.entries(folder) or () if _is_wanted(source, entry)]
            ripe = [e for e in ledger.missing(folder, listed) if not 0 <= now - e.mtime < settle]
            ripe.sort(key=lambda entry: (entry.mtime, entry.name))
            for start in range(0, len(ripe), STEP):
                draft = Draft(source)
                for entry in ripe[start : start + STEP]:
                    content = server.read(f"{folder}/{entry.name}".lstrip("/"), source.max_bytes)
                    if content is not None and len(content) == entry.size:
                        draft.receive(content)
                        book.read(content, entry.name)
                        ledger.land(folder, entry)
                news = True
                yield from book.pages(draft, ledger.cursor())
    if not news:
        yield Page(unchanged=True)


def _is_wanted(source: Source, entry: Entry) -> bool:
    patterns = source.options.get("files", ["*.xml", "*.edxml"])
    return any(fnmatchcase(entry.name.lower(), pattern.lower()) for pattern in patterns)


class _Book:
    """What is known of every document in hand, carried from poll to poll; a status alone says too little."""

    def __init__(self, source: Source, cursor: Cursor, now: int) -> None:
        self.source, self.now = source, now
        self.known: dict[str, Known] = dict(cursor.get("known", {}))
        self.news: dict[str, None] = {}
        self.rejected: list[Rejected] = []

    def read(self, content: bytes, name: str) -> None:
        """Take in one file; one that is no edXML is rejected as a whole."""
        try:
            self.take(read_xml(content, f"Tệp {name}"), name)
        except ContractError as error:
            self.rejected.append(Rejected(name, str(error)))

    def take(self, root: Element, name: str) -> None:
        """Take in the messages of one document."""
        for position, said in enumerate(edxml_message.read(root, self.source.options), 1):
            if isinstance(said, UnreadableError):
                self.rejected.append(Rejected(f"{name}, bản tin {position}", f"Bản tin edXML: {said}."))
            else:
                self.known[said.key] = edxml_message.learn(self.known.get(said.key, {}), said)
                self.news[said.key] = None

    def pages(self, draft: Draft, cursor: Mapping[str, Any]) -> Iterator[Page]:
        """Yield what is new since the last page; the last of these pages carries the cursor."""
        kind = self.source.shape.partition(":")[2]
        cases = [edxml_message.case(key, self.known[key], kind, self.source.options) for key in self.news]
        for bad in self.rejected:
            if not draft.has_room(1):
                yield draft.page(None)
            draft.add([], [bad], b"")
        for case in cases:
            if not draft.has_room(1):
                yield draft.page(None)
            draft.add([case], [], kept.lines([_told(case)]))
        self.news.clear()
        self.rejected.clear()
        self._forget()
        yield draft.page({**cursor, "known": dict(self.known)})

    def _forget(self) -> None:
        late = self.now - int(seconds(self.source.options.get("remember", "60d")))
        last = {key: max(known["at"].values()) for key, known in self.known.items()}
        fresh = sorted((key for key in last if last[key] > late), key=last.__getitem__)[-MOST_KNOWN:]
        self.known = {key: self.known[key] for key in fresh}


def _told(case: Case) -> dict[str, Any]:
    return {name: value for name, value in case._asdict().items() if value not in ("", None, 0)}
