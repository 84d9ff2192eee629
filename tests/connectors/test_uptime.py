"""Portals and still pictures asked for over the wire: what is down is a value, only a cut network is a failure."""

from __future__ import annotations

from collections.abc import Callable
from http.server import BaseHTTPRequestHandler
from pathlib import Path

import pytest

import connectors
from connectors.http import Sessions
from ioc.errors import UnreachableError
from ioc.model import Page
from tests.connectors.answers import respond
from tests.connectors.test_cases import source_of

Serve = Callable[[Callable[[BaseHTTPRequestHandler], None]], str]
HTML = {"Content-Type": "text/html; charset=utf-8"}
NEWS = """<ul><li>Bài cũ <b>18/11/2026</b></li><li>Bài mới <b>20/11/2026</b></li><li>Lịch họp <b>25/12/2026</b></li></ul>"""
FEED = """<rss version="2.0"><channel>
<item><title>a</title><pubDate>Fri, 20 Nov 2026 08:00:00 +0700</pubDate></item>
<item><title>b</title><pubDate>Thu, 19 Nov 2026 08:00:00 +0700</pubDate></item></channel></rss>"""


def handle(request: BaseHTTPRequestHandler) -> None:
    """Answer as portals do, well and badly."""
    pages = {
        "/": (200, "<html>Cổng thông tin điện tử</html>", HTML),
        "/blank": (200, "<html>It works!</html>", HTML),
        "/broken": (500, "lỗi", HTML),
        "/forbidden": (403, "", HTML),
        "/moved": (301, "", {"Location": "https://khac.example.vn/"}),
        "/news": (200, NEWS, HTML),
        "/rss": (200, FEED, {"Content-Type": "application/rss+xml"}),
        "/xxe": (200, '<!DOCTYPE r [<!ENTITY a "b">]><rss/>', {"Content-Type": "application/rss+xml"}),
        "/still.jpg": (200, "\xff" * 100, {"Content-Type": "image/jpeg"}),
        "/large.jpg": (200, "\xff" * 100_000, {"Content-Type": "image/jpeg"}),
        "/empty.jpg": (200, "", {"Content-Type": "image/jpeg"}),
    }
    status, body, headers = pages.get(request.path, (404, "", HTML))
    respond(request, status, b"" if request.command == "HEAD" else body.encode(), headers)


def observed(toml: str, sessions: Sessions) -> tuple[dict[str, dict[str, float | None]], Page]:
    """Run a source; return variable -> place -> value, and the page."""
    source = source_of(toml)
    assert connectors.check(source) == []
    (page,) = list(connectors.fetcher(sessions)(source, {}))
    found: dict[str, dict[str, float | None]] = {}
    for record in page.records:
        found.setdefault(record.variable, {})[record.place] = record.value  # type: ignore[union-attr]
    return found, page


def portals(*tables: str, more: str = "") -> str:
    return (
        '[portals]\nconnector = "uptime"\n'
        + more
        + "\n"
        + "\n".join(f"[portals.portals.{table}" for table in tables)
    )


def test_what_is_down_is_a_value_and_every_portal_has_one(
    serve: Serve, sessions: Sessions, free_port: int
) -> None:
    url = serve(handle)
    found, page = observed(
        portals(
            f'well]\nurl = "{url}/"\nsays = "Cổng thông tin"',
            f'blank]\nurl = "{url}/blank"\nsays = "Cổng thông tin"',
            f'broken]\nurl = "{url}/broken"',
            f'forbidden]\nurl = "{url}/forbidden"',
            f'moved]\nurl = "{url}/moved"',
            f'nobody]\nurl = "http://127.0.0.1:{free_port}/"',
        ),
        sessions,
    )
    assert found["portal_up"] == {"well": 1, "blank": 0, "broken": 0, "forbidden": 0, "moved": 1, "nobody": 0}
    assert sorted(found["portal_latency"]) == ["blank", "broken", "forbidden", "moved", "well"]
    assert all(0 < (value or 0) < 5000 for value in found["portal_latency"].values())
    assert not page.rejected
    assert "certificate_days" not in found
    assert "không có nội dung" in page.kept.decode()


