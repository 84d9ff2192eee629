"""The whole of collect over loopback HTTP and from files, against parsing and mapping the same bytes alone."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import orjson

import app
import connectors
from benchmarks import measured
from benchmarks.measured import figure, middle, ratio, running, say
from connectors import mapping, rest_json, station_files, station_lines
from connectors.answer import Answer
from connectors.http import Sessions
from connectors.json_body import read_json
from connectors.mapping import on_page, translate
from ioc import settings as environment
from ioc.collect import Collector
from ioc.indicators.flows import measures
from ioc.memory import settle
from ioc.model import Source
from ioc.product import Declared, Product, open_product
from ioc.resolve import Resolver
from ioc.store import ensure_measures

ROUNDS = 3
PAGES, PER_PAGE = 16, 500
STATIONS, HOURS = 6, 160


def run(home: Path) -> None:
    """Measure dossiers over HTTP and station values from files; CPU seconds of this one process."""
    settle()  # as the collector does before its first poll
    say("Collecting: CPU per record on one core, into a new SQLite store each round")
    env = measured.environment(home)
    settings = environment.load({**env, "IOC_STORE_URL": ""})
    declared = app._declare(settings)
    _dossiers(home, declared)
    _stations(home, declared)


def _dossiers(home: Path, declared: Declared) -> None:
    folder = home / "dossiers"
    folder.mkdir()
    port = measured.free_ports(1)
    bodies = [_page(declared, number, port) for number in range(1, PAGES + 1)]
    for number, body in enumerate(bodies, 1):
        (folder / f"{number}.json").write_bytes(body)
    one_stop = declared.catalogue.sources["one_stop"]
    options = {key: value for key, value in one_stop.options.items() if key != "window"}
    source = replace(
        one_stop,
        url=f"http://127.0.0.1:{port}/1.json",
        auth={"kind": "none"},
        options={**options, "paging": {"kind": "next", "next": "next"}},
    )

    def alone() -> int:
        mapped, count = mapping.compiled(source), 0
        for number, body in enumerate(bodies, 1):
            content = read_json(body, "application/json")
            items = rest_json.items_of(source, content, Answer(200, {}, body, source.url))
            count += len(translate(mapped, items, on_page(number)).records)
        return count

    served = ["-m", "http.server", str(port), "--bind", "127.0.0.1", "--protocol", "HTTP/1.1"]
    with running([*served, "--directory", str(folder)], dict(os.environ), home / "dossiers.log"):
        measured.wait_for(port, "/1.json", 20)
        _compare("dossiers", home, declared, source, alone, floor=5_000)


def _stations(home: Path, declared: Declared) -> None:
    folder = home / "stations"
    day = datetime.now(UTC).replace(minute=0, second=0, microsecond=0) - timedelta(hours=HOURS + 8)
    contents = []
    for hour in range(HOURS):
        for station in range(1, STATIONS + 1):
            at = day + timedelta(hours=hour + 7)
            path = folder / f"{at:%Y/%m/%d}" / f"MP_KHONGKHI_KK{station:02d}_{at:%Y%m%d%H%M%S}.txt"
            content = _file(at, station)
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)
            os.utime(path, (day.timestamp(), day.timestamp()))
            contents.append((path.name, content))
    stations = declared.catalogue.sources["air_stations"]
    source = replace(stations, url=str(folder), options={**stations.options, "start": "9d"})

    def alone() -> int:
        (layout,) = station_files._layouts(source.options)
        count = 0
        for name, content in contents:
            text = station_lines.decoded(content, layout.encodings)
            for part in station_lines.translate(text, name, name.rpartition("_")[0], layout, source.earliest):
                count += len(part.records)
        return count

    _compare("station values", home, declared, source, alone, floor=50_000)


def _compare(
    name: str, home: Path, declared: Declared, source: Source, alone: Callable[[], int], floor: int
) -> None:
    mapped, whole, shares = [], [], []
    for round in range(ROUNDS):
        began = time.process_time()
        count = alone()
        mapping_s = time.process_time() - began
        with_store = replace(
            declared,
            settings=replace(declared.settings, store_url=f"sqlite:///{home}/{source.id}-{round}.sqlite"),
        )
        product = open_product(with_store)
        collector = _collector(product, source)
        began = time.process_time()
        outcome = collector.poll(source)
        collect_s = time.process_time() - began
        product.store.close()
        if outcome.outcome != "changed" or outcome.records != count:
            raise RuntimeError(f"{name}: {outcome}, but {count} records were mapped")
        mapped.append(count / mapping_s)
        whole.append(count / collect_s)
        shares.append(mapping_s / collect_s)
    figure(f"{name}, parsed and mapped alone", f"{middle(mapped):,.0f}/s")
    rate, share = middle(whole), middle(shares)
    ratio(f"{name}, collected per second", rate, f">= {floor}", rate >= floor)
    ratio(f"{name}, mapping alone : the whole of collect", share, ">= 0.5", share >= 0.5)


def _collector(product: Product, source: Source) -> Collector:
    counted = tuple(measures(product.definitions.values(), product.calendar))
    with product.store.writing(0) as commit:
        ensure_measures(commit, counted)
    resolver = Resolver(product.catalogue, product.territory, product.agencies, product.province.code)
    stamps = {variable.id: variable.stamp for variable in product.catalogue.variables.values()}
    fetch = connectors.fetcher(Sessions())
    return Collector(
        product.store, 0, {source.id: fetch}, resolver, counted, product.engine.affects, stamps, lambda: None
    )


def _page(declared: Declared, number: int, port: int) -> bytes:
    """Write one answer of a one-stop system: 500 dossiers, most of them closed, personal fields and all."""
    now = datetime.now(UTC) + timedelta(hours=7)
    communes = declared.territory.communes(declared.province.code, now.date())
    agencies = [one for one in declared.agencies.agencies(now.date()) if one.kind != "commune"]
    items: list[dict[str, object]] = []
    for i in range(PER_PAGE):
        n = number * PER_PAGE + i
        opened = now - timedelta(days=60, minutes=-7 * n)
        closed = n % 8 != 0
        agency = agencies[n % len(agencies)].name.vi
        items.append(
            {
                "MaHoSo": f"H22.20-{n:08d}",
                "MaTTHC": f"1.{n % 180:06d}",
                "TenTTHC": "Cấp giấy chứng nhận đăng ký hộ kinh doanh",
                "TenLinhVuc": ("Đất đai", "Hộ tịch", "Đầu tư", "Xây dựng")[n % 4],
                "KenhThucHien": "123"[n % 3],
                "MucDo": ("TOAN_TRINH", "MOT_PHAN")[n % 2],
                "LoaiDoiTuong": "012"[n % 3],
                "ChuHoSo": f"CÔNG DÂN {n:06d}",
                "SoDienThoai": f"09{n:08d}",
                "Email": f"cd{n}@example.invalid",
                "TrichYeuHoSo": f"Cấp giấy chứng nhận của CÔNG DÂN {n:06d}",
                "NgayNopHoSo": f"{opened:%Y%m%d%H%M%S}",
                "NgayTiepNhan": f"{opened:%Y%m%d%H%M%S}",
                "NgayHenTra": f"{opened + timedelta(days=7):%Y%m%d%H%M%S}",
                "NgayKetThucXuLy": f"{opened + timedelta(days=n % 9, minutes=5):%Y%m%d%H%M%S}"
                if closed
                else "",
                "TrangThaiHoSo": "10" if closed else "4",
                "BuocXuLy": "Trả kết quả" if closed else "Thẩm định",
                "DonViXuLy": agency,
                "NoiNopHoSo": agency,
                "DonViDangGiu": agency,
                "DiaBan": communes[n % len(communes)].code,
                "DanhSachHoSoBoSung": [],
                "ThoiGianTamDung": 0,
                "HoSoCoThanhPhanSoHoa": "1",
                "KetQuaDienTu": "1" if closed else "",
                "TaiSuDungDuLieu": "0",
                "PhaiThuPhi": "1",
                "DuocThanhToanTrucTuyen": "1",
                "DanhGia": "HAI_LONG" if n % 5 == 0 else "",
                "NgayCapNhat": f"{opened + timedelta(days=n % 9, minutes=6):%Y%m%d%H%M%S}",
            }
        )
    following = f"http://127.0.0.1:{port}/{number + 1}.json" if number < PAGES else ""
    data = {"items": items, "total": PAGES * PER_PAGE}
    return orjson.dumps({"error_code": 0, "message": "", "data": data, "next": following})


def _file(hour: datetime, station: int) -> bytes:
    """Write one hour of a station, six parameters every five minutes, as TT 10/2021 asks."""
    lines = []
    for minute in range(0, 60, 5):
        at = f"{hour + timedelta(minutes=minute):%Y%m%d%H%M%S}"
        for i, name in enumerate(("PM2,5", "PM10", "SO2", "NO2", "CO", "O3")):
            lines.append(f"{name}\t{20 + i + minute / 7 + station:.2f}\tug/Nm3\t{at}\t00")
    return ("\r\n".join(lines) + "\r\n").encode()
