"""data/*.toml -> model: every table checked, every cross reference followed, every fault named and isolated."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ioc.declared import Reader, Table, tables, unknown
from ioc.errors import DeclarationError
from ioc.model import Limit, Sector, Site, Source, Variable
from ioc.sources import read_source


@dataclass(frozen=True)
class Catalogue:
    """Everything declared, each by its id; faults holds what was left out and why.

    indicators, boards and targets are tables as read; their own rooms turn them into definitions.
    """

    simulated: bool
    sectors: Mapping[str, Sector]
    variables: Mapping[str, Variable]
    sites: Mapping[str, Site]
    sources: Mapping[str, Source]
    indicators: Mapping[str, Table]
    boards: Mapping[str, Table]
    faults: list[DeclarationError] = field(default_factory=list)
    disabled: Mapping[str, DeclarationError] = field(default_factory=dict)
    """Sources that a fault disables, by id; they stay visible on /sources with the sentence."""
    targets: Mapping[str, Table] = field(default_factory=dict)
    _texts: dict[str, frozenset[str]] = field(init=False, repr=False, compare=False, default_factory=dict)
    _by_code: Mapping[str, Site] = field(init=False, repr=False, compare=False, default_factory=dict)

    def site(self, code: str) -> Site | None:
        """Return the site of this id or of one of its codes."""
        return self.sites.get(code) or self._by_code.get(code)

    def texts(self, source: str) -> frozenset[str]:
        """Return every text in the options of a source's connector, as a key or as a value."""
        if source not in self._texts:
            self._texts[source] = frozenset(_texts_in(self.sources[source].options))
        return self._texts[source]

    def __post_init__(self) -> None:
        by_code = {code: site for site in self.sites.values() for code in site.codes}
        object.__setattr__(self, "_by_code", by_code)


def load(
    data: Path,
    *,
    overlay: Path | None = None,
    environ: Mapping[str, str] | None = None,
    sandbox: Mapping[str, str] | None = None,
    check_source: Callable[[Source], list[DeclarationError]] | None = None,
    known_agency: Callable[[str], bool] | None = None,
) -> Catalogue:
    """Read every declaration under data; overlay's sources/ and sites/ stand in where the province has no sources.

    environ fills ${NAME} and the *_env keys of auth; sandbox fills {sandbox}, {sandbox_ftp}, … of
    the overlay. check_source is the
    connectors' own check; known_agency says whether an owner exists. Nothing is raised for a faulty table:
    it is left out and told in faults.
    """
    faults: list[DeclarationError] = []
    env = environ or {}
    sectors = _each(tables(data, "sectors.toml", faults), read_sector, faults)
    variables = _each(tables(data, "variables.toml", faults), read_variable, faults)
    home = overlay or data
    sites = _each(tables(home, "sites/*.toml", faults), read_site, faults)
    sources: dict[str, Source] = {}
    disabled: dict[str, DeclarationError] = {}
    for table in tables(home, "sources/*.toml", faults):
        try:
            source = read_source(table, env, sandbox=(sandbox or {}) if overlay else None)
            if source.sector not in sectors:
                raise unknown(table, "sector", source.sector, sectors)
            if known_agency is not None and not known_agency(source.owner):
                raise DeclarationError(
                    table.file, table.id, "owner", f"no agency {source.owner!r} is declared in agencies.toml"
                )
            found = check_source(source) if check_source else []
            if found:
                faults += found[1:]
                raise found[0]
            sources[source.id] = source
        except DeclarationError as fault:
            faults.append(fault)
            disabled[table.id] = fault
    indicators = {t.id: t for t in tables(data, "indicators/*.toml", faults)}
    boards = {t.id: t for t in tables(data, "boards/*.toml", faults)}
    targets = {t.id: t for t in tables(data, "targets.toml", faults)}
    return Catalogue(
        overlay is not None, sectors, variables, sites, sources, indicators, boards, faults, disabled, targets
    )


def _texts_in(options: Any) -> Iterator[str]:
    if isinstance(options, str):
        yield options
    elif isinstance(options, Mapping):
        yield from (key for key in options if isinstance(key, str))
        for value in options.values():
            yield from _texts_in(value)
    elif isinstance(options, list | tuple):
        for value in options:
            yield from _texts_in(value)


def _each(
    found: Iterator[Table], read: Callable[[Table], Any], faults: list[DeclarationError]
) -> dict[str, Any]:
    good = {}
    for table in found:
        try:
            good[table.id] = read(table)
        except DeclarationError as fault:
            faults.append(fault)
    return good


def read_sector(table: Table) -> Sector:
    """Read one sector; raises DeclarationError."""
    body = Reader(table, {"name", "short", "order", "icon"})
    return Sector(table.id, body.text("name"), body.number("order", int), body.get("icon", str, ""))


def read_variable(table: Table) -> Variable:
    """Read one variable; raises DeclarationError."""
    body = Reader(table, {"name", "short", "unit", "combine", "stamp", "low", "high"})
    return Variable(
        table.id,
        body.text("name"),
        body.get("unit", str),
        body.one_of("combine", ("mean", "sum", "last", "max", "min"), "mean"),
        body.one_of("stamp", ("start", "end"), "start"),
        body.optional_number("low"),
        body.optional_number("high"),
    )


def read_site(table: Table) -> Site:
    """Read one site with the limits of its permit; raises DeclarationError."""
    body = Reader(
        table, {"name", "short", "kind", "area", "lat", "lon", "agency", "facility", "codes", "limit"}
    )
    limits = []
    for position, raw in enumerate(body.get("limit", list, [])):
        part = Reader(
            Table(f"{table.id}.limit {position + 1}", table.file, raw),
            {"variable", "low", "high", "valid_from", "valid_to", "basis"},
        )
        limits.append(
            Limit(
                part.get("variable", str),
                part.optional_number("low"),
                part.optional_number("high"),
                str(part.get("valid_from", object)),
                str(raw["valid_to"]) if "valid_to" in raw else None,
                part.get("basis", str),
            )
        )
    return Site(
        table.id,
        body.text("name"),
        body.get("kind", str),
        body.get("area", str),
        body.optional_number("lat"),
        body.optional_number("lon"),
        body.get("agency", str, ""),
        body.get("facility", str, ""),
        tuple(str(code) for code in body.get("codes", list, [])),
        tuple(limits),
    )
