"""Units that sources write, turned into the units of the catalogue (UCUM)."""

from __future__ import annotations

import unicodedata

_SPELLINGS = {"°C": "Cel", "ºC": "Cel", "°F": "[degF]", "℃": "Cel", "m³": "m3", "km/h": "km/h", "l": "L",
              "mp/h": "[mi_i]/h", "mph": "[mi_i]/h", "kn": "[kn_i]", "inch": "[in_i]", "°": "deg"}  # fmt: skip

# Each family by the size of its units in one of them. ppm and ppb are no mass per volume: what they weigh depends on
# the substance and the temperature, so a declaration that has them says its own factor.
_FAMILIES: tuple[dict[str, float], ...] = (
    {"ng/m3": 1e-3, "ug/m3": 1.0, "mg/m3": 1e3, "g/m3": 1e6},
    {"ug/Nm3": 1.0, "mg/Nm3": 1e3, "g/Nm3": 1e6},
    {"ug/L": 1e-3, "mg/L": 1.0, "g/L": 1e3},
    {"mm": 1.0, "cm": 10.0, "m": 1e3, "km": 1e6, "[in_i]": 25.4, "[ft_i]": 304.8},
    {"m/s": 1.0, "km/h": 1 / 3.6, "[mi_i]/h": 0.44704, "[kn_i]": 1852 / 3600},
    {"Pa": 1.0, "hPa": 100.0, "mbar": 100.0, "kPa": 1e3, "bar": 1e5},
    {"%": 1.0, "1": 100.0},
    {"s": 1.0, "min": 60.0, "h": 3600.0, "d": 86_400.0},
    {"m3/h": 1.0, "m3/d": 1 / 24, "m3/s": 3600.0, "L/s": 3.6},
    {"m3": 1.0, "L": 1e-3},
    {"m2": 1.0, "ha": 1e4, "km2": 1e6},
    {"VND": 1.0, "k[VND]": 1e3, "M[VND]": 1e6, "G[VND]": 1e9},
)


def spelled(unit: str) -> str:
    """Return a unit in the catalogue's spelling: "µg/m³" is ug/m3, "°C" is Cel."""
    unit = unit.strip()
    if unit in _SPELLINGS:
        return _SPELLINGS[unit]
    return unicodedata.normalize("NFKC", unit).replace("μ", "u").replace("/l", "/L")


def conversion(unit: str, to: str) -> tuple[float, float]:
    """Return (factor, offset) so that value * factor + offset is in the unit `to`.

    Raises ValueError where no conversion is known.
    """
    unit, to = spelled(unit), spelled(to)
    if unit == to:
        return 1.0, 0.0
    if (unit, to) == ("[degF]", "Cel"):
        return 5 / 9, -160 / 9
    if (unit, to) == ("K", "Cel"):
        return 1.0, -273.15
    for family in _FAMILIES:
        if unit in family and to in family:
            return family[unit] / family[to], 0.0
    raise ValueError(f"no conversion from {unit} to {to} is known: write the factor yourself")
