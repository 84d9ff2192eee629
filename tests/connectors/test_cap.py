"""Warnings over several polls, and every CAP file of the real ones."""

from __future__ import annotations

from collections.abc import Callable
from http.server import BaseHTTPRequestHandler
from pathlib import Path

import pytest

import connectors
from connectors.http import Sessions
from ioc.errors import ContractError, UnreachableError
from ioc.model import Event, Page
from tests.connectors.answers import respond
from tests.connectors.test_cases import source_of

Serve = Callable[[Callable[[BaseHTTPRequestHandler], None]], str]

SOURCE = """
[warnings]
connector = "cap"
shape = "event:warning"
url = "{url}"
personal_data = false
loose = ["areas"]
"""
ALERT = """<alert xmlns="urn:oasis:names:tc:emergency:cap:1.2"><identifier>{id}</identifier><sender>kttv</sender>
<sent>2026-11-21T0{hour}:00:00+07:00</sent><status>Actual</status><msgType>{type}</msgType><scope>Public</scope>
{references}<info><category>Met</category><event>Lũ</event><urgency>Expected</urgency><severity>Severe</severity>
<certainty>Likely</certainty><expires>2026-11-22T00:00:00+07:00</expires></info></alert>"""
ENTRY = '<entry><id>{id}</id><updated>2026-11-21T07:00:00Z</updated><link type="application/cap+xml" href="/{id}"/></entry>'
SEVEN = 1_795_219_200


class Feed:
    """Serves an Atom feed of the messages that are in it, and each of them; some are broken."""

    def __init__(self) -> None:
        self.messages: dict[str, str] = {}
        self.broken: set[str] = set()
        self.asked: list[str] = []

    def put(self, id: str, hour: int, type: str = "Alert", of: str = "") -> None:
        refs = f"<references>kttv,{of},2026-11-21T06:00:00+07:00</references>" if of else ""
        self.messages[id] = ALERT.format(id=id, hour=hour, type=type, references=refs)

    def __call__(self, request: BaseHTTPRequestHandler) -> None:
        name = request.path[1:]
        self.asked.append(name)
        version = f'"{len(self.messages)}-{len(self.broken)}"'
        if name == "atom" and request.headers.get("If-None-Match") == version:
            respond(request, 304, b"")
        elif name == "atom":
            entries = "".join(ENTRY.format(id=id) for id in self.messages)
            feed = f'<feed xmlns="http://www.w3.org/2005/Atom">{entries}</feed>'
            respond(request, 200, feed.encode(), {"Content-Type": "application/atom+xml", "ETag": version})
        elif name in self.broken:
            respond(request, 503, b"")
        else:
            respond(request, 200, self.messages[name].encode(), {"Content-Type": "application/cap+xml"})


class Poll:
    """Polls a source as the collector does, each time from the cursor of the time before."""

    def __init__(self, url: str, sessions: Sessions) -> None:
        self.source = source_of(SOURCE.replace("{url}", url))
        assert connectors.check(self.source) == []
        self.fetch, self.cursor = connectors.fetcher(sessions), {}

    def __call__(self) -> list[Page]:
        pages = []
        for page in self.fetch(self.source, self.cursor):
            pages.append(page)
            self.cursor = page.cursor if page.cursor is not None else self.cursor
        return pages

    def events(self) -> dict[str, Event]:
        return {event.key.split(",")[1]: event for page in self() for event in page.records}  # type: ignore[union-attr]


@pytest.fixture
def feed() -> Feed:
    return Feed()


@pytest.fixture
def poll(feed: Feed, serve: Serve, sessions: Sessions) -> Poll:
    return Poll(serve(feed) + "/atom", sessions)


def test_a_later_cancel_ends_the_warning_and_is_no_warning_itself(feed: Feed, poll: Poll) -> None:
    feed.put("a", 6)
    assert poll.events()["a"].ends == 1_795_280_400
    feed.messages.clear()
    feed.put("b", 7, "Cancel", of="a")
    feed.put("c", 7)
    events = poll.events()
    assert sorted(events) == ["a", "c"]
    assert (events["a"].ends, events["a"].facts["superseded"]) == (SEVEN, True)


def test_a_cancel_that_arrives_first_ends_the_warning_that_follows(feed: Feed, poll: Poll) -> None:
    feed.put("b", 7, "Cancel", of="a")
    assert poll.events() == {}
    feed.put("a", 6)
    assert poll.events()["a"].ends == SEVEN


def test_an_acknowledgement_ends_nothing(feed: Feed, poll: Poll) -> None:
    feed.put("a", 6)
    feed.put("b", 7, "Ack", of="a")
    assert poll.events()["a"].ends == 1_795_280_400


def test_a_message_that_was_read_is_not_asked_for_again_and_an_unchanged_feed_says_so(
    feed: Feed, poll: Poll
) -> None:
    feed.put("a", 6)
    poll()
    assert [page.unchanged for page in poll()] == [True]
    feed.put("b", 7)
    poll()
    assert feed.asked == ["atom", "a", "atom", "atom", "b"]


def test_a_message_that_cannot_be_reached_keeps_no_other_back_and_is_asked_for_again(
    feed: Feed, poll: Poll
) -> None:
    feed.put("a", 6)
    feed.put("b", 7)
    feed.broken.add("a")
    with pytest.raises(UnreachableError, match="HTTP 503"):
        poll()
    assert feed.asked == ["atom", "a", "b"]
    feed.broken.clear()
    assert sorted(poll.events()) == ["a"]


