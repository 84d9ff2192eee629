"""Drafts the alerts of a Wazuh indexer: which indices there are and what levels their newest alerts have."""

from __future__ import annotations

from collections.abc import Mapping

from connectors.drafts.draft import Draft
from connectors.http import Http
from connectors.wazuh import SOURCE
from ioc.errors import ContractError
from ioc.model import Source


def draft(source: Source, http: Http, options: Mapping[str, str], known: frozenset[str]) -> Draft:
    """Draft from the newest alerts of --option index=…"""
    index = options.get("index", "wazuh-alerts-*")
    body = {"size": 5, "sort": [{"timestamp": "desc"}], "_source": SOURCE, "query": {"match_all": {}}}
    answer = http.post(f"{source.url.rstrip('/')}/{index}/_search", json=body).json()
    hits = (answer.get("hits") or {}).get("hits") if isinstance(answer, dict) else None
    if not isinstance(hits, list):
        raise ContractError("Câu trả lời không có danh sách hits.hits.")
    alerts = [hit.get("_source") or {} for hit in hits]
    table = {
        "url": source.url,
        "shape": "event:security_alert",
        "level": 7,
        **({"index": index} if "index" in options else {}),
    }
    return Draft(table, alerts, [f"{len(alerts)} of the newest alerts"])
