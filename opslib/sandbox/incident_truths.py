"""The incident of a scenario, what a report must say of it, and which of its sources fail."""

from __future__ import annotations

from datetime import datetime

import numpy as np

from opslib.sandbox.estate import ACCOUNTS, PRODUCTION, STAGING
from opslib.sandbox.faults import Fault
from opslib.sandbox.incident_draw import draw_plan
from opslib.sandbox.incident_plan import ChangeKind, Incident, IncidentPlan
from opslib.sandbox.shop_deployments import pipeline_name
from opslib.sandbox.shop_history import incident_deployments
from opslib.sandbox.truths import Claim, PlantedTruth

__all__ = ["PART", "SOURCE_FAULTS", "plan_incident"]

PART = "incident"
PLANTED = ("troubled", "denied")
SOURCE_FAULTS: tuple[tuple[str, str, str, str], ...] = (
    ("cloudtrail", "LookupEvents", "AccessDeniedException", "cloudtrail events"),
    ("cloudwatch", "DescribeAlarmHistory", "AccessDenied", "alarms events"),
    ("logs", "StartQuery", "AccessDeniedException", "log errors"),
    ("ecs", "DescribeServices", "AccessDeniedException", "ecs events"),
    ("rds", "DescribeEvents", "AccessDenied", "rds events"),
    (
        "application-autoscaling",
        "DescribeScalingActivities",
        "ThrottlingException",
        "scaling events",
    ),
    ("codedeploy", "ListDeployments", "ThrottlingException", "codedeploy events"),
    ("codepipeline", "ListPipelineExecutions", "AccessDeniedException", "codepipeline events"),
    ("health", "DescribeEvents", "SubscriptionRequiredException", "health events"),
    ("secretsmanager", "ListSecrets", "AccessDeniedException", "rotations events"),
    ("guardduty", "ListDetectors", "AccessDeniedException", "guardduty events"),
    ("xray", "GetServiceGraph", "ThrottledException", "service graph"),
)
"""Reads of an incident's sources that are refused: service, operation, error code, table."""
LESSER = (
    "ecs events",
    "codedeploy events",
    "codepipeline events",
    "health events",
    "guardduty events",
)
"""Sources without which the incident can be told still."""
THROTTLED = ("ThrottlingException", "ThrottledException")
TWO_OF = 2


def plan_incident(
    scenario: str, seed: int, epoch: datetime, stream: int
) -> tuple[IncidentPlan, tuple[PlantedTruth, ...], tuple[Fault, ...]]:
    """Return the shop's days, what a report must say of them, and the reads that are refused.

    Args:
        scenario: steady, troubled, denied or empty.
        seed: moves everything.
        epoch: the moment that the account lives in.
        stream: of chance.
    """
    is_planted = scenario in PLANTED
    is_empty = scenario == "empty"
    plan = draw_plan(seed, epoch, stream, is_planted=is_planted, is_empty=is_empty)
    change, component = _claims(plan, plan.incident) if plan.incident else ((), ())
    chance = np.random.default_rng([seed, stream, 1])
    if scenario == "troubled":
        lesser = [each for each in SOURCE_FAULTS if each[-1] in LESSER]
        fault, gap = _refused(lesser[int(chance.integers(len(lesser)))], STAGING)
        return plan, (*change, *component, gap), (fault,)
    if scenario != "denied":
        return plan, (), ()
    faults, gaps = _refuse(chance)
    # Without its calls nobody can name the change by them.
    is_blind = any(fault.service == "cloudtrail" for fault in faults)
    return plan, (*(() if is_blind else change), *component, *gaps), faults


def _claims(
    plan: IncidentPlan, incident: Incident
) -> tuple[tuple[PlantedTruth, ...], tuple[PlantedTruth, ...]]:
    """Return what must be said of the change, and of the component."""
    subject = {"Component": incident.component}
    change = PlantedTruth(
        name="suspect_change",
        part=PART,
        claim=_change(incident.action, incident.resource),
        follows=_same_act(plan, incident),
        at=incident.onset,
    )
    component = PlantedTruth(
        name="suspect_component",
        part=PART,
        claim=Claim(kind="incident.suspect_component", subject=subject),
        at=incident.onset,
    )
    return (change,), (component,)


def _change(action: str, resource: str) -> Claim:
    subject = {"Action": action, "Resource": resource}
    return Claim(kind="incident.suspect_change", subject=subject)


def _same_act(plan: IncidentPlan, incident: Incident) -> tuple[Claim, ...]:
    """Return the other names of the same act: any of them will do instead."""
    made = [each for each in incident_deployments(plan) if each.at == incident.changed_at]
    others = [("ecs:RegisterTaskDefinition", f"shop-{each.service}") for each in made]
    for each in made:
        if each.is_pipelined:
            others += [
                ("codepipeline:StartPipelineExecution", pipeline_name(each)),
                ("codedeploy:CreateDeployment", each.codedeploy_id),
                ("ecs:UpdateService", each.service),
            ]
    if incident.kind is ChangeKind.SCALING_LIMIT:  # named service/cluster/name
        others.append((incident.action, incident.component))
    return tuple(_change(*call) for call in others)


def _refuse(
    chance: np.random.Generator,
) -> tuple[tuple[Fault, ...], tuple[PlantedTruth, ...]]:
    """Return one or two sources of production that are refused, and the coverage they leave."""
    count = int(chance.integers(1, TWO_OF + 1))
    places = chance.choice(len(SOURCE_FAULTS), size=count, replace=False)
    refused = [_refused(SOURCE_FAULTS[int(place)], PRODUCTION) for place in places]
    return tuple(fault for fault, _ in refused), tuple(truth for _, truth in refused)


def _refused(read: tuple[str, str, str, str], account: str) -> tuple[Fault, PlantedTruth]:
    """Return the fault of one read in an account, and the coverage that it leaves."""
    service, operation, code, table = read
    status = "throttled" if code in THROTTLED else "denied"
    coverage = (table, ACCOUNTS[account], status)
    return (
        Fault(service=service, operation=operation, code=code, account=account),
        PlantedTruth(name="denied_source", part=PART, coverage=coverage),
    )
