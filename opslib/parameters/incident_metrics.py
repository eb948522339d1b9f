"""Parameters that name the metrics, the rules and the targets of an incident's analysis."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

__all__ = ["SYMPTOM_ROLES", "IncidentMetric", "MetricRole", "RollbackRule"]


class MetricRole(StrEnum):
    """What a metric tells of its component."""

    LATENCY = "latency"
    ERRORS = "errors"
    REQUESTS = "requests"
    AVAILABILITY = "availability"
    SATURATION = "saturation"
    OTHER = "other"


SYMPTOM_ROLES = (MetricRole.LATENCY, MetricRole.ERRORS, MetricRole.AVAILABILITY)
"""Of the metrics that can show an incident: those that say what users get."""


class IncidentMetric(BaseModel):
    """One metric of CloudWatch, by a name that reports call it."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: Annotated[str, Field(min_length=1, description="what reports call it")]
    component: Annotated[str, Field(min_length=1, description="service that it is about")]
    role: Annotated[MetricRole, Field(description="what it tells of it")] = MetricRole.OTHER
    namespace: Annotated[str, Field(min_length=1, description="such as AWS/ApplicationELB")]
    metric: Annotated[str, Field(min_length=1, description="such as TargetResponseTime")]
    dimensions: Annotated[dict[str, str], Field(description="name to value, all of them")] = {}
    statistic: Annotated[
        str,
        Field(
            pattern=r"^(Average|Sum|Minimum|Maximum|SampleCount|p\d{1,2}(\.\d+)?)$",
            description="Average, Sum, Minimum, Maximum, SampleCount or p95",
        ),
    ] = "Average"
    unit: Annotated[
        str, Field(pattern="^(ms|s|percent|count|bytes|)$", description="unit of its values")
    ] = ""
    account: Annotated[str, Field(description="name or id of its account; empty: the first")] = ""
    region: Annotated[str, Field(description="its region; empty: region")] = ""


class RollbackRule(BaseModel):
    """A rule that asks for a rollback: a metric beyond a limit for so long."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: Annotated[str, Field(min_length=1, description="what reports call it")]
    metric: Annotated[str, Field(min_length=1, description="name of one of metrics")]
    per: Annotated[
        str, Field(description="name of the metric that it is a share of, in percent; empty: none")
    ] = ""
    above: Annotated[float | None, Field(description="limit in the metric's unit")] = None
    below: Annotated[float | None, Field(description="limit in the metric's unit")] = None
    for_minutes: Annotated[float, Field(ge=0, description="how long without a break")] = 0
    samples: Annotated[
        str, Field(description="name of the metric that counts samples; empty: no guard")
    ] = ""
    min_samples: Annotated[
        float, Field(ge=0, description="samples a period below which it says nothing")
    ] = 0
