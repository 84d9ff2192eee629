"""Station files from a directory, FTP and SFTP: what lands, what is refused, and what is remembered."""

from __future__ import annotations

import os
import threading
import time
from dataclasses import replace
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest

from connectors import check
from connectors.http import Sessions
from connectors.station_files import fetch
from ioc.errors import RefusedError, UnreachableError
from ioc.model import Observation, Page, Source, Text
from tests.connectors.file_servers import (
    PASSWORD,
    USER,
    dripping_ftp_server,
    ftp_server,
    sftp_server,
    silent_server,
)

LOCAL = timezone(timedelta(hours=7))
PARAMETERS = {
    "pH": {"variable": "ph", "unit": "-"},
    "COD": {"variable": "cod", "unit": "mg/L"},
    "TSS": {"variable": "tss", "unit": "mg/L"},
    "PM2,5": {"variable": "pm25", "unit": "ug/Nm3"},
    "CO": {"variable": "co", "unit": "ug/Nm3", "factors": {"ppm": 1145.0}},
}
SAMPLE = (
    "pH\t7.21\t-\t20261121141500\t00\r\n"
    "COD\t43.6\tmg/L\t20261121141500\t00\r\n"
    "TSS\t18.2\tmg/L\t20261121141500\t01\r\n"
    "PM2,5\t31.4\tug/Nm3\t20261121141500\t00\r\n"
    "CO\t820\tug/Nm3\t20261121141500\t02\r\n"
)
AT = int(datetime(2026, 11, 21, 14, 15, tzinfo=LOCAL).timestamp())


def a_source(url: Path | str, **options: Any) -> Source:
    return Source(
        id="stations",
        name=Text("Trạm quan trắc", "Stations"),
        connector="station_files",
        sector="environment",
        shape="observation",
        owner="so_nnmt",
        url=str(url),
        deadline=options.pop("deadline", 10.0),
        auth=options.pop("auth", {}),
        earliest=options.pop("earliest", 0),
        max_bytes=options.pop("max_bytes", 64_000_000),
        options={"settle": "0s", "stations": {"QN_CTY_TRAM1": "tram1"}, "parameters": PARAMETERS, **options},
    )


def write(
    folder: Path, text: str | bytes, name: str = "QN_CTY_TRAM1_20261121141500.txt", age: float = 60
) -> Path:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    then = time.time() - age
    os.utime(path, (then, then))
    return path


def pages(source: Source, cursor: Any = None) -> list[Page]:
    assert check(source) == []
    return list(fetch(source, Sessions().http(source), cursor or {}))


def records(found: list[Page]) -> list[Observation]:
    return [record for page in found for record in page.records]


def reasons(found: list[Page]) -> list[tuple[str, str]]:
    return [(rejected.address, rejected.reason) for page in found for rejected in page.rejected]


def line(value: str = "43.6", at: str = "20261121141500", parameter: str = "COD", status: str = "00") -> str:
    return f"{parameter}\t{value}\tmg/L\t{at}\t{status}\r\n"


# What lands


def test_a_file_of_the_circular_lands_with_its_flags(tmp_path):
    write(tmp_path, SAMPLE)
    (page,) = pages(a_source(tmp_path))
    assert page.records == [
        Observation("ph", AT, "tram1", 7.21),
        Observation("cod", AT, "tram1", 43.6),
        Observation("tss", AT, "tram1", 18.2, "01"),
        Observation("pm25", AT, "tram1", 31.4),
        Observation("co", AT, "tram1", 820.0, "02"),
    ]
    assert page.rejected == []
    assert page.received_bytes == len(SAMPLE.encode())
    assert page.kept.splitlines()[0] == (
        b'{"parameter":"pH","station":"QN_CTY_TRAM1","status":"00","time":"20261121141500","unit":"-","value":"7.21"}'
    )


