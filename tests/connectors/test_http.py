"""The shared HTTP client against a server that does everything wrong: nothing hangs, nothing leaks, all is named."""

from __future__ import annotations

import gzip
import json
import logging
import threading
import time
import traceback
import tracemalloc
import zlib
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from urllib.parse import quote

import brotli
import pytest

from connectors.http import Http, Sessions
from connectors.http_faults import retry_after
from ioc.errors import ContractError, RefusedError, SourceError, UnreachableError
from tests.connectors.answers import respond

Serve = Callable[[Callable[[BaseHTTPRequestHandler], None]], str]
Client = Callable[..., Http]


def answering(status: int, body: bytes = b"{}", **headers: str) -> Callable[[BaseHTTPRequestHandler], None]:
    """Return a handler that always answers the same; header names are written with _ for -."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return lambda request: respond(request, status, body, named)


# Time


def drip(request: BaseHTTPRequestHandler) -> None:
    """Send one byte of the body every 50 ms for ever."""
    request.send_response(200)
    request.send_header("Content-Length", "1000000")
    request.end_headers()
    while True:
        request.wfile.write(b" ")
        time.sleep(0.05)


def drip_chunks(request: BaseHTTPRequestHandler) -> None:
    """Send chunks of one byte, whose sizes arrive digit by digit."""
    request.send_response(200)
    request.send_header("Transfer-Encoding", "chunked")
    request.end_headers()
    while True:
        for byte in (b"0", b"0", b"1", b"\r", b"\n", b" ", b"\r", b"\n"):
            request.wfile.write(byte)
            time.sleep(0.05)


def drip_headers(request: BaseHTTPRequestHandler) -> None:
    """Never come to the end of a header."""
    request.wfile.write(b"HTTP/1.1 200 OK\r\nX-Long: ")
    while True:
        request.wfile.write(b"a")
        time.sleep(0.05)


def hang(request: BaseHTTPRequestHandler) -> None:
    """Take the question and never answer; the client's end ends this too."""
    request.connection.settimeout(30)
    request.rfile.read(1)


@pytest.mark.parametrize("handle", [drip, drip_chunks, drip_headers, hang])
def test_a_request_ends_at_its_deadline_whatever_the_server_does(
    handle: Callable[[BaseHTTPRequestHandler], None], serve: Serve, client: Client
) -> None:
    http = client(serve(handle), deadline=0.5)
    started = time.monotonic()
    with pytest.raises(UnreachableError, match="không trả lời xong trong 0,5 giây"):
        http.get()
    assert 0.45 < time.monotonic() - started < 2


def test_the_deadline_covers_token_redirects_and_answer_together(serve: Serve, client: Client) -> None:
    def slow(request: BaseHTTPRequestHandler) -> None:
        time.sleep(0.2)
        if request.path == "/token":
            respond(request, 200, b'{"access_token": "abcdef", "expires_in": 3600}')
        else:
            respond(request, 307, b"", {"Location": request.path + "x"})

    url = serve(slow)
    auth = {"kind": "oauth2", "token_url": url + "/token", "id": "a", "secret": "b"}
    started = time.monotonic()
    with pytest.raises(UnreachableError):
        client(url + "/a", deadline=0.5, auth=auth, redirects=True).get()
    assert time.monotonic() - started < 2


def test_a_port_that_nobody_listens_on_is_unreachable(client: Client, free_port: int) -> None:
    with pytest.raises(UnreachableError, match=f"Không kết nối được tới 127.0.0.1:{free_port}"):
        client(f"http://127.0.0.1:{free_port}").get()


# Size


