"""Why a record cannot be kept: the sentence is the product."""

from __future__ import annotations

import math

import pytest

from ioc.model import Case, Event, Observation
from ioc.store.plausible import implausible_case, implausible_event, implausible_observation
from tests.store.given import DAY, NOW, dossier, value

EARLIEST, LAST = 1_704_067_200, NOW + 300
TOO_EARLY = "before 01/01/2024 07:00, the earliest that the source may report"
TOO_LATE = "after 09/10/2025 15:58, the latest that the source may report now"
JUDGES = {Observation: implausible_observation, Case: implausible_case, Event: implausible_event}


@pytest.mark.parametrize(
    ("record", "sentence"),
    [
        (value(NOW, math.nan), "pm25 is nan: no number"),
        (value(NOW, math.inf), "pm25 is inf: no number"),
        (value(0, 1.0), f"time is 01/01/1970 07:00, {TOO_EARLY}"),
        (value(NOW + 3600, 1.0), f"time is 09/10/2025 16:53, {TOO_LATE}"),
        (value(NOW + 0.5, 1.0), "time is 1760000000.5: no instant"),
        (dossier("H1", opened=NOW + DAY), f"opened is 10/10/2025 15:53, {TOO_LATE}"),
        (dossier("H1", closed=100), f"closed is 01/01/1970 07:01, {TOO_EARLY}"),
        (dossier("H1", due=NOW * 10**9),
         "due is second 1760000000000000000, after 24/10/2045 15:58, the latest that the source may report now"),
        (dossier("H1", waited_s=1.5), "waited_s is 1.5: no whole number of seconds"),
        (dossier("H1", lat=math.nan), "lat is nan: no number"),
        (dossier("H1", facts={"fee": math.inf}), "facts.fee is inf: no number"),
        (dossier("H1", facts={"fee": 2**70}), f"facts.fee is {2**70}: too large a number"),
        (dossier("H1", facts={"note": "\ud800"}), "facts.note holds a character that is none"),
        (dossier("H1", facts={"list": [1]}), "facts.list is a list: a text, number or truth value was expected"),
        (dossier("H1", step="a\0b"), "a field holds a character that is none (NUL or half of one)"),
        (Event("W1", "warning", 5), f"starts is 01/01/1970 07:00, {TOO_EARLY}"),
        (Event("W1", "warning", NOW, areas=("\ud800",)), "a field holds a character that is none (NUL or half of one)"),
    ],
)  # fmt: skip
def test_a_record_that_cannot_be_is_refused_with_a_sentence(record, sentence):
    assert JUDGES[type(record)](record, EARLIEST, LAST) == sentence


@pytest.mark.parametrize(
    "record",
    [
        value(LAST, 1.0),
        value(EARLIEST, None),
        dossier("H1", due=NOW + 300 * DAY, facts={"note": "Đất ở", "paid": True, "n": None}),
        Event("W1", "warning", NOW + 30 * DAY),
    ],
)
def test_a_record_at_the_edge_of_what_can_be_is_kept(record):
    assert JUDGES[type(record)](record, EARLIEST, LAST) == ""
