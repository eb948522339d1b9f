"""Parameters of the cost analysis."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from enum import StrEnum
from typing import Annotated, ClassVar, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

from opslib.parameters.base import NotebookParameters
from opslib.parameters.unit_cost import UnitCost

__all__ = ["CostBasis", "CostParameters", "SharedCost", "SharedCostSplit"]

TABLE_NAMES = frozenset({"meter", "account", "region", "place", "provider", "resource"})
"""What else the bill is broken down by; a tag of that name could not be told apart in coverage."""


class CostBasis(StrEnum):
    """Which money: what was invoiced, or what was used with prepayments spread out."""

    EFFECTIVE = "effective"
    BILLED = "billed"

    @property
    def column(self) -> str:
        """Return the FOCUS column that holds it."""
        return {"effective": "EffectiveCost", "billed": "BilledCost"}[self.value]


class SharedCostSplit(StrEnum):
    """How a shared cost is divided among the values of a tag."""

    PROPORTIONAL = "proportional"
    EVEN = "even"
    FIXED = "fixed"


class SharedCost(BaseModel):
    """A rule that spreads a shared cost over the values of a tag.

    What is shared: charges whose tag ``tag_key`` has one of ``tag_values`` (an empty string
    stands for untagged), and all charges of ``services``.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: Annotated[str, Field(description="what the report calls this rule")]
    tag_key: Annotated[str, Field(description="tag whose values receive the shared cost")]
    tag_values: Annotated[
        tuple[str, ...], Field(description="values that are shared; '' is untagged")
    ] = ()
    services: Annotated[tuple[str, ...], Field(description="services that are shared whole")] = ()
    split: Annotated[SharedCostSplit, Field(description="how it is divided")] = (
        SharedCostSplit.PROPORTIONAL
    )
    weights: Annotated[
        dict[str, Decimal], Field(description="share of each value, for split: fixed")
    ] = {}

    @model_validator(mode="after")
    def _check(self) -> SharedCost:
        if not self.tag_values and not self.services:
            raise ValueError("name tag_values or services, or nothing is shared")
        if (self.split is SharedCostSplit.FIXED) != bool(self.weights):
            raise ValueError("weights belong to split: fixed, and only to it")
        if self.weights and (min(self.weights.values()) < 0 or not sum(self.weights.values())):
            raise ValueError("weights must not be negative, and not all zero")
        return self


