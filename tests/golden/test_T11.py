"""T11: the national axis of documents."""

from __future__ import annotations

from tests.golden.brought import from_server


def test_T11_ninety_five_of_ninety_five_agencies_are_connected(province, sources):
    levels = (("Văn phòng Trung ương Đảng", 1), ("Bộ, ngành", 31), ("Tỉnh, thành phố", 63))
    items = [
        {"ma_tinh": "22", "ngay": "2026-11-20", "cap": level, "co_quan": count, "da_ket_noi": count}
        for level, count in levels
    ]
    province.keep("documents_axis", from_server(sources, "documents_axis", items))
    told = province.get("/api/v1/indicators/agencies_connected").json
    assert (told["value"], told["num"], told["den"]) == (100.0, 95, 95)
    rows = province.get("/api/v1/indicators/agencies_connected/breakdown", by="category").items
    assert {row["key"]: (row["num"], row["den"]) for row in rows} == {level: (n, n) for level, n in levels}