def bomb(size: int) -> bytes:
    """Compress `size` zeros without holding them."""
    packer = zlib.compressobj(9, zlib.DEFLATED, 31)
    block = bytes(1_000_000)
    return b"".join(packer.compress(block) for _ in range(size // len(block))) + packer.flush()


def test_a_bomb_of_200_mb_is_refused_without_being_unpacked(serve: Serve, client: Client) -> None:
    http = client(serve(answering(200, bomb(200_000_000), Content_Encoding="gzip")), max_bytes=10_000_000)
    tracemalloc.start()
    try:
        with pytest.raises(ContractError, match="lớn hơn giới hạn 10 MB"):
            http.get()
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 15_000_000


def test_a_bomb_in_brotli_is_refused_too(serve: Serve, client: Client) -> None:
    http = client(serve(answering(200, brotli.compress(bytes(20_000_000)), Content_Encoding="br")))
    with pytest.raises(ContractError, match="lớn hơn giới hạn 1 MB"):
        http.get()


def test_an_answer_larger_than_agreed_is_refused_on_the_wire(serve: Serve, client: Client) -> None:
    with pytest.raises(ContractError, match="lớn hơn giới hạn 1 MB"):
        client(serve(answering(200, b"[" + b"1," * 600_000 + b"1]"))).get()


def raw_deflate(body: bytes) -> bytes:
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    return packer.compress(body) + packer.flush()


@pytest.mark.parametrize(
    ("coding", "pack"),
    [
        ("gzip", gzip.compress),
        ("gzip", lambda body: gzip.compress(body[:9]) + gzip.compress(body[9:])),
        ("deflate", zlib.compress),
        ("deflate", raw_deflate),
        ("br", brotli.compress),
        ("identity", bytes),
    ],
    ids=["gzip", "gzip of two members", "deflate", "deflate without a header", "brotli", "identity"],
)
def test_every_usual_coding_is_read(
    coding: str, pack: Callable[[bytes], bytes], serve: Serve, client: Client
) -> None:
    body = json.dumps({"xã": ["Hạ Long"] * 30_000}, ensure_ascii=False).encode()
    answer = client(serve(answering(200, pack(body), Content_Encoding=coding))).get()
    assert answer.body == body
    assert answer.size == len(body)


@pytest.mark.parametrize("coding", ["gzip", "deflate", "br", "zstd"])
def test_a_body_that_is_not_in_its_coding_is_a_broken_contract(
    coding: str, serve: Serve, client: Client
) -> None:
    with pytest.raises(ContractError, match="không giải nén được"):
        client(serve(answering(200, b"\xff not packed at all", Content_Encoding=coding))).get()


def test_a_connection_cut_in_the_middle_of_a_body_is_unreachable(serve: Serve, client: Client) -> None:
    def cut(request: BaseHTTPRequestHandler) -> None:
        request.send_response(200)
        request.send_header("Content-Length", "1000")
        request.end_headers()
        request.wfile.write(b'{"items": [')
        request.close_connection = True

    with pytest.raises(UnreachableError, match="đứt sau 11 byte"):
        client(serve(cut)).get()


# What the source says


@pytest.mark.parametrize(
    ("status", "error", "says"),
    [
        (400, ContractError, "HTTP 400"),
        (401, RefusedError, "từ chối chúng ta (HTTP 401"),
        (403, RefusedError, "từ chối chúng ta (HTTP 403"),
        (404, ContractError, "không còn như đã thỏa thuận"),
        (408, UnreachableError, "HTTP 408"),
        (422, ContractError, "HTTP 422"),
        (429, UnreachableError, "hạn chế lượt hỏi"),
        (500, UnreachableError, "HTTP 500"),
        (503, UnreachableError, "HTTP 503"),
        (304, ContractError, "HTTP 304"),
    ],
)
def test_a_status_is_named_by_what_to_do_about_it(
    status: int, error: type[SourceError], says: str, serve: Serve, client: Client
) -> None:
    with pytest.raises(error) as caught:
        client(serve(answering(status))).get()
    assert says in str(caught.value)
    assert caught.value.status == status


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        ("120", 120.0),
        ("0", 0.0),
        ("Sat, 21 Nov 2026 01:02:00 GMT", 120.0),
        ("Sat, 21 Nov 2026 00:00:00 GMT", 0.0),
        ("", None),
        ("soon", None),
        ("-5", None),
    ],
)
def test_retry_after_is_read_in_seconds_and_as_a_date(header: str, seconds: float | None) -> None:
    assert retry_after(header, 1_795_222_800.0) == seconds


