"""The tables: what is known now, what was known before, and what is counted ahead of a question.

Columns named time, opened, due, closed, starts, ends, bucket, day, known_day and valid_until are epoch s UTC
(day, known_day and the buckets of rollup_day: the instant of a local midnight). known_from, known_to and
names ending in _ms, started, finished, asked, served, saved, stored, first_seen, last_seen and changed are epoch ms.
An absent text is "".
"""

from __future__ import annotations

from ioc.store.schema.days import DAY, HOUR, OFFSET, known_day, local_midnight
from ioc.store.schema.observations import latest, observation, observation_past, rollup_day, rollup_hour
from ioc.store.schema.published import board, board_past, mark, reading, reading_past
from ioc.store.schema.records import case_day, case_past, case_record, event_past, event_record, measure
from ioc.store.schema.runs import (
    cursor,
    field_seen,
    missing,
    payload,
    postponed,
    rejected,
    request,
    run,
    run_payload,
)
from ioc.store.schema.standing import (
    SERIES_KEY,
    bounded,
    clock,
    definition,
    lease,
    place,
    series,
    source,
    stamp,
)
from ioc.store.schema.tables import metadata

__all__ = [
    "DAY",
    "HOUR",
    "OFFSET",
    "SERIES_KEY",
    "board",
    "board_past",
    "bounded",
    "case_day",
    "case_past",
    "case_record",
    "clock",
    "cursor",
    "definition",
    "event_past",
    "event_record",
    "field_seen",
    "known_day",
    "latest",
    "lease",
    "local_midnight",
    "mark",
    "measure",
    "metadata",
    "missing",
    "observation",
    "observation_past",
    "payload",
    "place",
    "postponed",
    "reading",
    "reading_past",
    "rejected",
    "request",
    "rollup_day",
    "rollup_hour",
    "run",
    "run_payload",
    "series",
    "source",
    "stamp",
]
