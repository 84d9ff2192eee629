"""The national portal's evaluation by Decision 766: POST, status 201, code "OK". Observed in 2026, undocumented."""

from __future__ import annotations

from datetime import date
from typing import Any

from ioc.calendar import local_date
from sandbox.answers import Answer, Asked, BadQuestionError
from sandbox.chance import mix, share, wave
from sandbox.world import World

PREFIX = "/dvcqg/api/v1/reporting/evaluation/"
OURS = "H99"
GROUPS = {"CKMB": 18.0, "TDGQ": 20.0, "CLGQ": 12.0, "TTTT": 10.0, "MDSH": 22.0, "MDHL": 18.0}
_LEVEL = {"CKMB": 0.93, "TDGQ": 0.94, "CLGQ": 0.82, "TTTT": 0.78, "MDSH": 0.8, "MDHL": 0.95}
UNITS = 34

METRICS = {
    "transparency": (
        ("PUBLISH_ON_TIME", "Công bố TTHC đúng hạn", 6), ("PUBLIC_UPDATE_ON_TIME", "Công khai cập nhật đúng hạn", 4),
        ("PUBLIC_CONTENT_FULL", "Nội dung công khai đầy đủ", 2), ("DOSSIER_SYNC", "Đồng bộ hồ sơ", 6),
    ),
    "dossier-digitized": (
        ("ORIGINAL_RESULT_AVAILABLE", "Cấp kết quả điện tử", 6), ("SO_HOA_GIAY_TO_GIAI_QUYET", "Số hóa hồ sơ", 4),
        ("SYNCED_WITH_DVCQG_PERSONAL_STORAGE", "Đồng bộ kho dữ liệu cá nhân", 4),
        ("REUSED_DIGITIZED_DATA", "Khai thác, sử dụng lại dữ liệu số hóa", 2),
        ("CITIZEN_DATA_CONNECTED_DOSSIER", "Hồ sơ kết nối CSDL dân cư", 2),
        ("CITIZEN_DATA_CONNECTED_FORMALITY", "TTHC kết nối CSDL dân cư", 2),
        ("ELECTRONIC_CERTIFIED_COPY", "Chứng thực bản sao điện tử", 2),
    ),
    "handling-satisfaction": (
        ("DOSSIER_RECEIVING_SATISFACTION", "Hài lòng trong tiếp nhận, giải quyết", 6),
        ("PETITION_PROCESSING_ON_TIME", "Xử lý phản ánh kiến nghị đúng hạn", 6),
        ("PETITION_HANDLING_SATISFACTION", "Hài lòng về xử lý phản ánh kiến nghị", 6),
    ),
}  # fmt: skip


def answer(world: World, asked: Asked) -> Answer:
    """Answer /dvcqg/api/v1/reporting/evaluation/…"""
    tree = asked.path.removeprefix(PREFIX)
    if asked.method != "POST" or not asked.path.startswith(PREFIX):
        return Answer.json(404, {"code": "NOT_FOUND", "message": asked.path, "data": None})
    try:
        month, label = _period(world, asked.json)
    except BadQuestionError as error:
        return Answer.json(400, {"code": "INVALID_REQUEST", "message": str(error), "data": None})
    if tree == "service-results":
        data: dict[str, Any] = {"evaluation": [_result(world, unit, month) for unit in range(UNITS)]}
    elif tree in METRICS:
        data = {"metrics": [_metric(world, metric, month) for metric in METRICS[tree]]}
    elif tree == "dvc-progress-tree":
        received = _received(world, month)
        on_time = round(received * (0.945 + 0.02 * wave(world.setting.seed, 71, month, 3)))
        data = _tree(world, {"totalReceived": received, "totalOnTime": on_time})
    elif tree == "provide-online-tree":
        online = _received(world, month)
        data = _tree(world, {
            "authority": 2010, "partial": 742, "full": 968, "onlineServiceTotal": 1710, "onlineDossierCount": 1183,
            "channelTotal": online, "channelOnline": round(online * 0.71),
        })  # fmt: skip
    elif tree == "formality-online-payment-tree":
        due = round(_received(world, month) * 0.42)
        data = _tree(world, {
            "totalDossierFinancialObligation": due, "totalDossierOnlinePaymentSuccess": round(due * 0.68),
            "totalFeeFormality": 402, "totalFeeDossierFormality": 318, "totalDossierOnlineFormalityPaymentSuccess": 289,
        })  # fmt: skip
    else:
        return Answer.json(404, {"code": "NOT_FOUND", "message": tree, "data": None})
    return Answer.json(201, {"code": "OK", "message": "", "data": {"period": label, **data}})