@pytest.mark.parametrize(
    ("body", "content_type", "says"),
    [
        (b"<!DOCTYPE html><title>Down</title>", "application/json", "một trang HTML thay vì JSON (“Down”)"),
        (b"  \n<html>", "text/plain", "một trang HTML"),
        (b"<?xml version='1.0'?><a/>", "application/json", "XML thay vì JSON"),
        (b"", "application/json", "rỗng"),
        (b'{"a": [1, 2', "application/json", "kết thúc sau 11 byte"),
        (b'{"a": "M\xe1\xbb\x99t c', "application/json", "kết thúc sau 14 byte"),
        (b'{"a": 1} x', "application/json", "sai ở byte 9"),
        (b"ORA-00942", "application/json", "sai ở byte 0"),
        (b'{"a": "\xff"}', "application/json", "không đúng bảng mã utf-8: sai ở byte 7"),
        (b"'\xe9'", "application/json; charset=klingon", "Bảng mã “klingon”"),
        (b"[" * 100_000, "application/json", "lồng nhau quá sâu"),
    ],
)
def test_what_is_not_json_is_named(
    body: bytes, content_type: str, says: str, serve: Serve, client: Client
) -> None:
    answer = client(serve(answering(200, body, Content_Type=content_type))).get()
    with pytest.raises(ContractError) as caught:
        answer.json()
    assert says in str(caught.value)


@pytest.mark.parametrize(
    ("body", "content_type"),
    [
        ('{"xã": "Hạ Long 🏗"}'.encode("utf-8-sig"), "application/json"),
        ('{"xã": "Hạ Long 🏗"}'.encode("utf-16"), "application/json"),
        ('{"xã": "Hạ Long 🏗"}'.encode("utf-16-be"), "application/json; charset=UTF-16BE"),
        (rb'{"x\u00e3": "H\u1ea1 Long \ud83c\udfd7"}', "text/html; charset=utf-8"),
    ],
)
def test_json_is_read_in_whatever_charset_it_says(
    body: bytes, content_type: str, serve: Serve, client: Client
) -> None:
    answer = client(serve(answering(200, body, Content_Type=content_type))).get()
    assert answer.json() == {"xã": "Hạ Long 🏗"}


def test_a_number_that_is_none_reads_as_nothing_and_half_an_emoji_as_a_mark(
    serve: Serve, client: Client
) -> None:
    answer = client(serve(answering(200, rb'{"a": NaN, "b": "x \ud83d y"}'))).get()
    assert answer.json() == {"a": None, "b": "x � y"}


def test_unchanged_is_said_when_the_validators_still_hold(serve: Serve, client: Client) -> None:
    def handle(request: BaseHTTPRequestHandler) -> None:
        same = request.headers.get("If-None-Match") == '"17"'
        respond(request, 304 if same else 200, b"[1]", {"ETag": '"17"'})

    http = client(serve(handle))
    first = http.get()
    assert (first.unchanged, first.validators) == (False, {"etag": '"17"'})
    assert http.get(conditional=first.validators).unchanged


# Other places


@pytest.mark.parametrize(
    "location",
    [
        "http://127.0.0.2/",
        "http://127.0.0.1:1/",
        "//evil.example/x",
        "ftp://127.0.0.1/",
        "https://127.0.0.1/",
    ],
)
def test_a_redirect_to_another_host_is_refused_even_where_redirects_are_declared(
    location: str, serve: Serve, client: Client
) -> None:
    with pytest.raises(RefusedError, match="máy chủ khác"):
        client(serve(answering(302, b"", Location=location)), redirects=True).get()


def test_a_redirect_to_what_is_no_address_is_a_broken_contract(serve: Serve, client: Client) -> None:
    with pytest.raises(ContractError, match="địa chỉ không hợp lệ"):
        client(serve(answering(302, b"", Location="http://[::1")), redirects=True).get()


