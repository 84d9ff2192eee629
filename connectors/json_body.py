"""Reads a body that was agreed to be JSON or text, and says in a sentence what came instead."""

from __future__ import annotations

import codecs
import json
import re
from collections.abc import Callable
from typing import Any, NoReturn

import jmespath
import orjson

from ioc.errors import ContractError
from ioc.scrub import scrub

_BOMS = ((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"))
_CHARSET = re.compile(r"charset\s*=\s*[\"']?([\w.:-]+)", re.I)
_TITLE = re.compile(rb"<title[^>]*>(.{0,200}?)</title", re.I | re.S)
_SURROGATES = re.compile("[\ud800-\udfff]")
Clean = Callable[[str], str]
_WORDS = ("message", "error_description", "detail", "description", "title", "reason", "error")


def read_json(body: bytes, content_type: str, status: int | None = None, clean: Clean = scrub) -> Any:
    """Read JSON in any charset that its header or its first bytes name.

    NaN reads as null, and half of a broken emoji as "�". Raises ContractError saying what came instead.
    """
    try:
        return orjson.loads(body)
    except orjson.JSONDecodeError:
        pass
    start = body[:512].lstrip(codecs.BOM_UTF8 + b" \t\r\n").lower()
    if start.startswith(b"<") or "html" in content_type.lower():
        _refuse_markup(body, start, status, clean)
    if not body.strip():
        raise ContractError("Nguồn trả lời rỗng thay vì JSON.", status=status)
    text = text_of(body, content_type, status)
    try:
        return _tidy(json.loads(text, parse_constant=lambda _name: None, parse_int=_whole))
    except json.JSONDecodeError as error:
        if error.pos >= len(text.rstrip()) or error.msg.startswith("Unterminated"):
            raise ContractError(
                f"Câu trả lời JSON bị cắt giữa chừng: kết thúc sau {len(body)} byte.", status=status
            ) from None
        at = len(text[: error.pos].encode(errors="replace"))
        raise ContractError(f"Câu trả lời không phải là JSON đúng: sai ở byte {at}.", status=status) from None
    except (RecursionError, ValueError):
        raise ContractError("Câu trả lời JSON lồng nhau quá sâu hoặc có số quá dài.", status=status) from None


def text_of(body: bytes, content_type: str, status: int | None = None) -> str:
    """Decode a body: by its byte order mark, else its declared charset, else UTF-8; raises ContractError."""
    for mark, charset in _BOMS:
        if body.startswith(mark):
            return _decoded(body[len(mark) :], charset, status)
    declared = _CHARSET.search(content_type)
    return _decoded(body, declared[1] if declared else "utf-8", status)


def said(body: bytes, clean: Clean = scrub) -> str:
    """Return the words of an error's body (problem details, OAuth, WSO2, DHIS2, OpenSearch) as ": …", or ""."""
    try:
        content = orjson.loads(body)
    except orjson.JSONDecodeError:
        return ""
    for wrapped in ("fault", "error"):
        if isinstance(content, dict) and isinstance(content.get(wrapped), dict):
            content = content[wrapped]
    if isinstance(content, dict) and isinstance(causes := content.get("root_cause"), list) and causes:
        content = causes[0]
    if not isinstance(content, dict):
        return ""
    words = next((content[key] for key in _WORDS if isinstance(content.get(key), str) and content[key]), "")
    return f": {clean(' '.join(words.split()))[:200]}" if words else ""


def _refuse_markup(body: bytes, start: bytes, status: int | None, clean: Clean) -> NoReturn:
    what = "XML" if start.startswith(b"<?xml") and b"<html" not in start else "một trang HTML"
    title = _TITLE.search(body[:20_000])
    named = clean(" ".join(title[1].decode(errors="replace").split()))[:60] if title else ""
    raise ContractError(
        f"Nguồn trả lời bằng {what} thay vì JSON" + (f" (“{named}”)." if named else "."), status=status
    )


def _decoded(body: bytes, charset: str, status: int | None) -> str:
    try:
        return body.decode(charset)
    except LookupError:
        raise ContractError(f"Bảng mã “{charset[:20]}” của câu trả lời không có.", status=status) from None
    except UnicodeDecodeError as error:
        raise ContractError(
            f"Câu trả lời không đúng bảng mã {charset}: sai ở byte {error.start}.", status=status
        ) from None


def _whole(digits: str) -> int | float:
    return int(digits) if len(digits) < 19 else float(digits)


def _tidy(value: Any) -> Any:
    if isinstance(value, str):
        return value if value.isascii() else _SURROGATES.sub("\ufffd", value)
    if isinstance(value, list):
        return [_tidy(part) for part in value]
    if isinstance(value, dict):
        return {_tidy(key): _tidy(part) for key, part in value.items()}
    return value


def keys_of(body: Any) -> str:
    """Name the keys of what came in place of something else, for a sentence: few, short and scrubbed."""
    if not isinstance(body, dict):
        return "không phải đối tượng"
    return scrub(", ".join(str(key)[:40] for key in list(body)[:12])) or "một đối tượng rỗng"


def words_at(body: Any, path: str, clean: Clean = scrub) -> str:
    """Return the words that stand at a path, short and scrubbed, as ": …", or ""."""
    words = jmespath.search(path, body) if path else None
    return f": {clean(' '.join(words.split()))[:200]}" if isinstance(words, str) and words.strip() else ""