def _period(world: World, body: Any) -> tuple[float, str]:
    """Return a period as a number of months, its middle, and its label. Raises BadQuestionError."""
    today = local_date(world.now())
    if isinstance(body, dict) and "fromDate" in body:  # handling-satisfaction alone asks so
        try:
            first = date.fromisoformat(str(body["fromDate"]))
        except ValueError:
            raise BadQuestionError("fromDate: YYYY-MM-DD was expected") from None
        body = {"timeType": "month", "year": first.year, "month": first.month}
    if not isinstance(body, dict) or body.get("timeType") not in ("year", "quarter", "month"):
        raise BadQuestionError("timeType: year, quarter or month was expected")
    kind, year = body["timeType"], body.get("year")
    number = body.get(kind, 1) if kind != "year" else 1
    most = {"year": 1, "quarter": 4, "month": 12}[kind]
    if not isinstance(year, int) or not isinstance(number, int) or not 1 <= number <= most:
        raise BadQuestionError(f"year and {kind}: whole numbers were expected")
    length = 12 // most
    if not 2022 <= year <= today.year or date(year, (number - 1) * length + 1, 1) > today:
        raise BadQuestionError("the period has not begun, or lies before 2022")
    return year * 12 + (number - 1) * length + length / 2, f"{year}" + (
        "" if kind == "year" else f"-{number:02d}"
    )


def department(unit: int) -> str:
    """Return the id of a unit's department; unit 0 is the province."""
    code = f"{mix(7, unit):016x}{mix(8, unit):016x}"
    return f"{code[:8]}-{code[8:12]}-7{code[13:16]}-9{code[17:20]}-{code[20:32]}"


def _result(world: World, unit: int, month: float) -> dict[str, Any]:
    groups, before = _groups(world, unit, month), _groups(world, unit, month - 1)
    total = round(sum(groups.values()), 2)
    return {
        "departmentId": department(unit),
        "departmentName": f"UBND tỉnh {world.setting.name}" if unit == 0 else f"UBND tỉnh thứ {unit}",
        "departmentCode": OURS if unit == 0 else f"H{unit:02d}",
        "totalScore": total,
        "scoreDelta": round(total - sum(before.values()), 2),
        "groupScores": groups,
    }


def _groups(world: World, unit: int, month: float) -> dict[str, float]:
    found = {}
    for index, (group, most) in enumerate(GROUPS.items()):
        own = 0.06 * (share(world.setting.seed, 72, unit, index) - 0.5) + (0.012 if unit == 0 else 0)
        part = _LEVEL[group] + own + 0.03 * wave(world.setting.seed, 7300 + unit * 10 + index, month, 4)
        found[group] = round(most * min(1.0, part), 2)
    return found


def _metric(world: World, metric: tuple[str, str, int], month: float) -> dict[str, Any]:
    code, name, most = metric
    of = round(_received(world, month) * (0.3 if "PETITION" in code or "CERTIFIED" in code else 1))
    numerator = round(of * (0.83 + 0.14 * share(world.setting.seed, 74, mix(*code.encode()), int(month))))
    ratio = round(100 * numerator / of, 2)
    return {
        "code": code, "name": name, "numerator": numerator, "denominator": of, "ratio": ratio,
        "score": round(most * ratio / 100, 2), "maxScore": most,
    }  # fmt: skip


def _tree(world: World, values: dict[str, Any]) -> dict[str, Any]:
    ours = {
        "departmentId": department(0),
        "departmentCode": OURS,
        "departmentName": f"UBND tỉnh {world.setting.name}",
    }
    pages = {"currentPage": 1, "pageSize": 200, "total": 1, "totalPages": 1}
    return {"items": [{**ours, **values}], "summary": values, "pagination": pages}


def _received(world: World, month: float) -> int:
    return round(8200 * (1 + 0.08 * wave(world.setting.seed, 75, month, 2)))
