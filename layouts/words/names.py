"""How units, bands, channels, substances and long names are written."""

from __future__ import annotations

from ioc.spoken import UNITS, unit

__all__ = ["BANDS", "CHANNELS", "SUBSTANCES", "UNITS", "channel", "shorter", "unit"]

BANDS: dict[str, tuple[str, str]] = {
    "good": ("Tốt", "Good"),
    "moderate": ("Trung bình", "Moderate"),
    "poor": ("Kém", "Poor"),
    "bad": ("Xấu", "Bad"),
    "very_bad": ("Rất xấu", "Very bad"),
    "hazardous": ("Nguy hại", "Hazardous"),
}


CHANNELS: dict[str, tuple[str, str]] = {
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

SUBSTANCES = {
    "pm25": "PM2,5",
    "pm2_5": "PM2,5",
    "pm10": "PM10",
    "o3": "O₃",
    "no2": "NO₂",
    "so2": "SO₂",
    "co": "CO",
}

_SHORTER = (
    ("phường ", "P. "),
    ("xã ", "X. "),
    ("đặc khu ", "ĐK "),
    ("bệnh viện ", "BV "),
    ("trung tâm y tế ", "TTYT "),
)


def channel(key: str, lang: str) -> str:
    """Return how a channel is called; one that nobody planned for by the name it came with."""
    known = CHANNELS.get(key)
    return known[lang == "en"] if known else key


def shorter(name: str) -> str:
    """Return the name of a commune, its committee or a hospital as lists write it: P. Cẩm Phả, BV Bãi Cháy."""
    bare = name.removeprefix("UBND ")
    for long, short in _SHORTER:
        if bare.lower().startswith(long):
            return short + bare[len(long) :]
    return name
