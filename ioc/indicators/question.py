"""What is asked of an indicator: where, of which part, over which period, as known when."""

from __future__ import annotations

from collections.abc import Container, Mapping
from dataclasses import dataclass, fields
from datetime import datetime

from ioc.agencies import Agencies
from ioc.calendar import DAY_S, LOCAL, Calendar, Period, iso, parse_period, period_of
from ioc.errors import QuestionError
from ioc.indicators.definition import Definition
from ioc.territory import Territory, UnknownAreaError

DIMENSIONS = ("area", "agency", "site", "category", "channel")
ROLLING = ("last_24h", "last_7d", "last_30d", "to_date")


@dataclass(frozen=True, slots=True)
class Question:
    """Narrow an indicator; "" asks for everything. agency is the responsible one of a case.

    period: as calendar.parse_period reads it; None: the definition's own. at: epoch s, for a stock.
    as_of: epoch ms of knowledge; None: now.
    """

    area: str = ""
    agency: str = ""
    site: str = ""
    category: str = ""
    channel: str = ""
    period: str | None = None
    at: int | None = None
    as_of: int | None = None

    @property
    def narrowed(self) -> tuple[tuple[str, str], ...]:
        """The dimensions that are narrowed, with the wanted value."""
        return tuple((name, value) for name in DIMENSIONS if (value := getattr(self, name)))


@dataclass(frozen=True, slots=True)
class Moment:
    """When a question is answered: now (as_of where one is given), the valid time asked for, what was known.

    known: epoch ms of knowledge, None for all that is known. at: the instant of a stock.
    """

    now: int
    known: int | None
    at: int
    period: Period


def moment(definition: Definition, question: Question, now: int, calendar: Calendar) -> Moment:
    """Return when a question is answered. Raises QuestionError with a sentence that says how to ask it."""
    clock = now
    if question.as_of is not None:
        if question.as_of > now * 1000 + 999:
            raise QuestionError(
                f"as_of={iso(question.as_of // 1000)} lies in the future; leave it out to ask for now"
            )
        clock = question.as_of // 1000
    if question.at is not None and question.at > clock:
        raise QuestionError(
            f"at={iso(question.at)} lies after the instant of asking; leave it out to ask for now"
        )
    if definition.stock and question.period is not None:
        raise QuestionError(
            f"{definition.id} is a stock, counted at an instant: ask with at= in place of period="
        )
    if definition.shape != "observation" and not definition.stock and question.at is not None:
        raise QuestionError(
            f"{definition.id} counts what happens in a period: ask with period= in place of at="
        )
    at = clock if question.at is None else question.at
    if definition.stock:
        instant = Period("window", "", at, at, True, at)
        return Moment(clock, question.as_of, at, instant)
    text = question.period or (definition.period if definition.period in ROLLING else None)
    if text is not None:
        period = parse_period(text, at, calendar)
        if period.start < -DAY_S:
            raise QuestionError(f"period={text} begins before 1970; ask for one of our time")
        return Moment(clock, question.as_of, at, period)
    kind = definition.period
    assert kind in ("hour", "day", "week", "month", "quarter", "year", "report")
    return Moment(clock, question.as_of, at, period_of(kind, at, at, calendar))  # type: ignore[arg-type]


def check(
    question: Question, province: str, territory: Territory, agencies: Agencies, sites: Container[str]
) -> None:
    """Refuse a place, a body or a station that there is not: raises QuestionError with a sentence."""
    if question.area and question.area != province:
        try:
            area = territory.area(question.area)
        except UnknownAreaError as error:
            raise QuestionError(str(error)) from None
        if area.parent != province:
            raise QuestionError(f"area={question.area} ({area.full_name}) lies outside province {province}")
    if question.agency and not agencies.knows(question.agency):
        raise QuestionError(f"agency={question.agency} is not known; /api/v1/agencies lists them")
    if question.site and question.site not in sites:
        raise QuestionError(f"site={question.site} is not declared")


def parse(asked: Mapping[str, str]) -> Question:
    """Read a question as a URL states it. Raises QuestionError for an unknown name or an unreadable instant."""
    known = {field.name for field in fields(Question)}
    unknown = sorted(set(asked) - known)
    if unknown:
        raise QuestionError(f"{', '.join(unknown)} is not understood; known are {', '.join(sorted(known))}")
    given = {name: text for name, text in asked.items() if text}
    at, as_of = given.pop("at", None), given.pop("as_of", None)
    return Question(
        **given,
        at=None if at is None else int(instant("at", at).timestamp()),
        as_of=None if as_of is None else int(instant("as_of", as_of).timestamp() * 1000),
    )


def instant(name: str, text: str) -> datetime:
    """Read an instant such as 2026-11-21T08:00:00+07:00; local time where it has no offset."""
    try:
        # a plus sign in a URL that was not escaped arrives as a blank
        found = datetime.fromisoformat(text.strip().replace(" ", "+") if "T" in text else text.strip())
    except ValueError:
        raise QuestionError(
            f"{name}={text} is no instant; write it as 2026-11-21T08:00:00+07:00 (RFC 3339)"
        ) from None
    return found if found.tzinfo else found.replace(tzinfo=LOCAL)
