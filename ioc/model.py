"""The nouns: what a source delivers, what a declaration says, what commits together.

Instants of measurement are epoch seconds UTC (int); instants of knowledge are epoch milliseconds.
An absent text is "", an absent number or instant is None.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, Literal, NamedTuple, Protocol

from ioc.structure import UNSEEN, Structure

Cursor = Mapping[str, Any]
"""Where a source goes on: a JSON object that its connector alone understands; empty at the start.

One key is reserved: "window": [since, until] (epoch s, half-open) asks for that span only, as a backfill does.
A connector that reads spans honours it, keeps it in the cursors of its pages and ends when the span is read;
one that cannot ignores it. A source with a declared `history` is asked so, backwards in steps.
"""

State = Literal["new", "refused", "open", "waiting_supplement", "waiting_payment", "stopped", "closed"]
STATES: tuple[State, ...] = (
    "new", "refused", "open", "waiting_supplement", "waiting_payment", "stopped", "closed",
)  # fmt: skip
SUSPENDED: tuple[State, ...] = ("waiting_supplement", "waiting_payment")
PENDING: tuple[State, ...] = ("open", *SUSPENDED)
BOUNDS = (">=", "<=")
"""Flags of an observation that is only known to be at least, or at most, so much."""
NOT_RECEIVED: tuple[State, ...] = ("new", "refused")


class Observation(NamedTuple):
    """One value of one series at one place and time.

    time: epoch s UTC; place: area code or site id; value in the variable's unit, None for a reported gap.
    flag: "" valid; "01" calibration, "02" device error (kept, never averaged); ">=" or "<=" a bound.
    span: instant, minute, hour, day, week, month, quarter, year;
    kind: instant, mean, count, cumulative, rank, share; method: measured, estimated, forecast, official.
    """

    variable: str
    time: int
    place: str
    value: float | None
    flag: str = ""
    agency: str = ""
    category: str = ""
    channel: str = ""
    span: str = "instant"
    kind: str = "instant"
    method: str = "measured"


class Case(NamedTuple):
    """Something opened, due and closed; instants are epoch s UTC.

    key is unique in its source. received_by, responsible, holder are agency ids; area is a commune's code.
    waited_s: seconds spent waiting for supplements or payment, which do not count against the due instant.
    facts: declared further fields, JSON scalars only (level, rating, has_evidence, …).
    """

    key: str
    kind: str
    state: State
    opened: int
    status: str = ""
    due: int | None = None
    closed: int | None = None
    received_by: str = ""
    responsible: str = ""
    holder: str = ""
    step: str = ""
    channel: str = ""
    category: str = ""
    level: str = ""
    area: str = ""
    site: str = ""
    waited_s: int = 0
    lat: float | None = None
    lon: float | None = None
    facts: Mapping[str, str | int | float | bool | None] = MappingProxyType({})

    @property
    def on_time(self) -> bool | None:
        """Closed not after due (waiting excluded); None while it is not closed or has no due instant."""
        if self.state != "closed" or self.closed is None or self.due is None:
            return None
        return self.closed - self.waited_s <= self.due


class Event(NamedTuple):
    """Something said or that happened over a span; starts and ends are epoch s UTC, ends None while open."""

    key: str
    kind: str
    starts: int
    ends: int | None = None
    severity: str = ""
    headline: str = ""
    areas: tuple[str, ...] = ()
    category: str = ""
    site: str = ""
    facts: Mapping[str, str | int | float | bool | None] = MappingProxyType({})


Record = Observation | Case | Event


@dataclass(frozen=True, slots=True)
class Rejected:
    """A record that could not be understood: where it stood, why (a sentence), and its declared fields."""

    address: str
    reason: str
    fragment: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Page:
    """What commits together: at most 5,000 records or 8 MB.

    records: in the order received. rejected: what could not be understood.
    cursor: where to go on once this page is in the store; None leaves the stored one.
    kept: what is kept of the answer: canonical JSON lines of the declared fields, or the bytes as they came
    where the source declares keep = "raw"; b"" where nothing changed (304).
    received_hash, received_bytes: SHA-256 (hex) and size of what was received; status: HTTP status or None.
    complete: this page ends a run that delivered everything there is (only then can a missing key mean gone).
    structure: which fields the records had, where the declaration maps fields.
    """

    records: Sequence[Record] = ()
    rejected: Sequence[Rejected] = ()
    cursor: Cursor | None = None
    kept: bytes = b""
    received_hash: str = ""
    received_bytes: int = 0
    status: int | None = None
    complete: bool = False
    unchanged: bool = False
    structure: Structure = UNSEEN


@dataclass(frozen=True, slots=True)
class Text:
    """A text in Vietnamese and English; short forms fall back to the long ones."""

    vi: str
    en: str
    short_vi: str = ""
    short_en: str = ""

    def say(self, lang: str, *, short: bool = False) -> str:
        """Return the text in lang ("vi" or "en")."""
        if lang == "en":
            return (self.short_en if short else "") or self.en or self.vi
        return (self.short_vi if short else "") or self.vi


@dataclass(frozen=True, slots=True)
class Sector:
    """A field of government that has a page of its own."""

    id: str
    name: Text
    order: int
    icon: str = ""


@dataclass(frozen=True, slots=True)
class Variable:
    """What is measured, with one fixed UCUM unit.

    low, high: what is physically possible, in that unit. combine: how values of a day become one
    (mean, sum, last, max). stamp: whether a time marks the "start" or the "end" of its span.
    """

    id: str
    name: Text
    unit: str
    combine: str = "mean"
    stamp: str = "start"
    low: float | None = None
    high: float | None = None


@dataclass(frozen=True, slots=True)
class Limit:
    """A limit of one facility's permit or of a regulation, valid from one local day to another."""

    variable: str
    low: float | None
    high: float | None
    valid_from: str
    valid_to: str | None
    basis: str