def test_many_dead_addresses_do_not_hold_the_run(feed: Feed, poll: Poll) -> None:
    for number in range(20):
        feed.put(f"m{number}", 6)
    feed.broken.update(feed.messages)
    with pytest.raises(UnreachableError):
        poll()
    assert len(feed.asked) == 4


def test_a_message_of_the_year_10000_is_rejected(feed: Feed, poll: Poll) -> None:
    feed.put("a", 6)
    feed.messages["a"] = feed.messages["a"].replace("2026-11-21T06:00:00+07:00", "9999-12-31T23:59:59-14:00")
    (page,) = poll()
    assert [bad.reason for bad in page.rejected] == [
        "Bản tin CAP: sent: “9999-12-31T23:59:59-14:00” không phải là một thời điểm có thể."
    ]


COUNTS = {  # file: events, rejected, words of the reason
    "43b080713727.cap": (1, 0, ""),
    "KAR0-0306112239-SW.cap": (1, 0, ""),
    "amber.atom": (1, 0, ""),
    "canada.cap": (1, 0, ""),
    "canada_errors.cap": (0, 1, "references không nêu bản tin nào"),
    "earthquake.atom": (1, 0, ""),
    "earthquake.cap": (1, 0, ""),
    "earthquake_index.atom": (0, 1, "không phải máy chủ đã khai báo"),
    "earthquake_signed.cap": (1, 0, ""),
    "invalid.cap": (0, 1, "thiếu scope"),
    "no_optional_fields.cap": (1, 0, ""),
    "noaa_errors.cap": (0, 1, "thiếu urgency; thiếu severity; thiếu certainty; polygon"),
    "thunderstorm.cap": (1, 0, ""),
    "weather.atom": (1, 0, ""),
    "weather.cap": (1, 0, ""),
    "weather_index.atom": (0, 2, "không phải máy chủ đã khai báo"),
}


def served(folder: Path, name: str) -> Callable[[BaseHTTPRequestHandler], None]:
    return lambda request: respond(
        request, 200, (folder / name).read_bytes(), {"Content-Type": "application/xml"}
    )


@pytest.mark.parametrize("name", sorted(COUNTS))
def test_a_real_file_becomes_the_events_that_it_holds(
    name: str, real: Path, serve: Serve, sessions: Sessions
) -> None:
    folder = real / "warnings" / "google-cap-library"
    assert {path.name for path in folder.iterdir()} == {*COUNTS, "xee.cap"}
    (page,) = Poll(serve(served(folder, name)), sessions)()
    events, rejected, reason = COUNTS[name]
    assert (len(page.records), len(page.rejected)) == (events, rejected)
    assert all(reason in bad.reason for bad in page.rejected)


def test_the_real_entity_attack_is_refused(real: Path, serve: Serve, sessions: Sessions) -> None:
    folder = real / "warnings" / "google-cap-library"
    with pytest.raises(ContractError, match="DTD hoặc thực thể"):
        Poll(serve(served(folder, "xee.cap")), sessions)()


def test_a_real_warning_says_where_and_how_long(real: Path, serve: Serve, sessions: Sessions) -> None:
    folder = real / "warnings" / "google-cap-library"
    event = next(iter(Poll(serve(served(folder, "canada.cap")), sessions).events().values()))
    assert event.headline == "severe thunderstorm watch"
    assert (event.starts, event.ends) == (1_336_000_800, 1_336_004_400)
    assert event.areas == ("Windsor - Leamington - Essex County", "Chatham-Kent - Rondeau Park")
    assert str(event.facts["polygon"]).startswith("42.3481,-82.9314 ")


METNO = """
[warnings]
connector = "rest_json"
shape = "event:warning"
url = "{url}"
personal_data = false
items = "features"
loose = ["areas"]
[warnings.fields]
key = "properties.id"
starts = "when.interval[0]"
ends = "when.interval[1]"
severity = "properties.severity"
headline = "properties.title"
areas = "properties.area"
category = "properties.event"
"facts.status" = "properties.status"
"""
METEOALARM = """
[warnings]
connector = "rest_json"
shape = "event:warning"
url = "{url}"
personal_data = false
items = "warnings[].alert"
loose = ["areas"]
[warnings.fields]
key = "join(',', [sender, identifier, sent])"
starts = "info[0].onset"
ends = "info[0].expires"
severity = "info[0].severity"
headline = "info[0].headline"
areas = "info[0].area[].areaDesc"
category = "info[0].category[0]"
"facts.status" = "status"
"""


@pytest.mark.parametrize(
    ("name", "toml", "count"), [("metno_alerts", METNO, 29), ("meteoalarm_netherlands", METEOALARM, 3)]
)
def test_real_warnings_as_json_are_read_by_declaration_alone(
    name: str, toml: str, count: int, real: Path, serve: Serve, sessions: Sessions
) -> None:
    url = serve(served(real / "warnings" / "linecast_fixtures", f"{name}.json"))
    source = source_of(toml.replace("{url}", url))
    assert connectors.check(source) == []
    pages = list(connectors.fetcher(sessions)(source, {}))
    assert [len(page.records) for page in pages] == [count]
    assert not any(page.rejected for page in pages)
    events = [event for page in pages for event in page.records if isinstance(event, Event)]
    assert all(event.ends and event.starts < event.ends and event.areas for event in events)
