"""One look at the store for many readings: names, runs and counted measures are read once."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any, TypeVar

import sqlalchemy as sa

from ioc.calendar import Calendar
from ioc.catalogue import Catalogue
from ioc.declared import Table
from ioc.errors import DeclarationError
from ioc.indicators.declaring import read_definition
from ioc.indicators.definition import Definition
from ioc.indicators.inputs import Polled, began, polled, sources_of
from ioc.indicators.memory import Memory
from ioc.indicators.names import Names, load_names
from ioc.model import Source
from ioc.quality import Freshness, Runs, freshness
from ioc.store import schema

T = TypeVar("T")


@dataclass
class Snapshot:
    """What every reading of one connection shares; now is epoch s."""

    connection: sa.Connection
    catalogue: Catalogue
    calendar: Calendar
    now: int
    definitions: Mapping[str, Definition] = field(default_factory=dict)
    memory: Memory | None = None
    _once: dict[Hashable, Any] = field(default_factory=dict)
    _polled: dict[tuple[str, int | None], Polled] = field(default_factory=dict)
    _inputs: dict[str, list[Source]] = field(default_factory=dict)

    def once(self, key: Hashable, compute: Callable[[], T]) -> T:
        """Return what was computed for a key, computed at its first asking."""
        if key not in self._once:
            self._once[key] = compute()
        found: T = self._once[key]
        return found

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
        if definition.composite is not None:
            each = [self.inputs(part) for part in self._parts(definition)]
            return list({source.id: source for found in each for source in found}.values())
        known = self._inputs if self.memory is None else self.memory.inputs
        if definition.id not in known:
            delivering = self.delivering if definition.variables else {}
            known[definition.id] = sources_of(definition, self.catalogue, delivering)
        return known[definition.id]

    def look_up(self, sources: Iterable[Source], known: int | None) -> None:
        """Ask for several sources at once what their polls amount to, as known then (epoch ms; None: now)."""
        absent = {source.id: source for source in sources if (source.id, known) not in self._polled}
        for id, found in polled(self.connection, absent, known).items():
            source = absent[id]
            reported = source.shape == "observation" and source.due is None and id in self._hourly
            runs = found.runs if reported and known is None else replace(found.runs, last_reported=None)
            self._polled[id, known] = Polled(found.id, runs)

    def source_id(self, source: Source, known: int | None) -> int | None:
        """Return the integer of a source, None where it never delivered."""
        return self._of_polls(source, known).id

    def runs(self, source: Source, known: int | None) -> Runs:
        """Return what the polls of a source amount to, as known then (epoch ms; None: now)."""
        return self._of_polls(source, known).runs

    def _of_polls(self, source: Source, known: int | None) -> Polled:
        if (source.id, known) not in self._polled:
            self.look_up([source], known)
        return self._polled[source.id, known]

    def began(self, shape: str, kind: str, source_ids: Sequence[int], known: int | None) -> int | None:
        """Return from when on sources tell of their cases or events of a kind, epoch s; None: of none so far."""
        key = ("began", shape, kind, tuple(source_ids), known)
        return self.once(key, lambda: began(self.connection, shape, kind, source_ids, known))

    def freshness(self, source: Source, known: int | None, now: int) -> Freshness:
        """Judge a source at an instant."""
        return freshness(source, self.runs(source, known), now, self.calendar)

    @cached_property
    def _facts(self) -> Mapping[str, frozenset[tuple[str, str, int]]]:
        """What each source tells: source -> (variable, category, place)."""
        t = schema.latest.c
        found: dict[str, set[tuple[str, str, int]]] = defaultdict(set)
        for id, place in self.connection.execute(sa.select(t.series_id, t.place_id)):
            key = self.names.series[id].key
            found[key.source].add((key.variable, key.category, place))
        return {source: frozenset(facts) for source, facts in found.items()}

    def needed(self, definition: Definition, known: int | None, now: int) -> list[Source]:
        """Return the inputs that the number rests on: not one that is silent while others tell all it told."""
        if definition.composite is not None:
            each = [self.needed(part, known, now) for part in self._parts(definition)]
            return list({source.id: source for some in each for source in some}.values())
        found = self.inputs(definition)
        if definition.shape != "observation" or len(found) < 2:
            return found
        usable = [source for source in found if self.freshness(source, known, now).is_usable]
        if len(usable) == len(found):
            return found
        told: set[tuple[str, str, int]] = set().union(*(self._told(source, definition) for source in usable))
        return [
            source
            for source in found
            if source in usable
            or not self._told(source, definition)
            or not self._told(source, definition) <= told
        ]

    def _parts(self, definition: Definition) -> list[Definition]:
        ids = definition.composite.ids if definition.composite is not None else ()
        return [self.definitions[id] for id in ids if id in self.definitions]

    def _told(self, source: Source, definition: Definition) -> frozenset[tuple[str, str, int]]:
        facts = self._facts.get(source.id, frozenset())
        return frozenset(fact for fact in facts if fact[0] in definition.variables)

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
