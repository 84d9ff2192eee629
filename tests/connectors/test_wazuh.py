"""Alerts and indicators that nobody here wrote, served byte for byte as OpenSearch and TAXII servers do."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest

import connectors
from connectors.http import Sessions
from ioc.errors import RefusedError, UnreachableError
from ioc.model import Event, Page
from tests.connectors.answers import respond
from tests.connectors.test_cases import source_of

Serve = Callable[[Callable[[BaseHTTPRequestHandler], None]], str]

SOURCE = """
[alerts]
connector = "wazuh"
shape = "event:security_alert"
url = "{url}"
level = 0
size = 2
{more}
"""
ENVELOPE = (
    b'{"took":3,"timed_out":false,"_shards":{"total":3,"successful":3,"skipped":0,"failed":0},'
    b'"hits":{"total":{"value":%d,"relation":"eq"},"max_score":null,"hits":[%s]}}'
)


def read(toml: str, sessions: Sessions, cursor: dict | None = None) -> Iterator[Page]:
    source = source_of(toml)
    assert connectors.check(source) == []
    yield from connectors.fetcher(sessions)(source, cursor or {})


def events(pages: list[Page]) -> list[Event]:
    assert not any(page.rejected for page in pages)
    return [event for page in pages for event in page.records if isinstance(event, Event)]


def test_a_real_alert_is_read_and_nothing_of_its_log_is_kept(
    real: Path, serve: Serve, sessions: Sessions
) -> None:
    single = (real / "infosec" / "wazuh" / "wazuh_alert_single.json").read_bytes()
    captured = (real / "infosec" / "wazuh" / "wazuh_integratord_4.14.7_captured.json").read_bytes()
    hit = (
        b'{"_index":"wazuh-alerts-4.x-2026.08.09","_id":"bXJ","_source":%s,"sort":[1786248466692,"bXJ"]}'
        % captured
    )
    url = serve(lambda request: respond(request, 200, ENVELOPE % (2, single + b"," + hit)))
    pages = list(read(SOURCE.format(url=url, more="").replace("size = 2", "size = 10"), sessions))
    windows, sshd = events(pages)
    assert (windows.key, windows.starts, windows.severity) == ("wOCWJoEBYfJV_2z6eJQN", 1_654_209_801, "low")
    assert (sshd.starts, sshd.headline) == (1_786_248_466, "sshd: Attempt to login using a non-existent user")
    assert sshd.facts["mitre"] == "T1110.001, T1021.004"
    kept = b"".join(page.kept for page in pages)
    assert not [word for word in (b"198.51.100.7", b"postgres", b"SYSTEM", b"10.0.2.15") if word in kept]


class Indexer:
    """Answers searches over a list of alerts as OpenSearch does, and notes what it was asked."""

    def __init__(self, count: int) -> None:
        self.hits = [
            {
                "_id": f"id{n}",
                "_source": {
                    "timestamp": "2026-11-21T07:00:00.000+0700",
                    "rule": {"level": 7, "description": "x"},
                },
                "sort": [1_795_219_200_000, f"id{n}"],
            }
            for n in range(count)
        ]
        self.asked: list[dict] = []
        self.fails_at = -1

    def __call__(self, request: BaseHTTPRequestHandler) -> None:
        body = json.loads(request.rfile.read(int(request.headers["Content-Length"])))
        self.asked.append(body)
        if len(self.asked) == self.fails_at:
            respond(request, 503, b"")
            return
        rest = [hit for hit in self.hits if "search_after" not in body or hit["sort"] > body["search_after"]]
        found = b",".join(json.dumps(hit).encode() for hit in rest[: body["size"]])
        respond(request, 200, ENVELOPE % (len(self.hits), found))


def test_a_search_goes_on_after_a_crash_where_it_stopped(serve: Serve, sessions: Sessions) -> None:
    indexer = Indexer(5)
    indexer.fails_at = 3
    toml = SOURCE.format(url=serve(indexer), more='start = "30m"')
    pages: list[Page] = []
    with pytest.raises(UnreachableError):
        pages.extend(read(toml, sessions))
    again = list(read(toml, sessions, dict(pages[-1].cursor or {})))
    assert [event.key for event in events(pages + again)] == [f"id{n}" for n in range(5)]
    assert again[-1].cursor == {"until": 1_795_222_800}
    assert indexer.asked[-1]["search_after"] == [1_795_219_200_000, "id3"]


def test_only_what_is_listed_is_asked_for_and_the_next_question_reaches_back(
    serve: Serve, sessions: Sessions
) -> None:
    indexer = Indexer(0)
    toml = SOURCE.format(url=serve(indexer), more='overlap = "20m"')
    list(read(toml, sessions, {"until": 1_795_222_000}))
    (asked,) = indexer.asked
    assert "full_log" not in asked["_source"]
    times, level = (part["range"] for part in asked["query"]["bool"]["filter"])
    assert times["timestamp"] == {"gte": 1_795_220_800_000, "lt": 1_795_222_800_000, "format": "epoch_millis"}
    assert level == {"rule.level": {"gte": 0}}
    assert "search_after" not in asked


def test_an_indexer_behind_its_own_authority_is_trusted_only_where_that_is_declared(
    secure: Serve, certificate: Path, sessions: Sessions
) -> None:
    url = secure(Indexer(1))
    with pytest.raises(RefusedError, match="TLS"):
        list(read(SOURCE.format(url=url, more=""), sessions))
    pages = list(read(SOURCE.format(url=url, more=f'ca = "{certificate}"'), sessions))
    assert len(events(pages)) == 1


TAXII = """
[indicators]
connector = "rest_json"
shape = "event:indicator"
url = "{url}/trustgroup1/collections/91a7b528-80eb-42ed-a74d-c6fbd5a26116/objects/"
headers = { Accept = "application/taxii+json;version=2.1" }
params = { "match[type]" = "indicator", limit = 2 }
items = "objects || `[]`"
paging = { kind = "cursor", param = "next", next = "more && next" }
window = { since = "added_after", format = "%Y-%m-%dT%H:%M:%S.000Z", zone = "Z", overlap = "1h", start = "2010-01-01" }
[indicators.fields]
key = "id"
starts = "valid_from || created"
ends = "valid_until"
headline = "name"
category = "indicator_types[0]"
"facts.revoked" = "revoked"
[indicators.types]
"facts.revoked" = "flag"
"""


def test_a_taxii_collection_is_read_by_declaration_alone(
    real: Path, serve: Serve, sessions: Sessions
) -> None:
    data = json.loads((real / "infosec" / "taxii" / "medallion_default_data.json").read_bytes())
    (collection,) = (c for c in data["trustgroup1"]["collections"] if c.get("objects"))
    indicators = [item for item in collection["objects"] if item["type"] == "indicator"]
    asked: list[dict[str, list[str]]] = []

    def handle(request: BaseHTTPRequestHandler) -> None:
        assert request.headers["Accept"] == "application/taxii+json;version=2.1"
        query = parse_qs(urlsplit(request.path).query)
        asked.append(query)
        start = int(query.get("next", ["0"])[0])
        rest = indicators[start : start + 2]
        body = {"more": start + 2 < len(indicators), "objects": rest} if rest else {}
        if body.get("more"):
            body["next"] = str(start + 2)
        respond(
            request, 200, json.dumps(body).encode(), {"Content-Type": "application/taxii+json;version=2.1"}
        )

    url = serve(handle)
    pages = list(read(TAXII.replace("{url}", url), sessions))
    found = events(pages)
    assert (len(pages), len(found), len({event.key for event in found})) == (2, 4, 2)
    assert found[0].key == "indicator--cd981c25-8042-4166-8945-51178443bdac"
    assert asked[0]["added_after"] == ["2009-12-31T17:00:00.000Z"]
    assert asked[0]["match[type]"] == ["indicator"]
    indicators.clear()
    (page,) = read(TAXII.replace("{url}", url), sessions, dict(pages[-1].cursor or {}))
    assert not page.records
    assert not page.rejected
