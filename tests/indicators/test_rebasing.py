"""Figures of before July 2025 are stated for the units of today: added up part by part, and said."""

from dataclasses import replace
from datetime import date, datetime

import pytest

from ioc.agencies import load_agencies
from ioc.area import read_shares
from ioc.indicators.cells import Cell, SeriesKey
from ioc.indicators.question import Question
from ioc.indicators.rebasing import former_units, restated
from ioc.model import Observation, Page, Source, Text
from ioc.resolve import Resolver
from ioc.store import finish_run, keep_page, start_run
from ioc.territory import Territory
from tests.indicators.conftest import ROOT

NOW = int(datetime.fromisoformat("2026-11-20T10:00:00+07:00").timestamp())
TODAY = date(2026, 11, 20)
MAY = int(datetime.fromisoformat("2025-05-01T00:00:00+07:00").timestamp())
SOURCE = Source("s", Text("s", "s"), "spreadsheet", "health", "observation", "so_y_te")


def merged(territory):
    """Return a commune of today that several former ones went into whole, and their codes."""
    for area in territory.communes("22"):
        before = [
            unit.code
            for unit in territory.communes("22", date(2025, 6, 30))
            if [(one.code, share) for one, share in territory.successors(unit.code, TODAY)]
            == [(area.code, "whole")]
        ]
        if len(before) > 1:
            return area.code, before
    raise LookupError


def count(place, number, variable="beds_total", **more):
    return Observation(variable, MAY, place, float(number), span="month", kind="count", **more)


def test_values_of_former_units_are_kept_under_them_and_later_ones_are_not(catalogue, territory):
    agencies = load_agencies(ROOT / "data", territory, "22")
    resolver = Resolver(catalogue, territory, agencies, "22")
    new, (one, *_) = merged(territory)
    records = [count(one, 3), count("22", 9), count(new, 5)._replace(time=MAY + 90 * 86_400)]
    kept = resolver.page(SOURCE, Page(records)).records
    assert [record.place for record in kept] == [f"{one}@2025-06-30", "22", new]


def cells_of(places, kind="count", number=2.0):
    series = SeriesKey("s", "beds_total", kind=kind, span="month")
    return [
        Cell(series, place, MAY, 1, 1, n * number, n, n, n * number, MAY) for n, place in enumerate(places, 1)
    ]


def test_parts_add_up_and_ranks_are_left_out(catalogue, territory):
    new, before = merged(territory)
    places = [f"{code}@2025-06-30" for code in before]
    former = former_units(places, territory, catalogue, TODAY)
    (told,) = restated(cells_of(places), former)
    assert (told.place, told.value("sum")) == (new, sum(2.0 * n for n in range(1, len(places) + 1)))
    assert list(restated(cells_of(places, "rank"), former)) == []
    assert [cell.place for cell in restated(cells_of([*places, new]), former)] == [new]


def test_a_divided_unit_is_shared_as_declared_and_else_goes_to_its_main_part(catalogue, territory, tmp_path):
    divided = next(
        unit.code
        for unit in territory.communes("22", date(2025, 6, 30))
        if len(territory.successors(unit.code, TODAY)) > 1
    )
    parts = [area.code for area, _ in territory.successors(divided, TODAY)]
    place = f"{divided}@2025-06-30"
    main = former_units([place], territory, catalogue, TODAY)
    assert (main.parts[place], main.shares[place]) == (((parts[0], 1.0),), "main")
    for path in (ROOT / "data" / "territory").glob("*.csv"):
        (tmp_path / path.name).symlink_to(path)
    rows = [f"{divided},2025-07-01,{code},population,{1 / len(parts)},x" for code in parts]
    (tmp_path / "shares.csv").write_text("old_code,date,new_code,by,share,basis\n" + "\n".join(rows))
    shared = former_units([place], Territory(tmp_path), catalogue, TODAY)
    assert shared.shares[place] == "population"
    assert {one.place: one.value("sum") for one in restated(cells_of([place]), shared)} == dict.fromkeys(
        parts, 2.0 / len(parts)
    )
    (tmp_path / "shares.csv").write_text(
        f"old_code,date,new_code,by,share,basis\n{divided},,{parts[0]},area,0.5,x\n"
    )
    with pytest.raises(ValueError, match="do not add up to 1"):
        read_shares(tmp_path / "shares.csv")


def test_a_series_of_a_commune_reaches_back_and_says_how(world, territory):
    new, before = merged(territory)
    old = [
        count(f"{code}@2025-06-30", n, variable)
        for code in before
        for variable, n in (("parcels_digitised", 3), ("parcels", 4))
    ]
    source = replace(world.catalogue.sources["land_database"], earliest=0)
    run = start_run(world.store, world.fence, source.id, now_ms=NOW * 1000)
    keep_page(world.store, world.fence, run, source, Page(old), now_ms=NOW * 1000)
    finish_run(world.store, world.fence, run, "changed", now_ms=NOW * 1000)
    question = Question(area=new)
    points = world.engine.series("parcels_digitised_share", question, "month", MAY, MAY + 5, NOW)
    assert [(one.num, one.den, one.value) for one in points] == [(3 * len(before), 4 * len(before), 75.0)]
    told = world.engine.rebased("parcels_digitised_share", question, MAY, NOW)
    assert (told["from"], told["method"], told["estimated"], told["units"]) == (
        "2025-07-01", "sum", False, len(before),
    )  # fmt: skip
    assert world.engine.rebased("parcels_digitised_share", question, NOW, NOW) is None
