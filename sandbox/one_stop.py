"""How a one-stop system tells about its dossiers (DongBoHoSoMC), and what is true about them."""

from __future__ import annotations

from typing import Any

from ioc.calendar import local_day
from sandbox.chance import mix, share
from sandbox.dossiers import ONLINE, Dossier
from sandbox.lives import Lives
from sandbox.written import compact

OUTSIDE = 0.062
"""So many are handed in at another commune's counter than that of the applicant's home."""


def told(dossier: Dossier, t: float) -> dict[str, Any]:
    """Return what the one-stop system says of a dossier at t, personal fields and all."""
    move = dossier.move(t)
    if move is None:
        raise ValueError(f"{dossier.key} is not known yet")
    procedure, person = dossier.procedure, mix(int(dossier.submitted), dossier.number) % 10_000
    finished = move.status in ("9", "10")
    digitised, electronic, reused, paid = dossier.flags
    received = dossier.received if dossier.received <= t else 0
    return {
        "MaHoSo": dossier.key,
        "MaTTHC": procedure.code,
        "TenTTHC": procedure.name,
        "TenLinhVuc": procedure.category,
        "KenhThucHien": dossier.channel,
        "MucDo": {"full": "TOAN_TRINH", "partial": "MOT_PHAN"}.get(procedure.level, "CUNG_CAP_THONG_TIN"),
        "LoaiDoiTuong": dossier.applicant,
        "ChuHoSo": f"CÔNG DÂN {person:04d}",
        "SoDienThoai": f"090000{person:04d}",
        "Email": f"cd{person}@example.invalid",
        "TrichYeuHoSo": f"{procedure.name} của CÔNG DÂN {person:04d}",
        "NgayNopHoSo": compact(dossier.submitted),
        "NgayTiepNhan": compact(received),
        "NgayHenTra": compact(dossier.due if received else 0),
        "NgayKetThucXuLy": compact(dossier.closed_at(t) if finished else 0),
        "NgayTra": compact(move.at if move.status == "10" else 0),
        "NgayTuChoi": compact(move.at if move.status == "3" else 0),
        "TrangThaiHoSo": move.status,
        "BuocXuLy": move.step,
        "DonViXuLy": dossier.agency,
        "NoiNopHoSo": dossier.desk,
        "DonViDangGiu": move.holder,
        "DiaBan": dossier.commune.code,
        "DanhSachHoSoBoSung": [
            {"NgayYeuCau": compact(start), "NgayTiepNhanBoSung": compact(end if end <= t else 0)}
            for start, end in dossier.waits
            if start <= t and (start, "5") in ((m.at, m.status) for m in dossier.moves)
        ],
        "ThoiGianTamDung": dossier.waited(t),
        "HoSoCoThanhPhanSoHoa": digitised,
        "KetQuaDienTu": electronic if finished else "",
        "TaiSuDungDuLieu": reused,
        "PhaiThuPhi": "1" if procedure.fee else "0",
        "DuocThanhToanTrucTuyen": paid,
        "NhanNgoaiDiaGioi": "1" if share(dossier.number, int(dossier.submitted), 1) < OUTSIDE else "0",
        "NguonNop": _way(dossier),
        "TraQuaBuuChinh": "1"
        if move.status == "10" and share(dossier.number, int(dossier.submitted), 3) < 0.09
        else "0",
        "DanhGia": dossier.rating if dossier.rated and dossier.rated <= t else "",
        "NgayCapNhat": compact(max(at for at in dossier.changes if at <= t)),
    }


def _way(dossier: Dossier) -> str:
    """Return by what an online dossier came: the portal in a browser, the app, Zalo; "" for others."""
    if dossier.channel != ONLINE:
        return ""
    draw = share(dossier.number, int(dossier.submitted), 2)
    return "ZALO" if draw < 0.07 else "UNG_DUNG" if draw < 0.34 else "CONG"


def counts(lives: Lives[Dossier], t: float, day: int) -> dict[str, int]:
    """Count the truth at t: dossiers in hand and overdue then, and received and closed on a local day until t."""
    found = dict.fromkeys(("known", "received", "closed", "closed_on_time", "pending", "suspended"), 0)
    overdue = overdue_without_waits = 0
    for dossier in lives.begun(t):
        move = dossier.move(t)
        if move is None:
            continue
        found["known"] += 1
        if move.status in ("1", "3"):
            continue
        found["received"] += local_day(dossier.received) == day
        if closed := dossier.closed_at(t):
            found["closed"] += local_day(closed) == day
            on_time = closed - dossier.waited(t) <= dossier.due
            found["closed_on_time"] += local_day(closed) == day and on_time
        elif move.status in ("2", "4", "5", "6"):
            found["pending"] += 1
            suspended = move.status in ("5", "6")
            found["suspended"] += suspended
            overdue += not suspended and dossier.due < t
            overdue_without_waits += not suspended and dossier.due + dossier.waited(t) < t
    return {**found, "overdue": overdue, "overdue_net_of_waits": overdue_without_waits}