def test_the_newest_article_is_found_in_a_feed_or_a_page_and_the_future_says_nothing(
    serve: Serve, sessions: Sessions
) -> None:
    url = serve(handle)
    found, page = observed(
        portals(
            f'a]\nurl = "{url}/"\nfeed = "{url}/rss"',
            f'b]\nurl = "{url}/"\npage = "/news"\ndate = "<b>([0-9/]+)</b>"',
            f'c]\nurl = "{url}/"\npage = "/blank"\ndate = "<b>([0-9/]+)</b>"',
            f'd]\nurl = "{url}/"\nfeed = "/xxe"',
        ),
        sessions,
    )
    assert found["newest_article_age"] == {"a": 1.0, "b": 1.33}
    assert [(bad.address, bad.reason) for bad in page.rejected] == [
        ("c", "Không rõ ngày của bài mới nhất: trang không có ngày nào đọc được."),
        ("d", "Không rõ ngày của bài mới nhất: Bản tin khai báo DTD hoặc thực thể (ENTITY), "
              "là cách tấn công bằng XML; không đọc."),
    ]  # fmt: skip
    assert found["portal_up"] == {"a": 1, "b": 1, "c": 1, "d": 1}


def test_the_days_of_a_certificate_are_read_even_where_it_is_not_trusted(
    secure: Serve, certificate: Path, sessions: Sessions
) -> None:
    url = secure(handle)
    found, _ = observed(portals(f'own]\nurl = "{url}/"'), sessions)
    assert found["portal_up"] == {"own": 0}
    assert found["certificate_days"] == {"own": pytest.approx(34_008, abs=2)}
    found, _ = observed(portals(f'own]\nurl = "{url}/"', more=f'ca = "{certificate}"'), sessions)
    assert found["portal_up"] == {"own": 1}


def test_only_where_nobody_answers_the_source_has_failed(sessions: Sessions, free_port: int) -> None:
    dead = [f'{name}]\nurl = "http://127.0.0.1:{free_port}/"' for name in ("a", "b")]
    source = source_of(portals(*dead))
    with pytest.raises(UnreachableError, match="Không cổng nào trong 2 cổng trả lời"):
        list(connectors.fetcher(sessions)(source, {}))
    found, _ = observed(portals(*dead, more='nobody = "value"'), sessions)
    assert found["portal_up"] == {"a": 0, "b": 0}


@pytest.mark.parametrize(
    ("table", "key", "says"),
    [
        ('a]\nurl = "cong.example.vn"', "portals.a.url", "an http or https address"),
        ('a]\nurl = "http://x"\npage = "/n"', "portals.a.date", "page and date go together"),
        ('a]\nurl = "http://x"\npage = "/n"\ndate = "[0-9]+"', "portals.a.date", "a group around the date"),
        ('a]\nurl = "http://x"\nfeed = "/f"\npage = "/n"\ndate = "(.)"', "portals.a.page", "not both"),
        ('a]\nurl = "http://x"\nzone = "giờ Hà Nội"', "portals.a.zone", "a zone such as"),
    ],
)
def test_a_wrong_declaration_is_named(table: str, key: str, says: str) -> None:
    faults = connectors.check(source_of(portals(table)))
    assert any(f"[portals.{key}]" in str(fault) and says in str(fault) for fault in faults), faults


REGISTER = """
[cameras]
connector = "camera"
url = "{url}/cameras"
camera = "code"
still = "still"
up = "up"
states = { "true" = true, "false" = false }
ask = "{ask}"
still_bytes = 5000
"""


@pytest.mark.parametrize(("ask", "up"), [("HEAD", {"a", "large", "empty"}), ("GET", {"a"})])
def test_a_camera_is_up_where_its_picture_comes_and_no_picture_is_kept(
    ask: str, up: set[str], serve: Serve, sessions: Sessions
) -> None:
    names = {"a": "/still.jpg", "large": "/large.jpg", "empty": "/empty.jpg", "html": "/", "gone": "/none.jpg",
             "none": "", "off": "/still.jpg", "elsewhere": "http://10.1.2.3/still.jpg?key=matkhau"}  # fmt: skip
    cameras = [f'{{"code": "{name}", "still": "{path}", "up": {"false" if name == "off" else "true"}}}'
               for name, path in names.items()]  # fmt: skip
    register = f"[{', '.join(cameras)}]".encode()

    def both(request: BaseHTTPRequestHandler) -> None:
        if request.path == "/cameras":
            respond(request, 200, register)
        else:
            handle(request)

    found, page = observed(REGISTER.replace("{url}", serve(both)).replace("{ask}", ask), sessions)
    assert {name for name, value in found["camera_up"].items() if value} == up
    assert set(found["camera_up"]) == {*names} - {"elsewhere"}
    assert set(found["camera_latency"]) == up
    assert [bad.reason for bad in page.rejected] == [
        "Ảnh của camera nằm ở máy chủ chưa khai báo (hosts); không hỏi."
    ]
    assert b"matkhau" not in page.kept
    assert len(page.kept) < 1_000
