"""Cases, events, and the counts of cases by day."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Column, Index, PrimaryKeyConstraint

from ioc.store.columns import Int, Json, Real, Text
from ioc.store.schema.tables import may, must, table


def _case_columns() -> list[Column[Any]]:
    return [
        must("source_id", Int),
        *(must(name, Text) for name in ("key", "kind", "state")),
        must("opened", Int),
        must("status", Text),
        may("due", Int),
        may("closed", Int),
        *(must(name, Text) for name in ("received_by", "responsible", "holder", "step")),
        *(must(name, Text) for name in ("channel", "category", "level", "area", "site")),
        must("waited_s", Int),
        may("lat", Real),
        may("lon", Real),
        must("facts", Json),
        must("run_id", Int),
        must("known_from", Int),
    ]


case_record = table(
    "case_record",
    *_case_columns(),
    PrimaryKeyConstraint("source_id", "key"),
    Index("case_opened", "kind", "opened"),
    Index("case_due", "kind", "due"),
    Index("case_closed", "kind", "closed"),
    Index("case_state", "kind", "state", "due"),
    Index("case_known", "kind", "known_from"),
)
case_past = table(
    "case_past",
    *_case_columns(),
    must("known_to", Int),
    PrimaryKeyConstraint("source_id", "key", "known_from"),
    Index("case_past_known", "kind", "known_from"),
    Index("case_past_until", "kind", "known_to"),
)
measure = table(
    "measure", Column("id", Int, primary_key=True), must("name", Text, unique=True), must("hash", Text)
)
case_day = table(
    "case_day",
    must("measure_id", Int),
    must("dim", Text),  # "" total, a field of Case, or two of them joined by ","
    must("day", Int),
    must("key", Text),
    must("bin", Int),
    must("known_day", Int),
    must("n", Int),  # a difference: sum over known_day to learn a count
    PrimaryKeyConstraint("measure_id", "dim", "day", "key", "bin", "known_day"),
    rowid=False,
)


def _event_columns() -> list[Column[Any]]:
    return [
        must("source_id", Int),
        must("key", Text),
        must("kind", Text),
        must("starts", Int),
        may("ends", Int),
        must("severity", Text),
        must("headline", Text),
        must("areas", Json),
        must("category", Text),
        must("site", Text),
        must("facts", Json),
        must("run_id", Int),
        must("known_from", Int),
    ]


event_record = table(
    "event_record",
    *_event_columns(),
    PrimaryKeyConstraint("source_id", "key"),
    Index("event_starts", "kind", "starts"),
)
event_past = table(
    "event_past",
    *_event_columns(),
    must("known_to", Int),
    PrimaryKeyConstraint("source_id", "key", "known_from"),
    Index("event_past_until", "kind", "known_to"),
)
