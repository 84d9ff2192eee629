"""A faulty declaration is named by file, table, key and what was expected."""

import tomllib
from dataclasses import replace

import pytest

from ioc.declared import Table
from ioc.errors import DeclarationError
from ioc.indicators.declaring import load, read_definition

GOOD = """
name = { vi = "Tỷ lệ", en = "Share" }
sector = "public_services"
unit = "%"
decimals = 1
of = "case:dossier"
by = "closed"
numerator = { closed = true, on_time = true }
denominator = { closed = true }
period = "month"
better = "higher"
fresh_for = "1h"
owner = "van_phong_ubnd"
basis = "QĐ 766"
example = [{ given = [{ n = 1, closed = true }], expect = { value = 100 } }]
"""


def read(text: str):
    return read_definition(Table("share", "data/indicators/x.toml", tomllib.loads(text)))


def without(key: str) -> str:
    return "\n".join(line for line in GOOD.splitlines() if not line.startswith(key))


def test_a_good_declaration_is_read():
    found = read(GOOD)
    assert (found.id, found.by, found.is_share, found.factor, found.fresh_for) == (
        "share",
        "closed",
        True,
        100,
        3600,
    )


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (without("by"), "[share.by] either by = opened | closed | due"),
        (GOOD + "stock = true\n", "[share.by] either by = opened | closed | due"),
        (without("owner"), "[share.owner] the id of the agency that answers for it was expected"),
        (GOOD.replace('"van_phong_ubnd"', '" "'), "[share.owner] the id of the agency"),
        (without("basis"), "[share.basis] the rule or document that defines it was expected"),
        (without("fresh_for"), "[share.fresh_for] exactly one of fresh_for"),
        (without("example"), "[share.example] at least one worked example was expected"),
        (GOOD + "warning = 95\n", "[share.limit_basis] the basis of warning and critical was expected"),
        (
            GOOD + 'warning = 95\ncritical = 98\nlimit_basis = "x"\n',
            "[share.critical] a limit below warning = 95",
        ),
        (GOOD.replace("on_time = true", "on_tme = true"), "[share.numerator] on_tme: unknown condition"),
        (GOOD.replace("on_time = true", "overdue = true"), "[share.numerator] overdue: only a stock"),
        (GOOD.replace("on_time = true", 'state = "closd"'), "[share.numerator] state: new, refused, open"),
        (
            GOOD.replace("expect = { value = 100 }", "expect = {}"),
            "[share.example 1.expect] what must come out",
        ),
        (GOOD.replace('"1h"', '"0s"'), "[share.fresh_for] a length above nought was expected"),
        (
            GOOD + 'warning = nan\nlimit_basis = "x"\n',
            "[share.warning] a finite number was expected, not nan",
        ),
        (
            GOOD.replace("decimals = 1", "decimals = true"),
            "[share.decimals] a whole number was expected, not True",
        ),
        (GOOD + "numerators = 1\n", "'numerators' is unknown; did you mean 'numerator'?"),
        (
            GOOD.replace('"Tỷ lệ"', '"Một tên chỉ số dài quá hai mươi hai ký tự"'),
            "[share.short.vi] a short name",
        ),
        (GOOD + 'take = "median"\n', "[share.take] needs duration or value"),
        (GOOD.replace('"month"', '"fortnight"'), "[share.period] one of hour, day"),
        (GOOD + "target = [{ by = 2030, value = 98 }]\n", "[share.target 1.basis] a resolution was expected"),
    ],
)
def test_a_fault_is_named(text, message):
    with pytest.raises(DeclarationError) as fault:
        read(text)
    assert str(fault.value).startswith("data/indicators/x.toml: ")
    assert message in str(fault.value)


MEASURED = """
name = { vi = "Giường", en = "Beds" }
sector = "health"
unit = "{bed}"
of = "observation"
numerator = { variable = "beds_total" }
better = "neutral"
fresh_for = "1h"
owner = "so_y_te"
basis = "Quy định thử"
example = [{ given = [], expect = { num = 0 } }]
"""


@pytest.mark.parametrize(
    ("was", "is_now", "message"),
    [
        ('"beds_total"', '"beds_total", span = "monthly"', "[beds.numerator.span] one of instant, minute"),
        ('"beds_total"', '"beds_total", method = "guess"', "[beds.numerator.method] one of measured"),
        ('"{bed}"', '"ug/m3"', "[beds.unit] '{bed}' was expected, in which beds_total is kept"),
        (
            '"1h"',
            '"1h"\nsources = ["one_stop"]',
            "[beds.sources] one_stop tells of case:dossier, not of observation",
        ),
    ],
)
def test_a_definition_that_does_not_fit_what_it_speaks_of_is_refused_alone(catalogue, was, is_now, message):
    text = MEASURED.replace(was, is_now)
    tables = {"beds": text, "good": MEASURED}
    indicators = {id: Table(id, "x.toml", tomllib.loads(one)) for id, one in tables.items()}
    found, faults = load(replace(catalogue, indicators=indicators))
    assert list(found) == ["good"]
    assert [message in str(fault) for fault in faults] == [True], faults
