"""Make data/territory from the package of tools/requirements.txt, amendments.csv and centre_decisions.csv.

    python tools/territory.py PATH/TO/vietnamadminunits

The argument is the installed package's folder; only its data files are read, its code is not run.
Made: areas.csv, areas_before_2025.csv, successions.csv, and two lists for people to check:
centre_repairs.csv (centres that contradict their neighbours) and successions_refused.csv (successors
that only share a name). Running it twice gives the same bytes.
"""

from __future__ import annotations

import csv
import json
import math
import sqlite3
import sys
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from pathlib import Path
from statistics import median
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from ioc.vietnamese import clean, collation_key

FOLDER = Path(__file__).resolve().parent.parent / "data" / "territory"

SINCE = "2025-07-01"  # QĐ 19/2025/QĐ-TTg, two levels of government
UNTIL = "2025-06-30"
SIXTY_THREE = "2008-08-01"  # since then 63 provinces; the set of codes that ended in June 2025

FAR_KM = 40.0  # a successor farther than this from the unit it is said to follow only shares its name
KINDS = ("thành phố", "thị trấn", "đặc khu", "phường", "huyện", "tỉnh", "xã")

Row = dict[str, Any]
Link = tuple[Row, Row, str]
AREA_COLUMNS = ("code", "name", "kind", "parent", "valid_from", "valid_to", "lat", "lon", "area_km2")
PAST_COLUMNS = ("code", "name", "kind", "parent", "valid_from", "valid_to", "lat", "lon", "district")
SUCCESSION_COLUMNS = ("old_code", "old_name", "new_code", "date", "share")
REPAIR_COLUMNS = (
    "code", "name", "province", "published_lat", "published_lon", "lat", "lon", "decision", "reason",
)  # fmt: skip


def main(package: Path) -> None:
    """Write the files of data/territory."""
    database = sqlite3.connect(f"file:{package / 'data' / 'dataset.db'}?mode=ro", uri=True)
    database.row_factory = sqlite3.Row
    new = [dict(row) for row in database.execute("SELECT * FROM admin_units")]
    old = [dict(row) for row in database.execute("SELECT * FROM admin_units_legacy")]
    for row in old:  # five island districts had no communes: they are their own lowest unit
        if not row["wardCode"]:
            row.update(wardCode=row["districtCode"], ward=row["district"], wardKey="")
    converter = json.loads((package / "data" / "converter_2025.json").read_text("utf-8"))
    links = successions(new, old, converter)
    repairs = repair_centres(new, links)
    links, refused = refuse_far(links)
    pairs = province_pairs(new, old, converter)
    areas = provinces(new, old, pairs) + [commune(row) for row in new]
    follows = province_successions(old, pairs) + [
        succession(before["wardCode"], before["ward"], after["wardCode"], SINCE, share)
        for before, after, share in links
    ]
    areas, more = amend(areas, read("amendments.csv"))
    check(areas)
    write("areas.csv", AREA_COLUMNS, sorted(areas, key=order))
    write("areas_before_2025.csv", PAST_COLUMNS, sorted(map(past_commune, old), key=order))
    write("successions.csv", SUCCESSION_COLUMNS, follows + more)
    write("centre_repairs.csv", REPAIR_COLUMNS, repairs)
    write("successions_refused.csv", (*SUCCESSION_COLUMNS[:4], "km"), refused)
    print(f"{len(areas)} areas, {len(old)} before, {len(follows) + len(more)} successions")
    print(f"{len(repairs)} centres repaired or kept on purpose, {len(refused)} successions refused")


def named(full: str) -> tuple[str, str]:
    """Split "Phường \\nHoàn Kiếm" into ("Hoàn Kiếm", "phường")."""
    full = clean(full)
    for kind in KINDS:
        if full.lower().startswith(kind + " "):
            return full[len(kind) + 1 :], kind
    raise SystemExit(f"{full!r}: no kind of unit in front of the name; known are {', '.join(KINDS)}")


def province_pairs(new: Iterable[Row], old: Iterable[Row], converter: Row) -> dict[str, set[str]]:
    """Return the codes of the former provinces by the code of today's."""
    old_codes = {row["provinceKey"]: row["provinceCode"] for row in old}
    new_codes = {row["provinceKey"]: row["provinceCode"] for row in new}
    return {
        new_codes[key]: {old_codes[former] for former in formers}
        for key, formers in converter["DICT_PROVINCE"].items()
    }


def provinces(new: Iterable[Row], old: Iterable[Row], pairs: dict[str, set[str]]) -> list[Row]:
    """Return the 63 provinces before and the 34 since; one that nothing joined goes on as the same row."""
    now = {row["provinceCode"]: row for row in new}
    rows = []
    for code, row in {row["provinceCode"]: row for row in old}.items():
        goes_on = pairs.get(code) == {code}
        row = now[code] if goes_on else row
        rows.append(area(code, row["province"], "", SIXTY_THREE, "" if goes_on else UNTIL, row, "province"))
    rows += [
        area(code, row["province"], "", SINCE, "", row, "province")
        for code, row in now.items()
        if pairs[code] != {code}
    ]
    return rows


