"""Every word on the screens, in Vietnamese (the source) and English: one glossary, one spelling, a module per room."""

from __future__ import annotations

from layouts.words import common, data, desk, morning, panels, trust
from layouts.words.names import BANDS, SUBSTANCES, UNITS, called, shorter, unit

__all__ = [
    "BANDS",
    "LANGUAGES",
    "SUBSTANCES",
    "UNITS",
    "WORDS",
    "called",
    "language",
    "say",
    "shorter",
    "unit",
]

LANGUAGES = ("vi", "en")

WORDS: dict[str, tuple[str, str]] = {
    **common.WORDS,
    **panels.WORDS,
    **desk.WORDS,
    **data.WORDS,
    **trust.WORDS,
    **morning.WORDS,
}


def say(key: str, lang: str, /, **values: object) -> str:
    """Return the words of a key, with its {places} filled. Raises KeyError for a key that is not declared."""
    text = WORDS[key][lang == "en"]
    return text.format(**values) if values else text


def language(value: object) -> str:
    """Return "vi" or "en" from whatever a URL or a cookie says."""
    return "en" if value == "en" else "vi"