@dataclass(frozen=True, slots=True)
class Site:
    """A place with an instrument or a service: station, hospital, camera; lat, lon in degrees WGS84."""

    id: str
    name: Text
    kind: str
    area: str
    lat: float | None = None
    lon: float | None = None
    agency: str = ""
    facility: str = ""
    codes: tuple[str, ...] = ()
    limits: tuple[Limit, ...] = ()


@dataclass(frozen=True, slots=True)
class Due:
    """A reporting date: day of the month (or of the year with month), local time, unit of the period."""

    day: int
    time: str = "17:00"
    period: str = "month"
    month: int | None = None


@dataclass(frozen=True, slots=True)
class Source:
    """A declared feed. Lengths are seconds.

    shape: "observation", "case:<kind>" or "event:<kind>". every, cron and due: exactly one of them.
    options: the connector's own keys, checked by the connector. keep: "fields" or "raw".
    history: how much of the past is fetched after the first poll. ignore: mapped fields whose change makes no
    version. loose: references that are left empty where they resolve to nothing, in place of rejecting.
    compares: places may be other provinces too.
    earliest, ahead_s: the plausible range of times: not before earliest (epoch s), not after now + ahead_s.
    agreed: the local midnight (epoch s) of the day up to whose end changes of the structure are agreed upon.
    """

    id: str
    name: Text
    connector: str
    sector: str
    shape: str
    owner: str
    url: str = ""
    vendor: str = ""
    licence: str = ""
    every: float | None = None
    cron: str = ""
    due: Due | None = None
    fresh_for: float = 0.0
    deadline: float = 60.0
    max_bytes: int = 64_000_000
    rejected_share: float = 0.05
    earliest: int = 0
    agreed: int | None = None
    ahead_s: float = 300.0
    personal_data: bool = True
    keep: str = "fields"
    keep_days: int = 90
    complete: bool = False
    compares: bool = False
    history: float = 0.0
    ignore: tuple[str, ...] = ()
    loose: tuple[str, ...] = ()
    auth: Mapping[str, Any] = field(default_factory=dict)
    options: Mapping[str, Any] = field(default_factory=dict)
    file: str = ""
    hash: str = ""


class Fetch(Protocol):
    """What a connector does: ask and translate, page by page."""

    def __call__(self, source: Source, cursor: Cursor) -> Iterator[Page]: ...