def test_a_link_to_another_host_is_not_followed(serve: Serve, client: Client) -> None:
    http = client(serve(answering(200)), hosts=["127.0.0.1:1"])
    with pytest.raises(RefusedError, match="không phải máy chủ đã khai báo"):
        http.get("http://169.254.169.254/latest/meta-data")
    with pytest.raises(RefusedError, match="không phải máy chủ đã khai báo"):
        http.get("file:///etc/passwd")
    with pytest.raises(ContractError, match="không phải là một URL"):
        http.get("http://[::1")
    with pytest.raises(UnreachableError):
        http.get("http://127.0.0.1:1/declared")


def test_credentials_are_shown_to_the_sources_own_host_only(serve: Serve, client: Client) -> None:
    seen: list[str | None] = []

    def handle(request: BaseHTTPRequestHandler) -> None:
        seen.append(request.headers.get("Authorization"))
        respond(request, 200, b"{}")

    other = serve(handle)
    http = client(serve(handle), auth={"kind": "bearer", "token": "abcdef"}, hosts=[other[7:]])
    http.get()
    http.get(other)
    assert seen == ["Bearer abcdef", None]


@pytest.mark.parametrize(
    ("auth", "name", "value"),
    [
        ({"kind": "basic", "user": "ioc", "password": "xyz"}, "Authorization", "Basic aW9jOnh5eg=="),
        ({"kind": "bearer", "token": "abc"}, "Authorization", "Bearer abc"),
        ({"kind": "api_key", "header": "X-Key", "key": "k1"}, "X-Key", "k1"),
        ({"kind": "headers", "headers": {"X-SystemId": "s", "X-SecretKey": "t"}}, "X-SecretKey", "t"),
    ],
)
def test_each_kind_of_access_is_shown_as_declared(
    auth: dict, name: str, value: str, serve: Serve, client: Client
) -> None:
    seen: list[str | None] = []

    def handle(request: BaseHTTPRequestHandler) -> None:
        seen.append(request.headers.get(name))
        respond(request, 200, b"{}")

    client(serve(handle), auth=auth).get()
    assert seen == [value]


def test_a_token_is_asked_for_once_and_again_at_four_fifths_of_its_life(serve: Serve, client: Client) -> None:
    asked: list[str] = []

    def handle(request: BaseHTTPRequestHandler) -> None:
        request.rfile.read(int(request.headers.get("Content-Length") or 0))
        asked.append(request.path)
        respond(request, 200, b'{"access_token": "abcdef", "expires_in": 0.5}')

    url = serve(handle)
    auth = {"kind": "oauth2", "token_url": url + "/token", "id": "a", "secret": "b"}
    http = client(url + "/data", auth=auth)
    http.get()
    http.get()
    assert asked == ["/token", "/data", "/data"]
    time.sleep(0.45)
    http.get()
    assert asked[3:] == ["/token", "/data"]


# TLS


def test_a_certificate_that_nobody_trusts_is_refused_and_a_declared_one_is_not(
    secure: Serve, certificate: Path, client: Client
) -> None:
    url = secure(answering(200, b'"trusted"'))
    with pytest.raises(RefusedError, match="Không có kết nối TLS tin cậy"):
        client(url).get()
    assert client(url, ca=str(certificate)).get().json() == "trusted"
    with pytest.raises(RefusedError, match="Không có tệp chứng thư"):
        client(url, ca="/nowhere.pem").get()


@pytest.mark.parametrize("handle", [drip, drip_headers, hang])
def test_the_deadline_holds_over_tls_too(
    handle: Callable[[BaseHTTPRequestHandler], None], secure: Serve, certificate: Path, client: Client
) -> None:
    http = client(secure(handle), deadline=0.5, ca=str(certificate))
    started = time.monotonic()
    with pytest.raises(UnreachableError, match="không trả lời xong trong 0,5 giây"):
        http.get()
    assert time.monotonic() - started < 2


# Secrets and turns


SECRET = "mat-khau-rat-dai/2026"


def leaking(request: BaseHTTPRequestHandler) -> None:
    """Answer with everything that was sent, as careless servers do."""
    sent = {"message": f"{request.path} {request.headers} gọi 0912345678"}
    respond(request, 403, json.dumps(sent).encode())


