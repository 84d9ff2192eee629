"""The store: what was received, when it was known, and what is counted ahead of a question."""

from ioc.store.load import load
from ioc.store.measures import DIMS, Measure, ensure_measures, rebuild_measures
from ioc.store.runs import (
    Request,
    ask_poll,
    close_abandoned_runs,
    finish_run,
    read_cursor,
    serve_request,
    start_run,
    waiting_requests,
    withdraw_request,
)
from ioc.store.store import Commit, Store, open_store
from ioc.store.writer import Kept, Touched, keep_page

__all__ = [
    "DIMS",
    "Commit",
    "Kept",
    "Measure",
    "Request",
    "Store",
    "Touched",
    "ask_poll",
    "close_abandoned_runs",
    "ensure_measures",
    "finish_run",
    "keep_page",
    "load",
    "open_store",
    "read_cursor",
    "rebuild_measures",
    "serve_request",
    "start_run",
    "waiting_requests",
    "withdraw_request",
]
