"""Drafts a query on a department's database: its tables are listed, and the columns of the named or the first one."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa

from connectors import sql_query
from connectors.drafts.draft import Draft
from connectors.drafts.guess import mapping
from connectors.http import Http
from connectors.sql_session import reading
from ioc.errors import ContractError
from ioc.model import Source

_CHANGED = ("updated_at", "modified_at", "changed_at", "last_modified", "ngay_cap_nhat", "thoi_gian_cap_nhat")


def draft(source: Source, http: Http, options: Mapping[str, str], known: frozenset[str]) -> Draft:
    """Draft a query on --option table=…, or on the first table or view."""
    with reading(source) as connection:
        inspector = sa.inspect(connection)
        names = [*inspector.get_table_names(), *inspector.get_view_names()]
        if not names:
            raise ContractError("Cơ sở dữ liệu không có bảng nào mà tài khoản này đọc được.")
        name = options.get("table") or names[0]
        if name not in names:
            raise ContractError(f"Không có bảng {name}; có {', '.join(names[:20])}.")
        listed = [column["name"] for column in inspector.get_columns(name)]
        table = sa.table(name, *(sa.column(column) for column in listed))
        rows = connection.execute(sa.select(table).limit(50)).all()
        items = [dict(zip(listed, map(sql_query.plain, row), strict=True)) for row in rows]
        mark = next((column for column in listed if column.lower() in _CHANGED), "")
        query = sa.select(*table.columns)
        if mark:
            query = query.where(table.c[mark] >= sa.bindparam("since"), table.c[mark] < sa.bindparam("until"))
        written = " ".join(str(query.compile(dialect=connection.dialect)).split())
    mapped = mapping(items, options.get("shape", ""), known)
    head: dict[str, Any] = {"url": source.url, "query": _bound(written)}
    if mark:
        head["watermark"] = {"column": mark, "overlap": "1h", "start": "30d"}
    return Draft({**head, **mapped}, items, [f"table {one}" for one in names])


def _bound(query: str) -> str:
    """Write the bound values as every dialect's query of ours has them."""
    for name in ("since", "until"):
        for form in (f"%({name})s", f"%({name})s::TIMESTAMP WITHOUT TIME ZONE", f"@{name}"):
            query = query.replace(form, f":{name}")
    since, until = query.find("?"), query.rfind("?")
    return (
        query if since < 0 else f"{query[:since]}:since{query[since + 1 : until]}:until{query[until + 1 :]}"
    )
