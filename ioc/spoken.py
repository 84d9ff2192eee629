"""How numbers, units and instants are written in sentences, in Vietnamese and English."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import ROUND_HALF_UP, Decimal

from ioc.calendar import local_day, local_time

UNITS: dict[str, tuple[str, str]] = {
    "%": ("%", "%"),
    "1": ("", ""),
    "": ("", ""),
    "{dossier}": ("hồ sơ", "dossiers"),
    "{report}": ("phản ánh", "reports"),
    "{case}": ("ca", "cases"),
    "{certificate}": ("giấy", "certificates"),
    "{bed}": ("giường", "beds"),
    "{visit}": ("lượt", "visits"),
    "{outbreak}": ("ổ dịch", "outbreaks"),
    "{station}": ("trạm", "stations"),
    "{exceedance}": ("lần vượt", "exceedances"),
    "{score}": ("điểm", "points"),
    "{point}": ("điểm", "points"),
    "{facility}": ("cơ sở", "facilities"),
    "{index}": ("", ""),
    "{rank}": ("hạng", "rank"),
    "d": ("ngày", "days"),
    "h": ("giờ", "hours"),
    "min": ("phút", "min"),
    "{working_day}": ("ngày làm việc", "working days"),
    "ug/m3": ("µg/m³", "µg/m³"),
    "mg/m3": ("mg/m³", "mg/m³"),
    "mg/L": ("mg/l", "mg/l"),
    "Cel": ("°C", "°C"),
    "mm": ("mm", "mm"),
    "VND": ("đồng", "VND"),
    "MVND": ("tr. đồng", "m VND"),
    "{task}": ("nhiệm vụ", "tasks"),
    "{document}": ("văn bản", "documents"),
    "{agency}": ("cơ quan", "agencies"),
    "{portal}": ("cổng", "portals"),
    "{person}": ("người", "people"),
    "{household}": ("hộ", "households"),
    "{project}": ("dự án", "projects"),
    "{procedure}": ("thủ tục", "procedures"),
    "{commune}": ("xã, phường", "communes"),
    "{park}": ("khu", "parks"),
    "{record}": ("bản ghi", "records"),
    "GVND": ("tỷ đồng", "bn VND"),
    "{level}": ("cấp", "level"),
    "{warning}": ("bản tin", "warnings"),
    "{house}": ("nhà", "houses"),
    "{reservoir}": ("hồ", "reservoirs"),
    "m3/s": ("m³/s", "m³/s"),
}
"""What is written after a number: Vietnamese, English in the plural. A province adds its own (data/glossary.toml)."""

KEYS: dict[str, tuple[str, str]] = {
    "online": ("Trực tuyến", "Online"),
    "direct": ("Trực tiếp", "In person"),
    "post": ("Bưu chính", "Post"),
    "phone": ("Điện thoại", "Telephone"),
    "hotline": ("Tổng đài", "Hotline"),
    "app": ("Ứng dụng", "App"),
    "web": ("Trang web", "Website"),
    "zalo": ("Zalo", "Zalo"),
    "facebook": ("Facebook", "Facebook"),
    "email": ("Thư điện tử", "E-mail"),
}
"""How channels, categories and other keys of records are called; a province adds its own."""

_IRREGULAR = {"people": "person", "news": "news", "series": "series"}
_SWAPPED = str.maketrans(",.", ".,")


def number(value: float, lang: str, decimals: int | None = None) -> str:
    """Return a number as people write it: 1.234.567,8 or 1,234,567.8; None: as many decimals as it has, at most 3."""
    exact = Decimal(repr(value))
    if decimals is None:
        # at most three decimals, rounded as one rounds by hand; what does not matter falls away
        exact = exact.quantize(Decimal("0.001"), rounding=ROUND_HALF_UP)
        text = f"{exact:,f}".rstrip("0").rstrip(".")
    else:
        text = f"{exact.quantize(Decimal(1).scaleb(-decimals), rounding=ROUND_HALF_UP):,f}"
    if text.startswith("-") and not text.strip("-0.,"):
        text = text[1:]
    return text if lang == "en" else text.translate(_SWAPPED)


def unit(code: str, lang: str, value: float | None = None) -> str:
    """Return how a unit is written after a number, in English in the singular after 1; an unknown one as declared."""
    known = UNITS.get(code)
    if known is None:
        return code.strip("{}").replace("_", " ")
    text = known[lang == "en"]
    if lang == "en" and value == 1 and code.startswith(("{", "d", "h")):
        return _one(text)
    return text


def _one(many: str) -> str:
    """Return the singular of an English plural as units have them."""
    if many in _IRREGULAR:
        return _IRREGULAR[many]
    if many.endswith("ies"):
        return f"{many[:-3]}y"
    return many[:-2] if many.endswith(("sses", "ches", "shes", "xes")) else many.removesuffix("s")


def measured(value: float, code: str, lang: str, decimals: int | None = None) -> str:
    """Return a number with its unit: 71,7%, 32 phản ánh."""
    written, after = number(value, lang, decimals), unit(code, lang, value)
    return f"{written}%" if after == "%" else f"{written} {after}".rstrip()


def learn(units: Mapping[str, tuple[str, str]], keys: Mapping[str, tuple[str, str]]) -> None:
    """Add the words that a province declares, for this process."""
    UNITS.update(units)
    KEYS.update(keys)


def called(name: str, lang: str) -> str:
    """Return how a key of records is called; one that nobody planned for by the name it came with."""
    known = KEYS.get(name)
    return known[lang == "en"] if known else name


def day(epoch: float) -> str:
    """Return a local day: 21/11/2026."""
    return f"{local_time(epoch):%d/%m/%Y}"


def moment(epoch: float, now: float | None = None) -> str:
    """Return a local moment: 07:40 21/11/2026, or 07:40 alone on the day of now."""
    when = local_time(epoch)
    if now is not None and local_day(epoch) == local_day(now):
        return f"{when:%H:%M}"
    return f"{when:%H:%M %d/%m/%Y}"
