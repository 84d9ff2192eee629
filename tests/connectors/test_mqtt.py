"""Messages through a real broker on loopback: nothing is lost by a crash, nothing old is taken for new."""

from __future__ import annotations

import os
import socket
import threading
import time
import tomllib
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

import connectors
from connectors.drafts.draft import toml
from connectors.http import Sessions
from connectors.trial import run
from ioc.errors import ContractError, RefusedError, SourceError, UnreachableError
from ioc.model import Case, Observation, Page, Source
from tests.connectors.broker import Broker, program
from tests.connectors.test_cases import source_of

NOW = 1_795_222_800
"""What the connectors' clock says in these tests."""
SOURCE = """
[stations]
connector = "mqtt"
url = "mqtt://127.0.0.1:{port}"
deadline = "3s"
idle = "0.2s"
{more}
"""
BY_TOPIC = """
topics = ["stations/{site}/{variable}"]
[stations.fields]
place = "topic.site"
variable = "topic.variable"
value = "payload"
time = "arrived"
[stations.enums.variable]
bui = "pm25"
"*" = "*"
"""
BY_PAYLOAD = """
topics = ["tram/+/du_lieu"]
times = { format = "%Y-%m-%d %H:%M:%S", zone = "+07:00" }
[stations.fields]
place = "payload.tram"
time = "payload.luc"
[stations.variables]
pm25 = { field = "payload.pm", unit = "mg/m3", to = "ug/m3" }
"""


@pytest.fixture(scope="module")
def mosquitto() -> str:
    return program()


@pytest.fixture
def broker(mosquitto: str, tmp_path: Path, free_port: int) -> Iterator[Broker]:
    started = Broker(mosquitto, tmp_path, free_port)
    yield started
    started.stop()


class Poll:
    """Polls a source as the collector does: a page's cursor counts once the page was taken."""

    def __init__(self, toml: str, sessions: Sessions) -> None:
        self.source: Source = source_of(toml)
        assert connectors.check(self.source) == []
        self.sessions, self.fetch = sessions, connectors.fetcher(sessions)
        self.cursor: dict = {}

    def __call__(self, most: int = 1_000) -> list[Page]:
        pages, fetched = [], self.fetch(self.source, self.cursor)
        for page in fetched:
            pages.append(page)
            if len(pages) >= most:
                fetched.close()  # the process ends here: the page was kept, but nobody told the connector
                break
            self.cursor = dict(page.cursor or self.cursor)
        return pages

    def values(self) -> list[float | None]:
        return [record.value for page in self() for record in page.records if isinstance(record, Observation)]


@pytest.fixture
def poll(broker: Broker, sessions: Sessions) -> Callable[..., Poll]:
    """Give a function that makes a source of the broker and lets it subscribe."""

    def make(more: str = BY_TOPIC, top: str = "") -> Poll:
        made = Poll(SOURCE.replace("{port}", str(broker.port)).replace("{more}", top + more), sessions)
        made()
        return made

    return make


@pytest.mark.parametrize("version", ["5", "3.1.1"])
def test_what_was_sent_while_nobody_listened_arrives(
    version: str, broker: Broker, poll: Callable[..., Poll]
) -> None:
    stations = poll(top=f'version = "{version}"\n')
    broker.publish("stations/kk_01/bui", "2{n}.5", count=3)
    pages = stations()
    records = [record for page in pages for record in page.records]
    assert records == [Observation("pm25", NOW, "kk_01", value) for value in (20.5, 21.5, 22.5)]
    assert stations.cursor == {"heard": NOW}
    assert [page.unchanged for page in stations()] == [True]


def test_more_messages_than_a_broker_sends_unacknowledged_arrive_in_their_order(
    broker: Broker, poll: Callable[..., Poll]
) -> None:
    stations = poll(top='version = "3.1.1"\n')
    broker.publish("stations/kk_01/bui", "{n}", count=130)
    pages = stations()
    assert [r.value for page in pages for r in page.records if isinstance(r, Observation)] == [
        float(n) for n in range(130)
    ]
    assert len(pages) > 1


def test_a_crash_after_a_page_loses_nothing(broker: Broker, poll: Callable[..., Poll]) -> None:
    stations = poll(top='version = "3.1.1"\n')
    broker.publish("stations/kk_01/bui", "{n}", count=30)
    (kept,) = stations(most=1)
    first = [r.value for r in kept.records if isinstance(r, Observation)]
    assert first == [float(n) for n in range(20)]
    assert stations.values() == [float(n) for n in range(30)]  # the twenty come twice and are the same
    assert stations.values() == []


def test_a_retained_message_is_judged_by_the_time_that_it_carries(
    broker: Broker, poll: Callable[..., Poll]
) -> None:
    broker.publish(
        "tram/1/du_lieu", '{"tram": "kk_01", "luc": "2026-11-19 06:00:00", "pm": 0.025}', retain=True
    )
    stations = Poll(SOURCE.replace("{port}", str(broker.port)).replace("{more}", BY_PAYLOAD), poll().sessions)
    (page,) = stations()
    assert page.records == [Observation("pm25", 1_795_042_800, "kk_01", 25.0)]


