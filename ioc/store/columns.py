"""The column types of the store, such that SQLite accepts them in STRICT tables."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.compiler import compiles

Int: sa.types.TypeEngine[int] = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
Real: sa.types.TypeEngine[float] = sa.Double().with_variant(sa.REAL(), "sqlite")
Text: sa.types.TypeEngine[str] = sa.Text()
Bytes = sa.LargeBinary()


class JsonText(sa.JSON):
    """A JSON value kept as its text on both databases, so that equal values have equal text."""

    cache_ok = True


@compiles(JsonText, "sqlite")
def _json_is_text(element: JsonText, compiler: Any, **options: Any) -> str:
    return "TEXT"  # STRICT tables know no type JSON


Json = JsonText()
