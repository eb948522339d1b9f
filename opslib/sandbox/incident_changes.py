"""The changes that may bring an incident about, and the calls that make and take them back."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from opslib.sandbox.api_calls import ApiCall, Principal
from opslib.sandbox.estate import PRODUCTION
from opslib.sandbox.incident_plan import ChangeKind, Incident
from opslib.sandbox.shop import (
    CLUSTER,
    REGION,
    SERVICES,
    security_group,
)
from opslib.sandbox.shop_people import TERRAFORM_APPLY, deploy_run, person

__all__ = ["CHANGES", "Change", "change_calls", "resource_of"]

Parameters = Mapping[str, Any]


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
    parameters: Callable[[str, bool], Parameters]


def _parameter(component: str) -> str:
    return f"/shop/{component}/pool-size"


def _role(component: str) -> str:
    return f"{component}-task"


def _target(component: str) -> str:
    return "table/sessions" if component == "sessions" else f"service/{CLUSTER}/{component}"


def _put_parameter(component: str, undone: bool) -> Parameters:  # noqa: FBT001
    del undone
    value = "HIDDEN_DUE_TO_SECURITY_REASONS"
    return {
        "name": _parameter(component),
        "value": value,
        "type": "String",
        "overwrite": True,
    }


def _group_rule(component: str, undone: bool) -> Parameters:  # noqa: FBT001
    del undone
    port = {"orders": 5432, "shop-cache": 6379}.get(component, 8080)
    caller = security_group("checkout" if component != "shop-cache" else "search")
    rule = {
        "ipProtocol": "tcp",
        "fromPort": port,
        "toPort": port,
        "groups": {"items": [{"userId": PRODUCTION, "groupId": caller}]},
        "ipRanges": {},
    }
    return {"groupId": security_group(component), "ipPermissions": {"items": [rule]}}


def _cluster(component: str, undone: bool) -> Parameters:  # noqa: FBT001
    capacity = {"minCapacity": 4.0 if undone else 0.5, "maxCapacity": 32.0 if undone else 2.0}
    return {
        "dBClusterIdentifier": component,
        "serverlessV2ScalingConfiguration": capacity,
        "applyImmediately": True,
    }


def _policy(component: str, undone: bool) -> Parameters:  # noqa: FBT001
    del undone
    policy = f"arn:aws:iam::{PRODUCTION}:policy/shop-{component}"
    return {"roleName": _role(component), "policyArn": policy}


def _limits(component: str, undone: bool) -> Parameters:  # noqa: FBT001
    is_table = component == "sessions"
    most = (40_000, 200) if is_table else (12, 2)
    return {
        "serviceNamespace": "dynamodb" if is_table else "ecs",
        "resourceId": _target(component),
        "scalableDimension": (
            "dynamodb:table:ReadCapacityUnits" if is_table else "ecs:service:DesiredCount"
        ),
        "minCapacity": 100 if is_table else 2,
        "maxCapacity": most[0] if undone else most[1],
    }


def _function(component: str, undone: bool) -> Parameters:  # noqa: FBT001
    key = f"{component}/{'previous' if undone else 'latest'}.zip"
    return {
        "functionName": component,
        "s3Bucket": "acme-artifacts",
        "s3Key": key,
        "publish": False,
        "dryRun": False,
    }


def _none(component: str, undone: bool) -> Parameters:  # noqa: FBT001
    """Return nothing: deployments tell their own calls."""
    del component, undone
    return {}


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
        parameters=_none,
    ),
    ChangeKind.CONFIGURATION: Change(
        source="ssm",
        call="PutParameter",
        undo="PutParameter",
        components=SERVICES,
        delay_minutes=(1, 5),
        effects=BOTH,
        resource=_parameter,
        type="AWS::SSM::Parameter",
        parameters=_put_parameter,
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
        parameters=_group_rule,
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
        parameters=_cluster,
    ),
    ChangeKind.POLICY: Change(
        source="iam",
        call="DetachRolePolicy",
        undo="AttachRolePolicy",
        components=("checkout", "accounts", "receipt", "payments"),
        delay_minutes=(0, 5),
        effects=("errors",),
        resource=_role,
        type="AWS::IAM::Role",
        parameters=_policy,
    ),
    ChangeKind.SCALING_LIMIT: Change(
        source="autoscaling",
        call="RegisterScalableTarget",
        undo="RegisterScalableTarget",
        components=("checkout", "search", "web", "sessions"),
        delay_minutes=(2, 10),
        effects=("latency", "both"),
        resource=_target,
        type="",
        parameters=_limits,
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
        parameters=_function,
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
        parameters=_none,
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
        parameters=change.parameters(incident.component, undone),
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
