"""What the sheets of all spreadsheet formats have in common: rows of plain cells with their addresses."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from openpyxl.utils import get_column_letter

from connectors.xml_stream import EntityError
from ioc.errors import ContractError, RefusedError

MOST_COLUMNS = 512
MOST_ROWS = 1_048_576
MOST_NOTED = 100_000
MOST_MERGED = 10_000

Row = tuple[int, tuple[Any, ...]]
"""A row's number from 1 and its cells from column A: texts, numbers, truths, datetimes, None, UNCOMPUTED."""


class _Uncomputed:
    def __repr__(self) -> str:
        return "UNCOMPUTED"


UNCOMPUTED: Final = _Uncomputed()
"""A cell whose formula has no stored result."""


@dataclass(frozen=True, slots=True)
class Sheet:
    """One sheet. merged: cell -> the first cell of its merged range, complete for the rows that were read."""

    title: str
    rows: Iterator[Row]
    merged: dict[tuple[int, int], tuple[int, int]] = field(default_factory=dict)
    joined_headings: bool = False


Book = Mapping[str, Callable[[], Sheet]]
"""A workbook: the titles of its sheets in order, each with what begins to read it."""


def address(column: int, row: int) -> str:
    """Write "C7" for column 3, row 7."""
    return f"{get_column_letter(column)}{row}"


def merge(
    anchors: dict[tuple[int, int], tuple[int, int]], left: int, top: int, right: int, bottom: int
) -> None:
    """Note a merged range, columns and rows from 1, last ones included; one as large as a sheet is decoration."""
    if (right - left + 1) * (bottom - top + 1) > MOST_MERGED or len(anchors) > MOST_NOTED:
        return
    for row in range(top, bottom + 1):
        for column in range(left, right + 1):
            anchors[row, column] = (top, left)


@contextmanager
def readable(name: str) -> Iterator[None]:
    """Say of whatever a damaged file provokes that the file is damaged."""
    try:
        yield
    except (ContractError, RefusedError, GeneratorExit):
        raise
    except EntityError:
        raise ContractError(
            f"Tệp {name} khai báo DTD hoặc thực thể (ENTITY), là cách tấn công bằng XML; không đọc."
        ) from None
    except Exception as error:  # a damaged file breaks the libraries in ways without a common base
        raise ContractError(f"Tệp {name} hỏng hoặc đang được ghi dở ({type(error).__name__}).") from error


def plain(value: Any) -> Any:
    """Return a cell as declarations read it: dates in ISO 8601, a date without a time as a day."""
    if isinstance(value, datetime):
        midnight = value.hour == value.minute == value.second == value.microsecond == 0
        return value.date().isoformat() if midnight else value.replace(microsecond=0).isoformat()
    if hasattr(value, "isoformat"):
        return value.isoformat()
    if hasattr(value, "total_seconds"):
        return value.total_seconds()
    return value
