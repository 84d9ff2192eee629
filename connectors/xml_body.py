"""Reads a body that was agreed to be XML, without entities, DTD or anything fetched; says what came instead."""

from __future__ import annotations

import re
from collections.abc import Iterator
from xml.etree.ElementTree import Element, ParseError

from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import fromstring

from connectors import values
from ioc.errors import ContractError

MOST_DEEP = 100
_HTML = re.compile(rb"\s*(?:<!doctype\s+html|<html)", re.I)
_CHARSET = re.compile(rb'^\s*<\?xml[^>]*encoding\s*=\s*["\']([\w.-]{1,40})', re.I)


def read_xml(body: bytes, what: str = "Câu trả lời", status: int | None = None) -> Element:
    """Return the root of an XML document; raises ContractError with a sentence about `what`."""
    if _HTML.match(body[:200].removeprefix(b"\xef\xbb\xbf")):
        raise ContractError(f"{what} là một trang HTML thay vì XML.", status=status)
    if not body.strip():
        raise ContractError(f"{what} rỗng thay vì XML.", status=status)
    try:
        root: Element = fromstring(body, forbid_dtd=True)
    except DefusedXmlException:
        raise ContractError(
            f"{what} khai báo DTD hoặc thực thể (ENTITY), là cách tấn công bằng XML; không đọc.",
            status=status,
        ) from None
    except ParseError as error:
        row, column = error.position
        why = f"sai ở dòng {row}, cột {column + 1}"
        raise ContractError(f"{what} không phải là XML đúng: {why}.", status=status) from None
    except (LookupError, ValueError):  # expat knows single-byte charsets and UTF-8, UTF-16 alone
        charset = _CHARSET.match(body[:200])
        name = charset[1].decode() if charset else "?"
        raise ContractError(f"{what} có bảng mã “{name}” không đọc được.", status=status) from None
    if _depth(root) > MOST_DEEP:
        raise ContractError(f"{what} lồng nhau quá sâu.", status=status)
    return root


def name_of(element: Element) -> str:
    """Return an element's name without its namespace."""
    return element.tag.rpartition("}")[2]


def space_of(element: Element) -> str:
    """Return an element's namespace, "" where it has none."""
    return element.tag.rpartition("}")[0].removeprefix("{")


def parts(element: Element | None, name: str) -> list[Element]:
    """Return the children of this name, in any namespace."""
    return [] if element is None else [child for child in element if name_of(child) == name]


def part(element: Element | None, *path: str) -> Element | None:
    """Return the first element at a path of names, None where there is none."""
    for name in path:
        element = next(iter(parts(element, name)), None)
    return element


def words(element: Element | None, *path: str) -> str:
    """Return the text at a path in NFC with single spaces, "" where there is none."""
    found = part(element, *path)
    return values.text(found.text) if found is not None and found.text else ""


def each(element: Element | None, name: str) -> Iterator[str]:
    """Yield the texts of the children of this name that have one."""
    yield from (text for child in parts(element, name) if (text := values.text(child.text or "")))


def _depth(root: Element) -> int:
    depth, row = 0, [root]
    while row and depth <= MOST_DEEP:
        depth, row = depth + 1, [child for element in row for child in element]
    return depth
