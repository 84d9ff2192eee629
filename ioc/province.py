"""The province that this installation serves, as data/province.toml declares it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from pathlib import Path

from ioc.calendar import ZONE_NAME
from ioc.model import Text
from ioc.territory import Territory, UnknownAreaError
from ioc.toml_file import read

KEYS = frozenset({
    "code", "title", "emblem", "hotline", "locale", "zone", "boundaries", "boundaries_code", "neighbours",
    "vn2000_epsg",
})  # fmt: skip


@dataclass(frozen=True, slots=True)
class Province:
    """What a province says of itself; files are absolute paths or None.

    locale: "vi" or "en", the language of a first visit. vn2000_epsg: EPSG codes of its cadastral layers.
    boundaries_code: property with the commune's code, "" to try the usual names.
    """

    code: str
    title: Text
    hotline: str
    locale: str
    zone: str
    utc_offset_s: int
    emblem: Path | None = None
    boundaries: Path | None = None
    boundaries_code: str = ""
    neighbours: Path | None = None
    vn2000_epsg: tuple[int, ...] = ()


def load_province(data: Path, territory: Territory, at: date | None = None) -> Province:
    """Read data/province.toml. Raises DeclarationError, also for a code that no province of today has."""
    top = read(data / "province.toml")
    top.keys(frozenset(("province",)))
    table = top.table("province")
    table.keys(KEYS)
    code = table.text("code")
    try:
        territory.province(code, at)
    except UnknownAreaError:
        known = ", ".join(f"{area.code} {area.name}" for area in territory.areas("province", at))
        raise table.fault(
            "code", f"expected the code of a province of today ({known}), found {code!r}"
        ) from None
    zone = table.text("zone", ZONE_NAME)
    if zone != ZONE_NAME:
        raise table.fault("zone", f"expected {ZONE_NAME}: days are counted in its +07:00, found {zone!r}")
    locale = table.text("locale", "vi")
    if locale not in ("vi", "en"):
        raise table.fault("locale", f'expected "vi" or "en", found {locale!r}')
    title = table.table("title")

    def file(key: str) -> Path | None:
        name = table.text(key, "")
        if not name:
            return None
        path = data / name
        if not path.is_file():
            raise table.fault(
                key, f"expected a file beside province.toml or an absolute path; {path} is not there"
            )
        return path

    return Province(
        code=code,
        title=Text(title.text("vi"), title.text("en")),
        hotline=table.text("hotline", "1022"),
        locale=locale,
        zone=zone,
        utc_offset_s=7 * 3600,
        emblem=file("emblem"),
        boundaries=file("boundaries"),
        boundaries_code=table.text("boundaries_code", ""),
        neighbours=file("neighbours"),
        vn2000_epsg=table.numbers("vn2000_epsg") if "vn2000_epsg" in table else (),
    )