def test_a_retained_message_without_a_time_is_not_taken_for_a_new_one(
    broker: Broker, poll: Callable[..., Poll]
) -> None:
    broker.publish("stations/kk_01/bui", "999", retain=True)
    stations = poll()
    broker.publish("stations/kk_02/bui", "5")
    pages = stations()
    assert [r.place for page in pages for r in page.records if isinstance(r, Observation)] == ["kk_02"]
    assert not any(page.rejected for page in pages)
    assert any(b'"retained":true' in page.kept for page in pages)


def test_a_message_without_a_time_that_waited_too_long_is_rejected(
    broker: Broker, poll: Callable[..., Poll]
) -> None:
    stations = poll()
    broker.publish("stations/kk_01/bui", "7")
    stations.cursor = {"heard": NOW - 600}
    (page,) = stations()
    assert not page.records
    assert [(bad.address, bad.reason) for bad in page.rejected] == [
        ("stations/kk_01/bui", "Bản tin không ghi thời điểm, và có thể đã nằm chờ ở máy chủ quá lâu; không rõ là của lúc nào.")
    ]  # fmt: skip
    broker.publish("stations/kk_01/bui", "8")
    assert stations.values() == [8.0]


BAD = {
    b"": "Bản tin rỗng.",
    b"{": "Bản tin không phải là JSON đúng.",
    b"\xff\xfe": "Bản tin không phải là JSON đúng.",
    b'"cao"': "Trường value (payload): “cao” không đọc được là số",
    b"[1]": "Trường value (payload): ",
    b"true": "Trường value (payload): ",
    b"NaN": "Bản tin không phải là JSON đúng.",
    b"1" * 400: "Bản tin không phải là JSON đúng.",
    b"1e400": "Bản tin không phải là JSON đúng.",
}


def test_a_bad_message_is_rejected_and_the_next_one_lands(broker: Broker, poll: Callable[..., Poll]) -> None:
    stations = poll()
    for number, payload in enumerate(BAD):
        broker.publish(f"stations/kk_{number}/bui", payload)
    broker.publish("stations/kk_01/bui", "8")
    pages = stations()
    rejected = [bad for page in pages for bad in page.rejected]
    for bad, (number, reason) in zip(rejected, enumerate(BAD.values()), strict=True):
        assert bad.address.partition(" ")[0] == f"stations/kk_{number}/bui"
        assert bad.reason.startswith(reason)
    assert [r.value for page in pages for r in page.records if isinstance(r, Observation)] == [8.0]
    assert stations.values() == []


def test_several_records_in_one_message_each_have_its_topic(
    broker: Broker, poll: Callable[..., Poll]
) -> None:
    more = """
topics = ["congviec/{phong}/#"]
items = "ds"
shape = "case:task"
[stations.fields]
key = "payload.id"
state = "'open'"
opened = "payload.luc"
responsible = "topic.phong"
"""
    tasks = poll(more)
    broker.publish(
        "congviec/so_y_te/a/b", '{"ds": [{"id": 1, "luc": "2026-11-20T08:00:00+07:00"}, {"id": 2}]}'
    )
    (page,) = tasks()
    (case,) = page.records
    assert isinstance(case, Case)
    assert (case.key, case.responsible, case.opened) == ("1", "so_y_te", 1_795_136_400)
    assert [bad.address for bad in page.rejected] == ["congviec/so_y_te/a/b, mục 2 (key 2)"]


def test_a_broker_that_lost_our_session_is_told_of(broker: Broker, poll: Callable[..., Poll]) -> None:
    stations = poll()
    broker.stop()
    with pytest.raises(UnreachableError, match="Không kết nối được"):
        stations()
    broker.start()  # without persistence: it knows nobody
    (page,) = stations()
    assert [bad.reason[:52] for bad in page.rejected] == [
        "Máy chủ không giữ phiên của chúng ta: những bản tin "
    ]
    assert [page.unchanged for page in stations()] == [True]


def test_several_readers_of_a_shared_subscription_divide_the_messages(
    broker: Broker, poll: Callable[..., Poll]
) -> None:
    readers = [poll(top=f'client = "reader-{n}"\nshare = "ioc"\n') for n in range(2)]
    broker.publish("stations/kk_01/bui", "{n}", count=10)
    values = [value for reader in readers for value in reader.values()]
    assert sorted(value for value in values if value is not None) == [float(n) for n in range(10)]


@pytest.mark.parametrize("user", ['{ kind = "basic", user = "ioc", password = "sai" }', '{ kind = "none" }'])
def test_a_broker_that_refuses_us_is_told_of_without_the_password(
    user: str, mosquitto: str, tmp_path: Path, free_port: int, sessions: Sessions
) -> None:
    users = tmp_path / "users"
    users.touch()
    broker = Broker(mosquitto, tmp_path, free_port, f"password_file {users}", anybody=False)
    toml = SOURCE.replace("{port}", str(free_port)).replace("{more}", f"auth = {user}\n" + BY_TOPIC)
    try:
        with pytest.raises(RefusedError, match="từ chối chúng ta") as told:
            Poll(toml, sessions)()
        assert "sai" not in str(told.value).split()
    finally:
        broker.stop()


