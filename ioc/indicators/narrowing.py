"""Which observations and stations a question speaks of: those of its place, its body and its part."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from ioc.indicators.cells import SeriesKey
from ioc.indicators.rebasing import Former
from ioc.model import Site


def keeps(
    narrowed: Mapping[str, str], sites: Mapping[str, Site], former: Former | None
) -> Callable[[SeriesKey, str], bool]:
    """Return what says of a series at a place whether it is asked for; a unit of today takes in its former ones."""

    def keep(series: SeriesKey, place: str) -> bool:
        site = sites.get(place)
        for name, wanted in narrowed.items():
            if name == "area":
                here = wanted in (place, site.area if site else "")
                here = here or (former is not None and wanted in former.followed_by(place))
            elif name == "site":
                here = place == wanted
            elif name == "agency":
                here = wanted in (series.agency, site.agency if site else "")
            else:
                here = getattr(series, name) == wanted
            if not here:
                return False
        return True

    return keep


def sites_of(narrowed: Mapping[str, str], sites: Mapping[str, Site]) -> dict[str, Site]:
    """Return the stations that are asked for."""

    def is_asked(site: Site) -> bool:
        values = {"area": site.area, "site": site.id, "agency": site.agency}
        return all(values.get(name, value) == value for name, value in narrowed.items())

    return {id: site for id, site in sites.items() if is_asked(site)}
