"""Vietnamese names: one matching key for all spellings, and the order of the Vietnamese alphabet."""

from __future__ import annotations

import re
import unicodedata

ALPHABET = "aăâbcdđeêfghijklmnoôơpqrstuưvwxyz"
"""Letters in order; f, j, w and z stand where Latin has them."""

TONES = "\u0300\u0309\u0303\u0301\u0323"
"""Huyền, hỏi, ngã, sắc, nặng: the order in which dictionaries list them, after no tone."""

_RANK = {letter: index + 100 for index, letter in enumerate(ALPHABET)}
_TONE_RANK = {tone: index + 1 for index, tone in enumerate(TONES)}
_PARTS = re.compile(r"\d+|\D")
_NOT_WORD = re.compile(r"[^\w]+")


def clean(text: str) -> str:
    """Return text in NFC with every run of white space, line breaks included, as one space."""
    return " ".join(unicodedata.normalize("NFC", text).split())


def match_key(text: str) -> str:
    """Return what two spellings of one name share: case, white space, punctuation, NFC and tone place put aside.

    "Thanh Hoá" and "Thanh Hóa" have one key; "Hòa" and "Hoa" have two. "&" is read as "và".
    """
    if "&" in text:
        text = text.replace("&", " và ")
    if text.isascii():
        return " ".join(_NOT_WORD.sub(" ", text.lower()).split())
    words = _NOT_WORD.sub(" ", unicodedata.normalize("NFC", text).lower()).split()
    return " ".join(word if word.isascii() else "".join(_letters_then_tone(word)) for word in words)


def collation_key(text: str) -> tuple[tuple[int, ...], tuple[int, ...], str]:
    """Return a key that sorts in Vietnamese: letters first (a ă â b c d đ …), then tones, numbers by value."""
    letters: list[int] = []
    tones: list[int] = []
    for part in _PARTS.findall(unicodedata.normalize("NFC", text).lower()):
        if part.isdigit():
            letters += (50, len(part.lstrip("0")), *(ord(digit) for digit in part.lstrip("0")))
            continue
        bare, tone = _letters_then_tone(part) if not part.isascii() else (part, "")
        if bare in _RANK:
            letters.append(_RANK[bare])
            tones.append(_TONE_RANK.get(tone, 0))
        elif part.isspace():
            letters.append(1)
        else:
            letters.append(2)
    return tuple(letters), tuple(tones), text


def _letters_then_tone(word: str) -> tuple[str, str]:
    """Split a lower-case word into its letters (with ă â ê ô ơ ư đ) and its tone marks."""
    apart = unicodedata.normalize("NFD", word)
    tone = "".join(mark for mark in apart if mark in TONES)
    bare = "".join(mark for mark in apart if mark not in TONES)
    return unicodedata.normalize("NFC", bare), tone
