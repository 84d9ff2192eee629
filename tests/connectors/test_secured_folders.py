"""Folders behind explicit TLS (RFC 4217) and behind a key of our own, on real servers."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import asyncssh
import pytest

from ioc.errors import RefusedError, UnreachableError
from tests.connectors.file_servers import PASSWORD, USER, ftp_server, sftp_server
from tests.connectors.spreadsheets import HEADING, ROW, a_book, a_source, beds, drop, pages, records

LOGIN = {"kind": "password", "user": USER, "password": PASSWORD}
LARGE = [(f"tram_{n}", "01/11/2026", n, n) for n in range(6_000)]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Make a folder with one workbook, large enough for several blocks on the wire."""
    place = tmp_path / "served"
    place.mkdir()
    drop(place, a_book(HEADING, ROW, *LARGE))
    return place


@pytest.fixture
def ftps(folder: Path, certificate: Path) -> Iterator[str]:
    with ftp_server(folder, certificate=certificate) as url:
        yield url


def test_a_workbook_comes_over_explicit_tls_where_its_authority_is_trusted(
    ftps: str, certificate: Path
) -> None:
    found = records(pages(a_source(ftps, auth=LOGIN, ca_file=str(certificate))))
    assert found[:2] == beds()
    assert len(found) == 2 + 2 * len(LARGE)


def test_a_certificate_that_nobody_signed_gets_no_password(ftps: str) -> None:
    with pytest.raises(RefusedError, match="không được tin cậy; mật khẩu không được gửi"):
        pages(a_source(ftps, auth=LOGIN))


def test_a_server_without_tls_gets_no_password(folder: Path) -> None:
    with ftp_server(folder) as url, pytest.raises((RefusedError, UnreachableError)):
        pages(a_source(url.replace("ftp:", "ftps:"), auth=LOGIN))


@pytest.mark.parametrize(
    ("kind", "form"),
    [("ssh-ed25519", "openssh"), ("ecdsa-sha2-nistp256", "pkcs1-pem"), ("ssh-rsa", "openssh")],
)
def test_a_key_opens_what_no_password_opens(folder: Path, tmp_path: Path, kind: str, form: str) -> None:
    key = asyncssh.generate_private_key(kind)
    file = tmp_path / "key"
    key.write_private_key(str(file), form)
    file.chmod(0o600)
    with sftp_server(folder, key) as (url, host_key):
        mine = {"kind": "key", "user": USER, "key_file": str(file), "host_key": host_key}
        assert len(records(pages(a_source(url, auth=mine)))) == 2 + 2 * len(LARGE)
        with pytest.raises(RefusedError, match="Đăng nhập"):
            pages(a_source(url, auth={**LOGIN, "host_key": host_key}))


def test_a_key_file_that_is_not_there_or_no_key_is_told(folder: Path, tmp_path: Path) -> None:
    other = tmp_path / "other"
    asyncssh.generate_private_key("ssh-ed25519").write_private_key(str(other))
    broken = tmp_path / "broken"
    broken.write_text("không phải khóa")
    locked = tmp_path / "locked"
    asyncssh.generate_private_key("ssh-ed25519").write_private_key(str(locked), passphrase=PASSWORD)
    with sftp_server(folder, asyncssh.generate_private_key("ssh-ed25519")) as (url, host_key):
        for file, says in [
            (other, "Đăng nhập"),
            (broken, "không phải là một khóa SSH"),
            (locked, "khóa có mật khẩu"),
            (tmp_path / "none", r"auth\.key_file\): No such file"),
        ]:
            mine = {"kind": "key", "user": USER, "key_file": str(file), "host_key": host_key}
            with pytest.raises(RefusedError, match=says):
                pages(a_source(url, auth=mine))
