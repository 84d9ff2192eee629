"""What is found to disagree, and the sentences about it."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ioc.contradictions import denominators, exceeding, percent, refused, series, sums, two_sources
from ioc.contradictions.denominators import Rate
from ioc.contradictions.found import Fact, Words
from ioc.contradictions.rules import Rule, load_rules
from ioc.indicators.parts import Pick
from ioc.model import Source, Text, Variable

DAY = 86_400
NOON = 1_790_000_000
"""21 September 2026."""


def words() -> Words:
    def variable(id: str, unit: str, **more: float) -> Variable:
        return Variable(id, Text(f"Biến {id}", f"Variable {id}"), unit, **more)

    sources = {
        id: Source(id, Text(f"Nguồn {id}", f"Source {id}"), "sql", "health", "observation", f"owner_{id}")
        for id in ("a", "b")
    }
    variables = {
        one.id: one
        for one in (
            variable("share", "%"),
            variable("done", "{procedure}"),
            variable("visits", "{visit}", low=0.0, high=5000.0),
        )
    }
    return Words(sources, variables, lambda code: (f"nơi {code}", f"place {code}"))


def rule(kind: str, **more: object) -> Rule:
    return Rule("rule", kind, Text("Luật", "Rule"), "căn cứ", **more)


def fact(value: float, variable: str = "visits", source: str = "a", day: int = 0, **more: str) -> Fact:
    return Fact(source, variable, more.pop("place", "22"), NOON + day * DAY, value, 1, "day", **more)


def test_a_published_percentage_is_named_with_the_denominator_that_it_would_need():
    found = percent.disagree(
        rule("percent", wholes=(Pick("done"),)),
        fact(75, "share"),
        fact(1180, "done"),
        [fact(1712, "done"), fact(1832, "done")],
        words(),
    ).found
    (said,) = found
    assert "1.180/1.712 = 68,9% và 1.180/1.832 = 64,4%" in said.sentence["vi"]
    assert "để được 75% cần mẫu số ≈ 1.573, mẫu số không công bố" in said.sentence["vi"]
    assert "would need a denominator of ≈ 1,573" in said.sentence["en"]
    assert said.evidence[-1] | {"value": 1573.3, "computed": True} == said.evidence[-1]


def test_a_percentage_without_a_denominator_is_kept_and_says_so():
    outcome = percent.disagree(rule("percent"), fact(99.1, "share"), fact(87_669, "done"), [], words())
    (said,) = outcome.found
    assert said.kind == "no_denominator"
    assert "công bố 99,1%, mẫu số không công bố" in said.sentence["vi"]
    assert [one["value"] for one in said.evidence] == [99.1, 87_669]


@pytest.mark.parametrize(
    ("part", "whole", "printed"),
    [(1712, 1832, 93), (131_963, 184_039, 71.7), (1_073_202, 1_097_444, 97.79), (98, 117, 83.76)],
)
def test_printed_percentages_that_follow_from_their_parts_agree(part, whole, printed):
    outcome = percent.disagree(
        rule("percent", wholes=(Pick("done"),)), fact(printed, "share"), fact(part), [fact(whole)], words()
    )
    assert outcome.found == ()
    assert outcome.compared == {"a": (1, 0)}


@given(st.integers(1, 10**9), st.integers(1, 10**9), st.integers(0, 3))
def test_a_percentage_rounded_by_hand_is_never_a_contradiction(part, whole, decimals):
    assert percent.gives(part, whole, round(100 * part / whole, decimals), decimals)


def test_two_sources_disagree_beyond_the_tolerance_alone():
    facts = [fact(500, day=0), fact(504, source="b", day=0), fact(500, day=1), fact(530, source="b", day=1)]
    outcome = two_sources.differ(rule("two_sources", tolerance=0.01), facts, words())
    (said,) = outcome.found
    assert (said.source, said.other, said.owner) == ("a", "b", "owner_a")
    assert "“Nguồn a” ghi 500 lượt, “Nguồn b” ghi 530 lượt, chênh 30 lượt (5,7%)" in said.sentence["vi"]
    assert "1/2 lần đối chiếu" in said.sentence["vi"]
    assert outcome.compared == {"a": (2, 1), "b": (2, 1)}


@given(st.lists(st.tuples(st.integers(0, 9), st.integers(0, 10**6)), max_size=20))
def test_sources_that_say_the_same_never_disagree(told):
    facts = [fact(value, source=source, day=day) for day, value in dict(told).items() for source in "ab"]
    assert two_sources.differ(rule("two_sources"), facts, words()).found == []


def test_parts_that_fall_short_of_their_total_are_named():
    name = ("Tiếp nhận", "Received")
    whole = sums.Whole(fact(620), name, [fact(588), fact(30)], [("Đã xử lý", "Done"), ("Đang xử lý", "Open")])
    (said,) = sums.unequal(rule("sum"), [whole], words()).found
    assert "588 + 30 = 618 (thiếu 2)" in said.sentence["vi"]
    assert [one["value"] for one in said.evidence] == [620, 588, 30]
    right = sums.Whole(fact(620), name, [fact(588), fact(32)], whole.names)
    assert sums.unequal(rule("sum"), [right], words()).found == []


def test_a_cumulative_figure_may_fall_at_a_new_year_and_not_before():
    december = 1_798_650_000  # 31 December 2026
    new_year = [Fact("a", "visits", "22", december + n * DAY, v, 1, "day") for n, v in ((0, 900), (1, 3))]
    assert series.falls(rule("falls"), new_year, words()).found == []
    (said,) = series.falls(rule("falls"), [fact(900), fact(880, day=1)], words()).found
    assert "giảm từ 900 lượt" in said.sentence["vi"]
    assert "xuống 880 lượt" in said.sentence["vi"]


def test_a_total_that_doubles_where_areas_were_merged_is_found():
    told = [fact(100 + n, day=-30 * n) for n in (1, 2, 3)] + [fact(200 + n, day=30 * n) for n in (0, 1, 2)]
    (said,) = series.jumps(rule("jump", on=NOON, factor=1.5), told, words()).found
    assert "nhảy từ 102 lượt lên 201 lượt quanh ngày 21/09/2026" in said.sentence["vi"]
    assert series.jumps(rule("jump", on=NOON, factor=2.5), told, words()).found == []


@pytest.mark.parametrize(
    ("before", "after", "better", "expected"),
    [
        ((80, 100), (80, 85), "higher", True),
        ((80, 100), (84, 90), "higher", False),  # more was done, too
        ((80, 100), (70, 100), "higher", False),  # worse
        ((80, 100), (78, 98), "higher", False),  # hardly smaller
        ((20, 100), (5, 80), "lower", True),  # the late ones are not counted any more
        ((20, 100), (10, 100), "lower", False),
    ],
)
def test_a_rate_is_doubted_where_it_improved_by_counting_less(before, after, better, expected):
    of = [Rate(*parts, "2026-10", 0, 1) for parts in (before, after)]
    assert denominators.shrank(*of, better, 0.1) is expected


def test_impossible_values_are_told_once_a_variable():
    rejected = [
        ("a", {"variable": "visits", "value": -5, "place": "22", "time": NOON, "span": "day"}, 1),
        ("a", {"variable": "visits", "value": 9000, "place": "23", "time": NOON + DAY, "span": "day"}, 1),
        (
            "a",
            {"variable": "visits", "value": 12, "place": "22", "time": NOON},
            1,
        ),  # refused for another reason
        ("a", {"key": "x"}, 1),
    ]
    (said,) = refused.impossible(rule("impossible"), rejected, words().variables, words()).found
    assert "gửi 9.000 lượt, lớn hơn mức có thể 5.000 lượt; 2 giá trị như vậy" in said.sentence["vi"]


def test_keys_that_vanish_at_once_wait_to_be_confirmed():
    (said,) = refused.vanished(rule("gone"), [refused.Withheld("a", 30, 120, 5_000)], words()).found
    assert "30/120 bản ghi (25,0%)" in said.sentence["vi"]
    assert "chờ xác nhận" in said.sentence["vi"]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('kind = "sum"\ntotal = { variable = "visits" }', "parts were expected, or by"),
        ('kind = "jump"', "the variables whose totals must not jump were expected"),
        ('kind = "two_sources"\nvariables = ["nothing"]', "'nothing' is not declared in variables.toml"),
        ('kind = "denominator"\nindicators = ["reports_open"]', "'reports_open' is no share"),
        (
            'kind = "sum"\ntotal = { variable = "visits" }\nover = "year"\n'
            'parts = [{ variable = "visits" }, { variable = "beds_total" }]',
            "a variable as total and one as parts were expected",
        ),
        ('kind = "exceeds"\nchains = [["visits"]]', "at least two variables were expected"),
        ('kind = "guess"', "one of two_sources, sum"),
    ],
)
def test_a_rule_that_cannot_be_is_a_fault_with_a_sentence(tmp_path: Path, declared, text, message):
    body = f'[wrong]\nname = {{ vi = "Sai", en = "Wrong" }}\nbasis = "căn cứ"\n{text}\n'
    (tmp_path / "checks.toml").write_text(body, encoding="utf-8")
    rules, faults = load_rules(tmp_path, declared.catalogue, declared.definitions)
    assert rules == {}
    assert message in str(faults[0])


def test_a_part_larger_than_its_whole_is_named_with_what_is_too_much():
    pairs = [
        (fact(100, "done"), fact(101, "visits")),
        (fact(100, "done", day=1), fact(104, "visits", day=1)),
        (fact(100, "done", day=2), fact(100, "visits", day=2)),
    ]
    outcome = exceeding.exceed(rule("exceeds"), pairs, words())
    (said,) = outcome.found
    assert "“Nguồn a” ghi 104 lượt, lớn hơn Biến done 100 thủ tục (thừa 4 lượt)" in said.sentence["vi"]
    assert "2/3 lần đối chiếu không khớp" in said.sentence["vi"]
    assert (said.variable, said.owner, outcome.compared) == ("visits", "owner_a", {"a": (3, 2)})