def province_successions(old: Iterable[Row], pairs: dict[str, set[str]]) -> list[Row]:
    """Return who followed each province that ended."""
    names = {row["provinceCode"]: row["province"] for row in old}
    return [
        succession(before, names[before], after, SINCE, "1")
        for before, after in sorted((former, code) for code, formers in pairs.items() for former in formers)
        if pairs[after] != {after}
    ]


def area(code: str, full: str, parent: str, since: str, until: str, row: Row, prefix: str) -> Row:
    """Return one row of areas.csv."""
    name, kind = named(full)
    square = row.get(f"{prefix}AreaKm2")
    return {
        "code": code, "name": name, "kind": kind, "parent": parent, "valid_from": since, "valid_to": until,
        "lat": degrees(row[f"{prefix}Lat"]), "lon": degrees(row[f"{prefix}Lon"]), "area_km2": square or "",
    }  # fmt: skip


def commune(row: Row) -> Row:
    """Return a commune of today as a row of areas.csv."""
    return area(row["wardCode"], row["ward"], row["provinceCode"], SINCE, "", row, "ward")


def past_commune(row: Row) -> Row:
    """Return a commune of before as a row; when it began is not recorded, so valid_from is empty."""
    kept = area(row["wardCode"], row["ward"], row["provinceCode"], "", UNTIL, row, "ward")
    kept["district"] = clean(row["district"]) if row["wardKey"] else ""
    return kept


def degrees(value: float | None) -> str:
    """Return a coordinate to about a metre, or nothing."""
    return "" if value is None else f"{value:.5f}".rstrip("0")


def succession(old_code: str, old_full: str, new_code: str, since: str, share: str) -> Row:
    """Return one row of successions.csv; share 1 whole, "main" or "part" where the unit was divided."""
    return {
        "old_code": old_code, "old_name": clean(old_full), "new_code": new_code, "date": since, "share": share,
    }  # fmt: skip


def successions(new: Iterable[Row], old: Iterable[Row], converter: Row) -> list[Link]:
    """Return (old, new, share) of communes."""
    by_key = {(row["provinceKey"], row["wardKey"]): row for row in new}
    former = {f"{row['provinceKey']}_{row['districtKey']}_{row['wardKey'] or ''}": row for row in old}
    links = []
    for province, communes in converter["DICT_PROVINCE_WARD_NO_DIVIDED"].items():
        for key, befores in communes.items():
            links += [(former[before], by_key[province, key], "1") for before in befores]
    for province, befores in converter["DICT_PROVINCE_WARD_DIVIDED"].items():
        for before, parts in befores.items():
            for part in parts:
                share = "main" if part["isDefaultNewWard"] else "part"
                links.append((former[before], by_key[province, part["newWardKey"]], share))
    return sorted(links, key=lambda link: (link[0]["wardCode"], link[2] != "main", link[1]["wardCode"]))


def refuse_far(links: Sequence[Link]) -> tuple[list[Link], list[Row]]:
    """Return the links kept and those refused because the two communes lie far apart.

    The package finds parts of divided communes by name within the new province, and names repeat there.
    """
    siblings: dict[str, list[tuple[float, float]]] = defaultdict(list)
    for before, after, _ in links:
        siblings[before["districtCode"]].append(point(after))
    kept, refused = [], []
    for before, after, share in links:
        apart = km(point(after), middle_of(siblings[before["districtCode"]]))
        if share == "part" and apart > FAR_KM:
            row = succession(before["wardCode"], before["ward"], after["wardCode"], SINCE, share)
            refused.append({**row, "km": round(apart)})
        else:
            kept.append((before, after, share))
    count = Counter(before["wardCode"] for before, _, _ in kept)
    whole = [
        (before, after, "1" if count[before["wardCode"]] == 1 else share) for before, after, share in kept
    ]
    return whole, refused


def repair_centres(new: list[Row], links: Sequence[Link]) -> list[Row]:
    """Move centres that contradict their neighbours onto the middle of the communes they were made of.

    A centre is wrong when it lies far from what the commune was made of *and* far from the communes
    that came from the same former districts, while the former lie close to the latter.
    """
    made_of: dict[str, list[Row]] = defaultdict(list)
    by_district: dict[str, set[str]] = defaultdict(set)
    for before, after, _ in links:
        by_district[before["districtCode"]].add(after["wardCode"])
        # a geocoder that did not find a commune answers the district's own point
        if before["wardLat"] and km(point(before), (before["districtLat"], before["districtLon"])) >= 0.5:
            made_of[after["wardCode"]].append(before)
    districts = defaultdict(set)
    for district, codes in by_district.items():
        for code in codes:
            districts[code].add(district)
    where = {row["wardCode"]: point(row) for row in new}
    decisions = {row["code"]: row for row in read("centre_decisions.csv")}
    found = []
    for row in new:
        code = row["wardCode"]
        around = {other for district in districts[code] for other in by_district[district]} - {code}
        if not made_of[code] or (len(around) < 2 and code not in decisions):
            continue
        former = middle_of([point(before) for before in made_of[code]])
        decision, reason = judge(row, former, [point(b) for b in made_of[code]], [where[o] for o in around])
        if code in decisions:
            decision, reason = decisions[code]["decision"], decisions[code]["reason"]
        if not decision:
            continue
        lat, lon = former if decision == "predecessors" else where[code]
        found.append({
            "code": code, "name": clean(row["ward"]), "province": row["provinceCode"],
            "published_lat": degrees(row["wardLat"]), "published_lon": degrees(row["wardLon"]),
            "lat": degrees(lat), "lon": degrees(lon), "decision": decision, "reason": reason,
        })  # fmt: skip
        row["wardLat"], row["wardLon"] = lat, lon
    return sorted(found, key=lambda repair: str(repair["code"]))


