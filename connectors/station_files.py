"""Files of automatic monitoring stations, from a directory, FTP or SFTP: TT 10/2021/TT-BTNMT, point 4 of annex 10.

A line is parameter, value, unit, yyyyMMddHHmmss in local time, status (00 measuring, 01 calibration, 02 fault).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, NamedTuple

from connectors.folders import Entry, Folder, open_folder
from connectors.ledger import Ledger
from connectors.options import Fault, Option, seconds
from connectors.pages import Draft
from connectors.station_layout import FLAGS, SERIES, Layout, layout
from connectors.station_lines import LINE, Part, decoded, translate
from ioc.errors import ContractError, RefusedError, SourceError
from ioc.model import Cursor, Page, Rejected, Source

if TYPE_CHECKING:
    from connectors.http import Http

LOCAL = timedelta(hours=7)
UNFINISHED = (".tmp", ".part", ".filepart", ".swp")

_TEXT = Option("text", "a text")
_PARAMETER = Option(
    "table",
    "what a symbol stands for",
    keys={
        "variable": Option("text", "the catalogue's variable", required=True),
        "unit": Option("text", "the unit that the files write"),
        "factor": Option("number", "from that unit to the variable's; default 1"),
        "factors": Option(
            "table", "factors of other units that the files may write", each=Option("number", "a factor")
        ),
        **{key: Option("text", f"the {key} of its series") for key in SERIES},
    },
)
_WRITTEN = {
    "path_format": Option(
        "text", "folders by local day, such as yyyy/MM/dd; absent: all files in one folder"
    ),
    "filename_regex": Option("regex", "of the whole name; group station is the station's code"),
    "separator": Option(
        "choice", "between columns; absent: told from each line", choices=("\t", ";", " ", ",", "|")
    ),
    "decimal": Option("choice", "the decimal mark; absent: either", choices=(".", ",")),
    "encodings": Option("list", "encodings in the order in which they are tried", each=_TEXT),
    "parameters": Option("table", "symbol in the files -> variable", each=_PARAMETER),
    "statuses": Option(
        "table", "status in the files -> flag", each=Option("choice", "a flag", choices=FLAGS)
    ),
    "blank": Option("list", "values that mean a gap, such as -999", each=_TEXT),
    "folder": Option("text", "a folder below url"),
}
OPTIONS: Mapping[str, Option] = {
    **_WRITTEN,
    "stations": Option("table", "code -> site id, or a table: site, and whatever this station does otherwise",
                       each=Option("any", "a site id, or a table with site")),
    "settle": Option("length", "files younger than this are still being written; default 10s"),
    "look_back": Option("length", "day folders read again behind the last poll; default 7d"),
    "start": Option("length", "how far back the first poll goes where folders are by day; default 60d"),
    "layout": Option("choice", "lines, or a table with a heading", choices=("lines", "csv")),
    "columns": Option("table", "layout csv: station, parameter, value, unit, time, status <- heading", each=_TEXT),
    "times": Option("table", "how times are written", keys={
        "format": Option("text", "strptime; default %Y%m%d%H%M%S"), "zone": Option("text", "default +07:00")}),
    "ca_file": Option("text", "ftps: the authority to trust, a PEM file"),
}  # fmt: skip


class Found(NamedTuple):
    """One file that has not landed, and how it is written."""

    folder: str
    entry: Entry
    layout: Layout
    station: str

    @property
    def path(self) -> str:
        """Return its path below the source's url."""
        return f"{self.folder}/{self.entry.name}" if self.folder else self.entry.name


def check(source: Source) -> Iterator[Fault]:
    """Yield what the options' types cannot say."""
    if source.shape != "observation":
        yield "shape", f'"observation" was expected, not {source.shape!r}'
    if not source.options.get("parameters"):
        yield "parameters", "is missing: name the parameters of the files"
    for code, known in source.options.get("stations", {}).items():
        if not isinstance(known, str) and not (
            isinstance(known, dict) and isinstance(known.get("site"), str)
        ):
            yield f"stations.{code}", f"a site id or a table with site was expected, not {known!r}"
        elif isinstance(known, dict) and (odd := sorted(known.keys() - {"site", *_WRITTEN})):
            yield f"stations.{code}.{odd[0]}", f"a station may differ in {', '.join(sorted(_WRITTEN))}"
    columns = source.options.get("columns", {})
    if odd := sorted(columns.keys() - {"station", *LINE}):
        yield f"columns.{odd[0]}", f"one of station, {', '.join(LINE)} was expected"
    if source.options.get("layout") == "csv" and "time" not in columns:
        yield "columns.time", "is missing: the heading of the times"


def reads_spans(source: Source) -> bool:
    """Say whether a span of the past can be asked for: where every station's folders are by day."""
    return all(written.path_format for written in _layouts(source.options))


