"""The six groups of the 766 index from their parts."""

from decimal import Decimal
from pathlib import Path

import pytest

from ioc.errors import DeclarationError
from ioc.indicators.statutory.index_766 import load_groups, score_group, score_index, total, weakest

PATH = Path(__file__).parents[2] / "data/standards/index_766.toml"
GROUPS = load_groups(PATH)
GROUP = {group.code: group for group in GROUPS}
FULL = {part.code: (100.0, 100.0) for group in GROUPS for part in group.parts}


def test_the_portal_shows_six_groups_of_100_points():
    assert [(group.code, group.max) for group in GROUPS] == [
        ("CKMB", 18),
        ("TDGQ", 20),
        ("CLGQ", 12),
        ("TTTT", 10),
        ("MDSH", 22),
        ("MDHL", 18),
    ]


def test_a_province_that_does_everything_has_100_points():
    scores = score_index(GROUPS, FULL)
    assert total(scores) == 100
    assert [score.score for score in scores] == [group.max for group in GROUPS]


@pytest.mark.parametrize(
    ("group", "ratios", "score"),
    [
        ("CKMB", {"PUBLISH_ON_TIME": (95.5, 100), "DOSSIER_SYNC": (9120, 9300)}, "17.61"),
        ("TDGQ", {"ON_TIME": (1342, 1432)}, "18.74"),
        ("CLGQ", {"ONLINE_PROVISION": (60, 100), "ONLINE_SERVICE_USED": (70, 100)}, "10.30"),
        ("CLGQ", {"ONLINE_PROVISION": (80, 100), "ONLINE_CHANNEL": (30, 100)}, "9.60"),
        ("TTTT", {"PAYMENT_DOSSIER": (50, 100), "PAYMENT_FORMALITY": (40, 100)}, "6.50"),
        ("TTTT", {}, "10.00"),
        ("TTTT", {"PAYMENT_DOSSIER": (0, 0)}, "4.50"),
        ("MDSH", {"REUSED_DIGITIZED_DATA": (40, 100)}, "21.00"),
        ("MDHL", {"DOSSIER_RECEIVING_SATISFACTION": (81, 100)}, "17.40"),
        ("MDHL", {"DOSSIER_RECEIVING_SATISFACTION": (0, 0)}, "12.00"),
        ("MDHL", {"PETITION_PROCESSING_ON_TIME": (0, 0), "PETITION_HANDLING_SATISFACTION": (0, 0)}, "18.00"),
    ],
)
def test_a_group_follows_from_its_parts(group, ratios, score):
    assert score_group(GROUP[group], FULL | ratios).score == Decimal(score)


def test_a_part_scores_as_the_portals_metric_item_says():
    scored = score_group(GROUP["CKMB"], FULL | {"DOSSIER_SYNC": (9120, 9300)})
    assert scored.parts["DOSSIER_SYNC"] == Decimal("5.88")


@pytest.mark.parametrize("ratio", [(0.0, 0.0), None])
def test_nothing_to_divide_by_is_no_score_and_not_zero(ratio):
    scored = score_group(GROUP["TDGQ"], {"ON_TIME": ratio})
    assert (scored.score, scored.missing) == (None, ("ON_TIME",))
    assert total(score_index(GROUPS, FULL | {"ON_TIME": ratio})) is None


def test_the_weakest_group_has_the_lowest_share_of_its_own_maximum():
    portal = {"CKMB": 17.1, "TDGQ": 18.9, "CLGQ": 10.2, "TTTT": 8.1, "MDSH": 18.7, "MDHL": 15.4}
    found = weakest(GROUPS, portal)
    assert found is not None
    assert found.code == "TTTT"
    found = weakest(GROUPS, {**portal, "TTTT": None})
    assert found is not None
    assert found.code == "CLGQ"  # 85 % as MDSH, and declared before it
    assert weakest(GROUPS, {}) is None


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        (
            "max  = 20",
            "max  = 19",
            r"index_766.toml: \[group\] expected groups of 100 points together, found 99",
        ),
        ('"PUBLISH_ON_TIME"', '"DOSSIER_SYNC"', r"expected each part once, found DOSSIER_SYNC more often"),
        (
            "full_at = 0.5",
            "full_at = 50",
            r"\[group\[3\].part\[3\].full_at\] expected a share above 0 up to 1",
        ),
        ("max = 20,", "max = 12,", r"\[group\[2\].part\] expected parts that reach 20, found 12"),
    ],
)
def test_a_faulty_declaration_is_named(tmp_path, old, new, message):
    text = PATH.read_text(encoding="utf-8")
    assert old in text
    (tmp_path / "index_766.toml").write_text(text.replace(old, new), encoding="utf-8")
    with pytest.raises(DeclarationError, match=message):
        load_groups(tmp_path / "index_766.toml")