@pytest.mark.filterwarnings(
    "ignore:unclosed <ssl.SSLSocket:ResourceWarning"
)  # paho leaves it to be collected
def test_tls_is_verified_with_the_declared_authority(
    mosquitto: str, certificate: Path, tmp_path: Path, free_port: int, sessions: Sessions
) -> None:
    os.chmod(certificate, 0o644)
    broker = Broker(mosquitto, tmp_path, free_port, f"certfile {certificate}\nkeyfile {certificate}")
    toml = SOURCE.replace("{port}", str(free_port)).replace("mqtt://", "mqtts://")
    try:
        with pytest.raises(RefusedError, match="TLS"):
            Poll(toml.replace("{more}", BY_TOPIC), sessions)()
        stations = Poll(toml.replace("{more}", f'ca = "{certificate}"\n' + BY_TOPIC), sessions)
        assert [page.unchanged for page in stations()] == [True]
    finally:
        broker.stop()


@pytest.mark.parametrize(
    ("said", "error"),
    [
        (b"HTTP/1.1 400 Bad Request\r\n\r\n", (ContractError, UnreachableError)),
        (b"\x20\x03\x00\x00\x00\x31\xff\xff\xff\xff\x7f\x00", (ContractError, UnreachableError)),
        (b"\x20\x03\x00\x00\x00\x90\x03\x00\x00\x00\x00", (ContractError, UnreachableError)),
        (b"\x20\x03\x00\x00\x00\x90\x04\x00\x01\x00\x87", (RefusedError,)),  # subscribing is not allowed
        (b"\x20\x03\x00\x84\x00", (RefusedError,)),  # version 5 is not known
        (b"\x20\x02\x00\x01", (RefusedError,)),  # nor how to say so
        (b"\x20\x03\x00\x88\x00", (UnreachableError,)),  # not available
        (b"", (UnreachableError,)),
    ],
)
def test_a_server_that_speaks_something_else_neither_hangs_nor_breaks_us(
    said: bytes, error: tuple[type[SourceError], ...], sessions: Sessions
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        toml = SOURCE.replace("{port}", str(port)).replace("3s", "1s").replace("{more}", BY_TOPIC)
        stations = Poll(toml, sessions)
        fetched = connectors.fetcher(sessions)(stations.source, {})

        def answer() -> None:
            peer, _ = server.accept()
            with peer:
                peer.recv(1000)
                peer.sendall(said)
                time.sleep(1.5 if not said else 0.1)

        thread = threading.Thread(target=answer, daemon=True)
        thread.start()
        started = time.monotonic()
        with pytest.raises(error):
            list(fetched)
        assert time.monotonic() - started < 3
        thread.join()


@pytest.mark.parametrize(
    ("more", "key"),
    [
        (BY_TOPIC.replace("stations/{site}", "stations/kk_{site}"), "topics[0]"),
        (BY_TOPIC.replace("stations/{site}", "#/{site}"), "topics[0]"),
        (BY_TOPIC.replace('value = "payload"', ""), "variables"),
        ('auth = { kind = "bearer", token = "x" }\n' + BY_TOPIC, "auth.kind"),
        ('keep = "raw"\npersonal_data = false\n' + BY_TOPIC, "keep"),
    ],
)
def test_a_wrong_declaration_is_named(more: str, key: str) -> None:
    faults = connectors.check(source_of(SOURCE.replace("{port}", "1883").replace("{more}", more)))
    assert [f"[stations.{key}]" in str(fault) for fault in faults] == [True]


def test_an_unknown_broker_is_heard_for_a_moment_and_drafted(
    broker: Broker, capsys: pytest.CaptureFixture[str]
):
    for place in ("a", "b"):
        said = f'{{"luc": "2026-11-21T07:00:00", "pm25": 12.5, "tram": "{place}"}}'
        broker.publish(f"tram/{place}/du_lieu", said, retain=True)
    url, asked = f"mqtt://127.0.0.1:{broker.port}", {"topic": "tram/#", "seconds": "1"}
    assert run("mqtt", url, "thu", {"kind": "none"}, asked, {}, frozenset({"pm25"})) == 0
    said = capsys.readouterr().out
    table = tomllib.loads(said)["thu"]
    assert "# 1 × tram/a/du_lieu" in said
    assert table["topics"] == ["tram/{level2}/du_lieu"]
    assert table["variables"] == {"pm25": {"field": "payload.pm25", "unit": "1"}}
    assert table["fields"]["time"] == "payload.luc"
    assert connectors.check(source_of(toml("thu", table))) == []
    assert "# read as drafted: 2 records, 0 rejected" in said
