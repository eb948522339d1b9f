"""The notebooks that there are: the question of each and what it is expected to read."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from opslib.errors import ParameterError
from opslib.parameters.base import NotebookParameters
from opslib.parameters.capacity import CapacityParameters
from opslib.parameters.cost import CostParameters
from opslib.parameters.dr import DrParameters
from opslib.parameters.incident import IncidentParameters
from opslib.parameters.savings import SavingsParameters

__all__ = ["CATALOG", "ExpectedReads", "Notebook", "find_notebook", "read_iam_actions"]

COST_EXPLORER_REQUEST_USD = Decimal("0.01")
"""AWS Cost Management pricing: each request to the Cost Explorer API, each page one request."""

CAPACITY_LISTINGS, QUOTA_LISTINGS = 25, 24
"""Requests that list resources and scaling, and that list quotas, a region at the least."""

SAVINGS_LISTINGS = 11
"""Requests that list resources, a region at the least."""

SIZE_ADVICE, HUB_REQUESTS = 2, 2
"""Requests to Compute Optimizer, a region, and to Cost Optimization Hub, once."""

RESERVATION_LISTINGS = 5
"""Requests that list reservations, a region at the least."""

METRIC_REQUEST_USD = Decimal("0.00001")
"""Amazon CloudWatch pricing: each metric that GetMetricData is asked for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ExpectedReads:
    """What a run is expected to ask of AWS, at the least.

    Args:
        calls: API requests, one page each.
        usd: what AWS charges for them.
    """

    calls: int
    usd: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class Notebook:
    """One notebook of the suite.

    Args:
        name: its file's name in ``notebooks/``, without the ending.
        question: what it answers.
        parameters: the model of its parameters.
        expect: what a run with given parameters reads.
        strict: whether an inconclusive conclusion is no success unless somebody says so.
        remembers: tables of its earlier reports that a run goes on with.
        never_pruned: its runs are kept for auditors, whatever their age.
    """

    name: str
    question: str
    parameters: type[NotebookParameters]
    expect: Callable[[Any], ExpectedReads]
    strict: bool = False
    remembers: tuple[str, ...] = ()
    never_pruned: bool = False


def _expect_cost(parameters: CostParameters) -> ExpectedReads:
    """Count the bill, what AWS says of it, budgets by account, and load balancers by region.

    By Cost Explorer the bill is asked for by meter, account, region and tag; an export is held
    against it once. AWS is asked for its forecast, its anomalies and the use of both commitments.
    """
    by_cost_explorer = 3 + len(parameters.tag_keys)
    tie_out = int(parameters.tie_out and not parameters.is_local)
    paid = 4 + (by_cost_explorer if parameters.source == "cost_explorer" else tie_out)
    listings = 1 if parameters.path.startswith("s3://") else 0
    roles = sum(1 for account in parameters.accounts if account.role)
    budgets = 2 * max(1, len(parameters.accounts))
    balancers = sum(len(account.regions) or 1 for account in parameters.accounts) or 1
    return ExpectedReads(
        calls=paid + listings + roles + budgets + balancers, usd=paid * COST_EXPLORER_REQUEST_USD
    )


def _expect_drill(parameters: DrParameters) -> ExpectedReads:
    """Count the listings of backups and data stores by account and region, and both clusters."""
    regions = sum(len(account.regions) or 1 for account in parameters.accounts) or 1
    roles = sum(1 for account in parameters.accounts if account.role)
    listings, clusters = 11, 4
    return ExpectedReads(calls=listings * regions + roles + clusters, usd=Decimal(0))


def _expect_incident(parameters: IncidentParameters) -> ExpectedReads:
    """Count the listings by account and region, and what AWS charges for metrics."""
    regions = sum(len(account.regions) or 1 for account in parameters.accounts) or 1
    roles = sum(1 for account in parameters.accounts if account.role)
    usd = len(parameters.metrics) * METRIC_REQUEST_USD
    return ExpectedReads(calls=(len(parameters.sources) + 2) * regions + roles, usd=usd)