@pytest.mark.parametrize(
    "text",
    [
        line(),
        line().replace("\r\n", "\n"),
        line().rstrip(),
        "\n\n" + line() + "\r\n",
        "\ufeff" + line(),
        line("43,6"),
        line().replace("\t", ";"),
        line().replace("\t", "   "),
        line().replace("\t", " \t "),
        line().replace("\r", "\t\r"),
        line("4.36e1"),
        line().replace("COD", "cod"),
        line().encode("utf-16"),
        line() + line(),
    ],
)
def test_the_same_value_however_it_is_written(tmp_path, text):
    write(tmp_path, text)
    found = pages(a_source(tmp_path))
    assert records(found) == [Observation("cod", AT, "tram1", 43.6)]
    assert reasons(found) == []


def test_an_old_code_page_does_not_hide_the_good_lines(tmp_path):
    write(
        tmp_path,
        line().encode() + "Nhiệt độ\t1\tmg/L\t20261121141500\t00".encode("cp1258", "replace") + b"\xd2",
    )
    found = pages(a_source(tmp_path))
    assert len(records(found)) == 1
    assert len(reasons(found)) == 1


def test_values_are_converted_as_declared(tmp_path):
    text = "".join(
        f"CO\t2\t{unit}\t2026112114{minute}00\t00\n" for unit, minute in [("ppm", 10), ("mg/Nm3", 15)]
    )
    write(tmp_path, text)
    assert [record.value for record in records(pages(a_source(tmp_path)))] == [2290.0, 2000.0]


def test_an_empty_value_of_a_broken_device_is_kept_with_its_flag(tmp_path):
    write(tmp_path, line("", status="02") + line("", "20261121142000").replace("\t", " "))
    found = pages(a_source(tmp_path))
    assert records(found) == [Observation("cod", AT, "tram1", None, "02")]
    assert reasons(found) == [
        ("QN_CTY_TRAM1_20261121141500.txt, dòng 2", "Giá trị trống dù trạng thái là đang đo.")
    ]


def test_a_station_may_have_a_folder_and_a_manner_of_its_own(tmp_path):
    write(tmp_path, SAMPLE)
    today = datetime.now(LOCAL)
    own = tmp_path / "khithai" / today.strftime("%Y/%m/%d")
    write(own, f"03;{today:%Y%m%d}101500;CO;1.234,5;mg/Nm3\n".replace("03;", ""), "K1-101500.csv", 30)
    write(own, f"CO;1.234,5;mg/Nm3;{today:%Y%m%d}101500;00\n", "K1-102000.csv")
    stations = {
        "QN_CTY_TRAM1": "tram1",
        "K1": {
            "site": "ong_khoi_1",
            "folder": "khithai",
            "path_format": "yyyy/MM/dd",
            "filename_regex": r"(?P<station>K1)-(?P<time>\d{6})\.csv",
            "separator": ";",
            "decimal": ",",
        },
    }
    found = pages(a_source(tmp_path, stations=stations))
    at = int(today.replace(hour=10, minute=15, second=0, microsecond=0).timestamp())
    assert Observation("co", at, "ong_khoi_1", 1_234_500.0) in records(found)
    assert len(records(found)) == 6


@pytest.mark.parametrize(
    ("text", "columns"),
    [
        (
            "Trạm,Lúc,Thông số,Giá trị,TT\nA,2026-11-21 14:15,COD,43.6,ok\nA,2026-11-21 14:15,TSS,-999,hỏng\n",
            {"station": "Trạm", "time": "Lúc", "parameter": "Thông số", "value": "Giá trị", "status": "TT"},
        ),
        (
            "Trạm;Lúc;COD;TSS;pH;TT\nA;2026-11-21 14:15;43,6;;;ok\nA;2026-11-21 14:15;;-999;;hỏng\n",
            {"station": "Trạm", "time": "Lúc", "status": "TT"},
        ),
    ],
)
def test_a_stations_table_long_or_wide(tmp_path, text, columns):
    write(tmp_path, text, "bang.csv")
    source = a_source(
        tmp_path,
        layout="csv",
        filename_regex=r".*\.csv",
        columns=columns,
        stations={"A": "tram1"},
        times={"format": "%Y-%m-%d %H:%M"},
        statuses={"ok": "", "hỏng": "02"},
        blank=["-999"],
    )
    found = pages(source)
    assert records(found) == [
        Observation("cod", AT, "tram1", 43.6),
        Observation("tss", AT, "tram1", None, "02"),
    ]
    assert reasons(found) == []


