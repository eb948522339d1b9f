"""What people plan with: known events, lead times, traffic, scaling grids and alert thresholds."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

from opslib.parameters.problems import nearest

__all__ = [
    "AlertRule",
    "KnownEvent",
    "LeadTimes",
    "ScalingGrid",
    "TrafficPlan",
    "check_percent",
    "check_service",
    "usual_alerts",
]


LONGEST_LEAD = 730
MOST_SETTINGS = 1_000
SERVICES = (
    "ecs",
    "ec2",
    "asg",
    "eks",
    "aurora",
    "rds",
    "dynamodb",
    "lambda",
    "load_balancer",
    "cache",
    "nat",
    "subnet",
    "ebs",
    "quota",
)


def check_service(name: str) -> str:
    """Return the name of a kind of resource.

    Raises:
        ValueError: there is none of that name; the nearest is suggested.
    """
    if name not in SERVICES:
        raise ValueError(f"no kind of resource is called {name!r}{nearest(name, SERVICES)}")
    return name


def check_percent(value: Any) -> Any:
    """Return a percentage, unless it was written as a fraction.

    Raises:
        ValueError: a number between 0 and 1, or between -1 and 0.
    """
    try:
        number = float(value)
    except (TypeError, ValueError):
        return value
    if 0 < abs(number) < 1:
        raise ValueError(f"{number:g} looks like a fraction; write a percentage: {number * 100:g}")
    return value


class KnownEvent(BaseModel):
    """Something that people know will change, or has changed, the demand."""

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)

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

        One without an end goes on for ever.
        """
        same = not self.resources or not other.resources
        same = same or bool(set(self.resources) & set(other.resources))
        ends = (self.end or date.max, other.end or date.max)
        return same and self.start <= ends[1] and other.start <= ends[0]


class LeadTimes(BaseModel):
    """Days from deciding on a change until it carries load."""

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)

    scaling_setting: Annotated[
        float, Field(ge=0, le=LONGEST_LEAD, description="minimum, maximum, target")
    ] = 1
    provisioned_capacity: Annotated[
        float, Field(ge=0, le=LONGEST_LEAD, description="throughput, IOPS")
    ] = 2
    storage: Annotated[float, Field(ge=0, le=LONGEST_LEAD, description="allocated storage")] = 3
    instance_class: Annotated[
        float, Field(ge=0, le=LONGEST_LEAD, description="size of an instance")
    ] = 14
    quota_increase: Annotated[
        float, Field(ge=0, le=LONGEST_LEAD, description="an increase asked of AWS")
    ] = 14
    resharding: Annotated[
        float, Field(ge=0, le=LONGEST_LEAD, description="keys, shards, partitions")
    ] = 30
    network: Annotated[
        float, Field(ge=0, le=LONGEST_LEAD, description="subnets and address ranges")
    ] = 30


class TrafficPlan(BaseModel):
    """Traffic that is planned for a resource."""

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)

    name: Annotated[str, Field(min_length=1, description="what reports call it")]
    resource: Annotated[str, Field(min_length=1, description="name of the resource")]
    requests_a_second: Annotated[float, Field(gt=0, description="at its peak")]


class ScalingGrid(BaseModel):
    """Settings that are tried; minima and maxima are multiples of those in force."""

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)

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

    @model_validator(mode="after")
    def _is_small_enough(self) -> ScalingGrid:
        settings = len(self.min_factors) * len(self.max_factors) * len(self.targets_percent)
        if settings > MOST_SETTINGS:
            raise ValueError(
                f"{settings:,} settings are too many to try; at most {MOST_SETTINGS:,}"
            )
        return self

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

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)

    name: Annotated[str, Field(min_length=1, description="what reports call it")]
    service: Annotated[str, Field(description="kind of resource, as in services")]
    limit: Annotated[str, Field(description="the limit that it watches, such as CPU")]
    above: Annotated[float, Field(gt=0, description="in percent, or as a count")]
    is_count: Annotated[bool, Field(description="the threshold is a count, no percentage")] = False
    statistic: Annotated[str, Field(pattern="^(Average|Maximum)$")] = "Average"
    period_seconds: Annotated[
        int, Field(ge=60, multiple_of=60, description="of one evaluation")
    ] = 300
    periods: Annotated[int, Field(ge=1, description="in a row that are above")] = 1

    @model_validator(mode="after")
    def _is_a_percentage(self) -> AlertRule:
        check_service(self.service)
        if not self.is_count:
            check_percent(self.above)
            if self.above > 100:  # noqa: PLR2004
                raise ValueError(f"{self.above:g} percent is never passed; is_count tells a count")
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
