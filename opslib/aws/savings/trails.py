"""CloudTrail's trails, and which events each delivers.

Source: AWS CloudTrail API Reference, DescribeTrails (with those of other regions and of the
organization, as they are delivered here too), GetEventSelectors, GetTrailStatus; AWS CloudTrail
User Guide: a trail without selectors delivers all management events and no data events.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Any

from opslib.aws.places import Place
from opslib.aws.savings.rows import resource_row

__all__ = ["list_trails"]

ABSENT = "TrailNotFoundException"
READ, WRITE = "read", "write"
KINDS = {"All": (READ, WRITE), "ReadOnly": (READ,), "WriteOnly": (WRITE,)}
"""ReadWriteType to what is delivered."""
CATEGORY, READ_ONLY, SOURCE = "eventCategory", "readOnly", "eventSource"
FEWEST = 2


def list_trails(place: Place) -> list[dict[str, Any]]:
    """Return every trail that delivers events of a place; rows of `SAVINGS_RESOURCES`.

    One alone duplicates none: what it delivers is asked for only where there are more.
    """
    told = place.call("cloudtrail", "DescribeTrails", includeShadowTrails=True)
    trails = told.get("trailList", [])
    return [_row(place, one) for one in trails] if len(trails) >= FEWEST else []


def _row(place: Place, trail: Mapping[str, Any]) -> dict[str, Any]:
    arn = trail["TrailARN"]
    home = replace(place, region=trail.get("HomeRegion") or place.region)
    status = home.call("cloudtrail", "GetTrailStatus", absent=ABSENT, Name=arn)
    return resource_row(
        place,
        "trail",
        arn,
        name=trail["Name"],
        created=status.get("StartLoggingTime"),
        settings={
            "home": home.region,
            "is_multi_region": trail.get("IsMultiRegionTrail", False),
            "is_organization": trail.get("IsOrganizationTrail", False),
            "is_logging": status.get("IsLogging"),
            **_selected(home.call("cloudtrail", "GetEventSelectors", absent=ABSENT, TrailName=arn)),
        },
    )


def _selected(told: Mapping[str, Any]) -> dict[str, Any]:
    """Return what is delivered; nothing where AWS does not tell.

    Returns:
        ``management``: read and write, each with what of it is left out; ``data``: the selectors
        of data events, as text.
    """
    if not told:
        return {}
    advanced, basic = told.get("AdvancedEventSelectors"), told.get("EventSelectors")
    parts = list(_advanced(advanced) if advanced else _basic(basic or [{}]))
    kinds = sorted({kind for delivered, _, _ in parts for kind in delivered})
    return {
        "management": {kind: sorted(_left_out_by_all(kind, parts)) for kind in kinds},
        "data": sorted(text for _, _, texts in parts for text in texts),
    }


Part = tuple[set[str], set[str], list[str]]
"""Management events delivered, what of them is left out, and selectors of data events."""


def _left_out_by_all(kind: str, parts: Iterable[Part]) -> set[str]:
    """Return what no selector delivers; where each picks a few events, every pick that is made."""
    by_selector = [left_out for delivered, left_out, _ in parts if kind in delivered]
    broad = [left_out for left_out in by_selector if not any(map(_is_pick, left_out))]
    return set.intersection(*broad) if broad else set.union(*by_selector)


def _is_pick(text: str) -> bool:
    return text.startswith("{")


def _basic(selectors: Iterable[Mapping[str, Any]]) -> Iterator[Part]:
    for one in selectors:
        sort = one.get("ReadWriteType", "All")
        management = set(KINDS[sort]) if one.get("IncludeManagementEvents", True) else set()
        data = [
            json.dumps([sort, part["Type"], sorted(part.get("Values", []))])
            for part in one.get("DataResources", [])
        ]
        yield management, set(one.get("ExcludeManagementEventSources", [])), data


def _advanced(selectors: Iterable[Mapping[str, Any]]) -> Iterator[Part]:
    for one in selectors:
        fields = one["FieldSelectors"]
        category = next((f["Equals"][0] for f in fields if f["Field"] == CATEGORY), "")
        rest = [field for field in fields if field["Field"] != CATEGORY]
        if category == "Management":
            yield _kinds_of(rest), _left_out(rest), []
        elif category == "Data":
            yield set(), set(), [json.dumps(sorted(rest, key=json.dumps), sort_keys=True)]


def _kinds_of(fields: Iterable[Mapping[str, Any]]) -> set[str]:
    for one in fields:
        if one["Field"] == READ_ONLY:
            return {READ if value == "true" else WRITE for value in one.get("Equals", [])}
    return {READ, WRITE}


def _left_out(fields: Iterable[Mapping[str, Any]]) -> set[str]:
    """Return the sources that are excluded, and every other filter as its text."""
    found: set[str] = set()
    for one in fields:
        if one["Field"] == SOURCE and set(one) == {"Field", "NotEquals"}:
            found |= set(one["NotEquals"])
        elif one["Field"] != READ_ONLY:
            found.add(json.dumps(one, sort_keys=True))
    return found