def test_a_table_without_its_columns_is_told(tmp_path):
    write(tmp_path, "a,b\n1,2\n", "bang.csv")
    columns = {"time": "Lúc", "value": "Giá trị", "parameter": "a"}
    found = pages(a_source(tmp_path, layout="csv", filename_regex=r".*\.csv", columns=columns))
    assert reasons(found) == [("bang.csv", "Bảng không có cột “Lúc”, “Giá trị”; có “a”, “b”.")]


# What is refused


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        (line("abc"), "“abc” không đọc được là số (dấu thập phân đã khai báo: “.”)."),
        (line("1e999"), "“1e999” quá lớn để là một số đo."),
        (line("nan"), "“nan” không đọc được là số (dấu thập phân đã khai báo: “.”)."),
        (line("1_000"), "“1_000” không đọc được là số (dấu thập phân đã khai báo: “.”)."),
        (line("😀"), "“😀” không đọc được là số (dấu thập phân đã khai báo: “.”)."),
        (line(at="202611211415"), "“[…]” không đúng dạng thời điểm đã khai báo (%Y%m%d%H%M%S)."),
        (line(at="20261321141500"), "“20261321141500” không đúng dạng thời điểm đã khai báo (%Y%m%d%H%M%S)."),
        (line(at="19700101080000"), "Thời gian “19700101080000” sớm hơn giới hạn đã khai báo."),
        (line(status="07"), "Trạng thái “07” chưa được khai báo."),
        (line(status="0"), "Trạng thái “0” chưa được khai báo."),
        (line(parameter="XYZ") * 3, "Thông số “XYZ” chưa được khai báo (3 dòng)."),
        (
            line().replace("mg/L", "ppm"),
            "Đơn vị “ppm” của COD khác đơn vị đã khai báo “mg/L”.",
        ),
        (
            "COD\t43.6\t",
            "Dòng có 3 cột, cần 5 cột: thông số, giá trị, đơn vị, thời gian, trạng thái; nhận được “COD 43.6 ”.",
        ),
    ],
)
def test_a_broken_line_is_named_and_the_rest_lands(tmp_path, text, reason):
    write(tmp_path, line("1", "20261121140000") + text)
    found = pages(a_source(tmp_path, earliest=AT - 86_400 * 365))
    assert [record.value for record in records(found)] == [1.0]
    assert reasons(found) == [("QN_CTY_TRAM1_20261121141500.txt, dòng 2", reason)]


def test_an_unknown_station_is_told_once_per_file(tmp_path):
    write(tmp_path, SAMPLE, "QN_KHAC_20261121141500.txt")
    assert reasons(pages(a_source(tmp_path))) == [
        ("QN_KHAC_20261121141500.txt, dòng 1", "Trạm “QN_KHAC” chưa được khai báo (5 dòng).")
    ]


def test_of_two_values_of_one_time_the_later_stands_and_the_other_is_told(tmp_path):
    write(tmp_path, line("1") + line("2"))
    found = pages(a_source(tmp_path))
    assert [record.value for record in records(found)] == [2.0]
    assert reasons(found) == [
        (
            "QN_CTY_TRAM1_20261121141500.txt, dòng 1",
            "Cùng thông số và thời điểm với dòng 2 nhưng khác giá trị; dòng sau được giữ.",
        )
    ]