class CostParameters(NotebookParameters):
    """What to ask of the bill.

    Source of the settling times: AWS refreshes billing data at least daily and finalises a
    month after its end, with support fees on the sixth or seventh day (AWS Data Exports user
    guide, "Understanding finalized reports").
    """

    notebook: ClassVar[str] = "cost_analysis"

    source: Annotated[
        Literal["cost_explorer", "export"],
        Field(description="cost_explorer needs no set-up; export reads a FOCUS or CUR export"),
    ] = "cost_explorer"
    path: Annotated[
        str, Field(description="with source: export, an s3://bucket/prefix, a folder or a file")
    ] = ""
    engine: Annotated[
        Literal["duckdb", "athena", "spark"],
        Field(description="with source: export, what adds it up; athena and spark for large ones"),
    ] = "duckdb"
    table: Annotated[
        str, Field(description="with engine: athena, the export's table as database.table")
    ] = ""
    workgroup: Annotated[str, Field(description="Athena's workgroup that queries it")] = "primary"
    tie_out: Annotated[
        bool, Field(description="hold an export against Cost Explorer, day by day and by service")
    ] = True
    cause_hours: Annotated[
        int, Field(ge=1, le=168, description="hours before an anomaly in which changes are sought")
    ] = 48
    unit_costs: Annotated[
        tuple[UnitCost, ...],
        Field(description="units that money is divided by; none: 1,000 requests of all ALBs"),
    ] = ()
    period: Annotated[
        str,
        Field(pattern=r"^(week|month|[1-9]\d?d)$", description="week, month, or days such as 10d"),
    ] = "week"
    history_days: Annotated[
        int, Field(ge=1, le=400, description="days read before the period, to compare with")
    ] = 91
    cost_basis: Annotated[
        CostBasis, Field(description="effective (amortised) or billed (as invoiced)")
    ] = CostBasis.EFFECTIVE
    currency: Annotated[
        str,
        Field(
            pattern=r"^([A-Z]{3})?$", description="the one to report, where the bill mixes several"
        ),
    ] = ""
    tag_keys: Annotated[
        tuple[str, ...], Field(min_length=1, description="cost allocation tags to report by")
    ] = ("Environment", "Project")
    settle_hours: Annotated[
        int, Field(ge=0, le=240, description="hours after which a day is taken as settled")
    ] = 72
    month_close_days: Annotated[
        int, Field(ge=0, le=20, description="days after month end until a month is closed")
    ] = 7
    min_change: Annotated[
        Decimal, Field(ge=0, description="smallest change worth a finding, in the bill's currency")
    ] = Decimal(20)
    min_change_share: Annotated[
        Decimal, Field(ge=0, le=1, description="the same as a share of the period's spend")
    ] = Decimal("0.01")
    max_untagged_share: Annotated[
        Decimal, Field(ge=0, le=1, description="share of untagged spend that is tolerated")
    ] = Decimal("0.10")
    budget_risk: Annotated[
        float, Field(gt=0, lt=1, description="probability of passing a budget that is a finding")
    ] = 0.5
    confidence: Annotated[
        float, Field(ge=0.5, le=0.99, description="confidence of forecast intervals")
    ] = 0.8
    max_requests: Annotated[
        int, Field(ge=1, description="most Cost Explorer requests in a run (0.01 USD each)")
    ] = 30
    shared_costs: Annotated[
        tuple[SharedCost, ...], Field(description="rules that spread shared costs")
    ] = ()
    top: Annotated[int, Field(ge=1, le=100, description="rows in ranked tables")] = 10

    @model_validator(mode="after")
    def _check_source(self) -> CostParameters:
        if self.engine != "duckdb" and self.source != "export":
            raise ValueError(f"engine: {self.engine} adds up an export: set source: export")
        if (self.engine == "athena") != bool(self.table):
            raise ValueError(
                "table belongs to engine: athena, and engine: athena needs a table (database.table)"
            )
        if (self.source == "export" and self.engine != "athena") != bool(self.path):
            raise ValueError(
                "path belongs to source: export (with engine: athena, table does), and source:"
                " export needs a path"
            )
        taken = sorted(TABLE_NAMES.intersection(self.tag_keys))
        if taken:
            raise ValueError(f"tag_keys may not be named as the report's tables: {taken}")
        unknown = {rule.tag_key for rule in self.shared_costs} - set(self.tag_keys)
        if unknown:
            raise ValueError(f"shared_costs use tags that are not in tag_keys: {sorted(unknown)}")
        return self

    @model_validator(mode="after")
    def _check_units(self) -> CostParameters:
        names = [unit.name for unit in self.unit_costs]
        repeated = sorted({name for name in names if names.count(name) > 1})
        if repeated:
            raise ValueError(f"unit_costs of the same name: {repeated}")
        keys = {unit.tag_key for unit in self.unit_costs} - {"", *self.tag_keys}
        if keys:
            raise ValueError(f"unit_costs use tags that are not in tag_keys: {sorted(keys)}")
        for unit in self.unit_costs:
            if unit.account and not any(unit.is_in(account) for account in self.accounts):
                raise ValueError(f"unit_costs name an account that is not listed: {unit.account}")
        return self

    @property
    def units(self) -> tuple[UnitCost, ...]:
        """Return the units that money is divided by: requests, where none is given."""
        return self.unit_costs or (UnitCost(name="request"),)

    @property
    def settle_time(self) -> timedelta:
        """Return how long a day stays open to restatement."""
        return timedelta(hours=self.settle_hours)

    @property
    def is_local(self) -> bool:
        """Say whether the bill is read from this machine."""
        return bool(self.path) and not self.path.startswith("s3://")
