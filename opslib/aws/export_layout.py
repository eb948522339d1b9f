"""Where an export puts its files: what a path tells of root, billing period and version.

Sources: AWS Data Exports user guide, "Understanding export delivery"
(``<export>/data/BILLING_PERIOD=YYYY-MM/``, with a folder for each execution where earlier ones
are kept, and ``<export>/metadata/`` alike; delivered in capitals or small letters); the same
guide, "Understanding your report versions" (CUR 1: ``<report>/YYYYMMDD-YYYYMMDD/`` with a folder
for each assembly, or ``<report>/<report>/year=YYYY/month=M/``).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, timedelta

__all__ = ["MANIFEST_ENDING", "Place", "may_hold", "place_of"]

MANIFEST_ENDING = "-Manifest.json"
PERIOD = re.compile(
    r"(?P<period>(?i:billing_period)=(?P<billed>\d{4}-\d{2})"
    r"|(?P<start>\d{8})-(?P<end>\d{8})"
    r"|year=(?P<year>\d{4})/month=(?P<month>\d{1,2}))/"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where a file of an export lies.

    Args:
        root: what stands before the folder of its billing period.
        period: the name of that folder.
        start: first day of the period.
        end: day after its last one.
        version: the folders between the period's and the file; empty where there are none.
        tail: the path from the period's folder on, by which a copy of an export is still known.
    """

    root: str
    period: str
    start: date
    end: date
    version: str
    tail: str


def place_of(uri: str) -> Place | None:
    """Return where a file lies; None where its path names no billing period."""
    found = PERIOD.search(uri)
    if found is None or (found.start() and uri[found.start() - 1] != "/"):
        return None
    try:
        start, end = _span(found)
    except ValueError:
        return None
    *version, _ = uri[found.end() :].split("/")
    return Place(
        root=uri[: found.start()],
        period=found["period"],
        start=start,
        end=end,
        version="/".join(version),
        tail=uri[found.start() :],
    )


def may_hold(uri: str, days: tuple[date, ...]) -> bool:
    """Say whether a file may hold charges of ``days``, by the billing period in its path."""
    place = place_of(uri)
    return place is None or (place.start <= days[-1] and place.end > days[0])


def _span(found: re.Match[str]) -> tuple[date, date]:
    if found["start"]:
        return date.fromisoformat(found["start"]), date.fromisoformat(found["end"])
    month = found["billed"] or f"{found['year']}-{int(found['month']):02}"
    start = date.fromisoformat(f"{month}-01")
    return start, (start + timedelta(days=32)).replace(day=1)
