"""Station files in a directory, over FTP and SFTP, and the health department's workbook."""

from __future__ import annotations

import ftplib
import io
import time

import openpyxl
import paramiko
import pytest

from ioc.calendar import local_day
from sandbox import ftp, nature, sftp
from sandbox.files import Files
from sandbox.workbook import BAD, SHEET, health_workbook
from sandbox.world import create
from tests.sandbox.conftest import DATA, TUESDAY, Clock

TODAY = local_day(TUESDAY)
DAY = "2026/11/17"


@pytest.fixture
def ftp_client(client):
    connection = ftplib.FTP()
    connection.connect("127.0.0.1", client.port + 1, timeout=5)
    yield connection
    connection.close()


@pytest.fixture
def sftp_transport(client):
    transport = paramiko.Transport(("127.0.0.1", client.port + 2))
    yield transport
    transport.close()


@pytest.fixture
def files(tmp_path):
    """The folders of a world of their own, written when told."""
    made = Files(create(DATA, "22", now=Clock()), tmp_path, history_days=7, past_after_s=0)
    for path in ("drop", "ftp", "sftp"):
        (tmp_path / path).mkdir()
    return made


@pytest.fixture(scope="module")
def standing(tmp_path_factory):
    """Folders that stand as they should at ten on Tuesday; a test ends its faults."""
    folder = tmp_path_factory.mktemp("standing")
    made = Files(create(DATA, "22", now=Clock()), folder)
    for path in ("drop", "ftp", "sftp"):
        (folder / path).mkdir()
    made.refresh()
    return made


def read(files, folder, day=DAY):
    return {path.name: path.read_bytes().decode() for path in sorted((files.folder / folder / day).iterdir())}


def lines_of(text):
    return [line.split("\t") for line in text.split("\r\n") if line]


def test_a_file_has_the_lines_of_the_circular(standing):
    found = read(standing, "air")
    newest = max(name for name in found if name.startswith("MP_KHONGKHI_KK01"))
    assert newest == "MP_KHONGKHI_KK01_20261117100000.txt"
    rows = lines_of(found[newest])
    assert [row[0] for row in rows] == ["PM2,5", "PM10", "SO2", "NO2", "CO", "O3"]
    assert {row[3] for row in rows} == {"20261117100000"}
    assert {row[4] for row in rows} <= {"00", "01", "02"}


def test_five_minute_files_become_files_of_an_hour_and_later_of_a_day(standing):
    today = [name for name in read(standing, "ftp/wastewater") if "_NT01_" in name]
    assert today[:2] == ["MP_NUOCTHAI_NT01_20261117005959.txt", "MP_NUOCTHAI_NT01_20261117015959.txt"]
    assert len(lines_of(read(standing, "ftp/wastewater")[today[0]])) == 12 * 5
    assert "MP_NUOCTHAI_NT01_20261117090500.txt" in today
    old = [name for name in read(standing, "ftp/wastewater", "2026/11/15") if "_NT01_" in name]
    assert old == ["MP_NUOCTHAI_NT01_20261115235959.txt"]


def test_what_is_told_once_is_told_the_same_in_every_file(files):
    files.refresh()
    first = lines_of(read(files, "air")["MP_KHONGKHI_KK01_20261117090000.txt"])
    files.world.now.at += 3 * 3600
    files.refresh()
    hour = lines_of(read(files, "air")["MP_KHONGKHI_KK01_20261117095959.txt"])
    files.world.now.at += 2 * 86_400
    files.refresh()
    day = lines_of(read(files, "air")["MP_KHONGKHI_KK01_20261117235959.txt"])
    assert [row for row in hour if row[3] == "20261117090000"] == first
    assert [row for row in day if row[3] == "20261117090000"] == first


def test_a_file_is_dated_when_it_would_have_arrived(standing):
    for path in (standing.folder / "air" / DAY).iterdir():
        assert path.stat().st_mtime <= TUESDAY


