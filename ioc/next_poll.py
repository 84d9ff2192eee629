"""When a source is asked next, as its declaration and its last run say; the collector's jitter is left out."""

from __future__ import annotations

from datetime import datetime

from apscheduler.triggers.cron import CronTrigger

from ioc.calendar import LOCAL, ZONE_NAME
from ioc.model import Source
from ioc.outcome import ErrorKind, Outcome, backoff
from ioc.scheduler import REPORT_EVERY_S


def next_poll(
    source: Source,
    last_run: float,
    failures: int = 0,
    error_kind: ErrorKind = "",
    ask_after: float | None = None,
) -> float:
    """Return the instant (epoch s) at which a source is due to be asked after its last run ended.

    failures: failed runs in a row, error_kind of the last: it backs off as the collector does. ask_after: until
    when it asked to be left alone. An instant in the past means that no collector asked when it should have.
    """
    every = source.every or REPORT_EVERY_S
    if failures:
        again = last_run + backoff(every, failures, Outcome(source.id, "failed", error_kind=error_kind))
        return max(again, ask_after or 0.0)
    if source.cron:
        after = datetime.fromtimestamp(last_run, LOCAL)
        trigger = CronTrigger.from_crontab(source.cron, timezone=ZONE_NAME)
        return float(trigger.get_next_fire_time(None, after).timestamp())
    return last_run + every
