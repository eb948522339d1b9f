"""The changes that may bring an incident about, and the calls that make and take them back."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from opslib.sandbox.api_calls import ApiCall, Principal
from opslib.sandbox.change_requests import (
    Parameters,
    cluster_capacity,
    function_code,
    group_rule,
    nothing,
    parameter_name,
    put_parameter,
    role_name,
    role_policy,
    scalable_target,
    scaling_limits,
)
from opslib.sandbox.estate import PRODUCTION
from opslib.sandbox.incident_plan import ChangeKind, Incident
from opslib.sandbox.shop import (
    REGION,
    SERVICES,
    security_group,
)
from opslib.sandbox.shop_people import TERRAFORM_APPLY, deploy_run, person

__all__ = ["CHANGES", "Change", "change_calls", "resource_of"]


class Request(Protocol):
    """What makes the parameters of a call, by component."""

    def __call__(self, component: str, *, undone: bool) -> Parameters:
        """Return the parameters of the change, or of its undoing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One kind of change by its calls.

    Args:
        source: of the calls, as CloudTrail's eventSource names it.
        call, undo: names of the call and of the one that takes it back.
        components: that it may strike.
        delay_minutes: from the call to its first effect, least and most.
        effects: ``latency``, ``errors`` or ``both``, of which one is drawn.
        resource: what the request names, by component.
        type: CloudTrail's type of it.
        parameters: of the call, or of its undoing, by component.
    """

    source: str
    call: str
    undo: str
    components: tuple[str, ...]
    delay_minutes: tuple[float, float]
    effects: tuple[str, ...]
    resource: Callable[[str], str]
    type: str
    parameters: Request


def _itself(component: str) -> str:
    return component


BOTH = ("latency", "errors", "both")
CHANGES: dict[ChangeKind, Change] = {
    ChangeKind.DEPLOYMENT: Change(
        source="ecs",
        call="UpdateService",
        undo="UpdateService",
        components=SERVICES,
        delay_minutes=(2, 6),
        effects=BOTH,
        resource=_itself,
        type="AWS::ECS::Service",
        parameters=nothing,
    ),
    ChangeKind.CONFIGURATION: Change(
        source="ssm",
        call="PutParameter",
        undo="PutParameter",
        components=SERVICES,
        delay_minutes=(1, 5),
        effects=BOTH,
        resource=parameter_name,
        type="AWS::SSM::Parameter",
        parameters=put_parameter,
    ),
    ChangeKind.SECURITY_GROUP: Change(
        source="ec2",
        call="RevokeSecurityGroupIngress",
        undo="AuthorizeSecurityGroupIngress",
        components=("orders", "shop-cache", "payments"),
        delay_minutes=(0, 4),
        effects=("errors",),
        resource=security_group,
        type="AWS::EC2::SecurityGroup",
        parameters=group_rule,
    ),
    ChangeKind.DATABASE: Change(
        source="rds",
        call="ModifyDBCluster",
        undo="ModifyDBCluster",
        components=("orders",),
        delay_minutes=(2, 10),
        effects=("latency", "both"),
        resource=_itself,
        type="AWS::RDS::DBCluster",
        parameters=cluster_capacity,
    ),
    ChangeKind.POLICY: Change(
        source="iam",
        call="DetachRolePolicy",
        undo="AttachRolePolicy",
        components=("checkout", "accounts", "receipt", "payments"),
        delay_minutes=(0, 5),
        effects=("errors",),
        resource=role_name,
        type="AWS::IAM::Role",
        parameters=role_policy,
    ),
    ChangeKind.SCALING_LIMIT: Change(
        source="autoscaling",
        call="RegisterScalableTarget",
        undo="RegisterScalableTarget",
        components=("checkout", "search", "web", "sessions"),
        delay_minutes=(2, 10),
        effects=("latency", "both"),
        resource=scalable_target,
        type="",
        parameters=scaling_limits,
    ),
    ChangeKind.FUNCTION: Change(
        source="lambda",
        call="UpdateFunctionCode20150331v2",
        undo="UpdateFunctionCode20150331v2",
        components=("receipt",),
        delay_minutes=(0, 1),
        effects=BOTH,
        resource=_itself,
        type="AWS::Lambda::Function",
        parameters=function_code,
    ),
    ChangeKind.PIPELINE: Change(
        source="codedeploy",
        call="CreateDeployment",
        undo="CreateDeployment",
        components=SERVICES,
        delay_minutes=(5, 10),
        effects=BOTH,
        resource=lambda component: f"shop-{component}",
        type="AWS::CodeDeploy::Application",
        parameters=nothing,
    ),
}


def resource_of(kind: ChangeKind, component: str) -> str:
    """Return what a change of a component names as its resource."""
    return CHANGES[kind].resource(component)


def change_calls(incident: Incident, on_call: str) -> list[ApiCall]:
    """Return the calls of a change that is no deployment, and of its rollback.

    Args:
        incident: what was planted.
        on_call: who rolled it back.
    """
    actor = {
        ChangeKind.CONFIGURATION: person("grace"),
        ChangeKind.FUNCTION: deploy_run(4980),
        ChangeKind.DATABASE: TERRAFORM_APPLY,
    }.get(incident.kind, person("linus"))
    return [
        _call(incident, incident.changed_at, actor, undone=False),
        _call(incident, incident.rolled_back_at, person(on_call), undone=True),
    ]


def _call(incident: Incident, at: datetime, actor: Principal, *, undone: bool) -> ApiCall:
    change = CHANGES[incident.kind]
    return ApiCall(
        at=at,
        account=PRODUCTION,
        principal=actor,
        source=change.source,
        name=change.undo if undone else change.call,
        resource=incident.resource,
        resource_type=change.type,
        parameters=change.parameters(incident.component, undone=undone),
        response=_response(incident.kind, incident.component),
    )


def _response(kind: ChangeKind, component: str) -> Mapping[str, Any] | None:
    """Return what the call answered, where it answers anything."""
    answers: dict[ChangeKind, Mapping[str, Any]] = {
        ChangeKind.CONFIGURATION: {"version": 12, "tier": "Standard"},
        ChangeKind.SECURITY_GROUP: {"_return": True},
        ChangeKind.FUNCTION: {
            "functionName": component,
            "functionArn": f"arn:aws:lambda:{REGION}:{PRODUCTION}:function:{component}",
            "lastUpdateStatus": "InProgress",
        },
    }
    return answers.get(kind)
