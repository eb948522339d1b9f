"""What people plan with: known events, lead times, traffic, scaling grids and alert thresholds."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

__all__ = [
    "AlertRule",
    "KnownEvent",
    "LeadTimes",
    "ScalingGrid",
    "TrafficPlan",
    "check_percent",
    "usual_alerts",
]


def check_percent(value: Any) -> Any:
    """Return a percentage, unless it was written as a fraction.

    Raises:
        ValueError: a number between 0 and 1, or between -1 and 0.
    """
    if isinstance(value, int | float) and 0 < abs(value) < 1:
        raise ValueError(f"{value:g} looks like a fraction; write a percentage: {value * 100:g}")
    return value


class KnownEvent(BaseModel):
    """Something that people know will change, or has changed, the demand."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: Annotated[str, Field(min_length=1, description="what reports call it")]
    start: Annotated[date, Field(description="its first day, UTC")]
    end: Annotated[date | None, Field(description="its last day; null: from then on")] = None
    multiplier: Annotated[
        float, Field(gt=0, le=1000, description="what the demand is multiplied by")
    ]
    resources: Annotated[
        tuple[str, ...], Field(description="names of resources that it is about; none: all")
    ] = ()

    @model_validator(mode="after")
    def _end_after_start(self) -> KnownEvent:
        if self.end is not None and self.end < self.start:
            raise ValueError(f"event {self.name!r} ends {self.end}, before it starts {self.start}")
        return self

    def meets(self, other: KnownEvent) -> bool:
        """Say whether both are about the same resource on the same day.

        Events without an end may follow one another, each from its own day on.
        """
        if self.end is None or other.end is None:
            return False
        same = not self.resources or not other.resources
        same = same or bool(set(self.resources) & set(other.resources))
        return same and self.start <= other.end and other.start <= self.end


class LeadTimes(BaseModel):
    """Days from deciding on a change until it carries load."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    scaling_setting: Annotated[float, Field(ge=0, description="minimum, maximum, target")] = 1
    provisioned_capacity: Annotated[float, Field(ge=0, description="throughput, IOPS")] = 2
    storage: Annotated[float, Field(ge=0, description="allocated storage")] = 3
    instance_class: Annotated[float, Field(ge=0, description="size of an instance")] = 14
    quota_increase: Annotated[float, Field(ge=0, description="an increase asked of AWS")] = 14
    resharding: Annotated[float, Field(ge=0, description="keys, shards, partitions")] = 30
    network: Annotated[float, Field(ge=0, description="subnets and address ranges")] = 30


class TrafficPlan(BaseModel):
    """Traffic that is planned for a resource."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: Annotated[str, Field(min_length=1, description="what reports call it")]
    resource: Annotated[str, Field(min_length=1, description="name of the resource")]
    requests_a_second: Annotated[float, Field(gt=0, description="at its peak")]


class ScalingGrid(BaseModel):
    """Settings that are tried; minima and maxima are multiples of those in force."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    min_factors: Annotated[tuple[float, ...], Field(min_length=1, description="of the minimum")] = (
        0.5,
        1.0,
        1.5,
        2.0,
    )
    max_factors: Annotated[tuple[float, ...], Field(min_length=1, description="of the maximum")] = (
        1.0,
        1.5,
        2.0,
        3.0,
    )
    targets_percent: Annotated[
        tuple[float, ...], Field(min_length=1, description="target utilisations")
    ] = (40, 50, 60, 70, 80)
    warm_up_minutes: Annotated[
        float, Field(ge=0, description="from a decision until the capacity carries load")
    ] = 3
    max_under_minutes_a_week: Annotated[
        float, Field(ge=0, description="minutes under-provisioned that a proposal may have")
    ] = 5

    @field_validator("min_factors", "max_factors")
    @classmethod
    def _are_above_zero(cls, factors: tuple[float, ...]) -> tuple[float, ...]:
        if min(factors) <= 0:
            raise ValueError("factors are to be above zero")
        return factors

    @field_validator("targets_percent")
    @classmethod
    def _are_percentages(cls, targets: tuple[float, ...]) -> tuple[float, ...]:
        for target in targets:
            check_percent(target)
            if not 0 < target < 100:  # noqa: PLR2004
                raise ValueError(f"{target:g} is no target; write a percentage between 0 and 100")
        return targets


class AlertRule(BaseModel):
    """A threshold of an alarm that is held against history."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: Annotated[str, Field(min_length=1, description="what reports call it")]
    service: Annotated[str, Field(description="kind of resource, as in services")]
    limit: Annotated[str, Field(description="the limit that it watches, such as CPU")]
    above: Annotated[float, Field(gt=0, description="in percent, or as a count")]
    is_count: Annotated[bool, Field(description="the threshold is a count, no percentage")] = False
    statistic: Annotated[str, Field(pattern="^(Average|Maximum)$")] = "Average"
    period_seconds: Annotated[int, Field(ge=60, description="of one evaluation")] = 300
    periods: Annotated[int, Field(ge=1, description="in a row that are above")] = 1

    @model_validator(mode="after")
    def _is_a_percentage(self) -> AlertRule:
        if not self.is_count:
            check_percent(self.above)
        return self


def usual_alerts() -> tuple[AlertRule, ...]:
    """Return the thresholds that operations guides name for EC2, databases and memory."""
    return (
        AlertRule(name="EC2 CPU", service="ec2", limit="CPU", above=80, periods=2),
        AlertRule(
            name="database connections (Aurora)",
            service="aurora",
            limit="connections",
            above=80,
            is_count=True,
            statistic="Maximum",
            period_seconds=60,
        ),
        AlertRule(
            name="database connections (RDS)",
            service="rds",
            limit="connections",
            above=80,
            is_count=True,
            statistic="Maximum",
            period_seconds=60,
        ),
        AlertRule(name="memory", service="ec2", limit="memory", above=70, periods=3),
    )