def _expect_capacity(parameters: CapacityParameters) -> ExpectedReads:
    """Count the listings by account and region, quotas also of the recovery region, and the bill.

    What is asked of each resource, and metrics, depend on what is listed: metrics are charged by
    the metric, once for five minutes and once for the hours before.
    """
    listed = [account.regions or (parameters.region,) for account in parameters.accounts]
    listed = listed or [(parameters.region,)]
    regions = sum(len(one) for one in listed)
    recovery = sum(parameters.recovery_region not in {"", *one} for one in listed)
    tags = regions if parameters.workload_tag else 0
    roles = sum(1 for account in parameters.accounts if account.role)
    paid = 1 if parameters.source == "cost_explorer" else 0
    calls = CAPACITY_LISTINGS * regions + QUOTA_LISTINGS * (regions + recovery)
    return ExpectedReads(calls=calls + tags + roles + paid, usd=paid * COST_EXPLORER_REQUEST_USD)


def _expect_savings(parameters: SavingsParameters) -> ExpectedReads:
    """Count the bill, the use of commitments, AWS's advice, and the listings by account and region.

    Metrics, and advice on reservations, depend on what is listed and charged.
    """
    regions = sum(len(account.regions) or 1 for account in parameters.accounts) or 1
    roles = sum(1 for account in parameters.accounts if account.role)
    plans = max(1, len(parameters.accounts))
    advice = 2 * len(parameters.terms) + 1 if parameters.aws_advice else 0
    sizes = SIZE_ADVICE * regions + HUB_REQUESTS if parameters.aws_advice else 0
    paid = 2 + advice + (1 if parameters.source == "cost_explorer" else 0)
    listings = (SAVINGS_LISTINGS + RESERVATION_LISTINGS) * regions
    return ExpectedReads(
        calls=paid + listings + sizes + plans + roles, usd=paid * COST_EXPLORER_REQUEST_USD
    )


CATALOG: tuple[Notebook, ...] = (
    Notebook(
        name="cost_analysis",
        question="What did we spend, why did it change, what should we do?",
        parameters=CostParameters,
        expect=_expect_cost,
    ),
    Notebook(
        name="cost_savings",
        question=(
            "What can we stop paying for, what should we commit to, and was last month's advice "
            "worth it?"
        ),
        parameters=SavingsParameters,
        expect=_expect_savings,
        remembers=("recommendations", "recommendation_lines", "recommended_charges"),
    ),
    Notebook(
        name="capacity_planning",
        question="Which wall comes first, when, and how sure are we?",
        parameters=CapacityParameters,
        expect=_expect_capacity,
    ),
    Notebook(
        name="incident_timeline",
        question="What happened, what changed before, and when could we have known?",
        parameters=IncidentParameters,
        expect=_expect_incident,
    ),
    Notebook(
        name="dr_restore_validation",
        question="Does our backup restore: whole, in time, and would we notice if it did not?",
        parameters=DrParameters,
        expect=_expect_drill,
        strict=True,
        never_pruned=True,
    ),
)


def find_notebook(name: str) -> Notebook:
    """Return the notebook called ``name``.

    Raises:
        ParameterError: there is none; the nearest name is suggested.
    """
    for notebook in CATALOG:
        if notebook.name == name:
            return notebook
    nearest = get_close_matches(name, [notebook.name for notebook in CATALOG], n=1, cutoff=0.4)
    hint = f"; did you mean {nearest[0]!r}?" if nearest else ""
    raise ParameterError(f"unknown notebook {name!r}{hint}", remedy="See: opslib list")


def read_iam_actions(policy_file: Path) -> tuple[str, ...]:
    """Return the actions that an IAM policy allows, sorted.

    Raises:
        ParameterError: the file is absent.
    """
    if not policy_file.exists():
        raise ParameterError("the notebook has no IAM policy file", where=str(policy_file))
    statements = json.loads(policy_file.read_text(encoding="utf-8"))["Statement"]
    actions: set[str] = set()
    for statement in statements:
        named = statement["Action"]
        actions.update([named] if isinstance(named, str) else named)
    return tuple(sorted(actions))
