"""What the web application answers: bytes made once, strong tags, a policy that lets nobody else in."""

from __future__ import annotations

import gzip
import socket

import brotli
import orjson
import pytest

from ioc import settings
from ioc.errors import IocError
from layouts import server
from layouts.web import create_web
from tests.layouts import sample


@pytest.fixture
def boards():
    return sample.boards()


@pytest.fixture
def client(boards):
    app = create_web(sample.ports(boards), now=lambda: sample.NOW)
    yield app.test_client()
    app.extensions["published"].stop()


@pytest.mark.parametrize(
    ("coding", "unpack"), [("br", brotli.decompress), ("gzip", gzip.decompress), ("identity", bytes)]
)
def test_a_screen_is_the_same_in_every_coding_and_304_to_who_holds_it(client, coding, unpack):
    answer = client.get("/screen/overview?lang=vi", headers={"Accept-Encoding": coding})
    plain = client.get("/screen/overview?lang=vi", headers={"Accept-Encoding": "identity"})
    assert unpack(answer.data) == plain.data
    assert answer.headers["Vary"] == "Accept-Encoding"
    tag = answer.headers["ETag"]
    assert tag.startswith('"')
    again = client.get("/screen/overview?lang=vi", headers={"Accept-Encoding": coding, "If-None-Match": tag})
    assert (again.status_code, again.data) == (304, b"")


def test_languages_and_surfaces_have_tags_of_their_own(client):
    tags = {
        client.get(f"/screen/overview?lang={lang}&on={on}").headers["ETag"]
        for lang in ("vi", "en")
        for on in ("wall", "desk")
    }
    assert len(tags) == 4


def test_a_new_version_changes_the_tag_and_one_hash(client, boards):
    before = orjson.loads(client.get("/screen/overview").data)
    document = sample.overview()
    document["tiles"][1]["value"] = 600
    boards.publish(document)
    client.application.extensions["published"].refresh()
    after = orjson.loads(client.get("/screen/overview").data)
    assert before["version"] != after["version"]
    changed = [
        name for name in after["parts"] if after["parts"][name]["hash"] != before["parts"][name]["hash"]
    ]
    assert changed == ["overview-tile-dossiers_overdue"]


def test_the_heartbeat_carries_server_time_collector_and_tags_and_is_never_kept(client, boards):
    boards.collector = ("lost", sample.NOW - 90)
    client.application.extensions["published"].refresh()
    answer = client.get("/heartbeat?lang=vi")
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.json["now"] == sample.NOW
    assert answer.json["collector"] == {"state": "lost", "at": sample.NOW - 90}
    assert set(answer.json["boards"]) == {"overview", *(id for id, _ in sample.SECTORS)}


def test_a_store_that_cannot_be_read_leaves_the_screens_and_says_lost(client, boards):
    def broken():
        raise OSError("the store is away")

    boards.versions = broken
    client.application.extensions["published"].refresh()
    assert client.get("/heartbeat").json["collector"]["state"] == "lost"
    assert client.get("/screen/overview").status_code == 200


def test_one_part_that_cannot_be_drawn_darkens_no_other_board(client, boards):
    assert client.get("/screen/overview").status_code == 200
    document = sample.overview()
    document["panels"][0]["rows"] = 7
    boards.publish(document)
    land = sample.sector("land", "Đất đai")
    land["tiles"][0]["value"] = 1
    boards.publish(land)
    before = client.get("/screen/land").headers["ETag"]
    client.application.extensions["published"].refresh()
    assert client.get("/screen/overview").status_code == 200
    assert client.get("/screen/land").headers["ETag"] != before


def test_a_board_that_nobody_published_is_404_with_a_sentence(client):
    answer = client.get("/screen/nothing")
    assert answer.status_code == 404
    assert "nothing" in answer.json["detail"]


@pytest.mark.parametrize("path", ["/", "/wall/overview", "/sector/land", "/heartbeat"])
def test_every_answer_forbids_other_hosts_and_eval(client, path):
    policy = client.get(path).headers["Content-Security-Policy"]
    assert "default-src 'self'" in policy
    assert "frame-ancestors 'self'" in policy
    assert "unsafe-eval" not in policy
    assert "unsafe-inline" not in policy.split("style-src")[0]


def test_the_map_is_a_file_that_never_changes_under_its_name(client):
    page = client.get("/wall/_dash-layout").text
    address = page.split('"data-geography":"')[1].split('"')[0].replace("\\u002f", "/")
    answer = client.get(address)
    assert "immutable" in answer.headers["Cache-Control"]
    assert len(answer.json["communes"]["features"]) == 54


def test_a_port_in_use_is_refused_with_a_sentence():
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        with pytest.raises(IocError, match=rf"127\.0\.0\.1:{port} cannot be served.*another PORT"):
            server.run(settings.load({"PORT": str(port)}), "app:web")