@pytest.mark.parametrize(
    "auth",
    [
        {"kind": "basic", "user": "ioc", "password": SECRET},
        {"kind": "bearer", "token": SECRET},
        {"kind": "api_key", "header": "X-Key", "key": SECRET},
        {"kind": "api_key", "param": "token", "key": SECRET},
        {"kind": "headers", "headers": {"X-SecretKey": SECRET}},
    ],
)
def test_no_secret_is_in_an_error_a_log_or_a_repr(
    auth: dict, serve: Serve, client: Client, caplog: pytest.LogCaptureFixture
) -> None:
    http = client(serve(leaking) + "/a?key=" + SECRET, auth=auth)
    with caplog.at_level(logging.DEBUG), pytest.raises(RefusedError) as caught:
        http.get()
    told = "".join(traceback.format_exception(caught.value)) + caplog.text + repr(http) + repr(caught.value)
    for secret in (SECRET, "mat-khau-rat-dai%2F2026", "aW9jOm1hdC1raGF1", "0912345678"):
        assert secret not in told


def test_an_unreachable_address_is_told_without_its_query(client: Client, free_port: int) -> None:
    http = client(f"http://ioc:{quote(SECRET, safe='')}@127.0.0.1:{free_port}/a?key={SECRET}")
    with pytest.raises(UnreachableError) as caught:
        http.get()
    assert SECRET not in "".join(traceback.format_exception(caught.value))


def test_an_answer_does_not_print_its_content(serve: Serve, client: Client) -> None:
    answer = client(serve(answering(200, b'{"chu_ho_so": "Nguyen Van Mau"}'))).get()
    assert "Nguyen" not in repr(answer)


def test_one_connection_serves_many_requests(serve: Serve, client: Client) -> None:
    ports: set[int] = set()

    def handle(request: BaseHTTPRequestHandler) -> None:
        ports.add(request.client_address[1])
        respond(request, 200, b"{}")

    http = client(serve(handle))
    for _ in range(5):
        http.get()
    assert len(ports) == 1


def test_what_is_left_of_a_refused_answer_is_not_read_as_the_next_one(serve: Serve, client: Client) -> None:
    def handle(request: BaseHTTPRequestHandler) -> None:
        body = b'"' + b"a" * 2_000_000 + b'"' if request.path == "/large" else b'"small"'
        respond(request, 200, body)

    http = client(serve(handle))
    with pytest.raises(ContractError):
        http.get("/large")
    assert http.get("/small").json() == "small"


def test_a_host_is_asked_by_no_more_at_once_than_declared(serve: Serve, client: Client) -> None:
    lock, now, most = threading.Lock(), [0], [0]

    def handle(request: BaseHTTPRequestHandler) -> None:
        with lock:
            now[0] += 1
            most[0] = max(most[0], now[0])
        time.sleep(0.05)
        with lock:
            now[0] -= 1
        respond(request, 200, b"{}")

    http = client(serve(handle), connections=2)
    threads = [threading.Thread(target=http.get) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert most[0] == 2


def test_a_host_is_asked_no_more_often_than_declared(serve: Serve, client: Client) -> None:
    http = client(serve(answering(200)), interval="1s")
    http.get()
    started = time.monotonic()
    http.get()
    assert time.monotonic() - started > 0.9


def test_cookies_of_one_source_reach_no_other(serve: Serve, client: Client) -> None:
    seen: list[str | None] = []

    def handle(request: BaseHTTPRequestHandler) -> None:
        seen.append(request.headers.get("Cookie"))
        respond(request, 200, b"{}", {"Set-Cookie": "session=1; Path=/"})

    http = client(serve(handle))
    http.get()
    http.get()
    assert seen == [None, None]


def test_a_proxy_is_used_where_one_is_declared(serve: Serve, client: Client) -> None:
    seen: list[str] = []

    def proxy(request: BaseHTTPRequestHandler) -> None:
        seen.append(request.path)
        respond(request, 200, b"{}")

    client("http://so-y-te.example/beds", proxy=serve(proxy)).get()
    assert seen == ["http://so-y-te.example/beds"]


def test_sessions_can_be_closed_with_connections_open(
    serve: Serve, client: Client, sessions: Sessions
) -> None:
    client(serve(answering(200))).get()
    sessions.close()
