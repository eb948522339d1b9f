"""The service quotas that nothing is held against, and why."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

__all__ = ["UncoveredQuota", "uncovered_quotas"]


@dataclass(frozen=True, slots=True, kw_only=True)
class UncoveredQuota:
    """A quota whose usage is not known: which, whose, and why."""

    name: str
    service: str
    account: str
    region: str
    why: str


def uncovered_quotas(quotas: pd.DataFrame) -> tuple[UncoveredQuota, ...]:
    """Return the quotas without usage, by service and name.

    Args:
        quotas: columns of `opslib.tables.capacity.QUOTAS`.
    """
    without = quotas[quotas["Uncovered"] != ""]
    ordered = without.sort_values(["ServiceCode", "Name", "Account", "Region"])
    return tuple(
        UncoveredQuota(
            name=str(row["Name"]),
            service=str(row["ServiceCode"]),
            account=str(row["Account"]),
            region=str(row["Region"]),
            why=str(row["Uncovered"]),
        )
        for row in ordered.to_dict("records")
    )
