"""XML read in blocks, so that a document of any size costs no memory; a DTD or an entity is refused."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import IO, Any
from xml.parsers import expat

BLOCK = 1 << 18

Start = Callable[[str, dict[str, str]], Any]
End = Callable[[str], Any]
Words = Callable[[str], Any]


class EntityError(ValueError):
    """A document declares a DTD or an entity, which is how XML is attacked."""


class _Local(dict[str, str]):
    """Names without their namespace: generators of files choose the prefixes and the year of the standard."""

    def __missing__(self, name: str) -> str:
        local = name.rpartition(" ")[2]
        if len(self) < 10_000:
            self[name] = local
        return local


def walk(file: IO[bytes], start: Start, end: End, words: Words) -> Iterator[None]:
    """Read a document, calling with local names; yield after every block, so that the caller may hand on.

    Attributes keep their namespace as "uri name" where they have one. Raises EntityError, and expat.ExpatError
    for what is not XML.
    """
    local = _Local()
    parser = expat.ParserCreate(namespace_separator=" ")
    parser.buffer_text = True
    parser.StartElementHandler = lambda name, attributes: start(local[name], attributes)
    parser.EndElementHandler = lambda name: end(local[name])
    parser.CharacterDataHandler = words
    parser.StartDoctypeDeclHandler = _refuse
    while block := file.read(BLOCK):
        parser.Parse(block, False)
        yield
    parser.Parse(b"", True)
    yield


def read(
    file: IO[bytes], start: Start, end: End = lambda _name: None, words: Words = lambda _text: None
) -> None:
    """Read a document to its end."""
    for _ in walk(file, start, end, words):
        pass


def _refuse(*_declared: object) -> None:
    raise EntityError
