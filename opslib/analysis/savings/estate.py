"""Resources as the checks look at them: settings, age, use and tags at hand."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

import pandas as pd

from opslib.tables.resource_names import resource_name

__all__ = ["Estate", "Thing", "make_estate"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Thing:
    """One resource.

    Args:
        kind: of its reader.
        id: AWS's id or ARN.
        name: what people call it.
        account_id: 12 digits; empty for the credentials' own.
        account: its label.
        region: where it lies; empty for global.
        created: UTC; None where AWS does not tell.
        tags: key to value.
        settings: what AWS tells of it.
    """

    kind: str
    id: str
    name: str
    account_id: str
    account: str
    region: str
    created: datetime | None = None
    tags: Mapping[str, str] = field(default_factory=dict)
    settings: Mapping[str, Any] = field(default_factory=dict)

    def age(self, as_of: datetime) -> timedelta | None:
        """Return how old it is; None where that is not known."""
        return as_of - self.created if self.created else None

    @property
    def billed_names(self) -> tuple[str, ...]:
        """Return the names that the bill may give it, its id first."""
        other = self.settings.get("billed_as")
        names = (self.id, other) if other else (self.id,)
        return (*names, *(resource_name(name) for name in names))


@dataclass(frozen=True, slots=True, kw_only=True)
class Estate:
    """All resources that were read, and their use.

    Args:
        things: in the order of the table.
        use: account, region, resource and measure to the value of each day with a datapoint.
    """

    things: tuple[Thing, ...]
    use: Mapping[tuple[str, str, str, str], Mapping[date, float]]

    def of_kind(self, *kinds: str) -> Iterator[Thing]:
        """Yield the resources of some kinds."""
        return (thing for thing in self.things if thing.kind in kinds)

    def use_of(self, thing: Thing, measure: str) -> Mapping[date, float]:
        """Return a measure by day; empty where there is no datapoint: unknown, not idle."""
        return self.use.get((thing.account_id, thing.region, thing.id, measure), {})


def make_estate(resources: pd.DataFrame, use: pd.DataFrame) -> Estate:
    """Return the estate of columns of `SAVINGS_RESOURCES` and of `DAILY_USE`."""
    by_measure: dict[tuple[str, str, str, str], dict[date, float]] = {}
    for account, region, resource, measure, day, value in zip(
        *(use[name] for name in ("SubAccountId", "RegionId", "ResourceId", "Measure", "Day")),
        use["Value"],
        strict=True,
    ):
        by_measure.setdefault((account, region, resource, measure), {})[day] = value
    things = tuple(_thing(row) for row in resources.to_dict("records"))
    return Estate(things=things, use=by_measure)


def _thing(row: Mapping[Any, Any]) -> Thing:
    created = row["CreatedAt"]
    return Thing(
        kind=row["Kind"],
        id=row["ResourceId"],
        name=row["Name"] or resource_name(row["ResourceId"]),
        account_id=row["SubAccountId"],
        account=row["Account"],
        region=row["RegionId"],
        created=None if pd.isna(created) else created.to_pydatetime(),
        tags=json.loads(row["Tags"]),
        settings=json.loads(row["Settings"]),
    )
