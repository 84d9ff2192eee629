"""The one door through which everything is read; the first argument after the connection says for whom.

A connection comes from Store.reading(), so that all answers of one page tell of one state of the store.
as_of is knowledge time in epoch ms (None: now); start, end and at are valid time in epoch s.
"""

from ioc.store.payloads import Payload, read_payload
from ioc.store.published import KeptBoard, KeptReading
from ioc.store.reads.buckets import Bucket, buckets, totals
from ioc.store.reads.cases import (
    CaseFilter,
    CaseVersion,
    case_versions,
    cases,
    count_cases,
    every_case,
)
from ioc.store.reads.contradictions import contradiction_versions, contradictions
from ioc.store.reads.counts import case_durations, cases_by_day, cases_counted
from ioc.store.reads.events import EventVersion, event_versions, events
from ioc.store.reads.observations import (
    Series,
    Value,
    each_observation,
    find_series,
    increases,
    latest_values,
    observation_versions,
    observations,
)
from ioc.store.reads.published import (
    Definition,
    board_shown,
    board_versions,
    boards_shown,
    definition_history,
    definitions,
    last_commit,
    next_expiry,
    read_board,
    readings,
)
from ioc.store.reads.runs import (
    RejectedRecord,
    Run,
    RunSummary,
    payloads_of,
    rejected_records,
    run_summaries,
    runs,
)
from ioc.store.reads.scope import EVERYTHING, Listed, Scope

__all__ = [
    "EVERYTHING",
    "Bucket",
    "CaseFilter",
    "CaseVersion",
    "Definition",
    "EventVersion",
    "KeptBoard",
    "KeptReading",
    "Listed",
    "Payload",
    "RejectedRecord",
    "Run",
    "RunSummary",
    "Scope",
    "Series",
    "Value",
    "board_shown",
    "board_versions",
    "boards_shown",
    "buckets",
    "case_durations",
    "case_versions",
    "cases",
    "cases_by_day",
    "cases_counted",
    "contradiction_versions",
    "contradictions",
    "count_cases",
    "definition_history",
    "definitions",
    "each_observation",
    "event_versions",
    "events",
    "every_case",
    "find_series",
    "increases",
    "last_commit",
    "latest_values",
    "next_expiry",
    "observation_versions",
    "observations",
    "payloads_of",
    "read_board",
    "read_payload",
    "readings",
    "rejected_records",
    "run_summaries",
    "runs",
    "totals",
]
