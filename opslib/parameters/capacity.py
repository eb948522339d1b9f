"""Parameters of capacity planning."""

from __future__ import annotations

from datetime import timedelta
from itertools import combinations
from typing import Annotated, Any, ClassVar, Literal

from pydantic import ConfigDict, Field, field_validator, model_validator

from opslib.parameters.base import NotebookParameters
from opslib.parameters.capacity_plans import (
    AlertRule,
    KnownEvent,
    LeadTimes,
    ScalingGrid,
    TrafficPlan,
    check_percent,
    check_service,
    usual_alerts,
)

__all__ = ["CapacityParameters"]

FEWEST_DAYS_A_HORIZON_DAY = 1.0
"""History that a day of forecast wants at the least: a trend carried further than it was seen."""
LONGEST_KEPT = 455


class CapacityParameters(NotebookParameters):
    """What ``capacity_planning`` takes. Percentages are written 0 to 100."""

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)
    notebook: ClassVar[str] = "capacity_planning"

    services: Annotated[
        tuple[str, ...], Field(description="kinds of resources to read; none: all")
    ] = ()
    resources: Annotated[
        tuple[str, ...], Field(description="names of resources to report; none: all")
    ] = ()
    workload_tag: Annotated[
        str, Field(description="tag whose value groups resources; empty: each by itself")
    ] = ""
    history_days: Annotated[
        int, Field(ge=14, le=LONGEST_KEPT, description="days of metrics that are read")
    ] = LONGEST_KEPT
    horizon_days: Annotated[int, Field(ge=7, le=365, description="days that are looked ahead")] = (
        120
    )
    warn_at_percent: Annotated[
        float, Field(gt=0, lt=100, description="share of a limit that is a wall already")
    ] = 80
    growth_percent_a_month: Annotated[
        float, Field(ge=-90, le=1000, description="growth to add to what history shows")
    ] = 0
    events: Annotated[
        tuple[KnownEvent, ...], Field(description="launches and migrations, past and to come")
    ] = ()
    lead_times: Annotated[LeadTimes, Field(description="days that each kind of change takes")] = (
        LeadTimes()
    )
    traffic_plan: Annotated[
        tuple[TrafficPlan, ...], Field(description="requests a second that are planned for")
    ] = ()
    target_utilisation_percent: Annotated[
        float, Field(gt=0, lt=100, description="utilisation that a unit of capacity is run at")
    ] = 60
    recovery_region: Annotated[
        str,
        Field(
            pattern=r"^([a-z]{2}(-[a-z]+)+-\d)?$",
            description="region that is to take the estate over; empty: none",
        ),
    ] = ""
    scaling_grid: Annotated[
        ScalingGrid, Field(description="scaling settings that are replayed over the history")
    ] = ScalingGrid()
    rightsizing_headroom_percent: Annotated[
        float, Field(ge=0, lt=100, description="share that a smaller size leaves free at its peak")
    ] = 30
    alerts: Annotated[
        tuple[AlertRule, ...],
        Field(description="alert thresholds, checked against history; none: the usual ones"),
    ] = ()
    source: Annotated[
        Literal["cost_explorer", "export"], Field(description="where the bill is read from")
    ] = "cost_explorer"
    path: Annotated[str, Field(description="with source: export, where the export is")] = ""
    max_requests: Annotated[
        int, Field(ge=1, description="most Cost Explorer requests in a run (0.01 USD each)")
    ] = 30
    top: Annotated[int, Field(ge=1, le=1000, description="rows in ranked tables")] = 15

    @field_validator("services")
    @classmethod
    def _know_services(cls, names: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(map(check_service, names))

    @field_validator(
        "growth_percent_a_month",
        "warn_at_percent",
        "target_utilisation_percent",
        "rightsizing_headroom_percent",
        mode="before",
    )
    @classmethod
    def _are_percentages(cls, value: Any) -> Any:
        return check_percent(value)

    @model_validator(mode="after")
    def _look_no_further_than_history(self) -> CapacityParameters:
        most = self.history_days / FEWEST_DAYS_A_HORIZON_DAY
        if self.horizon_days > most:
            raise ValueError(
                f"horizon_days {self.horizon_days} is longer than {self.history_days} days of "
                f"history support; look {most:.0f} days ahead at most, or raise history_days"
            )
        if (self.source == "export") != bool(self.path):
            raise ValueError("path belongs to source: export, and source: export needs a path")
        return self

    @model_validator(mode="after")
    def _recover_elsewhere(self) -> CapacityParameters:
        homes = {r for one in self.accounts for r in one.regions or (self.region,)}
        if self.recovery_region and (homes or {self.region}) == {self.recovery_region}:
            raise ValueError(f"recovery_region {self.recovery_region} is where the estate runs")
        return self

    @model_validator(mode="after")
    def _tell_alerts_apart(self) -> CapacityParameters:
        names = [rule.name for rule in self.alerts]
        twice = sorted({name for name in names if names.count(name) > 1})
        if twice:
            raise ValueError(f"alerts stand twice: {', '.join(twice)}")
        return self

    @model_validator(mode="after")
    def _tell_events_apart(self) -> CapacityParameters:
        for one, other in combinations(self.events, 2):
            if one.name == other.name:
                raise ValueError(f"two events are called {one.name!r}")
            if one.meets(other):
                raise ValueError(
                    f"events {one.name!r} and {other.name!r} overlap for the same resources; "
                    "end one before the other begins, or write one with both multipliers"
                )
        return self

    @property
    def alert_rules(self) -> tuple[AlertRule, ...]:
        """Return the thresholds that are checked."""
        return self.alerts or usual_alerts()

    @property
    def horizon(self) -> timedelta:
        """Return how far is looked ahead."""
        return timedelta(days=self.horizon_days)
