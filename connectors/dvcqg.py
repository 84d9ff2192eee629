"""The national service portal's scores under Decision 766/QĐ-TTg: POST /api/v1/reporting/evaluation/… of dichvucong.gov.vn.

No specification is published; observed 2026-09, and it may change without notice: whatever is not as expected is
a ContractError, and the last good score stays with its time.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Mapping
from datetime import date, timedelta
from itertools import pairwise
from typing import Any

from connectors import http as client
from connectors import kept, mapping, values
from connectors.answer import Answer
from connectors.http import Http
from connectors.mapping import Translated
from connectors.options import Fault, Option
from connectors.values import UnreadableError
from ioc.calendar import day_of, day_start, local_date
from ioc.errors import ContractError
from ioc.model import Cursor, Observation, Page, Rejected, Source

ROOT = "/api/v1/reporting/evaluation/"
MOST_PAGES = 100
GROUPS = ("CKMB", "TDGQ", "CLGQ", "TTTT", "MDSH", "MDHL")
# variable <- (code of the metric, or "" for a field of the whole answer; field)
PARTS: Mapping[str, Mapping[str, tuple[str, str]]] = {
    "dossier-digitized": {
        "digitised_components": ("SO_HOA_GIAY_TO_GIAI_QUYET", "numerator"),
        "digitised_components_of": ("SO_HOA_GIAY_TO_GIAI_QUYET", "denominator"),
        "digitised_results": ("ORIGINAL_RESULT_AVAILABLE", "numerator"),
        "digitised_results_of": ("ORIGINAL_RESULT_AVAILABLE", "denominator"),
        "digitised_reuse": ("REUSED_DIGITIZED_DATA", "numerator"),
        "digitised_reuse_of": ("REUSED_DIGITIZED_DATA", "denominator"),
    },
    "formality-online-payment-tree": {
        "payments_online": ("", "totalDossierOnlinePaymentSuccess"),
        "payments_due": ("", "totalDossierFinancialObligation"),
    },
    "handling-satisfaction": {
        "satisfaction_satisfied": ("DOSSIER_RECEIVING_SATISFACTION", "numerator"),
        "satisfaction_answers": ("DOSSIER_RECEIVING_SATISFACTION", "denominator"),
    },
    "provide-online-tree": {
        "procedures_full": ("", "full"),
        "procedures_partial": ("", "partial"),
        "procedures_total": ("", "authority"),
    },
}
OPTIONS: Mapping[str, Option] = {
    **client.OPTIONS,
    "root": Option("text", "the province's departmentId (a uuid)", required=True),
    "unit": Option("text", "the province's departmentCode, such as H49", required=True),
    "place": Option("text", "the area to which the numbers belong", required=True),
    "period": Option("choice", "over which span (default month)", choices=("month", "quarter", "year")),
    "back": Option("whole", "how many periods before this one are asked for again (default 1)"),
    "department_type": Option("text", "which units are ranked together (default ADMINISTRATIVE_UNIT)"),
    "parts": Option("list", "which further answers are asked for (default all)",
                    each=Option("choice", "an answer", choices=tuple(PARTS))),
}  # fmt: skip
_number = values.number_reader()


def check(source: Source) -> Iterator[Fault]:
    """Yield what is wrong beyond the types of the keys."""
    if source.shape != "observation":
        yield "shape", f'"observation" was expected: scores are numbers, not {source.shape}'


def fetch(source: Source, http: Http, cursor: Cursor) -> Iterator[Page]:
    """Yield a page per answer: the score and rank of each period, then what they are made of."""
    options, span = source.options, source.options.get("period", "month")
    wanted = periods(local_date(http.now()), span, options.get("back", 1))
    if asked := cursor.get("window"):
        wanted = periods_in(span, *asked)
    for first, last in wanted:
        times = {"timeType": span, "year": first.year}
        if span != "year":
            times[span] = first.month if span == "month" else (first.month + 2) // 3
        at = day_start(day_of(first))
        answer, units = _ranked(source, http, times)
        yield from kept.within(source, answer, [scores(units, options, at, span)], cursor=None)
        for name in options.get("parts", PARTS):
            asked = (
                {"fromDate": first.isoformat(), "toDate": last.isoformat()}
                if name == "handling-satisfaction"
                else times
            )
            question = {**asked, "rootDepartmentId": options["root"], "currentPage": 1, "pageSize": 200}
            answer, data = _ask(http, name, question)
            part = metrics(data, name, at, span, options["place"])
            yield from kept.within(source, answer, [part], cursor=None)


def reads_spans(source: Source) -> bool:
    """Say whether a span of the past can be asked for: always, period by period."""
    return True


def periods_in(span: str, since: int, until: int) -> list[tuple[date, date]]:
    """Return the periods that begin in [since, until), epoch s, the oldest first."""
    back = (until - since) // (28 * 86_400) + 1
    found = periods(local_date(until - 1), span, back)
    return [one for one in found if since <= day_start(day_of(one[0])) < until]


def periods(today: date, span: str, back: int) -> list[tuple[date, date]]:
    """Return (first day, last day) of the period of today and of so many before it, the oldest first."""
    months = {"month": 1, "quarter": 3, "year": 12}[span]
    this = today.year * 12 + (today.month - 1) // months * months
    starts = [this - months * n for n in range(back, -2, -1)]
    days = [date(start // 12, start % 12 + 1, 1) for start in starts]
    return [(first, following - timedelta(days=1)) for first, following in pairwise(days)]


def _ask(http: Http, name: str, question: Mapping[str, Any]) -> tuple[Answer, Any]:
    """Ask for one answer and return its data; raises ContractError for any code other than OK."""
    answer = http.post(http.source.url.rstrip("/") + ROOT + name, json=question)
    body = answer.json()
    if not isinstance(body, dict) or body.get("code") != "OK" or body.get("data") is None:
        code = (
            values.shown(body.get("code", "không có code"))
            if isinstance(body, dict)
            else "không phải đối tượng"
        )
        raise ContractError(f"Cổng DVCQG trả lời {name} với mã {code}{answer.said()}.", status=answer.status)
    return answer, body["data"]


def _ranked(source: Source, http: Http, times: Mapping[str, Any]) -> tuple[Answer, list[Any]]:
    """Return the score of every ranked unit, over all pages of the answer."""
    kind = source.options.get("department_type", "ADMINISTRATIVE_UNIT")
    units: list[Any] = []
    page = pages = 1
    while page <= pages:
        more = {} if page == 1 else {"currentPage": page, "pageSize": 200}
        answer, data = _ask(http, "service-results", {**times, "departmentType": kind, **more})
        found = data.get("evaluation") if isinstance(data, dict) else None
        if not isinstance(found, list):
            raise ContractError(
                "Cổng DVCQG trả lời service-results không có danh sách evaluation.", status=answer.status
            )
        units += [unit for unit in found if isinstance(unit, dict)]
        paged = data.get("pagination")
        said = paged.get("totalPages") if isinstance(paged, dict) and found else 1
        pages = min(said, MOST_PAGES) if isinstance(said, int) else 1
        page += 1
    return answer, units


def scores(units: list[Any], options: Mapping[str, Any], at: int, span: str) -> Translated:
    """Return score, rank and the six groups of our unit; a score that is null stays null and has no rank."""
    ours = next((unit for unit in units if unit.get("departmentCode") == options["unit"]
                 or unit.get("departmentId") == options["root"]), None)  # fmt: skip
    if ours is None or "totalScore" not in ours or not isinstance(ours.get("groupScores"), dict):
        raise ContractError(f"Cổng DVCQG không cho điểm của {options['unit']} trong {len(units)} đơn vị.")
    out = Translated()
    total = _add(out, "score_766", ours["totalScore"], at, span, options["place"])
    if total is not None:
        _rank(out, units, total, at, span, options["place"])
    for group in GROUPS:
        if group not in ours["groupScores"]:
            raise ContractError(f"Cổng DVCQG không cho điểm nhóm {group}.")
        _add(out, f"score_766_{group.lower()}", ours["groupScores"][group], at, span, options["place"])
    out.kept += [{key: _told(unit.get(key)) for key in ("departmentCode", "totalScore")} for unit in units]
    out.kept.append({"departmentCode": options["unit"], **{g: _told(ours["groupScores"][g]) for g in GROUPS}})
    return out


def _rank(out: Translated, units: list[Any], ours: float, at: int, span: str, place: str) -> None:
    """Add our place among all scores; none where a score of another unit cannot be read."""
    try:
        totals = [_number(unit["totalScore"]) for unit in units if unit.get("totalScore") is not None]
    except UnreadableError as error:
        out.rejected.append(Rejected("rank_766", f"Không xếp hạng được: điểm của một đơn vị {error}."))
        return
    _add(out, "rank_766", 1 + sum(total > ours for total in totals), at, span, place, kind="rank")
    _add(out, "rank_766_of", len(totals), at, span, place, kind="count")


def metrics(data: Any, name: str, at: int, span: str, place: str) -> Translated:
    """Return the numerators and denominators that one further answer gives for the whole province."""
    out = Translated()
    for variable, (code, field) in PARTS[name].items():
        holder = _shallowest(data, code, field)
        if holder is None:
            raise ContractError(f"Cổng DVCQG trả lời {name} không có {code or 'trường'} {field}.")
        _add(out, variable, holder[field], at, span, place, kind="count")
        out.kept.append({"answer": name, "code": code, "field": field, "value": _told(holder[field])})
    return out


def _shallowest(data: Any, code: str, field: str) -> Mapping[str, Any] | None:
    """Find the object with this code and field nearest to the root: below it stand the parts of the province."""
    waiting = deque([data])
    while waiting:
        here = waiting.popleft()
        if isinstance(here, dict):
            if (
                field in here
                and not isinstance(here[field], dict | list)
                and (not code or here.get("code") == code)
            ):
                return here
            waiting.extend(here.values())
        elif isinstance(here, list):
            waiting.extend(here)
    return None


def _add(
    out: Translated, variable: str, value: Any, at: int, span: str, place: str, kind: str = "instant"
) -> float | None:
    """Add one official number; what is no number is rejected with a sentence."""
    try:
        number = None if value is None else _number(value)
    except UnreadableError as error:
        out.rejected.append(Rejected(variable, f"{error}.", {variable: values.shown(value)[1:-1]}))
        return None
    out.records.append(Observation(variable, at, place, number, span=span, kind=kind, method="official"))
    return number


def _told(value: Any) -> Any:
    """Return what may be kept of a value where a number or a code was agreed and something else may stand."""
    return mapping.kept(value, True)