def test_a_station_loses_transmission_for_hours_and_devices_fail(world):
    day = range(int(TUESDAY) // 300 * 300 - 30 * 86_400, int(TUESDAY), 300)
    lost = [at for at in day if nature.is_lost(world.setting, "stack", 2, at)]
    assert 0.05 < len(lost) / len(day) < 0.5
    statuses = {line.status for at in day[::3] for line in nature.lines(world.setting, "air_station", 0, at)}
    assert statuses == {"00", "01", "02"}


def test_a_year_of_files_stays_small(standing):
    day = sum(
        path.stat().st_blocks * 512
        for folder in ("air", "ftp/wastewater", "sftp/stacks")
        for path in (standing.folder / folder / "2026/11/15").iterdir()
    )
    assert 0 < day * 395 < 60_000_000


@pytest.mark.parametrize(
    ("fault", "seen"),
    [
        ("truncated", lambda text: not text.endswith("\r\n")),
        ("html", lambda text: text.startswith("<html>")),
        ("wrong_type", lambda text: "không đo" in text),
        ("changed_schema", lambda text: lines_of(text)[0][0] in ("00", "01", "02")),
        ("clock_skew", lambda text: lines_of(text)[0][3] == "20261117130000"),
    ],
)
@pytest.mark.parametrize(
    ("source", "folder", "name"),
    [
        ("air_stations", "air", "MP_KHONGKHI_KK01"),
        ("wastewater_stations", "ftp/wastewater", "MP_NUOCTHAI_NT01"),
        ("stack_stations", "sftp/stacks", "MP_KHITHAI_OK01"),
    ],
)
def test_a_fault_spoils_the_newest_file_until_it_ends(standing, fault, seen, source, folder, name):
    path = standing.folder / folder / DAY / f"{name}_20261117100000.txt"
    right = path.read_bytes()
    standing.world.faults.switch(source, fault)
    standing.refresh()
    assert seen(path.read_bytes().decode())
    standing.world.faults.switch(source, "off")
    standing.refresh()
    assert path.read_bytes() == right


def test_a_file_comes_twice_is_corrected_or_vanishes(standing):
    right = read(standing, "air")
    newest = {name for name in right if name.endswith("_20261117100000.txt")}
    standing.world.faults.switch("air_stations", "duplicate")
    standing.refresh()
    assert len(newest) >= 5
    assert len(read(standing, "air")) == len(right) + len(newest)
    standing.world.faults.switch("air_stations", "late_correction")
    standing.refresh()
    corrected = read(standing, "air")
    assert {name for name in right if right[name] != corrected[name]} == newest
    standing.world.faults.switch("air_stations", "vanished_record")
    standing.refresh()
    assert len(right) - 6 <= len(read(standing, "air")) < len(right)
    standing.world.faults.clear()
    standing.refresh()
    assert read(standing, "air") == right


def test_a_directory_goes_away_and_comes_back(standing):
    right = read(standing, "air")
    standing.world.faults.switch("air_stations", "hang")
    standing.refresh()
    assert not (standing.folder / "air").exists()
    standing.world.faults.clear()
    standing.refresh()
    assert read(standing, "air") == right


def test_ftp_lists_and_reads(ftp_client):
    ftp_client.login(ftp.USER, ftp.PASSWORD)
    listed = dict(ftp_client.mlsd(f"/wastewater/{DAY}"))
    assert "MP_NUOCTHAI_NT01_20261117100000.txt" in listed
    held = io.BytesIO()
    ftp_client.retrbinary(f"RETR /wastewater/{DAY}/MP_NUOCTHAI_NT01_20261117100000.txt", held.write)
    assert held.getvalue().startswith(b"pH\t")
    with pytest.raises(ftplib.error_perm):
        ftp_client.storbinary("STOR /wastewater/x.txt", io.BytesIO(b"x"))


def test_ftp_refuses_a_wrong_password_and_every_login_under_a_fault(client, ftp_client):
    with pytest.raises(ftplib.error_perm, match="530"):
        ftp_client.login(ftp.USER, "guess")
    client.fault("wastewater_stations", "refused")
    with pytest.raises(ftplib.error_perm, match="530"):
        ftp_client.login(ftp.USER, ftp.PASSWORD)


def test_ftp_hangs_until_the_fault_ends(client, ftp_client):
    client.fault("wastewater_stations", "hang")
    ftp_client.sock.settimeout(0.5)
    with pytest.raises(TimeoutError):
        ftp_client.login(ftp.USER, ftp.PASSWORD)


def test_sftp_shows_its_key_lists_and_reads(sftp_transport):
    sftp_transport.start_client(timeout=5)
    assert sftp_transport.get_remote_server_key().get_base64() == sftp.host_key().get_base64()
    sftp_transport.auth_password(sftp.USER, sftp.PASSWORD)
    session = paramiko.SFTPClient.from_transport(sftp_transport)
    listed = {item.filename: item for item in session.listdir_attr(f"/stacks/{DAY}")}
    name = "MP_KHITHAI_OK01_20261117100000.txt"
    assert listed[name].st_mtime <= TUESDAY
    with session.open(f"/stacks/{DAY}/{name}") as file:
        assert file.read().startswith(b"PM\t")
    with pytest.raises(FileNotFoundError):
        session.listdir("/stacks/2020")
    with pytest.raises(OSError):
        session.open("/stacks/x.txt", "w")


def test_sftp_refuses_under_a_fault(client, sftp_transport):
    client.fault("stack_stations", "expired_token")
    sftp_transport.start_client(timeout=5)
    with pytest.raises(paramiko.AuthenticationException):
        sftp_transport.auth_password(sftp.USER, sftp.PASSWORD)


def test_the_workbook_has_a_row_per_hospital_and_a_few_bad_cells(world):
    bad = []
    for day in range(TODAY - 20, TODAY):
        sheet = openpyxl.load_workbook(io.BytesIO(health_workbook(world.setting, day)))[SHEET]
        rows = list(sheet.iter_rows(min_row=4, values_only=True))
        assert [row[1] for row in rows] == [f"BV{number:02d}" for number in range(1, 11)]
        bad += [cell for row in rows for cell in row[4:] if cell in BAD]
    assert set(bad) == {*BAD}
    assert len(bad) < 40


def test_a_workbook_a_day_is_dropped_at_seven(files):
    files.refresh()
    assert (
        max(path.name for path in (files.folder / "drop").glob("so_y_te_*.xlsx")) == "so_y_te_20261116.xlsx"
    )
    files.world.now.at += 20 * 3600
    files.refresh()
    assert (
        max(path.name for path in (files.folder / "drop").glob("so_y_te_*.xlsx")) == "so_y_te_20261116.xlsx"
    )
    files.world.now.at += 3600 * 2
    files.refresh()
    assert (
        max(path.name for path in (files.folder / "drop").glob("so_y_te_*.xlsx")) == "so_y_te_20261117.xlsx"
    )
    assert len(list((files.folder / "drop").glob("so_y_te_*.xlsx"))) == 10


def test_what_is_recent_is_there_at_once_and_the_rest_follows(files):
    started = time.monotonic()
    files.start()
    took = time.monotonic() - started
    assert took < 5  # a third of a second where nothing else runs on this machine
    assert (files.folder / "air" / DAY / "MP_KHONGKHI_KK01_20261117100000.txt").exists()
    for _ in range(400):
        if (files.folder / "air/2026/11/13").exists():
            break
        time.sleep(0.05)
    files.stop()
    assert (files.folder / "air/2026/11/13").exists()
