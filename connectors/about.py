"""What is to be known of each kind beyond its options: what it gives, its limits, and which checks it is exempt from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

CHECKS: Mapping[str, str] = {
    "cases": "normal, gap, paged and worst cases",
    "fuzzed": "answers broken at random",
    "genuine": "genuine answers or a real server",
    "deadline": "a total deadline, also against a server that drips",
    "size": "limits of size and of pages",
    "personal": "personal data neither kept nor quoted",
    "incremental": "asks only for what is new",
    "backfill": "reads spans of the past",
    "conditional": "conditional requests",
    "structure": "notices a changed structure",
    "draft": "drafts a declaration",
}
"""What every kind is held to; each is done, or exempt with a reason."""

_FILES = "files are told apart by size, time and hash instead"
_FIXED = "the protocol fixes the fields; anything else is a ContractError or a rejected record"
_HOLDS = "a folder holds what it holds: all of it is read"
_NOW = "the source tells what is now, and nothing of before"
_POST = "a question in a body has no validators"
_MOVING = "each question asks for another span"


@dataclass(frozen=True, slots=True)
class About:
    """One kind. genuine: what it was held to, and the test that does it. exempt: check -> why it does not apply."""

    gives: str
    paging: str
    incremental: str
    access: str
    genuine: str = ""
    limits: tuple[str, ...] = ()
    exempt: Mapping[str, str] = field(default_factory=dict)


_HTTP = "none, basic, bearer, api_key, headers, oauth2"
_FOLDER = "none, password, key (FTP, FTPS, SFTP)"
_EVERY_PAGE = "conditional requests would spare one page of many"

ABOUT: Mapping[str, About] = {
    "camera": About(
        "observations: cameras up and in all, latency, by area and purpose",
        "as rest_json", "whole register each time", _HTTP,
        limits=("a still picture is asked for and thrown away; what it shows is not judged",),
        exempt={"genuine": "no register of cameras is public", "incremental": "a register is small and read whole",
                "backfill": _NOW, "conditional": "the state of a camera changes with every poll",
                "structure": "six declared fields; a camera that lacks one is rejected with its name"},
    ),
    "cap": About(
        "events: warnings with areas, severity and span",
        "none; a feed leads to its messages", "messages that were read are not asked for again", _HTTP,
        "messages and feeds of weather services and their tests: tests/connectors/test_cap.py",
        ("XML signatures are not verified", "polygons and circles are not turned into areas"),
        {"backfill": "a feed holds what is in force, and a while of before", "structure": _FIXED,
         "personal": "public warnings name no persons"},
    ),
    "dhis2": About(
        "observations: aggregates by data item, period and organisation unit",
        "questions are halved where the server says that they are too large", "declared periods, asked for again", _HTTP,
        "recorded answers of analytics with their metadata: tests/connectors/test_real_json.py",
        ("aggregates only: tracker and line lists are never asked for",),
        {"conditional": "analytics carry no validators", "structure": _FIXED, "personal": "aggregates name no persons",
         "incremental": "a period may change until it is closed: declared periods are read whole"},
    ),
    "dvcqg": About(
        "observations: the score of Decision 766, its groups and parts, and the rank",
        "as the portal pages", "declared number of periods back", "none",
        limits=("no specification is published; observed in 2026", "the formulae are reconstructed from one province"),
        exempt={"genuine": "what the portal answered was observed, and may not be kept", "conditional": _POST,
                "structure": _FIXED, "personal": "scores name no persons"},
    ),
    "edxml": About(
        "cases: a document at a receiver, with its state",
        "none; a folder's files in order", "files that are new or changed", _FOLDER + ", or as HTTP",
        limits=("known from two code bases, not from the regulation's own schema", "attachments are never read"),
        exempt={"genuine": "documents between agencies are not public", "backfill": _HOLDS, "structure": _FIXED},
    ),
    "feed": About(
        "events: articles by topic and area; headline and address, never the text",
        "none", "articles that were read are known", _HTTP + "; several feeds at once",
        "an index of weather warnings in Atom: tests/connectors/test_drafts.py",
        ("a topic is words, not meaning",),
        {"backfill": "a feed holds the latest articles only", "structure": _FIXED},
    ),
    "mqtt": About(
        "what messages say: observations, cases, events",
        "none; drained in batches", "the broker keeps what we have not acknowledged", "none, basic; TLS",
        "a real broker, killed and restarted: tests/connectors/test_mqtt.py",
        ("a message without a time of its own has the time of its arrival, or is rejected where it may have waited",),
        {"backfill": "a broker keeps no past", "conditional": "the protocol knows acknowledgement instead",
         "fuzzed": "messages come from a broker, not from a file; broken ones are in the cases and in its own tests"},
    ),
    "ngsi_ld": About(
        "the state of entities: observations, or cases",
        "limit and offset", "whole state each time", _HTTP + "; tenant, service path",
        "entities of Smart Data Models in every form: tests/connectors/test_real_brokers.py",
        ("temporal representations are not asked for",),
        {"backfill": _NOW, "conditional": "brokers give no validators",
         "incremental": "a broker tells the state now; q narrows it"},
    ),
    "ogc_features": About(
        "features with a point on their surface: cases, observations, events; VN-2000 is turned into WGS 84",
        "next links, or startIndex of WFS", "datetime, where the collection knows it", _HTTP,
        "pages of two servers: tests/connectors/test_real_json.py",
        ("geometries are reduced to a point on the surface", "WFS with GML only is not read"),
        {"conditional": _EVERY_PAGE},
    ),
    "open311": About(
        "cases: requests of citizens; never who they are",
        "page and page_size, or windows in halves", "windows of requested or updated time", _HTTP,
        "requests of two cities, JSON and XML: tests/connectors/test_real_reports.py",
        ("a server that cuts off without saying so is told by `most`",),
        {"conditional": _MOVING},
    ),
    "open_meteo": About(
        "observations of models: weather, air quality, discharge; estimated or forecast, never measured",
        "points in groups", "declared days back and ahead", "api_key",
        "a recorded forecast over a change of the clock: tests/connectors/test_real_weather.py",
        ("the free interface counts calls and excludes commercial use: a licence is the province's concern",),
        {"conditional": "a model's answer is new every hour", "structure": _FIXED, "personal": "weather names no persons",
         "incremental": "a forecast is read anew each time"},
    ),
    "pxweb": About(
        "observations: cells of statistical tables",
        "selections are halved where the server says that they are too large", "the latest periods (top)", _HTTP,
        "tables of several statistics offices: tests/connectors/test_real_tables.py",
        ("the limits of version 1 are those that the server names, not a number of ours",),
        {"backfill": "a selection names its periods: select them", "conditional": _POST,
         "structure": "dimensions are compared with the declaration in every answer", "personal": "statistics name no persons"},
    ),
    "rest_json": About(
        "what records say: observations, cases, events, by JMESPath",
        "page, offset, cursor, Link header, next field", "windows of change time", _HTTP,
        "interfaces of cities and of an air-quality network: tests/connectors/test_real_json.py",
        ("paging by a body's cursor that is no scalar is not known",),
    ),
    "sensorthings": About(
        "observations of declared datastreams",
        "@iot.nextLink", "a window per datastream", _HTTP,
        "recorded pages of a geological survey: tests/connectors/test_real_brokers.py",
        ("units are compared in every run; MultiDatastreams are not read",),
        {"conditional": _MOVING, "structure": _FIXED, "personal": "sensors name no persons"},
    ),
    "spreadsheet": About(
        "what a department's table says; a bad cell is answered by its address",
        "none; sheets and files in order", "files that are new or changed", _FOLDER + ", or as HTTP",
        "workbooks and CSV of statistics offices and cities: tests/connectors/test_real_csv.py",
        ("a file with a password is told, not opened", "formulae are read as they were last computed"),
        {"backfill": _HOLDS},
    ),
    "sql": About(
        "what a query answers, read only",
        "rows in parts of a page", "a watermark that grows", "none, basic",
        "SQLite and PostgreSQL servers: tests/connectors/test_sql.py",
        ("a row without a watermark is read with every query", "drivers of other databases are the province's to install"),
        {"conditional": "a database has no validators; the watermark does it"},
    ),
    "station_files": About(
        "observations: lines of monitoring stations with their status",
        "none; files in order", "files that are new or changed, day folders looked back at", _FOLDER,
        "a year of a monitor in Hanoi: tests/connectors/test_real_airnow.py",
        ("names and folders of files differ between provinces: both are declared",),
        {"conditional": _FILES, "structure": "columns have places, not names; a table with a heading names what it lacks",
         "personal": "instruments name no persons"},
    ),
    "uptime": About(
        "observations: a portal is up, how fast, its certificate's days, its newest article's age",
        "none", "asked anew each time", "none: as anybody",
        "servers over TLS with certificates of their own: tests/connectors/test_uptime.py",
        ("what a page means is not judged beyond the words that it must hold",),
        {"backfill": _NOW, "conditional": "whether it answers is the question", "incremental": "every poll is a measurement",
         "structure": "no fields are read", "personal": "of a page nothing is kept"},
    ),
    "wazuh": About(
        "events: alerts by level; or observations: their counts by hour and band",
        "search_after", "a window of time", _HTTP,
        "an alert and an integration's output, captured: tests/connectors/test_wazuh.py",
        ("log lines, addresses and users are never asked for",),
        {"conditional": _POST, "structure": _FIXED},
    ),
}  # fmt: skip

UNVERIFIED: tuple[tuple[str, str], ...] = (
    ("Names, folders and separators of station files: seen in programs, not in the annex itself",
     "station_files: `filename_regex`, `path_format`, `separator`, `decimal`, `encodings`, per station too"),
    ("75 % of valid values as the share that an average needs", "the indicators' own keys; not fixed in a connector"),
    ("The portal's scoring interface (Decision 766) has no specification, and its cap of the payment group was inferred",
     "dvcqg: `parts`, `period`, `back`; the official value stands beside ours"),
    ("edXML beyond two code bases: status codes, forms of instants",
     "edxml: `states`, `times`, `agencies`; an unknown code is rejected with its word"),
    ("Error codes of the provincial data-sharing gateways", "rest_json: `envelope`; HTTP statuses decide otherwise"),
    ("Headers by which gateways know a system differ by province", '`auth = { kind = "headers" }`'),
    ("Limits of PxWeb version 1, its byte order mark, whether the national server answers",
     "pxweb: any charset and mark is read, a selection is halved where the server refuses it, `url` and `proxy` are declared"),
    ("DHIS2: which unit codes a ministry uses after the merger", "dhis2: `places`, `units`, `units_as`"),
    ("When a day of rain begins (7:00 or 19:00)", "`times.zone`, a variable's `stamp`, and `span` of the declared series"),
    ("Alarm levels per river station", "limits of the site in data/sites, with validity and basis"),
    ("Mapping of risk levels 1 to 5 to severities of CAP is a choice of ours", "cap: `risk` names what carries the level"),
    ("Central meridians after the merger", "ogc_features: `crs` is the EPSG code that the source says"),
    ("Kinds of land dossiers: no list is in force everywhere", "the source's closed enumerations (`enums`)"),
    ("Sort by `_id` may be switched off at an indexer", 'wazuh: `tie = "id"`'),
    ("Calls that the free weather interface allows in a day", "open_meteo: `every`, `points`, `interval`"),
    ("A threat-intelligence server that says more without saying where (TAXII)", "no connector reads one; nothing depends on it"),
    ("No endpoint was called from here", "`app.py try CONNECTOR URL` asks each once, on site, before it is declared"),
)  # fmt: skip
"""What could not be checked against a primary text or a live server, and where a province says how it is."""
