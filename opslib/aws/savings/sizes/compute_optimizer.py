"""What AWS Compute Optimizer says of the sizes of instances and databases.

Source: AWS Compute Optimizer API Reference, GetEC2InstanceRecommendations and
GetRDSDatabaseRecommendations: of the region that is asked, for accounts that opted in, else
OptInRequiredException; utilizationMetrics names memory only where the agent reports it to AWS. The
recommendations of 14 days of metrics cost nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from functools import partial
from typing import Any

import pandas as pd

from opslib.aws.places import Place, read_places
from opslib.aws.reads import Fetched, Reads
from opslib.aws.savings.sizes.advice import advice_row, fetch_advice
from opslib.aws.savings.token_pages import token_items
from opslib.tables.savings_sizes import AWS_ADVICE, COMPUTE_OPTIMIZER

__all__ = ["read_compute_optimizer"]

REMEDY = "Opt the account in to AWS Compute Optimizer, or set aws_advice: false."
REFUSED = "OptInRequiredException"
Told = Mapping[str, Any]


def read_compute_optimizer(reads: Reads) -> list[pd.DataFrame]:
    """Read what it says in every account and region; columns of `AWS_ADVICE`."""
    asked: tuple[tuple[str, str, str, Callable[[Told], dict[str, Any]]], ...] = (
        ("EC2 instances", "GetEC2InstanceRecommendations", "instanceRecommendations", _instance),
        ("RDS databases", "GetRDSDatabaseRecommendations", "rdsDBRecommendations", _database),
    )
    return [
        read_places(
            reads,
            COMPUTE_OPTIMIZER,
            what,
            AWS_ADVICE,
            partial(_fetch, operation=operation, key=key, row=row),
            partial(_arguments, operation),
        )
        for what, operation, key, row in asked
    ]


def _arguments(operation: str, _: Place) -> dict[str, Any]:
    return {"operation": operation}


def _fetch(
    place: Place, *, operation: str, key: str, row: Callable[[Told], dict[str, Any]]
) -> Fetched:
    def ask() -> Iterator[dict[str, Any]]:
        told = token_items(place, "compute-optimizer", operation, (key,), "nextToken")
        return map(row, told)

    return fetch_advice(ask, refused=REFUSED, remedy=REMEDY)


def _instance(told: Told) -> dict[str, Any]:
    name = told["instanceArn"].rpartition("/")[2]
    return _row(
        told, name, told.get("finding", ""), "recommendationOptions", "instanceType",
        told.get("lookBackPeriodInDays"),
    )  # fmt: skip


def _database(told: Told) -> dict[str, Any]:
    return _row(
        told, told["resourceArn"], told.get("instanceFinding", ""), "instanceRecommendationOptions",
        "dbInstanceClass", told.get("lookbackPeriodInDays"),
    )  # fmt: skip


def _row(
    told: Told, resource: str, finding: str, options: str, size: str, days: float | None
) -> dict[str, Any]:
    ranked = sorted(told.get(options) or [], key=lambda option: option.get("rank", 0))
    first = ranked[0] if ranked else {}
    saving = _saving(first)
    measured = {one.get("name", "") for one in told.get("utilizationMetrics", [])}
    return advice_row(
        COMPUTE_OPTIMIZER,
        resource,
        Finding=finding,
        Proposed=first.get(size, ""),
        MonthlySaving=saving.get("value"),
        Currency=saving.get("currency", ""),
        LookBackDays=days,
        SeesMemory="yes" if "Memory" in measured else "no" if measured else "",
    )


def _saving(option: Told) -> Told:
    """Return what an option saves a month: after discounts where AWS tells that."""
    for key in ("savingsOpportunityAfterDiscounts", "savingsOpportunity"):
        told: Told = (option.get(key) or {}).get("estimatedMonthlySavings") or {}
        if told:
            return told
    return {}
