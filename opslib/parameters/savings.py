"""Parameters of the cost savings."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from typing import Annotated, ClassVar, Literal

from pydantic import AfterValidator, Field, model_validator

from opslib.parameters.base import NotebookParameters
from opslib.parameters.owners import owner_names
from opslib.parameters.problems import nearest

__all__ = ["SavingsParameters"]

LogRetention = Literal[
    1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922,
    3288, 3653,
]  # fmt: skip
"""What CloudWatch Logs can be told: Amazon CloudWatch Logs API Reference, PutRetentionPolicy."""


def _no_term_twice(terms: tuple[Literal[1, 3], ...]) -> tuple[Literal[1, 3], ...]:
    if len(set(terms)) < len(terms):
        raise ValueError("a term stands twice: keep one")
    return terms


class SavingsParameters(NotebookParameters):
    """What to ask of the bill and of the resources on it.

    Source of the settling time: as for `opslib.parameters.cost.CostParameters`.
    """

    notebook: ClassVar[str] = "cost_savings"

    source: Annotated[
        Literal["cost_explorer", "export"],
        Field(description="cost_explorer needs no set-up; export tells what each resource costs"),
    ] = "cost_explorer"
    path: Annotated[
        str, Field(description="with source: export, an s3://bucket/prefix, a folder or a file")
    ] = ""
    currency: Annotated[
        str,
        Field(
            pattern=r"^([A-Z]{3})?$", description="the one to report, where the bill mixes several"
        ),
    ] = ""
    bill_days: Annotated[
        int, Field(ge=7, le=92, description="settled days of the bill that costs are taken from")
    ] = 30
    settle_hours: Annotated[
        int, Field(ge=0, le=240, description="hours after which a day is taken as settled")
    ] = 72
    use_days: Annotated[
        int,
        Field(ge=7, le=63, description="days of metrics; what is younger is not judged"),
    ] = 30
    snapshot_days: Annotated[
        int, Field(ge=1, le=3650, description="days that the lifecycle policy keeps snapshots")
    ] = 35
    min_saving: Annotated[
        Decimal,
        Field(ge=0, description="smallest saving a month worth acting on, in the bill's currency"),
    ] = Decimal(1)
    log_retention_days: Annotated[
        LogRetention, Field(description="days that log groups kept for ever would be cut to")
    ] = 30
    expiry_days: Annotated[
        int, Field(ge=1, le=366, description="days ahead in which the end of a commitment is told")
    ] = 90
    min_utilisation: Annotated[
        float, Field(ge=0, le=1, description="share of a commitment that should be used")
    ] = 0.9
    aws_advice: Annotated[
        bool, Field(description="ask AWS for its own recommendations, and show them beside ours")
    ] = True
    terms: Annotated[
        tuple[Literal[1, 3], ...],
        Field(min_length=1, description="years of the commitments to look at"),
        AfterValidator(_no_term_twice),
    ] = (1,)
    payment: Annotated[
        Literal["no_upfront", "partial_upfront", "all_upfront"],
        Field(description="how commitments would be paid"),
    ] = "no_upfront"
    table_utilization: Annotated[
        Decimal,
        Field(
            ge=Decimal("0.2"),
            le=Decimal("0.9"),
            description="share of a table's capacity that its peak may take, as in auto scaling",
        ),
    ] = Decimal("0.7")
    spot_tag: Annotated[
        dict[str, str],
        Field(description="tag of groups whose instances may be interrupted, key to value"),
    ] = Field(default={"Interruptible": "true"})
    hourly_path: Annotated[
        str,
        Field(description="an hourly export, as path; empty: nothing is committed by our backtest"),
    ] = ""
    commitment_days: Annotated[
        int, Field(ge=30, le=395, description="settled days that commitments are tried on")
    ] = 60
    usage_fall: Annotated[
        float, Field(ge=0, lt=1, description="share by which usage may fall after a commitment")
    ] = 0.2
    size_headroom_percent: Annotated[
        float, Field(ge=0, lt=100, description="what a smaller size leaves free at its peak")
    ] = 20
    size_volatility: Annotated[
        float,
        Field(gt=1, description="times the usual day that the busiest may take of a smaller size"),
    ] = 3
    size_without_memory: Annotated[
        bool, Field(description="judge sizes by CPU alone where nothing reports memory")
    ] = False
    max_requests: Annotated[
        int, Field(ge=1, description="most Cost Explorer requests in a run (0.01 USD each)")
    ] = 30
    owner: Annotated[
        str, Field(description="report on what this one of the owners answers for; empty: on all")
    ] = ""
    declined: Annotated[
        str,
        Field(description="YAML file of recommendations that somebody declined, and until when"),
    ] = ""
    top: Annotated[int, Field(ge=1, le=200, description="rows in ranked tables")] = 20

    @model_validator(mode="after")
    def _check_source(self) -> SavingsParameters:
        if (self.source == "export") != bool(self.path):
            raise ValueError("path belongs to source: export, and source: export needs a path")
        return self

    @model_validator(mode="after")
    def _name_a_known_owner(self) -> SavingsParameters:
        known = owner_names(self.owners)
        if self.owner and self.owner not in known:
            told = ", ".join(known) or "none"
            raise ValueError(
                f"owner {self.owner!r} is none of owners ({told}){nearest(self.owner, known)}"
            )
        return self

    @property
    def is_local(self) -> bool:
        """Say whether the bill is read from this machine."""
        return bool(self.path) and not self.path.startswith("s3://")

    @property
    def days(self) -> tuple[date, ...]:
        """Return the settled days of the bill, in order."""
        return self._settled(self.bill_days)

    @property
    def commitment_window(self) -> tuple[date, ...]:
        """Return the settled days that commitments are tried on, in order."""
        return self._settled(self.commitment_days)

    def _settled(self, days: int) -> tuple[date, ...]:
        last = (self.as_of - timedelta(hours=self.settle_hours)).date() - timedelta(days=1)
        return tuple(last - timedelta(days=back) for back in reversed(range(days)))
