"""How units, bands, keys of records, substances and long names are written."""

from __future__ import annotations

from ioc.spoken import UNITS, called, unit

__all__ = ["BANDS", "SUBSTANCES", "UNITS", "called", "shorter", "unit"]

BANDS: dict[str, tuple[str, str]] = {
    "good": ("Tốt", "Good"),
    "moderate": ("Trung bình", "Moderate"),
    "poor": ("Kém", "Poor"),
    "bad": ("Xấu", "Bad"),
    "very_bad": ("Rất xấu", "Very bad"),
    "hazardous": ("Nguy hại", "Hazardous"),
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


def shorter(name: str) -> str:
    """Return the name of a commune, its committee or a hospital as lists write it: P. Cẩm Phả, BV Bãi Cháy."""
    bare = name.removeprefix("UBND ")
    for long, short in _SHORTER:
        if bare.lower().startswith(long):
            return short + bare[len(long) :]
    return name
