"""Parameters of the incident timeline."""

from __future__ import annotations

from difflib import get_close_matches
from enum import StrEnum
from typing import Annotated, Any, ClassVar
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import AwareDatetime, Field, ValidationInfo, field_validator, model_validator

from opslib.parameters.base import NotebookParameters
from opslib.parameters.incident_metrics import (
    SYMPTOM_ROLES,
    IncidentMetric,
    MetricRole,
    RollbackRule,
)
from opslib.parameters.problems import nearest

__all__ = ["IncidentParameters", "IncidentSource"]

MOST_NAMED = 8


class IncidentSource(StrEnum):
    """What records may be read."""

    CLOUDTRAIL = "cloudtrail"
    ALARMS = "alarms"
    METRICS = "metrics"
    LOGS = "logs"
    ECS = "ecs"
    RDS = "rds"
    SCALING = "scaling"
    DEPLOYMENTS = "deployments"
    HEALTH = "health"
    ROTATIONS = "rotations"
    GUARDDUTY = "guardduty"
    SERVICE_GRAPH = "service_graph"


class IncidentParameters(NotebookParameters):
    """What ``incident_timeline`` takes."""

    notebook: ClassVar[str] = "incident_timeline"

    incident: Annotated[
        str,
        Field(
            pattern=r"^([a-z0-9][a-z0-9._-]*)?$",
            description="name of a file in parameters/<environment>/incidents/; empty: none",
        ),
    ] = ""
    start: Annotated[
        AwareDatetime | None, Field(description="beginning of the window; null: the incident's")
    ] = None
    end: Annotated[
        AwareDatetime | None, Field(description="end of the window; null: the incident's")
    ] = None
    sources: Annotated[
        tuple[IncidentSource, ...], Field(description="records of AWS that are read")
    ] = tuple(IncidentSource)
    trail: Annotated[
        str,
        Field(description="folder or s3://bucket/prefix of CloudTrail's log files; empty: lookup"),
    ] = ""
    trail_table: Annotated[
        str,
        Field(description="Athena table of CloudTrail's log files that tells what is usual"),
    ] = ""
    workgroup: Annotated[str, Field(description="Athena's workgroup that queries it")] = "primary"
    history_days: Annotated[
        float, Field(gt=0, le=90, description="days before the window that tell what is usual")
    ] = 7
    metrics: Annotated[
        tuple[IncidentMetric, ...], Field(description="metrics to read, each by a name")
    ] = ()
    symptom: Annotated[
        str, Field(description="name of the metric that shows the incident; empty: by role")
    ] = ""
    rules: Annotated[
        tuple[RollbackRule, ...], Field(description="rollback rules; none: p95 and error rate")
    ] = ()
    log_groups: Annotated[tuple[str, ...], Field(description="CloudWatch log groups to read")] = ()
    log_filter: Annotated[
        str, Field(description="regular expression that tells a line of an error")
    ] = "(?i)error|exception|fatal|panic|timed? ?out"
    max_scan_gb: Annotated[
        float, Field(gt=0, description="log data to scan at most, an account and region")
    ] = 50
    notes: Annotated[str, Field(description="YAML file of people's notes; empty: none")] = ""
    slack: Annotated[str, Field(description="folder or zip of a Slack export; empty: none")] = ""
    pagerduty: Annotated[
        str, Field(description="JSON file of PagerDuty log entries; empty: none")
    ] = ""
    log_csv: Annotated[str, Field(description="CSV with time, who and what; empty: none")] = ""
    zone: Annotated[str, Field(description="time zone of times without one in a CSV")] = ""
    objective_percent: Annotated[
        float, Field(gt=0, lt=100, description="share of requests that is to succeed")
    ] = 99.9
    objective_days: Annotated[float, Field(gt=0, description="over how many days")] = 30
    requests_per_user_minute: Annotated[
        float | None, Field(gt=0, description="requests that a user makes; null: not known")
    ] = None
    mask_personal_data: Annotated[
        bool,
        Field(
            description="mask e-mail addresses, public IP addresses and phone numbers in log "
            "lines and messages"
        ),
    ] = True
    top: Annotated[int, Field(ge=1, le=1000, description="rows in ranked tables")] = 20

    @field_validator("*", mode="before")
    @classmethod
    def _take_nothing_for_empty(cls, value: Any, info: ValidationInfo) -> Any:
        """Read ``-p incident=``, which is YAML for null, as the empty text that it looks like."""
        field = cls.model_fields[str(info.field_name)]
        return "" if value is None and field.default == "" else value

    @field_validator("trail_table")
    @classmethod
    def _is_a_table(cls, name: str) -> str:
        parts = name.split(".")
        if name and (len(parts) not in {2, 3} or not all(parts)):
            raise ValueError("no table of Athena; write it as database.table")
        return name

    @field_validator("zone")
    @classmethod
    def _is_a_zone(cls, name: str) -> str:
        if name:
            try:
                ZoneInfo(name)
            except (ZoneInfoNotFoundError, ValueError, OSError):
                raise ValueError("no such time zone; write it as Europe/Berlin") from None
        return name

    @model_validator(mode="after")
    def _know_the_window(self) -> IncidentParameters:
        if (self.start is None) != (self.end is None):
            raise ValueError("start and end belong together")
        if self.start is not None and self.end is not None and self.end <= self.start:
            raise ValueError(f"end {self.end.isoformat()} is not after start")
        if self.start is None and not self.incident:
            raise ValueError("give start and end, or incident: which window is it about?")
        return self

    @model_validator(mode="after")
    def _name_known_metrics(self) -> IncidentParameters:
        names = [metric.name for metric in self.metrics]
        twice = sorted({name for name in names if names.count(name) > 1})
        if twice:
            raise ValueError(f"metrics stand twice: {', '.join(twice)}")
        asked = [self.symptom, *(n for r in self.rules for n in (r.metric, r.per, r.samples))]
        unknown = sorted({name for name in asked if name and name not in names})
        if unknown:
            told = names if len(names) <= MOST_NAMED else [*names[:MOST_NAMED], "others"]
            known = f"there are {', '.join(told) or 'none'}{nearest(unknown[0], names)}"
            raise ValueError(f"no metric is named {', '.join(unknown)}; {known}")
        return self

    @model_validator(mode="after")
    def _name_a_symptom(self) -> IncidentParameters:
        role = next((m.role for m in self.metrics if m.name == self.symptom), None)
        if role is None or role in SYMPTOM_ROLES:
            return self
        fit = [metric.name for metric in self.metrics if metric.role in SYMPTOM_ROLES]
        near = get_close_matches(self.symptom, fit, n=3, cutoff=0)
        raise ValueError(
            f"symptom {self.symptom} is a metric of role {role.value}; it is to be one of latency, "
            f"errors or availability: {', '.join(near) or 'none is given'}"
        )

    def of_role(self, role: MetricRole, component: str) -> IncidentMetric | None:
        """Return the first metric of a component in a role."""
        found = (m for m in self.metrics if m.role is role and m.component == component)
        return next(found, None)
