"""Vietnamese as offices wrote it before Unicode: TCVN3 (TCVN 5712:1993, ABC, fonts .Vn…) and VNI for Windows, to NFC.

Both put Vietnamese letters where Western fonts have others, so only the font or a declaration can tell them.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable

Spelling = Callable[[str], str]
"""Turns a text as Western fonts would show it into Vietnamese."""

BYTES = "cp1252"
"""How the bytes of such a text file become what the functions here take."""

_GRAVE, _HOOK, _TILDE, _ACUTE, _DOT = "\u0300", "\u0309", "\u0303", "\u0301", "\u0323"

_TCVN3_CAPITALS = dict(zip("¡¢£¤¥¦§", "ĂÂÊÔƠƯĐ", strict=True))
_TCVN3 = {
    **_TCVN3_CAPITALS,
    **dict(zip("¨©ª«¬\xad®", "ăâêôơưđ", strict=True)),
    **dict(zip("µ¶·¸¹", "àảãáạ", strict=True)),
    **dict(zip("»¼½¾Æ", "ằẳẵắặ", strict=True)),
    **dict(zip("ÇÈÉÊË", "ầẩẫấậ", strict=True)),
    **dict(zip("ÌÎÏÐÑ", "èẻẽéẹ", strict=True)),
    **dict(zip("ÒÓÔÕÖ", "ềểễếệ", strict=True)),
    **dict(zip("×ØÜÝÞ", "ìỉĩíị", strict=True)),
    **dict(zip("ßáâãä", "òỏõóọ", strict=True)),
    **dict(zip("åæçèé", "ồổỗốộ", strict=True)),
    **dict(zip("êëìíî", "ờởỡớợ", strict=True)),
    **dict(zip("ïñòóô", "ùủũúụ", strict=True)),
    **dict(zip("õö÷øù", "ừửữứự", strict=True)),
    **dict(zip("úûüýþ", "ỳỷỹýỵ", strict=True)),
}
_TCVN3_TABLE = str.maketrans(_TCVN3)

# VNI writes most letters as two characters: a plain one, and one for its hat, its tone, or both
_VNI_ALONE = {"ö": "ư", "ô": "ơ", "ñ": "đ", "í": "í", "ì": "ì", "æ": "ỉ", "ó": "ĩ", "ò": "ị", "î": "ỵ"}
_VNI_TONES = {"ø": _GRAVE, "û": _HOOK, "õ": _TILDE, "ù": _ACUTE, "ï": _DOT}
_VNI_HATS = {"â": "", "à": _GRAVE, "å": _HOOK, "ã": _TILDE, "á": _ACUTE, "ä": _DOT}
_VNI_BREVES = {"ê": "", "è": _GRAVE, "ú": _HOOK, "ü": _TILDE, "é": _ACUTE, "ë": _DOT}


def _vni() -> dict[str, str]:
    small = dict(_VNI_ALONE)
    for base in "aeouyôö":
        letter = _VNI_ALONE.get(base, base)
        small |= {base + mark: letter + tone for mark, tone in _VNI_TONES.items()}
    for base in "aeo":
        small |= {base + mark: f"{base}\u0302{tone}" for mark, tone in _VNI_HATS.items()}
    small |= {f"a{mark}": f"a\u0306{tone}" for mark, tone in _VNI_BREVES.items()}
    pairs = {written: unicodedata.normalize("NFC", meant) for written, meant in small.items()}
    large = {written.upper(): meant.upper() for written, meant in pairs.items()}
    # a capital letter with the mark of a small one is what a hasty typist leaves
    mixed = {
        written[0].upper() + written[1:]: meant.upper()
        for written, meant in pairs.items()
        if len(written) > 1
    }
    return {**pairs, **mixed, **large}


_VNI = _vni()
_VNI_WRITTEN = re.compile("|".join(sorted(map(re.escape, _VNI), key=len, reverse=True)))


def tcvn3(text: str) -> str:
    """Read TCVN3; its toned capitals have the codes of small letters, so "Êp" is "ấp"."""
    return text.translate(_TCVN3_TABLE)


def tcvn3_capitals(text: str) -> str:
    """Read TCVN3 in one of its fonts of capitals (.VnTimeH), where small letters look large."""
    return tcvn3(text).upper()


def vni(text: str) -> str:
    """Read VNI for Windows."""
    return _VNI_WRITTEN.sub(lambda found: _VNI[found[0]], text)


SPELLINGS: dict[str, Spelling] = {"tcvn3": tcvn3, "vni": vni}
"""What a declaration may name."""


def of_font(name: str) -> Spelling | None:
    """Return how a font's texts are read, None for one whose texts are Unicode."""
    name = name.strip("'\" ")
    if re.match(r"\.Vn", name, re.I):
        return tcvn3_capitals if re.search(r"[a-z ]H$", name) else tcvn3
    return vni if re.match(r"VNI[- ]", name, re.I) else None


def spelled(text: str, spelling: Spelling | None) -> str:
    """Read a text by its font or declaration; one with letters that such fonts lack is Unicode already."""
    if spelling is None or (not text.isascii() and not _is_western(text)):
        return text
    return spelling(text)


def _is_western(text: str) -> bool:
    try:
        text.encode(BYTES)
    except UnicodeEncodeError:
        return False
    return True
