"""The limits and tables of the law that indicators judge by, read once from data/standards."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from ioc.indicators.statutory import disease, index_766, qcvn, vn_aqi, vn_wqi

FOLDER = Path(__file__).resolve().parents[2] / "data" / "standards"


@dataclass(frozen=True, slots=True)
class Standards:
    """Air and water quality index, ambient limits, disease thresholds, and the groups of the index of Decision 766."""

    aqi: vn_aqi.Standard
    wqi: vn_wqi.Standard
    air: tuple[qcvn.AirLimit, ...]
    disease: disease.Standard
    groups_766: tuple[index_766.Group, ...]


def load_standards(folder: Path = FOLDER) -> Standards:
    """Read the standards. Raises DeclarationError."""
    return Standards(
        vn_aqi.load_standard(folder / "vn_aqi.toml"),
        vn_wqi.load_standard(folder / "vn_wqi.toml"),
        qcvn.load_air_limits(folder / "qcvn_05.toml"),
        disease.load_standard(folder / "disease.toml"),
        index_766.load_groups(folder / "index_766.toml"),
    )