def test_an_empty_and_an_oversized_file_are_told_and_the_others_land(tmp_path):
    write(tmp_path, "", "QN_CTY_TRAM1_20261121141000.txt")
    write(tmp_path, SAMPLE * 3, "QN_CTY_TRAM1_20261121142000.txt")
    write(tmp_path, line())
    found = pages(a_source(tmp_path, max_bytes=200))
    assert len(records(found)) == 1
    assert sorted(reasons(found)) == [
        ("QN_CTY_TRAM1_20261121141000.txt", "Tệp rỗng."),
        (
            "QN_CTY_TRAM1_20261121142000.txt",
            "Tệp QN_CTY_TRAM1_20261121142000.txt lớn hơn giới hạn đã khai báo (0.0002 MB).",
        ),
    ]


@pytest.mark.parametrize(
    ("options", "fault"),
    [
        ({"settle": "soon"}, "settle"),
        ({"filename_regex": "("}, "filename_regex"),
        ({"stations": {"A": {"folder": "x"}}}, "stations.A"),
        ({"stations": {"A": {"site": "x", "colour": 1}}}, "stations.A.colour"),
        ({"parameters": {}}, "parameters"),
        ({"parameters": {"CO": {"unit": "x"}}}, "parameters.CO.variable"),
        ({"layout": "csv"}, "columns.time"),
        ({"statuses": {"05": "broken"}}, "statuses.05"),
        ({"sperator": ";"}, "sperator"),
    ],
)
def test_a_faulty_declaration_is_named_by_its_key(tmp_path, options, fault):
    assert fault in {error.key for error in check(a_source(tmp_path, **options))}


# What is remembered


def test_a_file_that_landed_is_not_read_again_and_a_changed_one_is(tmp_path):
    path = write(tmp_path, line())
    (page,) = pages(a_source(tmp_path))
    assert pages(a_source(tmp_path), page.cursor) == [Page(unchanged=True)]
    path.write_text(line() + line("9", "20261121142000"))
    assert len(records(pages(a_source(tmp_path), page.cursor))) == 2


def test_a_half_written_file_waits_until_it_is_settled(tmp_path):
    path = write(tmp_path, line() + "TSS\t1", age=2)
    source = a_source(tmp_path, settle="10s")
    assert pages(source) == [Page(unchanged=True)]
    path.write_text(SAMPLE)
    os.utime(path, (time.time() - 11, time.time() - 11))
    assert len(records(pages(source))) == 5


def test_a_temporary_file_is_nobodys(tmp_path):
    for name in ["QN_CTY_TRAM1_20261121141500.txt.tmp", ".QN_CTY_TRAM1_20261121141500.txt", "ghichu.docx"]:
        write(tmp_path, line(), name)
    assert pages(a_source(tmp_path)) == [Page(unchanged=True)]


def test_a_late_file_is_found_even_where_its_date_was_put_back(tmp_path):
    day = 86_400
    for hour in range(24):
        write(
            tmp_path,
            line(str(hour), f"202611{hour + 1:02}141500"),
            f"QN_CTY_TRAM1_2026112014{hour:02}00.txt",
            9 * day - hour,
        )
    source = a_source(tmp_path)
    cursor = pages(source)[-1].cursor
    write(tmp_path, line("99", "20261120000000"), "QN_CTY_TRAM1_20261120000000.txt", 9 * day)
    write(tmp_path, line("7", "20261125000000"), "QN_CTY_TRAM1_20261125000000.txt", 60)
    found = pages(source, cursor)
    assert {99.0, 7.0} <= {record.value for record in records(found)}
    assert pages(source, found[-1].cursor) == [Page(unchanged=True)]


def test_the_oldest_file_comes_first(tmp_path):
    for age in (50, 200, 100):
        write(tmp_path, line(str(age)), f"QN_CTY_TRAM1_20261121{age:06}.txt", age)
    assert [record.value for record in records(pages(a_source(tmp_path)))] == [200.0, 100.0, 50.0]


