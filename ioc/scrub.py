"""Takes phone numbers, e-mail addresses and identity numbers out of free text."""

from __future__ import annotations

import re

MARK = "[…]"

# Vietnamese numbers: 0 or +84, then 8 to 10 digits, in groups as people type them; identity cards carry 9 digits,
# citizen numbers 12. A digit, letter or joining mark right beside them makes it a code of another kind.
_PERSONAL = re.compile(
    r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+"
    r"|(?<![\w.,/-])(?:\(?(?:\+|00)84\)?|\(?0)(?:[ .\-()]{0,2}\d){8,10}(?!\d|[.,/-]?\w)"
    r"|(?<![\w.,/-])84\d{9}(?!\w)"
    r"|(?<![\w.,/-])\d{3}( ?)\d{3}\1\d{3}(?:\1\d{3})?(?![\w/-]|[.,]\d)"
)
_SUSPECT = re.compile(r"@|\d(?:[ .\-()]{0,2}\d){7}")


def scrub(text: str) -> str:
    """Return text with every phone number, e-mail address and 9- or 12-digit number replaced by a mark."""
    if len(text) < 5 or not _SUSPECT.search(text):
        return text
    return _PERSONAL.sub(MARK, text)
