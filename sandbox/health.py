"""Hospitals and communicable diseases of the synthetic province."""

from __future__ import annotations

import math
from datetime import date, timedelta

from ioc.calendar import date_of, day_of, local_day
from ioc.model import Site
from sandbox.chance import mix, normal, share, wave
from sandbox.setting import Setting

DISEASES = ("dengue", "hand_foot_mouth", "measles", "influenza", "rabies")
_WEEKLY = {"dengue": 16.0, "hand_foot_mouth": 22.0, "measles": 4.0, "influenza": 70.0, "rabies": 0.02}
_PEAK_WEEK = {"dengue": 42, "hand_foot_mouth": 40, "measles": 12, "influenza": 6, "rabies": 26}
_SWING = {"dengue": 0.95, "hand_foot_mouth": 0.7, "measles": 0.6, "influenza": 0.5, "rabies": 0.0}
OUTBREAK_YEARS = 3
"""Dengue comes back every third year, 2026 among them."""

SIZES = {"hospital_1": 1000, "hospital_2": 720, "hospital_3": 620}


def beds(setting: Setting, hospital: Site) -> int:
    """Return a hospital's planned beds: the three of the province are large, the others have 120 to 420."""
    number = _number(hospital)
    return SIZES.get(hospital.id, 120 + 20 * int(16 * share(setting.seed, 40, number)))


def occupied(setting: Setting, hospital: Site, day: int) -> int:
    """Return the occupied beds at noon of a local day: some days above what is planned."""
    number = _number(hospital)
    usual = 0.72 + 0.18 * share(setting.seed, 41, number)
    week = (0.04, 0.03, 0.02, 0.01, -0.01, -0.05, -0.06)[date_of(day).weekday()]
    swing = 0.07 * wave(setting.seed, 4100 + number, day, 9.0) + 0.06 * math.cos(
        2 * math.pi * (day % 365) / 365
    )
    return max(0, round(beds(setting, hospital) * (usual + week + swing)))


def visits(setting: Setting, hospital: Site, day: int) -> int:
    """Return the outpatients of a local day: few on weekends."""
    number = _number(hospital)
    open_share = 0.12 + 0.88 * min(1.0, setting.busyness(day))
    noise = 1 + 0.08 * normal(setting.seed, 42, number, day)
    return max(0, round(beds(setting, hospital) * 1.35 * open_share * noise))


def emergencies(setting: Setting, hospital: Site, day: int) -> int:
    """Return the emergency visits of a local day: more on rainy ones and around Tết."""
    number = _number(hospital)
    usual = beds(setting, hospital) * 0.055 * (1 + 0.3 * setting.rain(day))
    return max(0, round(usual + math.sqrt(usual) * normal(setting.seed, 43, number, day)))


def monday(year: int, week: int) -> date:
    """Return the first day of an ISO week."""
    return date.fromisocalendar(year, week, 1)


def week_cases(setting: Setting, disease: str, first: date, until: date | None = None) -> int:
    """Return a week's cases in the province, of an unfinished week those until a day (exclusive)."""
    return sum(
        day_cases(setting, disease, day_of(first + timedelta(days=step)))
        for step in range(7)
        if until is None or first + timedelta(days=step) < until
    )


def day_cases(setting: Setting, disease: str, day: int) -> int:
    """Return a day's cases in the province: a season, a level of the year, an outbreak, chance."""
    when = date_of(day)
    kind = DISEASES.index(disease)
    week = when.timetuple().tm_yday / 7
    season = 1 + _SWING[disease] * math.cos(2 * math.pi * (week - _PEAK_WEEK[disease]) / 52.2)
    level = 0.75 + 0.5 * share(setting.seed, 44, kind, when.year)
    mean = _WEEKLY[disease] / 7 * season * level * _outbreak(disease, when)
    return _poisson(mean, setting.seed, 45, kind, day)


def _outbreak(disease: str, when: date) -> float:
    if disease == "dengue" and when.year % OUTBREAK_YEARS == 1:
        week = when.timetuple().tm_yday / 7
        return 1 + 1.9 * math.exp(-(((week - 45) / 5) ** 2))
    return 1.0


def month_cases(setting: Setting, disease: str, year: int, month: int, until: date) -> dict[str, int]:
    """Return a month's cases by commune code until a day (exclusive); communes without any are absent."""
    found: dict[str, int] = {}
    kind, when = DISEASES.index(disease), date(year, month, 1)
    while when.month == month and when < until:
        day = day_of(when)
        for number in range(day_cases(setting, disease, day)):
            # cases come in clusters: an outbreak's commune of the month takes a quarter of them
            cluster = share(setting.seed, 46, kind, year * 12 + month)
            draw = share(setting.seed, 47, kind, day, number)
            area = setting.commune(cluster if draw < 0.25 else share(setting.seed, 48, kind, day, number))
            found[area.code] = found.get(area.code, 0) + 1
        when += timedelta(days=1)
    return found


def deaths(setting: Setting, disease: str, first: date) -> int:
    """Return a week's deaths: of rabies each case, of the others one in a few hundred."""
    cases = week_cases(setting, disease, first)
    if disease == "rabies":
        return cases
    kind = DISEASES.index(disease)
    return sum(share(setting.seed, 49, kind, day_of(first), number) < 0.003 for number in range(cases))


def outbreaks(setting: Setting, disease: str, day: int) -> int:
    """Return the active outbreaks of a local day: about one per so many cases of the last three weeks."""
    size = {"dengue": 14, "hand_foot_mouth": 24, "measles": 9}.get(disease)
    if size is None:
        return 0
    return sum(day_cases(setting, disease, day - back) for back in range(21)) // size


def timeliness(setting: Setting, first: date, hours: int) -> tuple[int, int]:
    """Return of a week's cases those due within 24 or 48 hours and those reported in time."""
    kinds = ("dengue", "measles", "rabies") if hours == 24 else ("hand_foot_mouth",)
    due = sum(week_cases(setting, disease, first) for disease in kinds)
    late = 0.09 if hours == 24 else 0.06
    missed = sum(share(setting.seed, 50, hours, day_of(first), number) < late for number in range(due))
    return due, due - missed


def finished(day: int, t: float) -> bool:
    """Return whether a local day's figures are in: at six the next morning."""
    return local_day(t - 6 * 3600) > day


def _poisson(mean: float, *parts: int) -> int:
    limit, product, count = math.exp(-mean), 1.0, 0
    while True:
        product *= share(*parts, count)
        if product <= limit:
            return count
        count += 1


def _number(hospital: Site) -> int:
    return mix(*hospital.id.encode()) % 997
