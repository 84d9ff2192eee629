"""One look at the store for many readings: names, runs and counted measures are read once."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property

import sqlalchemy as sa

from ioc.calendar import Calendar
from ioc.catalogue import Catalogue, Table
from ioc.errors import DeclarationError
from ioc.indicators.definition import Definition, read_definition
from ioc.indicators.inputs import runs_of, sources_of
from ioc.indicators.observations import Names, load_names
from ioc.model import Source
from ioc.quality import Freshness, Runs, freshness
from ioc.store import schema


@dataclass
class Snapshot:
    """What every reading of one connection shares; now is epoch s."""

    connection: sa.Connection
    catalogue: Catalogue
    calendar: Calendar
    now: int
    _runs: dict[tuple[str, int | None], Runs] = field(default_factory=dict)
    _inputs: dict[str, list[Source]] = field(default_factory=dict)

    @cached_property
    def names(self) -> Names:
        """The series and places of the store."""
        return load_names(self.connection)

    @cached_property
    def source_ids(self) -> Mapping[str, int]:
        """The integers of the sources that ever delivered."""
        s = schema.source.c
        return {row.name: row.id for row in self.connection.execute(sa.select(s.name, s.id))}

    @cached_property
    def counted(self) -> Mapping[str, tuple[int, str]]:
        """The measures that the store counts by day: name -> (integer, hash)."""
        m = schema.measure.c
        rows = self.connection.execute(sa.select(m.name, m.id, m.hash))
        return {row.name: (row.id, row.hash) for row in rows}

    @cached_property
    def delivering(self) -> Mapping[str, frozenset[str]]:
        """The variables that each source ever delivered."""
        found: dict[str, set[str]] = defaultdict(set)
        for named in self.names.series.values():
            found[named.key.source].add(named.key.variable)
        return {source: frozenset(variables) for source, variables in found.items()}

    @cached_property
    def _hourly(self) -> frozenset[str]:
        """The sources that deliver what instruments measure."""
        return frozenset(named.key.source for named in self.names.series.values() if named.hourly)

    def inputs(self, definition: Definition) -> list[Source]:
        """Return the sources that an indicator rests on, in the order of preference."""
        if definition.id not in self._inputs:
            delivering = self.delivering if definition.shape == "observation" else {}
            self._inputs[definition.id] = sources_of(definition, self.catalogue, delivering)
        return self._inputs[definition.id]

    def runs(self, source: Source, known: int | None) -> Runs:
        """Return what the polls of a source amount to, as known then (epoch ms; None: now)."""
        key = (source.id, known)
        if key not in self._runs:
            reported = source.shape == "observation" and source.due is None and source.id in self._hourly
            self._runs[key] = runs_of(
                self.connection, self.source_ids.get(source.id), known, reported=reported
            )
        return self._runs[key]

    def freshness(self, source: Source, known: int | None, now: int) -> Freshness:
        """Judge a source at an instant."""
        return freshness(source, self.runs(source, known), now, self.calendar)

    def definition(self, current: Definition, known: int | None) -> Definition:
        """Return the definition as it was then; the present one where none is kept or it cannot be read."""
        if known is None:
            return current
        d = schema.definition.c
        row = self.connection.execute(
            sa.select(d.hash, d.body)
            .where(d.kind == "indicator", d.name == current.id, d.known_from <= known)
            .where(sa.or_(d.known_to.is_(None), d.known_to > known))
        ).one_or_none()
        if row is None or row.hash == current.hash:
            return current
        try:
            return read_definition(Table(current.id, current.file, row.body))
        except DeclarationError:
            return current  # a table that today's reader refuses