def fetch(source: Source, http: Http, cursor: Cursor) -> Iterator[Page]:
    """Yield the lines of every file that has not landed as it is now, oldest file first, small files together.

    A file that may not be read is tried again each time; its refusal is raised once the others have landed.
    """
    now = http.now()
    ledger, draft = Ledger(cursor, now), Draft(source)
    failure: SourceError | None = None
    with open_folder(source) as server:
        found = list(_found(source, server, ledger, cursor, now))
        for file in sorted(found, key=lambda file: (file.entry.mtime, file.path)):
            try:
                content = server.read(file.path, source.max_bytes)
            except RefusedError as error:
                failure = error
                continue
            except ContractError as error:  # too large: a fault of this file alone
                content, parts = b"", iter([Part(rejected=[Rejected(file.entry.name, str(error))])])
            except SourceError as error:
                failure = error
                break
            else:
                if content is None or len(content) != file.entry.size:
                    continue  # gone, or still growing: the next poll looks again
                parts = _parts(content, file, source.earliest)
            draft.receive(content)
            for part in parts:
                if not draft.has_room(len(part.records) + len(part.rejected)):
                    yield draft.page({**ledger.cursor(), "seen": now})
                draft.add(part.records, part.rejected, part.kept())
            ledger.land(file.folder, file.entry)
        if draft:
            yield draft.page({**ledger.cursor(), "seen": now})
        elif failure is None:
            yield Page(unchanged=True)
    if failure:
        raise failure


def _found(source: Source, server: Folder, ledger: Ledger, cursor: Cursor, now: int) -> Iterator[Found]:
    """Yield the settled files that have not landed; a name that no station's pattern knows belongs to nobody."""
    settle = seconds(source.options.get("settle", "10s"))
    for folder, layouts in _folders(source, cursor, now).items():
        listed = server.entries(folder)
        if listed is None:
            continue
        mine = {}
        for entry in listed:
            if (whose := _whose(entry.name, layouts)) is not None:
                mine[entry] = whose
        for entry in ledger.missing(folder, list(mine)):
            if not 0 <= now - entry.mtime < settle:  # a clock that runs ahead must not hold files back
                yield Found(folder, entry, *mine[entry])


def _folders(source: Source, cursor: Cursor, now: int) -> dict[str, list[Layout]]:
    """Return the folders to look into, each with the ways its files may be written, the stations' own first."""
    since, until = now - seconds(source.options.get("start", "60d")), float(now)
    if asked := cursor.get("window"):
        since, until = asked
    elif cursor:
        since = cursor["seen"] - seconds(source.options.get("look_back", "7d"))
    folders: dict[str, list[Layout]] = {}
    for written in _layouts(source.options):
        for day in _days(since, until) if written.path_format else [datetime.fromtimestamp(now, UTC)]:
            path = "/".join(filter(None, (written.folder, day.strftime(written.path_format))))
            if written not in folders.setdefault(path, []):
                folders[path].append(written)
    return folders


def _layouts(options: Mapping[str, Any]) -> Iterator[Layout]:
    shared = {}
    for code, known in options.get("stations", {}).items():
        if isinstance(known, dict) and known.keys() - {"site"}:
            yield layout({**options, **known, "stations": {code: known["site"]}})
        else:
            shared[code] = known
    if shared or not options.get("stations"):
        yield layout({**options, "stations": shared})


def _days(since: float, until: float) -> Iterator[datetime]:
    """Yield local days from since up to tomorrow: a station's clock may run ahead."""
    day = datetime.fromtimestamp(since, UTC) + LOCAL
    while day.timestamp() < until + LOCAL.total_seconds() + 86_400:
        yield day
        day += timedelta(days=1)


def _whose(name: str, layouts: list[Layout]) -> tuple[Layout, str] | None:
    """Return how a file is written and its station's code; None for a file that is not a station's."""
    if name.startswith(".") or name.lower().endswith(UNFINISHED):
        return None
    matching = [(written, match) for written in layouts if (match := written.filename.fullmatch(name))]
    for written, match in matching:
        only = next(iter(written.stations)) if len(written.stations) == 1 else ""
        station = match.groupdict().get("station") or only
        if station in written.stations or len(matching) == 1:
            return written, station
    return (matching[-1][0], matching[-1][1].groupdict().get("station") or "") if matching else None


def _parts(content: bytes, file: Found, earliest: int) -> Iterator[Part]:
    try:
        text = decoded(content, file.layout.encodings)
        if not text.strip():
            raise ContractError("Tệp rỗng.")
        yield from translate(text, file.entry.name, file.station, file.layout, earliest)
    except ContractError as error:
        yield Part(rejected=[Rejected(file.entry.name, str(error))])
