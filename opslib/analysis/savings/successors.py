"""What AWS names instead of instance types of a previous generation."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

import pandas as pd

__all__ = ["Successor", "make_successors"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Successor:
    """The instance type that AWS names instead of one of a previous generation.

    Args:
        type: such as ``m7i.large``.
        hourly_usd: on demand by AWS's price list; None where that does not have it.
    """

    type: str
    hourly_usd: Decimal | None


def make_successors(told: pd.DataFrame) -> Mapping[tuple[str, str, str], Successor]:
    """Return region, instance type and operation to the successor, of columns of `SUCCESSORS`."""
    return {
        (row["RegionId"], row["InstanceType"], row["Operation"]): Successor(
            type=row["Successor"],
            hourly_usd=None if pd.isna(row["HourlyUsd"]) else row["HourlyUsd"],
        )
        for row in told.to_dict("records")
    }