def judge(
    row: Row, former: tuple[float, float], parts: list[tuple[float, float]], around: list[tuple[float, float]]
) -> tuple[str, str]:
    """Return ("predecessors", why) for a wrong centre, ("", "") for a sound one."""
    published, neighbours = point(row), middle_of(around)
    radius = math.sqrt((row["wardAreaKm2"] or 5.0) / math.pi)
    off = km(published, former)
    nearest = min(km(published, part) for part in parts)
    to_neighbours = km(published, neighbours)
    wrong = (
        off > max(10.0, 2 * radius)
        and nearest > 1.5 * radius
        and to_neighbours > 1.6 * km(former, neighbours)
    )
    if not wrong:
        return "", ""
    return "predecessors", (
        f"Trung tâm công bố cách các xã cũ hợp thành {off:.0f} km và cách các xã cùng huyện cũ {to_neighbours:.0f} km"
    )


def point(row: Row) -> tuple[float, float]:
    """Return a commune's centre as (lat, lon)."""
    return row["wardLat"], row["wardLon"]


def middle_of(points: list[tuple[float, float]]) -> tuple[float, float]:
    """Return the median latitude and longitude."""
    return median(lat for lat, _ in points), median(lon for _, lon in points)


def km(a: tuple[float, float], b: tuple[float, float]) -> float:
    """Return the distance of two (lat, lon) on a plane good enough for a province."""
    return math.hypot((a[0] - b[0]) * 111.2, (a[1] - b[1]) * 111.2 * math.cos(math.radians(a[0])))


def amend(areas: list[Row], amendments: Iterable[Row]) -> tuple[list[Row], list[Row]]:
    """Apply dated changes: the version before ends the day before, and a succession says so."""
    follows = []
    for change in amendments:
        day = date.fromisoformat(change["date"])
        before = next(
            (
                row
                for row in areas
                if row["code"] == change["from_code"]
                and (row["valid_from"] or "0") < change["date"]
                and (not row["valid_to"] or row["valid_to"] >= change["date"])
            ),
            None,
        )
        if before is None:
            raise SystemExit(
                f"amendments.csv: {change['date']} {change['from_code']}: no such unit on that day"
            )
        after = {
            **before, "code": change["code"], "name": change["name"], "kind": change["kind"],
            "parent": change["parent"], "valid_from": change["date"],
        }  # fmt: skip
        if (change["date"], change["code"]) == ("2025-01-01", "46"):
            before["name"], before["kind"] = "Thừa Thiên Huế", "tỉnh"  # the package names it as of June 2025
        before["valid_to"] = (day - timedelta(days=1)).isoformat()
        areas.append(after)
        full = f"{before['kind']} {before['name']}"
        follows.append(
            succession(before["code"], full[0].upper() + full[1:], after["code"], change["date"], "1")
        )
    return areas, follows


def check(areas: Iterable[Row]) -> None:
    """Refuse a list that does not have 34 provinces and 3,321 communes today."""
    current = [row for row in areas if not row["valid_to"]]
    top = [row for row in current if not row["parent"]]
    if (len(top), len(current) - len(top)) != (34, 3321):
        raise SystemExit(f"{len(top)} provinces and {len(current) - len(top)} communes; expected 34 and 3321")
    if any(not row["lat"] for row in current):
        raise SystemExit("a unit of today has no centre")


def order(row: Row) -> tuple[Any, ...]:
    """Provinces first, each level in Vietnamese order, versions of one unit by date."""
    return row["parent"], collation_key(row["name"]), row["kind"], row["code"], row["valid_from"]


def read(name: str) -> list[Row]:
    """Read one of the hand-kept lists."""
    with (FOLDER / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def write(name: str, columns: Sequence[str], rows: Iterable[Row]) -> None:
    """Write a list, LF line ends, columns in their order."""
    with (FOLDER / name).open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, columns, extrasaction="ignore", lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)


if __name__ == "__main__":
    if len(sys.argv) != 2:
        raise SystemExit(__doc__)
    main(Path(sys.argv[1]))
