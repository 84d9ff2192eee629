"""What was refused at the door and must not be forgotten: values that cannot be, keys that vanished at once."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from ioc import spoken
from ioc.contradictions.found import Contradiction, Fact, Words, key_of, sentence
from ioc.contradictions.rules import Rule
from ioc.model import Variable
from ioc.store.contradictions import Outcome

_MOST = 8


class Withheld(NamedTuple):
    """Keys that a complete source no longer delivers, too many at once to be withdrawn; since: epoch ms."""

    source: str
    n: int
    total: int
    since: int


def impossible(
    rule: Rule,
    rejected: Iterable[tuple[str, Mapping[str, Any], int]],
    variables: Mapping[str, Variable],
    words: Words,
    mended: Callable[[Sequence[Fact]], Collection[Fact]] = lambda facts: (),
) -> Outcome:
    """Find values outside what is physically possible among rejected records.

    rejected: source, fragment and known_from (epoch ms) of each. One contradiction a source and variable, told by its
    newest value. mended: which of them the source corrected since; these are left out.
    """
    told: dict[tuple[str, str], list[Fact]] = defaultdict(list)
    for source, fragment, known_from in rejected:
        variable, value = variables.get(str(fragment.get("variable"))), fragment.get("value")
        if variable is None or isinstance(value, bool) or not isinstance(value, int | float):
            continue
        if fragment.get("flag") or not _outside(variable, value):
            continue
        place, time = str(fragment.get("place") or ""), fragment.get("time")
        at = time if isinstance(time, int) else known_from // 1000
        told[source, variable.id].append(
            Fact(source, variable.id, place, at, float(value), known_from, str(fragment.get("span") or ""))
        )
    corrected = mended([fact for of in told.values() for fact in of])
    found = []
    for subject, facts in sorted(told.items()):
        of = sorted(
            (fact for fact in facts if fact not in corrected), key=lambda fact: (-fact.time, fact.value)
        )
        if not of:
            continue
        found.append(_unreal(rule, subject, of, variables[subject[1]], words))
    return Outcome(found)


def _outside(variable: Variable, value: float) -> bool:
    low, high = variable.low, variable.high
    return (low is not None and value < low) or (high is not None and value > high)


def _unreal(
    rule: Rule, subject: tuple[str, str], of: list[Fact], variable: Variable, words: Words
) -> Contradiction:
    newest, source = of[0], words.source(of[0].source)
    place, when, value = words.place(newest.place), words.when(newest), words.value(newest)
    below = variable.low is not None and newest.value < variable.low
    limit = (variable.low if below else variable.high) or 0.0
    least = [spoken.measured(limit, variable.unit, lang) for lang in ("vi", "en")]
    vi = (
        f"{variable.name.vi} {when[0]} tại {place[0]}: “{source[0]}” gửi {value[0]}, "
        f"{'nhỏ' if below else 'lớn'} hơn mức có thể {least[0]}; {len(of)} giá trị như vậy đã bị từ chối"
    )
    en = (
        f"{variable.name.en}, {when[1]}, {place[1]}: “{source[1]}” sent {value[1]}, "
        f"{'below' if below else 'above'} what can be, {least[1]}; "
        f"{len(of)} such {'value was' if len(of) == 1 else 'values were'} refused"
    )
    return Contradiction(
        key_of(rule.id, *subject),
        rule.id,
        rule.kind,
        newest.source,
        words.owner(newest.source),
        sentence(vi, en),
        [words.evidence(fact) for fact in of[:_MOST]],
        variable=variable.id,
        place=newest.place,
        starts=newest.time,
        ends=newest.time,
    )


def vanished(rule: Rule, withheld: Iterable[Withheld], words: Words) -> Outcome:
    """Say of each source whose keys vanished too many at once that nothing was withdrawn until somebody confirms."""
    found = []
    for one in withheld:
        source = words.source(one.source)
        shares = [spoken.number(100 * one.n / one.total, lang, 1) for lang in ("vi", "en")]
        counts = [(spoken.number(one.n, lang), spoken.number(one.total, lang)) for lang in ("vi", "en")]
        vi = (
            f"“{source[0]}” không còn gửi {counts[0][0]}/{counts[0][1]} bản ghi ({shares[0]}%) trong hai lần lấy đủ; "
            "chưa xóa bản ghi nào, chờ xác nhận"
        )
        en = (
            f"“{source[1]}” no longer sends {counts[1][0]} of {counts[1][1]} records ({shares[1]}%) in two complete runs; "
            "none was withdrawn, this waits to be confirmed"
        )
        evidence = [
            {
                "name": {"vi": name[0], "en": name[1]},
                "value": value,
                "unit": "",
                "source": one.source,
                "place": "",
                "at": one.since // 1000,
                "known_from": one.since,
            }
            for name, value in (
                (("Bản ghi không còn", "Records no longer sent"), one.n),
                (("Bản ghi đang giữ", "Records held"), one.total),
            )
        ]
        found.append(
            Contradiction(
                key_of(rule.id, one.source),
                rule.id,
                rule.kind,
                one.source,
                words.owner(one.source),
                sentence(vi, en),
                evidence,
                starts=one.since // 1000,
            )
        )
    return Outcome(found)
