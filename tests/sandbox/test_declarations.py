"""The sandbox's declarations are read without a fault, for every province."""

from __future__ import annotations

import json

import pytest

import connectors
from ioc import catalogue
from ioc.agencies import load_agencies
from ioc.territory import Territory
from sandbox import declarations, faults, sftp, sites
from tests.sandbox.conftest import DATA

ADDRESSES = {
    "sandbox": "http://127.0.0.1:8051",
    "sandbox_ftp": "ftp://127.0.0.1:8052",
    "sandbox_sftp": "sftp://127.0.0.1:8053",
    "sandbox_files": "sandbox-files",
}


@pytest.fixture(scope="module")
def territory():
    return Territory(DATA / "territory")


def load(overlay, territory, province):
    agencies = load_agencies(DATA, territory, province)
    return catalogue.load(
        DATA,
        overlay=overlay,
        environ={},
        sandbox=ADDRESSES,
        check_source=connectors.check,
        known_agency=agencies.knows,
    )


@pytest.mark.parametrize("province", ["22", "01", "38", "79", "92", "12"])
def test_every_source_and_site_is_read_without_a_fault(territory, tmp_path, province):
    found = load(declarations.folder(province, territory, tmp_path), territory, province)
    assert [str(fault) for fault in found.faults] == []
    assert {*found.sources} == {*faults.SOURCES}
    assert {*found.sites} == {*sites.tables("22", territory)}
    communes = {area.code for area in territory.communes(province)}
    assert {site.area for site in found.sites.values()} <= communes
    assert found.sources["national_portal_766"].options["place"] == province


def test_names_follow_the_commune_where_a_site_then_stands(territory, tmp_path):
    home = load(declarations.folder("22", territory, tmp_path), territory, "22").sites["hospital_2"]
    away = load(declarations.folder("92", territory, tmp_path), territory, "92").sites["hospital_2"]
    assert home.name.vi == "Bệnh viện Bãi Cháy"
    assert away.name.vi == f"Bệnh viện {territory.area(away.area).name}"


def test_every_limit_has_a_basis_and_every_station_a_file_code(territory, tmp_path):
    found = load(declarations.folder("22", territory, tmp_path), territory, "22")
    limits = [limit for site in found.sites.values() for limit in site.limits]
    # wastewater, stacks, river alarms, reservoirs, coastal water
    assert len(limits) == 6 * 5 + 3 * 4 + 5 * 3 + 4 * 2 + 2 * 4
    assert all(limit.basis and limit.variable in found.variables for limit in limits)
    for source in ("air_stations", "wastewater_stations", "stack_stations"):
        for code, site in found.sources[source].options["stations"].items():
            assert found.site(code) is found.sites[site]


def test_no_declared_field_is_a_personal_one(territory, tmp_path):
    found = load(declarations.folder("22", territory, tmp_path), territory, "22")
    personal = (
        "ChuHoSo",
        "SoDienThoai",
        "Email",
        "TrichYeuHoSo",
        "reporter",
        "content",
        "title",
        "chu_su_dung",
        "dien_thoai",
    )
    for source in found.sources.values():
        mapped = json.dumps(source.options.get("fields", {}))
        assert not [name for name in personal if name in mapped], source.id


def test_the_pinned_key_is_the_servers(territory, tmp_path):
    found = load(declarations.folder("22", territory, tmp_path), territory, "22")
    key = sftp.host_key()
    assert found.sources["stack_stations"].auth["host_key"] == f"{key.get_name()} {key.get_base64()}"