def test_small_files_share_a_page_and_a_large_one_has_several(tmp_path):
    for number in range(30):
        write(tmp_path, line("1", f"202611211400{number:02}"), f"QN_CTY_TRAM1_{number:014}.txt", 500 - number)
    start = datetime(2026, 1, 1, tzinfo=LOCAL)
    many = "".join(line("2", f"{start + timedelta(minutes=5 * step):%Y%m%d%H%M%S}") for step in range(12_000))
    write(tmp_path, many, "QN_CTY_TRAM1_99999999999999.txt", 60)
    found = pages(a_source(tmp_path))
    assert [len(page.records) for page in found] == [30, 5_000, 5_000, 2_000]
    again = pages(a_source(tmp_path), found[1].cursor)
    assert len(records(again)) == 12_000, "a file lands as a whole or is read again"


def test_the_cursor_stays_small_after_two_months_of_files(tmp_path):
    import json

    for number in range(3_000):
        write(tmp_path, line(), f"QN_CTY_TRAM1_{number:014}.txt", age=3_000 * 1_700 - number * 1_700)
    cursor = pages(a_source(tmp_path))[-1].cursor
    assert len(json.dumps(cursor)) < 3_000
    assert pages(a_source(tmp_path), cursor) == [Page(unchanged=True)]


# Servers


def test_ftp_delivers_what_the_directory_does(tmp_path):
    write(tmp_path, SAMPLE, f"tram/{datetime.now(LOCAL):%Y/%m/%d}/QN_CTY_TRAM1_20261121141500.txt")
    with ftp_server(tmp_path) as url:
        source = a_source(url + "tram", path_format="yyyy/MM/dd", auth={"user": USER, "password": PASSWORD})
        found = pages(source)
        assert len(records(found)) == 5
        assert pages(source, found[-1].cursor) == [Page(unchanged=True)]


def test_an_ftp_server_that_knows_list_alone(tmp_path):
    write(tmp_path, SAMPLE)
    write(tmp_path, line("5", "20260101000000"), "QN_CTY_TRAM1_20260101000000.txt", 300 * 86_400)
    with ftp_server(tmp_path, mlsd=False) as url:
        source = a_source(url, auth={"user": USER, "password": PASSWORD})
        found = pages(source)
        assert len(records(found)) == 6
        assert pages(source, found[-1].cursor) == [Page(unchanged=True)]


def test_sftp_delivers_what_the_directory_does(tmp_path):
    write(tmp_path, SAMPLE)
    write(tmp_path, line("1", "20261121000000") * 4_000, "QN_CTY_TRAM1_20261121142000.txt")
    with sftp_server(tmp_path) as (url, key):
        source = a_source(url, auth={"user": USER, "password": PASSWORD, "host_key": key})
        found = pages(source)
        assert len(records(found)) == 6
        assert pages(source, found[-1].cursor) == [Page(unchanged=True)]


def test_another_host_key_is_refused_before_the_password_is_sent(tmp_path):
    with sftp_server(tmp_path) as (url, _), sftp_server(tmp_path) as (_, other):
        source = a_source(url, auth={"user": USER, "password": PASSWORD, "host_key": other})
        with pytest.raises(
            RefusedError, match=r"khác khóa đã khai báo ssh-ed25519 SHA256:.*không được gửi"
        ) as refused:
            pages(source)
        assert PASSWORD not in str(refused.value)


def test_sftp_without_a_pinned_key_is_refused(tmp_path):
    with sftp_server(tmp_path) as (url, _), pytest.raises(RefusedError, match="Chưa khai báo khóa"):
        pages(a_source(url, auth={"user": USER, "password": PASSWORD}))


