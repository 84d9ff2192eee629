"""What a GeoReport v2 answer holds: requests as flat objects from JSON or XML, and errors in words."""

from __future__ import annotations

from typing import Any, NoReturn
from xml.etree.ElementTree import Element

from connectors.answer import Answer
from connectors.xml_body import name_of, read_xml
from ioc.errors import ContractError, RefusedError, SourceError


def requests_of(answer: Answer, form: str) -> list[Any]:
    """Return the requests (or services) of an answer; raises ContractError for an error told with HTTP 200."""
    found = _body(answer, form)
    if isinstance(found, dict):
        found = found.get("service_requests", found.get("requests"))  # 2016: some servers wrap the array
    if not isinstance(found, list):
        raise ContractError(
            "Cần một danh sách phản ánh Open311, nhưng nhận được thứ khác.", status=answer.status
        )
    first = found[0] if found and isinstance(found[0], dict) else {}
    if "description" in first and "code" in first and "service_request_id" not in first:
        raise ContractError(f"Open311 báo lỗi {_words(found, answer)}.", status=answer.status)
    return found


def refuse(answer: Answer, form: str) -> NoReturn:
    """Raise what an error's status and body say."""
    try:
        said = _words(_body(answer, form), answer)
    except SourceError:
        said = ""
    told = f"(HTTP {answer.status}{f': {said}' if said else ''})"
    if answer.status in (401, 403):
        raise RefusedError(f"Open311 từ chối chúng ta {told}; cần kiểm tra khóa.", status=answer.status)
    raise ContractError(
        f"Open311 không trả lời được {told}; địa chỉ hoặc tham số không còn đúng.", status=answer.status
    )


def _body(answer: Answer, form: str) -> Any:
    if form == "json":
        return answer.json()
    root = read_xml(answer.body, status=answer.status)
    if name_of(root) not in ("service_requests", "services", "requests", "errors"):
        raise ContractError(
            f"Cần service_requests của Open311, nhưng nhận được {name_of(root)[:40]}.", status=answer.status
        )
    return [value_of(child) for child in root]


def value_of(element: Element) -> Any:
    """Return an element as JSON would have it: None where it is empty, a list where it says is_array."""
    if element.get("is_array") == "true":
        return [value_of(child) for child in element]
    if len(element):
        out: dict[str, Any] = {}
        for child in element:
            if name_of(child) in out:
                raise ContractError(
                    f"Open311: {name_of(child)[:40]} có hai lần trong cùng một {name_of(element)[:40]}."
                )
            out[name_of(child)] = value_of(child)
        return out
    return (element.text or "").strip() or None


def _words(body: Any, answer: Answer) -> str:
    first = body[0] if isinstance(body, list) and body else body
    said = first.get("description") if isinstance(first, dict) else None
    return answer.clean(" ".join(said.split()))[:200].rstrip(".") if isinstance(said, str) else ""
