"""The series and places of the store: what stands behind the integers of its tables."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

import sqlalchemy as sa

from ioc.indicators.cells import SeriesKey, fits
from ioc.indicators.parts import Pick
from ioc.indicators.rebasing import Former
from ioc.store import schema
from ioc.store.names import series_of


class Named(NamedTuple):
    """A series of the store by its parts, with what its times mean; hourly: read from its hours and days.

    One that ever told a bound is read value by value, for rollups keep none.
    """

    key: SeriesKey
    late: int
    hourly: bool


@dataclass(frozen=True, slots=True)
class Names:
    """The series and places of the store by their integers."""

    series: Mapping[int, Named]
    places: Mapping[int, str]
    former: Former | None = None
    _of_variable: dict[str, list[int]] = field(default_factory=dict, compare=False)

    def fitting(self, pick: Pick, sources: frozenset[str] | None = None) -> list[int]:
        """Return the series that a pick counts, of these sources (None: of all)."""
        if not self._of_variable and self.series:
            found: dict[str, list[int]] = defaultdict(list)
            for id, named in self.series.items():
                found[named.key.variable].append(id)
            self._of_variable.update(found)
        return [
            id
            for id in self._of_variable.get(pick.variable, ())
            if (sources is None or self.series[id].key.source in sources) and fits(pick, self.series[id].key)
        ]


NO_NAMES = Names({}, {})


def load_names(connection: sa.Connection) -> Names:
    """Read the series and places that the store knows."""
    s, source, bounded = schema.series, schema.source, schema.bounded
    found = connection.execute(
        sa.select(
            s.c.id,
            source.c.name,
            s.c.variable,
            s.c.agency,
            s.c.category,
            s.c.channel,
            s.c.span,
            s.c.kind,
            s.c.method,
            s.c.stamp,
            bounded.c.series_id.is_not(None),
        ).select_from(
            s.join(source, source.c.id == s.c.source_id).outerjoin(bounded, bounded.c.series_id == s.c.id)
        )
    )
    series = {}
    for id, *parts, stamp, is_bounded in found:
        key = SeriesKey(*parts)
        rolled = series_of(id, key.span, stamp)
        series[id] = Named(key, rolled.late, rolled.grain == "hour" and not is_bounded)
    rows = connection.execute(sa.select(schema.place.c.id, schema.place.c.code))
    places = {row.id: row.code for row in rows}
    return Names(series, places)