def test_a_refused_login_says_so_and_shows_no_password(tmp_path):
    wrong = "sai-" + PASSWORD
    with (
        sftp_server(tmp_path) as (url, key),
        pytest.raises(RefusedError, match=r"Đăng nhập .* bị từ chối") as sftp,
    ):
        pages(a_source(url, auth={"user": USER, "password": wrong, "host_key": key}))
    with ftp_server(tmp_path) as url, pytest.raises(RefusedError, match=r"Đăng nhập .* bị từ chối") as ftp:
        pages(a_source(url, auth={"user": USER, "password": wrong}))
    assert PASSWORD not in str(sftp.value) + str(ftp.value)


@pytest.mark.parametrize("scheme", ["ftp", "sftp"])
@pytest.mark.parametrize("greeting", [b"", b"220 xin chao\r\n", b"SSH-2.0-OpenSSH_9\r\n"])
def test_a_silent_server_costs_its_deadline_and_no_more(scheme, greeting):
    key = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJHtFFN2Y1WuVWjiSMpgmVBnV2qzOY0hCS1vPLTULa5F"
    with silent_server(greeting) as port:
        source = a_source(
            f"{scheme}://127.0.0.1:{port}/",
            deadline=1.0,
            auth={"user": USER, "password": PASSWORD, "host_key": key},
        )
        started = time.monotonic()
        with pytest.raises(UnreachableError, match="đăng nhập"):
            pages(source)
        assert time.monotonic() - started < 2.5


def test_a_server_that_drips_costs_its_deadline_and_no_more():
    with dripping_ftp_server() as port:
        started = time.monotonic()
        with pytest.raises(UnreachableError, match="Quá 1 giây chưa xem thư mục / xong"):
            pages(a_source(f"ftp://127.0.0.1:{port}/", deadline=1.0))
        assert time.monotonic() - started < 2.5


@pytest.mark.parametrize("url", ["ftp://127.0.0.1:9/", "sftp://127.0.0.1:9/"])
def test_a_server_that_is_not_there(url):
    key = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJHtFFN2Y1WuVWjiSMpgmVBnV2qzOY0hCS1vPLTULa5F"
    with pytest.raises(UnreachableError, match=r"máy chủ 127\.0\.0\.1:9"):
        pages(a_source(url, auth={"user": USER, "password": PASSWORD, "host_key": key}))


def test_a_folder_that_vanished(tmp_path):
    with pytest.raises(UnreachableError, match="Không thấy thư mục"):
        pages(a_source(tmp_path / "gone"))


def test_a_folder_that_vanished_on_a_server(tmp_path):
    with (
        sftp_server(tmp_path) as (url, key),
        pytest.raises(UnreachableError, match="Không thấy thư mục /gone"),
    ):
        pages(a_source(url + "gone", auth={"user": USER, "password": PASSWORD, "host_key": key}))
    with ftp_server(tmp_path) as url, pytest.raises(UnreachableError, match="/gone"):
        pages(a_source(url + "gone", auth={"user": USER, "password": PASSWORD}))


def test_a_file_that_may_not_be_read_is_refused_after_the_others_landed(tmp_path):
    write(tmp_path, line("1"), "QN_CTY_TRAM1_1_20261121141500.txt", 100)
    write(tmp_path, line("2"))
    with ftp_server(tmp_path) as url:
        source = a_source(url, auth={"user": USER, "password": PASSWORD}, stations={})
        assert len(records(pages(source))) == 2
    with ftp_server(tmp_path, permissions="el") as url:
        source = replace(source, url=url)
        with pytest.raises(RefusedError, match="Không có quyền đọc tệp"):
            pages(source)


def test_threads_end_with_the_poll(tmp_path):
    write(tmp_path, SAMPLE)
    with sftp_server(tmp_path) as (url, key):
        before = threading.active_count()
        pages(a_source(url, auth={"user": USER, "password": PASSWORD, "host_key": key}))
        for _ in range(50):
            if threading.active_count() <= before:
                break
            time.sleep(0.02)
        assert threading.active_count() <= before
