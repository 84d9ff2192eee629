"""Why a reading has no value though its sources are live: a number that is absent says so in words."""

from __future__ import annotations

from ioc import spoken
from ioc.indicators.composite import Composite
from ioc.indicators.query import Query
from ioc.indicators.reading import Answer, value_of

Both = tuple[str, str]


def why(query: Query, answer: Answer) -> dict[str, str]:
    """Return the reason in Vietnamese and English."""
    vi, en = _reason(query, answer)
    return {"vi": vi, "en": en}


def _reason(query: Query, answer: Answer) -> Both:
    definition = query.definition
    if definition.composite is not None:
        return _of_parts(query, definition.composite, answer)
    if not query.knows(query.moment.period):
        began = query.began()
        if began is None:
            return ("Chưa có số liệu", "No data yet")
        return (
            f"Số liệu chỉ có từ ngày {spoken.day(began)}",
            f"There are data from {spoken.day(began)} on only",
        )
    if answer.den is not None and not answer.den:
        return ("Mẫu số bằng 0, không tính tỷ lệ", "Nothing to divide by: the denominator is 0")
    if answer.num is not None and definition.is_share and answer.den is None:
        return ("Chưa có mẫu số", "The denominator is not known")
    if definition.length is not None:
        return ("Không có hồ sơ nào để tính", "There is no case to measure")
    return ("Chưa có số liệu của kỳ này", "No data of this period yet")


def _of_parts(query: Query, composite: Composite, answer: Answer) -> Both:
    if composite.kind == "change":
        if answer.detail.get("now") is None:
            return ("Chưa có số liệu của kỳ này", "No data of this period yet")
        if answer.detail.get("before") is None:
            return ("Không có số liệu của kỳ để so sánh", "No data of the period compared with")
        return ("Kỳ so sánh bằng 0, không tính phần trăm", "The period compared with is 0: no per cent of it")
    values = (value_of(query.part(id).definition, part) for id, part in answer.parts.items())
    absent, all_of = sum(value is None for value in values), len(composite.ids)
    if not absent:
        return ("Bước trước bằng 0, không tính tỷ lệ", "The step before is 0: no share of it")
    return (
        f"Thiếu số liệu của {absent}/{all_of} chỉ số thành phần",
        f"{absent} of {all_of} parts have no value",
    )
