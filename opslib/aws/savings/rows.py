"""Rows of resources, as every lister makes them."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

import pandas as pd

from opslib.aws.places import Place, redacted_json, utc

__all__ = ["resource_row", "tags_of"]


def resource_row(
    place: Place,
    kind: str,
    identity: str,
    *,
    name: str = "",
    created: datetime | None = None,
    tags: Mapping[str, str] | None = None,
    settings: Mapping[str, Any] | None = None,
) -> dict[str, Any]:
    """Return a row of `opslib.tables.savings.SAVINGS_RESOURCES`.

    Args:
        place: where it lies.
        kind: such as ``volume``.
        identity: AWS's id or ARN, as the bill names it.
        name: what people call it; its tag Name, or its id, where empty.
        created: when it was made.
        tags: key to value.
        settings: what Describe calls tell; what is None is left out.
    """
    told = dict(tags or {})
    moment = utc(created)
    return {
        "Kind": kind,
        "ResourceId": identity,
        "Name": name or told.get("Name", "") or identity,
        "SubAccountId": place.account.id if place.account else "",
        "Account": place.label,
        "RegionId": place.region,
        "CreatedAt": pd.NaT if moment is None else pd.Timestamp(moment),
        "Tags": redacted_json(told),
        "Settings": json.dumps(json.loads(redacted_json(_kept(settings or {}))), sort_keys=True),
    }


def _kept(settings: Mapping[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in settings.items() if value is not None}


def tags_of(told: Iterable[Mapping[str, str]] | None) -> dict[str, str]:
    """Return AWS's list of Key and Value as key to value."""
    return {one["Key"]: one.get("Value", "") for one in told or ()}
